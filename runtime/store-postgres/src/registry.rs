//! What the bus is configured by. A change locks the queues that it concerns: what was admitted before is queued
//! before, or not at all.

use std::collections::BTreeMap;

use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Configuration, ConnectorRecord, Force, Generation, GrantsDigest, Removed, StateMap, StoreError, Switches};
use lockgate_core::task::TaskId;
use lockgate_store_rows as rows;
use tokio_postgres::Row;

use crate::audit::{Sign, sign, sign_if};
use crate::commit::{FORGET_LOOSE, FORGET_TASKS, SWEEP_WANTED, TOUCH_ALL, Touched, wake};
use crate::convert;
use crate::fault::{Fault, Refusal};
use crate::packet::Statement;
use crate::params::params;
use crate::store::{Order, PgStore, get};
use crate::tally::{LOOSE_ENDS, OF_TASKS};
use crate::tx::Tx;

/// Bits of the switches. They stand in the database.
const BUS: i16 = 1;
const LOGGING: i16 = 2;
const PROCESSING: i16 = 4;

fn bits(switches: Switches) -> i16 {
    let bit = |is: bool, bit: i16| if is { bit } else { 0 };
    bit(switches.bus, BUS) | bit(switches.logging, LOGGING) | bit(switches.processing, PROCESSING)
}

fn first(rows: &[Row]) -> Result<&Row, Fault> {
    rows.first().ok_or_else(|| Fault::row("settings", "they are missing"))
}

pub(crate) fn generation(store: &PgStore) -> Result<Generation, StoreError> {
    let rows = store.rows("SELECT generation FROM settings", Vec::new())?;
    Ok(Generation(convert::unid(get(first(&rows)?, 0)?)))
}

pub(crate) fn configuration(store: &PgStore) -> Result<Configuration, StoreError> {
    let answers = store.read(vec![
        Statement::new("SELECT generation, switches, grants FROM settings", Vec::new()),
        Statement::new("SELECT name, content FROM model_file", Vec::new()),
        Statement::new("SELECT name, record FROM connector WHERE record IS NOT NULL ORDER BY name COLLATE \"C\"", Vec::new()),
    ])?;
    let [settings, files, connectors] = answers.as_slice() else { return Err(Fault::row("settings", "an answer is missing").into()) };
    let settings = first(settings)?;
    let switches = get::<i16>(settings, 1)?;
    let mut model = BTreeMap::new();
    for row in files {
        model.insert(text(get(row, 0)?)?, text(get(row, 1)?)?);
    }
    let connectors = connectors.iter().map(|row| Ok(rows::connector::decode(get(row, 0)?, get(row, 1)?)?));
    Ok(Configuration {
        generation: Generation(convert::unid(get(settings, 0)?)),
        model,
        connectors: connectors.collect::<Result<_, Fault>>()?,
        switches: Switches { bus: switches & BUS != 0, logging: switches & LOGGING != 0, processing: switches & PROCESSING != 0 },
        grants: GrantsDigest(digest(get(settings, 2)?)?),
    })
}

fn text(bytes: &[u8]) -> Result<String, Fault> {
    String::from_utf8(bytes.to_vec()).map_err(|error| Fault::row("model file", error))
}

pub(crate) fn digest(bytes: &[u8]) -> Result<u128, Fault> {
    let bytes = bytes.try_into().map_err(|_| Fault::row("grants", "their digest is of another length"))?;
    Ok(u128::from_be_bytes(bytes))
}

/// Nothing that all connectors work by has changed since a generation, and nothing is submitted meanwhile.
pub(crate) async fn change_base(tx: &Tx<'_>, as_of: Generation) {
    tx.add("SELECT 1 FROM queue ORDER BY name FOR UPDATE", Vec::new()).await;
    let sql = "SELECT 1 / (base <= $1)::int FROM settings";
    tx.guard(Refusal::Stale, sql, params![convert::bound(as_of.0)]).await;
    tx.add("UPDATE settings SET generation = generation + 1, base = generation + 1", Vec::new()).await;
}

