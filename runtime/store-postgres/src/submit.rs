//! Submissions. They lock their connectors' queues, and neither each other's nor those who process.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use lockgate_core::ports::{Generation, StoreError, Submitted};
use lockgate_core::task::{NewTask, Task, TaskId};
use lockgate_store_rows as rows;
use lockgate_store_rows::names::Intern;
use tokio_postgres::Row;

use crate::convert;
use crate::fault::Fault;
use crate::params::params;
use crate::store::{Order, PgStore, get};
use crate::tally::ON_THE_WAY;

// What admission looked at: when it was changed last.
const CHANGED: &str =
    "SELECT s.base, c.name, c.changed FROM settings s LEFT JOIN connector c ON c.name = ANY($1::text[]) AND c.record IS NOT NULL";
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
pub(crate) struct Ready {
    connector: String,
    head: Vec<u8>,
    body: Vec<u8>,
    key: Option<Name>,
}

/// Tasks that one caller submits.
pub(crate) struct Request {
    as_of: Generation,
    tasks: Vec<Ready>,
    queue_tasks_max: u64,
}

/// What a caller hears.
pub(crate) type Answer = Result<Vec<Submitted>, StoreError>;

/// What becomes of a task, as far as it is known before it has an id.
enum Fate {
    Known(Submitted),
    /// It is the so-manieth that is queued.
    New(usize),
    /// It repeats the so-manieth.
    Repeats(usize),
    Reuses(usize),
}

/// Makes tasks ready to be queued, on the caller's thread.
pub(crate) fn prepare(store: &PgStore, as_of: Generation, tasks: Vec<NewTask>, queue_tasks_max: u64) -> Result<Request, StoreError> {
    let queued: Vec<(Option<Name>, Task)> = tasks
        .into_iter()
        .map(|task| {
            let key = task.idempotency().map(|known| (known.key.as_bytes().to_vec(), known.digest.to_be_bytes()));
            (key, task.queued(TaskId(0)))
        })
        .collect();
    let tasks = store.encode(|names| Ok(queued.iter().map(|(key, task)| ready(key, task, names)).collect::<Vec<_>>()))?;
    Ok(Request { as_of, tasks, queue_tasks_max })
}

/// Tasks that share one transaction, at most; one request is never divided.
const TASKS_MAX: usize = 5_000;

/// Queues what a caller submits, together with what others do.
pub(crate) fn share(store: &PgStore, request: Request) -> Answer {
    store.submissions.submit(
        request,
        TASKS_MAX,
        |request| request.tasks.len(),
        |requests| queue(store, requests).unwrap_or_else(|error| requests.iter().map(|_| Err(error.clone())).collect()),
    )
}

