//! Who is woken by what a commit touched (§11).

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use lockgate_core::mark::Mark;
use lockgate_core::ports::{Due, Lease, StoreError};
use redb::ReadableTable;
use serde::{Deserialize, Serialize};

use super::due::{self, Dues};
use super::entries::{ALONE, GROUP, LOOSE};
use super::wanted::Waiters;
use crate::counters::Counted;
use crate::disk;
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
        return arrives(work, mark, touch, parks);
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
fn arrives(work: &mut Work<'_>, mark: Mark, touch: Touch, parks: &BTreeSet<u64>) -> Result<(), Fault> {
    let mut from = 0;
    loop {
        let next = work.tables.wants()?.range((mark.0, from, 0, 0)..=(mark.0, u32::MAX, u8::MAX, u64::MAX))?.next().transpose()?;
        let Some(connector) = next.map(|(key, _)| key.value().1) else { return Ok(()) };
        let mut except = Vec::new();
        for id in parks.iter().filter(|_| touch == Touch::Stirs) {
            let wants = work.tables.wants()?;
            if wants.get((mark.0, connector, ALONE, *id))?.is_some() || wants.get((mark.0, connector, GROUP, *id))?.is_some() {
                except.push(*id);
            }
        }
        let (arrivals, key) = (work.tables.arrivals()?, (connector, mark.0, touch.byte()));
        let before = arrivals.get(key)?.map(|before| Arrival::decode(before.value())).transpose()?;
        // Those that are not meant by this one are meant by the one before.
        except.retain(|id| before.as_ref().is_none_or(|before| before.except.contains(id)));
        // From the start again, if it is there already.
        arrivals.insert(key, Arrival { last: (0, 0), except }.encode().as_slice())?;
        if before.is_none() {
            work.memory.counters.add(Counted::Arrivals, connector, 1);
        }
        let Some(further) = connector.checked_add(1) else { return Ok(()) };
        from = further;
    }
}

/// Something was touched that had too many waiters.
#[derive(Serialize, Deserialize)]
pub(crate) struct Arrival {
    /// The last waiter that was made due: kind and id.
    last: (u8, u64),
    /// Tasks that it is not for.
    except: Vec<u64>,
}

impl Arrival {
    fn encode(&self) -> Vec<u8> {
        disk::encode(self)
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Fault> {
        Ok(disk::decode("arrival", bytes)?)
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
        let Some((key, arrival)) = first.map(|(key, arrival)| (key.value(), Arrival::decode(arrival.value()))) else { break };
        let (_, mark, touch) = key;
        let (arrival, touch) = (arrival?, Touch::from_byte(touch)?);
        let (mut last, mut read) = (arrival.last, 0);
        for row in work.tables.wants()?.range((mark, connector, last.0, last.1)..=(mark, connector, u8::MAX, u64::MAX))? {
            let (_, _, kind, id) = row?.0.value();
            if (kind, id) == arrival.last {
                continue;
            }
            if read == left {
                break;
            }
            let meant = touch.due(kind).filter(|_| kind == LOOSE || !arrival.except.contains(&id));
            if let Some(how) = meant {
                dues.add(connector, kind, id, how);
            }
            (last, read) = ((kind, id), read + 1);
        }
        let arrivals = work.tables.arrivals()?;
        if read == left {
            arrivals.insert(key, Arrival { last, ..arrival }.encode().as_slice())?;
        } else {
            arrivals.remove(key)?;
            work.memory.counters.add(Counted::Arrivals, connector, -1);
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
