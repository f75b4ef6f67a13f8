//! What is known of a task since a pass came to it, in the file.

use lockgate_core::mark::Mark;
use lockgate_core::park::{Line, LineKind, Waiting, Want};
use lockgate_core::task::TaskId;
use serde::{Deserialize, Serialize};

use super::words::Word;
use crate::Fault;

/// A mark: its bytes are all alike, so a number of changing length would be longer.
pub type DiskMark = [u8; 8];

/// What is known of a task that waits.
#[derive(Serialize, Deserialize)]
pub struct DiskWaiting<'a> {
    /// Since when it waits, in ms since 1970.
    pub since_ms: i64,
    lines: Vec<(u8, DiskMark)>,
    brings: Vec<DiskMark>,
    helpers: Vec<DiskMark>,
    #[serde(borrow)]
    wants: Vec<DiskWant<'a>>,
    group_wants: Vec<DiskMark>,
    behind: Option<u64>,
}

/// One thing that is wanted.
#[derive(Serialize, Deserialize)]
pub struct DiskWant<'a> {
    mark: DiskMark,
    what: &'a str,
    #[serde(borrow)]
    external: Option<&'a str>,
}

/// A mark's bytes.
pub fn disk_mark(mark: Mark) -> DiskMark {
    mark.0.to_le_bytes()
}

/// The mark in these bytes.
pub fn mark(disk: DiskMark) -> Mark {
    Mark(u64::from_le_bytes(disk))
}

impl<'a> From<&'a Want> for DiskWant<'a> {
    fn from(want: &'a Want) -> Self {
        Self { mark: disk_mark(want.mark), what: &want.what, external: want.external.as_deref() }
    }
}

impl From<&DiskWant<'_>> for Want {
    fn from(disk: &DiskWant<'_>) -> Self {
        Self { mark: mark(disk.mark), what: disk.what.into(), external: disk.external.map(Into::into) }
    }
}

impl<'a> From<&'a Waiting> for DiskWaiting<'a> {
    fn from(waiting: &'a Waiting) -> Self {
        Self {
            since_ms: waiting.since_ms,
            lines: waiting.lines.iter().map(|line| (line.kind.byte(), disk_mark(line.mark))).collect(),
            brings: waiting.brings.iter().copied().map(disk_mark).collect(),
            helpers: waiting.helpers.iter().copied().map(disk_mark).collect(),
            wants: waiting.wants.iter().map(Into::into).collect(),
            group_wants: waiting.group_wants.iter().copied().map(disk_mark).collect(),
            behind: waiting.behind.map(|task| task.0),
        }
    }
}

impl DiskWaiting<'_> {
    /// All of it.
    pub fn waiting(&self) -> Result<Waiting, Fault> {
        Ok(Waiting {
            since_ms: self.since_ms,
            lines: self.lines()?,
            brings: marks(&self.brings),
            helpers: marks(&self.helpers),
            wants: self.wants.iter().map(Into::into).collect(),
            group_wants: marks(&self.group_wants),
            behind: self.behind.map(TaskId),
        })
    }

    /// What it is found by.
    pub fn found_by(&self) -> Result<FoundBy, Fault> {
        Ok(FoundBy {
            since_ms: self.since_ms,
            lines: self.lines()?,
            brings: marks(&self.brings),
            wants: self.wants.iter().map(|want| mark(want.mark)).collect(),
            group_wants: marks(&self.group_wants),
        })
    }

    fn lines(&self) -> Result<Vec<Line>, Fault> {
        self.lines.iter().map(|(kind, of)| Ok(Line { kind: LineKind::from_byte(*kind)?, mark: mark(*of) })).collect()
    }
}

fn marks(disk: &[DiskMark]) -> Vec<Mark> {
    disk.iter().copied().map(mark).collect()
}

/// What a waiting task is found by, without the words.
#[derive(Debug, Clone, Default)]
pub struct FoundBy {
    /// Since when it waits, in ms since 1970.
    pub since_ms: i64,
    /// Its lines.
    pub lines: Vec<Line>,
    /// What it would bring.
    pub brings: Vec<Mark>,
    /// What it wants.
    pub wants: Vec<Mark>,
    /// What a group of it wants.
    pub group_wants: Vec<Mark>,
}

impl From<&Waiting> for FoundBy {
    fn from(waiting: &Waiting) -> Self {
        Self {
            since_ms: waiting.since_ms,
            lines: waiting.lines.clone(),
            brings: waiting.brings.clone(),
            wants: waiting.wants.iter().map(|want| want.mark).collect(),
            group_wants: waiting.group_wants.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_of_a_task_comes_back() {
        let waiting = Waiting {
            since_ms: -7,
            lines: vec![Line { kind: LineKind::List, mark: Mark(u64::MAX) }, Line::submitted("x")],
            brings: vec![Mark(1)],
            helpers: vec![Mark(9), Mark(8)],
            wants: vec![
                Want { mark: Mark(2), what: "a role".into(), external: Some("ext".into()) },
                Want { mark: Mark(3), what: "".into(), external: None },
            ],
            group_wants: vec![Mark(4), Mark(5)],
            behind: Some(TaskId(0)),
        };
        for waiting in [waiting, Waiting::default()] {
            let bytes = super::super::encode(&DiskWaiting::from(&waiting));
            let disk: DiskWaiting<'_> = super::super::decode("waiting", &bytes).unwrap();
            assert_eq!(disk.waiting().unwrap(), waiting);
        }
    }
}
