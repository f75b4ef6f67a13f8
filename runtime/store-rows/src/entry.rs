//! History entries and log lines in the file.

use lockgate_core::history::{Counted, Entry, LogLine, Outcome, Used, Warning, Written};
use lockgate_core::task::TaskId;
use serde::{Deserialize, Serialize};

use super::failure::DiskFailure;
use super::words::Word;
use super::{FORMAT_1, FORMAT_2, FORMAT_3};
use crate::Fault;
use crate::names::{Intern, Known};

const WHAT: &str = "history entry";

/// Formats differ in what they say of use. Every format begins with the task.
#[derive(Serialize, Deserialize)]
struct DiskEntry<'a, U> {
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
    used: U,
    #[serde(borrow)]
    written: Vec<(&'a str, &'a str, u8)>,
    written_total: u32,
    references_resolved: u32,
    #[serde(borrow)]
    warnings: Vec<(&'a str, &'a str)>,
}

/// Format 1.
#[derive(Serialize, Deserialize)]
struct DiskUsed1 {
    guest_us: u64,
    memory_bytes: u64,
}

/// Format 3: what it says more comes last.
#[derive(Serialize, Deserialize)]
struct DiskEntry3<'a> {
    #[serde(borrow)]
    entry: DiskEntry<'a, DiskUsed2>,
    inserted: u32,
    updated: u32,
    deleted: u32,
    unchanged: u32,
    warnings_total: u32,
    together: Vec<u64>,
}

/// Formats 2 and 3.
#[derive(Serialize, Deserialize)]
struct DiskUsed2 {
    guest_us: u64,
    longest_call_us: u64,
    deadline_ms: u64,
    memory_bytes: u64,
    memory_bytes_max: u64,
    output_bytes: u64,
    output_bytes_max: u64,
    http_calls: u32,
    http_calls_max: u32,
    http_bytes: u64,
    http_bytes_max: u64,
}

/// Variants are numbered by position: add at the end only.
#[derive(Serialize, Deserialize)]
enum DiskOutcome<'a> {
    Stored,
    Skipped(&'a str),
    Failed(#[serde(borrow)] DiskFailure<'a>),
    Deleted(#[serde(borrow)] Option<DiskFailure<'a>>),
    Unchanged,
    Superseded,
    Absent,
    Mended,
}

#[derive(Serialize, Deserialize)]
struct DiskLine<'a> {
    at_ms: i64,
    level: u8,
    source: u8,
    message: &'a str,
}

impl From<DiskUsed1> for Used {
    fn from(disk: DiskUsed1) -> Self {
        Self { guest_us: disk.guest_us, memory_bytes: disk.memory_bytes, ..Self::default() }
    }
}

impl From<DiskUsed2> for Used {
    fn from(disk: DiskUsed2) -> Self {
        Self {
            guest_us: disk.guest_us,
            longest_call_us: disk.longest_call_us,
            deadline_ms: disk.deadline_ms,
            memory_bytes: disk.memory_bytes,
            memory_bytes_max: disk.memory_bytes_max,
            output_bytes: disk.output_bytes,
            output_bytes_max: disk.output_bytes_max,
            http_calls: disk.http_calls,
            http_calls_max: disk.http_calls_max,
            http_bytes: disk.http_bytes,
            http_bytes_max: disk.http_bytes_max,
        }
    }
}

impl From<&Used> for DiskUsed2 {
    fn from(used: &Used) -> Self {
        Self {
            guest_us: used.guest_us,
            longest_call_us: used.longest_call_us,
            deadline_ms: used.deadline_ms,
            memory_bytes: used.memory_bytes,
            memory_bytes_max: used.memory_bytes_max,
            output_bytes: used.output_bytes,
            output_bytes_max: used.output_bytes_max,
            http_calls: used.http_calls,
            http_calls_max: used.http_calls_max,
            http_bytes: used.http_bytes,
            http_bytes_max: used.http_bytes_max,
        }
    }
}

/// An entry's bytes.
pub fn encode(entry: &Entry, names: &mut dyn Intern) -> Vec<u8> {
    let Counted { inserted, updated, deleted, unchanged } = entry.counted;
    let warnings_total = entry.warnings_total;
    let together = entry.together.iter().map(|task| task.0).collect();
    let entry = disk_entry(entry, DiskUsed2::from(&entry.used), names);
    super::encode_as(FORMAT_3, &DiskEntry3 { entry, inserted, updated, deleted, unchanged, warnings_total, together })
}

fn disk_entry<'a, U>(entry: &'a Entry, used: U, names: &mut dyn Intern) -> DiskEntry<'a, U> {
    DiskEntry {
        task: entry.task.0,
        connector: names.id(entry.connector.as_str()),
        task_type: entry.task_type.byte(),
        data_type: entry.data_type.byte(),
        process_type: entry.process_type.byte(),
        site: names.site(entry.site.as_ref()),
        title: &entry.title,
        outcome: match &entry.outcome {
            Outcome::Stored => DiskOutcome::Stored,
            Outcome::Unchanged => DiskOutcome::Unchanged,
            Outcome::Superseded => DiskOutcome::Superseded,
            Outcome::Absent => DiskOutcome::Absent,
            Outcome::Mended => DiskOutcome::Mended,
            Outcome::Skipped(reason) => DiskOutcome::Skipped(reason),
            Outcome::Failed(failure) => DiskOutcome::Failed(failure.into()),
            Outcome::Deleted(failure) => DiskOutcome::Deleted(failure.as_ref().map(Into::into)),
        },
        attempts: entry.attempts,
        digest: &entry.digest,
        submitted_ms: entry.submitted_ms,
        ended_ms: entry.ended_ms,
        used,
        written: entry.written.iter().map(|w| (&*w.type_name, &*w.name, w.action.byte())).collect(),
        written_total: entry.written_total,
        references_resolved: entry.references_resolved,
        warnings: entry.warnings.iter().map(|w| (&*w.code, &*w.message)).collect(),
    }
}

