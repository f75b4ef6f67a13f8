//! Why bytes are not a row.

/// A row that breaks its format, or is of a format that this version does not know.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Fault(String);

impl Fault {
    /// Which row, and why.
    pub fn row(what: &str, why: impl std::fmt::Display) -> Self {
        Self(format!("{what}: {why}"))
    }
}
