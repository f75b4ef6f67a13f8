//! The broken store as a store.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use lockgate_core::audit::AuditRow;
use lockgate_core::edit::{Edit, Edits};
use lockgate_core::effects::Effects;
use lockgate_core::history::{Entry, LogLine};
use lockgate_core::key::{Key, Loaded};
use lockgate_core::mark::Mark;
use lockgate_core::model::{ContentModel, Unused};
use lockgate_core::names::{ConnectorName, SiteName, TypeName};
use lockgate_core::operation::{NewOperation, Operation, OperationId, OperationState, Packet, Step};
use lockgate_core::park::{Line, LooseEnd};
use lockgate_core::ports::*;
use lockgate_core::rows::{BindingId, BindingRow, NodeId, ObjectId, ObjectRow, PageRow};
use lockgate_core::task::{NewTask, Task, TaskHead, TaskId, TaskState};
use lockgate_testing::new_task;

use super::faulty::{Broken, Faulty, dawdle};

/// Methods that only hand on.
macro_rules! hands_on {
    ($($name:ident($($argument:ident: $kind:ty),*) -> $answer:ty;)*) => {
        $(fn $name(&self, $($argument: $kind),*) -> Result<$answer, StoreError> {
            self.inner.$name($($argument),*)
        })*
    };
}

impl Queue for Faulty {
    hands_on! {
        task(id: TaskId) -> Option<Task>;
        edit(edit: &Edit) -> Stood;
        edits(id: TaskId) -> Option<Edits>;
        heads(ids: &[TaskId]) -> Vec<TaskHead>;
        tasks(filter: &TaskFilter, after: Option<TaskId>, limit: usize) -> Vec<TaskHead>;
        due(connector: &ConnectorName, after: Option<TaskId>, tasks_max: usize, bytes_max: usize) -> Vec<DueTask>;
        loose_due(connector: &ConnectorName, limit: usize) -> Vec<Arc<LooseEnd>>;
        work_off(lease: &Lease, limit: usize) -> bool;
        make_due(ids: &[TaskId], how: Due) -> ();
        stirred() -> Vec<ConnectorName>;
        in_lines(connector: &ConnectorName) -> u64;
        line(connector: &ConnectorName, lines: &[Line], limit: usize) -> Vec<TaskHead>;
        bringing(marks: &[Mark], limit: usize) -> Vec<TaskHead>;
        standing(connector: &ConnectorName, state: TaskState, after: Option<TaskId>, limit: usize) -> Vec<TaskHead>;
        parked_before(connector: &ConnectorName, since_ms: i64, limit: usize) -> Vec<TaskHead>;
        missing(after: Option<Mark>, limit: usize) -> Vec<Missing>;
        waiters(mark: Mark, limit: usize) -> Vec<Waiter>;
    }

    fn submit(&self, as_of: Generation, tasks: Vec<NewTask>, queue_tasks_max: u64) -> Result<Vec<Submitted>, StoreError> {
        match self.broken {
            Broken::IgnoresGenerationOfSubmissions => self.inner.submit(self.inner.generation()?, tasks, queue_tasks_max),
            Broken::OneGenerationForAll if as_of != self.inner.generation()? => Err(StoreError::Stale),
            Broken::ForgetsKeys => {
                let tasks = tasks.iter().map(|task| new_task(task.connector(), b"x")).collect();
                self.inner.submit(as_of, tasks, queue_tasks_max)
            }
            Broken::Overfills => self.inner.submit(as_of, tasks, queue_tasks_max.saturating_add(1)),
            Broken::BreaksAfterARefusal if self.was_refused.load(Ordering::SeqCst) => Err(StoreError::Unavailable("aborted".to_owned())),
            _ => self.inner.submit(as_of, tasks, queue_tasks_max),
        }
    }

    fn claim(&self, claim: &Claim<'_>) -> Result<Claimed, StoreError> {
        let everything: BTreeSet<ConnectorName> = self.inner.configuration()?.connectors.into_iter().map(|record| record.name).collect();
        let claim = match self.broken {
            Broken::GivesToEveryone => Claim { now_ms: i64::MAX, ..*claim },
            Broken::ForgetsTime => Claim { now_ms: 0, ..*claim },
            Broken::CountsEveryClaim => Claim { held: &BTreeSet::new(), ..*claim },
            Broken::TrustsNames => Claim { held: &everything, ..*claim },
            _ => *claim,
        };
        let claimed = self.inner.claim(&claim)?;
        if let Claimed::Yes(lease) = &claimed {
            self.remember(lease);
        }
        Ok(claimed)
    }

    fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        if matches!(self.broken, Broken::IgnoresReleases) { Ok(()) } else { self.inner.release(lease) }
    }

    fn fetch(&self, connector: &ConnectorName, after: Option<TaskId>, tasks_max: usize, bytes_max: usize) -> Result<Vec<Task>, StoreError> {
        let mut tasks = self.inner.fetch(connector, after, tasks_max, bytes_max)?;
        if matches!(self.broken, Broken::Reorders) {
            tasks.reverse();
        }
        Ok(tasks)
    }

    fn stand(&self, stands: &[Stand]) -> Result<Vec<Stood>, StoreError> {
        let mut stands = stands.to_vec();
        if matches!(self.broken, Broken::IgnoresVersionsInStands) {
            for stand in &mut stands {
                stand.version = self.inner.heads(&[stand.id])?.first().map_or(stand.version, |head| head.version);
            }
        }
        self.inner.stand(&stands)
    }

    fn remove(&self, mut removals: Vec<Removal>) -> Result<Vec<Stood>, StoreError> {
        if matches!(self.broken, Broken::IgnoresVersionsInRemovals) {
            for removal in &mut removals {
                removal.version = self.inner.heads(&[removal.entry.task])?.first().map_or(removal.version, |head| head.version);
            }
        }
        self.inner.remove(removals)
    }
}

