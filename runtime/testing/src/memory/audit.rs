//! Who has changed what, and edits.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use lockgate_core::audit::AuditRow;
use lockgate_core::edit::{Edit, Edits, may_edit};
use lockgate_core::ports::{Audit, AuditFilter, Order, Ordered, Stood, StoreError, unsigned};

use super::{MemoryStore, State};

/// Rows by number.
#[derive(Debug, Default)]
pub(super) struct Rows(BTreeMap<u64, AuditRow>);

impl Rows {
    pub(super) fn push(&mut self, row: &AuditRow) {
        let number = self.0.last_key_value().map_or(1, |(last, _)| last + 1);
        self.0.insert(number, row.clone());
    }
}

impl State {
    pub(super) fn edit(&mut self, edit: &Edit) -> Stood {
        let connector = match self.queues.owner(edit.id, edit.version) {
            Ok(connector) => connector,
            Err(stood) => return stood,
        };
        let Some(task) = self.queues.get_mut(&connector, edit.id).filter(|task| may_edit(task.state)) else { return Stood::Changed };
        let before = std::mem::replace(&mut task.external, edit.external.clone());
        task.head.version = task.head.version.next();
        task.head.media_type = edit.external.media_type.clone();
        task.head.external_bytes = edit.external.body.len() as u64;
        self.edits.entry(edit.id).or_insert(Edits { original: before, edits: Vec::new() }).push(edit);
        Stood::Done
    }
}

impl Audit for MemoryStore {
    fn signed(&self, order: &Order, row: &AuditRow) -> Result<Ordered, StoreError> {
        // Whoever looks for the row of a change that he sees waits until it is there.
        let mut rows = self.audit.lock().unwrap_or_else(PoisonError::into_inner);
        let ordered = unsigned(self, order)?;
        if ordered.changed() {
            rows.push(row);
        }
        Ok(ordered)
    }

    fn audit(&self, filter: &AuditFilter, before: Option<u64>, limit: usize) -> Result<Vec<(u64, AuditRow)>, StoreError> {
        let rows = self.audit.lock().unwrap_or_else(PoisonError::into_inner);
        let meant = rows.0.range(..before.unwrap_or(u64::MAX)).rev().filter(|(_, row)| filter.matches(row));
        Ok(meant.take(limit).map(|(number, row)| (*number, row.clone())).collect())
    }

    fn trim_audit(&self, rows_max: u64) -> Result<u64, StoreError> {
        let mut rows = self.audit.lock().unwrap_or_else(PoisonError::into_inner);
        let beyond = (rows.0.len() as u64).saturating_sub(rows_max.max(1));
        for _ in 0..beyond {
            rows.0.pop_first();
        }
        Ok(beyond)
    }
}
