//! A small tree of an external object. The external application is not trusted: what is not
//! well-formed is `invalid`, and depth has a limit (size has the host's).

use lockgate_guest::Error;
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_html5_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

const DEPTH_MAX: usize = 32;

/// The namespace of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ns {
    /// None: RSS's own elements.
    Rss,
    /// WordPress's.
    Wp,
    /// WordPress's for excerpts.
    Excerpt,
    /// RSS's for content.
    Content,
    /// Dublin Core, for creators.
    Dc,
    /// Any other; never read.
    Other,
}

impl Ns {
    fn of(uri: &str) -> Self {
        match uri {
            "http://purl.org/dc/elements/1.1/" => return Self::Dc,
            "http://purl.org/rss/1.0/modules/content/" => return Self::Content,
            _ => {}
        }
        let rest = uri.strip_prefix("https://").or_else(|| uri.strip_prefix("http://"));
        let Some(rest) = rest.and_then(|rest| rest.strip_prefix("wordpress.org/export/1.")) else {
            return Self::Other;
        };
        match rest.trim_start_matches(|c: char| c.is_ascii_digit()) {
            "/" => Self::Wp,
            "/excerpt/" => Self::Excerpt,
            _ => Self::Other,
        }
    }
}

/// An element with all that is in it.
#[derive(Debug)]
pub struct Element {
    /// Its namespace.
    pub ns: Ns,
    /// Its name without prefix.
    pub local: String,
    /// Attributes by name as written.
    pub attributes: Vec<(String, String)>,
    /// In order.
    pub children: Vec<Self>,
    /// Its own text, byte for byte, references resolved.
    pub text: String,
}

impl Element {
    /// Children with this name.
    pub fn all<'a>(&'a self, ns: Ns, local: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.ns == ns && child.local == local)
    }

    /// The text of the first child with this name, as it is.
    pub fn text_of(&self, ns: Ns, local: &str) -> Option<&str> {
        let mut named = self.children.iter().filter(|child| child.ns == ns && child.local == local);
        named.next().map(|child| child.text.as_str())
    }

    /// As [`Element::text_of`], for `wp:` elements that name something: trimmed, not empty.
    pub fn wp(&self, local: &str) -> Option<&str> {
        self.text_of(Ns::Wp, local).map(str::trim).filter(|text| !text.is_empty())
    }

    /// As [`Element::wp`], and there has to be one.
    pub fn needed_wp(&self, local: &str) -> Result<&str, Error> {
        self.wp(local).ok_or_else(|| Error::invalid("missing or empty").at(format!("{}/wp:{local}", self.local)))
    }

    /// An attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The value of a `wp:postmeta` of an item; WordPress lets a key repeat, the first counts.
    pub fn meta(&self, key: &str) -> Option<&str> {
        let meta = self.all(Ns::Wp, "postmeta").find(|meta| meta.wp("meta_key") == Some(key))?;
        meta.text_of(Ns::Wp, "meta_value")
    }
}

/// The root element of a document.
pub fn parse(text: &str) -> Result<Element, Error> {
    // What marks the order of bytes says nothing of the text.
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let mut reader = NsReader::from_str(text);
    // "Tea & Coffee" is not XML, and means one thing.
    reader.config_mut().allow_dangling_amp = true;
    let mut open: Vec<Element> = Vec::new();
    let mut root: Option<Element> = None;
    loop {
        let (ns, event) = match reader.read_resolved_event() {
            Ok(read) => read,
            Err(error) => return Err(not_xml(text, reader.error_position(), error)),
        };
        let ns = match ns {
            ResolveResult::Unbound => Ns::Rss,
            ResolveResult::Bound(uri) => Ns::of(uri.as_ref()),
            ResolveResult::Unknown(_) => Ns::Other,
        };
        let is_empty = matches!(event, Event::Empty(_));
        match event {
            Event::Start(tag) | Event::Empty(tag) => {
                if (open.is_empty() && root.is_some()) || open.len() >= DEPTH_MAX {
                    return Err(not_xml(text, reader.buffer_position(), "a second root, or too deep"));
                }
                open.push(element(ns, &tag)?);
                if is_empty {
                    close(&mut open, &mut root);
                }
            }
            Event::End(_) => close(&mut open, &mut root),
            Event::Text(text) => push(&mut open, &text)?,
            Event::CData(text) => push(&mut open, &text)?,
            Event::GeneralRef(reference) => {
                let meant = resolve(&reference).map_err(|cause| not_xml(text, reader.buffer_position(), cause))?;
                push(&mut open, &meant)?;
            }
            Event::DocType(_) => return Err(Error::invalid("a DOCTYPE is not allowed")),
            Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
            Event::Eof if !open.is_empty() => {
                return Err(not_xml(text, reader.buffer_position(), "ends inside an element"));
            }
            Event::Eof => return root.ok_or_else(|| Error::invalid("no XML: no element")),
        }
    }
}

