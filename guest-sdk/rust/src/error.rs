//! Errors: one constructor for each kind, because the kind decides what becomes of the task.

use std::fmt::Display;

use crate::{Error, Outage, Problem};

impl Error {
    /// The data is wrong; trying again is useless.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::Invalid(problem(message))
    }

    /// As [`Error::invalid`], for `map_err`: `serde_json::from_slice(..).map_err(Error::invalid_from)?`.
    pub fn invalid_from(cause: impl Display) -> Self {
        Self::invalid(cause.to_string())
    }

    /// The external application has no such object.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::NotFound(problem(message))
    }

    /// The external application cannot be asked just now; the task is tried again.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::Unavailable(Outage { message: message.into(), retry_after_ms: None })
    }

    /// Not a type that this connector translates.
    pub fn unsupported(message: impl Into<String>) -> Self {
        Self::Unsupported(problem(message))
    }

    /// A fault of the connector itself.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::Internal(problem(message))
    }

    /// Where in the external object, for example `items[3].sku`. `Unavailable` has no place for it.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        match &mut self {
            Self::Invalid(problem) | Self::NotFound(problem) | Self::Unsupported(problem) | Self::Internal(problem) => {
                problem.path = Some(path.into())
            }
            Self::Unavailable(_) => {}
        }
        self
    }

    /// How long to wait before trying again. Only `Unavailable` has a place for it.
    #[must_use]
    pub fn retry_after_ms(mut self, delay_ms: u32) -> Self {
        if let Self::Unavailable(outage) = &mut self {
            outage.retry_after_ms = Some(delay_ms);
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
}

fn problem(message: impl Into<String>) -> Problem {
    Problem { message: message.into(), path: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_goes_to_every_kind_that_has_one() {
        let error = Error::invalid("no sku").at("items[3].sku");
        let expected = Problem { message: "no sku".into(), path: Some("items[3].sku".into()) };
        assert_eq!(error, Error::Invalid(expected));
        assert_eq!(Error::unavailable("down").at("x"), Error::unavailable("down"));
    }

    #[test]
    fn a_delay_goes_to_unavailable_only() {
        let expected = Outage { message: "down".into(), retry_after_ms: Some(500) };
        assert_eq!(Error::unavailable("down").retry_after_ms(500), Error::Unavailable(expected));
        assert_eq!(Error::internal("x").retry_after_ms(500), Error::internal("x"));
    }

    #[test]
    fn a_cause_becomes_the_message() {
        let cause = "x".parse::<u8>().unwrap_err();
        assert_eq!(Error::invalid_from(cause).message(), "invalid digit found in string");
    }
}
