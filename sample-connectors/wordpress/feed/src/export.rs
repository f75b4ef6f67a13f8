//! An export, checked as a whole: what is in it can be identified.

use std::collections::BTreeMap;

use crate::namespaces::{Declaration, Ns};
use crate::place::{Mistake, Refused};
use crate::xml::{self, Element};

const NOT_AN_EXPORT: &str = "this is no WordPress export (WXR): choose the file that Tools, Export wrote";
const INCOMPLETE: &str = "WordPress always writes it: export again, or remove the element";

/// A whole export.
#[derive(Debug)]
pub struct Export {
    pub(crate) text: String,
    pub(crate) namespaces: Vec<Declaration>,
    pub(crate) channel: Element,
}

impl Export {
    /// Reads and checks an export; `file` is for messages.
    pub fn read(file: &str, bytes: &[u8]) -> Result<Self, Refused> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let what = "this is not UTF-8, the encoding of exports";
            Mistake::damaged(error.valid_up_to(), what).located(file, bytes)
        })?;
        Self::parse(text).map_err(|mistake| mistake.located(file, bytes))
    }

    fn parse(text: &str) -> Result<Self, Mistake> {
        let root = xml::parse(text)?;
        if !root.is(Ns::Rss, "rss") {
            return Err(Mistake::new(root.span.start, format!("the root is <{}>, not <rss>", root.local), NOT_AN_EXPORT));
        }
        let root_start = root.span.start;
        let mut namespaces = root.declared;
        let mut channels = root.children.into_iter().filter(|child| child.is(Ns::Rss, "channel"));
        let Some(channel) = channels.next() else {
            return Err(Mistake::new(root_start, "<rss> has no <channel>", NOT_AN_EXPORT));
        };
        if let Some(second) = channels.next() {
            return Err(Mistake::damaged(second.span.start, "a second <channel>"));
        }
        namespaces.extend(channel.declared.iter().filter(|d| !namespaces.contains(d)).cloned().collect::<Vec<_>>());
        version(&channel)?;
        for element in &channel.children {
            identified(element)?;
        }
        Ok(Self { text: text.to_owned(), namespaces, channel })
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
            let what = format!("this <{}> has no <wp:{name}>, or an empty one", element.local);
            return Err(Mistake::new(element.span.start, what, INCOMPLETE));
        }
    }
    if element.is(Ns::Rss, "item") {
        element.all(Ns::Wp, "comment").try_for_each(identified)?;
    }
    Ok(())
}
