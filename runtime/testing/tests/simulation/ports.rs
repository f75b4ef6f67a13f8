//! The port's five parts, for a simulation: what is asked is let through, and what comes of it is watched.

use std::collections::BTreeMap;
use std::sync::Arc;

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
use lockgate_core::ports::{
    Audit, AuditFilter, Backup, Claim, Claimed, Clock, Configuration, ConnectorRecord, Content, Counts, Due, DueTask, Force, Generation,
    GrantsDigest, HistoryFilter, Journal, Lease, Missing, ModelPut, Operations, Order, Ordered, Queue, Registry, Removal, Removed, Stand,
    StateMap, Stood, StoreError, Submitted, Switches, TaskFilter, Upkeep, Waiter, unsigned,
};
use lockgate_core::rows::{BindingId, BindingRow, NodeId, ObjectId, ObjectRow, PageRow};
use lockgate_core::task::{NewTask, Task, TaskHead, TaskId, TaskState};

use super::faulty::Broken;
use super::journal::Committed;
use super::store::SimStore;

impl Queue for SimStore {
    fn submit(&self, as_of: Generation, tasks: Vec<NewTask>, queue_tasks_max: u64) -> Result<Vec<Submitted>, StoreError> {
        let fault = self.fault(true)?;
        let result = self.shared.faulty.submit(as_of, tasks.clone(), queue_tasks_max);
        let mut journal = self.journal();
        if result.is_ok() {
            for task in &tasks {
                let name = task.connector();
                let new = journal.rights.is_new(name, as_of);
                journal.rule(new, || format!("a task for {name} was admitted by generation {as_of} and queued"));
                let (connectors, switches) = (&journal.rights.configuration.connectors, journal.rights.configuration.switches);
                let takes = switches.logging && connectors.iter().any(|record| record.name == *name && record.enabled);
                journal.rule(takes, || format!("a task for {name} was queued, which takes none"));
            }
        }
        for (task, submitted) in tasks.iter().zip(result.iter().flatten()) {
            journal.submitted(task, *submitted, queue_tasks_max);
        }
        drop(journal);
        self.afterwards(fault, result)
    }

    fn claim(&self, claim: &Claim<'_>) -> Result<Claimed, StoreError> {
        self.gate()?;
        let claimed = self.shared.faulty.claim(claim)?;
        let mut journal = self.journal();
        let wrong = journal.rights.claimed(self.life, claim, &claimed);
        journal.violations.extend(wrong);
        Ok(claimed)
    }

    fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        self.gate()?;
        self.journal().rights.released(self.life, lease);
        self.shared.faulty.inner.release(lease)
    }

    fn fetch(&self, connector: &ConnectorName, after: Option<TaskId>, tasks_max: usize, bytes_max: usize) -> Result<Vec<Task>, StoreError> {
        self.point(false)?;
        let mut journal = self.journal();
        journal.out_of_turn.remove(&(self.life, connector.clone()));
        if after.is_none() {
            journal.begin_pass(self.life, connector, self.shared.clock.now_ms());
        }
        drop(journal);
        self.shared.faulty.fetch(connector, after, tasks_max, bytes_max)
    }

    fn task(&self, id: TaskId) -> Result<Option<Task>, StoreError> {
        self.point(false)?;
        let task = self.shared.faulty.inner.task(id)?;
        if let Some(task) = &task {
            // Nobody asks for one task but who runs it out of turn.
            self.journal().out_of_turn.insert((self.life, task.connector.clone()), id);
        }
        Ok(task)
    }

    fn heads(&self, ids: &[TaskId]) -> Result<Vec<TaskHead>, StoreError> {
        self.gate()?;
        let heads = self.shared.faulty.inner.heads(ids);
        self.point(false)?;
        heads
    }

    fn tasks(&self, filter: &TaskFilter, after: Option<TaskId>, limit: usize) -> Result<Vec<TaskHead>, StoreError> {
        self.gate()?;
        let tasks = self.shared.faulty.inner.tasks(filter, after, limit);
        self.point(false)?;
        tasks
    }

    fn stand(&self, stands: &[Stand]) -> Result<Vec<Stood>, StoreError> {
        self.gate()?;
        let before = self.shared.faulty.inner.heads(&stands.iter().map(|stand| stand.id).collect::<Vec<_>>())?;
        let stood = self.shared.faulty.stand(stands)?;
        let mut journal = self.journal();
        for (stand, stood) in stands.iter().zip(&stood) {
            let queued = before.iter().find(|head| head.id == stand.id).map(|head| head.version);
            journal.stood(stand.id, stand.version, queued, *stood);
        }
        Ok(stood)
    }

    fn edit(&self, edit: &Edit) -> Result<Stood, StoreError> {
        self.gate()?;
        self.shared.faulty.inner.edit(edit)
    }

    fn edits(&self, id: TaskId) -> Result<Option<Edits>, StoreError> {
        self.gate()?;
        self.shared.faulty.inner.edits(id)
    }

    fn remove(&self, removals: Vec<Removal>) -> Result<Vec<Stood>, StoreError> {
        self.gate()?;
        let before = self.shared.faulty.inner.heads(&removals.iter().map(|removal| removal.entry.task).collect::<Vec<_>>())?;
        let stood = self.shared.faulty.remove(removals.clone())?;
        let subs = self.shared.subs();
        let mut journal = self.journal();
        for (Removal { version, entry }, stood) in removals.iter().zip(&stood) {
            let queued = before.iter().find(|head| head.id == entry.task).map(|head| head.version);
            journal.stood(entry.task, *version, queued, *stood);
            if *stood == Stood::Done {
                journal.enter(&self.shared.setup, &subs, entry, false);
            }
        }
        Ok(stood)
    }

    fn due(
        &self,
        connector: &ConnectorName,
        after: Option<TaskId>,
        tasks_max: usize,
        bytes_max: usize,
    ) -> Result<Vec<DueTask>, StoreError> {
        self.point(false)?;
        self.shared.faulty.inner.due(connector, after, tasks_max, bytes_max)
    }

    fn loose_due(&self, connector: &ConnectorName, limit: usize) -> Result<Vec<Arc<LooseEnd>>, StoreError> {
        self.point(false)?;
        self.shared.faulty.inner.loose_due(connector, limit)
    }

    fn work_off(&self, lease: &Lease, limit: usize) -> Result<bool, StoreError> {
        self.point(false)?;
        self.shared.faulty.inner.work_off(lease, limit)
    }

    fn make_due(&self, ids: &[TaskId], how: Due) -> Result<(), StoreError> {
        self.point(false)?;
        self.shared.faulty.inner.make_due(ids, how)
    }

    fn stirred(&self) -> Result<Vec<ConnectorName>, StoreError> {
        self.gate()?;
        self.shared.faulty.inner.stirred()
    }

    fn in_lines(&self, connector: &ConnectorName) -> Result<u64, StoreError> {
        self.gate()?;
        self.shared.faulty.inner.in_lines(connector)
    }

    fn line(&self, connector: &ConnectorName, lines: &[Line], limit: usize) -> Result<Vec<TaskHead>, StoreError> {
        self.gate()?;
        self.shared.faulty.inner.line(connector, lines, limit)
    }

    fn bringing(&self, marks: &[Mark], limit: usize) -> Result<Vec<TaskHead>, StoreError> {
        self.gate()?;
        self.shared.faulty.inner.bringing(marks, limit)
    }

    fn standing(
        &self,
        connector: &ConnectorName,
        state: TaskState,
        after: Option<TaskId>,
        limit: usize,
    ) -> Result<Vec<TaskHead>, StoreError> {
        self.gate()?;
        self.shared.faulty.inner.standing(connector, state, after, limit)
    }

    fn parked_before(&self, connector: &ConnectorName, since_ms: i64, limit: usize) -> Result<Vec<TaskHead>, StoreError> {
        self.gate()?;
        self.shared.faulty.inner.parked_before(connector, since_ms, limit)
    }

    fn missing(&self, after: Option<Mark>, limit: usize) -> Result<Vec<Missing>, StoreError> {
        self.gate()?;
        self.shared.faulty.inner.missing(after, limit)
    }

    fn waiters(&self, mark: Mark, limit: usize) -> Result<Vec<Waiter>, StoreError> {
        self.gate()?;
        self.shared.faulty.inner.waiters(mark, limit)
    }
}

impl Operations for SimStore {
    fn begin_operation(&self, operation: NewOperation, kept_max: u64) -> Result<OperationId, StoreError> {
        self.gate()?;
        self.shared.faulty.inner.begin_operation(operation, kept_max)
    }

    fn operation(&self, id: OperationId) -> Result<Option<Operation>, StoreError> {
        self.gate()?;
        self.shared.faulty.inner.operation(id)
    }

    fn operations(&self, before: Option<OperationId>, limit: usize) -> Result<Vec<Operation>, StoreError> {
        self.gate()?;
        self.shared.faulty.inner.operations(before, limit)
    }

    fn running_operations(&self) -> Result<Vec<Operation>, StoreError> {
        self.gate()?;
        self.shared.faulty.inner.running_operations()
    }

