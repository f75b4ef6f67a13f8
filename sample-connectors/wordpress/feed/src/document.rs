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

/// An item without what other tasks carry: its comments. Of one that has a password nothing goes that the password
/// keeps: neither text, nor what plugins keep of it, nor the password.
pub(crate) fn item(export: &Export, item: &Element) -> String {
    let is_protected = is_protected(item);
    let own = item.children.iter().filter(|child| !child.is(Ns::Wp, "comment"));
    wrapped(export, own.filter(|child| !is_protected || is_for_everyone(child)))
}

/// Whether WordPress shows it to those alone who know its password.
pub(crate) fn is_protected(item: &Element) -> bool {
    item.all(Ns::Wp, "post_password").any(|password| !password.text.is_empty())
}

fn is_for_everyone(element: &Element) -> bool {
    match (element.ns, element.local.as_str()) {
        // Content and excerpt, and whatever else other namespaces have.
        (Ns::Other, _) | (Ns::Rss, "description") | (Ns::Wp, "post_password") => false,
        (Ns::Wp, "postmeta") => element.value(Ns::Wp, "meta_key") == Some("_wp_page_template"),
        _ => true,
    }
}

/// A comment; on a post that has a password, without what it says.
pub(crate) fn comment(export: &Export, item: &Element, comment: &Element) -> String {
    let mut text = source(export, comment).to_owned();
    if is_protected(item) {
        for content in comment.all(Ns::Wp, "comment_content").collect::<Vec<_>>().into_iter().rev() {
            let start = content.span.start - comment.span.start;
            text.replace_range(start..content.span.end - comment.span.start, "");
        }
    }
    text
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
