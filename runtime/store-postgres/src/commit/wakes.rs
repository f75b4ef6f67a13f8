//! Who waits for what, and who is woken (§11).

use std::collections::BTreeSet;

use lockgate_core::effects::{Effects, Fate};
use lockgate_core::mark::Mark;
use lockgate_core::names::ConnectorName;
use lockgate_core::park::LooseEnd;
use lockgate_core::ports::Standing;
use lockgate_core::task::{TaskId, TaskState, stands_apart};

use super::marks;
use crate::convert;
use crate::params::{Param, params};
use crate::tx::Tx;

/// Kinds of the table `want`.
pub(crate) const ALONE: i16 = 0;
pub(crate) const GROUP: i16 = 1;
pub(crate) const LOOSE: i16 = 2;

/// These tasks are known by nothing any more: no line, nothing that they would bring, nothing that they want.
pub(crate) const FORGET_TASKS: &str = "WITH l AS (DELETE FROM line WHERE task = ANY($1::int8[])), \
     b AS (DELETE FROM bring WHERE task = ANY($1::int8[])), \
     gone AS (DELETE FROM want WHERE id = ANY($1::int8[]) AND kind < 2 RETURNING mark, kind), \
     less AS (SELECT mark, count(*) AS n FROM gone WHERE kind = 0 GROUP BY mark) \
     UPDATE wanted w SET tasks = w.tasks - less.n FROM less WHERE w.mark = less.mark";
/// These loose ends want nothing any more.
pub(crate) const FORGET_LOOSE: &str = "WITH gone AS (DELETE FROM want WHERE id = ANY($1::int8[]) AND kind = 2 RETURNING mark), \
     less AS (SELECT mark, count(*) AS n FROM gone GROUP BY mark) \
     UPDATE wanted w SET ends = w.ends - less.n FROM less WHERE w.mark = less.mark";
/// Registers who wants what.
pub(crate) const ADD_WANTS: &str = "WITH new AS (INSERT INTO want (mark, connector, kind, id) \
         SELECT * FROM unnest($1::int8[], $2::text[], $3::int2[], $4::int8[]) ON CONFLICT DO NOTHING RETURNING mark, kind), \
     more AS (INSERT INTO wanted (mark, tasks, ends) \
         SELECT mark, count(*) FILTER (WHERE kind = 0), count(*) FILTER (WHERE kind = 2) FROM new WHERE kind <> 1 GROUP BY mark \
         ON CONFLICT (mark) DO UPDATE SET tasks = wanted.tasks + EXCLUDED.tasks, ends = wanted.ends + EXCLUDED.ends \
         RETURNING (xmax = 0) AS first) \
     INSERT INTO tally (kind, name, n) SELECT 13, '', count(*) FROM more WHERE first HAVING count(*) > 0 \
     ON CONFLICT (kind, name) DO UPDATE SET n = tally.n + EXCLUDED.n";
/// What nobody wants any more is not missing.
pub(crate) const SWEEP_WANTED: &str = "WITH gone AS (DELETE FROM wanted WHERE tasks = 0 AND ends = 0 RETURNING 1) \
     UPDATE tally SET n = n - (SELECT count(*) FROM gone) WHERE kind = 13 AND EXISTS (SELECT 1 FROM gone)";

/// Who wants what from now on, as columns.
#[derive(Debug, Default)]
pub(crate) struct Waiters {
    marks: Vec<i64>,
    connectors: Vec<String>,
    kinds: Vec<i16>,
    ids: Vec<i64>,
}

impl Waiters {
    pub(crate) fn any(&self) -> bool {
        !self.marks.is_empty()
    }

    fn push(&mut self, mark: Mark, connector: &ConnectorName, kind: i16, id: u64) {
        self.marks.push(convert::mark(mark));
        self.connectors.push(connector.as_str().to_owned());
        self.kinds.push(kind);
        self.ids.push(convert::id(id));
    }

    /// A task that stands so, if its wants wake it.
    pub(crate) fn task(&mut self, connector: &ConnectorName, id: TaskId, standing: &Standing) {
        let Some(waiting) = &standing.waiting else { return };
        if !waits(standing) {
            return;
        }
        let alone: BTreeSet<Mark> = waiting.wants.iter().map(|want| want.mark).collect();
        let group: BTreeSet<Mark> = waiting.group_wants.iter().copied().filter(|mark| !alone.contains(mark)).collect();
        alone.into_iter().for_each(|mark| self.push(mark, connector, ALONE, id.0));
        group.into_iter().for_each(|mark| self.push(mark, connector, GROUP, id.0));
    }

    /// A loose end.
    pub(crate) fn end(&mut self, end: &LooseEnd) {
        let marks: BTreeSet<Mark> = end.wants.iter().map(|want| want.mark).collect();
        marks.into_iter().for_each(|mark| self.push(mark, &end.connector, LOOSE, end.id.0));
    }

