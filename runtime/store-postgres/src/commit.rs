//! A commit: checked and carried out in one transaction, which is one packet unless it is part of an operation.

mod changes;
mod fates;
mod keys;
mod seen;
mod wakes;

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use lockgate_core::effects::Effects;
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Lease, StoreError};

pub(crate) use fates::{Due, Entries, Standings, entry_columns, take};
pub(crate) use keys::{former_key, tomb_key};
pub(crate) use wakes::{FORGET_LOOSE, FORGET_TASKS, LOOSE, SWEEP_WANTED, Touched, wake};

use crate::audit::{Sign, sign};
use crate::convert;
use crate::fault::{Fault, Refusal};
use crate::operations;
use crate::packet::Statement;
use crate::params::params;
use crate::store::{Order, PgStore};
use crate::tally;
use crate::tx::Tx;

/// The lease is the newest. Locked, so that no claim comes between.
pub(crate) const HAS_LEASE: &str =
    "SELECT 1 / count(*) FROM (SELECT 1 FROM connector WHERE name = $1 AND epoch = $2 FOR NO KEY UPDATE) lease";
/// Nothing that concerns these connectors has changed since a generation, and all are there.
pub(crate) const IS_AS_CONFIGURED: &str = "SELECT 1 / ((SELECT base FROM settings) <= $2 AND \
     (SELECT count(*) FROM connector WHERE name = ANY($1::text[]) AND record IS NOT NULL AND changed <= $2) = cardinality($1::text[]))::int";
/// These tasks are queued, of these connectors and in these versions.
const TASKS_ARE_AS_THEY_WERE: &str = "SELECT 1 / (count(*) = cardinality($1::int8[]))::int \
     FROM task JOIN unnest($1::int8[], $2::text[], $3::int8[]) seen (id, connector, version) USING (id, connector, version)";
/// Nobody else has touched one of these since a commit.
const NOT_TOUCHED: &str = "SELECT 1 / ((SELECT forgotten FROM clock) <= $2 AND NOT EXISTS (\
     SELECT 1 FROM touched t WHERE t.n > $2 AND t.connector <> $3 \
     AND (t.marks IS NULL OR EXISTS (SELECT 1 FROM unnest(t.marks) mark WHERE mark = ANY($1::int8[])))))::int";
/// What a commit has touched.
pub(crate) const TOUCH: &str = "INSERT INTO touched (n, connector, marks) SELECT n, $1, $2 FROM clock";
/// Everything counts as touched, by nobody in particular.
pub(crate) const TOUCH_ALL: &str = "INSERT INTO touched (n, connector, marks) SELECT n, '', NULL FROM clock";
/// Nobody waits for anything.
const NOBODY_WAITS: &str = "SELECT 1 / (NOT EXISTS (SELECT 1 FROM want))::int";

/// Commits that share one transaction, at most.
const COMMITS_MAX: usize = 16;

/// What came of a commit.
pub(crate) type Committed = Result<(), Not>;

/// Why a commit was not carried out.
#[derive(Debug, Clone)]
pub(crate) enum Not {
    Refused(Refusal),
    Failed(StoreError),
}

impl From<Fault> for Not {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Refused(refusal) => Self::Refused(refusal),
            fault => Self::Failed(fault.into()),
        }
    }
}

/// Carries out effects under a lease.
pub(crate) fn commit(store: &PgStore, lease: &Lease, effects: &Effects) -> Result<(), StoreError> {
    let commit = Commit {
        lease,
        effects,
        changes: store.encode(|names| changes::Changes::new(effects.changes(), effects.model(), names))?,
        fates: store.encode(|names| fates::Fates::new(effects, names))?,
        touched: marks(effects.touched().iter().map(lockgate_core::key::Key::mark)),
        relied: marks(effects.relied().iter().map(lockgate_core::key::Key::mark)),
    };
    loop {
        let wakes = (store.may_wait() || commit.begins_to_wait()).then(|| wakes::Touched::new(effects));
        let done = match effects.step() {
            // A part of an operation has to look first.
            Some(_) => store.try_write(Order::One, async |tx| commit.put(tx, wakes.as_ref()).await).map_err(Not::from),
            None => {
                let paper = Tx::on_paper();
                store.pool.run(commit.put(&paper, wakes.as_ref()))?;
                let alike = |_: &Vec<Statement>| 1;
                store.commits.submit(paper.into_statements(), COMMITS_MAX, alike, |commits| together(store, commits))
            }
        };
        if commit.begins_to_wait() {
            store.waits.store(true, Ordering::Relaxed);
        }
        match done {
            // Somebody waits since it was looked last: the same again, with what wakes him.
            Err(Not::Refused(Refusal::Waits)) => store.waits.store(true, Ordering::Relaxed),
            Ok(()) => return Ok(()),
            Err(Not::Refused(refusal)) => return Err(refusal.into()),
            Err(Not::Failed(error)) => return Err(error),
        }
    }
}

/// Carries out commits of several connectors, one after the other in one transaction. When one of them is refused,
/// nothing is done, and each is carried out for itself.
fn together(store: &PgStore, commits: &[Vec<Statement>]) -> Vec<Committed> {
    let carry_out = |commits: &[Vec<Statement>]| {
        let done = store.try_write(Order::One, async |tx| {
            for (at, statements) in commits.iter().enumerate() {
                tx.add_commit(statements, at == 0).await;
            }
            Ok(())
        });
        store.tell(done).map_err(Not::from)
    };
    match carry_out(commits) {
        Err(Not::Refused(_)) if commits.len() > 1 => commits.iter().map(|commit| carry_out(std::slice::from_ref(commit))).collect(),
        done => commits.iter().map(|_| done.clone()).collect(),
    }
}

