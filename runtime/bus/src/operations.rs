//! Operations over many tasks (§9): ordered by whoever may go away, carried out here. What changes tasks is done by
//! one thread, a packet in each transaction; what tries them, by the connectors' workers.

mod clerk;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::tasks::{TaskError, removal, sets_going, stand};
use crate::{Bus, Inner};
pub(crate) use clerk::Clerk;
use lockgate_core::audit::AuditAction;
use lockgate_core::names::ConnectorName;
use lockgate_core::operation::{
    Came, NewOperation, OPERATIONS_RUNNING_MAX, Operation, OperationId, OperationState, Packet, Preview, Step, TaskAction, stands_failed,
};
use lockgate_core::ports::{LastOutcome, Order, Ordered, Removal, Stand, StoreError, TaskFilter};
use lockgate_core::task::{ProcessType, TaskHead, TaskId};

/// Tasks that are looked at, at a time, to find those that are meant.
const LOOK_PAGE: usize = 10_000;
/// How often a packet is looked at again because somebody was faster, before less of it is taken at a time.
const CONFLICTS_MAX: u32 = 8;

/// What came of an action over many tasks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bulk {
    /// Tasks that the action was carried out on.
    pub done: u64,
    /// Retried tasks that failed again.
    pub failed: u64,
}

impl Bus {
    /// Which tasks an action would mean, and how they stand. Nothing is changed.
    pub fn preview(&self, filter: &TaskFilter, action: Option<TaskAction>) -> Result<Preview, TaskError> {
        self.is_known(filter)?;
        let mut preview = Preview::default();
        self.meant(filter, action, |head| preview.add(head))?;
        Ok(preview)
    }

    /// Begins an operation over the tasks that the filter selects now, and returns when it is durable: it goes on by
    /// itself, also after a restart. Each task is dealt with once, those that are no longer meant in their turn not
    /// at all.
    pub fn begin_operation(&self, filter: &TaskFilter, action: TaskAction) -> Result<Operation, TaskError> {
        self.is_known(filter)?;
        let store = &self.inner.parts.store;
        if store.running_operations()?.len() >= OPERATIONS_RUNNING_MAX {
            return Err(TaskError::TooManyOperations);
        }
        let mut tasks: BTreeMap<ConnectorName, Vec<TaskId>> = BTreeMap::new();
        self.meant(filter, Some(action), |head| tasks.entry(head.connector.clone()).or_default().push(head.id))?;
        for of_one in tasks.values_mut() {
            // What `skip` takes in besides comes after the rest.
            of_one.sort_unstable();
            of_one.dedup();
        }
        if action.tries() {
            let known = self.inner.current()?;
            for name in tasks.keys() {
                known.may_process(name).map_err(|why| TaskError::CannotProcess(name.clone(), why.to_string()))?;
            }
        }
        let new = NewOperation { action, filter: filter.clone(), tasks, started_ms: self.now_ms() };
        let row = self.row(AuditAction::OperationBegin, &format!("{} tasks: {}", meant_by(&new), action.as_str()));
        let row = row.map(|row| match &filter.connector {
            Some(name) => row.of(name).after(&format!("{filter:?}")),
            None => row.after(&format!("{filter:?}")),
        });
        let begun = self.order(&Order::Begin(Box::new(new), self.settings().operations_kept_max), row)?;
        let Ordered::Begun(id) = begun else { return Err(StoreError::Conflict.into()) };
        self.inner.operate()?;
        self.operation(id)
    }

    /// One operation.
    pub fn operation(&self, id: OperationId) -> Result<Operation, TaskError> {
        self.inner.parts.store.operation(id)?.ok_or(TaskError::NoOperation(id))
    }

    /// Operations with an id below `before`, the newest first.
    pub fn operations(&self, before: Option<OperationId>, limit: usize) -> Result<Vec<Operation>, StoreError> {
        self.inner.parts.store.operations(before, limit)
    }