/// The entry in these bytes.
pub fn decode(bytes: &[u8], names: &Known) -> Result<Entry, Fault> {
    match super::split(WHAT, bytes)? {
        (FORMAT_1, fields) => entry::<DiskUsed1>(super::decode_fields(WHAT, fields)?, names),
        (FORMAT_2, fields) => entry::<DiskUsed2>(super::decode_fields(WHAT, fields)?, names),
        (FORMAT_3, fields) => {
            let disk: DiskEntry3<'_> = super::decode_fields(WHAT, fields)?;
            let DiskEntry3 { inserted, updated, deleted, unchanged, warnings_total, .. } = disk;
            let together = disk.together.iter().copied().map(TaskId).collect();
            let counted = Counted { inserted, updated, deleted, unchanged };
            Ok(Entry { counted, warnings_total, together, ..entry(disk.entry, names)? })
        }
        (format, _) => Err(super::unknown(WHAT, format)),
    }
}

fn entry<U: Into<Used>>(disk: DiskEntry<'_, U>, names: &Known) -> Result<Entry, Fault> {
    let written = disk
        .written
        .into_iter()
        .map(|(type_name, name, action)| Ok(Written { type_name: type_name.into(), name: name.into(), action: Word::from_byte(action)? }));
    Ok(Entry {
        task: TaskId(disk.task),
        together: Vec::new(),
        connector: names.connector(disk.connector)?,
        task_type: Word::from_byte(disk.task_type)?,
        data_type: Word::from_byte(disk.data_type)?,
        process_type: Word::from_byte(disk.process_type)?,
        site: names.maybe_site(disk.site)?,
        title: disk.title.into(),
        outcome: match disk.outcome {
            DiskOutcome::Stored => Outcome::Stored,
            DiskOutcome::Unchanged => Outcome::Unchanged,
            DiskOutcome::Superseded => Outcome::Superseded,
            DiskOutcome::Absent => Outcome::Absent,
            DiskOutcome::Mended => Outcome::Mended,
            DiskOutcome::Skipped(reason) => Outcome::Skipped(reason.into()),
            DiskOutcome::Failed(failure) => Outcome::Failed(failure.failure()?),
            DiskOutcome::Deleted(failure) => Outcome::Deleted(failure.as_ref().map(DiskFailure::failure).transpose()?),
        },
        attempts: disk.attempts,
        digest: disk.digest.into(),
        submitted_ms: disk.submitted_ms,
        ended_ms: disk.ended_ms,
        used: disk.used.into(),
        written: written.collect::<Result<_, Fault>>()?,
        written_total: disk.written_total,
        counted: Counted::default(),
        references_resolved: disk.references_resolved,
        warnings_total: u32::try_from(disk.warnings.len()).unwrap_or(u32::MAX),
        warnings: disk.warnings.into_iter().map(|(code, message)| Warning { code: code.into(), message: message.into() }).collect(),
    })
}

