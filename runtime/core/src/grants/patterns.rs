//! How manifests and configurations name types, pages and sites.

use std::fmt;
use std::str::FromStr;

use crate::names::{CodeName, NameError, TypeName, path_steps, plain};

/// Why a pattern was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// A star anywhere but where it may stand.
    #[error("{0:?}: a `*` stands alone, or last behind a dot: `shop.*`")]
    Star(String),
    /// What is left is no name.
    #[error("{0}")]
    Name(#[from] NameError),
    /// A path that does not begin at the root.
    #[error("{0:?}: a page's path begins with `/`; `/` is the whole tree")]
    Relative(String),
    /// A star in a path: the path, and the subtree that may be meant.
    #[error("{0:?}: a page's path has no `*`; {1:?} is that page and everything under it")]
    PathStar(String, String),
}

/// Types: one (`shop.product`), all of a namespace (`shop.*`), or all (`*`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypePattern {
    /// Every type.
    Any,
    /// Types that begin so; ends with a dot.
    Namespace(String),
    /// This type.
    One(TypeName),
}

impl TypePattern {
    /// Whether it names the type.
    pub fn matches(&self, name: &TypeName) -> bool {
        match self {
            Self::Any => true,
            Self::Namespace(prefix) => name.as_str().starts_with(prefix.as_str()),
            Self::One(one) => one == name,
        }
    }

    /// Whether it names all that the other one does.
    pub fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, _) => true,
            (_, Self::Any) => false,
            (Self::Namespace(prefix), Self::Namespace(other)) => other.starts_with(prefix.as_str()),
            (Self::One(_), Self::Namespace(_)) => false,
            (this, Self::One(other)) => this.matches(other),
        }
    }
}

impl FromStr for TypePattern {
    type Err = PatternError;
    fn from_str(text: &str) -> Result<Self, PatternError> {
        if text == "*" {
            return Ok(Self::Any);
        }
        match text.strip_suffix(".*") {
            Some(namespace) if namespace.contains('*') => Err(PatternError::Star(text.to_owned())),
            Some(namespace) => Ok(Self::Namespace(format!("{}.", TypeName::new(namespace)?))),
            None if text.contains('*') => Err(PatternError::Star(text.to_owned())),
            None => Ok(Self::One(TypeName::new(text)?)),
        }
    }
}

impl fmt::Display for TypePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::Namespace(prefix) => write!(f, "{prefix}*"),
            Self::One(name) => name.fmt(f),
        }
    }
}

/// Sites or settings: one by name, or all (`*`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WordPattern {
    /// Every one.
    Any,
    /// This one.
    One(String),
}

impl WordPattern {
    /// Whether it names this.
    pub fn matches(&self, name: &str) -> bool {
        match self {
            Self::Any => true,
            Self::One(one) => one == name,
        }
    }

    /// Whether it names all that the other one does.
    pub fn covers(&self, other: &Self) -> bool {
        *self == Self::Any || self == other
    }
}

impl FromStr for WordPattern {
    type Err = PatternError;
    fn from_str(text: &str) -> Result<Self, PatternError> {
        match text {
            "*" => Ok(Self::Any),
            _ if text.contains('*') => Err(PatternError::Star(text.to_owned())),
            _ => Ok(Self::One(plain("name", text)?.to_owned())),
        }
    }
}

impl fmt::Display for WordPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::One(name) => f.write_str(name),
        }
    }
}

/// A page and everything under it, by its alias path: `/news`; `/` is the whole tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subtree(Vec<CodeName>);

impl Subtree {
    /// Whether the page at this path is in it. The steps are those of the path, from the root on.
    pub fn contains<'a>(&self, mut path: impl Iterator<Item = &'a CodeName>) -> bool {
        self.0.iter().all(|step| path.next() == Some(step))
    }

    /// Whether it has all that the other one has.
    pub fn covers(&self, other: &Self) -> bool {
        self.contains(other.0.iter())
    }
}

impl FromStr for Subtree {
    type Err = PatternError;
    fn from_str(text: &str) -> Result<Self, PatternError> {
        if !text.starts_with('/') {
            return Err(PatternError::Relative(text.to_owned()));
        }
        if text.contains('*') {
            let above: Vec<&str> = text.split('/').take_while(|step| !step.contains('*')).filter(|step| !step.is_empty()).collect();
            return Err(PatternError::PathStar(text.to_owned(), format!("/{}", above.join("/"))));
        }
        Ok(Self(path_steps(text)?))
    }
}

impl fmt::Display for Subtree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("/");
        }
        self.0.iter().try_for_each(|step| write!(f, "/{step}"))
    }
}