    /// Cancels one: it stops after the batch in hand. One that has ended stays as it is.
    pub fn cancel_operation(&self, id: OperationId) -> Result<Operation, TaskError> {
        let row = self.row(AuditAction::OperationCancel, &format!("operation {id}"));
        self.order(&Order::End(id, OperationState::Cancelled, self.now_ms()), row)?;
        self.inner.clerk.moved_on();
        self.operation(id)
    }

    /// Lets operations go on that an earlier process has left, as `start` does.
    pub fn resume_operations(&self) -> Result<(), StoreError> {
        self.inner.operate()
    }

    /// Waits for the end of one; it is asked for again when the bus stops before.
    pub fn wait_for_operation(&self, id: OperationId) -> Result<Operation, TaskError> {
        loop {
            let seen = self.inner.clerk.moves();
            let operation = self.operation(id)?;
            // What follows from its last packet has begun, too.
            let ended = operation.state != OperationState::Running && !self.inner.clerk.has_in_hand(id);
            if ended || self.inner.is_stopping() {
                return Ok(operation);
            }
            self.inner.clerk.wait(seen);
        }
    }

    /// Carries out an action on every task that the filter selects, and waits for its end.
    pub fn act_on_all(&self, filter: &TaskFilter, action: TaskAction) -> Result<Bulk, TaskError> {
        let begun = self.begin_operation(filter, action)?;
        let Came { done, failed, waiting, .. } = self.wait_for_operation(begun.id)?.came;
        Ok(Bulk { done: done + failed + waiting, failed })
    }

    fn is_known(&self, filter: &TaskFilter) -> Result<(), TaskError> {
        match &filter.connector {
            Some(name) if !self.inner.current()?.connectors.contains_key(name) => Err(TaskError::UnknownConnector(name.clone())),
            _ => Ok(()),
        }
    }

    /// Gives each of the tasks that are meant. `skip` means, besides, what stands failed before them: a pass would not
    /// get to them otherwise.
    fn meant(&self, filter: &TaskFilter, action: Option<TaskAction>, mut each: impl FnMut(&TaskHead)) -> Result<(), StoreError> {
        let mut failed: BTreeMap<ConnectorName, TaskId> = BTreeMap::new();
        let mut after = None;
        loop {
            let page = self.tasks(filter, after, LOOK_PAGE)?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            for head in &page {
                each(head);
                if action == Some(TaskAction::Skip) && stands_failed(head) {
                    failed.insert(head.connector.clone(), head.id);
                }
            }
        }
        for (connector, last) in failed {
            for head in self.failed_before(&connector, last)?.iter().filter(|head| !filter.matches(head)) {
                each(head);
            }
        }
        Ok(())
    }

    /// What stands failed of a connector before a task.
    pub(crate) fn failed_before(&self, connector: &ConnectorName, before: TaskId) -> Result<Vec<TaskHead>, StoreError> {
        let filter = TaskFilter {
            connector: Some(connector.clone()),
            last: Some(LastOutcome::Failed),
            process_type: Some(ProcessType::Default),
            ..TaskFilter::default()
        };
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = self.tasks(&filter, after, LOOK_PAGE)?;
            after = page.last().map(|last| last.id);
            found.extend(page.into_iter().filter(|head| head.id < before && stands_failed(head)));
            if after.is_none_or(|last| last >= before) {
                return Ok(found);
            }
        }
    }
}

impl Inner {
    /// Lets what runs go on: workers try what is to be tried, the rest is done by the operations' thread, or here and
    /// now where there are no threads.
    fn operate(self: &Arc<Self>) -> Result<(), StoreError> {
        self.clerk.begins();
        if self.is_stepped() { self.work_operations() } else { self.call_clerk() }
    }

    /// The configuration has changed: what rested may go on, and what waits for a connector that is gone never will.
    pub(crate) fn operate_again(self: &Arc<Self>) {
        if self.clerk.has_begun()
            && !self.is_stepped()
            && let Err(error) = self.call_clerk()
        {
            tracing::warn!("operations do not go on: {error}");
        }
    }

