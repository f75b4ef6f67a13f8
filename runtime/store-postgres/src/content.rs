//! Rows in lists.

use std::sync::Arc;

use lockgate_core::names::{SiteName, TypeName};
use lockgate_core::ports::StoreError;
use lockgate_core::rows::{BindingId, BindingRow, NodeId, ObjectId, ObjectRow, PageRow};
use lockgate_store_rows as rows;
use lockgate_store_rows::names::Known;
use tokio_postgres::Row;

use crate::convert;
use crate::fault::Fault;
use crate::params::params;
use crate::store::{Order, PgStore, get};

fn read<R>(
    store: &PgStore,
    rows: &[Row],
    decode: impl Fn(u64, &[u8], &Known) -> Result<R, lockgate_store_rows::Fault>,
) -> Result<Vec<Arc<R>>, StoreError> {
    let one = |row: &Row, known: &Known| Ok::<_, Fault>(Arc::new(decode(convert::unid(get(row, 0)?), get(row, 1)?, known)?));
    store.decode(|known| rows.iter().map(|row| one(row, known)).collect())
}

pub(crate) fn objects(
    store: &PgStore,
    object_type: Option<&TypeName>,
    after: Option<ObjectId>,
    limit: usize,
) -> Result<Vec<Arc<ObjectRow>>, StoreError> {
    let (after, limit) = (convert::after(after.map(|id| id.0)), convert::limit(limit));
    let rows = match object_type {
        Some(object_type) => {
            let sql = "SELECT id, row FROM object WHERE type = $1 AND id > $2 ORDER BY id LIMIT $3";
            store.rows(sql, params![object_type.as_str(), after, limit])?
        }
        None => store.rows("SELECT id, row FROM object WHERE id > $1 ORDER BY id LIMIT $2", params![after, limit])?,
    };
    read(store, &rows, rows::object::decode)
}

pub(crate) fn pages_under(store: &PgStore, site: &SiteName, parent: Option<NodeId>) -> Result<Vec<Arc<PageRow>>, StoreError> {
    let rows = match parent {
        Some(parent) => {
            let sql = "SELECT id, row FROM page WHERE parent = $1 AND site = $2";
            store.rows(sql, params![convert::id(parent.0), site.as_str()])?
        }
        None => store.rows("SELECT id, row FROM page WHERE parent IS NULL AND site = $1", params![site.as_str()])?,
    };
    let mut pages = read(store, &rows, rows::page::decode)?;
    let place = |row: &PageRow| (row.order.is_none(), row.order);
    pages.sort_by(|one, other| place(one).cmp(&place(other)).then_with(|| one.alias.key().cmp(other.alias.key())));
    Ok(pages)
}

pub(crate) fn pages(store: &PgStore, after: Option<NodeId>, limit: usize) -> Result<Vec<Arc<PageRow>>, StoreError> {
    let sql = "SELECT id, row FROM page WHERE id > $1 ORDER BY id LIMIT $2";
    let rows = store.rows(sql, params![convert::after(after.map(|id| id.0)), convert::limit(limit)])?;
    read(store, &rows, rows::page::decode)
}

pub(crate) fn bindings(store: &PgStore, after: Option<BindingId>, limit: usize) -> Result<Vec<Arc<BindingRow>>, StoreError> {
    let sql = "SELECT id, row FROM binding WHERE id > $1 ORDER BY id LIMIT $2";
    let rows = store.rows(sql, params![convert::after(after.map(|id| id.0)), convert::limit(limit)])?;
    read(store, &rows, rows::binding::decode)
}

/// Ids that nobody else gets.
pub(crate) fn reserve_ids(store: &PgStore, count: u64) -> Result<u64, StoreError> {
    let sql = "UPDATE last_id SET id = id + $1 WHERE of = 'row' RETURNING id - $1 + 1";
    loop {
        let done = store.write_with_rows(Order::None, async |tx| {
            tx.add(sql, params![convert::bound(count)]).await;
            Ok(())
        })?;
        // Those that were lost with the answer are never given.
        let Some(rows) = done.rows else { continue };
        let first = rows.first().ok_or_else(|| Fault::row("ids", "their row is missing"))?;
        return Ok(convert::unid(get(first, 0)?));
    }
}
