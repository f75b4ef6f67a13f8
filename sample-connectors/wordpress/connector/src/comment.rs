//! Comments, a tree under a page.

use lockgate_guest::{Error, Object, Prepared, Value, log};

use crate::external::External;
use crate::xml::Ns;
use crate::{ids, values};

/// `wp:comment`; which post it is on stands in the envelope.
pub fn comment(wxr: &External) -> Result<Prepared, Error> {
    let comment = wxr.only()?;
    let text = |local| comment.text_of(Ns::Wp, local);
    let id = comment.needed_wp("comment_id")?;
    let said = text("comment_content").filter(|_| !wxr.is_protected());
    if wxr.is_protected() {
        log!(warn, "comment {id} is on a post with a password, and what it says is not stored");
    }
    let author = comment.wp("comment_author").unwrap_or("anonymous");
    let mut object = Object::new("forum.post", ids::comment(id))
        .display_name(format!("comment by {author}"))
        .field("page", Value::reference(wxr.needed_attribute("post-id")?))
        .field_opt("author", text("comment_author"))
        .field_opt("author_email", text("comment_author_email"))
        .field_opt("author_url", text("comment_author_url"))
        .field_opt("date", values::timestamp(comment, "comment_date_gmt"))
        .field("text", said)
        .field("approved", comment.wp("comment_approved") == Some("1"))
        .field("comment_type", values::text(comment, "comment_type", 20).map(str::trim).filter(|of| !of.is_empty()).unwrap_or("comment"));
    let parent = ids::or_none(comment.wp("comment_parent"));
    object.parent = (!parent.is_empty()).then(|| parent.to_owned());
    Ok(object.into())
}
