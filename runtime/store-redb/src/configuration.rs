//! The configuration as of one moment, and its small parts: switches and grants.

use lockgate_core::ports::{Configuration, Generation, GrantsDigest, StoreError, Switches};
use redb::ReadableTable;

use crate::fault::Fault;
use crate::read::View;
use crate::tables::number;
use crate::work::Work;
use crate::writer::Reply;
use crate::{connectors, generation, model};

/// All of it, generation included, from one snapshot.
pub(crate) fn read(view: &View) -> Result<Configuration, Fault> {
    Ok(Configuration {
        generation: generation::newest(&view.tables)?,
        model: model::files(view)?,
        connectors: connectors::all(view)?,
        switches: switches(view)?,
        grants: grants(view.tables.numbers()?)?,
    })
}

/// Bits of the switches' number: set is off, so that 0 is the default.
const BUS_OFF: u64 = 1;
const LOGGING_OFF: u64 = 2;
const PROCESSING_OFF: u64 = 4;

fn switches(view: &View) -> Result<Switches, Fault> {
    let off = view.tables.numbers()?.get(number::SWITCHES)?.map_or(0, |off| off.value());
    Ok(Switches { bus: off & BUS_OFF == 0, logging: off & LOGGING_OFF == 0, processing: off & PROCESSING_OFF == 0 })
}

pub(crate) fn put_switches(work: &mut Work<'_>, as_of: Generation, switches: Switches) -> Result<Reply<()>, Fault> {
    let bit = |on: bool, bit: u64| if on { 0 } else { bit };
    let off = bit(switches.bus, BUS_OFF) | bit(switches.logging, LOGGING_OFF) | bit(switches.processing, PROCESSING_OFF);
    if work.tables.numbers()?.get(number::SWITCHES)?.map_or(0, |off| off.value()) == off {
        return Ok(Ok(()));
    }
    if work.memory.generations.base_changed(as_of) {
        return Ok(Err(StoreError::Stale));
    }
    work.tables.numbers()?.insert(number::SWITCHES, off)?;
    generation::change_base(work)?;
    Ok(Ok(()))
}

/// Its two halves; zero: never set.
fn grants(numbers: &impl ReadableTable<&'static str, u64>) -> Result<GrantsDigest, Fault> {
    let half = |name: &str| Ok::<u128, Fault>(numbers.get(name)?.map_or(0, |half| half.value()).into());
    Ok(GrantsDigest((half(number::GRANTS_HIGH)? << 64) | half(number::GRANTS_LOW)?))
}

/// Every process comes with its grants when it starts, most with those that are there already.
pub(crate) fn put_grants(work: &mut Work<'_>, as_of: Generation, digest: GrantsDigest) -> Result<Reply<()>, Fault> {
    if grants(work.tables.numbers()?)? == digest {
        return Ok(Ok(()));
    }
    if work.memory.generations.base_changed(as_of) {
        return Ok(Err(StoreError::Stale));
    }
    let half = |half: u128| u64::try_from(half & u128::from(u64::MAX)).unwrap_or_default();
    work.tables.numbers()?.insert(number::GRANTS_HIGH, half(digest.0 >> 64))?;
    work.tables.numbers()?.insert(number::GRANTS_LOW, half(digest.0))?;
    generation::change_base(work)?;
    Ok(Ok(()))
}
