//! What can go wrong below, and what the bus hears of it.

use lockgate_core::names::ConnectorName;
use lockgate_core::ports::StoreError;
use tokio_postgres::error::SqlState;

/// What a guard says that does not hold: it divides by zero within the transaction, so that nothing of it is written.
#[derive(Debug, Clone)]
pub(crate) enum Refusal {
    Fenced(ConnectorName),
    Conflict,
    Stale,
    /// Somebody waits, and the commit has not said what it touches.
    Waits,
    /// Something is stored that must not be.
    InUse,
}

impl From<Refusal> for StoreError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Fenced(connector) => Self::Fenced(connector),
            Refusal::Conflict | Refusal::Waits | Refusal::InUse => Self::Conflict,
            Refusal::Stale => Self::Stale,
        }
    }
}

/// The server said no, cannot be reached, or a row cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error("refused: {0:?}")]
    Refused(Refusal),
    #[error("{}", told(.0))]
    Server(tokio_postgres::Error),
    #[error("{0}")]
    Unreachable(String),
    #[error("{0}")]
    Unreadable(String),
    #[error("{0}")]
    Unknown(String),
}

/// What a server said, with its causes: the client's own text names none.
pub(crate) fn told(error: &tokio_postgres::Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

impl From<tokio_postgres::Error> for Fault {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Server(error)
    }
}

impl From<lockgate_store_rows::Fault> for Fault {
    fn from(fault: lockgate_store_rows::Fault) -> Self {
        Self::Unreadable(fault.to_string())
    }
}

impl Fault {
    /// A row that is not as it should be.
    pub(crate) fn row(what: &str, why: impl std::fmt::Display) -> Self {
        Self::Unreadable(format!("{what}: {why}"))
    }

    fn state(&self) -> Option<&SqlState> {
        if let Self::Server(error) = self { error.code() } else { None }
    }

    /// The connection is lost, or the server ends it: what it was doing may have been done.
    pub(crate) fn is_lost(&self) -> bool {
        match self {
            Self::Server(error) => match error.code() {
                None => true,
                Some(state) => {
                    let code = state.code();
                    // The server closes the connection, has waited too long for us, or is no primary any more.
                    code.starts_with("08") || code.starts_with("57P") || matches!(code, "25P03" | "25P04" | "25006")
                }
            },
            Self::Unreachable(_) => true,
            Self::Refused(_) | Self::Unreadable(_) | Self::Unknown(_) => false,
        }
    }

    /// Another transaction was in the way: to be done again, whole.
    pub(crate) fn is_collision(&self) -> bool {
        let collisions =
            [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED, SqlState::LOCK_NOT_AVAILABLE, SqlState::QUERY_CANCELED];
        self.state().is_some_and(|state| collisions.contains(state))
    }

    /// A guard did not hold.
    pub(crate) fn is_guard(error: &tokio_postgres::Error) -> bool {
        error.code() == Some(&SqlState::DIVISION_BY_ZERO)
    }
}

impl Fault {
    /// What the bus hears of it.
    fn hears(&self) -> StoreError {
        let text = self.to_string();
        match self {
            Self::Refused(refusal) => refusal.clone().into(),
            Self::Unreadable(_) => StoreError::Unreadable(text),
            Self::Unknown(_) => StoreError::Unknown(text),
            Self::Unreachable(_) => StoreError::Unavailable(text),
            Self::Server(error) => match error.code().map(SqlState::code) {
                Some("53100" | "54000" | "54001") => StoreError::Full(text),
                Some("XX001" | "XX002" | "42P01" | "42703") => StoreError::Unreadable(text),
                _ => StoreError::Unavailable(text),
            },
        }
    }

    /// What keeps the store from working until something is done.
    pub(crate) fn trouble(&self) -> Option<StoreError> {
        let heard = self.hears();
        matches!(heard, StoreError::Unavailable(_) | StoreError::Unknown(_) | StoreError::Full(_)).then_some(heard)
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        fault.hears()
    }
}
