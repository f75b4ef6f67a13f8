//! Progress where owners want the same rows: conflicts are bounded, and the big are not starved.

use std::sync::atomic::{AtomicBool, Ordering};

use super::owner::{Look, Owner};
use super::table::{Over, Table, all};
use crate::suite::bench::{insert, update, user};
use lockgate_core::change::Change;
use lockgate_core::key::{Key, ObjectKey};
use lockgate_core::ports::StoreError;
use lockgate_core::rows::{ObjectId, ObjectRow};

/// Conflicts of one change beside two others: far more than chance makes.
const CONFLICTS_MAX: u32 = 100;

fn rows(owner: &Owner, count: usize) -> Vec<ObjectRow> {
    let rows: Vec<ObjectRow> = (0..count).map(|n| user(owner.new_id(), &format!("u{n}"))).collect();
    owner.write(rows.iter().map(insert).collect());
    rows
}

/// Adds one to each, in this order.
fn adds(look: &mut Look<'_>, ids: &[ObjectId]) -> Vec<Change> {
    let keys: Vec<Key> = ids.iter().map(|id| ObjectKey::Id(*id).into()).collect();
    let now = look.ask_all(&keys);
    let rows = ids.iter().map(|id| now.get(&ObjectKey::Id(*id)).cloned().flatten().expect("it is there"));
    rows.map(|row| update(&*row, &ObjectRow { modified_ms: row.modified_ms + 1, ..(*row).clone() })).collect()
}

fn counted(owner: &Owner, row: &ObjectRow) -> i64 {
    owner.look().ask(&ObjectKey::Id(row.id)).expect("it is there").modified_ms - row.modified_ms
}

pub(super) fn the_same_rows_in_different_order_conflict_a_bounded_number_of_times(table: &Table) {
    let owners = table.three();
    let rows = rows(&owners[0], 10);
    for (n, round) in (1..).zip(table.rounds()) {
        let conflicts = all(3, |owner| {
            let mut ids: Vec<ObjectId> = rows.iter().map(|row| row.id).collect();
            match owner {
                0 => {}
                1 => ids.reverse(),
                _ => ids.rotate_left(5),
            }
            owners[owner].change(|look| adds(look, &ids))
        });
        assert!(conflicts.iter().all(|conflicts| *conflicts <= CONFLICTS_MAX), "round {round}: {conflicts:?}");
        for row in &rows {
            assert_eq!(counted(&owners[0], row), n * 3, "round {round}");
        }
    }
}

/// Writes in parts that become smaller with each conflict; how many conflicts there were.
fn in_parts(owner: &Owner, ids: &[ObjectId]) -> u32 {
    let (mut at, mut part, mut conflicts) = (0, ids.len(), 0);
    while at < ids.len() {
        let some = &ids[at..ids.len().min(at + part)];
        match owner.commit(&owner.plan(|look| adds(look, some))) {
            Ok(()) => at += some.len(),
            Err(StoreError::Conflict) => {
                part = (part / 2).max(1);
                conflicts += 1;
                assert!(conflicts < 10_000, "no progress behind row {at} in parts of {part}");
            }
            Err(error) => panic!("{error:?}"),
        }
    }
    conflicts
}

pub(super) fn a_big_batch_beside_small_ones_makes_progress(table: &Table) {
    let (big, small) = (table.owner("big"), table.three());
    let rows = rows(&big, 200);
    let ids: Vec<ObjectId> = rows.iter().map(|row| row.id).collect();
    let mut expected = 0;
    for n in table.rounds().take(8) {
        let over = AtomicBool::new(false);
        let added = all(4, |owner| {
            if owner == 3 {
                let _over = Over(&over);
                in_parts(&big, &ids);
                return 0;
            }
            let mut times = 0;
            while !over.load(Ordering::SeqCst) {
                // Hot rows, spread over the batch.
                small[owner].change(|look| adds(look, &[ids[50 * owner + 7]]));
                times += 1;
            }
            times
        });
        expected += 1;
        for (owner, times) in added[..3].iter().enumerate() {
            let hot = 50 * owner + 7;
            assert!(counted(&big, &rows[hot]) >= expected + *times, "round {n}: row {hot}");
        }
        assert_eq!(counted(&big, &rows[199]), expected, "round {n}: the big one has ended");
    }
}
