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

/// Days looked ahead: a leap day on a given weekday is at most forty years off.
const DAYS_AHEAD_MAX: i64 = 366 * 41;

impl Schedule {
    /// Numbers, names of months and weekdays, `*`, lists, ranges and steps. Refuses what never comes.
    pub fn parse(schedule: &str) -> Result<Self, ScheduleError> {
        let error = |problem: String| ScheduleError { schedule: schedule.to_owned(), problem };
        let fields: Vec<&str> = schedule.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields.as_slice() else {
            return Err(error(format!("it has {} fields", fields.len())));
        };
        let mut weekdays = WEEKDAYS.read(weekday).map_err(error)?;
        if weekdays & (1 << 7) != 0 {
            weekdays |= 1;
        }
        let parsed = Self {
            minutes: MINUTES.read(minute).map_err(error)?,
            hours: HOURS.read(hour).map_err(error)?,
            days: DAYS.read(day).map_err(error)?,
            months: MONTHS.read(month).map_err(error)?,
            weekdays,
            // As in cronie: a day field that begins with a star only narrows down, as in `*/2`.
            either_day: !day.starts_with('*') && !weekday.starts_with('*'),
        };
        match parsed.next_after(0) {
            Some(_) => Ok(parsed),
            None => Err(error("no month has this day".to_owned())),
        }
    }

    /// The first minute after a moment (ms since 1970) that fits, in ms since 1970.
    pub fn next_after(&self, now_ms: i64) -> Option<i64> {
        let now = Timestamp::from_millisecond(now_ms).ok()?.to_zoned_datetime(TimeZone::UTC);
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
                    let at = date.at(hour, minute, 0, 0).to_zoned_datetime(TimeZone::UTC).ok()?.timestamp().as_millisecond();
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

/// What one of the five fields may hold.
struct Range {
    min: u32,
    max: u32,
    /// Names of the numbers from `min` on.
    names: &'static [&'static str],
}

const MINUTES: Range = Range { min: 0, max: 59, names: &[] };
const HOURS: Range = Range { min: 0, max: 23, names: &[] };
const DAYS: Range = Range { min: 1, max: 31, names: &[] };
const MONTHS: Range =
    Range { min: 1, max: 12, names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"] };
/// Sunday is 0 and 7.
const WEEKDAYS: Range = Range { min: 0, max: 7, names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"] };

impl Range {
    fn read(&self, text: &str) -> Result<u64, String> {
        let mut bits = 0;
        for part in text.split(',') {
            bits |= self.part(part)?;
        }
        Ok(bits)
    }

    /// A number, a range or `*`, with or without a step.
    fn part(&self, part: &str) -> Result<u64, String> {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, self.step(step)?),
            None => (part, 1),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (self.min, self.max),
            Some((from, to)) => (self.number(from)?, self.number(to)?),
            None if part.contains('/') => (self.number(range)?, self.max),
            None => (self.number(range)?, self.number(range)?),
        };
        if from > to {
            return Err(format!("{range:?} runs backwards"));
        }
        Ok((from..=to).step_by(step).fold(0, |bits, at| bits | 1 << at))
    }

    /// A step that leads out of the field at once says nothing: the writer meant something else.
    fn step(&self, text: &str) -> Result<usize, String> {
        let step = digits(text).and_then(|step| usize::try_from(step).ok());
        step.filter(|step| (1..=self.max as usize).contains(step)).ok_or_else(|| format!("{text:?} is not a step from 1 to {}", self.max))
    }

    fn number(&self, text: &str) -> Result<u32, String> {
        let named = self.names.iter().position(|name| name.eq_ignore_ascii_case(text)).and_then(|at| u32::try_from(at).ok());
        let number = named.map(|at| self.min + at).or_else(|| digits(text));
        number.filter(|number| (self.min..=self.max).contains(number)).ok_or_else(|| {
            let or_name = if self.names.is_empty() { "" } else { ", nor a name of three letters" };
            format!("{text:?} is not a number from {} to {}{or_name}", self.min, self.max)
        })
    }
}

/// Digits and nothing else: no sign.
fn digits(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
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
        for wrong in ["", "* * * *", "60 * * * *", "5-1 * * * *", "*/0 * * * *", "x * * * *", "* * * * 7-1", "1-5/0 * * * *"] {
            assert!(Schedule::parse(wrong).is_err(), "{wrong}");
        }
        for wrong in ["+5 * * * *", "1,,2 * * * *", "1-2-3 * * * *", "*/5/2 * * * *", "mon * * * *", "* * * * monday", "* * 0 * *"] {
            assert!(Schedule::parse(wrong).is_err(), "{wrong}");
        }
    }

    /// The sum of position and step ran over: a panic, or a schedule that is never due.
    #[test]
    fn a_step_out_of_its_field_is_refused() {
        for wrong in ["*/4294967295 * * * *", "59/4294967295 * * * *", "*/4294967296 * * * *", "*/60 * * * *", "* */24 * * *"] {
            assert!(Schedule::parse(wrong).is_err(), "{wrong}");
        }
        assert_eq!(next("*/59 * * * *", "2026-01-31T12:00:00Z"), "2026-01-31T12:59:00Z");
    }

    /// `*/2` is every other day, and begins with a star: both day fields must fit, as in cronie.
    #[test]
    fn a_day_field_with_a_star_and_a_step_only_narrows_down() {
        // Mondays on odd days; 2026-02-02 is a Monday, 2026-02-09 the next.
        assert_eq!(next("0 0 */2 * 1", "2026-02-01T00:00:00Z"), "2026-02-09T00:00:00Z");
        assert_eq!(next("0 0 1 * */2", "2026-01-02T00:00:00Z"), "2026-02-01T00:00:00Z", "a Sunday");
        assert_eq!(next("0 0 1 * */2", "2026-02-02T00:00:00Z"), "2026-03-01T00:00:00Z", "a Sunday");
        assert_eq!(next("0 0 1 * */2", "2026-03-02T00:00:00Z"), "2026-08-01T00:00:00Z", "a Saturday; the firsts between are odd");
        assert_eq!(next("0 0 13 * 5", "2026-01-13T00:00:00Z"), "2026-01-16T00:00:00Z", "either of two that say days");
    }

    #[test]
    fn months_and_weekdays_have_names() {
        assert_eq!(next("0 9 * JAN,Jul Mon-fri", "2026-02-01T00:00:00Z"), next("0 9 * 1,7 1-5", "2026-02-01T00:00:00Z"));
    }

    #[test]
    fn a_day_that_no_month_has_is_refused() {
        assert!(Schedule::parse("0 0 30 2 *").is_err() && Schedule::parse("0 0 31 4,6 *").is_err());
        assert!(Schedule::parse("0 0 30 2 1").is_ok(), "Mondays in February");
        assert_eq!(next("0 0 29 2 */7", "2026-01-01T00:00:00Z"), "2032-02-29T00:00:00Z", "a Sunday");
    }
}
