//! The right to process: claimed for a job, and again before its time is over.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::Bus;
use crate::trouble::Trouble;
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Claim, Claimed, Lease, StoreError};

/// A lease is claimed again when this part of its time is over.
const LEASE_PART: u64 = 3;

/// Whether a lease that was claimed then, by the monotonic clock in µs, is to be claimed again.
pub(super) fn is_old(bus: &Bus, since_us: u64) -> bool {
    let parts = &bus.inner.parts;
    parts.clock.monotonic_us().saturating_sub(since_us) >= bus.settings().lease_ms.saturating_mul(1_000) / LEASE_PART
}

/// Claims a connector; `holds`: as one that has it already.
pub(super) fn claim(bus: &Bus, connector: &ConnectorName, holds: bool) -> Result<Lease, Trouble> {
    let parts = &bus.inner.parts;
    // Locked until the store has answered: by an older set it would be told to give back what another
    // worker has just claimed.
    let mut held = bus.inner.lock_held();
    if !holds {
        held.remove(connector);
    }
    let (node, lease_ms, now_ms) = (&parts.node, bus.settings().lease_ms, parts.clock.now_ms());
    match parts.store.claim(&Claim { connector, node, held: &held, lease_ms, now_ms })? {
        Claimed::Yes(lease) => {
            held.insert(connector.clone());
            Ok(lease)
        }
        Claimed::HeldBy(node, until_ms) => {
            held.remove(connector);
            Err(Trouble::HeldBy(node, until_ms))
        }
    }
}

/// Claims a lease again in the midst of a pass, which cannot go on by another one. `since_us`: when it was
/// claimed last.
pub(super) fn renew(bus: &Bus, lease: &Lease, since_us: &AtomicU64) -> Result<(), StoreError> {
    if !is_old(bus, since_us.load(Ordering::SeqCst)) {
        return Ok(());
    }
    let now_us = bus.inner.parts.clock.monotonic_us();
    match claim(bus, &lease.connector, true) {
        Ok(now) if now.epoch == lease.epoch => {
            since_us.store(now_us, Ordering::SeqCst);
            Ok(())
        }
        Err(Trouble::Store(error)) => Err(error),
        Ok(_) | Err(Trouble::HeldBy(..) | Trouble::Passing(_) | Trouble::Other(_)) => Err(StoreError::Fenced(lease.connector.clone())),
    }
}
