//! A bus without threads, for simulations: workers stand where they are until a test lets one take a
//! step. What a step does is what the thread would have done (promise 6).

use std::collections::BTreeMap;
use std::sync::mpsc::Receiver;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::desk::Desk;
use crate::mailbox::Next;
use crate::pass::Allows;
use crate::tasks::TaskError;
use crate::worker::Answer;
use crate::{Bus, Inner};
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::StoreError;
use lockgate_core::task::TaskId;

/// The desks that wait for their steps; `None`: workers have threads.
#[derive(Default)]
pub(super) struct Steps {
    desks: Mutex<Option<BTreeMap<ConnectorName, Desk>>>,
}

/// What one step came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stepped {
    /// One pass, or one task out of turn, was carried out.
    Worked,
    /// There was nothing to do; something is due then, in ms since 1970.
    Waits(Option<i64>),
    /// The connector has no worker, or the worker is in the midst of a step.
    NoWorker,
}

impl Steps {
    fn lock(&self) -> MutexGuard<'_, Option<BTreeMap<ConnectorName, Desk>>> {
        self.desks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the desk; gives it back when workers have threads.
    pub(super) fn take_in(&self, desk: Desk) -> Option<Desk> {
        match &mut *self.lock() {
            Some(desks) => {
                desks.insert(desk.connector().clone(), desk);
                None
            }
            None => Some(desk),
        }
    }
}

impl Inner {
    /// Whether workers have no threads.
    pub(super) fn is_stepped(&self) -> bool {
        self.steps.lock().is_some()
    }
}

impl Bus {
    /// What the operations' thread would do: everything that no worker does.
    pub fn step_operations(&self) -> Result<(), StoreError> {
        self.inner.work_operations()
    }

    /// What the threads would do at their end.
    pub(super) fn leave_desks(&self) {
        let desks = self.inner.steps.lock().as_mut().map(std::mem::take);
        desks.into_iter().flatten().for_each(|(_, mut desk)| desk.leave(self));
    }

    /// The same as `open` with workers that have no threads: [`Bus::step`] lets them work. An action
    /// that waits for a worker must not be asked for: see [`Bus::put_retry`].
    pub fn open_stepped(parts: crate::Parts) -> Result<Self, StoreError> {
        let bus = Self::open(parts)?;
        *bus.inner.steps.lock() = Some(BTreeMap::new());
        Ok(bus)
    }

    /// Lets a connector's worker do what its thread would do now, once.
    pub fn step(&self, connector: &ConnectorName) -> Stepped {
        let Some(mut desk) = self.inner.steps.lock().as_mut().and_then(|desks| desks.remove(connector)) else {
            return Stepped::NoWorker;
        };
        let stepped = match desk.next(self) {
            Next::Stop => return Stepped::NoWorker,
            Next::Begin(job) => {
                desk.carry_out(self, job);
                Stepped::Worked
            }
            Next::Wait => Stepped::Waits(desk.due(self).first().map(|wait| {
                let wait_ms = i64::try_from(wait.as_micros().div_ceil(1_000)).unwrap_or(i64::MAX);
                self.now_ms().saturating_add(wait_ms)
            })),
        };
        if let Some(desks) = self.inner.steps.lock().as_mut() {
            // A worker that began meanwhile is a newer one.
            desks.entry(connector.clone()).or_insert(desk);
        }
        stepped
    }

    /// `TaskAction::Retry` without waiting: the worker's next step runs the task.
    pub fn put_retry(&self, id: TaskId) -> Result<Receiver<Answer>, TaskError> {
        let head = self.heads(&[id])?.pop().ok_or(TaskError::NotQueued(id))?;
        self.inner.put_one(&head, Allows::Nothing, None)
    }
}
