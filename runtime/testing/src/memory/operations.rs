//! Operations, and what is left of each.

use std::collections::BTreeMap;

use lockgate_core::names::ConnectorName;
use lockgate_core::operation::{Came, NewOperation, Operation, OperationId, OperationState, PACKET_TASKS_MAX, Packet, Step};
use lockgate_core::ports::{Operations, Removal, Stand, Stood, StoreError, Upkeep as _};
use lockgate_core::task::TaskId;

use super::{MemoryStore, State};

#[derive(Debug, Default)]
pub(super) struct AllOperations {
    operations: BTreeMap<OperationId, Kept>,
    /// The last id that was given.
    last: u64,
}

#[derive(Debug)]
struct Kept {
    operation: Operation,
    packets: BTreeMap<(ConnectorName, u64), Vec<TaskId>>,
}

impl AllOperations {
    fn begin(&mut self, new: NewOperation, kept_max: u64) -> OperationId {
        let NewOperation { action, mut filter, tasks, started_ms } = new;
        filter.ids = None;
        self.last += 1;
        let id = OperationId(self.last);
        let meant = tasks.values().map(|tasks| tasks.len() as u64).sum();
        let packets: BTreeMap<_, _> = tasks
            .into_iter()
            .flat_map(|(name, tasks)| {
                let packets: Vec<Vec<TaskId>> = tasks.chunks(PACKET_TASKS_MAX).map(<[TaskId]>::to_vec).collect();
                packets.into_iter().zip(0u64..).map(move |(tasks, number)| ((name.clone(), number), tasks))
            })
            .collect();
        let (state, ended_ms) = if packets.is_empty() { (OperationState::Done, Some(started_ms)) } else { (OperationState::Running, None) };
        let came = Came::default();
        let operation = Operation { id, action, filter, state, started_ms, ended_ms, meant, came, why: None };
        self.operations.insert(id, Kept { operation, packets });
        let ended: Vec<OperationId> = self.operations.values().filter(|kept| !kept.runs()).map(|kept| kept.operation.id).collect();
        for id in ended.iter().rev().skip(usize::try_from(kept_max).unwrap_or(usize::MAX)) {
            self.operations.remove(id);
        }
        id
    }

    /// Whether what the step has dealt with is left.
    pub(super) fn fits(&self, step: &Step) -> bool {
        let Some(kept) = self.operations.get(&step.operation) else { return false };
        let packet = kept.packets.get(&(step.connector.clone(), step.packet));
        step.tasks.iter().all(|task| packet.is_some_and(|packet| packet.contains(task)))
    }

    /// One that fits.
    pub(super) fn step(&mut self, step: &Step) {
        let kept = self.operations.get_mut(&step.operation).expect("it fits");
        step.count(&mut kept.operation.came);
        let key = (step.connector.clone(), step.packet);
        if let Some(packet) = kept.packets.get_mut(&key) {
            packet.retain(|task| step.tasks.binary_search(task).is_err());
            if packet.is_empty() {
                kept.packets.remove(&key);
            }
        }
        if kept.packets.is_empty() && kept.runs() {
            kept.operation.state = OperationState::Done;
            kept.operation.ended_ms = Some(step.at_ms);
        }
    }
}

impl Kept {
    fn runs(&self) -> bool {
        self.operation.state == OperationState::Running
    }
}

impl Operations for MemoryStore {
    fn begin_operation(&self, operation: NewOperation, kept_max: u64) -> Result<OperationId, StoreError> {
        self.can_write()?;
        Ok(self.lock().operations.begin(operation, kept_max))
    }

    fn operation(&self, id: OperationId) -> Result<Option<Operation>, StoreError> {
        Ok(self.lock().operations.operations.get(&id).map(|kept| kept.operation.clone()))
    }

    fn operations(&self, before: Option<OperationId>, limit: usize) -> Result<Vec<Operation>, StoreError> {
        let state = self.lock();
        let all = state.operations.operations.values().rev().filter(|kept| before.is_none_or(|before| kept.operation.id < before));
        Ok(all.take(limit).map(|kept| kept.operation.clone()).collect())
    }

    fn running_operations(&self) -> Result<Vec<Operation>, StoreError> {
        let state = self.lock();
        Ok(state.operations.operations.values().filter(|kept| kept.runs()).map(|kept| kept.operation.clone()).collect())
    }

    fn packet(&self, id: OperationId, connector: Option<&ConnectorName>) -> Result<Option<Packet>, StoreError> {
        let state = self.lock();
        let Some(kept) = state.operations.operations.get(&id).filter(|kept| kept.runs()) else { return Ok(None) };
        let mut of = kept.packets.iter().filter(|((name, _), _)| connector.is_none_or(|connector| connector == name));
        Ok(of.next().map(|((name, number), tasks)| Packet { connector: name.clone(), number: *number, tasks: tasks.clone() }))
    }

    fn operation_connectors(&self, id: OperationId) -> Result<Vec<ConnectorName>, StoreError> {
        let state = self.lock();
        let Some(kept) = state.operations.operations.get(&id).filter(|kept| kept.runs()) else { return Ok(Vec::new()) };
        let mut names: Vec<ConnectorName> = kept.packets.keys().map(|(name, _)| name.clone()).collect();
        names.dedup();
        Ok(names)
    }

    fn carry_out(&self, stands: &[Stand], removals: Vec<Removal>, step: &Step) -> Result<(), StoreError> {
        self.can_write()?;
        let mut state = self.lock();
        let seen = stands.iter().map(|stand| (stand.id, stand.version));
        let seen = seen.chain(removals.iter().map(|removal| (removal.entry.task, removal.version)));
        let as_they_were = seen.map(|(id, version)| state.queues.owner(id, version)).all(|owner| owner.is_ok());
        if !as_they_were || !state.operations.fits(step) {
            return Err(StoreError::Conflict);
        }
        for stand in stands {
            state.stand_on_order(stand);
        }
        for removal in removals {
            state.remove_on_order(removal);
        }
        state.operations.step(step);
        Ok(())
    }

    fn end_operation(&self, id: OperationId, ends: OperationState, why: Option<&str>, at_ms: i64) -> Result<bool, StoreError> {
        self.can_write()?;
        let mut state = self.lock();
        let Some(kept) = state.operations.operations.get_mut(&id).filter(|kept| kept.runs()) else { return Ok(false) };
        kept.operation.state = ends;
        kept.operation.ended_ms = Some(at_ms);
        kept.operation.why = why.map(Into::into);
        Ok(true)
    }
}

impl State {
    /// An operator's change of a task; whether it was done.
    pub(super) fn stand_on_order(&mut self, stand: &Stand) -> Stood {
        match self.queues.owner(stand.id, stand.version) {
            Ok(connector) => {
                self.restand(&connector, stand.id, &stand.standing);
                Stood::Done
            }
            Err(stood) => stood,
        }
    }

    /// An operator's removal of a task; whether it was done.
    pub(super) fn remove_on_order(&mut self, removal: Removal) -> Stood {
        match self.queues.owner(removal.entry.task, removal.version) {
            Ok(connector) => {
                self.waiters.begin();
                let task = removal.entry.task;
                self.end(&connector, removal.entry);
                self.wake_for_end(task);
                Stood::Done
            }
            Err(stood) => stood,
        }
    }
}
