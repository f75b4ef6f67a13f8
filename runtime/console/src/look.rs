//! Looking into what the HTTP surface answered. What is not there is empty: a page shows what it got.

use serde_json::Value;

/// Looks by name.
pub(crate) trait Look {
    /// A member; null when it is not there.
    fn at(&self, name: &str) -> &Value;

    /// A text; empty when it is none.
    fn text(&self, name: &str) -> &str {
        self.at(name).as_str().unwrap_or_default()
    }

    /// A text, if it is one.
    fn maybe(&self, name: &str) -> Option<&str> {
        self.at(name).as_str()
    }

    /// A number from 0; 0 when it is none.
    fn number(&self, name: &str) -> u64 {
        self.at(name).as_u64().unwrap_or_default()
    }

    /// True or false; false when it is neither.
    fn flag(&self, name: &str) -> bool {
        self.at(name).as_bool().unwrap_or_default()
    }

    /// A list; empty when it is none.
    fn list(&self, name: &str) -> &[Value] {
        self.at(name).as_array().map_or(&[], Vec::as_slice)
    }

    /// Members with their names, in order; none when it is no object.
    fn members(&self, name: &str) -> Vec<(&str, &Value)> {
        self.at(name).as_object().map(|object| object.iter().map(|(name, value)| (name.as_str(), value)).collect()).unwrap_or_default()
    }
}

impl Look for Value {
    fn at(&self, name: &str) -> &Value {
        self.get(name).unwrap_or(&Value::Null)
    }
}

/// A value as one text: texts without quotes.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
