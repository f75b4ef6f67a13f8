//! JSON whose numbers keep every digit: a `serde_json::Value` makes 64-bit floats of them, so that 1.10
//! becomes 1.1, and long ones end in zeros.

use lockgate_core::unique::unique_key;
use lockgate_core::value::Plain;
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Error as _, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

/// Deepest nesting that is read, as in `serde_json`.
const DEPTH_MAX: usize = 128;

/// A value.
#[derive(Debug, Clone)]
pub enum Exact {
    /// `null`, `true`, `false` or a number, as it is written.
    Word(Box<str>),
    /// A text, without quotes and escapes.
    Text(String),
    /// An array.
    List(Vec<Exact>),
    /// An object, in the order in which it is written.
    Members(Vec<(String, Exact)>),
}

impl Exact {
    /// Reads a document.
    pub fn read(text: &str) -> Result<Self, serde_json::Error> {
        Self::of(serde_json::from_str(text)?, DEPTH_MAX)
    }

    fn of(raw: &RawValue, left: usize) -> Result<Self, serde_json::Error> {
        let text = raw.get();
        let too_deep = || <serde_json::Error as de::Error>::custom("the document is nested too deep");
        let inner = || left.checked_sub(1).ok_or_else(too_deep);
        Ok(match text.bytes().next() {
            Some(b'"') => Self::Text(serde_json::from_str(text)?),
            Some(b'[') => {
                let (left, items) = (inner()?, serde_json::from_str::<Vec<&RawValue>>(text)?);
                Self::List(items.into_iter().map(|item| Self::of(item, left)).collect::<Result<_, serde_json::Error>>()?)
            }
            Some(b'{') => {
                let (left, Pairs(pairs)) = (inner()?, serde_json::from_str(text)?);
                Self::Members(
                    pairs.into_iter().map(|(name, value)| Ok((name, Self::of(value, left)?))).collect::<Result<_, serde_json::Error>>()?,
                )
            }
            _ => Self::Word(text.into()),
        })
    }

    /// `null`.
    pub fn null() -> Self {
        Self::Word("null".into())
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Word(word) if &**word == "null")
    }

    /// The members of an object; nothing of anything else.
    pub fn members(&self) -> &[(String, Self)] {
        if let Self::Members(members) = self { members } else { &[] }
    }

    /// The items of an array; nothing of anything else.
    pub fn items(&self) -> &[Self] {
        if let Self::List(items) = self { items } else { &[] }
    }

    /// A member of an object.
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.members().iter().find(|(own, _)| own == name).map(|(_, value)| value)
    }

    /// A member as text: a text itself, anything else as it is written, nothing for `null` or where it is missing.
    pub fn text(&self, name: &str) -> String {
        match self.get(name) {
            None => String::new(),
            Some(Self::Text(text)) => text.clone(),
            Some(value) if value.is_null() => String::new(),
            Some(value) => value.to_string(),
        }
    }
}

/// As JSON on one line.
impl std::fmt::Display for Exact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| std::fmt::Error)?)
    }
}

/// The order of members is nobody's; numbers are compared by value, to the last digit.
impl PartialEq for Exact {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Word(one), Self::Word(other)) => one == other || is_same_number(one, other),
            (Self::Text(one), Self::Text(other)) => one == other,
            (Self::List(one), Self::List(other)) => one == other,
            (Self::Members(one), Self::Members(others)) => {
                one.len() == others.len() && one.iter().all(|(name, value)| other.get(name) == Some(value))
            }
            _ => false,
        }
    }
}

/// Whether two words are the same number. One with an exponent is a real, and equal as such.
fn is_same_number(one: &str, other: &str) -> bool {
    let is_number = |word: &str| word.starts_with(|first: char| first == '-' || first.is_ascii_digit());
    let is_real = |word: &str| word.contains(['e', 'E']);
    if !is_number(one) || !is_number(other) {
        return false;
    }
    if is_real(one) || is_real(other) {
        return one.parse::<f64>().is_ok_and(|one| other.parse::<f64>() == Ok(one));
    }
    let decimal = |word: &str| unique_key(&Plain::Decimal(word.into()));
    decimal(one) == decimal(other)
}

impl From<&str> for Exact {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Exact {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Value> for Exact {
    fn from(value: Value) -> Self {
        match value {
            Value::String(text) => Self::Text(text),
            Value::Array(items) => Self::List(items.into_iter().map(Self::from).collect()),
            Value::Object(members) => Self::Members(members.into_iter().map(|(name, value)| (name, value.into())).collect()),
            word => Self::Word(word.to_string().into()),
        }
    }
}

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Word(word) => RawValue::from_string(word.to_string()).map_err(S::Error::custom)?.serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(items) => serializer.collect_seq(items),
            Self::Members(members) => serializer.collect_map(members.iter().map(|(name, value)| (name, value))),
        }
    }
}

/// The members of an object, each as it is written.
struct Pairs<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Pairs<'de>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Pairs<'de>, A::Error> {
                let mut pairs = Vec::new();
                while let Some(entry) = entries.next_entry()? {
                    pairs.push(entry);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digit_is_kept() {
        let text = r#"{"a":[1.10,12345678901234567890123,-0,1e2,null,true],"b":{"c":"x\"y"}}"#;
        let read = Exact::read(&format!(" {text}\n")).unwrap();
        assert_eq!(read.to_string(), text);
        assert_eq!(
            (read.text("a").as_str(), read.get("b").unwrap().text("c").as_str()),
            ("[1.10,12345678901234567890123,-0,1e2,null,true]", "x\"y")
        );
    }

    #[test]
    fn the_order_of_members_is_nobodys_and_numbers_are_compared_to_the_last_digit() {
        let read = |text| Exact::read(text).unwrap();
        assert_eq!(read(r#"{"a":1,"b":[2]}"#), read(r#"{"b":[2],"a":1}"#));
        for (one, other) in [("1.10", "1.1"), ("1.0", "1"), ("-0", "0.0"), ("1e2", "100.0"), ("1E-7", "1e-7")] {
            assert_eq!(read(one), read(other));
        }
        for (one, other) in [("1.10", "1.11"), ("1", "true"), ("null", "0"), ("1e2", "101"), ("1", "-1")] {
            assert_ne!(read(one), read(other));
        }
        assert_ne!(read("[12345678901234567890123]"), read("[12345678901234567890124]"));
    }

    #[test]
    fn deep_nesting_is_an_error() {
        assert!(Exact::read(&"[".repeat(100_000)).is_err());
        assert!(Exact::read(&format!("{}{}", "[".repeat(1_000), "]".repeat(1_000))).is_err());
    }
}
