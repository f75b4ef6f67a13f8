//! Errors: one constructor for each kind, because the kind decides what becomes of the task.

use std::fmt;
use std::time::Duration;

/// Why a translation failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The data is wrong; trying again is useless.
    Invalid(Problem),
    /// The external application has no such object.
    NotFound(Problem),
    /// The external application cannot be asked just now.
    Unavailable(Outage),
    /// Not a type that this connector translates.
    Unsupported(Problem),
    /// A fault of the connector itself.
    Internal(Problem),
}

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// For people.
    pub message: String,
    /// Where in the external object, for example `items[3].sku`.
    pub path: Option<String>,
}

/// Why the external application cannot be asked, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outage {
    /// For people.
    pub message: String,
    /// Where in the external object is what was asked about.
    pub path: Option<String>,
    /// How long to wait before trying again.
    pub retry_after: Option<Duration>,
}

impl Error {
    /// The data is wrong; trying again is useless.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::Invalid(problem(message))
    }

    /// As [`Error::invalid`], for `map_err`: `serde_json::from_slice(..).map_err(Error::invalid_from)?`.
    pub fn invalid_from(cause: impl fmt::Display) -> Self {
        Self::invalid(cause.to_string())
    }

    /// The external application has no such object.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::NotFound(problem(message))
    }

    /// The external application cannot be asked just now; the task is tried again.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::Unavailable(Outage { message: message.into(), path: None, retry_after: None })
    }

    /// Not a type that this connector translates.
    pub fn unsupported(message: impl Into<String>) -> Self {
        Self::Unsupported(problem(message))
    }

    /// A fault of the connector itself.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::Internal(problem(message))
    }

    /// Where in the external object, for example `items[3].sku`.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        let place = match &mut self {
            Self::Invalid(problem) | Self::NotFound(problem) | Self::Unsupported(problem) | Self::Internal(problem) => &mut problem.path,
            Self::Unavailable(outage) => &mut outage.path,
        };
        *place = Some(path.into());
        self
    }

    /// How long to wait before the task is tried again. What is not [`unavailable`](Error::unavailable) is not tried again, so
    /// there it says nothing.
    #[must_use]
    pub fn retry_after(mut self, delay: Duration) -> Self {
        if let Self::Unavailable(outage) = &mut self {
            outage.retry_after = Some(delay);
        }
        self
    }

    /// What went wrong, whatever the kind.
    #[must_use]
    pub fn message(&self) -> &str {
        match self {
            Self::Invalid(problem) | Self::NotFound(problem) | Self::Unsupported(problem) | Self::Internal(problem) => &problem.message,
            Self::Unavailable(outage) => &outage.message,
        }
    }

    /// Where it went wrong, if that was said.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::Invalid(problem) | Self::NotFound(problem) | Self::Unsupported(problem) | Self::Internal(problem) => {
                problem.path.as_deref()
            }
            Self::Unavailable(outage) => outage.path.as_deref(),
        }
    }
}

/// `title: a team needs a title`.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path() {
            Some(path) => write!(f, "{path}: {}", self.message()),
            None => f.write_str(self.message()),
        }
    }
}

impl std::error::Error for Error {}

fn problem(message: impl Into<String>) -> Problem {
    Problem { message: message.into(), path: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_goes_to_every_kind_and_is_shown() {
        for error in [Error::invalid("x"), Error::not_found("x"), Error::unavailable("x"), Error::unsupported("x"), Error::internal("x")] {
            assert_eq!(error.to_string(), "x");
            let error = error.at("items[3].sku");
            assert_eq!((error.path(), error.to_string().as_str()), (Some("items[3].sku"), "items[3].sku: x"));
        }
    }

    #[test]
    fn a_delay_goes_to_unavailable_only() {
        let delay = Duration::from_millis(500);
        assert!(matches!(Error::unavailable("down").retry_after(delay), Error::Unavailable(outage) if outage.retry_after == Some(delay)));
        assert_eq!(Error::internal("x").retry_after(delay), Error::internal("x"));
    }

    #[test]
    fn a_cause_becomes_the_message() {
        let cause = "x".parse::<u8>().unwrap_err();
        assert_eq!(Error::invalid_from(cause).message(), "invalid digit found in string");
    }
}
