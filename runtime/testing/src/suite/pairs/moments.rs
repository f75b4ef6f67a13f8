//! What is loaded is as of one moment, and what was looked at in several is relied on from the first:
//! moves beside each other make no cycle.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use super::owner::Look;
use super::table::{EVERY, Over, Table, all, both, one_wins};
use crate::suite::bench::{a_page, insert, tree, update, user};
use lockgate_core::change::Change;
use lockgate_core::key::{Key, ObjectKey, PageKey};
use lockgate_core::ports::{Store, StoreError};
use lockgate_core::rows::{NodeId, ObjectId, ObjectRow, PageRow, Scope};

/// Pages that are moved about.
const PAGES: usize = 5;

/// Moves a page under another, unless it is above it: each step up is a load of its own.
fn moves(look: &mut Look<'_>, page: NodeId, under: NodeId, between: &mut dyn FnMut()) -> Vec<Change> {
    let row = look.ask(&PageKey::Id(page)).expect("it is there");
    let mut above = Some(under);
    while let Some(id) = above {
        if id == page {
            return Vec::new();
        }
        above = look.ask(&PageKey::Id(id)).expect("it is there").parent;
        between();
    }
    vec![update(&*row, &PageRow { parent: Some(under), ..(*row).clone() })]
}

fn top(look: &mut Look<'_>, page: NodeId) -> Vec<Change> {
    let row = look.ask(&PageKey::Id(page)).expect("it is there");
    vec![update(&*row, &PageRow { parent: None, ..(*row).clone() })]
}

/// Pages that do not reach the root.
fn lost(store: &dyn Store) -> Vec<NodeId> {
    let pages = store.pages(None, EVERY).expect("pages");
    let reaches = |page: &PageRow| {
        let (mut above, mut seen) = (page.parent, BTreeSet::from([page.id]));
        while let Some(id) = above {
            if !seen.insert(id) {
                return false;
            }
            above = pages.iter().find(|page| page.id == id).and_then(|page| page.parent);
        }
        true
    };
    pages.iter().filter(|page| !reaches(page)).map(|page| page.id).collect()
}

pub(super) fn two_moves_that_make_a_cycle_do_not_both_win(table: &Table) {
    let (one, other) = (table.owner("a"), table.owner("b"));
    let ids = [one.new_id(), one.new_id()];
    one.write(ids.iter().map(|id| insert(&a_page(*id, None, &format!("p{id}")))).collect());
    let [p, q] = ids.map(NodeId);
    for n in table.rounds() {
        let plans = (one.plan(|look| moves(look, p, q, &mut || {})), other.plan(|look| moves(look, q, p, &mut || {})));
        let (first, second) = both(|| one.commit(&plans.0), || other.commit(&plans.1));
        one_wins(&format!("round {n}"), &[first, second]);
        assert_eq!(lost(&*one.store), [], "round {n}");
        one.change(|look| top(look, p));
        one.change(|look| top(look, q));
    }
}

pub(super) fn a_move_that_looked_in_two_moments_is_found_out(table: &Table) {
    let (one, other) = (table.owner("a"), table.owner("b"));
    let ids = [one.new_id(), one.new_id(), one.new_id()];
    one.write(ids.iter().map(|id| insert(&a_page(*id, None, &format!("p{id}")))).collect());
    let [p, q, r] = ids.map(NodeId);
    for n in table.rounds() {
        // r is under q, and p is to go under r. Between the looks at r and at q, or after both, q goes
        // under p.
        one.change(|look| top(look, q));
        one.change(|look| moves(look, r, q, &mut || {}));
        let mut steps = 0;
        let plan = one.plan(|look| {
            moves(look, p, r, &mut || {
                steps += 1;
                if steps == 2 - n % 2 {
                    other.change(|look| moves(look, q, p, &mut || {}));
                }
            })
        });
        let committed = one.commit(&plan);
        assert!(matches!(committed, Err(StoreError::Conflict)), "round {n}: another commit came between its loads: {committed:?}");
        assert_eq!(lost(&*one.store), [], "round {n}");
    }
}

