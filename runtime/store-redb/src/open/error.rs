//! Why a store could not be opened.

use std::io;
use std::path::{Path, PathBuf};

use redb::{DatabaseError, StorageError};

use crate::fault::Fault;

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process, or another store of this one, has the file open.
    #[error("the store is in use by another process")]
    InUse,
    /// The file cannot be reached: its directory is missing, or it may not be read or written.
    #[error("cannot open {path}")]
    Unreachable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file is something else.
    #[error("the file is not a lockgate store")]
    NotLockgate,
    /// The file is a store and cannot be read.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// A newer version has written the file.
    #[error("the store has format {found}, this version knows formats up to {known}: use a newer version of lockgate")]
    NewerFormat {
        /// The file's format.
        found: u64,
        /// The newest that this version knows.
        known: u64,
    },
    /// An older version has written the file, and nobody asked for it to be brought up to date.
    #[error("the store has format {found}; this version writes format {known}, and was not asked to bring the file up to date")]
    OldFormat {
        /// The file's format.
        found: u64,
        /// The one that this version writes.
        known: u64,
    },
    /// The file is of an older format, and it cannot be kept as it is beside the one that would be
    /// brought up to date. It was left as it is.
    #[error("the store has format {format} and is not brought up to date: no copy of {path} can be kept")]
    NoCopy {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: u64,
        /// What the system says.
        source: io::Error,
    },
    /// The engine's own format is another one.
    #[error("the store has engine format {0}, which this version does not know: use another version of lockgate")]
    EngineFormat(u8),
    /// The file was given up after a failed write, and what lies there now is not the same store.
    #[error("the file is not the one that was open before: {0}")]
    Replaced(String),
    /// Reading or writing failed while opening.
    #[error("the store cannot be read or written")]
    Broken(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl OpenError {
    /// Stable, for programs and for `lockgate explain`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InUse => "store-in-use",
            Self::Unreachable { .. } | Self::Broken(_) => "store-unreachable",
            Self::NotLockgate => "store-unknown-file",
            Self::Damaged(_) | Self::Replaced(_) => "store-damaged",
            Self::NewerFormat { .. } | Self::EngineFormat(_) => "store-newer-format",
            Self::OldFormat { .. } => "store-older-format",
            Self::NoCopy { .. } => "store-not-kept",
        }
    }
}

impl From<DatabaseError> for OpenError {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::DatabaseAlreadyOpen => Self::InUse,
            DatabaseError::UpgradeRequired(version) => Self::EngineFormat(version),
            DatabaseError::Storage(StorageError::Corrupted(text)) => Self::Damaged(text),
            // A file that is shorter than it says, or whose head is not the engine's.
            DatabaseError::Storage(StorageError::Io(error))
                if matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData) =>
            {
                Self::Damaged(error.to_string())
            }
            DatabaseError::RepairAborted => Self::Damaged("the repair was aborted".to_owned()),
            other => Self::Broken(other.into()),
        }
    }
}

impl From<Fault> for OpenError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Unreadable(text) | Fault::Engine(redb::Error::Corrupted(text)) => Self::Damaged(text),
            Fault::Engine(redb::Error::TableTypeMismatch { .. }) => Self::NotLockgate,
            // Every table is made with the store.
            Fault::Engine(error @ redb::Error::TableDoesNotExist(_)) => Self::Damaged(error.to_string()),
            Fault::Engine(other) => Self::Broken(other.into()),
            Fault::Closed(why) => Self::Broken(why.into()),
        }
    }
}

/// An error of the system is told with the file's name.
pub(super) fn name_path(error: OpenError, path: &Path) -> OpenError {
    let OpenError::Broken(source) = error else { return error };
    match source.downcast::<DatabaseError>() {
        Ok(error) => match *error {
            DatabaseError::Storage(StorageError::Io(source)) => OpenError::Unreachable { path: path.to_owned(), source },
            other => OpenError::Broken(other.into()),
        },
        Err(source) => OpenError::Broken(source),
    }
}
