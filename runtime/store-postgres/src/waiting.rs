//! Who waits, and what is to be worked off (§11).

use std::sync::Arc;

use lockgate_core::mark::Mark;
use lockgate_core::names::ConnectorName;
use lockgate_core::park::{LooseEnd, Want};
use lockgate_core::ports::{Lease, MISSING_FIRST_MAX, Missing, StoreError, Waiter};
use lockgate_core::rows::LooseId;
use lockgate_core::task::TaskId;
use lockgate_store_rows as rows;
use tokio_postgres::Row;

use crate::commit::{HAS_LEASE, LOOSE};
use crate::convert;
use crate::fault::{Fault, Refusal};
use crate::operations::name;
use crate::packet::Statement;
use crate::params::params;
use crate::store::{Order, PgStore, get};
use crate::tally::LINED;

/// Loose ends in rows of id and bytes.
pub(crate) fn read_ends(store: &PgStore, rows: &[Row]) -> Result<Vec<Arc<LooseEnd>>, StoreError> {
    store.decode(|known| rows.iter().map(|row| Ok(rows::loose::decode(convert::unid(get(row, 0)?), get(row, 1)?, known)?)).collect())
}

pub(crate) fn loose_due(store: &PgStore, connector: &ConnectorName, limit: usize) -> Result<Vec<Arc<LooseEnd>>, StoreError> {
    let sql = "SELECT id, row FROM loose WHERE connector = $1 AND due ORDER BY id LIMIT $2";
    let rows = store.rows(sql, params![connector.as_str(), convert::limit(limit)])?;
    read_ends(store, &rows)
}

const FIRST_ARRIVAL: &str = "SELECT mark, touch, last_kind, last_id FROM arrival WHERE connector = $1 ORDER BY mark, touch LIMIT 1";
// Waiters of an arrival behind the last that was made due, those that it is not for included: they count as well.
const NEXT_WAITERS: &str = "SELECT kind, id FROM want WHERE mark = $1 AND connector = $2 AND (kind, id) > ($3::int2, $4::int8) \
     ORDER BY kind, id LIMIT $5";
const MAKE_DUE: &str = "WITH a AS (SELECT spared FROM arrival WHERE connector = $1 AND mark = $2 AND touch = $3), \
     n AS (SELECT * FROM unnest($4::int2[], $5::int8[]) n (kind, id)), \
     t AS (UPDATE task t SET due = LEAST(t.due, CASE WHEN $3::int2 = 0 AND n.kind = 0 THEN 0::int2 ELSE 1::int2 END) FROM n, a \
         WHERE t.id = n.id AND n.kind < 2 AND n.id <> ALL(a.spared)) \
     UPDATE loose l SET due = true FROM n WHERE l.id = n.id AND n.kind = 2 AND $3::int2 = 0";

pub(crate) fn work_off(store: &PgStore, lease: &Lease, limit: usize) -> Result<bool, StoreError> {
    let connector = lease.connector.as_str();
    store.write(Order::One, async |tx| {
        let fenced = Refusal::Fenced(lease.connector.clone());
        tx.guard(fenced, HAS_LEASE, params![connector, convert::bound(lease.epoch)]).await;
        let mut left = limit;
        loop {
            let rows = tx.ask(FIRST_ARRIVAL, params![connector]).await?;
            let Some(first) = rows.first() else { return Ok(false) };
            if left == 0 {
                return Ok(true);
            }
            let (mark, touch) = (get::<i64>(first, 0)?, get::<i16>(first, 1)?);
            let (last_kind, last_id) = (get::<i16>(first, 2)?, get::<i64>(first, 3)?);
            let next = tx.ask(NEXT_WAITERS, params![mark, connector, last_kind, last_id, convert::limit(left)]).await?;
            let waiters = next.iter().map(|row| Ok((get::<i16>(row, 0)?, get::<i64>(row, 1)?))).collect::<Result<Vec<_>, Fault>>()?;
            let (kinds, ids): (Vec<i16>, Vec<i64>) = waiters.iter().copied().unzip();
            tx.add(MAKE_DUE, params![connector, mark, touch, kinds, ids]).await;
            match waiters.last() {
                Some((kind, id)) if waiters.len() == left => {
                    let sql = "UPDATE arrival SET last_kind = $4, last_id = $5 WHERE connector = $1 AND mark = $2 AND touch = $3";
                    tx.add(sql, params![connector, mark, touch, *kind, *id]).await;
                }
                _ => {
                    let sql = "DELETE FROM arrival WHERE connector = $1 AND mark = $2 AND touch = $3";
                    tx.add(sql, params![connector, mark, touch]).await;
                }
            }
            left = left.saturating_sub(waiters.len());
        }
    })
}

pub(crate) fn stirred(store: &PgStore) -> Result<Vec<ConnectorName>, StoreError> {
    let sql = "SELECT name FROM connector c WHERE EXISTS (SELECT 1 FROM task WHERE connector = c.name AND due IS NOT NULL) \
         OR EXISTS (SELECT 1 FROM loose WHERE connector = c.name AND due) \
         OR EXISTS (SELECT 1 FROM arrival WHERE connector = c.name) ORDER BY name COLLATE \"C\"";
    store.rows(sql, Vec::new())?.iter().map(|row| Ok(name(get(row, 0)?)?)).collect()
}

