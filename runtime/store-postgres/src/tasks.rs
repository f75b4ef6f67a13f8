//! Queued tasks, as they are read.

use std::collections::BTreeSet;

use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Due, DueTask, StoreError, TaskFilter};
use lockgate_core::task::{ExternalObject, Task, TaskHead, TaskId, TaskState, TaskVersion};
use lockgate_store_rows as rows;
use lockgate_store_rows::names::Known;
use lockgate_store_rows::words::Word as _;
use tokio_postgres::Row;

use crate::convert;
use crate::fault::Fault;
use crate::operations::name;
use crate::packet::Statement;
use crate::params::{Param, params};
use crate::store::{PgStore, get};

/// Heads that are read at a time, when a filter decides which are meant.
const PAGE: usize = 1_000;
/// Tasks that are looked at in one go when only so many bytes are wanted.
const FETCHED_MAX: usize = 10_000;

macro_rules! heads {
    ($($rest:literal),*) => {
        concat!("SELECT t.id, t.connector, t.version, t.head, t.standing, length(t.body) FROM task t ", $($rest),*)
    };
}

/// The head in a row of `heads!`.
fn head(row: &Row, known: &Known) -> Result<TaskHead, Fault> {
    let (id, connector) = (TaskId(convert::unid(get(row, 0)?)), name(get(row, 1)?)?);
    let head = rows::task::Row::read(get(row, 3)?)?.head(id, &connector, known)?;
    let version = TaskVersion(convert::unid(get(row, 2)?));
    let external_bytes = u64::try_from(get::<i32>(row, 5)?).unwrap_or(0);
    let head = TaskHead { version, external_bytes, ..head };
    match get::<Option<&[u8]>>(row, 4)? {
        Some(standing) => Ok(rows::standing::stood(head, rows::standing::decode(standing)?)),
        None => Ok(head),
    }
}

/// The heads in rows of `heads!`.
pub(crate) fn read_heads(store: &PgStore, rows: &[Row]) -> Result<Vec<TaskHead>, StoreError> {
    store.decode(|known| rows.iter().map(|row| head(row, known)).collect())
}

/// The same with their bodies, which stand last.
fn read_tasks(store: &PgStore, rows: &[Row]) -> Result<Vec<Task>, StoreError> {
    store.decode(|known| {
        let tasks = rows.iter().map(|row| {
            let head = head(row, known)?;
            let body = get::<&[u8]>(row, 6)?.into();
            Ok(Task { external: ExternalObject { media_type: head.media_type.clone(), body }, head })
        });
        tasks.collect()
    })
}

// Bodies are summed up in the order of ids, so that no more are sent than are wanted; the first one always is.
macro_rules! up_to_bytes {
    ($columns:literal, $from:literal) => {
        concat!(
            "SELECT id, connector, version, head, standing, length(body), body, due FROM (SELECT t.*, ",
            "sum(length(t.body)::int8) OVER (ORDER BY t.id) AS bytes, row_number() OVER (ORDER BY t.id) AS at FROM (",
            "SELECT ",
            $columns,
            " FROM ",
            $from,
            ") t) t WHERE at = 1 OR bytes <= "
        )
    };
}

const FETCH: &str =
    concat!(up_to_bytes!("*", "task WHERE connector = $1 AND id > $2 AND NOT apart ORDER BY id LIMIT $3"), "$4 ORDER BY id");
const DUE: &str =
    concat!(up_to_bytes!("*", "task WHERE connector = $1 AND id > $2 AND due IS NOT NULL ORDER BY id LIMIT $3"), "$4 ORDER BY id");
const THESE: &str = concat!(up_to_bytes!("*", "task WHERE connector = $1 AND id = ANY($2::int8[]) ORDER BY id"), "$3 ORDER BY id");

fn some(tasks_max: usize) -> i64 {
    convert::limit(tasks_max.max(1))
}

pub(crate) fn fetch(
    store: &PgStore,
    connector: &ConnectorName,
    after: Option<TaskId>,
    tasks_max: usize,
    bytes_max: usize,
) -> Result<Vec<Task>, StoreError> {
    let rows = pages(store, FETCH, connector, after, tasks_max, bytes_max)?;
    read_tasks(store, &rows)
}

