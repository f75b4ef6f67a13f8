//! The journal's port.

use lockgate_core::history::{Entry, LogLine};
use lockgate_core::ports::{HistoryFilter, Journal, StoreError};
use lockgate_core::task::TaskId;

use super::PgStore;
use crate::journal;

impl Journal for PgStore {
    fn log(&self, id: TaskId, limit: usize) -> Result<Vec<LogLine>, StoreError> {
        journal::log(self, id, limit)
    }

    fn history(&self, filter: &HistoryFilter, before: Option<u64>, limit: usize) -> Result<Vec<(u64, Entry)>, StoreError> {
        journal::history(self, filter, before, limit)
    }

    fn trim_history(&self, entries_max: u64) -> Result<u64, StoreError> {
        journal::trim(self, entries_max)
    }
}