    /// Works off everything that no worker does, and wakes the workers that have something to try.
    pub(crate) fn work_operations(self: &Arc<Self>) -> Result<(), StoreError> {
        for operation in self.parts.store.running_operations()? {
            if operation.action.tries() {
                self.let_try(&operation)?;
                continue;
            }
            while !self.is_stopping()
                && let Some(packet) = self.parts.store.packet(operation.id, None)?
            {
                self.work_packet(&operation, packet)?;
            }
        }
        Ok(())
    }

    /// Wakes workers; tasks of connectors that are gone went with them.
    fn let_try(self: &Arc<Self>, operation: &Operation) -> Result<(), StoreError> {
        for connector in self.parts.store.operation_connectors(operation.id)? {
            let known = self.current()?;
            if known.connectors.contains_key(&connector) {
                if known.may_process(&connector).is_ok() {
                    self.begin_operations(&connector);
                }
                continue;
            }
            while let Some(packet) = self.parts.store.packet(operation.id, Some(&connector))? {
                let passed_over = packet.tasks.len() as u64;
                let step = self.step(operation.id, &packet, &packet.tasks, Came { passed_over, ..Came::default() });
                match self.parts.store.carry_out(&[], Vec::new(), &step) {
                    Ok(()) | Err(StoreError::Conflict) => self.clerk.moved_on(),
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }

    /// One packet: a transaction, or more when others change its tasks meanwhile.
    fn work_packet(self: &Arc<Self>, operation: &Operation, mut packet: Packet) -> Result<(), StoreError> {
        let _in_hand = self.clerk.takes_in_hand(operation.id);
        let store = &self.parts.store;
        let mut conflicts = 0;
        loop {
            let count = (packet.tasks.len() >> (conflicts / CONFLICTS_MAX).min(10)).max(1);
            let tasks = packet.tasks.get(..count).unwrap_or(&packet.tasks);
            let mut heads = store.heads(tasks)?;
            heads.retain(|head| operation.filter.describes(head) || operation.action == TaskAction::Skip && stands_failed(head));
            let done = heads.len() as u64;
            let came = Came { done, passed_over: tasks.len() as u64 - done, ..Came::default() };
            let step = self.step(operation.id, &packet, tasks, came);
            let (stands, removals) = orders(operation.action, &heads, self.parts.clock.now_ms());
            let carried_out = store.carry_out(&stands, removals, &step);
            let goes = heads.iter().any(|head| sets_going(head, operation.action));
            match self.or_begin(carried_out, [&packet.connector]) {
                Ok(()) => {
                    if goes {
                        self.begin(&packet.connector, true);
                    }
                    return self.stir(None);
                }
                Err(StoreError::Conflict) => {
                    conflicts += 1;
                    match store.packet(operation.id, Some(&packet.connector))? {
                        Some(now) if now.number == packet.number => packet = now,
                        _ => return Ok(()),
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn step(&self, operation: OperationId, packet: &Packet, tasks: &[TaskId], came: Came) -> Step {
        Step {
            operation,
            connector: packet.connector.clone(),
            packet: packet.number,
            tasks: tasks.to_vec(),
            came,
            together: BTreeMap::new(),
            at_ms: self.parts.clock.now_ms(),
        }
    }
}

/// How many tasks a new operation means.
fn meant_by(new: &NewOperation) -> usize {
    new.tasks.values().map(Vec::len).sum()
}

/// What an action that tries nothing comes to.
fn orders(action: TaskAction, heads: &[TaskHead], now_ms: i64) -> (Vec<Stand>, Vec<Removal>) {
    let stands = |process_type| (heads.iter().map(|head| stand(head, process_type)).collect(), Vec::new());
    match action {
        TaskAction::Skip => stands(ProcessType::SkipOnce),
        TaskAction::SetProcessType(process_type) => stands(process_type),
        TaskAction::Delete => (Vec::new(), heads.iter().map(|head| removal(head, now_ms)).collect()),
        TaskAction::Retry | TaskAction::RetryWithDeletes => (Vec::new(), Vec::new()),
    }
}
