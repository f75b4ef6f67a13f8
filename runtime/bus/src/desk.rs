//! A connector's work, one job after the other. On its worker's thread, or step by step.

pub(crate) mod turn;

use std::sync::Arc;

use crate::Bus;
use crate::alarm::Alarm;
use crate::mailbox::{Due, Job, Mailbox, Retry};
use crate::pass::{Later, One, PassEnd, PassReport, run_due, run_one, run_operations, run_pass};
use crate::tasks::TaskError;
use crate::trouble::Trouble;
use crate::worker::Answer;
use lockgate_core::mark::Mark;
use lockgate_core::names::ConnectorName;
use lockgate_core::operation::OperationState;
use lockgate_core::ports::{Lease, StoreError, TaskFilter};
use lockgate_core::schedule::Schedule;
use lockgate_core::settings::{BusSettings, Processing};
use lockgate_core::task::{TaskId, TaskState};
use turn::held_by;

/// How long a worker waits before it tries again after the store failed, in ms.
const STORE_RETRY_MS: i64 = 5_000;
/// How long it waits after the machine could not load the component, in ms: compiling takes seconds.
const LOAD_RETRY_MS: i64 = 60_000;
/// Tasks that are looked at together.
const LOOK_PAGE: usize = 1_000;

/// What a worker knows from job to job.
pub(super) struct Desk {
    connector: ConnectorName,
    mailbox: Arc<Mailbox>,
    /// The right to process and when it was claimed, by the monotonic clock in µs; forgotten when the
    /// store failed: another node waits for its end then.
    lease: Option<(Lease, u64)>,
    /// Whether the last job was fenced.
    fenced: bool,
    /// By which the schedule was made.
    settings: Arc<BusSettings>,
    alarm: Alarm,
    /// When to look again at what is due, after the store could not say it.
    looks: Alarm,
    /// When operations go on that could not.
    operations: Alarm,
    /// By what the connector's tasks failed for their data when that was looked at last.
    by: Option<Mark>,
    /// Tasks that are to be tried with a group later.
    later: Later,
    /// The failed task behind which the queue stood when the last pass ended.
    blocked: Option<TaskId>,
}

impl Desk {
    pub(super) fn new(bus: &Bus, connector: ConnectorName, mailbox: Arc<Mailbox>) -> Self {
        let settings = bus.settings();
        let schedule = schedule(&settings.of(&connector).processing);
        let clock = &*bus.inner.parts.clock;
        let alarm = match bus.inner.schedule_since(&connector) {
            Some(looked_ms) => Alarm::since(schedule, looked_ms),
            None => Alarm::new(schedule, clock),
        };
        let (looks, operations) = (Alarm::new(None, clock), Alarm::new(None, clock));
        Self {
            connector,
            mailbox,
            lease: None,
            fenced: false,
            settings,
            alarm,
            looks,
            operations,
            by: None,
            later: Later::default(),
            blocked: None,
        }
    }

    pub(super) fn connector(&self) -> &ConnectorName {
        &self.connector
    }

    /// Works until it is told to stop.
    pub(super) fn work(mut self, bus: &Bus) {
        while let Some(job) = self.mailbox.wait(|| self.due(bus)) {
            self.carry_out(bus, job);
        }
        self.mailbox.lock().working = false;
        self.leave(bus);
    }

    /// Another process need not wait for the end of the lease.
    pub(super) fn leave(&mut self, bus: &Bus) {
        if let Some((lease, _)) = self.lease.take()
            && let Err(error) = bus.inner.parts.store.release(&lease)
        {
            tracing::warn!(connector = %self.connector, "the lease of {} was not given back: {error}", self.connector);
        }
        bus.inner.gave_back(&self.connector);
    }

    /// What is to be done now, without waiting for it.
    #[cfg(any(test, feature = "testing"))]
    pub(super) fn next(&self, bus: &Bus) -> crate::mailbox::Next {
        self.mailbox.lock().next(self.due(bus))
    }

    /// How long until something is due.
    pub(super) fn due(&self, bus: &Bus) -> Due {
        let clock = &*bus.inner.parts.clock;
        Due { pass: self.alarm.wait(clock), look: self.looks.wait(clock), operations: self.operations.wait(clock) }
    }

    /// The operator's settings may be others by now.
    fn follow_settings(&mut self, bus: &Bus) {
        let now = bus.settings();
        if !Arc::ptr_eq(&now, &self.settings) {
            let processing = &now.of(&self.connector).processing;
            if *processing != self.settings.of(&self.connector).processing {
                self.alarm.follow(schedule(processing), &*bus.inner.parts.clock);
            }
            self.settings = now;
        }
    }

    pub(super) fn carry_out(&mut self, bus: &Bus, job: Job) {
        self.follow_settings(bus);
        match job {
            Job::Pass => {
                self.alarm.clear(&*bus.inner.parts.clock);
                let outcome = self.with_context(bus, run_pass);
                self.ended(bus, outcome);
            }
            Job::Due => {
                let outcome = self.with_context(bus, run_due);
                self.ended(bus, outcome);
            }
            Job::One(retry) => {
                self.one(bus, retry);
                self.sees_to_its_own(bus);
            }
            Job::Operations => {
                self.operations.clear(&*bus.inner.parts.clock);
                let looked_over = self.by;
                let outcome = self.with_context(bus, run_operations);
                self.by = looked_over;
                self.operated(bus, outcome);
                self.sees_to_its_own(bus);
            }
            Job::Look => self.look(bus),
        }
        self.mailbox.lock().working = false;
    }

