//! One instance, for one task: each call with its own deadline, and an end after the first failure.

use std::time::{Duration, Instant};

use lockgate_core::failure::{Code, Failure};
use lockgate_core::names::{ExternalId, TypeName};
use lockgate_core::ports::{Instance, Limits, TaskView, Usage};
use lockgate_core::prepared::{DocumentParams, ObjectParams, Prepared};
use wasmtime::{Store, UpdateDeadline};

use crate::bindings::exports::lockgate::connector::translator::{ConnectorError, Guest};
use crate::bindings::{Connector, ConnectorPre};
use crate::convert;
use crate::slots::Slot;
use crate::state::State;
use crate::ticker::Running;
use crate::verdict::{DeadlineReached, During, verdict};

/// Handles of resources that a guest may hold at a time.
const HANDLES_MAX: usize = 1_000;
/// All calls of one task together may take this many deadlines: many references of a slow connector
/// must not hold its thread for hours (promise 5).
const DEADLINES_PER_TASK: u32 = 10;
/// Longest deadline that is kept: a day.
const DEADLINE_MS_MAX: u64 = 86_400_000;

/// An instance and its store. Fields are dropped in this order: the slot last.
pub struct WasmInstance {
    store: Store<State>,
    connector: Connector,
    deadline: Duration,
    tick: Duration,
    guest: Duration,
    dead: Option<Code>,
    _running: Running,
    _slot: Slot,
}

impl WasmInstance {
    /// Makes the instance. The deadline is set before: start functions run here.
    pub fn start(pre: &ConnectorPre<State>, limits: &Limits, tick: Duration, running: Running, slot: Slot) -> Result<Self, Failure> {
        let deadline = deadline(limits);
        let mut store = Store::new(pre.engine(), State::new(limits));
        store.limiter(|state| &mut state.limiter);
        // Promise 5: the default would let a guest make the host hold 263 MB.
        store.set_hostcall_fuel(usize::try_from(limits.output_bytes_max).unwrap_or(usize::MAX));
        store.set_max_component_handles(HANDLES_MAX);
        store.epoch_deadline_callback(move |cx| match cx.data().left() {
            Duration::ZERO => Err(DeadlineReached.into()),
            left => Ok(UpdateDeadline::Continue(ticks(left, tick))),
        });
        arm(&mut store, deadline, tick);
        let started = Instant::now();
        match pre.instantiate(&mut store) {
            Ok(connector) => {
                let guest = started.elapsed();
                Ok(Self { store, connector, deadline, tick, guest, dead: None, _running: running, _slot: slot })
            }
            Err(error) => Err(verdict(&error, During::Start, deadline, store.data_mut())),
        }
    }

    /// One call: deadline, verdict, check of the answer's form.
    fn call<Answer, Checked>(
        &mut self,
        call: impl FnOnce(&Guest, &mut Store<State>) -> wasmtime::Result<Result<Answer, ConnectorError>>,
        check: impl FnOnce(Answer) -> Result<Checked, Failure>,
    ) -> Result<Checked, Failure> {
        if let Some(code) = self.dead {
            return Err(Failure::new(code, "the instance has ended with an earlier failure"));
        }
        let left = (self.deadline * DEADLINES_PER_TASK).saturating_sub(self.guest);
        if left.is_zero() {
            self.dead = Some(Code::Deadline);
            let message = format!("all calls of the task together took {DEADLINES_PER_TASK} times the deadline of {:?}", self.deadline);
            return Err(Failure::new(Code::Deadline, message));
        }
        arm(&mut self.store, self.deadline.min(left), self.tick);
        let started = Instant::now();
        let answered = call(self.connector.lockgate_connector_translator(), &mut self.store);
        self.guest += started.elapsed();
        let checked = match answered {
            // What the connector itself answers leaves the instance alive.
            Ok(Err(error)) => return Err(convert::connector_error(error)),
            Ok(Ok(answer)) => check(answer),
            Err(error) => Err(verdict(&error, During::Call, self.deadline, self.store.data_mut())),
        };
        checked.inspect_err(|failure| self.dead = Some(failure.code))
    }
}

impl Instance for WasmInstance {
    fn prepare_internal_object(&mut self, task: &TaskView<'_>) -> Result<Prepared, Failure> {
        self.call(
            |guest, store| {
                guest.call_prepare_internal_object(
                    store,
                    convert::external(task.external),
                    convert::task_type(task.task_type),
                    convert::data_type(task.data_type),
                    task.site.map(|site| site.as_str()),
                )
            },
            convert::prepared,
        )
    }

    fn get_internal_object_params(&mut self, id: &ExternalId, object_type: &TypeName) -> Result<ObjectParams, Failure> {
        self.call(|guest, store| guest.call_get_internal_object_params(store, id.as_str(), object_type.as_str()), convert::object_params)
    }

    fn get_internal_document_params(&mut self, id: &ExternalId, class_name: &TypeName) -> Result<DocumentParams, Failure> {
        self.call(|guest, store| guest.call_get_internal_document_params(store, id.as_str(), class_name.as_str()), convert::document_params)
    }

    fn usage(&mut self) -> Usage {
        let state = self.store.data_mut();
        state.flush_output();
        let memory_bytes = state.limiter.peak_bytes();
        let log = state.log_mut().take();
        Usage { guest_us: u64::try_from(self.guest.as_micros()).unwrap_or(u64::MAX), memory_bytes, log }
    }
}

/// Time for one call.
pub fn deadline(limits: &Limits) -> Duration {
    Duration::from_millis(limits.deadline_ms.min(DEADLINE_MS_MAX))
}

fn arm(store: &mut Store<State>, deadline: Duration, tick: Duration) {
    store.data_mut().deadline = Instant::now() + deadline;
    store.set_epoch_deadline(ticks(deadline, tick));
}

/// Ticks until that time is over; at least one, so that the callback asks the clock.
fn ticks(time: Duration, tick: Duration) -> u64 {
    let ticks = time.as_nanos() / tick.as_nanos().max(1);
    u64::try_from(ticks).unwrap_or(u64::MAX / 2).saturating_add(1)
}
