//! Query parameters: none that is not known, none twice, and a wrong value is told what it may be.

use std::fmt::Display;

use axum::http::{StatusCode, Uri};
use lockgate_core::names::{ConnectorName, SiteName, TypeName};

use crate::wire::problem::Problem;

/// Rows that a list gives when nothing is said.
const LIMIT_DEFAULT: usize = 100;
/// Rows that a list gives at most.
const LIMIT_MAX: usize = 1_000;

/// Rows that a bounded look looks at, at most.
pub(crate) const LOOK_AT_MAX: usize = 100_000;

/// The parameters of one request. An empty value is as if it were not there.
#[derive(Debug)]
pub(crate) struct Query(Vec<(String, String)>);

/// The value of a parameter, whatever others there are and whatever its case.
pub(crate) fn value_of(uri: &Uri, parameter: &str) -> Result<Option<String>, Problem> {
    let mut values = pairs(uri)?.into_iter().filter(|(name, _)| name.eq_ignore_ascii_case(parameter));
    match (values.next(), values.next()) {
        (_, Some(_)) => Err(bad(parameter, "given twice")),
        (found, None) => Ok(found.map(|(_, value)| value).filter(|value| !value.is_empty())),
    }
}

fn pairs(uri: &Uri) -> Result<Vec<(String, String)>, Problem> {
    let pairs = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(uri);
    pairs.map(|pairs| pairs.0).map_err(|_| Problem::bad_request("the query cannot be read: it is NAME=VALUE, joined by &"))
}

/// A whole number, written with digits alone.
pub(crate) fn whole_number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// A whole number up to here.
pub(crate) fn up_to(text: &str, max: usize) -> Option<usize> {
    whole_number(text).and_then(|number| usize::try_from(number).ok()).filter(|number| *number <= max)
}

impl Query {
    pub(crate) fn read(uri: &Uri, known: &[&str]) -> Result<Self, Problem> {
        let pairs = pairs(uri)?;
        for (at, (name, _)) in pairs.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                let known = if known.is_empty() { "none is known here".to_owned() } else { format!("known are: {}", known.join(", ")) };
                return Err(Problem::new(StatusCode::BAD_REQUEST, "unknown-parameter", format!("unknown parameter {name:?}; {known}")));
            }
            if pairs.iter().take(at).any(|(earlier, _)| earlier == name) {
                return Err(bad(name, "given twice"));
            }
        }
        Ok(Self(pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect()))
    }

    /// Whether none of these is there.
    pub(crate) fn has_none(&self, names: &[&str]) -> bool {
        !self.0.iter().any(|(name, _)| names.contains(&name.as_str()))
    }

    /// A text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// A value that is read from text.
    pub(crate) fn read_as<T, E: Display>(&self, name: &str, read: impl FnOnce(&str) -> Result<T, E>) -> Result<Option<T>, Problem> {
        self.text(name).map(|text| read(text).map_err(|error| bad(name, &error.to_string()))).transpose()
    }

    /// A word of one of the enumerations.
    pub(crate) fn word<T: std::str::FromStr<Err: Display>>(&self, name: &str) -> Result<Option<T>, Problem> {
        self.read_as(name, str::parse::<T>)
    }

    /// One of these words.
    pub(crate) fn one_of(&self, name: &str, words: &[&'static str]) -> Result<Option<&'static str>, Problem> {
        self.read_as(name, |text| {
            let found = words.iter().find(|word| **word == text).copied();
            found.ok_or_else(|| format!("unknown value {text:?}; known are: {}", words.join(", ")))
        })
    }

    /// `true` or `false`; false when it is not there.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, Problem> {
        Ok(self.one_of(name, &["true", "false"])? == Some("true"))
    }

    /// A number from 0.
    pub(crate) fn number(&self, name: &str) -> Result<Option<u64>, Problem> {
        self.read_as(name, |text| whole_number(text).ok_or_else(|| format!("{text:?} is not a whole number from 0 to {}", u64::MAX)))
    }

    /// How many rows to give.
    pub(crate) fn limit(&self) -> Result<usize, Problem> {
        let limit = self.read_as("limit", |text| {
            let limit = up_to(text, LIMIT_MAX).filter(|limit| *limit > 0);
            limit.ok_or_else(|| format!("{text:?} is not a whole number from 1 to {LIMIT_MAX}"))
        })?;
        Ok(limit.unwrap_or(LIMIT_DEFAULT))
    }

    /// How many rows to look at.
    pub(crate) fn look_at(&self) -> Result<Option<usize>, Problem> {
        self.read_as("look_at", |text| {
            let look_at = up_to(text, LOOK_AT_MAX).filter(|look_at| *look_at > 0);
            look_at.ok_or_else(|| format!("{text:?} is not a whole number from 1 to {LOOK_AT_MAX}"))
        })
    }

    /// A time, in ms since 1970.
    pub(crate) fn time_ms(&self, name: &str) -> Result<Option<i64>, Problem> {
        self.read_as(name, |text| {
            let time = text.parse::<jiff::Timestamp>().map(jiff::Timestamp::as_millisecond);
            time.map_err(|_| format!("{text:?} is not a time as RFC 3339 writes it, such as 2026-01-31T12:00:00Z"))
        })
    }

    /// A connector.
    pub(crate) fn connector(&self) -> Result<Option<ConnectorName>, Problem> {
        self.read_as("connector", |name| ConnectorName::new(name))
    }

    /// A site.
    pub(crate) fn site(&self) -> Result<Option<SiteName>, Problem> {
        self.read_as("site", |name| SiteName::new(name))
    }

    /// A type.
    pub(crate) fn type_name(&self) -> Result<Option<TypeName>, Problem> {
        self.read_as("type", |name| TypeName::new(name))
    }
}

/// A parameter with a wrong value.
pub(crate) fn bad(name: &str, problem: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "bad-parameter", format!("parameter {name}: {problem}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &'static str, known: &[&str]) -> Result<Query, Problem> {
        Query::read(&Uri::from_static(query), known)
    }

    #[test]
    fn an_unknown_parameter_is_told_the_known_ones() {
        let problem = read("/?statte=failed", &["state", "limit"]).unwrap_err();
        assert_eq!(problem.code(), "unknown-parameter");
        assert!(problem.detail().contains("state, limit"), "{}", problem.detail());
    }

    #[test]
    fn a_parameter_given_twice_is_refused() {
        assert_eq!(read("/?limit=1&limit=2", &["limit"]).unwrap_err().code(), "bad-parameter");
    }

    #[test]
    fn limits_and_times_have_bounds() {
        assert_eq!(read("/?limit=", &["limit"]).unwrap().limit().unwrap(), LIMIT_DEFAULT);
        for bad in ["/?limit=0", "/?limit=1001", "/?limit=-1", "/?limit=x"] {
            assert!(read(bad, &["limit"]).unwrap().limit().is_err(), "{bad}");
        }
        assert_eq!(read("/?since=1970-01-01T00:00:01Z", &["since"]).unwrap().time_ms("since").unwrap(), Some(1_000));
        assert!(read("/?since=yesterday", &["since"]).unwrap().time_ms("since").is_err());
    }
}