    fn one(&mut self, bus: &Bus, retry: Retry) {
        let looked_over = self.by;
        let outcome = self.with_context(bus, |context, lease| run_one(context, lease, &retry));
        // The next pass looks over what waits.
        self.by = looked_over;
        let claims_anew = self.after(&outcome);
        let answer: Answer = match outcome {
            Ok(One::Done(processed)) => {
                self.wakes_at(bus, processed.due_ms);
                Ok(Some(processed))
            }
            Ok(One::NotQueued) => Ok(None),
            // Planned by what is old by now: once more, by what is new.
            Ok(One::Stale) => return self.mailbox.give_back(retry),
            Err(Trouble::Store(StoreError::Fenced(_))) if claims_anew => return self.mailbox.give_back(retry),
            Err(Trouble::Store(error)) => Err(TaskError::Store(error)),
            Err(Trouble::HeldBy(node, _)) => Err(TaskError::CannotProcess(self.connector.clone(), held_by(&node))),
            Err(Trouble::Passing(why) | Trouble::Other(why)) => Err(TaskError::CannotProcess(self.connector.clone(), why)),
        };
        // The asker may have gone away.
        let _ = retry.reply.send(answer);
    }

    /// What a retry has made due for its own connector: no pass follows from it.
    fn sees_to_its_own(&self, bus: &Bus) {
        if bus.inner.parts.store.stirred().is_ok_and(|stirred| stirred.contains(&self.connector)) {
            self.mailbox.lock().due = true;
        }
    }

    /// How tries of operations' tasks ended, and whether they go on.
    fn operated(&mut self, bus: &Bus, outcome: Result<PassReport, Trouble>) {
        let claims_anew = self.after(&outcome);
        let clock = &*bus.inner.parts.clock;
        let goes_on_at = |ms: i64| Some(bus.now_ms().saturating_add(ms));
        let due_ms = match outcome {
            Ok(report) => {
                tracing::info!(connector = %self.connector, done = report.done, failed = report.failed, "retries of {} ended", self.connector);
                self.wakes_at(bus, report.due_ms);
                if report.let_go {
                    bus.inner.begin(&self.connector, true);
                }
                bus.inner.clerk.moved_on();
                return;
            }
            Err(Trouble::Store(StoreError::Fenced(_))) if claims_anew => return,
            Err(Trouble::Store(error)) => {
                tracing::error!(connector = %self.connector, "retries of {} were broken off: {error}", self.connector);
                goes_on_at(STORE_RETRY_MS)
            }
            Err(Trouble::HeldBy(_, until_ms)) => Some(until_ms),
            Err(Trouble::Passing(_)) => goes_on_at(LOAD_RETRY_MS),
            Err(Trouble::Other(why)) => {
                // A connector that rests goes on with it when it goes on itself.
                if bus.inner.known().may_process(&self.connector).is_ok() {
                    self.fail_operations(bus, &why);
                }
                None
            }
        };
        self.mailbox.lock().operations = false;
        if let Some(due_ms) = due_ms {
            self.operations.set(due_ms, clock);
        }
    }

    /// Operations cannot go on until somebody does something: they end, and say why.
    fn fail_operations(&mut self, bus: &Bus, why: &str) {
        let store = &bus.inner.parts.store;
        let why = format!("connector {} cannot process: {why}", self.connector);
        let failed = store.running_operations().and_then(|running| {
            for operation in running.iter().filter(|operation| operation.action.tries()) {
                if store.packet(operation.id, Some(&self.connector))?.is_some() {
                    store.end_operation(operation.id, OperationState::Failed, Some(&why), bus.now_ms())?;
                }
            }
            Ok(())
        });
        if let Err(error) = failed {
            tracing::error!(connector = %self.connector, "operations that cannot go on were not ended: {error}");
            self.operations.set(bus.now_ms().saturating_add(STORE_RETRY_MS), &*bus.inner.parts.clock);
        }
        bus.inner.clerk.moved_on();
    }

    /// Sees to it that tasks which were to be tried again by an earlier process, or before the connector was
    /// disabled, are.
    fn look(&mut self, bus: &Bus) {
        let filter = TaskFilter { connector: Some(self.connector.clone()), state: Some(TaskState::Queued), ..TaskFilter::default() };
        self.looks.clear(&*bus.inner.parts.clock);
        let mut after = None;
        while !self.mailbox.lock().stop {
            match bus.tasks(&filter, after, LOOK_PAGE) {
                Ok(page) if page.is_empty() => return,
                Ok(page) => {
                    after = page.last().map(|task| task.id);
                    self.wakes_at(bus, page.iter().filter_map(|task| task.not_before_ms).min());
                }
                Err(error) => {
                    tracing::error!(connector = %self.connector, "it is not known when tasks of {} are due: {error}", self.connector);
                    // To look, and not for a pass: nobody may have asked for one.
                    return self.looks.set(bus.now_ms().saturating_add(STORE_RETRY_MS), &*bus.inner.parts.clock);
                }
            }
        }
    }

