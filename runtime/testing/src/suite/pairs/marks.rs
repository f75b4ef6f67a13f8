//! Who waits for something that is not there: its commit relies on not having found it, so whoever
//! brings it comes either before, and is found by looking again, or after: see `waking`.

use std::sync::atomic::{AtomicU64, Ordering};

use super::owner::{Look, remains};
use super::table::{Table, both};
use crate::suite::bench::{a_page, failed, insert, key_of, site, type_name, user};
use lockgate_core::key::{ObjectKey, PageKey};
use lockgate_core::ports::StoreError;
use lockgate_core::rows::Scope;

fn by_name(name: &str) -> ObjectKey {
    ObjectKey::Name(type_name("cms.user"), Scope::default(), key_of(name))
}

/// Whether any of what is awaited in a round is there: several marks of one task.
fn arrived(look: &mut Look<'_>, n: u64) -> bool {
    let users = (0..3).filter(|mark| look.ask(&by_name(&format!("{n} {mark}"))).is_some()).count();
    let page = look.ask(&PageKey::Alias(site("main"), None, key_of(&format!("p{n}"))));
    users > 0 || page.is_some()
}

pub(super) fn who_did_not_find_a_row_looks_again_when_it_comes(table: &Table) {
    let (waiter, writer) = (table.owner("a"), table.owner("b"));
    for n in table.rounds() {
        let task = table.queue("a", 1).remove(0);
        let parks = waiter.plan_with(vec![remains(&task, failed())], |look| {
            assert!(!arrived(look, n), "round {n}");
            Vec::new()
        });
        let id = writer.new_id();
        writer.write(vec![if n % 4 == 3 {
            insert(&a_page(id, None, &format!("p{n}")))
        } else {
            insert(&user(id, &format!("{n} {}", n % 4)))
        }]);
        let parked = waiter.commit(&parks);
        assert!(matches!(parked, Err(StoreError::Conflict)), "round {n}: what it waits for has come: {parked:?}");
        assert!(arrived(&mut waiter.look(), n), "round {n}: found by looking again");
    }
}

pub(super) fn what_is_awaited_is_found_or_comes_later(table: &Table) {
    let (waiter, writer) = (table.owner("a"), table.owner("b"));
    for n in table.rounds() {
        let task = table.queue("a", 1).remove(0);
        let row = user(writer.new_id(), &format!("{n} {}", n % 3));
        // Zero as long as it is not known that the row is in.
        let is_in = AtomicU64::new(0);
        let (parked, _) = both(
            || {
                let mut found = false;
                loop {
                    let known = is_in.load(Ordering::SeqCst);
                    let effects = waiter.plan_with(vec![remains(&task, failed())], |look| {
                        found = arrived(look, n);
                        Vec::new()
                    });
                    if found {
                        return None;
                    }
                    match waiter.commit(&effects) {
                        Ok(()) => return Some(known),
                        Err(StoreError::Conflict) => {}
                        Err(error) => panic!("round {n}: {error:?}"),
                    }
                }
            },
            || {
                writer.write(vec![insert(&row)]);
                is_in.store(1, Ordering::SeqCst);
            },
        );
        assert_ne!(parked, Some(1), "round {n}: the row was in when the waiter began to look, and was not found");
    }
}
