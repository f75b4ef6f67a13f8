//! Deletes beside what comes to need the deleted: a new referrer, a child, a page below.

use std::collections::BTreeMap;

use super::owner::{Look, Owner};
use super::table::{EVERY, Table, all, both, one_wins};
use crate::suite::bench::{a_page, a_version, culture, delete, fields, insert, to_object, tree, type_name, user, user_role};
use lockgate_core::change::Change;
use lockgate_core::key::{ObjectKey, ObjectsKey, PageKey, ReferrersOf};
use lockgate_core::ports::Store;
use lockgate_core::rows::{NodeId, ObjectId, ObjectRow, PageRow, Target};

/// By a field, by a page's field, by a binding; a child object; a page below.
const KINDS: u64 = 5;

/// What this round is about, as it is at the beginning.
fn target(id: u64, n: u64) -> Change {
    match n % KINDS {
        3 => insert(&tree(id, None, &format!("t{n}"))),
        4 => insert(&a_page(id, None, &format!("t{n}"))),
        _ => insert(&user(id, &format!("t{n}"))),
    }
}

/// Deletes it, if nothing needs it.
fn deletes(look: &mut Look<'_>, id: u64, n: u64) -> Vec<Change> {
    match n % KINDS {
        3 => match look.ask(&ObjectKey::Id(ObjectId(id))) {
            Some(row) if look.ask(&ObjectsKey::Children(row.id, type_name("test.tree"))).is_empty() => vec![delete(&*row)],
            _ => Vec::new(),
        },
        4 => match look.ask(&PageKey::Id(NodeId(id))) {
            Some(row) if look.ask(&PageKey::ChildOf(row.id)).is_none() => vec![delete(&*row)],
            _ => Vec::new(),
        },
        _ => match look.ask(&ObjectKey::Id(ObjectId(id))) {
            Some(row) if look.ask(&ReferrersOf(Target::Object(row.id))).is_empty() => vec![delete(&*row)],
            _ => Vec::new(),
        },
    }
}

/// Needs it, if it is there.
fn needs(owner: &Owner, look: &mut Look<'_>, id: u64, n: u64) -> Vec<Change> {
    let new = owner.new_id();
    let name = format!("n{n}");
    if n % KINDS == 4 {
        return look.ask(&PageKey::Id(NodeId(id))).map(|_| insert(&a_page(new, Some(id), &name))).into_iter().collect();
    }
    if look.ask(&ObjectKey::Id(ObjectId(id))).is_none() {
        return Vec::new();
    }
    vec![match n % KINDS {
        0 => insert(&ObjectRow { fields: fields([("manager", to_object(id))]), ..user(new, &name) }),
        1 => {
            let version = a_version(&name, [("author", to_object(id))]);
            insert(&PageRow { cultures: BTreeMap::from([(culture("en-US"), version)]), ..a_page(new, None, &name) })
        }
        2 => insert(&user_role(new, id, 5_000_000 + n)),
        _ => insert(&tree(new, Some(id), &name)),
    }]
}

/// What is needed and not there.
fn dangling(store: &dyn Store) -> Vec<String> {
    let objects = store.objects(None, None, EVERY).expect("objects");
    let pages = store.pages(None, EVERY).expect("pages");
    let bindings = store.bindings(None, EVERY).expect("bindings");
    let is_there = |target: Target| match target {
        // The roles of this check's bindings are not made.
        Target::Object(id) => id.0 >= 5_000_000 || objects.iter().any(|row| row.id == id),
        Target::Page(id) => pages.iter().any(|row| row.id == id),
    };
    let references = objects.iter().flat_map(|row| row.references()).map(|(_, target)| target);
    let references = references.chain(pages.iter().flat_map(|row| row.references()).map(|(_, target)| target));
    let references = references.chain(bindings.iter().flat_map(|row| row.references()).map(|(_, target)| target));
    let parents = objects.iter().filter_map(|row| row.scope.parent.map(Target::Object));
    let parents = parents.chain(pages.iter().filter_map(|row| row.parent.map(Target::Page)));
    references.chain(parents).filter(|target| !is_there(*target)).map(|target| format!("{target:?}")).collect()
}

pub(super) fn a_delete_and_a_new_referrer_do_not_both_win(table: &Table) {
    let (one, other) = (table.owner("a"), table.owner("b"));
    for n in table.rounds() {
        let id = one.new_id();
        one.write(vec![target(id, n)]);
        let (gone, needed) = (one.plan(|look| deletes(look, id, n)), other.plan(|look| needs(&other, look, id, n)));
        let (gone, needed) = match n / KINDS % 3 {
            // In turn, too: a race may go the same way each time.
            0 => {
                let needed = other.commit(&needed);
                (one.commit(&gone), needed)
            }
            1 => (one.commit(&gone), other.commit(&needed)),
            _ => both(|| one.commit(&gone), || other.commit(&needed)),
        };
        one_wins(&format!("round {n}"), &[gone, needed]);
        assert_eq!(dangling(&*one.store), [] as [String; 0], "round {n}");
    }
}

pub(super) fn nothing_dangles_after_deletes_beside_referrers(table: &Table) {
    let owners = table.three();
    for n in table.rounds() {
        let id = owners[0].new_id();
        owners[0].write(vec![target(id, n)]);
        all(3, |owner| match owner {
            0 => owners[0].change(|look| deletes(look, id, n)),
            1 => owners[1].change(|look| needs(&owners[1], look, id, n)),
            // Another kind of need of the same thing, where there is one.
            _ if n % KINDS < 2 => owners[2].change(|look| needs(&owners[2], look, id, n + 5_000_001)),
            _ => owners[2].change(|look| deletes(look, id, n)),
        });
        assert_eq!(dangling(&*owners[0].store), [] as [String; 0], "round {n}");
    }
}