    fn wakes_at(&mut self, bus: &Bus, due_ms: Option<i64>) {
        if let Some(due_ms) = due_ms {
            self.alarm.set(due_ms, &*bus.inner.parts.clock);
        }
    }

    /// Tells how a pass ended, and when the next one is due.
    fn ended(&mut self, bus: &Bus, outcome: Result<PassReport, Trouble>) {
        let claims_anew = self.after(&outcome);
        let again = match &outcome {
            Ok(report) => self.goes_on(bus, report.end),
            Err(_) => claims_anew,
        };
        let let_go = outcome.as_ref().is_ok_and(|report| report.let_go);
        let (trouble, due_ms) = match outcome {
            Ok(report) => {
                self.tell(bus, &report);
                (None, report.due_ms)
            }
            Err(Trouble::Other(why)) => (Some(why), None),
            Err(Trouble::Passing(why)) => (Some(why), Some(bus.now_ms().saturating_add(LOAD_RETRY_MS))),
            Err(Trouble::HeldBy(node, until_ms)) => (Some(held_by(&node)), Some(until_ms)),
            Err(Trouble::Store(error @ StoreError::Fenced(_))) => {
                tracing::warn!(connector = %self.connector, "pass of {} was broken off: {error}", self.connector);
                // The pass that follows says how it is then.
                (Some(error.to_string()), (!claims_anew).then(|| bus.now_ms().saturating_add(STORE_RETRY_MS)))
            }
            Err(Trouble::Store(error)) => {
                tracing::error!(connector = %self.connector, "pass of {} was broken off: {error}", self.connector);
                (Some(error.to_string()), Some(bus.now_ms().saturating_add(STORE_RETRY_MS)))
            }
        };
        self.wakes_at(bus, due_ms);
        if let_go {
            bus.inner.begin(&self.connector, true);
        }
        bus.inner.clerk.moved_on();
        let mut letters = self.mailbox.lock();
        letters.trouble = trouble;
        letters.pass |= again;
    }

    /// One line for a pass that did something; one when the queue is blocked, and one when it goes on.
    fn tell(&mut self, bus: &Bus, report: &PassReport) {
        let (connector, PassReport { done, failed, mended, end, .. }) = (&self.connector, *report);
        if done + failed + mended > 0 {
            tracing::info!(%connector, done, failed, mended, "pass of {connector} ended: {end}");
        } else {
            tracing::debug!(%connector, "pass of {connector} ended: {end}");
        }
        let now = match end {
            PassEnd::Failed(task) => Some(task),
            PassEnd::QueueEmpty | PassEnd::Waits(_) => None,
            // It has not come to the end.
            PassEnd::Stopped | PassEnd::Stale => return,
        };
        let before = std::mem::replace(&mut self.blocked, now);
        match (before, now) {
            (before, Some(task)) if before != now => {
                let waiting = bus.counts().ok().and_then(|counts| bus.inner.blocked(connector, &counts).ok().flatten());
                let waiting = waiting.filter(|blocked| blocked.by == task).map_or(0, |blocked| blocked.waiting);
                tracing::warn!(%connector, task = task.0, waiting, "{connector} is blocked by task {task}, which failed: {waiting} wait behind it");
            }
            (Some(task), None) => {
                tracing::info!(%connector, task = task.0, "{connector} goes on: task {task} does not block it any longer")
            }
            _ => {}
        }
    }

    /// Whether another pass must follow at once: the configuration has changed during this one, and the new
    /// configuration lets the connector process.
    fn goes_on(&self, bus: &Bus, end: PassEnd) -> bool {
        match end {
            PassEnd::Stale => true,
            PassEnd::Stopped => !self.mailbox.lock().stop && bus.inner.known().may_process(&self.connector).is_ok(),
            PassEnd::QueueEmpty | PassEnd::Failed(_) | PassEnd::Waits(_) => false,
        }
    }

    /// A lease is not relied on after the store has failed. Whether the job is to be done again at once: a
    /// worker that is fenced claims anew, and hears then whether another node holds the connector. It may
    /// have been removed and added again, and nobody does. One that is fenced twice in a row shares its
    /// node's name with another process, and leaves it time to end its work.
    fn after<T>(&mut self, outcome: &Result<T, Trouble>) -> bool {
        if matches!(outcome, Err(Trouble::Store(_))) {
            self.lease = None;
        }
        let fenced = matches!(outcome, Err(Trouble::Store(StoreError::Fenced(_))));
        let before = std::mem::replace(&mut self.fenced, fenced);
        fenced && !before
    }
}

/// When passes start by themselves.
fn schedule(processing: &Processing) -> Option<Schedule> {
    match processing {
        Processing::Schedule(cron) => Schedule::parse(cron).ok(),
        Processing::Auto | Processing::OnRequest => None,
    }
}
