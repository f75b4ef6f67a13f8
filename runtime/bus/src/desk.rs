//! A connector's work, one job after the other. On its worker's thread, or step by step.

use std::sync::Arc;

use crate::Bus;
use crate::mailbox::{Job, Mailbox};
use crate::pass::{PassContext, PassEnd, PassReport, run_one, run_pass};
use crate::tasks::TaskError;
use lockgate_core::grants::Manifest;
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{ConnectorRecord, Lease, StoreError, Translator};
use lockgate_core::schedule::Schedule;
use lockgate_core::settings::Processing;

/// How long a worker waits before it tries again after the store failed, in ms.
const STORE_RETRY_MS: i64 = 5_000;

/// What a worker knows from job to job.
pub(super) struct Desk {
    connector: ConnectorName,
    mailbox: Arc<Mailbox>,
    /// The right to process, once it was claimed; given back when the store failed.
    lease: Option<Lease>,
    /// When something is due, in ms since 1970.
    due_ms: Option<i64>,
}

impl Desk {
    pub(super) fn new(bus: &Bus, connector: ConnectorName, mailbox: Arc<Mailbox>) -> Self {
        let mut desk = Self { connector, mailbox, lease: None, due_ms: None };
        desk.due_ms = desk.next_scheduled(bus);
        desk
    }

    pub(super) fn connector(&self) -> &ConnectorName {
        &self.connector
    }

    /// Works until it is told to stop.
    pub(super) fn work(mut self, bus: &Bus) {
        while let Some(job) = self.mailbox.wait(self.due_ms, || bus.now_ms()) {
            self.carry_out(bus, job);
        }
        self.mailbox.lock().working = false;
    }

    /// What is to be done now, without waiting for it.
    #[cfg(any(test, feature = "testing"))]
    pub(super) fn next(&self, bus: &Bus) -> crate::mailbox::Next {
        self.mailbox.lock().next(self.due_ms, bus.now_ms())
    }

    /// When something is due, in ms since 1970.
    #[cfg(any(test, feature = "testing"))]
    pub(super) fn due_ms(&self) -> Option<i64> {
        self.due_ms
    }

    pub(super) fn carry_out(&mut self, bus: &Bus, job: Job) {
        match job {
            Job::Pass => {
                let outcome = self.with_context(bus, run_pass);
                self.due_ms = self.ended(bus, &outcome);
                if outcome.is_err() {
                    self.lease = None;
                }
            }
            Job::One(id, reply) => {
                let outcome = self.with_context(bus, |context, lease| run_one(context, lease, id));
                if matches!(outcome, Err(Trouble::Store(_))) {
                    self.lease = None;
                }
                let answer = match outcome {
                    Ok(processed) => Ok(processed),
                    Err(Trouble::Store(error)) => Err(TaskError::Store(error)),
                    Err(Trouble::Other(why)) => Err(TaskError::CannotProcess(self.connector.clone(), why)),
                };
                // The asker may have gone away.
                let _ = reply.send(answer);
            }
        }
        self.mailbox.lock().working = false;
    }

    fn next_scheduled(&self, bus: &Bus) -> Option<i64> {
        match &bus.settings().of(&self.connector).processing {
            Processing::Schedule(cron) => Schedule::parse(cron).ok()?.next_after(bus.now_ms()),
            Processing::Auto | Processing::OnRequest => None,
        }
    }

    /// Tells how a pass ended; returns when the next one is due.
    fn ended(&self, bus: &Bus, outcome: &Result<PassReport, Trouble>) -> Option<i64> {
        let scheduled = self.next_scheduled(bus);
        let (trouble, due_ms) = match outcome {
            Ok(report) => {
                tracing::info!(connector = %self.connector, done = report.done, failed = report.failed, end = ?report.end, "pass of {} ended", self.connector);
                (None, report.due_ms)
            }
            Err(Trouble::Other(why)) => (Some(why.clone()), None),
            Err(Trouble::Store(error)) => {
                tracing::error!(connector = %self.connector, "pass of {} was broken off: {error}", self.connector);
                let retry = bus.now_ms().saturating_add(STORE_RETRY_MS);
                (Some(error.to_string()), Some(retry))
            }
        };
        let mut letters = self.mailbox.lock();
        letters.trouble = trouble;
        letters.pass |= matches!(outcome, Ok(report) if report.end == PassEnd::ModelChanged);
        [scheduled, due_ms].into_iter().flatten().min()
    }

    fn with_context<R>(&mut self, bus: &Bus, act: impl FnOnce(&PassContext<'_>, &Lease) -> Result<R, StoreError>) -> Result<R, Trouble> {
        let inner = &bus.inner;
        let parts = &inner.parts;
        let record = self.record(bus)?;
        let translator: Arc<dyn Translator> = inner.translator(&record).map_err(|error| {
            tracing::error!(connector = %self.connector, "connector {} cannot be loaded: {error}", self.connector);
            Trouble::Other(error.to_string())
        })?;
        let manifest = Manifest::of(record.active().and_then(|version| version.manifest.as_deref()))
            .map_err(|error| Trouble::Other(format!("{error}; add the connector again")))?;
        let operator = parts.settings.operator(&self.connector);
        let granted = operator.granted(&manifest);
        let lease = match self.lease.take() {
            Some(lease) => lease,
            None => parts.store.claim(&self.connector)?,
        };
        let stop = || self.must_stop(bus, &record);
        let model = bus.model();
        let stale = || !Arc::ptr_eq(&bus.model(), &model);
        let context = PassContext {
            store: &*parts.store,
            translator: &*translator,
            digest: record.digest.clone(),
            granted: Arc::new(granted),
            write: operator.write_grant(&manifest),
            model: model.clone(),
            settings: &parts.settings,
            connector: &self.connector,
            clock: &*parts.clock,
            randomness: &*parts.randomness,
            stop: &stop,
            stale: &stale,
            standing: &inner.standing,
        };
        let result = act(&context, &lease)?;
        self.lease = Some(lease);
        if parts.store.counts()?.history > parts.settings.history_entries_max {
            parts.store.trim_history(parts.settings.history_entries_max)?;
        }
        Ok(result)
    }

    fn record(&self, bus: &Bus) -> Result<ConnectorRecord, Trouble> {
        let state = bus.inner.read_state();
        if !state.switches.bus || !state.switches.processing {
            return Err(Trouble::Other("the operator has switched off processing".to_owned()));
        }
        match state.connectors.get(&self.connector) {
            Some(record) if record.enabled => Ok(record.clone()),
            Some(_) => Err(Trouble::Other("the connector is disabled".to_owned())),
            None => Err(Trouble::Other("the connector is not installed".to_owned())),
        }
    }

    /// Whether the pass ends after the task in hand: the bus stops, the connector was disabled,
    /// removed or replaced, or processing was switched off.
    fn must_stop(&self, bus: &Bus, record: &ConnectorRecord) -> bool {
        if self.mailbox.lock().stop {
            return true;
        }
        self.record(bus).map_or(true, |now| now.digest != record.digest)
    }
}

enum Trouble {
    Store(StoreError),
    Other(String),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
