//! What a connector asks for: a TOML text inside of its component.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use toml::Spanned;

use crate::egress::Origin;
use crate::grants::{Subtree, TypePattern, WordPattern};

/// The custom section that holds a manifest.
pub const MANIFEST_SECTION: &str = "lockgate:manifest";
/// Longest manifest, in bytes.
pub const MANIFEST_BYTES_MAX: usize = 64 << 10;

/// What a connector asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// For people.
    pub description: Option<String>,
    /// Object and binding types that it writes.
    pub objects: Vec<TypePattern>,
    /// Subtrees of pages that it writes.
    pub pages: Vec<Subtree>,
    /// Sites in which it writes.
    pub sites: Vec<WordPattern>,
    /// Where it calls.
    pub hosts: Hosts,
    /// Settings that it reads.
    pub settings: Vec<WordPattern>,
    /// Secrets that it uses.
    pub secrets: BTreeSet<String>,
    /// Whether it keeps a state.
    pub state: bool,
}

/// Where a connector calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hosts {
    /// Wherever its operator says: the application's address is a matter of the operator.
    AnyGranted,
    /// There, and nowhere else.
    These(Vec<Origin>),
}

impl Hosts {
    /// Whether this is asked for.
    pub fn asks(&self, origin: &Origin) -> bool {
        match self {
            Self::AnyGranted => true,
            Self::These(origins) => origins.contains(origin),
        }
    }
}

/// What is wrong with a manifest, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestError {
    /// From 1, where it is known.
    pub line: Option<usize>,
    /// From 1, where it is known.
    pub column: Option<usize>,
    /// What is wrong.
    pub message: String,
}

impl std::error::Error for ManifestError {}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the manifest")?;
        if let (Some(line), Some(column)) = (self.line, self.column) {
            write!(f, ", line {line}, column {column}")?;
        }
        write!(f, ": {}", self.message)
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct File {
    description: Option<String>,
    objects: Vec<Spanned<String>>,
    pages: Vec<Spanned<String>>,
    sites: Vec<Spanned<String>>,
    hosts: Vec<Spanned<String>>,
    settings: Vec<Spanned<String>>,
    secrets: BTreeSet<String>,
    state: bool,
}

impl Default for Manifest {
    /// What a component without a manifest asks for: every write and every setting that its operator
    /// grants, and no hosts, secrets or state.
    fn default() -> Self {
        Self {
            description: None,
            objects: vec![TypePattern::Any],
            pages: "/".parse().into_iter().collect(),
            sites: vec![WordPattern::Any],
            hosts: Hosts::These(Vec::new()),
            settings: vec![WordPattern::Any],
            secrets: BTreeSet::new(),
            state: false,
        }
    }
}

impl Manifest {
    /// What a component asks for.
    pub fn of(text: Option<&str>) -> Result<Self, ManifestError> {
        text.map_or_else(|| Ok(Self::default()), Self::parse)
    }

    /// Reads a manifest.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        if text.len() > MANIFEST_BYTES_MAX {
            let message = format!("it has {} bytes, at most {MANIFEST_BYTES_MAX} are allowed", text.len());
            return Err(ManifestError { line: None, column: None, message });
        }
        let file: File = toml::from_str(text).map_err(|error| at(text, error.span(), error.message()))?;
        let any_host = file.hosts.iter().any(|host| host.get_ref() == "*");
        Ok(Self {
            description: file.description,
            objects: each(text, &file.objects)?,
            pages: each(text, &file.pages)?,
            sites: each(text, &file.sites)?,
            hosts: if any_host { Hosts::AnyGranted } else { Hosts::These(each(text, &file.hosts)?) },
            settings: each(text, &file.settings)?,
            secrets: file.secrets,
            state: file.state,
        })
    }

    /// What this one asks for beyond another, in words: empty when it asks for nothing new.
    pub fn beyond(&self, other: &Self) -> Vec<String> {
        let mut more = Vec::new();
        let new = |what: &str, items: Vec<String>| items.into_iter().map(|item| format!("{what} {item}")).collect::<Vec<_>>();
        more.extend(new("objects", uncovered(&self.objects, &other.objects, TypePattern::covers)));
        more.extend(new("pages", uncovered(&self.pages, &other.pages, Subtree::covers)));
        more.extend(new("sites", uncovered(&self.sites, &other.sites, WordPattern::covers)));
        match (&self.hosts, &other.hosts) {
            (_, Hosts::AnyGranted) => {}
            (Hosts::AnyGranted, Hosts::These(_)) => more.push("hosts *".to_owned()),
            (Hosts::These(now), Hosts::These(before)) => more.extend(new("hosts", uncovered(now, before, Origin::eq))),
        }
        more.extend(new("settings", uncovered(&self.settings, &other.settings, WordPattern::covers)));
        more.extend(new("secrets", self.secrets.difference(&other.secrets).cloned().collect()));
        if self.state && !other.state {
            more.push("state".to_owned());
        }
        more
    }
}

fn uncovered<P: fmt::Display>(now: &[P], before: &[P], covers: impl Fn(&P, &P) -> bool) -> Vec<String> {
    now.iter().filter(|now| !before.iter().any(|before| covers(before, now))).map(ToString::to_string).collect()
}

fn each<P: FromStr<Err: fmt::Display>>(text: &str, items: &[Spanned<String>]) -> Result<Vec<P>, ManifestError> {
    items.iter().map(|item| item.get_ref().parse().map_err(|error: P::Err| at(text, Some(item.span()), &error.to_string()))).collect()
}

fn at(text: &str, span: Option<std::ops::Range<usize>>, message: &str) -> ManifestError {
    let (line, column) = span.map(|span| crate::place::line_column(text, span.start)).unzip();
    ManifestError { line, column, message: message.to_owned() }
}
