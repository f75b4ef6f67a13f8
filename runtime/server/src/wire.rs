//! The forms on the wire, as `API.md` shows them: the domain's types are not serialisable.

pub(crate) mod connector;
pub(crate) mod entry;
pub(crate) mod grant;
pub(crate) mod missing;
pub(crate) mod model;
pub(crate) mod object;
pub(crate) mod operation;
pub(crate) mod page;
pub(crate) mod problem;
pub(crate) mod standing;
pub(crate) mod state;
pub(crate) mod task;
pub(crate) mod trial;
pub(crate) mod used;
pub(crate) mod value;

/// RFC 3339 in UTC, with three digits of the second's fraction, so that times compare as text. Times beyond
/// year 9999, which no clock gives, are null.
pub(crate) fn time(ms: i64) -> Option<String> {
    jiff::Timestamp::from_millisecond(ms).ok().map(|time| format!("{time:.3}"))
}

#[cfg(test)]
mod tests {
    use super::time;

    #[test]
    fn times_have_one_form() {
        let text = |ms| time(ms).unwrap();
        assert_eq!((text(0), text(1_500)), ("1970-01-01T00:00:00.000Z".into(), "1970-01-01T00:00:01.500Z".into()));
        assert_eq!(text(1_767_225_600_007), "2026-01-01T00:00:00.007Z");
        assert_eq!(time(i64::MAX), None);
    }
}
