//! Submissions. They lock their connectors' queues, and neither each other's nor those who process.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use lockgate_core::ports::{Generation, StoreError, Submitted};
use lockgate_core::task::{NewTask, Task, TaskId};
use lockgate_store_rows as rows;
use lockgate_store_rows::names::Intern;
use tokio_postgres::Row;

use crate::commit::IS_AS_CONFIGURED;
use crate::convert;
use crate::fault::{Fault, Refusal};
use crate::params::params;
use crate::store::{Order, PgStore, get};
use crate::tally::ON_THE_WAY;

// A statement behind it sees what was done before the lock was free.
const LOCK: &str = "SELECT name FROM queue WHERE name = ANY($1::text[]) ORDER BY name FOR UPDATE";
const TAKEN: &str = "SELECT k.connector, k.key, k.digest, k.task FROM task_key k JOIN unnest($1::text[], $2::bytea[]) n (connector, key) \
     ON k.connector = n.connector AND k.key = n.key";
const STANDING: &str = "SELECT q.name, q.came + coalesce(t.n, 0) FROM queue q LEFT JOIN tally t ON t.kind = $2 AND t.name = q.name \
     WHERE q.name = ANY($1::text[])";
const QUEUE: &str = "WITH last AS (UPDATE last_id SET id = id + cardinality($2::text[]) WHERE of = 'task' \
         RETURNING id - cardinality($2::text[]) AS id), \
     came AS MATERIALIZED (SELECT last.id + t.at AS id, t.* FROM last CROSS JOIN \
         unnest($2::text[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bytea[]) WITH ORDINALITY t (connector, head, body, key, digest, at)), \
     tasks AS (INSERT INTO task (id, connector, head, body) SELECT id, connector, head, body FROM came), \
     keys AS (INSERT INTO task_key (connector, key, digest, task) SELECT connector, key, digest, id FROM came WHERE key IS NOT NULL), \
     counted AS (UPDATE queue q SET came = q.came + n.n FROM (SELECT connector, count(*) AS n FROM came GROUP BY connector) n \
         WHERE q.name = n.connector) \
     UPDATE outcome SET ids = ARRAY(SELECT id FROM came ORDER BY at) WHERE token = $1 RETURNING ids";

/// What a client calls a task, and a digest of what it asks.
type Name = (Vec<u8>, [u8; 16]);
/// A connector and what a client calls a task of it.
type Called<'c> = (&'c str, &'c [u8]);

/// A task as it is stored, and what it is called by its client.
struct Ready {
    connector: String,
    head: Vec<u8>,
    body: Vec<u8>,
    key: Option<Name>,
}

/// What becomes of a task, as far as it is known before it has an id.
enum Fate {
    Known(Submitted),
    /// It is the so-manieth that is queued.
    New(usize),
    /// It repeats the so-manieth.
    Repeats(usize),
    Reuses(usize),
}