pub(super) fn moves_beside_each_other_make_no_cycle(table: &Table) {
    let owners = table.three();
    let ids: Vec<u64> = (0..PAGES).map(|_| owners[0].new_id()).collect();
    owners[0].write(ids.iter().map(|id| insert(&a_page(*id, None, &format!("p{id}")))).collect());
    for n in table.rounds() {
        let wishes: Vec<(usize, usize)> = (0..3).map(|_| (table.roll(PAGES), table.roll(PAGES + 1))).collect();
        all(3, |owner| {
            let (page, under) = wishes[owner];
            owners[owner].change(|look| match ids.get(under) {
                Some(under) => moves(look, NodeId(ids[page]), NodeId(*under), &mut std::thread::yield_now),
                None => top(look, NodeId(ids[page])),
            })
        });
        assert_eq!(lost(&*owners[0].store), [], "round {n}: {wishes:?}");
    }
}

/// The same with objects that have parents.
fn goes_under(look: &mut Look<'_>, object: ObjectId, under: ObjectId) -> Vec<Change> {
    let row = look.ask(&ObjectKey::Id(object)).expect("it is there");
    let mut above = Some(under);
    while let Some(id) = above {
        if id == object {
            return Vec::new();
        }
        above = look.ask(&ObjectKey::Id(id)).expect("it is there").scope.parent;
    }
    vec![update(&*row, &ObjectRow { scope: Scope { parent: Some(under), ..Scope::default() }, ..(*row).clone() })]
}

pub(super) fn objects_beside_each_other_make_no_cycle(table: &Table) {
    let (one, other) = (table.owner("a"), table.owner("b"));
    for n in table.rounds() {
        let ids = [one.new_id(), one.new_id()];
        one.write(ids.iter().map(|id| insert(&tree(*id, None, &format!("{n}-{id}")))).collect());
        let [p, q] = ids.map(ObjectId);
        let plans = (one.plan(|look| goes_under(look, p, q)), other.plan(|look| goes_under(look, q, p)));
        let (first, second) = both(|| one.commit(&plans.0), || other.commit(&plans.1));
        one_wins(&format!("round {n}"), &[first, second]);
        both(|| one.change(|look| goes_under(look, p, q)), || other.change(|look| goes_under(look, q, p)));
        let parents = ids.map(|id| one.look().ask(&ObjectKey::Id(ObjectId(id))).expect("it is there").scope.parent.is_some());
        assert!(parents[0] != parents[1], "round {n}: one of them is under the other: {parents:?}");
    }
}

pub(super) fn a_load_is_one_moment(table: &Table) {
    const ROWS: usize = 8;
    let (writer, readers) = (table.owner("a"), [table.owner("b"), table.owner("c")]);
    let new: Vec<ObjectRow> = (0..ROWS).map(|n| user(writer.new_id(), &format!("u{n}"))).collect();
    writer.write(new.iter().map(insert).collect());
    let keys: Vec<Key> = new.iter().map(|row| ObjectKey::Id(row.id).into()).collect();
    let over = AtomicBool::new(false);
    let rounds: Vec<u64> = table.rounds().take(20).collect();
    for n in rounds {
        over.store(false, Ordering::SeqCst);
        all(3, |thread| {
            if thread == 0 {
                while !over.load(Ordering::SeqCst) {
                    writer.change(|look| {
                        let now = look.ask_all(&keys);
                        let rows = new.iter().map(|row| now.get(&ObjectKey::Id(row.id)).cloned().flatten().expect("it is there"));
                        rows.map(|row| update(&*row, &ObjectRow { modified_ms: row.modified_ms + 1, ..(*row).clone() })).collect()
                    });
                }
                return;
            }
            let _over = Over(&over);
            for _ in 0..20 {
                let loaded = readers[thread - 1].store.load(&keys).expect("load");
                let of = |row: &ObjectRow| loaded.answers.get(&ObjectKey::Id(row.id)).cloned().flatten().expect("it is there").modified_ms;
                let moments: BTreeSet<i64> = new.iter().map(of).collect();
                assert_eq!(moments.len(), 1, "round {n}: answers of several moments: {moments:?}");
            }
        });
    }
}
