//! Cron schedules in UTC (§3): minute, hour, day of month, month, day of week.

use std::str::FromStr;

use jiff::{Timestamp, civil, tz::TimeZone};

/// A parsed schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// Whether both day fields are restricted: then either is enough, as in cron.
    either_day: bool,
}

/// What is wrong with a schedule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("schedule {schedule:?}: {problem}; five fields are wanted, as in \"*/5 * * * *\"")]
pub struct ScheduleError {
    schedule: String,
    problem: String,
}

/// Days looked ahead: a leap day is at most eight years off.
const DAYS_AHEAD_MAX: i64 = 366 * 9;

impl Schedule {
    /// Numbers, `*`, lists, ranges and steps.
    pub fn parse(schedule: &str) -> Result<Self, ScheduleError> {
        let error = |problem: String| ScheduleError { schedule: schedule.to_owned(), problem };
        let fields: Vec<&str> = schedule.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields.as_slice() else {
            return Err(error(format!("it has {} fields", fields.len())));
        };
        let mut weekdays = field(weekday, 0, 7).map_err(error)?;
        if weekdays & (1 << 7) != 0 {
            weekdays |= 1;
        }
        Ok(Self {
            minutes: field(minute, 0, 59).map_err(error)?,
            hours: field(hour, 0, 23).map_err(error)?,
            days: field(day, 1, 31).map_err(error)?,
            months: field(month, 1, 12).map_err(error)?,
            weekdays,
            either_day: *day != "*" && *weekday != "*",
        })
    }

    /// The first minute after a moment (ms since 1970) that fits, in ms since 1970.
    pub fn next_after(&self, now_ms: i64) -> Option<i64> {
        let now = Timestamp::from_millisecond(now_ms).ok()?.to_zoned(TimeZone::UTC);
        let today = now.date();
        for ahead in 0..DAYS_AHEAD_MAX {
            let date = today.checked_add(jiff::Span::new().try_days(ahead).ok()?).ok()?;
            if !self.day_fits(date) {
                continue;
            }
            for hour in 0..24i8 {
                for minute in 0..60i8 {
                    if self.hours & (1 << hour) == 0 || self.minutes & (1 << minute) == 0 {
                        continue;
                    }
                    let at = date.at(hour, minute, 0, 0).to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond();
                    if at > now_ms {
                        return Some(at);
                    }
                }
            }
        }
        None
    }

    fn day_fits(&self, date: civil::Date) -> bool {
        let month = self.months & (1 << date.month()) != 0;
        let day = self.days & (1 << date.day()) != 0;
        let weekday = self.weekdays & (1 << date.weekday().to_sunday_zero_offset()) != 0;
        month && if self.either_day { day || weekday } else { day && weekday }
    }
}

impl FromStr for Schedule {
    type Err = ScheduleError;
    fn from_str(schedule: &str) -> Result<Self, ScheduleError> {
        Self::parse(schedule)
    }
}

fn field(text: &str, min: u32, max: u32) -> Result<u64, String> {
    let mut bits = 0u64;
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, step.parse::<u32>().ok().filter(|s| *s > 0).ok_or_else(|| format!("{step:?} is no step"))?),
            None => (part, 1),
        };
        let number = |text: &str| match text.parse::<u32>() {
            Ok(number) if (min..=max).contains(&number) => Ok(number),
            _ => Err(format!("{text:?} is not a number from {min} to {max}")),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (min, max),
            Some((from, to)) => (number(from)?, number(to)?),
            None if part.contains('/') => (number(range)?, max),
            None => (number(range)?, number(range)?),
        };
        if from > to {
            return Err(format!("{range:?} runs backwards"));
        }
        let mut at = from;
        while at <= to {
            bits |= 1 << at;
            at += step;
        }
    }
    Ok(bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(schedule: &str, now: &str) -> String {
        let now: Timestamp = now.parse().unwrap();
        let next = Schedule::parse(schedule).unwrap().next_after(now.as_millisecond()).unwrap();
        Timestamp::from_millisecond(next).unwrap().to_string()
    }

    #[test]
    fn a_schedule_finds_the_next_minute_that_fits() {
        assert_eq!(next("*/5 * * * *", "2026-01-31T12:05:00Z"), "2026-01-31T12:10:00Z");
        assert_eq!(next("30 2 * * 1-5", "2026-01-30T03:00:00Z"), "2026-02-02T02:30:00Z");
        assert_eq!(next("0 0 29 2 *", "2026-03-01T00:00:00Z"), "2028-02-29T00:00:00Z");
        assert_eq!(next("0 12 1 * 0", "2026-01-02T00:00:00Z"), "2026-01-04T12:00:00Z");
    }

    #[test]
    fn a_wrong_schedule_is_refused_with_its_place() {
        for wrong in ["", "* * * *", "60 * * * *", "5-1 * * * *", "*/0 * * * *", "x * * * *"] {
            assert!(Schedule::parse(wrong).is_err(), "{wrong}");
        }
    }
}
