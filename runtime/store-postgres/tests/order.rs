//! The order in which changes arrive does not matter (§11), over a database that outlives the process.
//! `LOCKGATE_ORDER_SEEDS=n` tries so many seeds, `LOCKGATE_ORDER_FIRST=n` begins there, `LOCKGATE_ORDER_ONE_IN=1` leaves
//! nothing out.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use common::OneStore;
use lockgate_testing::order::{CASES, ORDERS, campaign};
use lockgate_testing::store_suite::Reopen;

/// Where seeds begin unless it is said otherwise.
const FIRST: u64 = 20_261_201;
/// Seeds that are tried unless it is said otherwise: a share of what the embedded store tries.
const SEEDS: u64 = 100;
/// One in so many schedules and orders of the cases is tried unless `LOCKGATE_ORDER_ONE_IN=n` says otherwise.
const ONE_IN: usize = 12;

fn one_store() -> Box<dyn Reopen> {
    Box::new(OneStore::new())
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{variable} is a number")))
}

fn one_in() -> usize {
    number("LOCKGATE_ORDER_ONE_IN").map_or(ONE_IN, |one_in| usize::try_from(one_in).unwrap())
}

#[test]
fn the_cases_end_as_their_sorted_feeds_do() {
    CASES.iter().for_each(|case| case.run_share(&one_store, one_in()));
}

#[test]
fn every_order_of_short_feeds_ends_as_the_sorted_feed_does() {
    ORDERS.iter().for_each(|orders| orders.run_share(&one_store, one_in()));
}

#[test]
fn every_order_ends_as_the_sorted_feed_does() {
    let first = number("LOCKGATE_ORDER_FIRST").unwrap_or(FIRST);
    let tried = campaign(&one_store, first, number("LOCKGATE_ORDER_SEEDS").unwrap_or(SEEDS), u64::MAX, None);
    println!("orders: {} from seed {first} on", tried.summary());
    tried.assert_kept(&one_store);
}
