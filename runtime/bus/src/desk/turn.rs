//! What a job works with: the right to process, the connector's side, and when to end.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};

use crate::Bus;
use crate::desk::Desk;
use crate::known::Known;
use crate::leases::{claim, is_old, renew};
use crate::mailbox::Mailbox;
use crate::pass::{PassContext, Side, by};
use crate::trouble::Trouble;
use lockgate_core::grants::{Manifest, WriteGrant};
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{ConnectorRecord, Granted, Lease, NodeName, StoreError};
use lockgate_core::settings::BusSettings;

impl Desk {
    pub(super) fn with_context<R>(
        &mut self,
        bus: &Bus,
        act: impl FnOnce(&PassContext<'_>, &Lease) -> Result<R, StoreError>,
    ) -> Result<R, Trouble> {
        let inner = &bus.inner;
        let parts = &inner.parts;
        let known = inner.announced()?;
        let record = known.may_process(&self.connector)?.clone();
        if let Some(node) = inner.elsewhere(&self.connector) {
            let lease_ms = i64::try_from(inner.settings().lease_ms).unwrap_or(i64::MAX);
            return Err(Trouble::HeldBy(node, parts.clock.now_ms().saturating_add(lease_ms)));
        }
        // Only this process says so: the one whose grants are newer works on, and does not know that this one waits.
        let rules = inner.rules();
        if known.grants != rules.grants {
            let why =
                "another process works on this store with other grants, and its are newer: start this one with the same configuration";
            return Err(Trouble::Other(why.to_owned()));
        }
        let side = Arc::new(side_of(bus, &known, &record)?);
        let (lease, since_us) = self.lease(bus)?;
        let since_us = AtomicU64::new(since_us);
        let renew = || renew(bus, &lease, &since_us);
        let (mailbox, connector) = (&*self.mailbox, &self.connector);
        let stop = || must_stop(bus, mailbox, &record);
        let others = |other: &ConnectorName| {
            let record = known.may_process(other).ok()?;
            side_of(bus, &known, record).ok().map(Arc::new)
        };
        let stir = || {
            inner.clerk.moved_on();
            inner.stir(Some(connector))
        };
        let changed = self.by != Some(side.by);
        let is_due = self.later.due_ms.is_some_and(|due_ms| due_ms <= parts.clock.now_ms());
        let again = if is_due { std::mem::take(&mut self.later).tasks } else { BTreeSet::new() };
        let later = Mutex::new(std::mem::take(&mut self.later));
        let by = side.by;
        let context = PassContext {
            store: &*parts.store,
            side,
            others: &others,
            may_wait: may_wait(bus),
            changed,
            again,
            later: &later,
            stir: &stir,
            model: known.model.clone(),
            generation: known.generation,
            settings: &rules.settings,
            numbers: &inner.numbers,
            clock: &*parts.clock,
            randomness: &*parts.randomness,
            stop: &stop,
            renew: &renew,
            mailbox,
        };
        let result = act(&context, &lease);
        let again = context.again;
        let mut later = later.into_inner().unwrap_or_else(PoisonError::into_inner);
        if result.is_err() && !again.is_empty() {
            later.tasks.extend(again);
            later.due_ms.get_or_insert(parts.clock.now_ms());
        }
        self.wakes_at(bus, later.due_ms);
        self.later = later;
        let result = result?;
        self.trim(bus);
        self.by = Some(by);
        self.lease = Some((lease, since_us.into_inner()));
        Ok(result)
    }

    /// What is done is done: that the history is longer than it may be for a while is not its failure.
    pub(super) fn trim(&self, bus: &Bus) {
        let (store, max) = (&bus.inner.parts.store, bus.settings().history_entries_max);
        let trimmed = store.counts().and_then(|counts| if counts.history > max { store.trim_history(max) } else { Ok(0) });
        if let Err(error) = trimmed {
            tracing::warn!(connector = %self.connector, "the history was not trimmed: {error}");
        }
    }

    /// The right to process and since when, claimed again before its time is over.
    pub(super) fn lease(&mut self, bus: &Bus) -> Result<(Lease, u64), Trouble> {
        if let Some((lease, since_us)) = &self.lease
            && !is_old(bus, *since_us)
        {
            return Ok((lease.clone(), *since_us));
        }
        let now_us = bus.inner.parts.clock.monotonic_us();
        let before = self.lease.take().map(|(lease, _)| lease);
        let mut lease = claim(bus, &self.connector, before.is_some())?;
        if before.is_some_and(|before| before.epoch != lease.epoch) {
            // Somebody had it in between; if that was a later life of this node, it has this very lease.
            lease = claim(bus, &self.connector, false)?;
        }
        self.lease = Some((lease.clone(), now_us));
        Ok((lease, now_us))
    }
}

/// A connector's side of a pass.
pub(super) fn side_of(bus: &Bus, known: &Known, record: &ConnectorRecord) -> Result<Side, Trouble> {
    let translator = bus.inner.translator(record)?;
    let manifest = record.active().and_then(|version| version.manifest.as_deref());
    let (granted, write) = rights_of(&bus.settings(), &record.name, manifest).map_err(Trouble::Other)?;
    let by = by(&record.digest, &known.model, &granted, &write);
    Ok(Side { connector: record.name.clone(), translator, digest: record.digest.clone(), granted: Arc::new(granted), write, by })
}

/// What a component with this manifest may use and write under a connector's name, or why that is unknown.
pub(crate) fn rights_of(settings: &BusSettings, name: &ConnectorName, manifest: Option<&str>) -> Result<(Granted, WriteGrant), String> {
    let manifest = Manifest::of(manifest).map_err(|error| format!("{error}; add the connector again"))?;
    let operator = settings.operator(name);
    Ok((operator.granted(&manifest), operator.write_grant(&manifest)))
}

/// Whether further tasks may wait.
pub(crate) fn may_wait(bus: &Bus) -> bool {
    let max = bus.settings().waiting_tasks_max;
    // Where it cannot be counted, nothing is lost by waiting.
    bus.inner.parts.store.counts().map_or(true, |counts| counts.parked.values().chain(counts.behind.values()).sum::<u64>() < max)
}

/// Whether the pass ends after the task in hand: the bus stops, the connector was disabled, removed or
/// replaced, or processing was switched off.
pub(super) fn must_stop(bus: &Bus, mailbox: &Mailbox, record: &ConnectorRecord) -> bool {
    if mailbox.lock().stop {
        return true;
    }
    bus.inner.known().may_process(&record.name).map_or(true, |now| now.digest != record.digest)
}

pub(super) fn held_by(node: &NodeName) -> String {
    format!("node {node} processes it")
}