    /// Parameters of [`ADD_WANTS`].
    pub(crate) fn wants(&self) -> Vec<Param> {
        params![self.marks.clone(), self.connectors.clone(), self.kinds.clone(), self.ids.clone()]
    }
}

/// `TaskHead::waits` of a task that stands so.
pub(crate) fn waits(standing: &Standing) -> bool {
    let keeps_wants = standing.waiting.as_ref().is_some_and(|waiting| !waiting.wants.is_empty());
    stands_apart(standing.state, standing.aside) && (standing.state != TaskState::Failed || keeps_wants)
}

/// What was touched, and who has begun to wait in the same transaction.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    pub(crate) wakes: Vec<i64>,
    stirs: Vec<i64>,
    /// Tasks that are parked here: their own stirs are not for them.
    parks: Vec<i64>,
}

impl Touched {
    pub(crate) fn new(effects: &Effects) -> Self {
        let parks = effects.tasks().iter().filter(|task| matches!(&task.fate, Fate::Stays(it) if stands_apart(it.state, it.aside)));
        Self {
            wakes: marks(effects.wakes().into_iter()),
            stirs: marks(effects.stirs().iter().copied()),
            parks: parks.map(|task| convert::id(task.id.0)).collect(),
        }
    }

    /// The ends of tasks.
    pub(crate) fn ends(tasks: impl Iterator<Item = TaskId>) -> Self {
        Self { wakes: marks(tasks.map(lockgate_core::mark::ended)), ..Self::default() }
    }
}

/// Whoever waits for what was touched is due: at once, or, where too many wait, when it is worked off (§11.8).
pub(crate) async fn wake(tx: &Tx<'_>, touched: &Touched) {
    if !touched.wakes.is_empty() {
        tx.add(WAKE, params![touched.wakes.clone()]).await;
    }
    if !touched.stirs.is_empty() {
        tx.add(STIR, params![touched.stirs.clone(), touched.parks.clone()]).await;
    }
}

// 256 waiters of one mark are made due at once; what has more arrives.
const WAKE: &str = "WITH hit AS MATERIALIZED (SELECT m.mark, (SELECT count(*) FROM \
         (SELECT 1 FROM want w WHERE w.mark = m.mark LIMIT 257) waiting) AS n FROM unnest($1::int8[]) m (mark)), \
     few AS MATERIALIZED (SELECT w.kind, w.id FROM hit JOIN want w ON w.mark = hit.mark WHERE hit.n BETWEEN 1 AND 256), \
     tasks AS (UPDATE task t SET due = LEAST(t.due, few.how) \
         FROM (SELECT id, min(kind) AS how FROM few WHERE kind < 2 GROUP BY id) few \
         WHERE t.id = few.id AND (t.due IS NULL OR t.due > few.how)), \
     ends AS (UPDATE loose l SET due = true FROM (SELECT DISTINCT id FROM few WHERE kind = 2) few WHERE l.id = few.id AND NOT l.due) \
     INSERT INTO arrival (connector, mark, touch, last_kind, last_id, spared) \
     SELECT c.name, hit.mark, 0, -1, 0, '{}' FROM hit CROSS JOIN connector c \
     WHERE hit.n > 256 AND EXISTS (SELECT 1 FROM want w WHERE w.mark = hit.mark AND w.connector = c.name) \
     ON CONFLICT (connector, mark, touch) DO UPDATE SET last_kind = -1, last_id = 0, spared = '{}'";
const STIR: &str = "WITH hit AS MATERIALIZED (SELECT m.mark, (SELECT count(*) FROM \
         (SELECT 1 FROM want w WHERE w.mark = m.mark AND w.kind < 2 LIMIT 257) waiting) AS n FROM unnest($1::int8[]) m (mark)), \
     few AS MATERIALIZED (SELECT DISTINCT w.id FROM hit JOIN want w ON w.mark = hit.mark \
         WHERE hit.n BETWEEN 1 AND 256 AND w.kind < 2 AND w.id <> ALL($2::int8[])), \
     tasks AS (UPDATE task t SET due = 1 FROM few WHERE t.id = few.id AND t.due IS NULL) \
     INSERT INTO arrival (connector, mark, touch, last_kind, last_id, spared) \
     SELECT c.name, hit.mark, 1, -1, 0, ARRAY(SELECT DISTINCT w.id FROM want w WHERE w.mark = hit.mark AND w.connector = c.name \
         AND w.kind < 2 AND w.id = ANY($2::int8[])) \
     FROM hit CROSS JOIN connector c \
     WHERE hit.n > 256 AND EXISTS (SELECT 1 FROM want w WHERE w.mark = hit.mark AND w.connector = c.name AND w.kind < 2) \
     ON CONFLICT (connector, mark, touch) DO UPDATE SET last_kind = -1, last_id = 0, \
         spared = ARRAY(SELECT unnest(arrival.spared) INTERSECT SELECT unnest(EXCLUDED.spared))";
