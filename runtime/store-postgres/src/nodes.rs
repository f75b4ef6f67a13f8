//! Processes that share the database: who is there, who has which connector, and what is wanted of it. Time is the
//! server's.

use std::collections::BTreeSet;

use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Beat, Beaten, Generation, GrantsDigest, Heard, Life, Marks, Node, NodeName, Seen, Shared, StoreError, Wish};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::convert;
use crate::fault::Fault;
use crate::operations::name;
use crate::packet::Statement;
use crate::params::params;
use crate::registry::digest;
use crate::store::{PgStore, get};

/// What is lost with the power is said again before anybody misses it.
const NOT_DURABLE: &str = "SET LOCAL synchronous_commit = off";
const BEAT: &str = "INSERT INTO node AS n (name, life, until, grants, about) \
     VALUES ($1, $2, clock_timestamp() + $3::int8 * interval '1 ms', $4, $5) \
     ON CONFLICT (name) DO UPDATE SET life = EXCLUDED.life, beaten = clock_timestamp(), until = EXCLUDED.until, grants = EXCLUDED.grants, \
         about = EXCLUDED.about, since = CASE WHEN n.life = EXCLUDED.life THEN n.since ELSE now() END, \
         drains = n.drains AND n.life = EXCLUDED.life \
     WHERE n.life = EXCLUDED.life OR n.until <= clock_timestamp() RETURNING 1";
// A row that a commit has locked is not waited for: who commits has its lease, and renews it before it is over.
const RENEW: &str = "UPDATE connector c SET lease_until = clock_timestamp() + $4::int8 * interval '1 ms' FROM \
     (SELECT name FROM connector WHERE holder = $1 AND name = ANY($3::text[]) AND EXISTS (SELECT 1 FROM node WHERE name = $1 AND life = $2) \
      ORDER BY name FOR NO KEY UPDATE SKIP LOCKED) held WHERE c.name = held.name";
const SEEN: &str = "INSERT INTO nudge AS n (connector, seen_came, seen_passes, seen_begins, seen_dues) \
     SELECT c.* FROM unnest($1::text[], $2::int8[], $3::int8[], $4::int8[], $5::int8[]) c \
     ON CONFLICT (connector) DO UPDATE SET seen_came = EXCLUDED.seen_came, seen_passes = GREATEST(n.seen_passes, EXCLUDED.seen_passes), \
         seen_begins = GREATEST(n.seen_begins, EXCLUDED.seen_begins), seen_dues = GREATEST(n.seen_dues, EXCLUDED.seen_dues)";
const FORGET: &str = "DELETE FROM node WHERE until < clock_timestamp() - interval '1 day'";

// A node whose time ran out while the server was away has not had the time to say so yet.
const NODES: &str = "SELECT name, life, (extract(epoch FROM since) * 1000)::int8, \
     (extract(epoch FROM clock_timestamp() - beaten) * 1000)::int8, \
     until > clock_timestamp() OR until > pg_postmaster_start_time() - interval '1 min' \
         AND clock_timestamp() < pg_postmaster_start_time() + (until - beaten), \
     drains, grants, about FROM node ORDER BY name COLLATE \"C\"";
const SHARED: &str = "SELECT c.name, c.holder, q.came, coalesce(n.passes, 0), coalesce(n.begins, 0), coalesce(n.dues, 0), \
         coalesce(n.seen_came, 0), coalesce(n.seen_passes, 0), coalesce(n.seen_begins, 0), coalesce(n.seen_dues, 0), \
         EXISTS (SELECT 1 FROM packet p WHERE p.connector = c.name), \
         EXISTS (SELECT 1 FROM task t WHERE t.connector = c.name AND t.due IS NOT NULL) \
         OR EXISTS (SELECT 1 FROM loose l WHERE l.connector = c.name AND l.due) OR EXISTS (SELECT 1 FROM arrival a WHERE a.connector = c.name) \
     FROM connector c JOIN queue q ON q.name = c.name LEFT JOIN nudge n ON n.connector = c.name \
     WHERE c.record IS NOT NULL ORDER BY c.name COLLATE \"C\"";
const SETTINGS: &str = "SELECT generation, grants FROM settings";
const LEFT: &str = "SELECT (extract(epoch FROM until - clock_timestamp()) * 1000)::int8 FROM node WHERE name = $1";

fn plain(sql: &'static str) -> Statement {
    Statement::new(sql, Vec::new())
}

/// One packet, however many connectors there are.
pub(crate) fn beat(store: &PgStore, beat: &Beat<'_>) -> Result<Beaten, StoreError> {
    let (node, life, lease_ms) = (beat.node.as_str(), Uuid::from_u128(beat.life.0), convert::bound(beat.lease_ms));
    let held: Vec<String> = beat.held.iter().map(|name| name.as_str().to_owned()).collect();
    let grants = beat.grants.0.to_be_bytes().to_vec();
    let mut statements = vec![
        plain("BEGIN ISOLATION LEVEL READ COMMITTED"),
        plain(NOT_DURABLE),
        Statement::new(BEAT, params![node, life, lease_ms, grants, beat.about]),
        Statement::new(LEFT, params![node]),
        plain(NODES),
        plain(SHARED),
        plain(SETTINGS),
        Statement::new(RENEW, params![node, life, held, lease_ms]),
        plain(FORGET),
    ];
    if !beat.seen.is_empty() {
        statements.push(seen(beat.seen));
    }
    statements.push(plain("COMMIT"));
    let answers = store.told(store.pool.run(store.send(&statements)))?;
    let [_, _, beaten, left, nodes, shared, settings, ..] = answers.as_slice() else {
        return Err(Fault::row("beat", "an answer is missing").into());
    };
    if beaten.is_empty() {
        let left_ms = left.first().map(|row| get::<i64>(row, 0)).transpose()?;
        return Ok(Beaten::NameTaken(left_ms.and_then(|ms| u64::try_from(ms).ok()).unwrap_or(0)));
    }
    Ok(Beaten::Heard(heard(nodes, shared, settings)?))
}

