//! Authors.

use lockgate_guest::{Error, Object, Prepared};

use crate::external::External;
use crate::values;
use crate::xml::Ns;

/// `wp:author`; or a `dc:creator`, from exports of WordPress 2, which list no authors.
pub fn user(wxr: &External) -> Result<Prepared, Error> {
    let author = wxr.only()?;
    if author.ns == Ns::Dc {
        let login = author.text.trim();
        return Ok(Object::new("cms.user", login).field("login", login).into());
    }
    let login = author.needed_wp("author_login")?;
    let text = |local| author.text_of(Ns::Wp, local);
    let mut user = Object::new("cms.user", login)
        .field("login", login)
        .field_opt("email", values::text(author, "author_email", 254))
        .field_opt("first_name", text("author_first_name"))
        .field_opt("last_name", text("author_last_name"));
    user.display_name = author.wp("author_display_name").map(str::to_owned);
    Ok(user.into())
}
