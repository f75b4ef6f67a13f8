//! What remains of tasks.

use std::collections::BTreeMap;

use lockgate_core::history::{Entry, LogLine, Outcome};
use lockgate_core::ports::HistoryFilter;
use lockgate_core::task::TaskId;

#[derive(Debug, Default)]
pub(super) struct Past {
    entries: BTreeMap<u64, Entry>,
    logs: BTreeMap<TaskId, Vec<LogLine>>,
    /// The last number that was given.
    last: u64,
}

impl Past {
    pub(super) fn add(&mut self, entry: Entry) {
        self.last += 1;
        self.entries.insert(self.last, entry);
    }

    pub(super) fn append(&mut self, task: TaskId, lines: &[LogLine]) {
        if !lines.is_empty() {
            let log = self.logs.entry(task).or_default();
            log.extend_from_slice(lines);
            log.drain(..log.len().saturating_sub(lockgate_core::history::LOG_LINES_KEPT_MAX as usize));
        }
    }

    pub(super) fn log(&self, task: TaskId) -> &[LogLine] {
        self.logs.get(&task).map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn forget_log(&mut self, task: TaskId) {
        self.logs.remove(&task);
    }

    pub(super) fn entries(&self, filter: &HistoryFilter, before: Option<u64>, limit: usize) -> Vec<(u64, Entry)> {
        let newest_first = self.entries.iter().rev();
        let meant = newest_first.filter(|(number, entry)| before.is_none_or(|before| **number < before) && filter.matches(entry));
        meant.take(limit).map(|(number, entry)| (*number, entry.clone())).collect()
    }

    /// Removes the oldest entries with their logs; tells which they were.
    pub(super) fn trim(&mut self, entries_max: u64) -> Vec<Entry> {
        let mut trimmed = Vec::new();
        while self.len() > entries_max
            && let Some((_, entry)) = self.entries.pop_first()
        {
            // What was mended says nothing of how its task has ended.
            if entry.outcome != Outcome::Mended {
                self.forget_log(entry.task);
            }
            trimmed.push(entry);
        }
        trimmed
    }

    /// When the newest entry's task ended.
    pub(super) fn newest_ended_ms(&self) -> Option<i64> {
        self.entries.last_key_value().map(|(_, entry)| entry.ended_ms)
    }

    /// When the newest entry's task ended, in ms since 1970.
    pub(super) fn newest_ms(&self) -> Option<i64> {
        self.entries.last_key_value().map(|(_, entry)| entry.ended_ms)
    }

    pub(super) fn len(&self) -> u64 {
        self.entries.len() as u64
    }
}