/// The same of one connector, which need not be there.
async fn change_one(tx: &Tx<'_>, name: &ConnectorName, as_of: Option<Generation>) {
    tx.add("INSERT INTO connector (name) VALUES ($1) ON CONFLICT DO NOTHING", params![name.as_str()]).await;
    tx.add("INSERT INTO queue (name) VALUES ($1) ON CONFLICT DO NOTHING", params![name.as_str()]).await;
    tx.add("SELECT 1 FROM queue WHERE name = $1 FOR UPDATE", params![name.as_str()]).await;
    if let Some(as_of) = as_of {
        let sql = "SELECT 1 / (changed <= $2)::int FROM connector WHERE name = $1";
        tx.guard(Refusal::Stale, sql, params![name.as_str(), convert::bound(as_of.0)]).await;
    }
    tx.add("UPDATE settings SET generation = generation + 1", Vec::new()).await;
    tx.add("UPDATE connector SET changed = (SELECT generation FROM settings) WHERE name = $1", params![name.as_str()]).await;
}

pub(crate) fn put_connector(
    store: &PgStore,
    as_of: Generation,
    record: &ConnectorRecord,
    component: Option<&[u8]>,
    by: Sign<'_>,
) -> Result<(), StoreError> {
    let name = record.name.as_str();
    let encoded = rows::connector::encode(record);
    let newest = record.versions.first().map(|version| version.digest.to_string()).unwrap_or_default();
    store.write(Order::One, async |tx| {
        let there = tx.ask("SELECT record FROM connector WHERE name = $1 AND record IS NOT NULL", params![name]).await?;
        let same_record = match there.first() {
            Some(row) => rows::connector::decode(name, get(row, 0)?)? == *record,
            None => false,
        };
        let same_component = match component {
            Some(bytes) => {
                let sql = "SELECT 1 FROM component WHERE digest = $1 AND bytes = $2";
                !same_record || !tx.ask(sql, params![newest.as_str(), bytes.to_vec()]).await?.is_empty()
            }
            None => true,
        };
        sign(tx, by).await;
        if same_record && same_component {
            return Ok(());
        }
        change_one(tx, &record.name, Some(as_of)).await;
        if let Some(bytes) = component {
            let sql = "INSERT INTO component (digest, bytes) VALUES ($1, $2) ON CONFLICT (digest) DO UPDATE SET bytes = EXCLUDED.bytes";
            tx.add(sql, params![newest.as_str(), bytes.to_vec()]).await;
        }
        tx.add("UPDATE connector SET record = $2 WHERE name = $1", params![name, encoded.clone()]).await;
        drop_unused_components(tx).await
    })
}

/// Components that no connector's versions name any more go.
async fn drop_unused_components(tx: &Tx<'_>) -> Result<(), Fault> {
    let records = tx.ask("SELECT name, record FROM connector WHERE record IS NOT NULL", Vec::new()).await?;
    let mut used: Vec<String> = Vec::new();
    for row in &records {
        let record = rows::connector::decode(get(row, 0)?, get(row, 1)?)?;
        used.extend(record.versions.iter().map(|version| version.digest.to_string()));
    }
    tx.add("DELETE FROM component WHERE digest <> ALL($1::text[])", params![used]).await;
    Ok(())
}

/// All that belongs to a connector's queue but the tasks themselves.
const FORGET_QUEUE: [&str; 5] = [
    "DELETE FROM task WHERE connector = $1",
    "DELETE FROM task_key WHERE connector = $1",
    "DELETE FROM arrival WHERE connector = $1",
    "DELETE FROM kept WHERE connector = $1",
    // Lines whose task stands in no index of its own any more.
    "DELETE FROM line WHERE connector = $1",
];

