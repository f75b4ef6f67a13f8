//! What becomes of tasks: those that leave the queue, and those that stay and how.

use lockgate_core::effects::{Effects, Fate};
use lockgate_core::history::{Entry, LOG_LINES_KEPT_MAX, Outcome};
use lockgate_core::names::ConnectorName;
use lockgate_core::park::{Line, Waiting};
use lockgate_core::ports::Standing;
use lockgate_core::task::{TaskId, TaskState, stands_apart};
use lockgate_store_rows as rows;
use lockgate_store_rows::names::Intern;
use lockgate_store_rows::words::Word as _;

use super::wakes::{ADD_WANTS, FORGET_TASKS, Waiters, waits};
use crate::convert;
use crate::fault::Fault;
use crate::params::params;
use crate::tally::{self, Deltas};
use crate::tx::Tx;

/// What remains of the flag that a task is due when it stands otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    /// It has been looked at.
    Cleared,
    /// To be tried alone it is due still: only groups were tried with it.
    Alone,
    /// An operator has changed it, and whoever was due is due.
    Kept,
}

/// Tasks that stay, as columns.
#[derive(Debug, Default)]
pub(crate) struct Standings {
    ids: Vec<i64>,
    states: Vec<i16>,
    apart: Vec<bool>,
    fails: Vec<bool>,
    lined: Vec<bool>,
    since: Vec<Option<i64>>,
    rows: Vec<Vec<u8>>,
    pub(crate) waiters: Waiters,
    lines: (Vec<String>, Vec<i64>, Vec<i16>, Vec<i64>),
    brings: (Vec<i64>, Vec<i64>),
    /// Tasks that go behind another, and whom.
    behind: (Vec<i64>, Vec<i64>),
}

impl Standings {
    pub(crate) fn add(&mut self, connector: &ConnectorName, id: TaskId, standing: &Standing) {
        let waiting = standing.waiting.as_deref();
        self.ids.push(convert::id(id.0));
        self.states.push(standing.state.byte().into());
        self.apart.push(stands_apart(standing.state, standing.aside));
        self.fails.push(standing.failure.is_some());
        self.lined.push(waiting.is_some_and(|waiting| !waiting.lines.is_empty()));
        self.since.push(waiting.filter(|_| standing.state == TaskState::Parked).map(|waiting| waiting.since_ms));
        self.rows.push(rows::standing::encode(standing));
        self.waiters.task(connector, id, standing);
        if let Some(waiting) = waiting {
            self.known(connector, id, standing, waiting);
        }
    }

    fn known(&mut self, connector: &ConnectorName, id: TaskId, standing: &Standing, waiting: &Waiting) {
        for Line { kind, mark } in &waiting.lines {
            self.lines.0.push(connector.as_str().to_owned());
            self.lines.1.push(convert::mark(*mark));
            self.lines.2.push(kind.byte().into());
            self.lines.3.push(convert::id(id.0));
        }
        for mark in waiting.brings.iter().filter(|_| waits(standing)) {
            self.brings.0.push(convert::mark(*mark));
            self.brings.1.push(convert::id(id.0));
        }
        if let Some(behind) = waiting.behind.filter(|_| stands_apart(standing.state, standing.aside)) {
            self.behind.0.push(convert::id(id.0));
            self.behind.1.push(convert::id(behind.0));
        }
    }

