//! The script as JSON has it; the crate's documentation is its reference.

use std::collections::BTreeMap;

use serde::Deserialize;

/// By type or class name, then by external id.
pub type Answers<T> = BTreeMap<String, BTreeMap<String, Answer<T>>>;

/// A whole external object.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Script {
    /// Lines to log at info before anything else.
    pub logs: Vec<String>,
    /// What to answer; without it the task is invalid.
    pub prepare: Option<Prepare>,
    /// Answers to `get-internal-object-params`.
    pub objects: Answers<ObjectParams>,
    /// Answers to `get-internal-document-params`.
    pub pages: Answers<DocumentParams>,
}

/// What `prepare-internal-object` does.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "documented in the crate's table")]
pub enum Prepare {
    Object(Object),
    Page(Page),
    Skip(String),
    Counter(bool),
    Echo(Vec<String>),
    LargeMb(usize),
    LogLines(u64),
    Error(Failure),
    Trap(bool),
    Panic(String),
    Loop(bool),
    Recurse(bool),
    AllocateMb(usize),
}

/// What a params method answers.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub enum Answer<T> {
    /// Anything but an answer.
    Misdeed(Misdeed),
    /// The params.
    Found(T),
}

/// Anything but an answer.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "documented in the crate's table")]
pub enum Misdeed {
    Error(Failure),
    Trap(bool),
    Panic(String),
    Loop(bool),
    Recurse(bool),
    AllocateMb(usize),
}

/// A typed error.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "as in the WIT")]
pub struct Failure {
    pub kind: Kind,
    #[serde(default)]
    pub message: String,
    pub path: Option<String>,
    pub retry_after_ms: Option<u32>,
}

/// Kinds of typed errors.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "as in the WIT")]
pub enum Kind {
    Invalid,
    NotFound,
    Unavailable,
    Unsupported,
    Internal,
}

/// `info-object`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "as in the WIT")]
pub struct Object {
    pub object_type: String,
    pub code_name: String,
    pub guid: Option<String>,
    pub display_name: Option<String>,
    pub site: Option<String>,
    pub parent: Option<String>,
    pub group: Option<String>,
    #[serde(default)]
    pub fields: Fields,
    #[serde(default)]
    pub children: Vec<Child>,
}

/// `child`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "as in the WIT")]
pub struct Child {
    pub parent: Option<u32>,
    pub object_type: String,
    #[serde(default)]
    pub code_name: String,
    pub guid: Option<String>,
    pub display_name: Option<String>,
    #[serde(default)]
    pub fields: Fields,
}

/// `tree-node`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "as in the WIT")]
pub struct Page {
    pub class_name: String,
    pub node_guid: Option<String>,
    pub site: Option<String>,
    pub culture: String,
    pub name: String,
    pub alias: Option<String>,
    pub parent: Option<PageParent>,
    pub order: Option<i32>,
    pub published: Option<bool>,
    #[serde(default)]
    pub fields: Fields,
}

/// `page-parent`.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "as in the WIT")]
pub enum PageParent {
    Root,
    External { id: String, class_name: String },
    NodeGuid(String),
    Path(String),
}

/// Fields, in the order of the script.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum Fields {
    /// The short form; names cannot repeat.
    Map(serde_json::Map<String, serde_json::Value>),
    /// The form of the WIT.
    List(Vec<Field>),
}

impl Default for Fields {
    fn default() -> Self {
        Self::List(Vec::new())
    }
}

/// `field`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "as in the WIT")]
pub struct Field {
    pub name: String,
    pub value: serde_json::Value,
}

/// `value`, in its long form.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "as in the WIT")]
pub enum Value {
    Null(bool),
    Boolean(bool),
    Integer(String),
    Decimal(String),
    Real(f64),
    Text(String),
    Timestamp(String),
    Guid(String),
    Binary(Vec<u8>),
    Json(serde_json::Value),
    Reference(String),
}

/// `object-params`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "as in the WIT")]
pub struct ObjectParams {
    pub code_name: String,
    pub site: Option<String>,
    pub parent: Option<String>,
    pub group: Option<String>,
}

/// `document-params`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "as in the WIT")]
pub struct DocumentParams {
    pub node_guid: String,
    pub culture: String,
    pub site: String,
}
