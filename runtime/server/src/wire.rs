//! The forms on the wire, as `API.md` shows them: the domain's types are not serialisable.

pub(crate) mod connector;
pub(crate) mod entry;
pub(crate) mod grant;
pub(crate) mod model;
pub(crate) mod object;
pub(crate) mod page;
pub(crate) mod problem;
pub(crate) mod state;
pub(crate) mod task;
pub(crate) mod used;
pub(crate) mod value;

/// RFC 3339 in UTC. Times beyond year 9999, which no clock gives, are null.
pub(crate) fn time(ms: i64) -> Option<String> {
    jiff::Timestamp::from_millisecond(ms).ok().map(|time| time.to_string())
}