/// The task alone.
pub fn task(bytes: &[u8]) -> Result<u64, Fault> {
    match super::split(WHAT, bytes)? {
        (FORMAT_1 | FORMAT_2 | FORMAT_3, fields) => {
            postcard::take_from_bytes(fields).map(|(task, _)| task).map_err(|error| Fault::row(WHAT, error))
        }
        (format, _) => Err(super::unknown(WHAT, format)),
    }
}

/// A log line's bytes.
pub fn encode_line(line: &LogLine) -> Vec<u8> {
    super::encode(&DiskLine { at_ms: line.at_ms, level: line.level.byte(), source: line.source.byte(), message: &line.message })
}

/// The log line in these bytes.
pub fn decode_line(bytes: &[u8]) -> Result<LogLine, Fault> {
    let disk: DiskLine<'_> = super::decode("log line", bytes)?;
    Ok(LogLine {
        at_ms: disk.at_ms,
        level: Word::from_byte(disk.level)?,
        source: Word::from_byte(disk.source)?,
        message: disk.message.into(),
    })
}

#[cfg(test)]
mod tests {
    use lockgate_core::failure::{Code, Failure};
    use lockgate_core::history::Action;
    use lockgate_core::names::ConnectorName;
    use lockgate_core::task::{DataType, ProcessType, TaskType};

    use super::*;
    use crate::names::Names;

    fn an_entry() -> Entry {
        Entry {
            task: TaskId(300),
            connector: ConnectorName::new("shop").unwrap(),
            task_type: TaskType::UpdateObject,
            data_type: DataType::Snapshot,
            process_type: ProcessType::Default,
            site: None,
            title: "a title".into(),
            outcome: Outcome::Failed(Failure::new(Code::Trap, "unreachable")),
            attempts: 2,
            digest: "00ff".into(),
            submitted_ms: 1,
            ended_ms: 2,
            used: Used { guest_us: 1_000, memory_bytes: 1 << 40, ..Used::default() },
            written: vec![Written { type_name: "cms.user".into(), name: "ann".into(), action: Action::Inserted }],
            written_total: 1,
            counted: Counted::default(),
            references_resolved: 3,
            warnings: vec![Warning { code: "default-used".into(), message: "a default was taken".into() }],
            warnings_total: 1,
            together: Vec::new(),
        }
    }

    #[test]
    fn an_entry_of_format_1_is_read_with_zeros_for_what_it_does_not_say() {
        let (entry, names) = (an_entry(), Names::default());
        let used = DiskUsed1 { guest_us: entry.used.guest_us, memory_bytes: entry.used.memory_bytes };
        let old = super::super::encode(&disk_entry(&entry, used, &mut names.interner()));
        assert_eq!(decode(&old, &names.known()).unwrap(), entry);
        assert_eq!(task(&old).unwrap(), 300);
    }

    #[test]
    fn an_entry_says_more_since_format_3() {
        let names = Names::default();
        let counted = Counted { inserted: 1, updated: 2, deleted: 3, unchanged: u32::MAX };
        for outcome in [Outcome::Unchanged, Outcome::Superseded, Outcome::Absent, Outcome::Mended] {
            let entry = Entry { outcome, counted, warnings_total: 1_000, ..an_entry() };
            let bytes = encode(&entry, &mut names.interner());
            assert_eq!(decode(&bytes, &names.known()).unwrap(), entry);
            assert_eq!(task(&bytes).unwrap(), 300);
        }
        let old = super::super::encode_as(FORMAT_2, &disk_entry(&an_entry(), DiskUsed2::from(&an_entry().used), &mut names.interner()));
        assert_eq!(decode(&old, &names.known()).unwrap(), an_entry());
    }

    #[test]
    fn every_code_is_read_back() {
        let names = Names::default();
        for code in Code::ALL {
            let entry = Entry { outcome: Outcome::Failed(Failure::new(*code, "why")), ..an_entry() };
            let bytes = encode(&entry, &mut names.interner());
            assert_eq!(decode(&bytes, &names.known()).unwrap(), entry);
            assert_eq!(task(&bytes).unwrap(), 300);
        }
    }
}
