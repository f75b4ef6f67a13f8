//! What a source tells: one change of one of its objects or pages.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// What something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An object whose code name is unique within its type.
    Thing,
    /// A child of a thing, without a GUID.
    Part,
    /// A page.
    Page,
    /// An object in a tree of its own type.
    Node,
}

/// What is done to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// It is stated.
    Put,
    /// A page goes under another parent.
    Move,
    /// It is deleted.
    Delete,
    /// One culture of a page is deleted.
    DeleteCulture,
}

/// A reference that a thing or page may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ref {
    /// To a thing, required.
    Needed,
    /// To a thing, optional.
    Wanted,
    /// To a thing, with a default.
    Standard,
    /// To a page, required.
    NeededPage,
    /// To a page, optional.
    WantedPage,
}

impl Ref {
    /// The field's name.
    pub fn field(self) -> &'static str {
        match self {
            Self::Needed => "needed",
            Self::Wanted => "wanted",
            Self::Standard => "standard",
            Self::NeededPage => "needed_page",
            Self::WantedPage => "wanted_page",
        }
    }

    /// What it points to.
    pub fn to(self) -> Kind {
        match self {
            Self::Needed | Self::Wanted | Self::Standard => Kind::Thing,
            Self::NeededPage | Self::WantedPage => Kind::Page,
        }
    }

    /// Whether it refuses the delete of its target.
    pub fn is_required(self) -> bool {
        matches!(self, Self::Needed | Self::NeededPage)
    }
}

/// How a list of bindings is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binds {
    /// What it does not state goes.
    Complete,
    /// What it does not state stays.
    Added,
}

/// What is wrong with a task until that is cured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bad {
    /// The object: it is translated.
    Object,
    /// It is not translated.
    Translation,
}

/// Which object or page is meant, as the source asks for it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ask {
    /// The one with this GUID.
    Guid(Arc<str>),
    /// The one with this name, under this parent.
    Named(Arc<str>, Option<Arc<Ask>>),
}

impl fmt::Display for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Guid(guid) => write!(f, "#{guid}"),
            Self::Named(name, None) => write!(f, "{name}"),
            Self::Named(name, Some(parent)) => write!(f, "{name}<{parent}"),
        }
    }
}

/// One change, as the source tells it.
#[derive(Debug, Clone)]
pub struct Told {
    /// What the source calls the object or page.
    pub key: String,
    /// What is done.
    pub op: Op,
    /// To what.
    pub kind: Kind,
    /// Its GUID, if it has one: readable, see [`super::feed::uuid`].
    pub guid: Option<Arc<str>>,
    /// Its name.
    pub name: Arc<str>,
    /// Its parent.
    pub parent: Option<Ask>,
    /// What the source calls the parent of a part.
    pub owner: Option<String>,
    /// What the source calls all that a node lies under.
    pub under: BTreeSet<String>,
    /// The value of its unique field.
    pub value: Option<i64>,
    /// The value of its plain field.
    pub number: Option<i64>,
    /// Its references; `None`: to nothing.
    pub refs: BTreeMap<Ref, Option<Ask>>,
    /// Its bindings.
    pub binds: Option<(Binds, Vec<Ask>)>,
    /// All its parts, with their numbers.
    pub parts: Option<BTreeMap<Arc<str>, i64>>,
    /// Of a page with cultures, which one is meant.
    pub culture: Option<&'static str>,
    /// What is wrong with it.
    pub bad: Option<Bad>,
    /// Through which connector it comes.
    pub connector: usize,
    /// How new it is.
    pub version: Option<u64>,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.op {
            Op::Put => "put",
            Op::Move => "move",
            Op::Delete => "delete",
            Op::DeleteCulture => "delete culture",
        };
        write!(f, "{word} {:?} {} named {}", self.kind, self.key, self.name)?;
        if let Some(guid) = &self.guid {
            write!(f, " guid {guid}")?;
        }
        if let Some(culture) = self.culture {
            write!(f, " in {culture}")?;
        }
        if let Some(parent) = &self.parent {
            write!(f, " under {parent}")?;
        }
        if let Some(value) = self.value {
            write!(f, " value={value}")?;
        }
        if let Some(number) = self.number {
            write!(f, " number={number}")?;
        }
        for (reference, ask) in &self.refs {
            let ask = ask.as_ref().map_or("nothing".to_owned(), ToString::to_string);
            write!(f, " {}->{ask}", reference.field())?;
        }
        if let Some((how, asks)) = &self.binds {
            let asks: Vec<String> = asks.iter().map(ToString::to_string).collect();
            write!(f, " binds[{how:?}]={}", asks.join(","))?;
        }
        if let Some(parts) = &self.parts {
            write!(f, " parts={parts:?}")?;
        }
        if let Some(version) = self.version {
            write!(f, " version={version}")?;
        }
        if let Some(bad) = self.bad {
            write!(f, " BAD {bad:?}")?;
        }
        if self.connector > 0 {
            write!(f, " connector {}", self.connector)?;
        }
        Ok(())
    }
}