pub(crate) fn due(
    store: &PgStore,
    connector: &ConnectorName,
    after: Option<TaskId>,
    tasks_max: usize,
    bytes_max: usize,
) -> Result<Vec<DueTask>, StoreError> {
    let rows = pages(store, DUE, connector, after, tasks_max, bytes_max)?;
    let tasks = read_tasks(store, &rows)?;
    let how = rows.iter().map(|row| match get::<Option<i16>>(row, 7)? {
        Some(0) => Ok(Due::Alone),
        Some(1) => Ok(Due::Group),
        other => Err(StoreError::Unreadable(format!("due task: it is due for {other:?}"))),
    });
    tasks.into_iter().zip(how).map(|(task, how)| Ok(DueTask { task, how: how? })).collect()
}

/// Rows up to either limit. The server looks at a bounded number at a time, however many are asked for.
fn pages(
    store: &PgStore,
    sql: &'static str,
    connector: &ConnectorName,
    after: Option<TaskId>,
    tasks_max: usize,
    bytes_max: usize,
) -> Result<Vec<Row>, StoreError> {
    let mut all: Vec<Row> = Vec::new();
    let (mut after, mut left, mut bytes) = (convert::after(after.map(|id| id.0)), tasks_max.max(1), bytes_max);
    loop {
        let most = left.min(FETCHED_MAX);
        let rows = store.rows(sql, params![connector.as_str(), after, some(most), convert::limit(bytes)])?;
        let (got, mut read) = (rows.len(), 0usize);
        for row in &rows {
            read = read.saturating_add(usize::try_from(get::<i32>(row, 5)?).unwrap_or(0));
        }
        // The first of a further page is given whatever its size: here it is not the first.
        let over = !all.is_empty() && read > bytes;
        if !over {
            all.extend(rows);
        }
        bytes = bytes.saturating_sub(read);
        left = left.saturating_sub(got);
        match all.last() {
            Some(last) if got == most && left > 0 && !over => after = get(last, 0)?,
            _ => return Ok(all),
        }
    }
}

/// Of these tasks those that are queued, and the last id that was looked at.
pub(crate) fn these(
    store: &PgStore,
    connector: &ConnectorName,
    ids: &[TaskId],
    bytes_max: usize,
) -> Result<(Vec<Task>, Option<TaskId>), StoreError> {
    let wanted: Vec<i64> = ids.iter().map(|id| convert::id(id.0)).collect();
    let there = "SELECT id FROM task WHERE connector = $1 AND id = ANY($2::int8[]) ORDER BY id";
    let statements = vec![
        Statement::new(THESE, params![connector.as_str(), wanted.clone(), convert::limit(bytes_max)]),
        Statement::new(there, params![connector.as_str(), wanted]),
    ];
    let mut answers = store.read(statements)?.into_iter();
    let tasks = read_tasks(store, &answers.next().unwrap_or_default())?;
    let there = answers.next().unwrap_or_default();
    // The first that was left out because of its bytes has not been looked at, and nothing behind it.
    let next = there.get(tasks.len()).map(|row| get::<i64>(row, 0)).transpose()?.map(convert::unid);
    let last = ids.iter().rev().find(|id| next.is_none_or(|next| id.0 < next)).copied();
    Ok((tasks, last))
}

pub(crate) fn one(store: &PgStore, id: TaskId) -> Result<Option<Task>, StoreError> {
    let sql = "SELECT id, connector, version, head, standing, length(body), body FROM task WHERE id = $1";
    let rows = store.rows(sql, params![convert::id(id.0)])?;
    Ok(read_tasks(store, &rows)?.pop())
}

pub(crate) fn heads(store: &PgStore, ids: &[TaskId]) -> Result<Vec<TaskHead>, StoreError> {
    let ids: Vec<i64> = ids.iter().map(|id| convert::id(id.0)).collect();
    let rows = store.rows(heads!("WHERE t.id = ANY($1::int8[]) ORDER BY t.id"), params![ids])?;
    read_heads(store, &rows)
}