/// Queues what several callers submit, in one transaction; one answer for each.
fn queue(store: &PgStore, requests: &[Request]) -> Result<Vec<Answer>, StoreError> {
    let tasks = || requests.iter().flat_map(|request| &request.tasks);
    let connectors: BTreeSet<String> = tasks().map(|task| task.connector.clone()).collect();
    let connectors: Vec<String> = connectors.into_iter().collect();
    let (of_keys, keys): (Vec<String>, Vec<Vec<u8>>) =
        tasks().filter_map(|task| Some((task.connector.clone(), task.key.as_ref()?.0.clone()))).unzip();
    let done = store.write_with_rows(Order::None, async |tx| {
        tx.add(LOCK, params![connectors.clone()]).await;
        tx.add(CHANGED, params![connectors.clone()]).await;
        tx.add(TAKEN, params![of_keys.clone(), keys.clone()]).await;
        tx.add(STANDING, params![connectors.clone(), ON_THE_WAY]).await;
        let mut answers = tx.flush().await?;
        let mut last = || answers.pop().unwrap_or_default();
        let (standing, taken, changed) = (last(), last(), last());
        let (fates, new) = Decided::new(&taken, &standing, &changed)?.all(requests);
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
    let submitted = |fate: Fate| {
        Ok(match fate {
            Fate::Known(submitted) => submitted,
            Fate::New(at) => Submitted::Queued(id(at)?),
            Fate::Repeats(at) => Submitted::Repeated(id(at)?),
            Fate::Reuses(at) => Submitted::KeyReused(id(at)?),
        })
    };
    let answers = done.value.into_iter().map(|fates| match fates {
        Some(fates) => fates.into_iter().map(submitted).collect(),
        None => Err(StoreError::Stale),
    });
    Ok(answers.collect())
}

fn ready(key: &Option<Name>, task: &Task, names: &mut dyn Intern) -> Ready {
    let body = task.external.body.to_vec();
    // Its body has a column of its own.
    let external = lockgate_core::task::ExternalObject { media_type: task.external.media_type.clone(), body: [].into() };
    let head = rows::task::encode(&Task { head: task.head.clone(), external }, names);
    Ready { connector: task.connector.as_str().to_owned(), head, body, key: key.clone() }
}

/// What is known of the queues, and what has been decided on top of it.
struct Decided<'r> {
    base: i64,
    /// When each connector was changed last, of those that are there.
    changed: BTreeMap<String, i64>,
    /// Keys that are taken, with their digests and tasks.
    taken: HashMap<(String, Vec<u8>), (Vec<u8>, i64)>,
    /// How many tasks are on their way.
    there: BTreeMap<String, u64>,
    /// Keys of tasks that are queued here, with their digests.
    here: HashMap<Called<'r>, (&'r [u8], usize)>,
    new: Vec<&'r Ready>,
}

impl<'r> Decided<'r> {
    fn new(taken: &[Row], standing: &[Row], changed: &[Row]) -> Result<Self, Fault> {
        let mut known = Self {
            base: 0,
            changed: BTreeMap::new(),
            taken: HashMap::new(),
            there: BTreeMap::new(),
            here: HashMap::new(),
            new: Vec::new(),
        };
        for row in changed {
            known.base = get(row, 0)?;
            if let Some(name) = get::<Option<String>>(row, 1)? {
                known.changed.insert(name, get(row, 2)?);
            }
        }
        for row in taken {
            known.taken.insert((get(row, 0)?, get(row, 1)?), (get(row, 2)?, get(row, 3)?));
        }
        for row in standing {
            known.there.insert(get(row, 0)?, u64::try_from(get::<i64>(row, 1)?).unwrap_or(0));
        }
        Ok(known)
    }

    /// What becomes of each request's tasks, in order (`None`: it is stale), and the tasks that are queued.
    fn all(mut self, requests: &'r [Request]) -> (Vec<Option<Vec<Fate>>>, Vec<&'r Ready>) {
        let fates = requests.iter().map(|request| {
            let as_of = convert::bound(request.as_of.0);
            let in_time = |task: &Ready| self.changed.get(&task.connector).is_some_and(|changed| *changed <= as_of);
            let holds = self.base <= as_of && request.tasks.iter().all(in_time);
            holds.then(|| request.tasks.iter().map(|task| self.one(task, request.queue_tasks_max)).collect())
        });
        let fates = fates.collect();
        (fates, self.new)
    }

    fn one(&mut self, task: &'r Ready, queue_tasks_max: u64) -> Fate {
        let connector = task.connector.as_str();
        if let Some((key, digest)) = &task.key {
            if let Some((there, id)) = self.taken.get(&(task.connector.clone(), key.clone())) {
                let id = TaskId(convert::unid(*id));
                return Fate::Known(if there == digest { Submitted::Repeated(id) } else { Submitted::KeyReused(id) });
            }
            if let Some((there, at)) = self.here.get(&(connector, key.as_slice())) {
                return if there == digest { Fate::Repeats(*at) } else { Fate::Reuses(*at) };
            }
        }
        let there = self.there.entry(task.connector.clone()).or_default();
        if *there >= queue_tasks_max {
            return Fate::Known(Submitted::QueueFull);
        }
        *there += 1;
        let at = self.new.len();
        if let Some((key, digest)) = &task.key {
            self.here.insert((connector, key.as_slice()), (digest.as_slice(), at));
        }
        self.new.push(task);
        Fate::New(at)
    }
}
