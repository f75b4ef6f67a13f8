//! An answer, read to its end.

use std::time::Duration;

use super::error::Error;

/// An answer of the external application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// For example 200.
    pub status: u16,
    /// As they came.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The whole body.
    pub body: Vec<u8>,
}

impl Response {
    /// The first header of this name, in any case, where it is UTF-8.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(found, _)| found.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(value).ok()
    }

    /// The body as text.
    pub fn text(&self) -> Result<&str, Error> {
        std::str::from_utf8(&self.body).map_err(|error| Error::Other(format!("the answer is no UTF-8: {error}")))
    }

    /// This answer if its status is 2xx, else what the status means to the task: 404 and 410 are
    /// `not-found`; 408, 425, 429 and 5xx are `unavailable`, with the delay of a `retry-after` in
    /// seconds; the rest is `internal`.
    pub fn success(self) -> Result<Self, crate::Error> {
        let said = format!("the external application answered {}", self.status);
        match self.status {
            200..=299 => Ok(self),
            401 | 403 => Err(crate::Error::internal(format!("{said}: it does not accept the credentials"))),
            404 | 410 => Err(crate::Error::not_found(said)),
            408 | 425 | 429 | 500..=599 => Err(match self.retry_after() {
                Some(delay) => crate::Error::unavailable(said).retry_after(delay),
                None => crate::Error::unavailable(said),
            }),
            _ => Err(crate::Error::internal(said)),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        self.header("retry-after")?.trim().parse::<u32>().ok().map(|seconds| Duration::from_secs(seconds.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error as Kind;

    fn answer(status: u16, headers: &[(&str, &str)]) -> Response {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect();
        Response { status, headers, body: Vec::new() }
    }

    #[test]
    fn a_status_says_what_becomes_of_the_task() {
        assert!(answer(204, &[]).success().is_ok());
        assert!(matches!(answer(404, &[]).success(), Err(Kind::NotFound(_))));
        assert!(matches!(answer(401, &[]).success(), Err(Kind::Internal(_))));
        assert!(matches!(answer(302, &[]).success(), Err(Kind::Internal(_))));
        for status in [429, 500, 503] {
            assert!(matches!(answer(status, &[]).success(), Err(Kind::Unavailable(_))), "{status}");
        }
    }

    #[test]
    fn a_delay_in_seconds_is_handed_on_and_a_date_is_not() {
        let error = |value| answer(503, &[("Retry-After", value)]).success().unwrap_err();
        let down = || Kind::unavailable("the external application answered 503");
        assert_eq!(error("2"), down().retry_after(Duration::from_secs(2)));
        assert_eq!(error("Wed, 21 Oct 2026 07:28:00 GMT"), down());
    }

    #[test]
    fn headers_are_found_in_any_case() {
        assert_eq!(answer(200, &[("ETag", "\"1\"")]).header("etag"), Some("\"1\""));
    }
}
