//! JSON that clients send: objects whose members are known, each once and of its kind. What is wrong is told
//! in words of ours: those of the library are about the program's types.

use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::query::whole_number;

/// The members of an object, as they were written.
pub(crate) struct Members<'a> {
    /// What a member is called in a message, before its name.
    within: String,
    members: Vec<(String, &'a RawValue)>,
}

impl<'a> Members<'a> {
    /// Reads an object that has none but these members. `what` is what is read, such as `the body`.
    pub(crate) fn read(what: &str, bytes: &'a [u8], known: &[&str]) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes).map_err(|_| format!("{what} is not UTF-8 text"))?;
        if text.trim().is_empty() {
            return Err(format!("{what} is empty, not an object"));
        }
        let raw = serde_json::from_str(text).map_err(|error| not_json(what, &error))?;
        let members = Self::of(what, String::new(), raw)?;
        for (name, _) in &members.members {
            if !known.contains(&name.as_str()) {
                return Err(format!("unknown member {name:?}; known are: {}", known.join(", ")));
            }
        }
        Ok(members)
    }

    fn of(what: &str, within: String, raw: &'a RawValue) -> Result<Self, String> {
        if !raw.get().starts_with('{') {
            return Err(format!("{what} is {}, not an object", kind(raw)));
        }
        let Pairs(members) = serde_json::from_str(raw.get()).map_err(|error| not_json(what, &error))?;
        let mut seen = BTreeSet::new();
        if let Some((name, _)) = members.iter().find(|(name, _)| !seen.insert(name)) {
            return Err(format!("{} is given twice", label(&within, name)));
        }
        Ok(Self { within, members })
    }

    /// A member as it was written, which may be null.
    pub(crate) fn raw(&self, name: &str) -> Option<&'a RawValue> {
        self.members.iter().find(|(known, _)| known == name).map(|(_, raw)| *raw)
    }

    /// A member that is a text.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, String> {
        self.raw(name).map(|raw| text(&label(&self.within, name), raw)).transpose()
    }

    /// A member that is true or false.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, String> {
        match self.raw(name).map(RawValue::get) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(self.wrong(name, "true or false")),
        }
    }

    /// A member that is an object of texts, by name.
    pub(crate) fn texts(&self, name: &str) -> Result<Option<Vec<(String, String)>>, String> {
        let Some(raw) = self.raw(name) else { return Ok(None) };
        let inner = Self::of(name, format!("{name}."), raw)?;
        let texts = inner.members.iter().map(|(name, raw)| Ok((name.clone(), text(&label(&inner.within, name), raw)?)));
        texts.collect::<Result<_, String>>().map(Some)
    }

    /// A member that is an object with none but these members.
    pub(crate) fn members(&self, name: &str, known: &[&str]) -> Result<Option<Members<'a>>, String> {
        let Some(raw) = self.raw(name) else { return Ok(None) };
        let inner = Self::of(name, format!("{name}."), raw)?;
        match inner.members.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            Some((unknown, _)) => Err(format!("{name} has an unknown member {unknown:?}; known are: {}", known.join(", "))),
            None => Ok(Some(inner)),
        }
    }

    /// A member that is a whole number from 0.
    pub(crate) fn number(&self, name: &str) -> Result<Option<u64>, String> {
        let wrong = || format!("{} is {}, not a whole number from 0 to {}", label(&self.within, name), self.shown(name), u64::MAX);
        self.raw(name).map(|raw| whole_number(raw.get()).ok_or_else(wrong)).transpose()
    }

    /// A member that is a list of whole numbers from 0.
    pub(crate) fn numbers(&self, name: &str) -> Result<Option<Vec<u64>>, String> {
        let Some(raw) = self.raw(name) else { return Ok(None) };
        let wrong = || format!("{} is {}, not a list of whole numbers from 0 to {}", label(&self.within, name), self.shown(name), u64::MAX);
        let items: Vec<&RawValue> = serde_json::from_str(raw.get()).map_err(|_| wrong())?;
        items.into_iter().map(|item| whole_number(item.get()).ok_or_else(wrong)).collect::<Result<_, _>>().map(Some)
    }

    /// A member for a message: a number as it was written, anything else by its kind.
    fn shown(&self, name: &str) -> String {
        match self.raw(name) {
            Some(raw) if kind(raw) == "a number" && raw.get().len() <= 30 => raw.get().to_owned(),
            other => other.map_or("missing", kind).to_owned(),
        }
    }

    fn wrong(&self, name: &str, wanted: &str) -> String {
        format!("{} is {}, not {wanted}", label(&self.within, name), self.raw(name).map_or("missing", kind))
    }
}

/// Names that clients make up are quoted.
fn label(within: &str, name: &str) -> String {
    if within.is_empty() { name.to_owned() } else { format!("{within}{name:?}") }
}

fn text(label: &str, raw: &RawValue) -> Result<String, String> {
    if !raw.get().starts_with('"') {
        return Err(format!("{label} is {}, not a text", kind(raw)));
    }
    serde_json::from_str(raw.get()).map_err(|_| format!("{label} has an escape that stands for no character"))
}

fn kind(raw: &RawValue) -> &'static str {
    match raw.get().as_bytes().first() {
        Some(b'n') => "null",
        Some(b't') => "true",
        Some(b'f') => "false",
        Some(b'"') => "a text",
        Some(b'[') => "a list",
        Some(b'{') => "an object",
        _ => "a number",
    }
}

fn not_json(what: &str, error: &serde_json::Error) -> String {
    match error.classify() {
        serde_json::error::Category::Eof => format!("{what} is not JSON: it ends too early"),
        _ => format!("{what} is not JSON: line {}, column {} cannot be read", error.line(), error.column()),
    }
}

struct Pairs<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(InOrder).map(Pairs)
    }
}
