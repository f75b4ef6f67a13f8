//! Two things with one identity: both are handed in, the later one as an update of the earlier, and that is told.

use std::collections::BTreeMap;

use crate::namespaces::Ns;
use crate::place::Mistake;
use crate::xml::Element;

const WHICH: &str = "the later one is handed in as its update: check which of them is right";

/// What stands for a second time and says something else.
pub(crate) fn twice(channel: &Element, text: &str) -> Vec<Mistake> {
    let mut first: BTreeMap<String, &Element> = BTreeMap::new();
    let mut found = Vec::new();
    let comments = channel.all(Ns::Rss, "item").flat_map(|item| item.all(Ns::Wp, "comment"));
    for element in channel.children.iter().chain(comments) {
        let Some(identity) = identity(element) else { continue };
        let source = |element: &Element| text.get(element.span.clone());
        match first.get(&identity) {
            Some(before) if source(before) == source(element) => {}
            Some(before) => {
                let line = text.get(..before.span.start).unwrap_or_default().matches('\n').count() + 1;
                found.push(Mistake::new(
                    element.span.start,
                    format!("{identity} stands in line {line} too, and says something else"),
                    WHICH,
                ));
            }
            None => {
                first.insert(identity, element);
            }
        }
    }
    found
}

/// What it is found by. A menu item stands once in each menu, each time with its place in it.
fn identity(element: &Element) -> Option<String> {
    let value = |name: &str| element.value(Ns::Wp, name);
    match (element.ns, element.local.as_str()) {
        (Ns::Rss, "item") => {
            let post_type = value("post_type").filter(|post_type| *post_type != "nav_menu_item")?;
            Some(format!("{post_type} {}", value("post_id")?))
        }
        (Ns::Wp, "author") => Some(format!("user {}", value("author_login")?)),
        (Ns::Wp, "category") => Some(format!("category {}", value("category_nicename")?)),
        (Ns::Wp, "tag") => Some(format!("post_tag {}", value("tag_slug")?)),
        (Ns::Wp, "term") => Some(format!("{} {}", value("term_taxonomy")?, value("term_slug")?)),
        (Ns::Wp, "comment") => Some(format!("comment {}", value("comment_id")?)),
        _ => None,
    }
}