    fn packet(&self, id: OperationId, connector: Option<&ConnectorName>) -> Result<Option<Packet>, StoreError> {
        self.gate()?;
        self.shared.faulty.inner.packet(id, connector)
    }

    fn operation_connectors(&self, id: OperationId) -> Result<Vec<ConnectorName>, StoreError> {
        self.gate()?;
        self.shared.faulty.inner.operation_connectors(id)
    }

    fn carry_out(&self, stands: &[Stand], removals: Vec<Removal>, step: &Step) -> Result<(), StoreError> {
        self.gate()?;
        self.point(false)?;
        self.shared.faulty.inner.carry_out(stands, removals.clone(), step)?;
        let subs = self.shared.subs();
        let mut journal = self.journal();
        for stand in stands {
            journal.stood(stand.id, stand.version, Some(stand.version), Stood::Done);
        }
        for Removal { version, entry } in &removals {
            journal.stood(entry.task, *version, Some(*version), Stood::Done);
            journal.enter(&self.shared.setup, &subs, entry, false);
        }
        Ok(())
    }

    fn end_operation(&self, id: OperationId, state: OperationState, why: Option<&str>, at_ms: i64) -> Result<bool, StoreError> {
        self.gate()?;
        self.shared.faulty.inner.end_operation(id, state, why, at_ms)
    }
}

impl Content for SimStore {
    fn load(&self, keys: &[Key]) -> Result<Loaded, StoreError> {
        self.point(false)?;
        let loaded = self.shared.faulty.inner.load(keys);
        self.point(true)?;
        loaded
    }

    fn reserve_ids(&self, count: u64) -> Result<u64, StoreError> {
        self.point(false)?;
        self.shared.faulty.inner.reserve_ids(count)
    }

    fn commit(&self, lease: &Lease, effects: &Effects) -> Result<(), StoreError> {
        let fault = self.fault(false)?;
        let before = self.shared.tasks();
        let result = self.shared.faulty.commit(lease, effects);
        if let Err(error) = result {
            self.journal().refused(&error);
            return Err(error);
        }
        let (subs, now_ms) = (self.shared.subs(), self.shared.clock.now_ms());
        let setup = &self.shared.setup;
        self.journal().committed(&Committed { setup, subs: &subs, life: self.life, lease, effects, before: &before, now_ms });
        drop(subs);
        self.afterwards(fault, result)
    }

    fn amend(&self, connector: &ConnectorName, effects: &Effects) -> Result<(), StoreError> {
        self.point(false)?;
        self.shared.faulty.inner.amend(connector, effects)
    }

    fn objects(&self, object_type: Option<&TypeName>, after: Option<ObjectId>, limit: usize) -> Result<Vec<Arc<ObjectRow>>, StoreError> {
        self.shared.faulty.inner.objects(object_type, after, limit)
    }

    fn pages_under(&self, site: &SiteName, parent: Option<NodeId>) -> Result<Vec<Arc<PageRow>>, StoreError> {
        self.shared.faulty.inner.pages_under(site, parent)
    }

    fn pages(&self, after: Option<NodeId>, limit: usize) -> Result<Vec<Arc<PageRow>>, StoreError> {
        self.shared.faulty.inner.pages(after, limit)
    }

    fn bindings(&self, after: Option<BindingId>, limit: usize) -> Result<Vec<Arc<BindingRow>>, StoreError> {
        self.shared.faulty.inner.bindings(after, limit)
    }
}

impl Registry for SimStore {
    fn generation(&self) -> Result<Generation, StoreError> {
        self.gate()?;
        self.shared.faulty.inner.generation()
    }

    fn configuration(&self) -> Result<Configuration, StoreError> {
        self.gate()?;
        self.shared.faulty.inner.configuration()
    }

    fn put_connector(&self, as_of: Generation, record: &ConnectorRecord, component: Option<&[u8]>) -> Result<(), StoreError> {
        self.point(false)?;
        self.shared.faulty.inner.put_connector(self.shared.faulty.as_of(as_of, Broken::OverwritesGeneration)?, record, component)?;
        let mut journal = self.journal();
        let new = journal.rights.is_record_new(&record.name, as_of) || journal.rights.is_newest(self.shared.faulty.inner.generation()?);
        journal.rule(new, || format!("{} was changed by generation {as_of}, which is old", record.name));
        drop(journal);
        self.configured(Some(&record.name));
        Ok(())
    }

