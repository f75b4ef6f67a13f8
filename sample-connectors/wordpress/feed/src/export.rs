//! An export: what is in it can be identified, and what cannot is told.

use std::collections::BTreeMap;

use crate::decode::{NOT_UTF_8, decode};
use crate::mend::without_what_is_broken;
use crate::namespaces::{Declaration, Ns};
use crate::place::{Mistake, Refused};
use crate::twice;
use crate::xml::{self, Element};

const NOT_AN_EXPORT: &str = "this is no WordPress export (WXR): choose the file that Tools, Export wrote";
const ODD_CHARACTER: &str = "the rest of the text is as it was";
const INCOMPLETE: &str = "WordPress always writes it: export again, or remove the element";

/// What an export holds that can be taken.
#[derive(Debug)]
pub struct Export {
    pub(crate) text: String,
    pub(crate) namespaces: Vec<Declaration>,
    pub(crate) channel: Element,
    told: Vec<Told>,
}

/// Something that was left out, or taken and not as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Whether an object was left out.
    pub is_error: bool,
    /// What, and where.
    pub what: Refused,
}

impl Export {
    /// Reads an export; `file` is for messages. One bad object is left out and told; a file whose frame is broken, that
    /// was cut off, or that is no export is refused whole.
    pub fn read(file: &str, bytes: &[u8]) -> Result<Self, Refused> {
        let raw = decode(bytes).map_err(|mistake| mistake.located(file, ""))?;
        let mut told = Vec::new();
        let (text, odd) = cleaned(&raw);
        told.extend(odd.into_iter().map(|mistake| (false, mistake.located(file, &raw))));
        let read = Self::parse(&text).or_else(|mistake| match without_what_is_broken(&text) {
            Some((mended, broken)) => {
                told.extend(broken.into_iter().map(|mistake| (true, mistake.located(file, &text))));
                Self::parse(&mended)
            }
            None => Err(mistake),
        });
        let (mut export, found) = read.map_err(|mistake| mistake.located(file, &text))?;
        told.extend(found.into_iter().map(|(is_error, mistake)| (is_error, mistake.located(file, &text))));
        export.told = told.into_iter().map(|(is_error, what)| Told { is_error, what }).collect();
        export.told.sort_by_key(|told| (told.what.line, told.what.column));
        Ok(export)
    }

    /// What was left out or changed, in the order of the file.
    pub fn told(&self) -> &[Told] {
        &self.told
    }

    fn parse(text: &str) -> Result<(Self, Vec<(bool, Mistake)>), Mistake> {
        let root = xml::parse(text)?;
        if !root.is(Ns::Rss, "rss") {
            return Err(Mistake::new(root.span.start, format!("the root is <{}>, not <rss>", root.local), NOT_AN_EXPORT));
        }
        let root_start = root.span.start;
        let mut namespaces = root.declared;
        let mut channels = root.children.into_iter().filter(|child| child.is(Ns::Rss, "channel"));
        let Some(mut channel) = channels.next() else {
            return Err(Mistake::new(root_start, "<rss> has no <channel>", NOT_AN_EXPORT));
        };
        if let Some(second) = channels.next() {
            return Err(Mistake::damaged(second.span.start, "a second <channel>"));
        }
        namespaces.extend(channel.declared.iter().filter(|d| !namespaces.contains(d)).cloned().collect::<Vec<_>>());
        version(&channel)?;
        let mut told = Vec::new();
        keep_identified(&mut channel, &mut told);
        told.extend(twice::twice(&channel, text).into_iter().map(|mistake| (false, mistake)));
        Ok((Self { text: text.to_owned(), namespaces, channel, told: Vec::new() }, told))
    }

    /// Elements of the channel with this name, in file order.
    pub(crate) fn all<'a>(&'a self, ns: Ns, local: &'a str) -> impl Iterator<Item = &'a Element> {
        self.channel.all(ns, local)
    }

    /// The nicename of each category by its term id: menu items name their category by it.
    pub(crate) fn category_by_term_id(&self) -> BTreeMap<&str, &str> {
        let categories = self
            .all(Ns::Wp, "category")
            .filter_map(|category| Some((category.value(Ns::Wp, "term_id")?, category.value(Ns::Wp, "category_nicename")?)));
        categories.collect()
    }
}

/// WordPress's own importer refuses a file without a version, or with one that is no number.
fn version(channel: &Element) -> Result<(), Mistake> {
    let advice = NOT_AN_EXPORT;
    let Some(version) = channel.all(Ns::Wp, "wxr_version").next() else {
        return Err(Mistake::new(channel.span.start, "<channel> has no <wp:wxr_version>", advice));
    };
    let text = version.text.trim();
    let is_version =
        text.split_once('.').is_some_and(|(major, minor)| major == "1" && !minor.is_empty() && minor.bytes().all(|b| b.is_ascii_digit()));
    if is_version {
        return Ok(());
    }
    Err(Mistake::new(version.span.start, format!("WXR version {text:?} is not one of 1.x"), advice))
}

/// Leaves out what cannot be found again.
fn keep_identified(parent: &mut Element, told: &mut Vec<(bool, Mistake)>) {
    parent.children.retain(|element| match identified(element) {
        Ok(()) => true,
        Err(mistake) => {
            told.push((true, mistake));
            false
        }
    });
    for item in parent.children.iter_mut().filter(|child| child.is(Ns::Rss, "item")) {
        keep_identified(item, told);
    }
}

/// What a task is made of has something to be found by.
fn identified(element: &Element) -> Result<(), Mistake> {
    let needed: &[&str] = match (element.ns, element.local.as_str()) {
        (Ns::Wp, "author") => &["author_login"],
        (Ns::Wp, "category") => &["category_nicename"],
        (Ns::Wp, "tag") => &["tag_slug"],
        (Ns::Wp, "term") => &["term_taxonomy", "term_slug"],
        (Ns::Wp, "comment") => &["comment_id"],
        (Ns::Rss, "item") => &["post_id", "post_type"],
        _ => &[],
    };
    for name in needed {
        if element.value(Ns::Wp, name).is_none() {
            let what = format!("this <{}> has no <wp:{name}>, or an empty one, and is left out", element.local);
            return Err(Mistake::new(element.span.start, what, INCOMPLETE));
        }
    }
    Ok(())
}

/// The text without what XML does not have, which editors and databases let through; each kind is told once. What is
/// not UTF-8 stays as a sign, and the object that has it is left out.
fn cleaned(text: &str) -> (String, Vec<Mistake>) {
    let mut told: BTreeMap<char, (usize, usize)> = BTreeMap::new();
    for (offset, c) in text.char_indices().filter(|(_, c)| !xml::is_xml(*c) && *c != NOT_UTF_8) {
        told.entry(c).or_insert((offset, 0)).1 += 1;
    }
    if told.is_empty() {
        return (text.to_owned(), Vec::new());
    }
    let odd = told.iter().map(|(c, (offset, count))| {
        let times = if *count > 1 { format!(", {count} times") } else { String::new() };
        Mistake::new(*offset, format!("the character {} is not allowed in XML, and is left out{times}", c.escape_unicode()), ODD_CHARACTER)
    });
    (text.chars().filter(|c| !told.contains_key(c)).collect(), odd.collect())
}
