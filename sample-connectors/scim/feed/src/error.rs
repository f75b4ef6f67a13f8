//! What can be wrong with a document, and where.

use std::path::PathBuf;

use crate::path::BadPath;

/// Why a file, or something in it, cannot be submitted. All else is.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// It cannot be read.
    #[error("cannot read {}: {cause}", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What went wrong.
        cause: std::io::Error,
    },
    /// It breaks a rule.
    #[error("{}: {problem}", path.display())]
    Document {
        /// Which file.
        path: PathBuf,
        /// Which rule.
        problem: Problem,
    },
}

/// A rule that a document breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// It is no JSON, or not of the form that its schema has.
    #[error("{0}")]
    Json(String),
    /// Several documents, of which a file has one.
    #[error("a file is one document, and this is a list of {0}: wrap them in a ListResponse, or give each its file")]
    Several(usize),
    /// A list that is none.
    #[error("{0} is no list")]
    NoList(&'static str),
    /// An operation of which nothing can be said.
    #[error("operation {place} cannot be read: {why}")]
    Operation {
        /// Which operation, from 0.
        place: usize,
        /// What is wrong with it.
        why: String,
    },
    /// It is about something else.
    #[error("neither a User, a Group, a ListResponse, a BulkRequest, a BulkResponse nor a PatchOp; its schemas are {0:?}")]
    OtherSchema(Vec<String>),
    /// The application has not seen this resource yet.
    #[error("{place} has no id: take what the application answered, not what it was sent")]
    NoId {
        /// Which resource.
        place: String,
    },
    /// A query that left out what a resource is.
    #[error("{place} does not say whether it is a User or a Group: ask the application for `schemas` too")]
    NoKind {
        /// Which resource.
        place: String,
    },
    /// A part of a list, of which nobody would notice that the rest is missing.
    #[error("the list has {found} of {total} resources: ask the application for all")]
    Partial {
        /// How many it has.
        found: usize,
        /// How many there are.
        total: u64,
    },
    /// A resource that is created gets its id in the answer.
    #[error("operation {place} is a POST, and its id is in the application's BulkResponse: take that")]
    Post {
        /// Which operation, from 0.
        place: usize,
    },
    /// Anything but the four.
    #[error("operation {place} is a {method:?}")]
    Method {
        /// Which operation, from 0.
        place: usize,
        /// What it says.
        method: String,
    },
    /// It was done to no user or group.
    #[error("operation {place} is for {path:?}: {problem}")]
    Path {
        /// Which operation, from 0.
        place: usize,
        /// What it says.
        path: String,
        /// What is wrong with it.
        problem: BadPath,
    },
    /// A patch does not name what it patches.
    #[error("a PatchOp does not say which resource it changes: add --path /Users/ID or --path /Groups/ID")]
    PatchOfWhat,
}

impl Problem {
    pub(crate) fn json(error: serde_json::Error) -> Self {
        Self::Json(error.to_string())
    }
}
