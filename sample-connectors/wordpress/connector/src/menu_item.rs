//! Menu items. Which item stands above which is a field and not the parent: an export writes an
//! item once for each menu, each time with the place that it has there, and the last one counts;
//! an object's parent is part of its identity and would make two of it.

use lockgate_guest::{Error, Object, Prepared, Value};

use crate::page::{creator, title};
use crate::xml::{Element, Ns};
use crate::{ids, values};

/// An item of post type `nav_menu_item`. The export tells the nicename of a category elsewhere, so
/// that it stands in the envelope.
pub fn menu_item(item: &Element, target_category: Option<&str>) -> Result<Prepared, Error> {
    let target_id = ids::or_none(item.meta("_menu_item_object_id"));
    let (page, category) = match (item.meta("_menu_item_type"), item.meta("_menu_item_object")) {
        (Some("post_type"), _) => (target_id.to_owned(), String::new()),
        (Some("taxonomy"), Some("category")) => {
            let nicename = target_category.map(str::to_owned);
            (String::new(), nicename.unwrap_or_else(|| ids::unknown_term(target_id)))
        }
        _ => Default::default(),
    };
    let mut terms = item.all(Ns::Rss, "category");
    let menu = terms.find(|term| term.attribute("domain") == Some("nav_menu"));
    let menu = menu.and_then(|term| term.attribute("nicename")).unwrap_or_default();
    let url = item.meta("_menu_item_url").map(str::trim).filter(|url| !url.is_empty());
    let above = ids::or_none(item.meta("_menu_item_menu_item_parent"));
    let mut object = Object::new("cms.menuitem", ids::menu_item(item.needed_wp("post_id")?))
        .field("title", title(item))
        .field("creator", creator(item))
        .field("menu", Value::reference(menu))
        .field("parent_item", Value::reference(above))
        .field_opt("position", values::integer(item, "menu_order"))
        .field("target_page", Value::reference(page))
        .field("target_category", Value::reference(category))
        .field_opt("url", values::limited(item, "postmeta[_menu_item_url]", url, 2048));
    object.display_name = Some(title(item).trim().to_owned()).filter(|name| !name.is_empty());
    Ok(object.into())
}
