//! The external object of a task: a small XML document around elements of the export.

use quick_xml::escape::escape;

use crate::Export;
use crate::namespaces::Ns;
use crate::xml::Element;

/// `<wxr kind="…" xmlns:…>` around bytes of the export, with attributes for what stands elsewhere
/// in it.
pub(crate) fn document(export: &Export, kind: &str, attributes: &[(&str, &str)], content: &str) -> String {
    let mut document = format!("<wxr kind=\"{kind}\"");
    for (name, value) in attributes {
        document.push_str(&format!(" {name}=\"{}\"", escape(*value)));
    }
    for (prefix, uri) in &export.namespaces {
        let colon = if prefix.is_empty() { "" } else { ":" };
        document.push_str(&format!(" xmlns{colon}{prefix}=\"{}\"", escape(uri.as_str())));
    }
    document.push('>');
    document.push_str(content);
    document.push_str("</wxr>");
    document
}

/// The element as it stands in the export.
pub(crate) fn source<'a>(export: &'a Export, element: &Element) -> &'a str {
    export.text.get(element.span.clone()).unwrap_or_default()
}

/// An item without what other tasks carry: its comments.
pub(crate) fn item(export: &Export, item: &Element) -> String {
    let own = item.children.iter().filter(|child| !child.is(Ns::Wp, "comment"));
    wrapped(export, own)
}

/// The few elements of an item that say which it is, and one more.
pub(crate) fn part_of_item(export: &Export, item: &Element, part: &Element) -> String {
    let own =
        item.children.iter().filter(|child| child.is(Ns::Rss, "title") || child.is(Ns::Wp, "post_id") || child.is(Ns::Wp, "post_type"));
    wrapped(export, own.chain([part]))
}

fn wrapped<'a>(export: &Export, elements: impl Iterator<Item = &'a Element>) -> String {
    let content: Vec<&str> = elements.map(|element| source(export, element)).collect();
    format!("<item>\n{}\n</item>", content.join("\n"))
}
