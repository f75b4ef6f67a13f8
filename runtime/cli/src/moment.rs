//! Moments as people write them: RFC 3339, a date, `yesterday`, `2h` for two hours ago.

use jiff::Timestamp;
use lockgate_core::ports::Clock as _;

use lockgate::SystemClock;

/// A day, in ms.
const DAY_MS: i64 = 86_400_000;

/// Reads one. Days are those of UTC, as everywhere here.
pub fn read(text: &str) -> Result<Timestamp, String> {
    of(text, SystemClock::new().now_ms())
}

fn of(text: &str, now_ms: i64) -> Result<Timestamp, String> {
    let wrong =
        || format!("{text:?} is not a moment: write 2026-01-31T12:00:00Z, 2026-01-31, today, yesterday, or 90m, 2h, 3d for so long ago");
    let at = |ms: i64| Timestamp::from_millisecond(ms).map_err(|_| wrong());
    let today_ms = now_ms.saturating_sub(now_ms.rem_euclid(DAY_MS));
    match text {
        "now" => return at(now_ms),
        "today" => return at(today_ms),
        "yesterday" => return at(today_ms.saturating_sub(DAY_MS)),
        _ => {}
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    if let Ok(midnight) = format!("{text}T00:00:00Z").parse::<Timestamp>() {
        return Ok(midnight);
    }
    let bare = text.strip_suffix(" ago").unwrap_or(text).trim();
    let (number, unit) = bare.split_at(bare.find(|c: char| !c.is_ascii_digit()).unwrap_or(bare.len()));
    let unit_ms = match unit.trim() {
        "s" | "sec" | "second" | "seconds" => 1_000,
        "m" | "min" | "minute" | "minutes" => 60_000,
        "h" | "hour" | "hours" => 3_600_000,
        "d" | "day" | "days" => DAY_MS,
        "w" | "week" | "weeks" => 7 * DAY_MS,
        _ => return Err(wrong()),
    };
    let ago_ms = number.parse::<i64>().ok().and_then(|number| number.checked_mul(unit_ms)).ok_or_else(wrong)?;
    at(now_ms.checked_sub(ago_ms).ok_or_else(wrong)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_as_people_write_them() {
        let now_ms = "2026-03-01T10:30:00Z".parse::<Timestamp>().unwrap().as_millisecond();
        for (text, at) in [
            ("now", "2026-03-01T10:30:00Z"),
            ("today", "2026-03-01T00:00:00Z"),
            ("yesterday", "2026-02-28T00:00:00Z"),
            ("2026-01-31", "2026-01-31T00:00:00Z"),
            ("2026-01-31T12:00:00+02:00", "2026-01-31T10:00:00Z"),
            ("90m", "2026-03-01T09:00:00Z"),
            ("2 hours ago", "2026-03-01T08:30:00Z"),
            ("3d", "2026-02-26T10:30:00Z"),
        ] {
            assert_eq!(of(text, now_ms).unwrap().to_string(), at, "{text}");
        }
        for text in ["", "h", "5", "tomorrow", "99999999999999999999s", "9223372036854775807w", "106751991167d"] {
            assert!(of(text, now_ms).is_err(), "{text}");
        }
    }
}
