//! Operations over many tasks, and what is left of each.

use lockgate_core::names::ConnectorName;
use lockgate_core::operation::{Came, NewOperation, Operation, OperationId, OperationState, PACKET_TASKS_MAX, Packet, Step};
use lockgate_core::ports::StoreError;
use lockgate_core::task::TaskId;
use lockgate_store_rows::operation::{self, Kept};
use tokio_postgres::Row;

use crate::audit::{Sign, sign};
use crate::convert;
use crate::fault::{Fault, Refusal};
use crate::params::params;
use crate::store::{Order, PgStore, get};
use crate::tx::Tx;

/// What a step that fits finds: the operation, and what will be left of the packet.
pub(crate) struct Fits {
    kept: Kept,
    left: Option<Vec<TaskId>>,
}

/// Whether what the step has dealt with is left. Refused if not.
pub(crate) async fn fits(tx: &Tx<'_>, step: &Step) -> Result<Fits, Fault> {
    let Some(kept) = kept(tx, step.operation).await? else { return Err(Fault::Refused(Refusal::Conflict)) };
    let sql = "SELECT tasks FROM packet WHERE operation = $1 AND connector = $2 AND n = $3";
    let packet = tx.ask(sql, params![convert::id(step.operation.0), step.connector.as_str(), convert::id(step.packet)]).await?;
    let Some(packet) = packet.first() else {
        return if step.tasks.is_empty() { Ok(Fits { kept, left: None }) } else { Err(Fault::Refused(Refusal::Conflict)) };
    };
    let mut tasks = operation::decode_tasks(get(packet, 0)?)?;
    let before = tasks.len();
    tasks.retain(|task| step.tasks.binary_search(task).is_err());
    if before - tasks.len() != step.tasks.len() {
        return Err(Fault::Refused(Refusal::Conflict));
    }
    Ok(Fits { kept, left: Some(tasks) })
}

/// Moves an operation on by a step that fits.
pub(crate) async fn step(tx: &Tx<'_>, step: &Step, fits: Fits) {
    let Fits { mut kept, left } = fits;
    step.count(&mut kept.operation.came);
    let key = || params![convert::id(step.operation.0), step.connector.as_str(), convert::id(step.packet)];
    match left {
        Some(left) if left.is_empty() => {
            tx.add("DELETE FROM packet WHERE operation = $1 AND connector = $2 AND n = $3", key()).await;
            kept.packets = kept.packets.saturating_sub(1);
        }
        Some(left) => {
            let mut params = key();
            params.push(operation::encode_tasks(&left).into());
            tx.add("UPDATE packet SET tasks = $4 WHERE operation = $1 AND connector = $2 AND n = $3", params).await;
        }
        None => {}
    }
    if kept.packets == 0 && kept.runs() {
        kept.operation.state = OperationState::Done;
        kept.operation.ended_ms = Some(step.at_ms);
    }
    put(tx, &kept).await;
}

async fn kept(tx: &Tx<'_>, id: OperationId) -> Result<Option<Kept>, Fault> {
    let rows = tx.ask("SELECT row FROM operation WHERE id = $1", params![convert::id(id.0)]).await?;
    rows.first().map(|row| Ok(operation::decode(id.0, get(row, 0)?)?)).transpose()
}

async fn put(tx: &Tx<'_>, kept: &Kept) {
    let sql = "UPDATE operation SET runs = $2, row = $3 WHERE id = $1";
    tx.add(sql, params![convert::id(kept.operation.id.0), kept.runs(), operation::encode(kept)]).await;
}

