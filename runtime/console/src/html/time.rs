//! Times and durations, as people read them. What time it is, the server says.

use jiff::Timestamp;
use maud::{Markup, html};
use serde_json::Value;

use crate::look::Look as _;

/// The server's time when it answered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Now(pub i64);

impl Now {
    /// As `GET /v1/status` says it.
    pub(crate) fn of(status: &Value) -> Self {
        Self(ms(status.text("now")).unwrap_or_default())
    }

    /// How long ago, or how far ahead: `4 min ago`.
    pub(crate) fn ago(self, time: &str) -> Markup {
        html! {
            @match ms(time) {
                Some(at) => time datetime=(time) title=(time) {
                    @if at > self.0 { "in " (span(at - self.0)) } @else { (span(self.0 - at)) " ago" }
                },
                None => span.faint { "–" },
            }
        }
    }

    /// For how long: `4 min`.
    pub(crate) fn since(self, time: &str) -> Markup {
        html! {
            @match ms(time) {
                Some(at) => time datetime=(time) title={ "since " (time) } { (span(self.0 - at)) },
                None => span.faint { "–" },
            }
        }
    }
}

/// A moment: its day and its second, in UTC.
pub(crate) fn moment(time: &str) -> Markup {
    html! {
        @match time.split_once('T') {
            Some((day, clock)) => time datetime=(time) title=(time) { (day) " " (clock.get(..8).unwrap_or(clock)) },
            None => span.faint { "–" },
        }
    }
}

/// In ms since 1970.
pub(crate) fn ms(time: &str) -> Option<i64> {
    time.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}

/// A duration in its largest unit or two.
pub(crate) fn span(ms: i64) -> String {
    let s = ms.max(0) / 1_000;
    let two = |large: i64, unit: &str, small: i64, less: &str| match small {
        0 => format!("{large} {unit}"),
        _ => format!("{large} {unit} {small} {less}"),
    };
    match s {
        0..60 => format!("{s} s"),
        60..3_600 => format!("{} min", s / 60),
        3_600..86_400 => two(s / 3_600, "h", s % 3_600 / 60, "min"),
        _ => two(s / 86_400, "d", s % 86_400 / 3_600, "h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_two_units_at_most() {
        let spans = [-5, 0, 59_999, 61_000, 3_600_000, 3_660_000, 86_400_000, 100_000_000].map(span);
        assert_eq!(spans, ["0 s", "0 s", "59 s", "1 min", "1 h", "1 h 1 min", "1 d", "1 d 3 h"]);
    }

    #[test]
    fn what_is_to_come_is_ahead() {
        let now = Now(1_000_000);
        assert!(now.ago("1970-01-01T00:00:00.000Z").into_string().contains("16 min ago"));
        assert!(now.ago("1970-01-01T00:20:00.000Z").into_string().contains("in 3 min"));
        assert!(now.ago("").into_string().contains('–'));
    }
}