fn not_xml(text: &str, position: u64, cause: impl std::fmt::Display) -> Error {
    let before = usize::try_from(position).ok().and_then(|position| text.get(..position)).unwrap_or(text);
    Error::invalid(format!("no XML: {cause}")).at(format!("line {}", before.matches('\n').count() + 1))
}

fn element(ns: Ns, tag: &BytesStart<'_>) -> Result<Element, Error> {
    let mut attributes = Vec::new();
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(Error::invalid_from)?;
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(Error::invalid_from)?;
        let key: &str = attribute.key.as_ref();
        attributes.push((key.to_owned(), value.into_owned()));
    }
    let local = tag.local_name().as_ref().to_owned();
    Ok(Element { ns, local, attributes, children: Vec::new(), text: String::new() })
}

fn close(open: &mut Vec<Element>, root: &mut Option<Element>) {
    match (open.pop(), open.last_mut()) {
        (Some(element), Some(parent)) => parent.children.push(element),
        (Some(element), None) => *root = Some(element),
        (None, _) => {}
    }
}

fn push(open: &mut [Element], text: &str) -> Result<(), Error> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return Err(Error::invalid("no XML: text outside the root element")),
    }
    Ok(())
}

/// Of HTML's entities all are known: plugins write them into titles.
fn resolve(reference: &quick_xml::events::BytesRef<'_>) -> Result<String, String> {
    if let Some(c) = reference.resolve_char_ref().map_err(|error| error.to_string())? {
        return Ok(c.to_string());
    }
    let name: &str = reference;
    resolve_html5_entity(name).map(str::to_owned).ok_or_else(|| format!("the entity &{name}; is not defined"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_what_was_written_byte_for_byte() {
        let root = parse("<a>\n x &amp; &#x202E;<![CDATA[ <b> ]]>&lt; </a>").unwrap();
        assert_eq!(root.text, "\n x & \u{202e} <b> < ");
    }

    #[test]
    fn entities_of_html_and_a_bare_ampersand_are_read() {
        assert_eq!(parse("<a>caf&eacute; &amp; tea & cake&nbsp;&copy;</a>").unwrap().text, "café & tea & cake\u{a0}©");
    }

    #[test]
    fn a_mistake_has_its_line() {
        let Err(Error::Invalid(problem)) = parse("<a>\n<b>\n</a>") else { panic!("it is no XML") };
        assert_eq!(problem.path.as_deref(), Some("line 3"));
    }

    #[test]
    fn namespaces_count_and_prefixes_do_not() {
        let text = r#"<a xmlns:x="https://wordpress.org/export/1.2/" xmlns:wp="urn:evil"><x:id>1</x:id><wp:id>2</wp:id></a>"#;
        assert_eq!(parse(text).unwrap().wp("id"), Some("1"));
    }

    #[test]
    fn what_is_not_well_formed_is_invalid() {
        let deep = format!("{}{}", "<a>".repeat(40), "</a>".repeat(40));
        let bomb = "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>";
        for text in ["", "x", "<a>", "<a></b>", "<a/><b/>", "<a>&nosuch;</a>", "<a b=1/>", bomb, &deep] {
            assert!(matches!(parse(text), Err(Error::Invalid(_))), "{text}");
        }
    }
}