pub(crate) fn begin(store: &PgStore, new: NewOperation, kept_max: u64, by: Sign<'_>) -> Result<OperationId, StoreError> {
    let NewOperation { action, mut filter, tasks, started_ms } = new;
    filter.ids = None;
    let meant = tasks.values().map(|tasks| tasks.len() as u64).sum();
    let (mut owners, mut numbers, mut packets) = (Vec::new(), Vec::new(), Vec::new());
    for (name, tasks) in &tasks {
        for (number, tasks) in (0i64..).zip(tasks.chunks(PACKET_TASKS_MAX)) {
            owners.push(name.as_str().to_owned());
            numbers.push(number);
            packets.push(operation::encode_tasks(tasks));
        }
    }
    let (state, ended_ms) = if packets.is_empty() { (OperationState::Done, Some(started_ms)) } else { (OperationState::Running, None) };
    let began = store.write(Order::One, async |tx| {
        let rows = tx.ask("SELECT nextval('operation_id')", Vec::new()).await?;
        let id = rows.first().map(|row| get::<i64>(row, 0)).transpose()?.ok_or_else(|| Fault::row("operation", "it has no id"))?;
        let operation = Operation {
            id: OperationId(convert::unid(id)),
            action,
            filter: filter.clone(),
            state,
            started_ms,
            ended_ms,
            meant,
            came: Came::default(),
            why: None,
        };
        let kept = Kept { operation, packets: packets.len() as u64 };
        tx.add("INSERT INTO operation (id, runs, row) VALUES ($1, $2, $3)", params![id, kept.runs(), operation::encode(&kept)]).await;
        if !packets.is_empty() {
            let sql = "INSERT INTO packet (operation, connector, n, tasks) SELECT $1, * FROM unnest($2::text[], $3::int8[], $4::bytea[])";
            tx.add(sql, params![id, owners.clone(), numbers.clone(), packets.clone()]).await;
        }
        let sql = "WITH gone AS (DELETE FROM operation WHERE id IN \
             (SELECT id FROM operation WHERE NOT runs ORDER BY id DESC OFFSET $1) RETURNING id) \
             DELETE FROM packet USING gone WHERE packet.operation = gone.id";
        tx.add(sql, params![convert::bound(kept_max)]).await;
        sign(tx, by).await;
        Ok(id)
    })?;
    Ok(OperationId(convert::unid(began)))
}

fn read(row: &Row) -> Result<Kept, StoreError> {
    let (id, bytes) = (get::<i64>(row, 0)?, get::<&[u8]>(row, 1)?);
    Ok(operation::decode(convert::unid(id), bytes).map_err(Fault::from)?)
}

pub(crate) fn one(store: &PgStore, id: OperationId) -> Result<Option<Kept>, StoreError> {
    let rows = store.rows("SELECT id, row FROM operation WHERE id = $1", params![convert::id(id.0)])?;
    rows.first().map(read).transpose()
}

pub(crate) fn newest(store: &PgStore, before: Option<OperationId>, limit: usize) -> Result<Vec<Operation>, StoreError> {
    let before = before.map_or(i64::MAX, |id| convert::bound(id.0));
    let sql = "SELECT id, row FROM operation WHERE id < $1 ORDER BY id DESC LIMIT $2";
    store.rows(sql, params![before, convert::limit(limit)])?.iter().map(|row| Ok(read(row)?.operation)).collect()
}

pub(crate) fn running(store: &PgStore) -> Result<Vec<Operation>, StoreError> {
    let rows = store.rows("SELECT id, row FROM operation WHERE runs ORDER BY id", Vec::new())?;
    rows.iter().map(|row| Ok(read(row)?.operation)).collect()
}

pub(crate) fn packet(store: &PgStore, id: OperationId, connector: Option<&ConnectorName>) -> Result<Option<Packet>, StoreError> {
    let of = connector.map_or("", ConnectorName::as_str);
    let sql = "SELECT p.connector, p.n, p.tasks FROM packet p JOIN operation o ON o.id = p.operation AND o.runs \
         WHERE p.operation = $1 AND ($2 = '' OR p.connector = $2) ORDER BY p.connector COLLATE \"C\", p.n LIMIT 1";
    let rows = store.rows(sql, params![convert::id(id.0), of])?;
    let packet = rows.first().map(|row| {
        let tasks = operation::decode_tasks(get(row, 2)?)?;
        Ok::<_, Fault>(Packet { connector: name(get(row, 0)?)?, number: convert::unid(get(row, 1)?), tasks })
    });
    Ok(packet.transpose()?)
}

pub(crate) fn connectors(store: &PgStore, id: OperationId) -> Result<Vec<ConnectorName>, StoreError> {
    let sql = "SELECT DISTINCT p.connector COLLATE \"C\" FROM packet p JOIN operation o ON o.id = p.operation AND o.runs \
         WHERE p.operation = $1 ORDER BY 1";
    store.rows(sql, params![convert::id(id.0)])?.iter().map(|row| Ok(name(get(row, 0)?)?)).collect()
}

/// A connector's name as it was stored.
pub(crate) fn name(text: &str) -> Result<ConnectorName, Fault> {
    ConnectorName::new(text).map_err(|error| Fault::row("connector", error))
}

pub(crate) fn end(
    store: &PgStore,
    id: OperationId,
    state: OperationState,
    why: Option<&str>,
    at_ms: i64,
    by: Sign<'_>,
) -> Result<bool, StoreError> {
    store.write(Order::One, async |tx| {
        let Some(mut kept) = kept(tx, id).await?.filter(Kept::runs) else { return Ok(false) };
        kept.operation.state = state;
        kept.operation.ended_ms = Some(at_ms);
        kept.operation.why = why.map(Into::into);
        put(tx, &kept).await;
        sign(tx, by).await;
        Ok(true)
    })
}