fn seen(all: &[Seen]) -> Statement {
    let numbers = |of: fn(&Marks) -> u64| all.iter().map(|seen| convert::bound(of(&seen.marks))).collect::<Vec<i64>>();
    let names: Vec<String> = all.iter().map(|seen| seen.connector.as_str().to_owned()).collect();
    let [came, passes, begins, dues] =
        [numbers(|marks| marks.came), numbers(|marks| marks.passes), numbers(|marks| marks.begins), numbers(|marks| marks.dues)];
    Statement::new(SEEN, params![names, came, passes, begins, dues])
}

pub(crate) fn look(store: &PgStore) -> Result<Heard, StoreError> {
    let answers = store.read(vec![plain(NODES), plain(SHARED), plain(SETTINGS)])?;
    let [nodes, shared, settings] = answers.as_slice() else { return Err(Fault::row("nodes", "an answer is missing").into()) };
    Ok(heard(nodes, shared, settings)?)
}

fn heard(nodes: &[Row], shared: &[Row], settings: &[Row]) -> Result<Heard, Fault> {
    let settings = settings.first().ok_or_else(|| Fault::row("settings", "they are missing"))?;
    Ok(Heard {
        nodes: nodes.iter().map(node).collect::<Result<_, _>>()?,
        connectors: shared.iter().map(connector).collect::<Result<_, _>>()?,
        generation: Generation(convert::unid(get(settings, 0)?)),
        grants: GrantsDigest(digest(get(settings, 1)?)?),
    })
}

fn node(row: &Row) -> Result<Node, Fault> {
    Ok(Node {
        name: NodeName::new(get(row, 0)?),
        life: Life(get::<Uuid>(row, 1)?.as_u128()),
        since_ms: get(row, 2)?,
        silent_ms: u64::try_from(get::<i64>(row, 3)?).unwrap_or(0),
        is_there: get(row, 4)?,
        drains: get(row, 5)?,
        grants: GrantsDigest(digest(get(row, 6)?)?),
        about: get(row, 7)?,
    })
}

fn connector(row: &Row) -> Result<Shared, Fault> {
    let marks = |at: usize| -> Result<Marks, Fault> {
        let number = |at| Ok::<_, Fault>(convert::unid(get(row, at)?));
        Ok(Marks { came: number(at)?, passes: number(at + 1)?, begins: number(at + 2)?, dues: number(at + 3)? })
    };
    Ok(Shared {
        name: name(get(row, 0)?)?,
        holder: get::<Option<&str>>(row, 1)?.map(NodeName::new),
        now: marks(2)?,
        seen: marks(6)?,
        operations: get(row, 10)?,
        due: get(row, 11)?,
    })
}

pub(crate) fn leave(store: &PgStore, node: &NodeName, life: Life) -> Result<(), StoreError> {
    let sql = "DELETE FROM node WHERE name = $1 AND life = $2";
    store.rows(sql, params![node.as_str(), Uuid::from_u128(life.0)]).map(drop)
}

pub(crate) fn drain(store: &PgStore, node: &NodeName, drains: bool) -> Result<bool, StoreError> {
    let rows = store.rows("UPDATE node SET drains = $2 WHERE name = $1 RETURNING 1", params![node.as_str(), drains])?;
    Ok(!rows.is_empty())
}

const WANT_PASS: &str = "INSERT INTO nudge AS n (connector, passes) SELECT c, 1 FROM unnest($1::text[]) c \
     ON CONFLICT (connector) DO UPDATE SET passes = n.passes + 1";
const WANT_BEGIN: &str = "INSERT INTO nudge AS n (connector, begins) SELECT c, 1 FROM unnest($1::text[]) c \
     ON CONFLICT (connector) DO UPDATE SET begins = n.begins + 1";

const WANT_DUE: &str = "INSERT INTO nudge AS n (connector, dues) SELECT c, 1 FROM unnest($1::text[]) c \
     ON CONFLICT (connector) DO UPDATE SET dues = n.dues + 1";

/// Carried out twice, because an answer was lost, it is one wish more, and no harm.
pub(crate) fn want(store: &PgStore, kind: Wish, connectors: &BTreeSet<ConnectorName>) -> Result<(), StoreError> {
    let sql = match kind {
        Wish::Pass => WANT_PASS,
        Wish::Begin => WANT_BEGIN,
        Wish::Due => WANT_DUE,
    };
    let names: Vec<String> = connectors.iter().map(|name| name.as_str().to_owned()).collect();
    store.rows(sql, params![names]).map(drop)
}
