//! `[tokens.NAME]`: who may ask the server, and what. The value of a token stands nowhere: its digest does.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use lockgate_core::names::ConnectorName;
use serde::{Deserialize, Serialize};

use super::word::Word;
use crate::wire::{NamedToken, Right};

/// Before the digits of a digest.
const PREFIX: &str = "sha256:";

/// One token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Keys", into = "Keys")]
pub struct TokenSection {
    pub digest: Digest,
    pub rights: Vec<RightWord>,
    pub connectors: Option<Vec<ConnectorWord>>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    digest: Option<Word<Digest>>,
    #[serde(default)]
    rights: Vec<Word<RightWord>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connectors: Option<Vec<Word<ConnectorWord>>>,
}

impl TryFrom<Keys> for TokenSection {
    type Error = &'static str;

    fn try_from(keys: Keys) -> Result<Self, Self::Error> {
        let digest = keys.digest.ok_or("a token has its digest, and no value: `lockgate token new NAME` makes one")?.0;
        let rights: Vec<RightWord> = keys.rights.into_iter().map(|word| word.0).collect();
        if rights.is_empty() {
            return Err("a token has rights: some of \"submit\", \"read\", \"operate\" and \"admin\"");
        }
        let connectors: Option<Vec<ConnectorWord>> = keys.connectors.map(|words| words.into_iter().map(|word| word.0).collect());
        // Who may read or change everything is not held to some connectors: the file must not look as if he were.
        if connectors.is_some() && rights.iter().any(|right| right.0 != Right::Submit) {
            return Err("connectors belongs to tokens whose only right is \"submit\"");
        }
        Ok(Self { digest, rights, connectors })
    }
}

impl From<TokenSection> for Keys {
    fn from(section: TokenSection) -> Self {
        Self {
            digest: Some(Word(section.digest)),
            rights: section.rights.into_iter().map(Word).collect(),
            connectors: section.connectors.map(|names| names.into_iter().map(Word).collect()),
        }
    }
}

impl TokenSection {
    /// As the server takes it.
    pub fn named(&self, name: &str) -> NamedToken {
        NamedToken {
            name: name.to_owned(),
            digest: self.digest.0,
            rights: self.rights.iter().map(|right| right.0).collect::<BTreeSet<Right>>(),
            connectors: self.connectors.as_ref().map(|names| names.iter().map(|name| name.0.clone()).collect()),
        }
    }
}

/// SHA-256 of a token's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digest(pub [u8; 32]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PREFIX)?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Digest {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "a digest is `sha256:` and 64 hexadecimal digits, as `lockgate token new` prints it";
        let digits = text.strip_prefix(PREFIX).ok_or(wrong)?;
        let mut digest = [0; 32];
        if digits.len() != 64 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(wrong);
        }
        for (byte, pair) in digest.iter_mut().zip(digits.as_bytes().chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| wrong)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| wrong)?;
        }
        Ok(Self(digest))
    }
}

/// A right by its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RightWord(pub Right);

impl fmt::Display for RightWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for RightWord {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = || Right::ALL.map(Right::as_str).join(", ");
        let found = Right::ALL.into_iter().find(|right| right.as_str() == text);
        found.map(Self).ok_or_else(|| format!("{text:?} is not a right: known are {}", known()))
    }
}

/// A connector by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectorWord(pub ConnectorName);

impl fmt::Display for ConnectorWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for ConnectorWord {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        ConnectorName::new(text).map(Self).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_written_as_it_is_read() {
        let text = format!("sha256:{}", "0f".repeat(32));
        assert_eq!(text.parse::<Digest>().unwrap().to_string(), text);
        for wrong in ["", "sha256:00", &"0f".repeat(32), &format!("sha256:{}", "zz".repeat(32)), &format!("sha256:{}", "é".repeat(32))] {
            assert!(wrong.parse::<Digest>().is_err(), "{wrong}");
        }
    }
}
