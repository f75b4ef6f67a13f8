//! Orders, each with who gave it (§14).

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::Bus;
use lockgate_core::audit::{Actor, AuditAction, AuditRow};
use lockgate_core::ports::{AuditFilter, Order, Ordered, StoreError, unsigned};

/// After so many orders the oldest rows are removed beyond those that are kept.
const ORDERS_A_TRIM: u64 = 100;

impl Bus {
    /// The same bus. What is ordered by way of this handle is written down as this one's.
    #[must_use]
    pub fn signed_by(&self, actor: Actor) -> Self {
        Self { inner: self.inner.clone(), by: Some(Arc::new(actor)) }
    }

    /// Who gives orders by way of this handle.
    pub fn actor(&self) -> Option<&Actor> {
        self.by.as_deref()
    }

    /// Audit rows, newest first.
    pub fn audit(&self, filter: &AuditFilter, before: Option<u64>, limit: usize) -> Result<Vec<(u64, AuditRow)>, StoreError> {
        self.inner.parts.store.audit(filter, before, limit)
    }

    /// Writes down what changes nothing in the store: that the configuration was read again, or a try.
    pub fn note(&self, action: AuditAction, subject: &str, after: Option<&str>) -> Result<(), StoreError> {
        let Some(row) = self.row(action, subject) else { return Ok(()) };
        self.order(
            &Order::Nothing,
            Some(match after {
                Some(after) => row.after(after),
                None => row,
            }),
        )?;
        Ok(())
    }

    /// A row of whoever gives orders by way of this handle. `None`: nobody who is to be written down.
    pub(crate) fn row(&self, action: AuditAction, subject: &str) -> Option<AuditRow> {
        self.by.as_ref().map(|actor| AuditRow::new(self.now_ms(), actor, action, subject))
    }

    /// Carries out an order, with its row in the same transaction.
    pub(crate) fn order(&self, order: &Order, row: Option<AuditRow>) -> Result<Ordered, StoreError> {
        let store = &*self.inner.parts.store;
        let Some(row) = row else { return unsigned(store, order) };
        let ordered = store.signed(order, &row)?;
        if self.inner.orders.fetch_add(1, Ordering::Relaxed) % ORDERS_A_TRIM == 0
            && let Err(error) = store.trim_audit(self.settings().audit_rows_max)
        {
            tracing::warn!("the audit rows were not trimmed: {error}");
        }
        Ok(ordered)
    }
}