pub(crate) fn remove_connector(store: &PgStore, connector: &ConnectorName, force: Force, by: Sign<'_>) -> Result<Removed, StoreError> {
    let key = || params![connector.as_str()];
    store.write(Order::One, async |tx| {
        // Submissions wait until it is gone, and then it is not there.
        tx.add("SELECT 1 FROM queue WHERE name = $1 FOR UPDATE", key()).await;
        if tx.ask("SELECT 1 FROM connector WHERE name = $1 AND record IS NOT NULL", key()).await?.is_empty() {
            return Ok(Removed::NotThere);
        }
        let tasks = tx.ask("SELECT id FROM task WHERE connector = $1 ORDER BY id", key()).await?;
        let tasks = tasks.iter().map(|row| get::<i64>(row, 0)).collect::<Result<Vec<_>, _>>()?;
        let count = tasks.len() as u64;
        if count > 0 && force == Force::No {
            return Ok(Removed::HasTasks(count));
        }
        change_one(tx, connector, None).await;
        // A pass that is still running is fenced.
        let sql = "UPDATE connector SET record = NULL, epoch = epoch + 1, holder = NULL, lease_until = NULL WHERE name = $1";
        tx.add(sql, key()).await;
        tx.add(FORGET_TASKS, params![tasks.clone()]).await;
        tx.add("DELETE FROM log WHERE task = ANY($1::int8[])", params![tasks.clone()]).await;
        tx.add("DELETE FROM edit WHERE task = ANY($1::int8[])", params![tasks.clone()]).await;
        for sql in FORGET_QUEUE {
            tx.add(sql, key()).await;
        }
        tx.add("UPDATE queue SET came = 0 WHERE name = $1", key()).await;
        let kinds: Vec<i16> = OF_TASKS.chain([LOOSE_ENDS]).collect();
        tx.add("DELETE FROM tally WHERE name = $1 AND kind = ANY($2::int2[])", params![connector.as_str(), kinds]).await;
        let ends = tx.ask("DELETE FROM loose WHERE connector = $1 RETURNING id", key()).await?;
        let ends = ends.iter().map(|row| get::<i64>(row, 0)).collect::<Result<Vec<_>, _>>()?;
        if !ends.is_empty() {
            tx.add(FORGET_LOOSE, params![ends]).await;
            // Whoever has planned with one of them plans again.
            tx.add(TOUCH_ALL, Vec::new()).await;
        }
        tx.add(SWEEP_WANTED, Vec::new()).await;
        wake(tx, &Touched::ends(tasks.into_iter().map(|id| TaskId(convert::unid(id))))).await;
        drop_unused_components(tx).await?;
        sign(tx, by).await;
        Ok(Removed::Gone(count))
    })
}

pub(crate) fn component(store: &PgStore, digest: &str) -> Result<Option<Vec<u8>>, StoreError> {
    if digest.contains('\0') {
        return Ok(None);
    }
    let rows = store.rows("SELECT bytes FROM component WHERE digest = $1", params![digest])?;
    Ok(rows.first().map(|row| get(row, 0)).transpose()?)
}

pub(crate) fn put_switches(store: &PgStore, as_of: Generation, switches: Switches, by: Sign<'_>) -> Result<(), StoreError> {
    store.write(Order::One, async |tx| {
        let rows = tx.ask("SELECT switches FROM settings", Vec::new()).await?;
        if get::<i16>(first(&rows)?, 0)? != bits(switches) {
            change_base(tx, as_of).await;
            tx.add("UPDATE settings SET switches = $1", params![bits(switches)]).await;
        }
        sign(tx, by).await;
        Ok(())
    })
}

pub(crate) fn put_grants(store: &PgStore, as_of: Generation, grants: GrantsDigest) -> Result<(), StoreError> {
    store.write(Order::One, async |tx| {
        let rows = tx.ask("SELECT grants FROM settings", Vec::new()).await?;
        if digest(get(first(&rows)?, 0)?)? != grants.0 {
            change_base(tx, as_of).await;
            tx.add("UPDATE settings SET grants = $1", params![grants.0.to_be_bytes().to_vec()]).await;
        }
        Ok(())
    })
}

pub(crate) fn state(store: &PgStore, connector: &ConnectorName) -> Result<StateMap, StoreError> {
    let rows = store.rows("SELECT key, value FROM kept WHERE connector = $1", params![connector.as_str()])?;
    let state = rows.iter().map(|row| {
        let key = std::str::from_utf8(get(row, 0)?).map_err(|error| Fault::row("state", error))?;
        Ok((key.into(), get::<&[u8]>(row, 1)?.into()))
    });
    Ok(state.collect::<Result<StateMap, Fault>>()?)
}

pub(crate) fn clear_state(store: &PgStore, connector: &ConnectorName, by: Sign<'_>) -> Result<u64, StoreError> {
    store.write(Order::One, async |tx| {
        let installed = "SELECT 1 / count(*) FROM connector WHERE name = $1 AND record IS NOT NULL";
        tx.guard(Refusal::Stale, installed, params![connector.as_str()]).await;
        let gone = tx.ask("DELETE FROM kept WHERE connector = $1 RETURNING 1", params![connector.as_str()]).await?;
        if !gone.is_empty() {
            // A pass that has read it is translated again.
            change_one(tx, connector, None).await;
        }
        sign_if(tx, !gone.is_empty(), by).await;
        Ok(gone.len() as u64)
    })
}

pub(crate) fn secret_key(store: &PgStore) -> Result<[u8; 32], StoreError> {
    let rows = store.rows("SELECT secret FROM settings", Vec::new())?;
    let secret: &[u8] = get(first(&rows)?, 0)?;
    secret.try_into().map_err(|_| StoreError::Unreadable("the secret key is of another length".to_owned()))
}
