//! The members of a JSON object, read as applications write them: names in any case (RFC 7643, section 2.1), `null` as
//! absent (2.5), `"False"` for a boolean, a number for a text. What has one meaning is read; what has none is left out
//! with a warning that names it.

use jiff::Timestamp;
use lockgate_guest::{Value, log};
use serde_json::{Map, Value as Json};

/// Longest value that a message shows, in characters.
const SHOWN_CHARS_MAX: usize = 60;

/// A JSON object, and where it stands.
#[derive(Debug, Clone)]
pub struct Members<'a> {
    map: &'a Map<String, Json>,
    /// With a full stop at its end; empty at the top.
    path: String,
}

impl<'a> Members<'a> {
    /// Those of a document.
    pub fn of(map: &'a Map<String, Json>) -> Self {
        Self { map, path: String::new() }
    }

    /// Where a member of it stands, for messages.
    pub fn at(&self, name: &str) -> String {
        format!("{}{name}", self.path)
    }

    /// A member that is not `null`.
    pub fn get(&self, name: &str) -> Option<&'a Json> {
        let found = self.map.get(name);
        let found = found.or_else(|| self.map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value));
        found.filter(|value| !value.is_null())
    }

    /// What is read of a member; a warning if it is there and is not that.
    fn read<T>(&self, name: &str, what: &str, read: impl FnOnce(&'a Json) -> Option<T>) -> Option<T> {
        let value = self.get(name)?;
        let read = read(value);
        if read.is_none() {
            left_out(&self.at(name), what, value);
        }
        read
    }

    /// A text, or a number that stands for one.
    pub fn text(&self, name: &str) -> Option<String> {
        self.read(name, "is no text", text)
    }

    /// true, `"True"`, 1, `"0"`.
    pub fn boolean(&self, name: &str) -> Option<bool> {
        self.read(name, "is neither true nor false", |value| match text(value)?.trim().to_ascii_lowercase().as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        })
    }

    /// An instant, with its offset.
    pub fn instant(&self, name: &str) -> Option<Value> {
        self.read(name, "is no date and time with an offset", |value| {
            let text = value.as_str()?.trim();
            let instant: Timestamp = text.parse().ok()?;
            // As it was written, where RFC 3339 has it so; `2026-01-31 12:00+0100` is another spelling.
            let is_plain = text.len() >= "0000-00-00T00:00:00Z".len() && text.get(10..11) == Some("T") && !text.contains([' ', '[', ',']);
            let has_zone =
                text.ends_with('Z') || text.rfind(['+', '-']).is_some_and(|at| text.get(at..).is_some_and(|zone| zone.len() == 6));
            Some(Value::timestamp(if is_plain && has_zone { text.to_owned() } else { instant.to_string() }))
        })
    }

    /// An object in it; empty where there is none.
    pub fn object(&self, name: &str) -> Option<Members<'a>> {
        let map = self.read(name, "is no object", Json::as_object)?;
        Some(Members { map, path: format!("{}.", self.at(name)) })
    }

    /// A list, or the one thing that stands for a list of itself; `None` where it is not stated or is none. What is
    /// `null` in it is nothing.
    pub fn list(&self, name: &str) -> Option<Vec<Item<'a>>> {
        let items = self.read(name, "is no list", |value| match value {
            Json::Array(items) => Some(items.iter().collect()),
            Json::Object(_) | Json::String(_) => Some(vec![value]),
            _ => None,
        })?;
        let items = items.into_iter().enumerate().filter(|(_, value)| !value.is_null());
        Some(items.map(|(index, value)| Item { value, path: format!("{}[{index}]", self.at(name)) }).collect())
    }
}

/// One of a list.
#[derive(Debug)]
pub struct Item<'a> {
    /// Not `null`.
    pub value: &'a Json,
    /// `members[3]`
    pub path: String,
}

impl<'a> Item<'a> {
    /// What is in it, if it is an object.
    pub fn members(&self) -> Option<Members<'a>> {
        Some(Members { map: self.value.as_object()?, path: format!("{}.", self.path) })
    }
}

/// A text, or a number that stands for one.
pub fn text(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(boolean) => Some(boolean.to_string()),
        _ => None,
    }
}

/// Says that a value is left out, and why.
pub fn left_out(path: &str, why: &str, value: &Json) {
    let whole = value.to_string();
    let mut shown: String = whole.chars().take(SHOWN_CHARS_MAX).collect();
    if shown.len() < whole.len() {
        shown.push('…');
    }
    log!(warn, "{path} {why}, and is left out: {shown}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T>(json: &str, read: impl FnOnce(&Members<'_>) -> T) -> T {
        let json: Json = serde_json::from_str(json).unwrap();
        read(&Members::of(json.as_object().unwrap()))
    }

    #[test]
    fn names_have_no_case_and_null_is_absent() {
        assert_eq!(read(r#"{"NICKNAME":"Babs"}"#, |it| it.text("nickName")).as_deref(), Some("Babs"));
        assert_eq!(read(r#"{"nickName":null}"#, |it| it.text("nickName")), None);
    }

    #[test]
    fn a_boolean_has_many_spellings() {
        for (json, expected) in [
            ("true", Some(true)),
            ("\"False\"", Some(false)),
            ("\" TRUE \"", Some(true)),
            ("0", Some(false)),
            ("\"yes\"", None),
            ("[]", None),
        ] {
            assert_eq!(read(&format!("{{\"active\":{json}}}"), |it| it.boolean("active")), expected, "{json}");
        }
    }

    #[test]
    fn an_instant_has_an_offset_and_is_one() {
        let at = |text: &str| read(&format!("{{\"created\":\"{text}\"}}"), |it| it.instant("created"));
        for text in ["2010-01-23T04:56:22Z", "2010-01-23T04:56:22.5+01:00"] {
            assert_eq!(at(text), Some(Value::timestamp(text)), "{text}");
        }
        assert_eq!(at("2010-01-23 04:56:22+0100"), Some(Value::timestamp("2010-01-23T03:56:22Z")));
        assert_eq!(at("2010-01-23T04:56:22+01"), Some(Value::timestamp("2010-01-23T03:56:22Z")));
        for text in ["2010-02-31T04:56:22Z", "2010-01-23T04:56:22", "1/23/2010 4:56:22 AM", "0", ""] {
            assert_eq!(at(text), None, "{text}");
        }
    }

    #[test]
    fn one_thing_is_a_list_of_it_and_null_in_a_list_is_nothing() {
        let count = |json: &str| read(json, |it| it.list("emails").map(|list| list.len()));
        assert_eq!(count(r#"{"emails":{"value":"a"}}"#), Some(1));
        assert_eq!(count(r#"{"emails":[null,"a",null]}"#), Some(1));
        assert_eq!(count(r#"{"emails":5}"#), None);
        assert_eq!(count(r#"{"emails":null}"#), None);
    }
}
