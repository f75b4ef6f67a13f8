//! A strict XML reader: what is not well-formed is refused, with its place.
//!
//! quick-xml finds most mistakes; what it leaves to its user is checked here: elements that are open
//! at the end, `]]>` in text, undefined entities, what stands outside the root, document type declarations.

use std::ops::Range;

use quick_xml::XmlVersion;
use quick_xml::escape::resolve_html5_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

use crate::decode::NOT_UTF_8;
use crate::namespaces::{self, Declaration, Ns};
use crate::place::Mistake;

/// Deepest nesting: exports have 4 levels.
const DEPTH_MAX: usize = 32;

/// An element with all that is in it.
#[derive(Debug)]
pub(crate) struct Element {
    pub ns: Ns,
    pub local: String,
    /// Its bytes in the text, tags included.
    pub span: Range<usize>,
    /// Without namespace declarations.
    pub attributes: Vec<(String, String)>,
    pub declared: Vec<Declaration>,
    pub children: Vec<Element>,
    /// Its own text; character and entity references resolved.
    pub text: String,
}

impl Element {
    pub(crate) fn is(&self, ns: Ns, local: &str) -> bool {
        self.ns == ns && self.local == local
    }

    pub(crate) fn all<'a>(&'a self, ns: Ns, local: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.is(ns, local))
    }

    /// The text of the first child with this name, trimmed; `None` when it is empty.
    pub(crate) fn value(&self, ns: Ns, local: &str) -> Option<&str> {
        let text = self.children.iter().find(|child| child.is(ns, local))?.text.trim();
        (!text.is_empty()).then_some(text)
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// The root element of a document.
pub(crate) fn parse(text: &str) -> Result<Element, Mistake> {
    let mut parser = Parser { open: Vec::new(), root: None, begun: false };
    let mut reader = NsReader::from_str(text);
    reader.config_mut().check_comments = true;
    // "Tea & Coffee" is not XML, and means one thing.
    reader.config_mut().allow_dangling_amp = true;
    loop {
        let start = position(reader.buffer_position());
        let (ns, event) = match reader.read_resolved_event() {
            Ok(read) => read,
            Err(error) => {
                let at = position(reader.error_position());
                return Err(Mistake::damaged(at, format!("this is not XML: {error}")));
            }
        };
        let ns = match ns {
            ResolveResult::Unbound => Ns::Rss,
            ResolveResult::Bound(uri) => Ns::of(uri.as_ref()),
            ResolveResult::Unknown(prefix) => {
                return Err(Mistake::damaged(start, format!("the prefix {prefix:?} is not bound to a namespace")));
            }
        };
        let is_end = matches!(event, Event::Eof);
        let end = position(reader.buffer_position());
        parser.event(ns, event, start..end)?;
        if is_end {
            return parser.finish(text.len());
        }
    }
}

fn position(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

/// XML 1.0's `Char`: no control characters but tab and line ends, no U+FFFE and U+FFFF.
pub(crate) fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

struct Parser {
    /// Something else than blanks has come.
    begun: bool,
    open: Vec<Element>,
    root: Option<Element>,
}

impl Parser {
    fn event(&mut self, ns: Ns, event: Event<'_>, span: Range<usize>) -> Result<(), Mistake> {
        let begun = self.begun;
        self.begun |= !matches!(event, Event::Text(_));
        match event {
            Event::Start(tag) => self.start(ns, &tag, span),
            Event::Empty(tag) => {
                let end = span.end;
                self.start(ns, &tag, span)?;
                self.end(end);
                Ok(())
            }
            Event::End(_) => {
                self.end(span.end);
                Ok(())
            }
            Event::Text(text) => self.text(&text, span.start),
            Event::CData(text) => self.push(&text, span.start),
            Event::GeneralRef(reference) => {
                let text = resolve(&reference, span.start)?;
                self.push(&text, span.start)
            }
            Event::Decl(_) if !begun => Ok(()),
            Event::Decl(_) => Err(Mistake::damaged(span.start, "an XML declaration may only stand at the very beginning")),
            Event::DocType(_) => Err(Mistake::new(
                span.start,
                "a document type declaration can define entities without bounds, and WordPress writes none",
                "remove the DOCTYPE, and check where the file is from",
            )),
            Event::Comment(_) | Event::PI(_) | Event::Eof => Ok(()),
        }
    }

    fn start(&mut self, ns: Ns, tag: &BytesStart<'_>, span: Range<usize>) -> Result<(), Mistake> {
        let damaged = |what| Mistake::damaged(span.start, what);
        if self.open.is_empty() && self.root.is_some() {
            return Err(damaged("a second root element".to_owned()));
        }
        if self.open.len() >= DEPTH_MAX {
            return Err(damaged(format!("elements are nested more than {DEPTH_MAX} deep")));
        }
        let local = tag.local_name().as_ref().to_owned();
        if !local.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            return Err(damaged(format!("{local:?} is no name for an element")));
        }
        let mut element = Element {
            ns,
            local,
            span: span.clone(),
            attributes: Vec::new(),
            declared: Vec::new(),
            children: Vec::new(),
            text: String::new(),
        };
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|error| damaged(format!("an attribute is not XML: {error}")))?;
            let key: &str = attribute.key.as_ref();
            if attribute.value.contains(NOT_UTF_8) {
                return Err(damaged(format!("the value of attribute {key} is not UTF-8")));
            }
            if attribute.value.contains('<') {
                return Err(damaged(format!("the value of attribute {key} holds \"<\"")));
            }
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|error| damaged(format!("the value of attribute {key} is not XML: {error}")))?
                .into_owned();
            match namespaces::declared_prefix(key) {
                Some(prefix) => element.declared.push((prefix.to_owned(), value)),
                None => element.attributes.push((key.to_owned(), value)),
            }
        }
        match self.open.first() {
            None => namespaces::check_root(&element.declared, span.start)?,
            Some(root) => {
                for declaration in &element.declared {
                    namespaces::check_below(&root.declared, declaration, span.start)?;
                }
            }
        }
        self.open.push(element);
        Ok(())
    }

    /// quick-xml has checked that the names match.
    fn end(&mut self, offset: usize) {
        let Some(mut element) = self.open.pop() else { return };
        element.span.end = offset;
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
    }

    fn text(&mut self, text: &str, offset: usize) -> Result<(), Mistake> {
        if let Some(at) = text.find("]]>") {
            return Err(Mistake::new(
                offset + at,
                "\"]]>\" in text: the CDATA section that was meant to hold it ended earlier",
                "a plugin wrote content that holds \"]]>\" without splitting it: write \"]]]]><![CDATA[>\" for it, or export again without the plugin",
            ));
        }
        if self.open.is_empty() {
            is_utf_8(text, offset)?;
            if !text.trim().is_empty() {
                return Err(Mistake::damaged(offset, "text outside the root element"));
            }
            return Ok(());
        }
        self.push(text, offset)
    }

    fn push(&mut self, text: &str, offset: usize) -> Result<(), Mistake> {
        is_utf_8(text, offset)?;
        match self.open.last_mut() {
            Some(element) => {
                element.text.push_str(text);
                Ok(())
            }
            None => Err(Mistake::damaged(offset, "text outside the root element")),
        }
    }

    fn finish(self, end: usize) -> Result<Element, Mistake> {
        if let Some(open) = self.open.last() {
            let what = format!("the file ends inside the element <{}> that opens here", open.local);
            return Err(Mistake::new(open.span.start, what, "the file was cut off: export it again, or download it again"));
        }
        self.root.ok_or_else(|| Mistake::damaged(end, "the file holds no element"))
    }
}

fn is_utf_8(text: &str, offset: usize) -> Result<(), Mistake> {
    match text.find(NOT_UTF_8) {
        Some(at) => Err(Mistake::damaged(offset + at, "this is not UTF-8, the charset that exports are in unless they say otherwise")),
        None => Ok(()),
    }
}

/// Of HTML's entities all are known: plugins write them into titles.
fn resolve(reference: &BytesRef<'_>, offset: usize) -> Result<String, Mistake> {
    let name: &str = reference;
    match reference.resolve_char_ref() {
        Ok(Some(c)) if is_xml(c) => return Ok(c.to_string()),
        Ok(None) => {}
        Ok(Some(_)) | Err(_) => {
            return Err(Mistake::damaged(offset, format!("&{name}; is no character of XML")));
        }
    }
    match resolve_html5_entity(name) {
        Some(text) => Ok(text.to_owned()),
        None => Err(Mistake::damaged(offset, format!("the entity &{name}; is not defined"))),
    }
}
