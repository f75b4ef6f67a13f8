//! Payloads that the external application never sends on purpose, made of those of the cases.

use serde_json::Value;

/// What is left of a payload that broke off: a half, not within a character by luck alone.
pub fn truncated(payload: &[u8]) -> Vec<u8> {
    payload.get(..payload.len() / 2).unwrap_or_default().to_vec()
}

/// With bytes in its middle that are no UTF-8.
pub fn not_utf8(payload: &[u8]) -> Vec<u8> {
    let (before, after) = payload.split_at(payload.len() / 2);
    [before, &[0xff, 0xfe, 0xc3], after].concat()
}

/// As large as a payload may be: a JSON object with a long text, anything else as often as it fits.
pub fn huge(payload: &[u8], bytes: usize) -> Vec<u8> {
    if let Ok(Value::Object(mut object)) = serde_json::from_slice(payload) {
        let room = bytes.saturating_sub(payload.len());
        object.insert("lockgate_test_huge".to_owned(), "x".repeat(room).into());
        return Value::Object(object).to_string().into_bytes();
    }
    payload.iter().copied().cycle().take(if payload.is_empty() { 0 } else { bytes }).collect()
}

/// With members that no version of the application has sent so far; `None`: not a JSON object.
pub fn with_unknown_fields(payload: &[u8]) -> Option<Vec<u8>> {
    let Ok(Value::Object(mut object)) = serde_json::from_slice(payload) else { return None };
    object.insert("lockgate_test_unknown".to_owned(), serde_json::json!({ "a": [1, null, "ü"] }));
    object.insert("lockgate_test_null".to_owned(), Value::Null);
    Some(Value::Object(object).to_string().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_what_their_names_say() {
        assert_eq!(truncated(b"{\"a\":1}"), b"{\"a");
        assert!(std::str::from_utf8(&not_utf8(b"abcd")).is_err());
        assert_eq!(huge(b"ab", 5), b"ababa");
        let large: Value = serde_json::from_slice(&huge(b"{\"a\":1}", 1_000)).unwrap();
        assert_eq!(large["a"], 1);
        assert!(large.to_string().len() >= 1_000);
        assert_eq!(with_unknown_fields(b"<a/>"), None);
        assert!(with_unknown_fields(b"{\"a\":1}").is_some());
    }
}