pub(crate) fn submit(store: &PgStore, as_of: Generation, tasks: Vec<NewTask>, queue_tasks_max: u64) -> Result<Vec<Submitted>, StoreError> {
    if tasks.is_empty() {
        return Ok(Vec::new());
    }
    let queued: Vec<(Option<Name>, Task)> = tasks
        .into_iter()
        .map(|task| {
            let key = task.idempotency().map(|known| (known.key.as_bytes().to_vec(), known.digest.to_be_bytes()));
            (key, task.queued(TaskId(0)))
        })
        .collect();
    let ready = store.encode(|names| Ok(queued.iter().map(|(key, task)| ready(key, task, names)).collect::<Vec<_>>()))?;
    let connectors: BTreeSet<String> = ready.iter().map(|task| task.connector.clone()).collect();
    let connectors: Vec<String> = connectors.into_iter().collect();
    let (of_keys, keys): (Vec<String>, Vec<Vec<u8>>) =
        ready.iter().filter_map(|task| Some((task.connector.clone(), task.key.as_ref()?.0.clone()))).unzip();
    let done = store.write_with_rows(Order::None, async |tx| {
        tx.add(LOCK, params![connectors.clone()]).await;
        tx.guard(Refusal::Stale, IS_AS_CONFIGURED, params![connectors.clone(), convert::bound(as_of.0)]).await;
        tx.add(TAKEN, params![of_keys.clone(), keys.clone()]).await;
        tx.add(STANDING, params![connectors.clone(), ON_THE_WAY]).await;
        let mut answers = tx.flush().await?;
        let (standing, taken) = (answers.pop().unwrap_or_default(), answers.pop().unwrap_or_default());
        let (fates, new) = decide(&ready, &taken, &standing, queue_tasks_max)?;
        let (mut owners, mut heads, mut bodies, mut keys, mut digests) = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for task in new {
            owners.push(task.connector.clone());
            heads.push(task.head.clone());
            bodies.push(task.body.clone());
            keys.push(task.key.as_ref().map(|(key, _)| key.clone()));
            digests.push(task.key.as_ref().map(|(_, digest)| digest.to_vec()));
        }
        tx.add(QUEUE, params![tx.token(), owners, heads, bodies, keys, digests]).await;
        Ok(fates)
    })?;
    let rows = match done.rows {
        Some(rows) => rows,
        None => store.rows("SELECT ids FROM outcome WHERE token = $1", params![done.token])?,
    };
    let ids: Vec<i64> = rows.first().map(|row| get(row, 0)).transpose()?.unwrap_or_default();
    let id = |at: usize| ids.get(at).map(|id| TaskId(convert::unid(*id))).ok_or_else(|| Fault::row("submission", "an id is missing"));
    let submitted = done.value.into_iter().map(|fate| {
        Ok(match fate {
            Fate::Known(submitted) => submitted,
            Fate::New(at) => Submitted::Queued(id(at)?),
            Fate::Repeats(at) => Submitted::Repeated(id(at)?),
            Fate::Reuses(at) => Submitted::KeyReused(id(at)?),
        })
    });
    submitted.collect()
}

fn ready(key: &Option<Name>, task: &Task, names: &mut dyn Intern) -> Ready {
    let body = task.external.body.to_vec();
    // Its body has a column of its own.
    let external = lockgate_core::task::ExternalObject { media_type: task.external.media_type.clone(), body: [].into() };
    let head = rows::task::encode(&Task { head: task.head.clone(), external }, names);
    Ready { connector: task.connector.as_str().to_owned(), head, body, key: key.clone() }
}

/// What becomes of each, in order, and those that are queued.
fn decide<'r>(ready: &'r [Ready], taken: &[Row], standing: &[Row], queue_tasks_max: u64) -> Result<(Vec<Fate>, Vec<&'r Ready>), Fault> {
    let mut known: HashMap<Called<'_>, (&[u8], i64)> = HashMap::new();
    for row in taken {
        known.insert((get(row, 0)?, get(row, 1)?), (get(row, 2)?, get(row, 3)?));
    }
    let mut room: BTreeMap<&str, u64> = BTreeMap::new();
    for row in standing {
        let there = u64::try_from(get::<i64>(row, 1)?).unwrap_or(0);
        room.insert(get(row, 0)?, queue_tasks_max.saturating_sub(there));
    }
    let mut here: HashMap<Called<'_>, (&[u8], usize)> = HashMap::new();
    let (mut fates, mut new) = (Vec::with_capacity(ready.len()), Vec::new());
    for task in ready {
        let connector = task.connector.as_str();
        if let Some((key, digest)) = &task.key {
            if let Some((there, id)) = known.get(&(connector, key.as_slice())) {
                let id = TaskId(convert::unid(*id));
                fates.push(Fate::Known(if there == digest { Submitted::Repeated(id) } else { Submitted::KeyReused(id) }));
                continue;
            }
            if let Some((there, at)) = here.get(&(connector, key.as_slice())) {
                fates.push(if there == digest { Fate::Repeats(*at) } else { Fate::Reuses(*at) });
                continue;
            }
        }
        let left = room.entry(connector).or_default();
        let Some(less) = left.checked_sub(1) else {
            fates.push(Fate::Known(Submitted::QueueFull));
            continue;
        };
        *left = less;
        if let Some((key, digest)) = &task.key {
            here.insert((connector, key.as_slice()), (digest.as_slice(), new.len()));
        }
        fates.push(Fate::New(new.len()));
        new.push(task);
    }
    Ok((fates, new))
}
