//! Rows that several owners make or change at once: one row for each identity, and nothing lost.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::owner::{Look, Owner};
use super::table::{EVERY, Table, all, one_wins};
use crate::suite::bench::{a_page, fields, insert, key_of, site, text, type_name, update, user, user_role};
use lockgate_core::change::Change;
use lockgate_core::key::{BindingKey, ObjectKey, PageKey, unique_key};
use lockgate_core::names::FieldName;
use lockgate_core::ports::Store;
use lockgate_core::rows::{ObjectId, ObjectRow, PageRow, Scope, Target};
use lockgate_core::value::{Plain, Stored};

/// Name, GUID, unique value; alias and GUID of a page; what a binding binds.
const KINDS: u64 = 6;

fn email() -> FieldName {
    super::super::bench::field("email")
}

fn with_email(row: ObjectRow, mail: &str) -> ObjectRow {
    ObjectRow { fields: fields([("email", text(mail))]), ..row }
}

fn by_email(mail: &str) -> ObjectKey {
    ObjectKey::Unique(type_name("cms.user"), email(), unique_key(&Plain::Text(mail.into())))
}

fn by_name(name: &str) -> ObjectKey {
    ObjectKey::Name(type_name("cms.user"), Scope::default(), key_of(name))
}

fn email_of(row: &ObjectRow) -> &str {
    match row.fields.get(&email()) {
        Some(Stored::Plain(Plain::Text(mail))) => mail,
        other => panic!("{other:?}"),
    }
}