    /// Gives the tasks their standing. What they were known by before is forgotten already.
    pub(crate) async fn put(&self, tx: &Tx<'_>, due: Due) {
        if self.ids.is_empty() {
            return;
        }
        let mode: i16 = match due {
            Due::Cleared => 0,
            Due::Alone => 1,
            Due::Kept => 2,
        };
        let Self { ids, states, apart, fails, lined, since, rows, .. } = self;
        let columns = params![ids.clone(), states.clone(), apart.clone(), fails.clone(), lined.clone(), since.clone(), rows.clone(), mode];
        tx.add(RESTAND, columns).await;
        tx.add(tally::COUNT_TASKS, params![self.ids.clone(), 1i64]).await;
        if !self.lines.0.is_empty() {
            let (connectors, marks, kinds, tasks) = self.lines.clone();
            let sql = "INSERT INTO line (connector, mark, kind, task) \
                 SELECT * FROM unnest($1::text[], $2::int8[], $3::int2[], $4::int8[]) ON CONFLICT DO NOTHING";
            tx.add(sql, params![connectors, marks, kinds, tasks]).await;
        }
        if !self.brings.0.is_empty() {
            let (marks, tasks) = self.brings.clone();
            let sql = "INSERT INTO bring (mark, task) SELECT * FROM unnest($1::int8[], $2::int8[]) ON CONFLICT DO NOTHING";
            tx.add(sql, params![marks, tasks]).await;
        }
        if self.waiters.any() {
            tx.add(ADD_WANTS, self.waiters.wants()).await;
        }
    }

    /// Whoever is behind a task that has ended meanwhile is due: nothing would wake it any more.
    pub(crate) async fn wake_behind_nobody(&self, tx: &Tx<'_>) {
        if !self.behind.0.is_empty() {
            let (tasks, behind) = self.behind.clone();
            tx.add(BEHIND_NOBODY, params![tasks, behind]).await;
        }
    }
}

const RESTAND: &str = "UPDATE task t SET version = t.version + 1, state = n.state, apart = n.apart, fails = n.fails, lined = n.lined, \
         since_ms = n.since_ms, standing = n.standing, \
         due = CASE WHEN n.apart AND ($8::int2 = 2 OR ($8::int2 = 1 AND t.due = 0)) THEN t.due END \
     FROM unnest($1::int8[], $2::int2[], $3::bool[], $4::bool[], $5::bool[], $6::int8[], $7::bytea[]) \
         n (id, state, apart, fails, lined, since_ms, standing) WHERE t.id = n.id";
const BEHIND_NOBODY: &str = "UPDATE task t SET due = 0 FROM unnest($1::int8[], $2::int8[]) b (id, behind) \
     WHERE t.id = b.id AND NOT EXISTS (SELECT 1 FROM task o WHERE o.id = b.behind AND o.connector = t.connector)";

/// History entries, as columns.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    tasks: Vec<i64>,
    connectors: Vec<String>,
    mended: Vec<bool>,
    ended: Vec<i64>,
    rows: Vec<Vec<u8>>,
    /// Tasks whose idempotency keys are free again.
    freed: Vec<i64>,
}

impl Entries {
    pub(crate) fn add(&mut self, entry: &Entry, names: &mut dyn Intern) {
        let task = convert::id(entry.task.0);
        self.tasks.push(task);
        self.connectors.push(entry.connector.as_str().to_owned());
        self.mended.push(entry.outcome == Outcome::Mended);
        self.ended.push(entry.ended_ms);
        self.rows.push(rows::entry::encode(entry, names));
        if matches!(entry.outcome, Outcome::Failed(_) | Outcome::Deleted(_)) {
            self.freed.push(task);
        }
    }

    pub(crate) async fn put(&self, tx: &Tx<'_>) {
        if self.tasks.is_empty() {
            return;
        }
        let Self { tasks, connectors, mended, ended, rows, freed } = self;
        tx.add(ADD_ENTRIES, params![tasks.clone(), connectors.clone(), mended.clone(), ended.clone(), rows.clone()]).await;
        let mut deltas = Deltas::default();
        deltas.add(tally::HISTORY, "", convert::limit(tasks.len()));
        super::count(tx, &deltas).await;
        if !freed.is_empty() {
            tx.add("DELETE FROM task_key WHERE task = ANY($1::int8[])", params![freed.clone()]).await;
        }
    }
}

