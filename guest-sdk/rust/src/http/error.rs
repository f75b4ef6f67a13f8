//! Why a call brought no answer.

use std::fmt;

/// Why a call brought no answer. The texts are for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// The host does not send it: it is not granted, or over a limit of the operator. The task's log says more.
    Denied(String),
    /// Nothing came in time.
    Timeout(String),
    /// The answer, or the request, is longer than what is allowed.
    TooLarge(String),
    /// No connection to the external application.
    Connect(String),
    /// There is no such request: its URL, method or a header is malformed.
    Invalid(String),
    /// Anything else, for example an answer that breaks the rules of HTTP.
    Other(String),
}

impl Error {
    /// For people.
    #[must_use]
    pub fn message(&self) -> &str {
        match self {
            Self::Denied(message)
            | Self::Timeout(message)
            | Self::TooLarge(message)
            | Self::Connect(message)
            | Self::Invalid(message)
            | Self::Other(message) => message,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for Error {}

/// So that `?` does what is mostly right: what may be better the next time is `unavailable`, the
/// rest `internal`. A denied call is not tried again, because it stays denied.
impl From<Error> for crate::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Timeout(message) | Error::Connect(message) | Error::Other(message) => Self::unavailable(message),
            Error::Denied(message) | Error::TooLarge(message) | Error::Invalid(message) => Self::internal(message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_be_better_the_next_time_is_unavailable() {
        let x = || "x".to_owned();
        for error in [Error::Timeout(x()), Error::Connect(x()), Error::Other(x())] {
            assert_eq!(crate::Error::from(error), crate::Error::unavailable("x"));
        }
        for error in [Error::Denied(x()), Error::TooLarge(x()), Error::Invalid(x())] {
            assert_eq!(crate::Error::from(error), crate::Error::internal("x"));
        }
    }
}
