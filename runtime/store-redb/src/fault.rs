//! What can go wrong below, and what the bus hears of it.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::panic::{AssertUnwindSafe, catch_unwind};

use lockgate_core::ports::StoreError;

/// The engine failed, or a row cannot be read. In a write, the transaction is lost.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error("{0}")]
    Engine(redb::Error),
    #[error("{0}")]
    Unreadable(String),
    /// The file is not open at the moment.
    #[error("{0}")]
    Closed(StoreError),
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

impl From<crate::disk::Fault> for Fault {
    fn from(fault: crate::disk::Fault) -> Self {
        Self::Unreadable(fault.to_string())
    }
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
            Fault::Engine(error) if is_full(&error) => Self::Full(error.to_string()),
            Fault::Engine(error) => Self::Unavailable(error.to_string()),
            Fault::Closed(why) => why,
        }
    }
}

/// Whether there was no room: on the disk, in a quota, or below the system's limit of a file.
pub(crate) fn is_full(error: &redb::Error) -> bool {
    match error {
        redb::Error::Io(error) => says_full(error),
        redb::Error::Backend(error) => says_full(&**error),
        _ => false,
    }
}

/// The same of any error, and of what it came from.
pub(crate) fn says_full(error: &(dyn Error + 'static)) -> bool {
    let inner = match error.downcast_ref::<io::Error>() {
        Some(error) if matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge) => return true,
        Some(error) => error.get_ref().map(|inner| inner as &(dyn Error + 'static)),
        None => error.source(),
    };
    inner.is_some_and(says_full)
}

/// The engine panics on some files that were altered behind its back, which is an answer as well.
/// Whoever gets it must not use the handle any more.
pub(crate) fn guarded<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|panic| {
        let text = panic.downcast_ref::<&str>().map(ToString::to_string).or_else(|| panic.downcast_ref::<String>().cloned());
        format!("the engine cannot make sense of it: {}", text.as_deref().unwrap_or("no reason given"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_recognised_at_any_depth() {
        let full = || io::Error::from(ErrorKind::StorageFull);
        assert!(is_full(&redb::Error::Io(full())));
        assert!(is_full(&redb::Error::Io(io::Error::other(io::Error::from(ErrorKind::QuotaExceeded)))));
        assert!(is_full(&redb::Error::Backend(Box::new(full()))));
        assert!(!is_full(&redb::Error::Io(io::Error::other("the disk is gone"))));
    }
}
