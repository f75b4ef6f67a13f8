//! One instance, for one task: each call with its own deadline, and an end after the first failure.

use std::sync::Arc;
use std::time::{Duration, Instant};

use lockgate_core::failure::{Code, Failure};
use lockgate_core::names::{ExternalId, TypeName};
use lockgate_core::ports::{Granted, Instance, NotStarted, Run, TaskView, Usage};
use lockgate_core::prepared::{DocumentParams, ObjectParams, Prepared};
use wasmtime::{Store, UpdateDeadline};

use crate::bindings::exports::lockgate::connector::translator::ConnectorError;
use crate::convert;
use crate::exports::{Exports, Methods};
use crate::http::Client;
use crate::said::Said;
use crate::slots::Slot;
use crate::state::State;
use crate::ticker::Running;
use crate::verdict::{DeadlineReached, During, answered_error, verdict};

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
    methods: Methods,
    deadline: Duration,
    tick: Duration,
    guest: Duration,
    longest_call: Duration,
    output_bytes: u64,
    dead: Option<Code>,
    _running: Running,
    _slot: Slot,
}

impl WasmInstance {
    /// Makes the instance. The deadline is set before: start functions run here.
    pub fn start(
        exports: &Arc<Exports>,
        granted: &Arc<Granted>,
        run: &Run,
        client: Arc<Client>,
        tick: Duration,
        running: Running,
        slot: Slot,
    ) -> Result<Self, Box<NotStarted>> {
        let deadline = deadline(run);
        let mut store = Store::new(exports.engine(), State::new(granted, run, client));
        store.limiter(|state| &mut state.limiter);
        // Promise 5: the default would let a guest make the host hold 263 MB.
        store.set_hostcall_fuel(usize::try_from(granted.limits.output_bytes_max).unwrap_or(usize::MAX));
        store.set_max_component_handles(HANDLES_MAX);
        store.epoch_deadline_callback(move |cx| match cx.data().left() {
            Duration::ZERO => Err(DeadlineReached.into()),
            left => Ok(UpdateDeadline::Continue(ticks(left, tick))),
        });
        arm(&mut store, deadline, tick);
        let started = Instant::now();
        match exports.instantiate(&mut store) {
            Ok(methods) => {
                let guest = started.elapsed();
                let (longest_call, output_bytes) = (guest, 0);
                Ok(Self { store, methods, deadline, tick, guest, longest_call, output_bytes, dead: None, _running: running, _slot: slot })
            }
            Err(error) => {
                let failure = verdict(&error, During::Start, deadline, store.data_mut());
                let failure = store.data().secrets.masked_failure(failure);
                let usage = used(store.data_mut(), started.elapsed());
                Err(Box::new(NotStarted { failure, usage }))
            }
        }
    }

    /// One call: deadline, verdict, check of the answer's form.
    fn call<Answer, Checked>(
        &mut self,
        call: impl FnOnce(&Methods, &mut Store<State>) -> wasmtime::Result<Result<Answer, ConnectorError>>,
        bytes: impl FnOnce(&Answer) -> u64,
        check: impl FnOnce(Answer, Said) -> Result<Checked, Failure>,
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
        self.store.data().calls().begin();
        self.store.data_mut().said = Said::default();
        let started = Instant::now();
        let answered = call(&self.methods, &mut self.store);
        let took = started.elapsed();
        self.guest += took;
        self.longest_call = self.longest_call.max(took);
        let checked = match answered {
            // What the connector itself answers leaves the instance alive.
            Ok(Err(error)) => {
                let failure = answered_error(convert::connector_error(error), self.store.data_mut());
                return Err(self.store.data().secrets.masked_failure(failure));
            }
            Ok(Ok(answer)) => {
                self.output_bytes = self.output_bytes.max(bytes(&answer));
                check(answer, std::mem::take(&mut self.store.data_mut().said))
            }
            Err(error) => Err(verdict(&error, During::Call, self.deadline, self.store.data_mut())),
        };
        checked.map_err(|failure| {
            self.dead = Some(failure.code);
            self.store.data().secrets.masked_failure(failure)
        })
    }
}

impl Instance for WasmInstance {
    fn prepare_internal_object(&mut self, task: &TaskView<'_>) -> Result<Prepared, Failure> {
        self.call(
            |methods, store| {
                let site = task.site.map(|site| site.as_str());
                let (external, data_type) = (convert::external(task.external), convert::data_type(task.data_type));
                methods.prepare(store, (external, convert::task_type(task.task_type), data_type, site))
            },
            convert::prepared_bytes,
            convert::prepared,
        )
    }

    fn get_internal_object_params(&mut self, id: &ExternalId, object_type: &TypeName) -> Result<ObjectParams, Failure> {
        self.call(
            |methods, store| methods.object_params(store, (id.as_str(), object_type.as_str())),
            convert::object_params_bytes,
            convert::object_params,
        )
    }

    fn get_internal_document_params(&mut self, id: &ExternalId, class_name: &TypeName) -> Result<DocumentParams, Failure> {
        self.call(
            |methods, store| methods.document_params(store, (id.as_str(), class_name.as_str())),
            convert::document_params_bytes,
            |answer, _| convert::document_params(answer),
        )
    }

    fn usage(&mut self) -> Usage {
        let longest_call_us = micros(self.longest_call);
        Usage { longest_call_us, output_bytes: self.output_bytes, ..used(self.store.data_mut(), self.guest) }
    }
}

/// What was used and said in that time; it was one call, which answered nothing.
fn used(state: &mut State, guest: Duration) -> Usage {
    state.flush_output();
    state.calls().flush();
    let log = state.log_mut().take();
    let (warnings, warnings_total) = state.warned.take();
    Usage {
        guest_us: micros(guest),
        longest_call_us: micros(guest),
        memory_bytes: state.limiter.peak_bytes(),
        output_bytes: 0,
        http_calls: state.calls().calls(),
        http_bytes: state.calls().bytes(),
        state: state.keep.take(),
        log,
        warnings,
        warnings_total,
    }
}

/// Time for one call.
pub fn deadline(run: &Run) -> Duration {
    Duration::from_millis(run.deadline_ms.min(DEADLINE_MS_MAX))
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
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