pub(crate) fn lined(store: &PgStore, connector: &ConnectorName) -> Result<u64, StoreError> {
    let rows = store.rows("SELECT n FROM tally WHERE kind = $1 AND name = $2", params![LINED, connector.as_str()])?;
    let n = rows.first().map(|row| get::<i64>(row, 0)).transpose()?;
    Ok(n.and_then(|n| u64::try_from(n).ok()).unwrap_or(0))
}

pub(crate) fn waiters(store: &PgStore, mark: Mark, limit: usize) -> Result<Vec<Waiter>, StoreError> {
    let sql = "SELECT kind, id FROM want WHERE mark = $1 AND kind <> 1 ORDER BY kind, id LIMIT $2";
    store.rows(sql, params![convert::mark(mark), convert::limit(limit)])?.iter().map(|row| Ok(waiter(get(row, 0)?, get(row, 1)?))).collect()
}

fn waiter(kind: i16, id: i64) -> Waiter {
    if kind == LOOSE { Waiter::Loose(LooseId(convert::unid(id))) } else { Waiter::Task(TaskId(convert::unid(id))) }
}

const WANTED: &str = "SELECT mark, tasks, ends FROM wanted WHERE (mark > $1 OR $3) ORDER BY mark LIMIT $2";
const FIRST: &str = "WITH m AS MATERIALIZED (SELECT mark FROM wanted WHERE (mark > $1 OR $3) ORDER BY mark LIMIT $2) \
     SELECT m.mark, f.kind, f.id, t.standing, l.row FROM m CROSS JOIN LATERAL \
         (SELECT kind, id FROM want w WHERE w.mark = m.mark AND kind <> 1 ORDER BY kind, id LIMIT $4) f \
     LEFT JOIN task t ON f.kind = 0 AND t.id = f.id LEFT JOIN loose l ON f.kind = 2 AND l.id = f.id ORDER BY m.mark, f.kind, f.id";
const OF: &str = "WITH m AS MATERIALIZED (SELECT mark FROM wanted WHERE (mark > $1 OR $3) ORDER BY mark LIMIT $2) \
     SELECT m.mark, c.name FROM m CROSS JOIN connector c \
     WHERE EXISTS (SELECT 1 FROM want w WHERE w.mark = m.mark AND w.connector = c.name AND w.kind <> 1) ORDER BY m.mark, c.name COLLATE \"C\"";

pub(crate) fn missing(store: &PgStore, after: Option<Mark>, limit: usize) -> Result<Vec<Missing>, StoreError> {
    let (after, from) = (after.map_or(i64::MIN, convert::mark), after.is_none());
    let first = convert::limit(MISSING_FIRST_MAX);
    let statements = vec![
        Statement::new(WANTED, params![after, convert::limit(limit), from]),
        Statement::new(FIRST, params![after, convert::limit(limit), from, first]),
        Statement::new(OF, params![after, convert::limit(limit), from]),
    ];
    let answers = store.read(statements)?;
    let [wanted, first, of] = answers.as_slice() else { return Err(Fault::row("missing", "an answer is missing").into()) };
    store.decode(|known| {
        let mut all: Vec<(i64, Missing)> = Vec::new();
        for row in wanted {
            let count = |column| Ok::<_, Fault>(u64::try_from(get::<i64>(row, column)?).unwrap_or(0));
            let want = Want { mark: convert::unmark(get(row, 0)?), what: "".into(), external: None };
            let one =
                Missing { want, tasks: count(1)?, loose_ends: count(2)?, connectors: Vec::new(), since_ms: i64::MAX, first: Vec::new() };
            all.push((get(row, 0)?, one));
        }
        for row in first {
            let (mark, kind, id) = (get::<i64>(row, 0)?, get::<i16>(row, 1)?, get::<i64>(row, 2)?);
            let Ok(at) = all.binary_search_by_key(&mark, |(mark, _)| *mark) else { continue };
            let Some((_, one)) = all.get_mut(at) else { continue };
            let (since_ms, wants) = match (get::<Option<&[u8]>>(row, 3)?, get::<Option<&[u8]>>(row, 4)?) {
                (Some(standing), _) => {
                    let waiting = rows::standing::decode(standing)?.waiting;
                    waiting.map(|waiting| (waiting.since_ms, waiting.wants.clone())).unwrap_or_default()
                }
                (None, Some(end)) => {
                    let end = rows::loose::decode(convert::unid(id), end, known)?;
                    (end.since_ms, end.wants.clone())
                }
                (None, None) => return Err(Fault::row("want", format_args!("who wants is not there: {id}"))),
            };
            one.since_ms = one.since_ms.min(since_ms);
            if let (true, Some(want)) = (one.first.is_empty(), wants.into_iter().find(|want| want.mark == one.want.mark)) {
                one.want = want;
            }
            one.first.push(waiter(kind, id));
        }
        for row in of {
            let mark = get::<i64>(row, 0)?;
            if let Some((_, one)) = all.binary_search_by_key(&mark, |(mark, _)| *mark).ok().and_then(|at| all.get_mut(at)) {
                one.connectors.push(name(get(row, 1)?)?);
            }
        }
        Ok(all.into_iter().map(|(_, one)| one).collect())
    })
}
