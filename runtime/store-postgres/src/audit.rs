//! Who has changed what: each order writes its row in its own transaction.

use lockgate_core::audit::AuditRow;
use lockgate_core::edit::{Edit, Edits, may_edit};
use lockgate_core::ports::{Audit, AuditFilter, Order, Ordered, Stood, StoreError};
use lockgate_core::task::{ExternalObject, TaskId, TaskState};
use lockgate_store_rows as rows;

use crate::fault::Fault;
use crate::params::params;
use crate::store::{Order as Ordering, PgStore, get};
use crate::tx::Tx;
use crate::{commit, convert, model, operations, orders, registry};

/// Rows that are read at a time, when a filter decides which are meant.
const PAGE: usize = 1_000;

/// Who has ordered a write, encoded; `None`: nobody who is to be written down.
pub(crate) type Sign<'s> = Option<&'s [u8]>;

/// Writes the row, if there is one.
pub(crate) async fn sign(tx: &Tx<'_>, sign: Sign<'_>) {
    if let Some(row) = sign {
        tx.add("INSERT INTO audit (n, row) VALUES (nextval('audit_number'), $1)", params![row.to_vec()]).await;
    }
}

/// The same, if the order has changed something.
pub(crate) async fn sign_if(tx: &Tx<'_>, changed: bool, row: Sign<'_>) {
    if changed {
        sign(tx, row).await;
    }
}

impl Audit for PgStore {
    fn signed(&self, order: &Order, row: &AuditRow) -> Result<Ordered, StoreError> {
        let row = rows::audit::encode(row);
        let by = Some(row.as_slice());
        Ok(match order {
            Order::Nothing => {
                self.write(Ordering::One, async |tx| {
                    sign(tx, by).await;
                    Ok(())
                })?;
                Ordered::Done
            }
            Order::Stand(stands) => Ordered::Stood(orders::stand(self, stands, by)?),
            Order::Remove(removals) => Ordered::Stood(orders::remove(self, removals, by)?),
            Order::Begin(new, kept_max) => Ordered::Begun(operations::begin(self, (**new).clone(), *kept_max, by)?),
            Order::End(id, state, at_ms) => Ordered::Ended(operations::end(self, *id, *state, None, *at_ms, by)?),
            Order::Amend(connector, effects) => {
                commit::amend(self, connector, effects, by)?;
                Ordered::Done
            }
            Order::PutConnector(as_of, record, component) => {
                registry::put_connector(self, *as_of, record, component.as_deref(), by)?;
                Ordered::Done
            }
            Order::RemoveConnector(name, force) => Ordered::Removed(registry::remove_connector(self, name, *force, by)?),
            Order::PutModel(as_of, files, model, unused) => Ordered::Put(model::put(self, *as_of, files, model, unused, by)?),
            Order::PutSwitches(as_of, switches) => {
                registry::put_switches(self, *as_of, *switches, by)?;
                Ordered::Done
            }
            Order::ClearState(name) => Ordered::Cleared(registry::clear_state(self, name, by)?),
            Order::Edit(new) => Ordered::Stood(vec![edit(self, new, by)?]),
        })
    }

    fn audit(&self, filter: &AuditFilter, before: Option<u64>, limit: usize) -> Result<Vec<(u64, AuditRow)>, StoreError> {
        let (mut found, mut before) = (Vec::new(), before.map_or(i64::MAX, convert::bound));
        while found.len() < limit {
            let sql = "SELECT n, row FROM audit WHERE n < $1 ORDER BY n DESC LIMIT $2";
            let page = self.rows(sql, params![before, convert::limit(PAGE)])?;
            let Some(last) = page.last() else { break };
            before = get(last, 0)?;
            for row in &page {
                let audited = rows::audit::decode(get(row, 1)?).map_err(Fault::from)?;
                if filter.matches(&audited) {
                    found.push((convert::unid(get(row, 0)?), audited));
                }
            }
            if page.len() < PAGE {
                break;
            }
        }
        found.truncate(limit);
        Ok(found)
    }

    fn trim_audit(&self, rows_max: u64) -> Result<u64, StoreError> {
        self.write(Ordering::One, async |tx| {
            let sql = "WITH gone AS (DELETE FROM audit WHERE n <= (SELECT n FROM audit ORDER BY n DESC OFFSET $1 LIMIT 1) RETURNING 1) \
                 SELECT count(*) FROM gone";
            let rows = tx.ask(sql, params![convert::bound(rows_max.max(1))]).await?;
            let gone = rows.first().map(|row| get::<i64>(row, 0)).transpose()?.unwrap_or(0);
            Ok(u64::try_from(gone).unwrap_or(0))
        })
    }
}

/// Replaces the external object of a task that is as the operator saw it.
pub(crate) fn edit(store: &PgStore, edit: &Edit, by: Sign<'_>) -> Result<Stood, StoreError> {
    let id = || params![convert::id(edit.id.0)];
    store.write(Ordering::One, async |tx| {
        let found = tx.ask("SELECT version, state, head, body FROM task WHERE id = $1 FOR UPDATE", id()).await?;
        let Some(row) = found.first() else { return Ok(Stood::Gone) };
        let state: TaskState = rows::words::Word::from_byte(u8::try_from(get::<i16>(row, 1)?).unwrap_or(u8::MAX))?;
        if convert::unid(get(row, 0)?) != edit.version.0 || !may_edit(state) {
            return Ok(Stood::Changed);
        }
        let head = rows::task::Row::read(get(row, 2)?)?;
        let now = ExternalObject { media_type: head.media_type().into(), body: get::<&[u8]>(row, 3)?.into() };
        let head = head.edited(&edit.external.media_type, rows::task::Body::Within(&[]), 0);
        let before = tx.ask("SELECT row FROM edit WHERE task = $1", id()).await?;
        let before = before.first().map(|row| Ok::<_, Fault>(rows::edit::decode(get(row, 0)?)?)).transpose()?;
        let mut edits = before.unwrap_or(Edits { original: now, edits: Vec::new() });
        edits.push(edit);
        let sql = "UPDATE task SET version = version + 1, head = $2, body = $3 WHERE id = $1";
        tx.add(sql, params![convert::id(edit.id.0), head, edit.external.body.to_vec()]).await;
        let sql = "INSERT INTO edit (task, row) VALUES ($1, $2) ON CONFLICT (task) DO UPDATE SET row = EXCLUDED.row";
        tx.add(sql, params![convert::id(edit.id.0), rows::edit::encode(&edits)]).await;
        sign(tx, by).await;
        Ok(Stood::Done)
    })
}

pub(crate) fn edits(store: &PgStore, id: TaskId) -> Result<Option<Edits>, StoreError> {
    let found = store.rows("SELECT row FROM edit WHERE task = $1", params![convert::id(id.0)])?;
    Ok(found.first().map(|row| Ok::<_, Fault>(rows::edit::decode(get(row, 0)?)?)).transpose()?)
}