const ADD_ENTRIES: &str = "INSERT INTO history (n, task, connector, mended, ended_ms, entry) \
     SELECT nextval('history_number'), e.task, e.connector, e.mended, e.ended_ms, e.entry FROM (SELECT * FROM \
     unnest($1::int8[], $2::text[], $3::bool[], $4::int8[], $5::bytea[]) WITH ORDINALITY e (task, connector, mended, ended_ms, entry, at) \
     ORDER BY at) e";

/// What becomes of the tasks of a commit.
pub(crate) struct Fates {
    removed: Vec<i64>,
    pub(crate) standings: Standings,
    entries: Entries,
    log: (Vec<i64>, Vec<Vec<u8>>),
}

impl Fates {
    pub(crate) fn new(effects: &Effects, names: &mut dyn Intern) -> Result<Self, Fault> {
        let mut fates = Self { removed: Vec::new(), standings: Standings::default(), entries: Entries::default(), log: Default::default() };
        for task in effects.tasks() {
            for line in &task.log {
                fates.log.0.push(convert::id(task.id.0));
                fates.log.1.push(rows::entry::encode_line(line));
            }
            match &task.fate {
                Fate::Removed(entry) => {
                    fates.removed.push(convert::id(task.id.0));
                    fates.entries.add(entry, names);
                }
                Fate::Stays(standing) => fates.standings.add(&task.connector, task.id, standing),
            }
        }
        effects.mends().iter().for_each(|entry| fates.entries.add_mend(entry, names));
        Ok(fates)
    }

    pub(crate) async fn put(&self, tx: &Tx<'_>, regroups: bool) {
        if !self.log.0.is_empty() {
            let (tasks, lines) = self.log.clone();
            let mut logged = tasks.clone();
            logged.dedup();
            tx.add(ADD_LINES, params![tasks, lines]).await;
            tx.add(TRIM_LINES, params![logged, i64::from(LOG_LINES_KEPT_MAX)]).await;
        }
        take(tx, &self.removed, &self.standings).await;
        self.standings.put(tx, if regroups { Due::Alone } else { Due::Cleared }).await;
        self.entries.put(tx).await;
        self.standings.wake_behind_nobody(tx).await;
    }
}

impl Entries {
    /// One about a task that has ended before, or ends beside it.
    fn add_mend(&mut self, entry: &Entry, names: &mut dyn Intern) {
        let freed = self.freed.len();
        self.add(entry, names);
        self.freed.truncate(freed);
    }
}

/// Takes tasks out of the queue, and all that is known of others that will stand otherwise.
pub(crate) async fn take(tx: &Tx<'_>, removed: &[i64], standings: &Standings) {
    let all: Vec<i64> = removed.iter().chain(&standings.ids).copied().collect();
    if all.is_empty() {
        return;
    }
    tx.add(tally::COUNT_TASKS, params![all.clone(), -1i64]).await;
    tx.add(FORGET_TASKS, params![all]).await;
    if !removed.is_empty() {
        tx.add("DELETE FROM task WHERE id = ANY($1::int8[])", params![removed.to_vec()]).await;
    }
}

// Lines of one task go on counting where they stopped.
const ADD_LINES: &str = "INSERT INTO log (task, n, line) SELECT l.task, \
         coalesce((SELECT max(n) FROM log WHERE log.task = l.task), 0) + row_number() OVER (PARTITION BY l.task ORDER BY l.at), l.line \
     FROM unnest($1::int8[], $2::bytea[]) WITH ORDINALITY l (task, line, at)";
const TRIM_LINES: &str = "DELETE FROM log USING (SELECT t, (SELECT max(n) FROM log WHERE log.task = t) - $2::int8 AS last \
     FROM unnest($1::int8[]) t) old WHERE log.task = old.t AND log.n <= old.last";

/// One history entry's columns, for whoever adds entries beside a commit.
pub(crate) fn entry_columns(entries: &[Entry], names: &mut dyn Intern) -> Entries {
    let mut columns = Entries::default();
    entries.iter().for_each(|entry| columns.add(entry, names));
    columns
}
