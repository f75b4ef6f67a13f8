//! Several buses in one process, as on several machines, on one database: who works for what, and that each task is
//! applied once and in order whatever happens to a node.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

#[path = "../common/mod.rs"]
mod common;
mod random;
mod table;

use std::time::Duration;

use lockgate_bus::JoinError;
use lockgate_core::failure::{Code, Failure};
use lockgate_core::grants::Grant;
use lockgate_core::operation::TaskAction;
use lockgate_core::settings::Processing;
use lockgate_testing::Script;
use table::{Machine, Table, names, until};

/// Longer than any of these tests takes: nothing in them waits for its end.
const LONG_MS: u64 = 60_000;

/// How many connectors each of these nodes has, as the first of them sees it.
fn spread(machines: &[&Machine]) -> Vec<usize> {
    machines.iter().map(|machine| machine.holds().len()).collect()
}

#[test]
fn connectors_are_spread_evenly_and_move_when_a_node_joins_goes_or_drains() {
    let table = Table::new(6, LONG_MS);
    let one = table.machine("one");
    until("one has all", || spread(&[&one]) == [6]);
    let two = table.machine("two");
    until("two has its share", || spread(&[&one, &two]) == [3, 3]);
    let three = table.machine("three");
    until("three has its share", || spread(&[&one, &two, &three]) == [2, 2, 2]);
    two.bus.drain_node(one.bus.node(), true).unwrap();
    until("one has given back what it had", || spread(&[&one, &two, &three]) == [0, 3, 3]);
    assert!(!two.bus.drain_node(&lockgate_core::ports::NodeName::new("four"), true).unwrap(), "there is no such node");
    three.bus.drain_node(one.bus.node(), false).unwrap();
    until("one takes part again", || spread(&[&one, &two, &three]) == [2, 2, 2]);
    two.bus.stop();
    until("what two had is spread at once, and not after its lease", || spread(&[&one, &three]) == [3, 3]);
    one.bus.stop();
    until("three has all", || spread(&[&three]) == [6]);
}

#[test]
fn any_node_takes_any_order_and_the_one_that_works_carries_it_out() {
    let mut table = Table::new(3, LONG_MS);
    table.settings.connectors.insert(
        names(3)[2].clone(),
        lockgate_core::settings::ConnectorSettings { processing: Processing::OnRequest, ..table.settings.defaults.clone() },
    );
    let machines = ["one", "two", "three"].map(|name| table.machine(name));
    until("each has one", || spread(&machines.each_ref()) == [1, 1, 1]);
    // Each connector's tasks are submitted on every node.
    for machine in &machines {
        for name in names(3) {
            table.submit(&machine.bus, &name);
        }
    }
    let asleep = names(3)[2].clone();
    until("those that work by themselves have", || table.waiting() == 3);
    for machine in &machines {
        assert!(!machine.bus.busy().contains(&asleep));
    }
    let other = machines.iter().find(|machine| !machine.holds().contains(&asleep)).unwrap();
    let started = other.bus.request_processing(Some(&asleep)).unwrap();
    assert!(!started[0].at_once, "another node will");
    until("the request is carried out", || table.waiting() == 0);
    until("nobody is busy", || machines.iter().all(|machine| machine.bus.busy().is_empty()));

    // A task fails; a node that does not work for its connector retries it.
    table.sandbox.set(Script { prepare: Box::new(|_| Err(Failure::new(Code::Invalid, "no"))), ..Script::default() });
    let name = names(3)[0].clone();
    let other = machines.iter().find(|machine| !machine.holds().contains(&name)).unwrap();
    let task = table.submit(&other.bus, &name);
    until("it fails", || other.bus.task(task).unwrap().is_some_and(|task| task.failure.is_some()));
    let failed = other.bus.act(task, TaskAction::Retry).unwrap().unwrap();
    assert_eq!((failed.outcome, failed.failure.unwrap().code), ("failed", Code::Invalid));
    table.sandbox.set(Script::default());
    let done = other.bus.act(task, TaskAction::Retry).unwrap().unwrap();
    assert!(done.failure.is_none() && other.bus.task(task).unwrap().is_none(), "{done:?}");
    table.check();
}

#[test]
fn the_connectors_of_a_dead_node_are_taken_over_within_its_lease_and_two_beats_and_when_it_thaws_it_is_fenced() {
    const LEASE_MS: u64 = 1_000;
    let table = Table::new(4, LEASE_MS);
    let [frozen, other] = ["frozen", "other"].map(|name| table.machine(name));
    until("each has its share", || spread(&[&frozen, &other]) == [2, 2]);
    let held = frozen.holds();
    for _ in 0..200 {
        table.submit_all(&frozen.bus, &held);
    }
    frozen.valve.set_open(false);
    let begun = std::time::Instant::now();
    until("the other has all", || spread(&[&other]) == [4]);
    let taken_over = begun.elapsed();
    println!("taken over after {} ms, with a lease of {LEASE_MS} ms", taken_over.as_millis());
    // The machine that the tests run on may do much else.
    assert!(taken_over < Duration::from_millis(LEASE_MS * 5 / 3 + 5_000), "{taken_over:?}");
    for _ in 0..50 {
        table.submit_all(&other.bus, &held);
    }
    until("the other does what the frozen one had", || table.waiting() == 0);
    frozen.valve.set_open(true);
    until("it takes part again, and has its share", || spread(&[&frozen, &other]) == [2, 2]);
    table.submit_all(&frozen.bus, &held);
    until("all is done", || table.waiting() == 0);
    table.check();
}

#[test]
fn two_nodes_of_one_name_are_refused_and_one_that_was_killed_makes_room_for_its_next_life() {
    let table = Table::new(2, 1_000);
    let one = table.machine("one");
    let refused = table.bus("one").1.join("a second one").unwrap_err();
    assert!(matches!(refused, JoinError::NameTaken(_)), "{refused:?}");
    assert_eq!(one.holds().len(), 2, "the first one goes on");
    one.valve.set_open(false);
    let next = table.machine("one");
    until("the next life has all", || next.holds().len() == 2);
    one.valve.set_open(true);
    table.submit_all(&next.bus, &names(2));
    until("it works", || table.waiting() == 0);
    until("the former life knows that it is over", || one.bus.busy().is_empty());
    next.bus.stop();
    table.check();
}

#[test]
fn a_connector_runs_only_where_its_grant_is_the_newest() {
    let mut table = Table::new(2, LONG_MS);
    let older = table.machine("older");
    until("it works", || older.holds().len() == 2);
    table.settings.defaults.grant = Grant::default();
    let newer = table.machine("newer");
    until("what the older one had goes to the newer one", || (older.holds().len(), newer.holds().len()) == (0, 2));
    let heard = older.bus.nodes().unwrap().unwrap();
    let by_newest: Vec<&str> = heard.nodes.iter().filter(|node| node.grants == heard.grants).map(|node| node.name.as_str()).collect();
    assert_eq!(by_newest, ["newer"]);
    let task = table.submit(&older.bus, &names(2)[0]);
    until("it is refused what nobody grants any more", || older.bus.task(task).unwrap().is_some_and(|task| task.failure.is_some()));
    assert_eq!(older.bus.task(task).unwrap().unwrap().failure.as_ref().unwrap().code, Code::WriteDenied);
}
