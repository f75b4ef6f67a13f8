//! Marks stand in the file. When an older rule made them, everything that waits is looked at once, and
//! registers anew by today's.

use lockgate_core::key::{Key, LooseOf};
use lockgate_core::mark::RULE;
use lockgate_core::park::LooseAt;
use lockgate_core::ports::Due;
use lockgate_core::task::TaskId;
use redb::{Database, Durability, ReadableTable};

use super::due::{self, Dues};
use super::entries::LOOSE;
use crate::disk;
use crate::fault::Fault;
use crate::read::View;
use crate::tables::number;
use crate::work::{Memory, Work};

/// Tasks that are made due at a time, so that memory stays bounded.
const BATCH: usize = 10_000;

/// Makes every task that stands apart and every loose end due if another rule made the marks, in one
/// transaction.
pub(crate) fn mark_by_todays_rule(db: &Database, memory: &mut Memory) -> Result<(), Fault> {
    let view = View::new(db, &memory.names)?;
    if view.tables.numbers()?.get(number::MARK_RULE)?.map(|rule| rule.value()) == Some(RULE) {
        return Ok(());
    }
    drop(view);
    let mut txn = db.begin_write()?;
    txn.set_durability(Durability::Immediate).map_err(|error| Fault::row("durability", error))?;
    txn.set_quick_repair(true);
    let mut work = Work::new(&txn, memory);
    all_tasks(&mut work)?;
    all_loose_ends(&mut work)?;
    work.tables.numbers()?.insert(number::MARK_RULE, RULE)?;
    work.finish()?;
    drop(work);
    txn.commit()?;
    Ok(())
}

fn all_tasks(work: &mut Work<'_>) -> Result<(), Fault> {
    let mut from = (0, 0);
    loop {
        let mut ids = Vec::new();
        for row in work.tables.apart()?.range(from..)?.take(BATCH) {
            ids.push(row?.0.value());
        }
        let Some((connector, last)) = ids.last() else { return Ok(()) };
        from = (*connector, last.saturating_add(1));
        let ids: Vec<TaskId> = ids.into_iter().map(|(_, id)| TaskId(id)).collect();
        due::make(work, &ids, Due::Alone)?;
    }
}

/// They are found by their owners' marks, too.
fn all_loose_ends(work: &mut Work<'_>) -> Result<(), Fault> {
    let names = work.memory.names.known();
    work.tables.loose_of()?.retain(|_, _| false)?;
    let mut from = 0;
    loop {
        let mut ends = Vec::new();
        for row in work.tables.loose()?.range(from..)?.take(BATCH) {
            let (id, bytes) = row?;
            ends.push(disk::loose::decode(id.value(), bytes.value(), &names)?);
        }
        let Some(last) = ends.last() else { return Ok(()) };
        from = last.id.0.saturating_add(1);
        let mut dues = Dues::default();
        for end in &ends {
            if let LooseAt::NotMade(not_made) = &end.at {
                let question = Key::from(LooseOf(not_made.binding_type.clone(), not_made.owner.clone()));
                work.tables.loose_of()?.insert((question.mark().0, end.id.0), ())?;
            }
            if let Some(connector) = names.id(end.connector.as_str()) {
                dues.add(connector, LOOSE, end.id.0, Due::Alone);
            }
        }
        due::put(work, &dues)?;
    }
}
