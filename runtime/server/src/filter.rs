//! Which tasks are meant: the same words in a query and in a body.

use axum::http::StatusCode;
use lockgate_core::mark::Mark;
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{LastOutcome, TaskFilter};
use lockgate_core::task::TaskId;

use crate::json::Members;
use crate::query::{Query, whole_number};
use crate::wire::problem::Problem;

/// The parameters of a filter, in every list of tasks.
pub(crate) const FILTERS: [&str; 13] = [
    "connector",
    "state",
    "failing",
    "code",
    "path",
    "process_type",
    "attempts_min",
    "waits_for",
    "task_type",
    "title",
    "since",
    "until",
    "group",
];

/// The members of one in a body: besides, single tasks.
pub(crate) const MEMBERS: [&str; 14] = [
    "ids",
    "connector",
    "state",
    "failing",
    "code",
    "path",
    "process_type",
    "attempts_min",
    "waits_for",
    "task_type",
    "title",
    "since",
    "until",
    "group",
];

/// Of a query.
pub(crate) fn of_query(query: &Query) -> Result<TaskFilter, Problem> {
    Ok(TaskFilter {
        ids: None,
        connector: query.connector()?,
        state: query.word("state")?,
        last: query.one_of("failing", &["true", "false"])?.map(|word| last(word == "true")),
        code: query.word("code")?,
        path: query.text("path").map(ToOwned::to_owned),
        process_type: query.word("process_type")?,
        attempts_min: query.read_as("attempts_min", attempts)?,
        waits_for: query.read_as("waits_for", mark)?,
        task_type: query.word("task_type")?,
        title: query.text("title").map(ToOwned::to_owned),
        since_ms: query.time_ms("since")?,
        until_ms: query.time_ms("until")?,
        group: query.read_as("group", group)?,
    })
}

/// Of an object in a body.
pub(crate) fn of_members(members: &Members<'_>) -> Result<TaskFilter, String> {
    let connector = members.text("connector")?.map(|name| ConnectorName::new(&name).map_err(|error| error.to_string()));
    Ok(TaskFilter {
        ids: members.numbers("ids")?.map(|ids| ids.into_iter().map(TaskId).collect()),
        connector: connector.transpose()?,
        state: word(members, "state")?,
        last: members.flag("failing")?.map(last),
        code: word(members, "code")?,
        path: members.text("path")?,
        process_type: word(members, "process_type")?,
        attempts_min: members.number("attempts_min")?.map(|number| u32::try_from(number).unwrap_or(u32::MAX)),
        waits_for: members.text("waits_for")?.as_deref().map(mark).transpose()?,
        task_type: word(members, "task_type")?,
        title: members.text("title")?,
        since_ms: time(members, "since")?,
        until_ms: time(members, "until")?,
        group: members.text("group")?.as_deref().map(group).transpose()?,
    })
}

/// Nothing at all is meant by nothing.
pub(crate) fn missing() -> Problem {
    let detail = format!("say which tasks are meant: at least one of {}, or all: true", MEMBERS.join(", "));
    Problem::new(StatusCode::BAD_REQUEST, "filter-missing", detail)
}

fn last(failing: bool) -> LastOutcome {
    if failing { LastOutcome::Failed } else { LastOutcome::NotFailed }
}

fn attempts(text: &str) -> Result<u32, String> {
    whole_number(text).and_then(|n| u32::try_from(n).ok()).ok_or_else(|| format!("{text:?} is not a whole number from 0 to {}", u32::MAX))
}

/// As `mark` in the list of what is missing.
fn mark(text: &str) -> Result<Mark, String> {
    digits(text).ok_or_else(|| format!("{text:?} is not a mark: 16 hexadecimal digits, as the list of what is missing has them"))
}

/// As `group` in the list of failures.
fn group(text: &str) -> Result<Mark, String> {
    digits(text).ok_or_else(|| format!("{text:?} is not a group: 16 hexadecimal digits, as the list of failures has them"))
}

fn digits(text: &str) -> Option<Mark> {
    let digits = text.len() == 16 && text.bytes().all(|b| b.is_ascii_hexdigit());
    digits.then(|| text.parse().ok()).flatten()
}

fn word<T: std::str::FromStr<Err: ToString>>(members: &Members<'_>, name: &str) -> Result<Option<T>, String> {
    members.text(name)?.map(|word| word.parse::<T>().map_err(|error| error.to_string())).transpose()
}

fn time(members: &Members<'_>, name: &str) -> Result<Option<i64>, String> {
    let read = |text: String| {
        let time = text.parse::<jiff::Timestamp>().map(jiff::Timestamp::as_millisecond);
        time.map_err(|_| format!("{name}: {text:?} is not a time as RFC 3339 writes it, such as 2026-01-31T12:00:00Z"))
    };
    members.text(name)?.map(read).transpose()
}
