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
    BulkRequest(Vec<Operation>),
    /// What it did.
    BulkResponse(Vec<Operation>),
    /// What it was asked to change in one resource.
    Patch,
}

/// A resource, as much of it as names it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Resource {
    /// Absent before the application has it.
    pub id: Option<String>,
    /// Of a user.
    pub user_name: Option<String>,
    /// Of a user or group.
    pub display_name: Option<String>,
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

#[derive(Deserialize)]
struct List {
    #[serde(rename = "Resources", default)]
    resources: Vec<Value>,
    #[serde(rename = "totalResults")]
    total: Option<u64>,
}

#[derive(Deserialize)]
struct Bulk {
    #[serde(rename = "Operations")]
    operations: Vec<Operation>,
}

impl Document {
    /// Reads one.
    pub fn read(text: &[u8]) -> Result<Self, Problem> {
        let json: Value = serde_json::from_slice(text).map_err(Problem::json)?;
        if let Some(kind) = kind_of(&json) {
            return Ok(Self::Resource(kind, serde_json::from_value(json).map_err(Problem::json)?));
        }
        let message = schemas(&json).find_map(|schema| schema.strip_prefix("urn:ietf:params:scim:api:messages:2.0:"));
        match message {
            Some("ListResponse") => {
                let List { resources, total } = from(json)?;
                Ok(Self::List { resources, total })
            }
            Some("BulkRequest") => Ok(Self::BulkRequest(from::<Bulk>(json)?.operations)),
            Some("BulkResponse") => Ok(Self::BulkResponse(from::<Bulk>(json)?.operations)),
            Some("PatchOp") => Ok(Self::Patch),
            _ => Err(Problem::OtherSchema(schemas(&json).map(str::to_owned).collect())),
        }
    }
}

fn from<T: for<'a> Deserialize<'a>>(json: Value) -> Result<T, Problem> {
    serde_json::from_value(json).map_err(Problem::json)
}
