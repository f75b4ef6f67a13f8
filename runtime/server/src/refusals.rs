//! From every way in which the bus says no to a status: here and nowhere else. Codes are the bus's
//! own (promise 4).

use axum::http::StatusCode;
use lockgate_bus::{ApplyError, ConnectorError, ProcessError, TaskError, TryError};
use lockgate_core::admit::Refusal;
use lockgate_core::ports::{InstallError, StoreError};
use serde_json::{Value, json};

use crate::wire::problem::Problem;

/// When to come again after a full queue: about as long as a pass needs for some thousand tasks.
const QUEUE_RETRY_AFTER_S: u32 = 5;
/// When to come again when the store could not.
const STORE_RETRY_AFTER_S: u32 = 5;

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let status = match &refusal {
            Refusal::UnknownConnector(_) => StatusCode::NOT_FOUND,
            Refusal::ConnectorDisabled(_) | Refusal::LoggingOff => StatusCode::CONFLICT,
            Refusal::UnknownSite(_) | Refusal::SiteMissing(_) | Refusal::BadInternalObject(_) | Refusal::KeyReused(_) => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Refusal::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Refusal::BadSubject | Refusal::BadIdempotencyKey => StatusCode::BAD_REQUEST,
            Refusal::QueueFull(_) => StatusCode::TOO_MANY_REQUESTS,
        };
        let problem = Problem::new(status, refusal.code(), refusal.to_string());
        match refusal {
            Refusal::QueueFull(_) => problem.retry_after(QUEUE_RETRY_AFTER_S),
            _ => problem,
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store did not do what was asked");
        match &error {
            StoreError::Full(_) => Self::new(StatusCode::INSUFFICIENT_STORAGE, "disk-full", error.to_string()),
            // The client may ask again with the same idempotency key, and learns what happened.
            StoreError::Unknown(_) => Self::new(StatusCode::SERVICE_UNAVAILABLE, "outcome-unknown", error.to_string()),
            // No waiting mends it.
            StoreError::Unreadable(_) => return Self::new(StatusCode::INTERNAL_SERVER_ERROR, "store-damaged", error.to_string()),
            StoreError::Fenced(_) | StoreError::Conflict | StoreError::Stale | StoreError::Unavailable(_) => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "store-unavailable", error.to_string())
            }
        }
        .retry_after(STORE_RETRY_AFTER_S)
    }
}

impl From<InstallError> for Problem {
    fn from(error: InstallError) -> Self {
        let status = match error.code {
            _ if error.may_pass() => StatusCode::SERVICE_UNAVAILABLE,
            // They say nothing of the component.
            "compile-failed" | "no-executable-memory" => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Self::new(status, error.code, error.message)
    }
}

impl From<ConnectorError> for Problem {
    fn from(error: ConnectorError) -> Self {
        match error {
            ConnectorError::Refused(refused) => refused.into(),
            ConnectorError::Unknown(_) => Self::new(StatusCode::NOT_FOUND, error.code(), error.to_string()),
            ConnectorError::HasTasks(..) => Self::new(StatusCode::CONFLICT, error.code(), error.to_string()),
            ConnectorError::NothingPending(_) | ConnectorError::OtherPending(..) => {
                Self::new(StatusCode::CONFLICT, "nothing-pending", error.to_string())
            }
            ConnectorError::NoSuchVersion(_) => Self::new(StatusCode::NOT_FOUND, error.code(), error.to_string()),
            ConnectorError::Store(store) => store.into(),
        }
    }
}

impl From<TaskError> for Problem {
    fn from(error: TaskError) -> Self {
        match error {
            TaskError::NotQueued(_) => Self::new(StatusCode::NOT_FOUND, "task-not-found", error.to_string()),
            TaskError::CannotProcess(..) => Self::new(StatusCode::CONFLICT, "cannot-process", error.to_string()),
            TaskError::UnknownConnector(_) => Self::new(StatusCode::NOT_FOUND, "unknown-connector", error.to_string()),
            TaskError::NoOperation(_) => Self::new(StatusCode::NOT_FOUND, "operation-not-found", error.to_string()),
            TaskError::TooManyOperations => Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many-operations", error.to_string()),
            TaskError::Store(store) => store.into(),
        }
    }
}

impl From<TryError> for Problem {
    fn from(error: TryError) -> Self {
        let text = error.to_string();
        match error {
            TryError::Task(error) => error.into(),
            TryError::Refused(refused) => refused.into(),
            TryError::NoSuchVersion(..) => Self::new(StatusCode::NOT_FOUND, "no-such-version", text),
            TryError::Waits(..) => Self::new(StatusCode::CONFLICT, "task-waits", text),
            TryError::TooLarge { .. } => Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", text),
        }
    }
}

impl From<ProcessError> for Problem {
    fn from(error: ProcessError) -> Self {
        let (code, text) = (error.code(), error.to_string());
        match error {
            ProcessError::UnknownConnector(_) => Self::new(StatusCode::NOT_FOUND, code, text),
            ProcessError::ConnectorDisabled(_) | ProcessError::ConnectorPaused(_) | ProcessError::ProcessingOff => {
                Self::new(StatusCode::CONFLICT, code, text)
            }
            ProcessError::Store(store) => store.into(),
        }
    }
}

impl From<ApplyError> for Problem {
    fn from(error: ApplyError) -> Self {
        let text = error.to_string();
        match error {
            ApplyError::Invalid(errors) => {
                let errors: Vec<Value> = errors
                    .into_iter()
                    .map(|e| json!({ "file": e.file, "line": e.line, "column": e.column, "message": e.message }))
                    .collect();
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-model", text).with("errors", Value::Array(errors))
            }
            ApplyError::InUse(_) => Self::new(StatusCode::CONFLICT, "model-in-use", text),
            ApplyError::Store(store) => store.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_that_cannot_is_told_apart() {
        let of = |error: StoreError| {
            let problem = Problem::from(error);
            (problem.status().as_u16(), problem.code().to_owned())
        };
        assert_eq!(of(StoreError::Full("x".into())), (507, "disk-full".to_owned()));
        assert_eq!(of(StoreError::Unavailable("x".into())), (503, "store-unavailable".to_owned()));
        assert_eq!(of(StoreError::Unknown("x".into())), (503, "outcome-unknown".to_owned()));
    }
}
