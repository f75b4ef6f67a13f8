//! What can go wrong.

use std::path::PathBuf;

use lockgate_bus::{ApplyError, ConnectorError, ProcessError};
use lockgate_core::admit::Refusal;
use lockgate_core::names::NameError;
use lockgate_core::ports::StoreError;

/// Why something could not be done. [`Self::code`] is stable; `lockgate explain CODE` has advice.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store cannot be opened.
    #[error("cannot open the store {}", path.display())]
    Open {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: lockgate_store_redb::OpenError,
    },
    /// Connectors cannot run.
    #[error("the sandbox cannot start")]
    Sandbox(#[from] lockgate_sandbox::OpenError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A name that cannot be one.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The content model was not applied.
    #[error(transparent)]
    Model(#[from] ApplyError),
    /// A connector was not installed.
    #[error(transparent)]
    Connector(#[from] ConnectorError),
    /// A change was not taken; nothing was stored.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Nothing was started.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// No thread can be started.
    #[error("no thread can be started")]
    Thread(#[source] std::io::Error),
    /// The bus gave no answer to a submission: a fault of Lockgate itself.
    #[error("the bus gave no answer")]
    NoAnswer,
}

impl Error {
    /// Stable.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Open { cause, .. } => cause.code(),
            Self::Sandbox(_) | Self::Thread(_) => "store-unreachable",
            Self::Store(error) => error.code(),
            Self::Name(_) => "bad-name",
            Self::Model(error) => error.code(),
            Self::Connector(error) => error.code(),
            Self::Refused(refusal) => refusal.code(),
            Self::Process(error) => error.code(),
            Self::NoAnswer => "internal-error",
        }
    }
}
