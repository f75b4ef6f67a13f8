//! From external ids to code names and GUIDs, the same for every task.
//!
//! External ids are what WordPress itself refers by: logins, nicenames, slugs, post and comment ids.

use lockgate_guest::{Error, ObjectParams, guid_from_name};

use crate::site;

/// Never change it: the GUIDs of all pages follow from it.
const NAMESPACE: &str = "https://wordpress.org/export/";

/// WordPress writes 0 for "none".
pub fn or_none(id: Option<&str>) -> &str {
    match id.map(str::trim) {
        Some("0") | None => "",
        Some(id) => id,
    }
}

/// The node GUID of a post or page, by post id.
pub fn page_guid(post_id: &str) -> String {
    guid_from_name(NAMESPACE, &format!("post/{post_id}"))
}

/// The code name of an attachment, by post id.
pub fn media(post_id: &str) -> String {
    format!("media-{post_id}")
}

/// The code name of a comment, by comment id.
pub fn comment(comment_id: &str) -> String {
    format!("comment-{comment_id}")
}

/// The code name of a menu item, by post id.
pub fn menu_item(post_id: &str) -> String {
    format!("menuitem-{post_id}")
}

/// What a menu item refers to a category by whose nicename the export does not tell.
pub fn unknown_term(term_id: &str) -> String {
    format!("{UNKNOWN_TERM}{term_id}")
}

/// Not part of any nicename: WordPress's are lower case letters, digits, `-`, `_` and `%`.
const UNKNOWN_TERM: &str = "term:";

/// Where an object is found.
pub fn object_params(id: &str, object_type: &str) -> Result<ObjectParams, Error> {
    let code_name = match object_type {
        "cms.site" => site::name(),
        "blog.category" if id.starts_with(UNKNOWN_TERM) => {
            return Err(Error::not_found(format!("the export has no category with id {id}")));
        }
        "cms.user" | "blog.category" | "blog.tag" | "cms.menu" => id.to_owned(),
        "media.file" => media(id),
        "forum.post" => comment(id),
        "cms.menuitem" => menu_item(id),
        _ => return Err(Error::unsupported(format!("no references to {object_type:?} in WordPress"))),
    };
    Ok(ObjectParams::new(code_name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_finds_what_the_object_is_stored_under() {
        for (id, object_type, code_name) in [
            ("anna", "cms.user", "anna"),
            ("news", "blog.category", "news"),
            ("12", "media.file", "media-12"),
            ("7", "forum.post", "comment-7"),
            ("31", "cms.menuitem", "menuitem-31"),
        ] {
            assert_eq!(object_params(id, object_type), Ok(ObjectParams::new(code_name)));
        }
        assert!(matches!(object_params("term:9", "blog.category"), Err(Error::NotFound(_))));
        assert!(matches!(object_params("1", "cms.role"), Err(Error::Unsupported(_))));
    }

    /// Computed with Python: `uuid5(uuid5(NAMESPACE_URL, "https://wordpress.org/export/"), "post/1")`.
    #[test]
    fn the_guid_of_a_page_never_changes() {
        assert_eq!(page_guid("1"), "44a892ea-858f-5237-bd07-70d017966523");
        assert_ne!(page_guid("1"), page_guid("2"));
    }
}
