//! Durability in simulation: two buses with scheduler, passes and operators on one store in memory, on a
//! simulated clock, one step at a time, with everything random that can come from outside: submissions,
//! failures, faults of the store, crashes, leases that run out, and operators and the other bus in the midst
//! of a pass. After every action it is checked that every acknowledged task is queued or has ended once,
//! and that what is stored is what the stored tasks make.
//!
//! `LOCKGATE_SIM_SEED=n` replays one seed and tells every action; `LOCKGATE_SIM_SEEDS=n` runs so many;
//! `LOCKGATE_SIM_FIRST=n` begins there.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests' code: a failure here is a failed test"
)]

mod simulation {
    pub mod actions;
    pub mod check;
    pub mod docs;
    mod drain;
    pub mod duel;
    pub mod faulty;
    pub mod fold;
    pub mod journal;
    mod others;
    mod ports;
    pub mod rights;
    pub mod run;
    mod script;
    pub mod setup;
    pub mod store;
    pub mod world;
}

use std::time::Duration;

use simulation::faulty::Broken;
use simulation::run::{many, of_seed, replay, run, shortened};

/// Where seeds begin unless it is said otherwise.
const FIRST: u64 = 20_261_124;
/// How long seeds are run unless their number is said.
const BUDGET: Duration = Duration::from_secs(12);
/// A store that is broken is found out within so many seeds.
const SEEDS_TO_FIND_MAX: u64 = 3_000;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{variable} is a number")))
}

#[test]
fn every_seed_keeps_what_is_promised() {
    if let Some(seed) = number("LOCKGATE_SIM_SEED") {
        return replay(seed);
    }
    let first = number("LOCKGATE_SIM_FIRST").unwrap_or(FIRST);
    let (seeds, time) = number("LOCKGATE_SIM_SEEDS").map_or((u64::MAX - first, BUDGET), |seeds| (seeds, Duration::MAX));
    let many = many(first, seeds, time, None);
    let per_minute = many.seeds as f64 * 60.0 / many.took.as_secs_f64();
    println!(
        "simulation: {} seeds from {first} on in {:.1} s, {per_minute:.0} a minute; {} actions, {} tasks, {} commits, {} in conflict, {} fenced, {} stale",
        many.seeds,
        many.took.as_secs_f64(),
        many.all.steps,
        many.all.tasks,
        many.all.commits,
        many.all.conflicts,
        many.all.fenced,
        many.all.stale
    );
    if let Some((seed, (step, wrong))) = many.failed {
        eprintln!("seed {seed} fails at step {step}: {wrong}\nLOCKGATE_SIM_SEED={seed} replays it");
        replay(seed);
        panic!("seed {seed} fails beside others only: it is not deterministic");
    }
    assert!(many.seeds > 0);
    let happened = many.seeds < 1_000 || (many.all.conflicts > 0 && many.all.fenced > 0 && many.all.stale > 0);
    assert!(happened, "so many seeds without a conflict, an older lease or an older configuration simulate nothing: {:?}", many.all);
}

#[test]
fn the_same_seed_does_the_same() {
    for seed in FIRST..FIRST + 20 {
        let (setup, actions) = of_seed(seed);
        assert_eq!(run(&setup, &actions, None, false), run(&setup, &actions, None, false), "seed {seed}");
    }
}

#[test]
fn a_broken_store_is_found_out() {
    for broken in Broken::ALL {
        let many = many(FIRST, SEEDS_TO_FIND_MAX, Duration::MAX, Some(broken));
        let Some((seed, (step, wrong))) = many.failed else { panic!("{broken:?} was not found in {} seeds", many.seeds) };
        let (setup, actions) = of_seed(seed);
        let needed = shortened(&setup, &actions, Some(broken));
        println!(
            "{broken:?}: found after {} seeds, at step {step} of seed {seed}; {} actions needed: {}",
            many.seeds,
            needed.len(),
            wrong.lines().next().unwrap_or_default()
        );
    }
}
