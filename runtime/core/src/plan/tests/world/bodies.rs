//! What tasks are given.

use serde_json::Value;

use super::guid;

/// An object `t.x`; GUID 0 is none.
pub(in crate::plan::tests) fn x(n: u32, name: &str, fields: &Value) -> Value {
    object("t.x", n, name, fields)
}

pub(in crate::plan::tests) fn object(object_type: &str, n: u32, name: &str, fields: &Value) -> Value {
    let mut object = serde_json::json!({"type": object_type, "code_name": name, "fields": fields});
    if n > 0 {
        object["guid"] = guid(n).to_string().into();
    }
    serde_json::json!({ "object": object })
}

/// The same object with something else said of it.
pub(in crate::plan::tests) fn with(mut body: Value, key: &str, value: Value) -> Value {
    let what = if body.get("page").is_some() { "page" } else { "object" };
    body[what][key] = value;
    body
}

/// What a reference field is given.
pub(in crate::plan::tests) fn to(id: &str) -> Value {
    serde_json::json!({ "reference": id })
}

/// What a list of references is given.
pub(in crate::plan::tests) fn many(ids: &[&str]) -> Value {
    serde_json::json!({ "references": ids })
}

/// A page of site `main`; GUID 0 is none.
pub(in crate::plan::tests) fn page(n: u32, alias: &str, parent: &Value) -> Value {
    let mut page = serde_json::json!({"class_name": "t.page", "culture": "en-US", "name": alias, "alias": alias, "parent": parent});
    if n > 0 {
        page["node_guid"] = guid(n).to_string().into();
    }
    serde_json::json!({ "page": page })
}

/// A parent by GUID.
pub(in crate::plan::tests) fn under(n: u32) -> Value {
    serde_json::json!({ "guid": guid(n).to_string() })
}
