//! Who is woken by what a commit touched (§11).

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use lockgate_core::mark::Mark;
use lockgate_core::ports::{Due, Lease, StoreError};
use redb::ReadableTable;

use super::due::{self, Dues};
use super::entries::{ALONE, GROUP, LOOSE};
use super::wanted::Waiters;
use crate::counters::Counted;
use crate::fault::Fault;
use crate::work::Work;
use crate::writer::Reply;

/// Waiters that the commit makes due which touched what they wait for. When there are more, the arrival is
/// written down, and they are made due in further transactions (§11.8).
const WAKE_AT_ONCE: u64 = 256;

/// What a mark means to those who wait for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Touch {
    /// Its answer is another.
    Wakes,
    /// A task that began to wait would touch it: groups are tried again.
    Stirs,
}

impl Touch {
    /// The numbers stand in files.
    fn byte(self) -> u8 {
        match self {
            Self::Wakes => 0,
            Self::Stirs => 1,
        }
    }

    fn from_byte(byte: u8) -> Result<Self, Fault> {
        match byte {
            0 => Ok(Self::Wakes),
            1 => Ok(Self::Stirs),
            other => Err(Fault::row("arrival", format_args!("it is of the kind {other}"))),
        }
    }

    /// What a waiter of a kind is due for; `None`: it is not meant.
    fn due(self, kind: u8) -> Option<Due> {
        match (self, kind) {
            (Self::Wakes, ALONE | LOOSE) => Some(Due::Alone),
            (Self::Wakes, GROUP) | (Self::Stirs, ALONE | GROUP) => Some(Due::Group),
            _ => None,
        }
    }

    fn is_for(self, waiters: Waiters) -> u64 {
        let tasks = waiters.alone.saturating_add(waiters.group);
        match self {
            Self::Wakes => tasks.saturating_add(waiters.loose),
            Self::Stirs => tasks,
        }
    }
}

/// Makes those due who wait for one of these: `wakes` for their answers, `stirs` for another try with a
/// group, except the tasks that this commit parks.
pub(crate) fn wake(work: &mut Work<'_>, wakes: &[Mark], stirs: &[Mark], parks: &BTreeSet<u64>) -> Result<(), Fault> {
    if !work.memory.wanted.any() {
        return Ok(());
    }
    let mut dues = Dues::default();
    for (marks, touch) in [(wakes, Touch::Wakes), (stirs, Touch::Stirs)] {
        for mark in marks {
            if work.memory.wanted.may_have(*mark) {
                touched(work, *mark, touch, parks, &mut dues)?;
            }
        }
    }
    due::put(work, &dues)
}

fn touched(work: &mut Work<'_>, mark: Mark, touch: Touch, parks: &BTreeSet<u64>, dues: &mut Dues) -> Result<(), Fault> {
    work.memory.looked_for_waiters.fetch_add(1, Ordering::Relaxed);
    let Some(waiters) = work.tables.wanted()?.get(mark.0)?.map(|counts| Waiters::of(counts.value())) else { return Ok(()) };
    if touch.is_for(waiters) > WAKE_AT_ONCE {
        return arrives(work, mark, touch);
    }
    for row in work.tables.wants()?.range((mark.0, 0, 0, 0)..=(mark.0, u32::MAX, u8::MAX, u64::MAX))? {
        let (_, connector, kind, id) = row?.0.value();
        let parked_here = touch == Touch::Stirs && parks.contains(&id);
        if let Some(how) = touch.due(kind).filter(|_| !parked_here) {
            dues.add(connector, kind, id, how);
        }
    }
    Ok(())
}

/// Writes down that it was touched, for each connector whose tasks or loose ends wait for it.
fn arrives(work: &mut Work<'_>, mark: Mark, touch: Touch) -> Result<(), Fault> {
    let mut from = 0;
    loop {
        let next = work.tables.wants()?.range((mark.0, from, 0, 0)..=(mark.0, u32::MAX, u8::MAX, u64::MAX))?.next().transpose()?;
        let Some(connector) = next.map(|(key, _)| key.value().1) else { return Ok(()) };
        // From the start again, if it is there already.
        if work.tables.arrivals()?.insert((connector, mark.0, touch.byte()), (0, 0))?.is_none() {
            work.memory.counters.add(Counted::Arrivals, connector, 1);
        }
        let Some(further) = connector.checked_add(1) else { return Ok(()) };
        from = further;
    }
}

/// Makes at most so many of a connector's waiters due whose arrivals were written down. True: there are more.
pub(crate) fn work_off(work: &mut Work<'_>, lease: &Lease, connector: u32, limit: usize) -> Result<Reply<bool>, Fault> {
    if work.memory.epochs.get(&connector) != Some(&lease.epoch) {
        return Ok(Err(StoreError::Fenced(lease.connector.clone())));
    }
    let (mut left, mut dues) = (limit, Dues::default());
    while left > 0 {
        let first = work.tables.arrivals()?.range((connector, 0, 0)..=(connector, u64::MAX, u8::MAX))?.next().transpose()?;
        let Some(((_, mark, touch), (kind, id))) = first.map(|(key, last)| (key.value(), last.value())) else { break };
        let touch = Touch::from_byte(touch)?;
        let (mut last, mut read) = (None, 0);
        for row in work.tables.wants()?.range((mark, connector, kind, id)..=(mark, connector, u8::MAX, u64::MAX))? {
            let (_, _, waiter, at) = row?.0.value();
            if (waiter, at) == (kind, id) {
                continue;
            }
            if read == left {
                break;
            }
            if let Some(how) = touch.due(waiter) {
                dues.add(connector, waiter, at, how);
            }
            (last, read) = (Some((waiter, at)), read + 1);
        }
        let arrivals = work.tables.arrivals()?;
        match last.filter(|_| read == left) {
            Some(last) => drop(arrivals.insert((connector, mark, touch.byte()), last)?),
            None => {
                arrivals.remove((connector, mark, touch.byte()))?;
                work.memory.counters.add(Counted::Arrivals, connector, -1);
            }
        }
        left -= read;
    }
    due::put(work, &dues)?;
    Ok(Ok(work.memory.counters.get(Counted::Arrivals, connector) > 0))
}

/// Nobody of a connector waits any more: its arrivals go.
pub(crate) fn forget(work: &mut Work<'_>, connector: u32) -> Result<(), Fault> {
    let mut gone = 0;
    work.tables.arrivals()?.retain_in((connector, 0, 0)..=(connector, u64::MAX, u8::MAX), |_, _| {
        gone -= 1;
        false
    })?;
    work.memory.counters.add(Counted::Arrivals, connector, gone);
    Ok(())
}