pub(crate) fn list(store: &PgStore, filter: &TaskFilter, after: Option<TaskId>, limit: usize) -> Result<Vec<TaskHead>, StoreError> {
    const SQL: &str = heads!(
        "WHERE t.id > $1 AND ($2::int8[] IS NULL OR t.id = ANY($2)) AND ($3 = '' OR t.connector = $3) ",
        "AND ($4 < 0 OR t.state = $4) ORDER BY t.id LIMIT $5"
    );
    // Ids far beyond all that will be given stand before the first one: they mean no task.
    let ids: Option<BTreeSet<i64>> = filter.ids.as_ref().map(|ids| ids.iter().filter_map(|id| i64::try_from(id.0).ok()).collect());
    let none = ids.as_ref().is_some_and(BTreeSet::is_empty);
    let all: Vec<i64> = ids.into_iter().flatten().collect();
    let connector = filter.connector.as_ref().map_or("", ConnectorName::as_str);
    let state = filter.state.map_or(-1, |state| i16::from(state.byte()));
    let (mut found, mut after) = (Vec::new(), convert::after(after.map(|id| id.0)));
    while found.len() < limit && !none {
        let wanted = if filter.ids.is_some() { Param::from(all.clone()) } else { Param::Null };
        let rows = store.rows(SQL, vec![after.into(), wanted, connector.into(), state.into(), convert::limit(PAGE).into()])?;
        let Some(last) = rows.last() else { break };
        after = get(last, 0)?;
        found.extend(read_heads(store, &rows)?.into_iter().filter(|head| filter.describes(head)));
        if rows.len() < PAGE {
            break;
        }
    }
    found.truncate(limit);
    Ok(found)
}

pub(crate) fn standing(
    store: &PgStore,
    connector: &ConnectorName,
    state: TaskState,
    after: Option<TaskId>,
    limit: usize,
) -> Result<Vec<TaskHead>, StoreError> {
    const SQL: &str = heads!("WHERE t.connector = $1 AND t.state = $2 AND t.state <> 0 AND t.id > $3 ORDER BY t.id LIMIT $4");
    let after = convert::after(after.map(|id| id.0));
    let rows = store.rows(SQL, params![connector.as_str(), i16::from(state.byte()), after, convert::limit(limit)])?;
    read_heads(store, &rows)
}

pub(crate) fn parked_before(store: &PgStore, connector: &ConnectorName, since_ms: i64, limit: usize) -> Result<Vec<TaskHead>, StoreError> {
    const SQL: &str = heads!("WHERE t.connector = $1 AND t.state = 2 AND t.since_ms < $2 ORDER BY t.since_ms, t.id LIMIT $3");
    let rows = store.rows(SQL, params![connector.as_str(), since_ms, convert::limit(limit)])?;
    read_heads(store, &rows)
}

pub(crate) fn in_lines(
    store: &PgStore,
    connector: &ConnectorName,
    lines: &[lockgate_core::park::Line],
    limit: usize,
) -> Result<Vec<TaskHead>, StoreError> {
    const SQL: &str = heads!(
        "WHERE t.id IN (SELECT l.task FROM unnest($2::int8[], $3::int2[]) q (mark, kind) JOIN line l ",
        "ON l.connector = $1 AND l.mark = q.mark AND l.kind = q.kind) ORDER BY t.id LIMIT $4"
    );
    let marks: Vec<i64> = lines.iter().map(|line| convert::mark(line.mark)).collect();
    let kinds: Vec<i16> = lines.iter().map(|line| line.kind.byte().into()).collect();
    let rows = store.rows(SQL, params![connector.as_str(), marks, kinds, convert::limit(limit)])?;
    read_heads(store, &rows)
}

pub(crate) fn bringing(store: &PgStore, marks: &[lockgate_core::mark::Mark], limit: usize) -> Result<Vec<TaskHead>, StoreError> {
    const SQL: &str = heads!("WHERE t.id IN (SELECT task FROM bring WHERE mark = ANY($1::int8[])) ORDER BY t.id LIMIT $2");
    let marks: Vec<i64> = marks.iter().copied().map(convert::mark).collect();
    let rows = store.rows(SQL, params![marks, convert::limit(limit)])?;
    read_heads(store, &rows)
}
