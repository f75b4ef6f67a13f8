//! What remains of tasks.

use lockgate_core::history::{Entry, LogLine};
use lockgate_core::ports::{HistoryFilter, StoreError};
use lockgate_core::task::TaskId;
use lockgate_store_rows as rows;

use crate::convert;
use crate::fault::Fault;
use crate::params::params;
use crate::store::{Order, PgStore, get};
use crate::tally::HISTORY;

/// Entries that are read at a time, when a filter decides which are meant.
const PAGE: usize = 1_000;
/// Entries that are removed in one transaction.
const TRIMMED_AT_ONCE: i64 = 10_000;
pub(crate) fn log(store: &PgStore, id: TaskId, limit: usize) -> Result<Vec<LogLine>, StoreError> {
    let sql = "SELECT line FROM log WHERE task = $1 ORDER BY n LIMIT $2";
    let rows = store.rows(sql, params![convert::id(id.0), convert::limit(limit)])?;
    let lines = rows.iter().map(|row| Ok(rows::entry::decode_line(get(row, 0)?)?));
    Ok(lines.collect::<Result<_, Fault>>()?)
}

pub(crate) fn history(store: &PgStore, filter: &HistoryFilter, before: Option<u64>, limit: usize) -> Result<Vec<(u64, Entry)>, StoreError> {
    let connector = filter.connector.as_ref().map_or("", |name| name.as_str());
    let task = filter.task.map(|task| convert::id(task.0));
    let (mut found, mut before) = (Vec::new(), before.map_or(i64::MAX, convert::bound));
    while found.len() < limit {
        let sql = "SELECT n, entry FROM history WHERE n < $1 AND ($2 = '' OR connector = $2) AND ($3::int8 IS NULL OR task = $3) \
             ORDER BY n DESC LIMIT $4";
        let rows = store.rows(sql, params![before, connector, task, convert::limit(PAGE)])?;
        let Some(last) = rows.last() else { break };
        before = get(last, 0)?;
        let entries = store.decode(|known| {
            let entries = rows.iter().map(|row| Ok((convert::unid(get(row, 0)?), rows::entry::decode(get(row, 1)?, known)?)));
            entries.collect::<Result<Vec<(u64, Entry)>, Fault>>()
        })?;
        found.extend(entries.into_iter().filter(|(_, entry)| filter.matches(entry)));
        if rows.len() < PAGE {
            break;
        }
    }
    found.truncate(limit);
    Ok(found)
}

const SWEEP_TOMBS: &str = "DELETE FROM tomb WHERE until_ms < (SELECT ended_ms FROM history ORDER BY n DESC LIMIT 1)";
const TRIM: &str = "WITH old AS (SELECT n FROM history ORDER BY n LIMIT \
         GREATEST(0, LEAST($1::int8, (SELECT coalesce(sum(n), 0)::int8 FROM tally WHERE kind = 12) - $2::int8))), \
     gone AS (DELETE FROM history h USING old WHERE h.n = old.n RETURNING h.task, h.mended), \
     logs AS (DELETE FROM log USING gone WHERE log.task = gone.task AND NOT gone.mended), \
     edits AS (DELETE FROM edit USING gone WHERE edit.task = gone.task AND NOT gone.mended), \
     keys AS (DELETE FROM task_key USING gone WHERE task_key.task = gone.task AND NOT gone.mended) \
     SELECT count(*) FROM gone";
pub(crate) fn trim(store: &PgStore, entries_max: u64) -> Result<u64, StoreError> {
    let mut trimmed = 0;
    loop {
        let gone = store.write(Order::One, async |tx| {
            tx.add(SWEEP_TOMBS, Vec::new()).await;
            let rows = tx.ask(TRIM, params![TRIMMED_AT_ONCE, convert::bound(entries_max)]).await?;
            let gone = rows.first().map(|row| get::<i64>(row, 0)).transpose()?.unwrap_or(0);
            tx.add(crate::tally::ADD, params![vec![HISTORY], vec![String::new()], vec![-gone]]).await;
            Ok(gone)
        })?;
        trimmed += u64::try_from(gone).unwrap_or(0);
        if gone < TRIMMED_AT_ONCE {
            return Ok(trimmed);
        }
    }
}
