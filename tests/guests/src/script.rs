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
    /// What to do then, in this order; what came of it is for [`Prepare::Report`].
    #[serde(rename = "do")]
    pub acts: Vec<Act>,
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
    Report(String),
    LargeMb(usize),
    LogLines(u64),
    Error(Failure),
    Trap(bool),
    Panic(String),
    Loop(bool),
    Recurse(bool),
    AllocateMb(usize),
    Exit(i32),
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
    Exit(i32),
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
    /// Types for which `children.none` is called.
    #[serde(default)]
    pub none_of: Vec<String>,
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
    References(Vec<String>),
}

/// `object-params`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "as in the WIT")]
pub struct ObjectParams {
    #[serde(default)]
    pub code_name: String,
    /// With which `identity.by-guid` is called.
    pub by_guid: Option<String>,
    /// Of which it warns.
    pub warn: Option<String>,
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

/// What is done before the answer.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "documented in the crate's table")]
pub enum Act {
    Http(Call),
    Secret(String),
    State(StateAct),
    Print(Print),
    Warn(Warn),
    Told(bool),
}

/// A warning.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "as in the WIT")]
pub struct Warn {
    pub message: String,
    pub path: Option<String>,
}

/// A call over HTTP. In `url`, `headers`, `basic` and `body`, `{secret:NAME}` is a placeholder.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// Default `GET`.
    #[serde(default = "get")]
    pub method: String,
    /// Absolute.
    pub url: String,
    /// Names cannot repeat.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Adds `Basic` credentials.
    pub basic: Option<Basic>,
    /// Absent: none.
    pub body: Option<String>,
    /// A body of that many bytes.
    pub body_bytes: Option<usize>,
    /// Of connecting, of the first byte, and between bytes.
    pub timeout_ms: Option<u64>,
    /// Longest answer that the guest itself takes.
    pub response_bytes_max: Option<usize>,
    /// How often it is sent, one after the other.
    #[serde(default = "once")]
    pub times: u32,
    /// What becomes of the task if a call brings no answer.
    #[serde(default)]
    pub on_error: OnError,
}

fn get() -> String {
    "GET".to_owned()
}

fn once() -> u32 {
    1
}

/// `Basic` credentials.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "as in HTTP")]
pub struct Basic {
    pub user: String,
    pub password: String,
}

/// What becomes of the task if a call brings no answer.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnError {
    /// It goes on, and can report the error.
    #[default]
    Report,
    /// It is `unavailable`.
    Unavailable,
    /// It is what the SDK's conversion makes of the error.
    Answer,
}

/// An access to the state. Values are text.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "documented in the crate's table")]
pub enum StateAct {
    Get(String),
    Keys(String),
    Set(String, String),
    SetBytes(String, usize),
    Delete(String),
}

/// A line to one of the streams.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "as in POSIX")]
pub enum Print {
    Stdout(String),
    Stderr(String),
}
