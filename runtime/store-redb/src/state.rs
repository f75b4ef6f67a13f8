//! What connectors keep from task to task.

use lockgate_core::effects::StateWrites;
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{StateMap, StoreError};

use crate::fault::Fault;
use crate::generation;
use crate::read::View;
use crate::work::Work;
use crate::writer::Reply;

pub(crate) fn all(view: &View, connector: &ConnectorName) -> Result<StateMap, Fault> {
    let mut state = StateMap::new();
    let Some(id) = view.names.id(connector.as_str()) else { return Ok(state) };
    for row in view.tables.state()?.range((id, "")..(id.saturating_add(1), ""))? {
        let (key, value) = row?;
        state.insert(key.value().1.into(), value.value().into());
    }
    Ok(state)
}

pub(crate) fn write(work: &mut Work<'_>, connector: u32, writes: &StateWrites) -> Result<(), Fault> {
    for (key, value) in writes {
        match value {
            Some(value) => drop(work.tables.state()?.insert((connector, &**key), &**value)?),
            None => drop(work.tables.state()?.remove((connector, &**key))?),
        }
    }
    Ok(())
}

/// Forgets all of it on an operator's order. A pass that has read it is translated again.
pub(crate) fn clear_on_order(work: &mut Work<'_>, name: &ConnectorName, id: u32) -> Result<Reply<u64>, Fault> {
    if !work.memory.generations.is_installed(name) {
        return Ok(Err(StoreError::Stale));
    }
    let keys = clear(work, id)?;
    if keys > 0 {
        generation::change_connector(work, name, true)?;
    }
    Ok(Ok(keys))
}

/// Forgets all of it. Returns how many keys there were.
pub(crate) fn clear(work: &mut Work<'_>, connector: u32) -> Result<u64, Fault> {
    let mut keys = 0;
    work.tables.state()?.retain_in((connector, "")..(connector.saturating_add(1), ""), |_, _| {
        keys += 1;
        false
    })?;
    Ok(keys)
}