impl Content for Faulty {
    hands_on! {
        reserve_ids(count: u64) -> u64;
        amend(connector: &ConnectorName, effects: &Effects) -> ();
        objects(object_type: Option<&TypeName>, after: Option<ObjectId>, limit: usize) -> Vec<Arc<ObjectRow>>;
        pages_under(site: &SiteName, parent: Option<NodeId>) -> Vec<Arc<PageRow>>;
        pages(after: Option<NodeId>, limit: usize) -> Vec<Arc<PageRow>>;
        bindings(after: Option<BindingId>, limit: usize) -> Vec<Arc<BindingRow>>;
    }

    fn load(&self, keys: &[Key]) -> Result<Loaded, StoreError> {
        Self::load(self, keys)
    }

    fn commit(&self, lease: &Lease, effects: &Effects) -> Result<(), StoreError> {
        Self::commit(self, lease, effects)
    }
}

impl Operations for Faulty {
    hands_on! {
        begin_operation(operation: NewOperation, kept_max: u64) -> OperationId;
        operation(id: OperationId) -> Option<Operation>;
        operations(before: Option<OperationId>, limit: usize) -> Vec<Operation>;
        running_operations() -> Vec<Operation>;
        packet(id: OperationId, connector: Option<&ConnectorName>) -> Option<Packet>;
        operation_connectors(id: OperationId) -> Vec<ConnectorName>;
        carry_out(stands: &[Stand], removals: Vec<Removal>, step: &Step) -> ();
        end_operation(id: OperationId, state: OperationState, why: Option<&str>, at_ms: i64) -> bool;
    }
}

impl Registry for Faulty {
    hands_on! {
        component(digest: &str) -> Option<Vec<u8>>;
        state(connector: &ConnectorName) -> StateMap;
        clear_state(connector: &ConnectorName) -> u64;
        secret_key() -> [u8; 32];
        configuration() -> Configuration;
    }

    fn generation(&self) -> Result<Generation, StoreError> {
        Self::generation(self)
    }

    fn put_connector(&self, as_of: Generation, record: &ConnectorRecord, component: Option<&[u8]>) -> Result<(), StoreError> {
        self.inner.put_connector(self.as_of_change(as_of)?, record, component)
    }

    fn remove_connector(&self, name: &ConnectorName, force: Force) -> Result<Removed, StoreError> {
        if !matches!(self.broken, Broken::CountsBeforeRemoving) {
            return self.inner.remove_connector(name, force);
        }
        let counts = self.inner.counts()?;
        let tasks = [&counts.queued, &counts.failed].map(|by| by.get(name).copied().unwrap_or(0)).iter().sum();
        if tasks > 0 && force == Force::No {
            return Ok(Removed::HasTasks(tasks));
        }
        dawdle();
        Ok(match self.inner.remove_connector(name, Force::Yes)? {
            Removed::Gone(_) => Removed::Gone(tasks),
            other => other,
        })
    }

    fn put_model(
        &self,
        as_of: Generation,
        files: &BTreeMap<String, String>,
        model: &ContentModel,
        unused: &Unused,
    ) -> Result<ModelPut, StoreError> {
        // The first is the one with which a check begins.
        if self.models.fetch_add(1, Ordering::SeqCst) > 0 && matches!(self.broken, Broken::NeverInTime) {
            return Err(StoreError::Stale);
        }
        let nothing = Unused::default();
        let unused = if matches!(self.broken, Broken::IgnoresUnused) { &nothing } else { unused };
        self.inner.put_model(self.as_of_change(as_of)?, files, model, unused)
    }

    fn put_switches(&self, as_of: Generation, switches: Switches) -> Result<(), StoreError> {
        self.inner.put_switches(self.as_of_change(as_of)?, switches)
    }

    fn put_grants(&self, as_of: Generation, grants: GrantsDigest) -> Result<(), StoreError> {
        self.inner.put_grants(self.as_of_change(as_of)?, grants)
    }
}

impl Journal for Faulty {
    hands_on! {
        log(id: TaskId, limit: usize) -> Vec<LogLine>;
        history(filter: &HistoryFilter, before: Option<u64>, limit: usize) -> Vec<(u64, Entry)>;
        trim_history(entries_max: u64) -> u64;
    }
}

impl Audit for Faulty {
    fn signed(&self, order: &Order, row: &AuditRow) -> Result<Ordered, StoreError> {
        let ordered = unsigned(self, order)?;
        if ordered.changed() {
            self.inner.signed(&Order::Nothing, row)?;
        }
        Ok(ordered)
    }

    hands_on! {
        audit(filter: &AuditFilter, before: Option<u64>, limit: usize) -> Vec<(u64, AuditRow)>;
        trim_audit(rows_max: u64) -> u64;
    }
}

impl Upkeep for Faulty {
    hands_on! {
        counts() -> Counts;
        backup() -> Backup;
    }
}
