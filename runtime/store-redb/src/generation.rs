//! Which configuration is the newest, and whether what somebody knows of it still holds.

use std::collections::BTreeMap;

use lockgate_core::names::ConnectorName;
use lockgate_core::ports::Generation;
use redb::ReadableTable;

use crate::fault::Fault;
use crate::tables::{Snapshot, number};
use crate::work::Work;

/// The generation of a new file, and of one that an older version has written.
pub(crate) const FIRST: u64 = 1;

/// When what was last changed: so that a connector's change disturbs no other connector.
pub(crate) struct Generations {
    newest: u64,
    /// When the model, the switches or the grants last changed.
    base: u64,
    connectors: BTreeMap<ConnectorName, Last>,
}

/// A connector's last change.
#[derive(Default)]
struct Last {
    /// Zero: before they were counted.
    generation: u64,
    /// One that was removed is remembered, so that nobody puts it back by an old copy.
    installed: bool,
}

impl Generations {
    /// As the file has them.
    pub(crate) fn load(tables: &Snapshot) -> Result<Self, Fault> {
        let mut connectors: BTreeMap<ConnectorName, Last> = BTreeMap::new();
        let name = |text: &str| ConnectorName::new(text).map_err(|error| Fault::row("connector", error));
        for row in tables.generations()?.iter()? {
            let (text, generation) = row?;
            connectors.entry(name(text.value())?).or_default().generation = generation.value();
        }
        for row in tables.connectors()?.iter()? {
            connectors.entry(name(row?.0.value())?).or_default().installed = true;
        }
        let base = tables.numbers()?.get(number::BASE)?.map_or(FIRST, |base| base.value());
        Ok(Self { newest: newest(tables)?.0, base, connectors })
    }

    pub(crate) fn newest(&self) -> u64 {
        self.newest
    }

    /// Whether the model, the switches or the grants have changed since.
    pub(crate) fn base_changed(&self, since: Generation) -> bool {
        self.base > since.0
    }

    /// Whether a connector was put or removed since, or its state cleared.
    pub(crate) fn connector_changed(&self, name: &ConnectorName, since: Generation) -> bool {
        self.connectors.get(name).is_some_and(|last| last.generation > since.0)
    }

    pub(crate) fn is_installed(&self, name: &ConnectorName) -> bool {
        self.connectors.get(name).is_some_and(|last| last.installed)
    }

    /// Whether what was decided about a connector's tasks then does not hold now.
    pub(crate) fn is_stale(&self, name: &ConnectorName, since: Generation) -> bool {
        !self.is_installed(name) || self.base_changed(since) || self.connector_changed(name, since)
    }
}

/// The newest generation in the file.
pub(crate) fn newest(tables: &Snapshot) -> Result<Generation, Fault> {
    Ok(Generation(tables.numbers()?.get(number::GENERATION)?.map_or(FIRST, |newest| newest.value())))
}

/// The model, the switches or the grants change with this transaction.
pub(crate) fn change_base(work: &mut Work<'_>) -> Result<(), Fault> {
    let generation = next(work)?;
    work.memory.generations.base = generation;
    work.tables.numbers()?.insert(number::BASE, generation)?;
    Ok(())
}

/// A connector is put or removed with this transaction, or its state is cleared.
pub(crate) fn change_connector(work: &mut Work<'_>, name: &ConnectorName, installed: bool) -> Result<(), Fault> {
    let generation = next(work)?;
    work.memory.generations.connectors.insert(name.clone(), Last { generation, installed });
    work.tables.generations()?.insert(name.as_str(), generation)?;
    Ok(())
}

fn next(work: &mut Work<'_>) -> Result<u64, Fault> {
    let generations = &mut work.memory.generations;
    generations.newest = generations.newest.saturating_add(1);
    work.tables.numbers()?.insert(number::GENERATION, generations.newest)?;
    Ok(generations.newest)
}
