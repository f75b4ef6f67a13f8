//! What can go wrong below, and what the bus hears of it.

use std::io::ErrorKind;

use lockgate_core::ports::StoreError;

/// The engine failed, or a row cannot be read. In a write, the transaction is lost.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error("{0}")]
    Engine(redb::Error),
    #[error("{0}")]
    Unreadable(String),
}

macro_rules! from_engine {
    ($($error:ident),*) => {
        $(impl From<redb::$error> for Fault {
            fn from(error: redb::$error) -> Self {
                Self::Engine(error.into())
            }
        })*
    };
}

from_engine!(StorageError, TableError, TransactionError, CommitError);

impl From<redb::CursorError> for Fault {
    fn from(error: redb::CursorError) -> Self {
        match error {
            redb::CursorError::Storage(error) => error.into(),
            other => Self::Unreadable(other.to_string()),
        }
    }
}

impl Fault {
    /// A row that breaks its format.
    pub(crate) fn row(what: &str, why: impl std::fmt::Display) -> Self {
        Self::Unreadable(format!("{what}: {why}"))
    }
}

/// For reads, and for writes whose transaction was rolled back.
impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Unreadable(text) => Self::Unreadable(text),
            Fault::Engine(redb::Error::Corrupted(text)) => Self::Unreadable(text),
            Fault::Engine(redb::Error::Io(error)) if error.kind() == ErrorKind::StorageFull => Self::Full(error.to_string()),
            Fault::Engine(error) => Self::Unavailable(error.to_string()),
        }
    }
}
