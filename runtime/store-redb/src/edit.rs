//! Edits of queued tasks: another external object in a task's row, and the one that came beside it.

use lockgate_core::edit::{Edit, Edits, may_edit};
use lockgate_core::ports::Stood;
use lockgate_core::task::{ExternalObject, TaskId};
use redb::ReadableTable;

use crate::disk;
use crate::disk::task::{Body, Row};
use crate::fault::Fault;
use crate::queue;
use crate::read::View;
use crate::work::Work;

/// Replaces the external object of a task that is as the operator saw it.
pub(crate) fn edit(work: &mut Work<'_>, edit: &Edit) -> Result<Stood, Fault> {
    let mut whose = queue::whose(work)?;
    let id = edit.id.0;
    let Some((connector, seen)) = queue::find(work, &mut whose, id)? else { return Ok(Stood::Gone) };
    if seen.version != edit.version || !may_edit(seen.state) {
        return Ok(Stood::Changed);
    }
    let key = (connector, id);
    let apart = seen.stands_apart();
    let table = if apart { work.tables.apart()? } else { work.tables.queue()? };
    let Some(bytes) = table.get(key)?.map(|bytes| bytes.value().to_vec()) else { return Ok(Stood::Gone) };
    let row = Row::read(&bytes)?;
    let media_type = row.media_type().into();
    let body = match row.body() {
        Body::Within(body) => body.into(),
        Body::Beside => {
            let body = work.tables.bodies()?.get(id)?;
            body.map(|body| body.value().into()).ok_or_else(|| Fault::row("task", format_args!("the body of task {id} is missing")))?
        }
    };
    let new = &*edit.external.body;
    let place = if apart { Body::Beside } else { Body::Within(new) };
    let edited = row.edited(&edit.external.media_type, place, new.len() as u64);
    let table = if apart { work.tables.apart()? } else { work.tables.queue()? };
    table.insert(key, edited.as_slice())?;
    if apart {
        work.tables.bodies()?.insert(id, new)?;
    }
    remember(work, edit, ExternalObject { media_type, body })?;
    Ok(Stood::Done)
}

fn remember(work: &mut Work<'_>, edit: &Edit, now: ExternalObject) -> Result<(), Fault> {
    let before = work.tables.edits()?.get(edit.id.0)?.map(|bytes| disk::edit::decode(bytes.value())).transpose()?;
    // The first one replaces what came.
    let mut edits = before.unwrap_or(Edits { original: now, edits: Vec::new() });
    edits.push(edit);
    work.tables.edits()?.insert(edit.id.0, disk::edit::encode(&edits).as_slice())?;
    Ok(())
}

pub(crate) fn of(view: &View, id: TaskId) -> Result<Option<Edits>, Fault> {
    let bytes = view.tables.edits()?.get(id.0)?;
    Ok(bytes.map(|bytes| disk::edit::decode(bytes.value())).transpose()?)
}