/// Inserts what has this round's identity, unless it is there.
fn inserts(owner: &Owner, look: &mut Look<'_>, n: u64) -> Vec<Change> {
    let id = owner.new_id();
    let (own, guid) = (format!("{n}-{}", owner.connector()), Uuid::from_u128(u128::from(n) | 1 << 100));
    match n % KINDS {
        0 if look.ask(&by_name(&n.to_string())).is_none() => vec![insert(&user(id, &n.to_string()))],
        1 if look.ask(&ObjectKey::Guid(type_name("cms.user"), guid)).is_none() => {
            vec![insert(&ObjectRow { guid, ..user(id, &own) })]
        }
        2 if look.ask(&by_email(&n.to_string())).is_none() => vec![insert(&with_email(user(id, &own), &n.to_string()))],
        3 if look.ask(&PageKey::Alias(site("main"), None, key_of(&n.to_string()))).is_none() => {
            vec![insert(&a_page(id, None, &n.to_string()))]
        }
        4 if look.ask(&PageKey::Guid(site("main"), guid)).is_none() => vec![insert(&PageRow { guid, ..a_page(id, None, &own) })],
        5 => {
            let (user, role) = (1_000_000 + n, 2_000_000 + n);
            let binds = [user, role].map(|id| Target::Object(ObjectId(id))).to_vec();
            match look.ask(&BindingKey::Binds(type_name("cms.user-role"), binds)) {
                None => vec![insert(&user_role(id, user, role))],
                Some(_) => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

fn rows(store: &dyn Store) -> usize {
    let objects = store.objects(None, None, EVERY).expect("objects").len();
    objects + store.pages(None, EVERY).expect("pages").len() + store.bindings(None, EVERY).expect("bindings").len()
}

pub(super) fn one_identity_from_three_handles_is_one_row(table: &Table) {
    let owners = table.three();
    for n in table.rounds() {
        if (n / KINDS).is_multiple_of(2) {
            let plans: Vec<_> = owners.iter().map(|owner| owner.plan(|look| inserts(owner, look, n))).collect();
            one_wins(&format!("round {n}"), &all(3, |owner| owners[owner].commit(&plans[owner])));
        } else {
            all(3, |owner| owners[owner].change(|look| inserts(&owners[owner], look, n)));
        }
        assert_eq!(rows(&*owners[0].store) as u64, n + 1, "round {n}: one row more");
    }
}

pub(super) fn the_same_new_names_in_different_order_make_progress(table: &Table) {
    const NAMES: usize = 12;
    let owners = table.three();
    for n in table.rounds() {
        let orders: Vec<Vec<usize>> = (0..3)
            .map(|owner| {
                let mut order: Vec<usize> = (0..NAMES).collect();
                match owner {
                    0 => {}
                    1 => order.reverse(),
                    _ => order.rotate_left(table.roll(NAMES)),
                }
                order
            })
            .collect();
        let conflicts = all(3, |owner| {
            owners[owner].change(|look| {
                let names = orders[owner].iter().map(|name| format!("{n} {name}"));
                names.filter(|name| look.ask(&by_name(name)).is_none()).map(|name| insert(&user(owners[owner].new_id(), &name))).collect()
            })
        });
        assert!(conflicts.iter().all(|conflicts| *conflicts <= 50), "round {n}: {conflicts:?}");
        assert_eq!(rows(&*owners[0].store), (n as usize + 1) * NAMES, "round {n}: each name once");
    }
}

/// Hands name and unique value of each row to the next one.
fn rotates(look: &mut Look<'_>, ids: &[ObjectId]) -> Vec<Change> {
    let now: Vec<ObjectRow> = ids.iter().map(|id| (*look.ask(&ObjectKey::Id(*id)).expect("it is there")).clone()).collect();
    for row in &now {
        look.ask(&by_name(row.code_name.key()));
        look.ask(&by_email(email_of(row)));
    }
    let next = now.iter().cycle().skip(1);
    now.iter()
        .zip(next)
        .map(|(row, next)| update(row, &ObjectRow { code_name: next.code_name.clone(), fields: next.fields.clone(), ..row.clone() }))
        .collect()
}

pub(super) fn swaps_and_rings_beside_each_other_lose_nothing(table: &Table) {
    const ROWS: usize = 6;
    let owners = table.three();
    let all_names: BTreeSet<String> = (0..ROWS).map(|n| format!("r{n}")).collect();
    let new: Vec<ObjectRow> = all_names.iter().map(|name| with_email(user(owners[0].new_id(), name), name)).collect();
    owners[0].write(new.iter().map(insert).collect());
    for n in table.rounds() {
        let rings: Vec<Vec<ObjectId>> = (0..3)
            .map(|_| {
                let mut ids: Vec<ObjectId> = new.iter().map(|row| row.id).collect();
                for at in 0..ROWS {
                    ids.swap(at, table.roll(ROWS));
                }
                ids.truncate(2 + table.roll(3));
                ids
            })
            .collect();
        all(3, |owner| owners[owner].change(|look| rotates(look, &rings[owner])));
        let mut look = owners[0].look();
        let stored = owners[1].store.objects(None, None, ROWS + 1).expect("objects");
        let names: BTreeSet<String> = stored.iter().map(|row| row.code_name.key().to_owned()).collect();
        assert_eq!((stored.len(), &names), (ROWS, &all_names), "round {n}: every name is there once");
        for row in stored {
            assert_eq!(email_of(&row), row.code_name.key(), "round {n}: name and value went together");
            assert_eq!(look.ask(&by_email(email_of(&row))).map(|row| row.id), Some(row.id), "round {n}");
            assert_eq!(look.ask(&by_name(row.code_name.key())).map(|row| row.id), Some(row.id), "round {n}");
        }
    }
}

pub(super) fn no_increment_is_lost(table: &Table) {
    const EACH: i64 = 3;
    let owners = table.three();
    let row = user(owners[0].new_id(), "counter");
    let (id, before) = (ObjectKey::Id(row.id), row.modified_ms);
    owners[0].write(vec![insert(&row)]);
    for (n, round) in (1..).zip(table.rounds()) {
        all(3, |owner| {
            for _ in 0..EACH {
                owners[owner].change(|look| {
                    let now = look.ask(&id).expect("it is there");
                    vec![update(&*now, &ObjectRow { modified_ms: now.modified_ms + 1, ..(*now).clone() })]
                });
            }
        });
        let counted = owners[0].look().ask(&id).expect("it is there").modified_ms;
        assert_eq!(counted - before, n * 3 * EACH, "round {round}");
    }
}
