//! The one reader of JSON values that come in. What it takes, every reader of ours can read again: in an
//! answer, in a list, on the command line.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

/// Deepest nesting of a value. An answer has up to 70 levels around it (a tree of pages 32 deep), and
/// readers give up at 128.
const DEPTH_MAX: usize = 50;
/// Longest number, in characters: the longest that a 64-bit float is ever written with has 1,077.
pub(crate) const NUMBER_CHARS_MAX: usize = 1_100;

/// What is wrong with a document, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}{}", if .path.is_empty() { String::new() } else { format!(" (at {})", .path) })]
pub struct JsonError {
    /// The way to it: `a.b[3]`; empty: the document itself.
    pub path: String,
    /// A sentence.
    pub problem: String,
}

/// Whether this is one JSON document as RFC 8259 has it, at most 50 levels deep, whose keys
/// are unique in each object, whose texts are Unicode (no half of a surrogate pair), and whose numbers
/// are in the range of a 64-bit float and bounded in length. Reads it once.
pub fn check(text: &str) -> Result<(), JsonError> {
    check_nested(text, 0)
}

/// The same of a document that has values at so many levels down.
pub fn check_nested(text: &str, levels: usize) -> Result<(), JsonError> {
    if let Some(at) = long_number(text) {
        let problem = format!("the number at byte {at} has more than {NUMBER_CHARS_MAX} characters");
        return Err(JsonError { path: String::new(), problem });
    }
    let mut path = Vec::new();
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = Strict { left: DEPTH_MAX + levels, path: &mut path }.deserialize(&mut reader).and_then(|()| reader.end());
    read.map_err(|error| JsonError { path: written(&path), problem: error.to_string() })
}

/// Where a number begins that is too long. Of something that is no JSON, too.
fn long_number(text: &str) -> Option<usize> {
    let (mut in_text, mut escaped, mut begin) = (false, false, None);
    for (at, byte) in text.bytes().enumerate() {
        if in_text {
            in_text = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
            continue;
        }
        match byte {
            b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E' => {
                let begin = *begin.get_or_insert(at);
                if at - begin >= NUMBER_CHARS_MAX {
                    return Some(begin);
                }
            }
            byte => {
                in_text = byte == b'"';
                begin = None;
            }
        }
    }
    None
}

/// A step on the way to what is wrong.
enum Step {
    Key(String),
    Index(usize),
}

/// The innermost step was noted first.
fn written(path: &[Step]) -> String {
    use fmt::Write;
    let mut out = String::new();
    for step in path.iter().rev() {
        // Writing to a text does not fail.
        let _ = match step {
            Step::Key(key) if out.is_empty() => write!(out, "{key}"),
            Step::Key(key) => write!(out, ".{key}"),
            Step::Index(at) => write!(out, "[{at}]"),
        };
    }
    out
}

/// Reads one value and keeps nothing of it.
struct Strict<'p> {
    left: usize,
    path: &'p mut Vec<Step>,
}

impl<'p> Strict<'p> {
    fn inner<E: serde::de::Error>(&self) -> Result<usize, E> {
        self.left.checked_sub(1).ok_or_else(|| E::custom(format!("the document is nested more than {DEPTH_MAX} levels deep")))
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let left = self.inner()?;
        let mut at = 0;
        loop {
            match items.next_element_seed(Strict { left, path: &mut *self.path }) {
                Ok(Some(())) => at += 1,
                Ok(None) => return Ok(()),
                Err(error) => {
                    self.path.push(Step::Index(at));
                    return Err(error);
                }
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let left = self.inner()?;
        let mut seen: BTreeSet<Cow<'de, str>> = BTreeSet::new();
        while let Some(key) = entries.next_key_seed(Key)? {
            if seen.contains(&key) {
                self.path.push(Step::Key(key.into_owned()));
                return Err(A::Error::custom("the key is given twice"));
            }
            if let Err(error) = entries.next_value_seed(Strict { left, path: &mut *self.path }) {
                self.path.push(Step::Key(key.into_owned()));
                return Err(error);
            }
            seen.insert(key);
        }
        Ok(())
    }
}

/// A key, without a copy where it has no escapes.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }
    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(key.to_owned()))
    }
    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        check(text).unwrap_err().to_string()
    }

    /// What it takes, the reader of our own command line takes, in the deepest answer there is.
    fn readable(text: &str) -> bool {
        let around = format!("{}{text}{}", "[".repeat(70), "]".repeat(70));
        serde_json::from_str::<serde_json::Value>(&around).is_ok()
    }

    #[test]
    fn what_is_taken_can_be_read_again() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        let digits = |count: usize| format!("0.{}", "1".repeat(count - 2));
        for text in [
            "null",
            " true ",
            "-0",
            "1e308",
            "[1,{\"a\":{}}]",
            "\"\\ud83d\\ude00\"",
            "\"\\u0000\"",
            "\"\u{2028}\"",
            "{\"a\":{\"a\":[{\"a\":1},{\"a\":2}]}}",
            "12345678901234567890123",
            "1e-400",
            "\"a\\\"1111\\\\\"",
            &nested(DEPTH_MAX),
            &digits(NUMBER_CHARS_MAX),
            &format!("\"{}\"", "1".repeat(100_000)),
        ] {
            assert_eq!(check(text), Ok(()), "{text:.80}");
            assert!(readable(text), "{text:.80}");
        }
        for text in [
            "",
            "1 2",
            "nul",
            "[1,]",
            "01",
            "{a:1}",
            "\"\u{1}\"",
            "1e400",
            "-1e400",
            "\"\\ud800\"",
            "[\"\\udc00\"]",
            "{\"\\ud800\":1}",
            "{\"a\":1,\"a\":1}",
            "{\"a\":1,\"\\u0061\":1}",
            &nested(200),
            &nested(DEPTH_MAX + 1),
            &digits(NUMBER_CHARS_MAX + 1),
            &"1".repeat(100_000),
            &format!("[\"\\\\\", {}]", digits(100_000)),
            &"[".repeat(100_000),
        ] {
            assert!(check(text).is_err(), "{text:.80}");
        }
    }

    #[test]
    fn a_problem_has_its_place() {
        assert_eq!(
            problem("{\"a\": {\"b\": [0, {\"c\": 1, \"d\": 2, \"c\": 3}]}}"),
            "the key is given twice at line 1 column 36 (at a.b[1].c)"
        );
        assert!(problem("[[0, \"\\ud800\"]]").ends_with("(at [0][1])"), "{}", problem("[[0, \"\\ud800\"]]"));
        assert!(problem("{\"n\": 1e400}").contains("out of range"));
    }
}
