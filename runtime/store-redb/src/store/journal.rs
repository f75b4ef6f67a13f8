//! What remains of tasks.

use lockgate_core::history::{Entry, LogLine};
use lockgate_core::ports::{HistoryFilter, Journal, StoreError};
use lockgate_core::task::TaskId;

use super::RedbStore;
use crate::{history, read, traces};

/// History entries that one transaction removes at most.
const TRIM_BATCH: u64 = 5_000;
/// The same of tombstones that are kept no longer.
const TOMBS_BATCH: usize = 5_000;

impl Journal for RedbStore {
    fn log(&self, id: TaskId, limit: usize) -> Result<Vec<LogLine>, StoreError> {
        self.read(|view| read::log(view, id, limit))
    }

    fn history(&self, filter: &HistoryFilter, before: Option<u64>, limit: usize) -> Result<Vec<(u64, Entry)>, StoreError> {
        self.read(|view| read::history(view, filter, before, limit))
    }

    fn trim_history(&self, entries_max: u64) -> Result<u64, StoreError> {
        let mut total = 0;
        loop {
            let weight = usize::try_from(TRIM_BATCH).unwrap_or(usize::MAX);
            let (removed, tombs) =
                self.write(weight, move |work| Ok((history::trim(work, entries_max, TRIM_BATCH)?, traces::trim(work, TOMBS_BATCH)?)))?;
            total += removed;
            if removed < TRIM_BATCH && tombs < TOMBS_BATCH {
                return Ok(total);
            }
        }
    }
}
