//! Installed connectors and their components.

use std::collections::BTreeSet;

use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{ConnectorRecord, Force, Generation, Removed, StoreError};
use redb::ReadableTable;

use crate::fault::Fault;
use crate::read::View;
use crate::tables::key;
use crate::waits::wake;
use crate::work::Work;
use crate::writer::Reply;
use crate::{disk, generation, lease, loose, queue, state};

pub(crate) fn put(work: &mut Work<'_>, as_of: Generation, record: &ConnectorRecord, component: Option<&[u8]>) -> Result<Reply<()>, Fault> {
    // The newest version comes first, and need not be the one that runs.
    let digest = record.versions.first().map_or(&record.digest, |newest| &newest.digest);
    let encoded = disk::connector::encode(record);
    if is_put(work, record, &encoded, component.map(|component| (&**digest, component)))? {
        return Ok(Ok(()));
    }
    if work.memory.generations.connector_changed(&record.name, as_of) {
        return Ok(Err(StoreError::Stale));
    }
    if let Some(component) = component {
        work.tables.components()?.insert(&**digest, component)?;
    }
    work.tables.connectors()?.insert(record.name.as_str(), encoded.as_slice())?;
    drop_unused_components(work)?;
    generation::change_connector(work, &record.name, true)?;
    Ok(Ok(()))
}

/// Whether it is there already, as it is to be put.
fn is_put(work: &mut Work<'_>, record: &ConnectorRecord, encoded: &[u8], component: Option<(&str, &[u8])>) -> Result<bool, Fault> {
    if work.tables.connectors()?.get(record.name.as_str())?.is_none_or(|stored| stored.value() != encoded) {
        return Ok(false);
    }
    let Some((digest, bytes)) = component else { return Ok(true) };
    Ok(work.tables.components()?.get(digest)?.is_some_and(|stored| stored.value() == bytes))
}

/// Removes a connector with its queue, its state and its loose ends. A pass that still holds its lease is fenced.
pub(crate) fn remove(work: &mut Work<'_>, name: &ConnectorName, id: u32, force: Force) -> Result<Removed, Fault> {
    if !work.memory.generations.is_installed(name) {
        return Ok(Removed::NotThere);
    }
    let tasks = queue::count(work, id);
    if tasks > 0 && force == Force::No {
        return Ok(Removed::HasTasks(tasks));
    }
    lease::fence(work, name, id)?;
    work.tables.connectors()?.remove(name.as_str())?;
    drop_unused_components(work)?;
    state::clear(work, id)?;
    generation::change_connector(work, name, false)?;
    if loose::clear(work, id)? {
        // What others have planned may rely on them.
        work.memory.commits += 1;
        work.memory.touches.touch_all(work.memory.commits);
    }
    let gone = queue::clear(work, id)?;
    wake::forget(work, id)?;
    Ok(Removed::Gone(gone))
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
    rows.map(|row| row.map_err(Fault::from).and_then(|(name, bytes)| Ok(disk::connector::decode(name.value(), bytes.value())?))).collect()
}

pub(crate) fn component(view: &View, digest: &str) -> Result<Option<Vec<u8>>, Fault> {
    Ok(view.tables.components()?.get(digest)?.map(|bytes| bytes.value().to_vec()))
}

/// The key of the MAC over compiled artefacts.
pub(crate) fn secret_key(view: &View) -> Result<[u8; 32], Fault> {
    let secret = view.tables.keys()?.get(key::ARTEFACTS)?.map(|secret| *secret.value());
    secret.ok_or_else(|| Fault::row("key", "the store has none"))
}
