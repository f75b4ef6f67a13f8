//! The suite finds a store that forgets who waits (§11.7).
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::panic::{AssertUnwindSafe, catch_unwind};

use lockgate_testing::store_suite::{Bench, CHECKS, InMemory, agree};
use lockgate_testing::{Forgets, MemoryStore};

/// Which checks find what.
const MUTANTS: &[(Forgets, &[&str])] = &[
    (Forgets::AWake, &["wakes::every_kind_of_touch_wakes", "wakes::who_was_looked_at_is_not_due"]),
    (
        Forgets::WhoWaitedBefore,
        &[
            "wakes::what_comes_wakes_who_waits_for_it",
            "wakes::who_parks_stirs_others_and_not_itself",
            "arrivals::many_waiters_are_worked_off_in_steps",
            "loose::what_comes_makes_loose_ends_due",
        ],
    ),
    (
        Forgets::WhoBeginsToWait,
        &[
            "wakes::who_begins_to_wait_in_the_commit_that_touches_it_is_due",
            "loose::an_end_that_begins_with_what_it_waits_for_is_due",
            "loose::an_end_that_was_looked_at_is_not_due",
        ],
    ),
    (
        Forgets::WhoIsDue,
        &["restarts::who_is_due_is_due_after_a_restart", "restarts::what_is_to_be_worked_off_is_worked_off_after_a_restart"],
    ),
    (Forgets::Arrivals, &["restarts::what_is_to_be_worked_off_is_worked_off_after_a_restart"]),
    (
        Forgets::TheMany,
        &[
            "arrivals::many_waiters_are_worked_off_in_steps",
            "arrivals::what_comes_again_while_it_is_worked_off_wakes_those_that_were_passed",
            "arrivals::many_who_need_a_group_are_worked_off_too",
            "arrivals::many_loose_ends_are_worked_off",
        ],
    ),
];

fn passes(forgets: Forgets, name: &str) -> bool {
    let check = CHECKS.iter().find(|check| check.name == name).unwrap_or_else(|| panic!("no check is named {name}"));
    let mut engine = InMemory::forgetting(forgets);
    catch_unwind(AssertUnwindSafe(|| (check.run)(&mut Bench::new(&mut engine)))).is_ok()
}

#[test]
fn each_store_that_forgets_is_found_by_the_checks_that_are_about_it() {
    let all = MUTANTS.iter().flat_map(|(forgets, names)| names.iter().map(move |name| (*forgets, *name)));
    let missed: Vec<String> =
        all.filter(|(forgets, name)| passes(*forgets, name)).map(|(forgets, name)| format!("{forgets:?} by {name}")).collect();
    assert!(missed.is_empty(), "not found:\n{}", missed.join("\n"));
}

#[test]
fn a_comparison_with_a_store_that_remembers_finds_one_that_forgets() {
    for forgets in [Forgets::AWake, Forgets::WhoWaitedBefore, Forgets::WhoBeginsToWait, Forgets::TheMany] {
        let agrees = |seed| {
            let (forgetful, sound) = (MemoryStore::forgetting(forgets), MemoryStore::new());
            catch_unwind(AssertUnwindSafe(|| agree(seed, &forgetful, &sound, 300))).is_ok()
        };
        assert!((1..=20).any(|seed| !agrees(seed)), "{forgets:?} is not found");
    }
}
