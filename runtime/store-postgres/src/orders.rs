//! What operators change of queued tasks.

use std::collections::BTreeMap;

use lockgate_core::names::ConnectorName;
use lockgate_core::operation::Step;
use lockgate_core::ports::{Due as DueFor, Removal, Stand, Stood, StoreError};
use lockgate_core::task::TaskId;

use crate::audit::{Sign, sign_if};
use crate::commit::{Due, Entries, SWEEP_WANTED, Standings, Touched, entry_columns, take, wake};
use crate::convert;
use crate::fault::{Fault, Refusal};
use crate::operations::{self, name};
use crate::params::params;
use crate::store::{Order, PgStore, get};
use crate::tx::Tx;

/// Tasks as they are, by id: whose, and in which version.
type Seen = BTreeMap<u64, (ConnectorName, u64)>;

async fn seen(tx: &Tx<'_>, ids: impl Iterator<Item = TaskId>) -> Result<Seen, Fault> {
    let ids: Vec<i64> = ids.map(|id| convert::id(id.0)).collect();
    let rows = tx.ask("SELECT id, connector, version FROM task WHERE id = ANY($1::int8[])", params![ids]).await?;
    rows.iter().map(|row| Ok((convert::unid(get(row, 0)?), (name(get(row, 1)?)?, convert::unid(get(row, 2)?))))).collect()
}

/// What may be done with a task that an operator saw in a version.
fn stood(seen: &Seen, id: TaskId, version: u64) -> Stood {
    match seen.get(&id.0) {
        Some((_, now)) if *now == version => Stood::Done,
        Some(_) => Stood::Changed,
        None => Stood::Gone,
    }
}

/// Gives tasks their standing; of each the first order alone, for it changes the version.
async fn restand(tx: &Tx<'_>, seen: &mut Seen, stands: &[Stand]) -> Vec<Stood> {
    let mut standings = Standings::default();
    let mut all = Vec::with_capacity(stands.len());
    for stand in stands {
        let done = stood(seen, stand.id, stand.version.0);
        if let (Stood::Done, Some((connector, version))) = (done, seen.get_mut(&stand.id.0)) {
            standings.add(connector, stand.id, &stand.standing);
            *version = stand.version.next().0;
        }
        all.push(done);
    }
    take(tx, &[], &standings).await;
    standings.put(tx, Due::Kept).await;
    standings.wake_behind_nobody(tx).await;
    all
}

/// Takes tasks out of the queue, with an entry each; whoever waits for the end of one is due.
async fn end(tx: &Tx<'_>, seen: &mut Seen, removals: &[(&Removal, &Entries)]) -> Vec<Stood> {
    let (mut all, mut gone) = (Vec::with_capacity(removals.len()), Vec::new());
    for (removal, entries) in removals {
        let task = removal.entry.task;
        let done = stood(seen, task, removal.version.0);
        if done == Stood::Done {
            seen.remove(&task.0);
            gone.push(task);
            entries.put(tx).await;
        }
        all.push(done);
    }
    let ids: Vec<i64> = gone.iter().map(|task| convert::id(task.0)).collect();
    take(tx, &ids, &Standings::default()).await;
    wake(tx, &Touched::ends(gone.into_iter())).await;
    all
}

fn encoded(store: &PgStore, removals: &[Removal]) -> Result<Vec<Entries>, StoreError> {
    store.encode(|names| Ok(removals.iter().map(|removal| entry_columns(std::slice::from_ref(&removal.entry), names)).collect()))
}

pub(crate) fn stand(store: &PgStore, stands: &[Stand], by: Sign<'_>) -> Result<Vec<Stood>, StoreError> {
    if stands.is_empty() {
        return Ok(Vec::new());
    }
    store.waits.store(true, std::sync::atomic::Ordering::Relaxed);
    store.write(Order::One, async |tx| {
        let mut seen = seen(tx, stands.iter().map(|stand| stand.id)).await?;
        let all = restand(tx, &mut seen, stands).await;
        tx.add(SWEEP_WANTED, Vec::new()).await;
        sign_if(tx, all.contains(&Stood::Done), by).await;
        Ok(all)
    })
}

pub(crate) fn remove(store: &PgStore, removals: &[Removal], by: Sign<'_>) -> Result<Vec<Stood>, StoreError> {
    if removals.is_empty() {
        return Ok(Vec::new());
    }
    let entries = encoded(store, removals)?;
    let removals: Vec<(&Removal, &Entries)> = removals.iter().zip(&entries).collect();
    store.write(Order::One, async |tx| {
        let mut seen = seen(tx, removals.iter().map(|(removal, _)| removal.entry.task)).await?;
        let all = end(tx, &mut seen, &removals).await;
        tx.add(SWEEP_WANTED, Vec::new()).await;
        sign_if(tx, all.contains(&Stood::Done), by).await;
        Ok(all)
    })
}

pub(crate) fn carry_out(store: &PgStore, stands: &[Stand], removals: &[Removal], step: &Step) -> Result<(), StoreError> {
    let entries = encoded(store, removals)?;
    let removals: Vec<(&Removal, &Entries)> = removals.iter().zip(&entries).collect();
    store.waits.store(true, std::sync::atomic::Ordering::Relaxed);
    store.write(Order::One, async |tx| {
        let fits = operations::fits(tx, step).await?;
        let ids = stands.iter().map(|stand| stand.id).chain(removals.iter().map(|(removal, _)| removal.entry.task));
        let mut seen = seen(tx, ids).await?;
        let stands_fit = stands.iter().all(|stand| stood(&seen, stand.id, stand.version.0) == Stood::Done);
        let removals_fit = removals.iter().all(|(removal, _)| stood(&seen, removal.entry.task, removal.version.0) == Stood::Done);
        if !stands_fit || !removals_fit {
            return Err(Fault::Refused(Refusal::Conflict));
        }
        restand(tx, &mut seen, stands).await;
        end(tx, &mut seen, &removals).await;
        operations::step(tx, step, fits).await;
        tx.add(SWEEP_WANTED, Vec::new()).await;
        Ok(())
    })
}

pub(crate) fn make_due(store: &PgStore, ids: &[TaskId], how: DueFor) -> Result<(), StoreError> {
    let ids: Vec<i64> = ids.iter().map(|id| convert::id(id.0)).collect();
    let how: i16 = match how {
        DueFor::Alone => 0,
        DueFor::Group => 1,
    };
    store.write(Order::One, async |tx| {
        let sql = "UPDATE task SET due = LEAST(due, $2::int2) WHERE id = ANY($1::int8[]) AND apart";
        tx.add(sql, params![ids.clone(), how]).await;
        Ok(())
    })
}
