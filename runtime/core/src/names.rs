//! Names that must not be mistaken for one another.

use std::fmt;
use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;

/// Longest name of a connector, site, type, field or culture, in bytes.
pub const NAME_BYTES_MAX: usize = 100;
/// Longest code name, alias or external id, in bytes.
pub const KEY_BYTES_MAX: usize = 1_000;

/// Why a name was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Empty where something is needed.
    #[error("{what} is empty")]
    Empty {
        /// Which kind of name.
        what: &'static str,
    },
    /// Longer than its limit.
    #[error("{what} has {bytes} bytes, at most {max} are allowed")]
    TooLong {
        /// Which kind of name.
        what: &'static str,
        /// How long it is.
        bytes: usize,
        /// How long it may be.
        max: usize,
    },
    /// A character that this kind of name may not have.
    #[error("{what} {name:?} may hold letters, digits, '-', '_' and '.' only")]
    Character {
        /// Which kind of name.
        what: &'static str,
        /// The name, as given.
        name: String,
    },
    /// A control character in a code name, alias or external id.
    #[error("{what} {name:?} holds a control character")]
    Control {
        /// Which kind of name.
        what: &'static str,
        /// The name, as given.
        name: String,
    },
}

macro_rules! plain_name {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Letters, digits, `-`, `_` and `.`, at most [`NAME_BYTES_MAX`] bytes.
            pub fn new(name: impl AsRef<str>) -> Result<Self, NameError> {
                plain($what, name.as_ref()).map(|name| Self(name.into()))
            }

            /// The name as given.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }
    };
}

plain_name!(
    /// The code name of a connector.
    ConnectorName, "connector name"
);
plain_name!(
    /// The code name of a site.
    SiteName, "site name"
);
plain_name!(
    /// An object type, binding type or page type: `cms.user`.
    TypeName, "type name"
);
plain_name!(
    /// A field of a type.
    FieldName, "field name"
);
plain_name!(
    /// A culture of a site: `en-US`.
    Culture, "culture"
);

/// Letters, digits, `-`, `_` and `.`, at most [`NAME_BYTES_MAX`] bytes.
pub(crate) fn plain<'a>(what: &'static str, name: &'a str) -> Result<&'a str, NameError> {
    if name.is_empty() {
        return Err(NameError::Empty { what });
    }
    if name.len() > NAME_BYTES_MAX {
        return Err(NameError::TooLong { what, bytes: name.len(), max: NAME_BYTES_MAX });
    }
    if !name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.')) {
        return Err(NameError::Character { what, name: name.to_owned() });
    }
    Ok(name)
}

/// A code name, or a page's alias: kept as given, compared by one rule (§7.2: Unicode NFC,
/// trimmed, case-insensitive; exact names of types that say so keep their case). Equality and hash are
/// those of the rule.
#[derive(Clone)]
pub struct CodeName {
    given: Arc<str>,
    key: Arc<str>,
    exact: bool,
}

impl CodeName {
    /// Refuses what is empty after trimming, too long, or holds control characters.
    pub fn new(name: impl AsRef<str>) -> Result<Self, NameError> {
        let given = name.as_ref().trim();
        let what = "code name";
        if given.is_empty() {
            return Err(NameError::Empty { what });
        }
        if given.len() > KEY_BYTES_MAX {
            return Err(NameError::TooLong { what, bytes: given.len(), max: KEY_BYTES_MAX });
        }
        if given.chars().any(char::is_control) {
            return Err(NameError::Control { what, name: given.to_owned() });
        }
        Ok(Self { given: given.into(), key: fold(given).into(), exact: false })
    }

    /// The same for a name that compares with its case: Unicode NFC, trimmed.
    pub fn exact(name: impl AsRef<str>) -> Result<Self, NameError> {
        Self::new(name).map(Self::into_exact)
    }

    /// This name, compared with its case.
    #[must_use]
    pub fn into_exact(self) -> Self {
        if self.exact {
            return self;
        }
        let key = if self.given.is_ascii() { self.given.clone() } else { self.given.nfc().collect::<String>().into() };
        Self { given: self.given, key, exact: true }
    }

    /// This name, compared without its case.
    #[must_use]
    pub fn folded(self) -> Self {
        if self.exact { Self { key: fold(&self.given).into(), given: self.given, exact: false } } else { self }
    }

    /// Whether it compares with its case. A store keeps this beside the name.
    pub fn is_exact(&self) -> bool {
        self.exact
    }

    /// As given, trimmed.
    pub fn as_str(&self) -> &str {
        &self.given
    }

    /// What is compared and indexed.
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// The rule by which code names compare (§7.2).
pub fn fold(name: &str) -> String {
    let name = name.trim();
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    name.nfc().flat_map(char::to_lowercase).nfc().collect()
}

impl PartialEq for CodeName {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}
impl Eq for CodeName {}
impl std::hash::Hash for CodeName {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}
impl fmt::Display for CodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.given)
    }
}
impl fmt::Debug for CodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.given)
    }
}

/// The steps of an alias path: `/about/team`. The root is `/`; slashes at the end, and twice, say nothing.
pub fn path_steps(path: &str) -> Result<Vec<CodeName>, NameError> {
    path.split('/').filter(|step| !step.is_empty()).map(CodeName::new).collect()
}

/// The id of something in the external application: opaque, never empty, compared byte by byte.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExternalId(Arc<str>);

impl ExternalId {
    /// `None` for the empty id, which means "no reference" (§7.1).
    pub fn new(id: &str) -> Result<Option<Self>, NameError> {
        let what = "external id";
        if id.is_empty() {
            return Ok(None);
        }
        if id.len() > KEY_BYTES_MAX {
            return Err(NameError::TooLong { what, bytes: id.len(), max: KEY_BYTES_MAX });
        }
        if id.chars().any(char::is_control) {
            return Err(NameError::Control { what, name: id.to_owned() });
        }
        Ok(Some(Self(id.into())))
    }

    /// As the connector gave it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ExternalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl fmt::Debug for ExternalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_names_compare_by_nfc_trimmed_and_without_case() {
        let composed = CodeName::new(" CAF\u{c9} ").unwrap();
        let decomposed = CodeName::new("cafe\u{301}").unwrap();
        assert_eq!(composed, decomposed);
        assert_eq!(composed.as_str(), "CAF\u{c9}");
    }

    #[test]
    fn exact_code_names_compare_by_nfc_trimmed_and_with_case() {
        let exact = |name: &str| CodeName::exact(name).unwrap();
        assert_ne!(exact("aB"), exact("AB"));
        assert_eq!(exact(" caf\u{e9} "), exact("cafe\u{301}"));
        assert_eq!(exact("aB").key(), "aB");
        assert!(exact("aB").is_exact());
        assert_eq!(exact("aB").folded(), CodeName::new("AB").unwrap());
        assert_eq!(CodeName::new("aB").unwrap().into_exact(), exact("aB"));
    }

    #[test]
    fn an_empty_external_id_is_no_reference() {
        assert_eq!(ExternalId::new("").unwrap(), None);
    }
}
