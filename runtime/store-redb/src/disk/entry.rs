//! History entries and log lines in the file.

use lockgate_core::history::{Entry, LogLine, Outcome, Warning, Written};
use lockgate_core::task::TaskId;
use serde::{Deserialize, Serialize};

use super::failure::DiskFailure;
use super::words::Word;
use crate::fault::Fault;
use crate::names::{Interner, Known};

#[derive(Serialize, Deserialize)]
struct DiskEntry<'a> {
    task: u64,
    connector: u32,
    task_type: u8,
    data_type: u8,
    process_type: u8,
    site: u32,
    title: &'a str,
    #[serde(borrow)]
    outcome: DiskOutcome<'a>,
    attempts: u32,
    digest: &'a str,
    submitted_ms: i64,
    ended_ms: i64,
    guest_us: u64,
    memory_bytes: u64,
    #[serde(borrow)]
    written: Vec<(&'a str, &'a str, u8)>,
    written_total: u32,
    references_resolved: u32,
    #[serde(borrow)]
    warnings: Vec<(&'a str, &'a str)>,
}

/// Variants are numbered by position: add at the end only.
#[derive(Serialize, Deserialize)]
enum DiskOutcome<'a> {
    Stored,
    Skipped(&'a str),
    Failed(#[serde(borrow)] DiskFailure<'a>),
    Deleted(#[serde(borrow)] Option<DiskFailure<'a>>),
}

#[derive(Serialize, Deserialize)]
struct DiskLine<'a> {
    at_ms: i64,
    level: u8,
    source: u8,
    message: &'a str,
}

pub(crate) fn encode(entry: &Entry, names: &mut Interner<'_>) -> Vec<u8> {
    super::encode(&DiskEntry {
        task: entry.task.0,
        connector: names.id(entry.connector.as_str()),
        task_type: entry.task_type.byte(),
        data_type: entry.data_type.byte(),
        process_type: entry.process_type.byte(),
        site: names.site(entry.site.as_ref()),
        title: &entry.title,
        outcome: match &entry.outcome {
            Outcome::Stored => DiskOutcome::Stored,
            Outcome::Skipped(reason) => DiskOutcome::Skipped(reason),
            Outcome::Failed(failure) => DiskOutcome::Failed(failure.into()),
            Outcome::Deleted(failure) => DiskOutcome::Deleted(failure.as_ref().map(Into::into)),
        },
        attempts: entry.attempts,
        digest: &entry.digest,
        submitted_ms: entry.submitted_ms,
        ended_ms: entry.ended_ms,
        guest_us: entry.guest_us,
        memory_bytes: entry.memory_bytes,
        written: entry.written.iter().map(|w| (&*w.type_name, &*w.name, w.action.byte())).collect(),
        written_total: entry.written_total,
        references_resolved: entry.references_resolved,
        warnings: entry.warnings.iter().map(|w| (&*w.code, &*w.message)).collect(),
    })
}

pub(crate) fn decode(bytes: &[u8], names: &Known) -> Result<Entry, Fault> {
    let disk: DiskEntry<'_> = super::decode("history entry", bytes)?;
    let written = disk
        .written
        .into_iter()
        .map(|(type_name, name, action)| Ok(Written { type_name: type_name.into(), name: name.into(), action: Word::from_byte(action)? }));
    Ok(Entry {
        task: TaskId(disk.task),
        connector: names.connector(disk.connector)?,
        task_type: Word::from_byte(disk.task_type)?,
        data_type: Word::from_byte(disk.data_type)?,
        process_type: Word::from_byte(disk.process_type)?,
        site: names.maybe_site(disk.site)?,
        title: disk.title.into(),
        outcome: match disk.outcome {
            DiskOutcome::Stored => Outcome::Stored,
            DiskOutcome::Skipped(reason) => Outcome::Skipped(reason.into()),
            DiskOutcome::Failed(failure) => Outcome::Failed(failure.failure()?),
            DiskOutcome::Deleted(failure) => Outcome::Deleted(failure.as_ref().map(DiskFailure::failure).transpose()?),
        },
        attempts: disk.attempts,
        digest: disk.digest.into(),
        submitted_ms: disk.submitted_ms,
        ended_ms: disk.ended_ms,
        guest_us: disk.guest_us,
        memory_bytes: disk.memory_bytes,
        written: written.collect::<Result<_, Fault>>()?,
        written_total: disk.written_total,
        references_resolved: disk.references_resolved,
        warnings: disk.warnings.into_iter().map(|(code, message)| Warning { code: code.into(), message: message.into() }).collect(),
    })
}

/// The task alone.
pub(crate) fn task(bytes: &[u8]) -> Result<u64, Fault> {
    Ok(super::decode::<DiskEntry<'_>>("history entry", bytes)?.task)
}

pub(crate) fn encode_line(line: &LogLine) -> Vec<u8> {
    super::encode(&DiskLine { at_ms: line.at_ms, level: line.level.byte(), source: line.source.byte(), message: &line.message })
}

pub(crate) fn decode_line(bytes: &[u8]) -> Result<LogLine, Fault> {
    let disk: DiskLine<'_> = super::decode("log line", bytes)?;
    Ok(LogLine {
        at_ms: disk.at_ms,
        level: Word::from_byte(disk.level)?,
        source: Word::from_byte(disk.source)?,
        message: disk.message.into(),
    })
}
