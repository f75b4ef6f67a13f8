//! Orders, each with who gave it (§14).

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::Bus;
use lockgate_core::audit::{Actor, AuditAction, AuditRow};
use lockgate_core::ports::{AuditFilter, LastOutcome, Order, Ordered, StoreError, TaskFilter, unsigned};

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
        if self.inner.orders.fetch_add(1, Ordering::Relaxed).is_multiple_of(ORDERS_A_TRIM)
            && let Err(error) = store.trim_audit(self.settings().audit_rows_max)
        {
            tracing::warn!("the audit rows were not trimmed: {error}");
        }
        Ok(ordered)
    }
}

/// Which tasks a filter means, for people: `code invalid, path name`.
pub(crate) fn filter_words(filter: &TaskFilter) -> String {
    let TaskFilter { ids, connector, state, last, code, path, process_type, attempts_min, waits_for, task_type, title, .. } = filter;
    let words = [
        ids.as_ref().map(|ids| format!("{} tasks by id", ids.len())),
        connector.as_ref().map(|name| format!("connector {name}")),
        state.map(|state| format!("state {state}")),
        last.map(|last| if last == LastOutcome::Failed { "failing".to_owned() } else { "not failing".to_owned() }),
        code.map(|code| format!("code {}", code.as_str())),
        path.as_ref().map(|path| format!("path {path}")),
        process_type.map(|process_type| format!("process type {process_type}")),
        attempts_min.map(|attempts| format!("tried {attempts} times or more")),
        waits_for.map(|mark| format!("waits for {mark}")),
        task_type.map(|task_type| format!("task type {task_type}")),
        title.as_ref().map(|title| format!("title has {title}")),
        filter.since_ms.map(|ms| format!("submitted since {ms} ms")),
        filter.until_ms.map(|ms| format!("submitted until {ms} ms")),
        filter.group.map(|group| format!("group {group}")),
    ];
    let words: Vec<String> = words.into_iter().flatten().collect();
    if words.is_empty() { "all".to_owned() } else { words.join(", ") }
}
