//! The order in which changes arrive does not matter (§11): what [`lockgate_testing::order`] tries, over the
//! store in memory.
//!
//! `LOCKGATE_ORDER_SEED=n` tries one seed and says what it is; `LOCKGATE_ORDER_SEEDS=n` tries so many;
//! `LOCKGATE_ORDER_FIRST=n` begins there.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests' code: a failure here is a failed test"
)]

use lockgate_testing::order::{Broken, CASES, ORDERS, again, campaign, check, of_seed, smaller};
use lockgate_testing::store_suite::{InMemory, Reopen};

/// Where seeds begin unless it is said otherwise.
const FIRST: u64 = 20_261_130;
/// Seeds that are tried unless it is said otherwise.
const SEEDS: u64 = 1_700;
/// A store that is broken is found out within so many seeds.
const SEEDS_TO_FIND_MAX: u64 = 4_000;

fn memory() -> Box<dyn Reopen> {
    Box::new(InMemory::default())
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{variable} is a number")))
}

macro_rules! named {
    ($all:ident { $($test:ident: $name:literal;)* }) => {
        $(
            #[test]
            fn $test() {
                $all.iter().find(|case| case.name == $name).expect("there is one of this name").run(&memory);
            }
        )*
    };
}

named! {
    CASES {
        a_value_freed_behind_the_waiter: "a value is freed behind the one who waits for it";
        a_name_freed_by_a_delete_behind_the_waiter: "a name is freed by a delete behind the one who waits for it";
        a_required_target_is_gone_and_a_later_version_points_elsewhere: "a required target is gone and a later version points elsewhere";
        a_wrong_reference_is_corrected_by_the_next_update: "a wrong reference is corrected by the next update";
        an_optional_reference_is_cleared_and_its_target_comes_back: "an optional reference is cleared by a delete and its target comes back";
        the_same_with_the_referrer_last: "the same with the referrer last";
        a_required_target_is_made_again_under_its_referrer: "a required target is deleted and made again under its referrer";
        a_default_gives_way_to_its_target: "a default gives way to its target";
        a_default_comes_back_when_its_target_is_deleted: "a default comes back when its target is deleted";
        an_added_binding_waits_for_its_target: "an added binding waits for its target though a later list does not state it";
        a_circle_is_there_only_in_between: "a circle is there only in between";
        a_target_by_name_is_renamed_before_the_referrer_comes: "what is referred to by name is renamed before the referrer comes";
        a_name_is_taken_over_after_a_delete_and_required_by_name: "a name is taken over after a delete and required by name";
        a_delete_comes_again_after_another_has_taken_the_name: "a delete comes again after another has taken the name";
    }
}

named! {
    ORDERS {
        all_orders_of_a_ring_of_renames: "a ring of renames through one connector";
        all_orders_of_a_ring_of_renames_through_two_connectors: "a ring of renames through two connectors";
        all_orders_of_a_name_that_two_newcomers_take_in_turn: "a name is freed and taken by two newcomers in turn";
        all_orders_of_a_swap_by_way_of_a_third_name: "a swap by way of a third name";
        all_orders_of_a_swap_and_a_swap_back: "a swap and a swap back";
        all_orders_of_pages_that_go_under_each_other_in_turn: "a page goes under another which later goes under it";
        all_orders_of_a_tree_that_is_deleted: "a tree of three is deleted from its leaf on";
    }
}

#[test]
fn every_case_is_a_test_of_its_own() {
    assert_eq!((CASES.len(), ORDERS.len()), (14, 7), "the lists above name each of them");
}

#[test]
fn every_order_ends_as_the_sorted_feed_does() {
    if let Some(seed) = number("LOCKGATE_ORDER_SEED") {
        return replay(seed);
    }
    let first = number("LOCKGATE_ORDER_FIRST").unwrap_or(FIRST);
    let tried = campaign(&memory, first, number("LOCKGATE_ORDER_SEEDS").unwrap_or(SEEDS), u64::MAX, None);
    println!("orders: {} from seed {first} on", tried.summary());
    tried.assert_kept(&memory);
}

fn replay(seed: u64) {
    let (trial, orders) = of_seed(seed);
    eprintln!("seed {seed}: class {:?}, {} changes", trial.class.name, trial.history.len());
    for (at, told) in trial.history.iter().enumerate() {
        eprintln!("  #{at} {told}");
    }
    for (order, schedule) in &orders {
        eprintln!("  order {order:?}, {schedule:?}");
    }
    if let Err(wrong) = check(&memory, seed, None) {
        eprintln!("{wrong}");
        let small = smaller(&memory, wrong, None);
        eprintln!("its smallest form: {small}\nonce more:");
        let _ = again(&memory, &small);
        panic!("seed {seed}");
    }
}

#[test]
fn the_same_seed_does_the_same() {
    for seed in FIRST..FIRST + 40 {
        let twice = [0, 1].map(|_| check(&memory, seed, None).map_err(|wrong| wrong.to_string()));
        assert_eq!(twice[0], twice[1], "seed {seed}");
    }
}

/// Whoever needs these is mostly found from the other side: a task that parks is tried with all that would help it. The
/// suite of the stores asks for them directly.
const BY_THE_SUITE: [Broken; 2] = [Broken::NoStirs, Broken::NoEndsInGroupWants];

#[test]
fn a_broken_store_is_found_out() {
    let mut hidden = Vec::new();
    for broken in Broken::ALL.iter().filter(|broken| !BY_THE_SUITE.contains(broken)) {
        let tried = campaign(&memory, FIRST, SEEDS_TO_FIND_MAX, 1, Some(*broken));
        match tried.failed.iter().next() {
            Some((class, (seed, wrong))) => {
                println!("{broken:?}: found after {} seeds, by seed {seed}, {class:?}: {}", tried.seeds, wrong.why);
            }
            None => hidden.push(broken),
        }
    }
    assert!(hidden.is_empty(), "{hidden:?} were not found in {SEEDS_TO_FIND_MAX} seeds");
}
