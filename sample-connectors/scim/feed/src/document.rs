//! The documents of SCIM, as much of them as says what changed.

use serde::Deserialize;
use serde_json::Value;

use crate::error::Problem;
use crate::path::Kind;

/// A document, told by its `schemas`.
#[derive(Debug)]
pub enum Document {
    /// A resource alone.
    Resource(Kind, Resource),
    /// What a query found.
    List {
        /// What it has of them.
        resources: Vec<Value>,
        /// How many there are.
        total: Option<u64>,
    },
    /// What the application was asked to do, several things at once.
    BulkRequest(Vec<Value>),
    /// What it did.
    BulkResponse(Vec<Value>),
    /// What it was asked to change in one resource.
    Patch,
}

/// A resource, as much of it as names it.
#[derive(Debug)]
pub struct Resource {
    /// Absent before the application has it.
    pub id: Option<String>,
    /// Of a user or group.
    pub name: Option<String>,
}

impl Resource {
    /// What cannot be read of it is not there: a name is for people alone.
    pub fn of(json: &Value) -> Self {
        let member = |name: &str| {
            let members = json.as_object()?;
            let exact = members.get(name);
            exact.or_else(|| members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
        };
        let text = |name: &str| match member(name)? {
            Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        Self { id: text("id"), name: text("userName").or_else(|| text("displayName")) }
    }
}

/// One operation of a bulk, asked or answered.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Operation {
    /// `POST`, `PUT`, `PATCH` or `DELETE`.
    pub method: String,
    /// Of a request.
    pub path: Option<String>,
    /// Of an answer; absent where a POST failed.
    pub location: Option<String>,
    /// Of an answer: what HTTP would have said. Some write it as a number.
    pub status: Option<Value>,
}

impl Operation {
    /// Whether the application did it.
    pub fn succeeded(&self) -> bool {
        let status = self.status.as_ref();
        let status = status.and_then(|status| status.as_str().map(str::to_owned).or_else(|| status.as_u64().map(|it| it.to_string())));
        status.is_some_and(|status| status.starts_with('2'))
    }
}

/// The schema that a resource says it has.
pub fn kind_of(resource: &Value) -> Option<Kind> {
    schemas(resource).find_map(|schema| match schema {
        "urn:ietf:params:scim:schemas:core:2.0:User" => Some(Kind::User),
        "urn:ietf:params:scim:schemas:core:2.0:Group" => Some(Kind::Group),
        _ => None,
    })
}

fn schemas(document: &Value) -> impl Iterator<Item = &str> {
    document.get("schemas").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

impl Document {
    /// Reads one. What marks the order of bytes says nothing of the text.
    pub fn read(text: &[u8]) -> Result<Self, Problem> {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let json: Value = serde_json::from_slice(text).map_err(Problem::json)?;
        if let Value::Array(several) = &json {
            return Err(Problem::Several(several.len()));
        }
        if let Some(kind) = kind_of(&json) {
            return Ok(Self::Resource(kind, Resource::of(&json)));
        }
        let message = schemas(&json).find_map(|schema| schema.strip_prefix("urn:ietf:params:scim:api:messages:2.0:"));
        match message {
            Some("ListResponse") => {
                // Some write the total as a text.
                let total = json.get("totalResults").and_then(|total| total.as_u64().or_else(|| total.as_str()?.trim().parse().ok()));
                Ok(Self::List { resources: list(&json, "Resources")?, total })
            }
            Some("BulkRequest") => Ok(Self::BulkRequest(list(&json, "Operations")?)),
            Some("BulkResponse") => Ok(Self::BulkResponse(list(&json, "Operations")?)),
            Some("PatchOp") => Ok(Self::Patch),
            _ => Err(Problem::OtherSchema(schemas(&json).map(str::to_owned).collect())),
        }
    }
}

/// Absent and `null` are an empty one (RFC 7643, section 2.5).
fn list(json: &Value, name: &'static str) -> Result<Vec<Value>, Problem> {
    match json.get(name) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(items)) => Ok(items.clone()),
        Some(_) => Err(Problem::NoList(name)),
    }
}