/// A commit, made ready on its caller's thread.
struct Commit<'c> {
    lease: &'c Lease,
    effects: &'c Effects,
    changes: changes::Changes,
    fates: fates::Fates,
    touched: Vec<i64>,
    relied: Vec<i64>,
}

impl Commit<'_> {
    fn begins_to_wait(&self) -> bool {
        self.changes.waiters.any() || self.fates.standings.waiters.any()
    }

    /// All statements of it; `wakes`: `None` when nobody is known who waits.
    async fn put(&self, tx: &Tx<'_>, wakes: Option<&wakes::Touched>) -> Result<(), Fault> {
        let Self { lease, effects, .. } = self;
        check(tx, lease, effects, &self.relied).await;
        let step = match effects.step() {
            Some(step) => Some(operations::fits(tx, step).await?),
            None => None,
        };
        if !effects.changes().is_empty() {
            tx.add(TOUCH, params![lease.connector.as_str(), self.touched.clone()]).await;
            self.changes.put(tx).await;
        }
        keep(tx, &lease.connector, effects).await;
        self.fates.put(tx, effects.regroups()).await;
        if let Some((step, fits)) = effects.step().zip(step) {
            operations::step(tx, step, fits).await;
        }
        sign(tx, effects.signed().map(lockgate_store_rows::audit::encode).as_deref()).await;
        tx.add(SWEEP_WANTED, Vec::new()).await;
        match wakes {
            Some(touched) => wake(tx, touched).await,
            None => tx.guard(Refusal::Waits, NOBODY_WAITS, Vec::new()).await,
        }
        Ok(())
    }
}

/// Carries out what an operator orders of stored content.
pub(crate) fn amend(store: &PgStore, connector: &ConnectorName, effects: &Effects, by: Sign<'_>) -> Result<(), StoreError> {
    let changes = store.encode(|names| changes::Changes::new(effects.changes(), effects.model(), names))?;
    let seen = store.encode(|names| seen::Seen::new(effects.changes(), names))?;
    let touched = wakes::Touched::new(effects);
    store.write(Order::One, async |tx| {
        tx.guard(Refusal::Stale, IS_AS_CONFIGURED, params![vec![connector.as_str().to_owned()], convert::bound(effects.generation().0)])
            .await;
        seen.check(tx).await;
        tx.add(TOUCH_ALL, Vec::new()).await;
        changes.put(tx).await;
        tx.add(SWEEP_WANTED, Vec::new()).await;
        wake(tx, &touched).await;
        sign(tx, by).await;
        Ok(())
    })
}

async fn check(tx: &Tx<'_>, lease: &Lease, effects: &Effects, relied: &[i64]) {
    let connector = &lease.connector;
    let fenced = Refusal::Fenced(connector.clone());
    tx.guard(fenced, HAS_LEASE, params![connector.as_str(), convert::bound(lease.epoch)]).await;
    let mut connectors: BTreeSet<&ConnectorName> = effects.tasks().iter().map(|task| &task.connector).collect();
    connectors.insert(connector);
    let connectors: Vec<String> = connectors.into_iter().map(|name| name.as_str().to_owned()).collect();
    tx.guard(Refusal::Stale, IS_AS_CONFIGURED, params![connectors, convert::bound(effects.generation().0)]).await;
    if !effects.tasks().is_empty() {
        let ids: Vec<i64> = effects.tasks().iter().map(|task| convert::id(task.id.0)).collect();
        let owners: Vec<String> = effects.tasks().iter().map(|task| task.connector.as_str().to_owned()).collect();
        let versions: Vec<i64> = effects.tasks().iter().map(|task| convert::bound(task.version.0)).collect();
        tx.guard(Refusal::Conflict, TASKS_ARE_AS_THEY_WERE, params![ids, owners, versions]).await;
    }
    if !relied.is_empty() {
        let as_of = convert::bound(effects.as_of());
        tx.guard(Refusal::Conflict, NOT_TOUCHED, params![relied.to_vec(), as_of, connector.as_str()]).await;
    }
}

/// What the tasks wrote to their connector's state.
async fn keep(tx: &Tx<'_>, connector: &ConnectorName, effects: &Effects) {
    let (mut gone, mut keys, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for (key, value) in effects.state() {
        let key = key.as_bytes().to_vec();
        match value {
            Some(value) => {
                keys.push(key);
                values.push(value.to_vec());
            }
            None => gone.push(key),
        }
    }
    if !gone.is_empty() {
        tx.add("DELETE FROM kept WHERE connector = $1 AND key = ANY($2::bytea[])", params![connector.as_str(), gone]).await;
    }
    if !keys.is_empty() {
        let sql = "INSERT INTO kept (connector, key, value) SELECT $1, * FROM unnest($2::bytea[], $3::bytea[]) \
             ON CONFLICT (connector, key) DO UPDATE SET value = EXCLUDED.value";
        tx.add(sql, params![connector.as_str(), keys, values]).await;
    }
}

/// Marks as they are stored, each once.
pub(crate) fn marks(marks: impl Iterator<Item = lockgate_core::mark::Mark>) -> Vec<i64> {
    let mut marks: Vec<i64> = marks.map(convert::mark).collect();
    marks.sort_unstable();
    marks.dedup();
    marks
}

/// Adds to what is counted.
pub(crate) async fn count(tx: &Tx<'_>, deltas: &tally::Deltas) {
    let (kinds, names, numbers) = deltas.columns();
    if !kinds.is_empty() {
        tx.add(tally::ADD, params![kinds, names, numbers]).await;
    }
}
