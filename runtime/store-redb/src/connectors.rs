//! Installed connectors, their components and their leases.

use std::collections::{BTreeMap, BTreeSet};

use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{ConnectorRecord, Switches};
use redb::ReadableTable;

use crate::disk;
use crate::fault::Fault;
use crate::read::View;
use crate::tables::{key, number};
use crate::work::Work;
use crate::{queue, state};

/// Takes the right to process a connector: a newer epoch fences the older.
pub(crate) fn claim(work: &mut Work<'_>, connector: u32) -> Result<u64, Fault> {
    let epoch = work.memory.epochs.entry(connector).or_insert(0);
    *epoch = epoch.saturating_add(1);
    let epoch = *epoch;
    work.tables.epochs()?.insert(connector, epoch)?;
    Ok(epoch)
}

pub(crate) fn put(work: &mut Work<'_>, record: &ConnectorRecord, component: Option<&[u8]>) -> Result<(), Fault> {
    if let Some(component) = component {
        // The newest version comes first, and need not be the one that runs.
        let digest = record.versions.first().map_or(&record.digest, |newest| &newest.digest);
        work.tables.components()?.insert(&**digest, component)?;
    }
    work.tables.connectors()?.insert(record.name.as_str(), disk::connector::encode(record).as_slice())?;
    drop_unused_components(work)
}

/// Removes a connector with its queue and its state. Returns how many tasks that were. A pass that still holds
/// its lease is fenced.
pub(crate) fn delete(work: &mut Work<'_>, name: &ConnectorName, connector: u32) -> Result<u64, Fault> {
    claim(work, connector)?;
    work.tables.connectors()?.remove(name.as_str())?;
    drop_unused_components(work)?;
    state::clear(work, connector)?;
    queue::clear(work, connector)
}

fn drop_unused_components(work: &mut Work<'_>) -> Result<(), Fault> {
    let mut used = BTreeSet::new();
    for row in work.tables.connectors()?.iter()? {
        let (name, bytes) = row?;
        let record = disk::connector::decode(name.value(), bytes.value())?;
        used.extend(record.versions.into_iter().map(|version| version.digest));
        used.insert(record.digest);
    }
    work.tables.components()?.retain(|digest, _| used.contains(digest))?;
    Ok(())
}

pub(crate) fn all(view: &View) -> Result<Vec<ConnectorRecord>, Fault> {
    let rows = view.tables.connectors()?.iter()?;
    rows.map(|row| row.map_err(Fault::from).and_then(|(name, bytes)| disk::connector::decode(name.value(), bytes.value()))).collect()
}

pub(crate) fn component(view: &View, digest: &str) -> Result<Option<Vec<u8>>, Fault> {
    Ok(view.tables.components()?.get(digest)?.map(|bytes| bytes.value().to_vec()))
}

/// The key of the MAC over compiled artefacts.
pub(crate) fn secret_key(view: &View) -> Result<[u8; 32], Fault> {
    let secret = view.tables.keys()?.get(key::ARTEFACTS)?.map(|secret| *secret.value());
    secret.ok_or_else(|| Fault::row("key", "the store has none"))
}

/// Bits of the switches' number: set is off, so that 0 is the default.
const BUS_OFF: u64 = 1;
const LOGGING_OFF: u64 = 2;
const PROCESSING_OFF: u64 = 4;

pub(crate) fn switches(view: &View) -> Result<Switches, Fault> {
    let off = view.tables.numbers()?.get(number::SWITCHES)?.map_or(0, |off| off.value());
    Ok(Switches { bus: off & BUS_OFF == 0, logging: off & LOGGING_OFF == 0, processing: off & PROCESSING_OFF == 0 })
}

pub(crate) fn put_switches(work: &mut Work<'_>, switches: Switches) -> Result<(), Fault> {
    let bit = |on: bool, bit: u64| if on { 0 } else { bit };
    let off = bit(switches.bus, BUS_OFF) | bit(switches.logging, LOGGING_OFF) | bit(switches.processing, PROCESSING_OFF);
    work.tables.numbers()?.insert(number::SWITCHES, off)?;
    Ok(())
}

/// The content model's source files.
pub(crate) fn model_files(view: &View) -> Result<BTreeMap<String, String>, Fault> {
    let mut files = BTreeMap::new();
    for row in view.tables.model_files()?.iter()? {
        let (name, text) = row?;
        files.insert(name.value().to_owned(), text.value().to_owned());
    }
    Ok(files)
}
