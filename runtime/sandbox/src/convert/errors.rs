//! Errors that the connector itself answered.

use lockgate_core::failure::{Code, Failure};

use crate::bindings::exports::lockgate::connector::translator::ConnectorError;
use crate::bindings::lockgate::connector::types::Problem;

/// The connector's error as a failure.
pub fn connector_error(error: ConnectorError) -> Failure {
    match error {
        ConnectorError::Invalid(problem) => failure(Code::Invalid, problem),
        ConnectorError::NotFound(problem) => failure(Code::NotFound, problem),
        ConnectorError::Unsupported(problem) => failure(Code::Unsupported, problem),
        ConnectorError::Internal(problem) => failure(Code::Internal, problem),
        ConnectorError::Unavailable(outage) => {
            let mut failure = Failure::new(Code::Unavailable, outage.message);
            failure.retry_after_ms = outage.retry_after_ms;
            failure
        }
    }
}

fn failure(code: Code, problem: Problem) -> Failure {
    let failure = Failure::new(code, problem.message);
    match problem.path {
        Some(path) => failure.at(path),
        None => failure,
    }
}
