//! Posts, pages, and the files attached to them.

use lockgate_guest::{Error, Object, Page, Prepared, Value, log};

use crate::xml::{Element, Ns};
use crate::{ids, site, values};

/// What WordPress has a place of its own for: among these, slugs are never shared.
const OF_ONE_PLACE: [&str; 3] = ["publish", "private", "future"];

/// An item of post type `page` or `post`. `is_protected`: the post has a password.
pub fn page(item: &Element, class_name: &str, is_protected: bool) -> Result<Prepared, Error> {
    let id = item.needed_wp("post_id")?;
    let status = item.wp("status").unwrap_or_default();
    let text = |ns| item.text_of(ns, "encoded").filter(|_| !is_protected);
    if is_protected {
        log!(warn, "post {id} has a password: it is not published, and its text is not stored");
    }
    let page = named(item, class_name, id)
        .alias(alias(item, class_name, id))
        .published(status == "publish" && !is_protected)
        .field("title", title(item))
        .field_opt("post_id", values::integer(item, "post_id"))
        .field("slug", item.wp("post_name"))
        .field("creator", creator(item))
        .field("status", values::text(item, "status", 20).map(str::trim))
        .field("protected", is_protected)
        .field_opt("post_date", values::timestamp(item, "post_date_gmt"))
        .field_opt("post_date_local", values::local_time(item, "post_date"))
        .field("comments_open", item.wp("comment_status") == Some("open"));
    // Of what has a password now, nothing is left that was stored before.
    let page = match is_protected {
        true => page.field("content", None::<&str>).field("excerpt", None::<&str>),
        false => page.field_opt("content", text(Ns::Content)).field_opt("excerpt", text(Ns::Excerpt)),
    };
    let mut page = match ids::or_none(item.wp("post_parent")) {
        "" => page.parent_root(),
        parent => page.parent_external(parent, "cms.node"),
    };
    page.order = values::integer(item, "menu_order").and_then(|order| order.try_into().ok());
    if class_name == "blog.post" {
        page.push_field("format", format(item));
        page.push_field("sticky", item.wp("is_sticky") == Some("1"));
    } else if let Some(template) = item.meta("_wp_page_template") {
        page.push_field("template", template);
    }
    Ok(page.into())
}

/// The last step of its path. In WordPress a post and a page may have one slug, for a post's address has more to it,
/// and so may a draft and anything. Here all are in one tree, so those have their number too.
fn alias(item: &Element, class_name: &str, id: &str) -> String {
    let is_of_one_place = class_name == "cms.page" && item.wp("status").is_some_and(|status| OF_ONE_PLACE.contains(&status));
    match item.wp("post_name") {
        None => format!("post-{id}"),
        Some(slug) if is_of_one_place => slug.to_owned(),
        Some(slug) => format!("{slug}-{id}"),
    }
}

/// The one field of a page that names its featured medium; all others stay as they are.
pub fn featured_media(item: &Element) -> Result<Prepared, Error> {
    let class_name = match item.needed_wp("post_type")? {
        "page" => "cms.page",
        "post" => "blog.post",
        other => return Err(Error::unsupported(format!("featured media of {other:?}")).at("item/wp:post_type")),
    };
    let id = item.needed_wp("post_id")?;
    let medium = ids::or_none(item.meta("_thumbnail_id"));
    Ok(named(item, class_name, id).field("featured_media", Value::reference(medium)).into())
}

/// An item of post type `attachment`.
pub fn media(item: &Element) -> Result<Prepared, Error> {
    let id = item.needed_wp("post_id")?;
    let url = item.text_of(Ns::Wp, "attachment_url").map(str::trim);
    let mut object = Object::new("media.file", ids::media(id))
        .field("title", title(item))
        .field("creator", creator(item))
        .field_opt("url", values::limited(item, "attachment_url", url, 2048))
        .field_opt("mime", url.and_then(mime))
        .field_opt("alt", item.meta("_wp_attachment_image_alt"))
        .field_opt("caption", item.text_of(Ns::Excerpt, "encoded"))
        .field_opt("description", item.text_of(Ns::Content, "encoded"))
        .field("attached_to", Value::reference(ids::or_none(item.wp("post_parent"))))
        .field_opt("post_date", values::timestamp(item, "post_date_gmt"));
    object.display_name = Some(title(item).trim().to_owned()).filter(|name| !name.is_empty());
    Ok(object.into())
}

fn named(item: &Element, class_name: &str, id: &str) -> Page {
    let name = Some(title(item).trim().to_owned()).filter(|name| !name.is_empty());
    let name = name.unwrap_or_else(|| format!("post-{id}"));
    Page::new(class_name, site::culture(), name).node_guid(ids::page_guid(id))
}

/// Byte for byte; empty when WordPress has none.
pub fn title(item: &Element) -> &str {
    item.text_of(Ns::Rss, "title").unwrap_or_default()
}

/// The login of whoever made an item, as a reference.
pub fn creator(item: &Element) -> Value {
    Value::reference(item.text_of(Ns::Dc, "creator").unwrap_or_default().trim())
}

fn format(item: &Element) -> &str {
    let mut terms = item.all(Ns::Rss, "category");
    let format = terms.find(|term| term.attribute("domain") == Some("post_format"));
    let nicename = format.and_then(|term| term.attribute("nicename"));
    let named = nicename.map(|nicename| nicename.strip_prefix("post-format-").unwrap_or(nicename));
    values::limited(item, "category", named, 50).unwrap_or("standard")
}

/// From the name's ending: exports do not tell the type.
fn mime(url: &str) -> Option<&'static str> {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let (_, ending) = path.rsplit('/').next()?.rsplit_once('.')?;
    Some(match ending.to_ascii_lowercase().as_str() {
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "svg" => "image/svg+xml",
        "mp3" => "audio/mpeg",
        "ogg" => "audio/ogg",
        "mp4" => "video/mp4",
        "mov" => "video/quicktime",
        "pdf" => "application/pdf",
        "zip" => "application/zip",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_of_a_file_follows_from_its_ending() {
        assert_eq!(mime("https://x.example/a.b/photo.JPG?w=1"), Some("image/jpeg"));
        assert_eq!(mime("https://x.example/photo"), None);
    }
}