    fn remove_connector(&self, name: &ConnectorName, force: Force) -> Result<Removed, StoreError> {
        self.point(false)?;
        let mut between = Ok(());
        let removed = self.shared.faulty.remove_connector(name, force, || between = self.point(false))?;
        between?;
        if let Removed::Gone(count) = removed {
            let mut journal = self.journal();
            let queued = journal.queued.iter().filter(|(id, of)| *of == name && !journal.entered(**id) && !journal.removed.contains(id));
            let tasks: Vec<TaskId> = queued.map(|(id, _)| *id).collect();
            journal.rule(tasks.len() as u64 == count, || format!("{name} was removed with {tasks:?}, and {count} were counted"));
            journal.connector_removed(name, force, &tasks);
            drop(journal);
            self.configured(Some(name));
        }
        Ok(removed)
    }

    fn component(&self, digest: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.gate()?;
        self.shared.faulty.inner.component(digest)
    }

    fn put_model(
        &self,
        as_of: Generation,
        files: &BTreeMap<String, String>,
        model: &ContentModel,
        unused: &Unused,
    ) -> Result<ModelPut, StoreError> {
        self.point(false)?;
        let put =
            self.shared.faulty.inner.put_model(self.shared.faulty.as_of(as_of, Broken::OverwritesGeneration)?, files, model, unused)?;
        self.put_base(as_of)?;
        Ok(put)
    }

    fn put_switches(&self, as_of: Generation, switches: Switches) -> Result<(), StoreError> {
        self.point(false)?;
        self.shared.faulty.inner.put_switches(self.shared.faulty.as_of(as_of, Broken::OverwritesGeneration)?, switches)?;
        self.put_base(as_of)
    }

    fn put_grants(&self, as_of: Generation, grants: GrantsDigest) -> Result<(), StoreError> {
        self.point(false)?;
        self.shared.faulty.inner.put_grants(self.shared.faulty.as_of(as_of, Broken::OverwritesGeneration)?, grants)?;
        self.put_base(as_of)
    }

    fn state(&self, connector: &ConnectorName) -> Result<StateMap, StoreError> {
        self.gate()?;
        self.shared.faulty.inner.state(connector)
    }

    fn clear_state(&self, connector: &ConnectorName) -> Result<u64, StoreError> {
        self.gate()?;
        let keys = self.shared.faulty.inner.clear_state(connector)?;
        self.journal().fold.state.remove(connector);
        self.configured(Some(connector));
        Ok(keys)
    }

    fn secret_key(&self) -> Result<[u8; 32], StoreError> {
        self.shared.faulty.inner.secret_key()
    }
}

impl SimStore {
    fn put_base(&self, as_of: Generation) -> Result<(), StoreError> {
        let mut journal = self.journal();
        let new = journal.rights.is_base_new(as_of) || journal.rights.is_newest(self.shared.faulty.inner.generation()?);
        journal.rule(new, || format!("model, switches or grants were changed by generation {as_of}, which is old"));
        drop(journal);
        self.configured(None);
        Ok(())
    }
}

impl Journal for SimStore {
    fn log(&self, id: TaskId, limit: usize) -> Result<Vec<LogLine>, StoreError> {
        self.gate()?;
        self.shared.faulty.inner.log(id, limit)
    }

    fn history(&self, filter: &HistoryFilter, before: Option<u64>, limit: usize) -> Result<Vec<(u64, Entry)>, StoreError> {
        self.gate()?;
        self.shared.faulty.inner.history(filter, before, limit)
    }

    fn trim_history(&self, entries_max: u64) -> Result<u64, StoreError> {
        self.gate()?;
        let trimmed = self.shared.faulty.inner.trim_history(entries_max)?;
        self.journal().trim(trimmed as usize);
        Ok(trimmed)
    }
}

impl Audit for SimStore {
    fn signed(&self, order: &Order, row: &AuditRow) -> Result<Ordered, StoreError> {
        let ordered = unsigned(self, order)?;
        if ordered.changed() {
            self.shared.faulty.inner.signed(&Order::Nothing, row)?;
        }
        Ok(ordered)
    }

    fn audit(&self, filter: &AuditFilter, before: Option<u64>, limit: usize) -> Result<Vec<(u64, AuditRow)>, StoreError> {
        self.gate()?;
        self.shared.faulty.inner.audit(filter, before, limit)
    }

    fn trim_audit(&self, rows_max: u64) -> Result<u64, StoreError> {
        self.gate()?;
        self.shared.faulty.inner.trim_audit(rows_max)
    }
}

impl Upkeep for SimStore {
    fn counts(&self) -> Result<Counts, StoreError> {
        self.gate()?;
        self.shared.faulty.inner.counts()
    }

    fn backup(&self) -> Result<Backup, StoreError> {
        self.shared.faulty.inner.backup()
    }
}
