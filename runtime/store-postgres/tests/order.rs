//! The order in which changes arrive does not matter (§11), over a database that outlives the process.
//! `LOCKGATE_ORDER_SEEDS=n` tries so many seeds, `LOCKGATE_ORDER_FIRST=n` begins there.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use common::OneStore;
use lockgate_testing::order::{CASES, ORDERS, campaign};
use lockgate_testing::store_suite::Reopen;

/// Where seeds begin unless it is said otherwise.
const FIRST: u64 = 20_261_201;
/// Seeds that are tried unless it is said otherwise: a share of what the embedded store tries.
const SEEDS: u64 = 20;

fn one_store() -> Box<dyn Reopen> {
    Box::new(OneStore::new())
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{variable} is a number")))
}

#[test]
fn the_cases_end_as_their_sorted_feeds_do() {
    CASES.iter().for_each(|case| case.run(&one_store));
}

#[test]
fn every_order_of_short_feeds_ends_as_the_sorted_feed_does() {
    ORDERS.iter().for_each(|orders| orders.run(&one_store));
}

#[test]
fn every_order_ends_as_the_sorted_feed_does() {
    let first = number("LOCKGATE_ORDER_FIRST").unwrap_or(FIRST);
    let tried = campaign(&one_store, first, number("LOCKGATE_ORDER_SEEDS").unwrap_or(SEEDS), u64::MAX, None);
    println!("orders: {} from seed {first} on", tried.summary());
    tried.assert_kept(&one_store);
}
