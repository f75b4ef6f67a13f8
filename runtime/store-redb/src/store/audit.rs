//! Who has changed what.

use lockgate_core::audit::AuditRow;
use lockgate_core::ports::{Audit, AuditFilter, Order, Ordered, StoreError};

use super::RedbStore;
use crate::{audit, disk};

impl Audit for RedbStore {
    fn signed(&self, order: &Order, row: &AuditRow) -> Result<Ordered, StoreError> {
        let (ready, row) = (audit::ready(order, &self.names, self.reached.wanted()), disk::audit::encode(row));
        self.writer.write(ready.weight(), move |work| audit::signed(work, ready, &row))
    }

    fn audit(&self, filter: &AuditFilter, before: Option<u64>, limit: usize) -> Result<Vec<(u64, AuditRow)>, StoreError> {
        self.read(|view| audit::rows(view, filter, before, limit))
    }

    fn trim_audit(&self, rows_max: u64) -> Result<u64, StoreError> {
        self.write(1, move |work| audit::trim(work, rows_max))
    }
}
