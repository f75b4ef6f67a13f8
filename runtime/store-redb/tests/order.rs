//! The order in which changes arrive does not matter (§11), over a file that is closed and opened again when the
//! process ends. `LOCKGATE_ORDER_SEEDS=n` tries so many seeds, `LOCKGATE_ORDER_FIRST=n` begins there.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use std::sync::Arc;

use common::disk::Disk;
use common::small;
use lockgate_core::ports::Store;
use lockgate_store_redb::RedbStore;
use lockgate_testing::order::{CASES, ORDERS, campaign};
use lockgate_testing::store_suite::Reopen;

/// Where seeds begin unless it is said otherwise.
const FIRST: u64 = 20_261_201;
/// Seeds that are tried unless it is said otherwise.
const SEEDS: u64 = 300;

#[derive(Default)]
struct OnDisk {
    disk: Disk,
    store: Option<Arc<RedbStore>>,
}

impl Reopen for OnDisk {
    fn store(&self) -> Arc<dyn Store> {
        self.store.clone().unwrap()
    }

    fn reopen(&mut self) {
        self.store = None;
        self.store = Some(Arc::new(RedbStore::with_backend(self.disk.clone(), small()).unwrap()));
    }
}

fn on_disk() -> Box<dyn Reopen> {
    let mut engine = OnDisk::default();
    engine.reopen();
    Box::new(engine)
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{variable} is a number")))
}

#[test]
fn the_cases_end_as_their_sorted_feeds_do() {
    CASES.iter().for_each(|case| case.run(&on_disk));
}

#[test]
fn every_order_of_short_feeds_ends_as_the_sorted_feed_does() {
    ORDERS.iter().for_each(|orders| orders.run(&on_disk));
}

#[test]
fn every_order_ends_as_the_sorted_feed_does() {
    let first = number("LOCKGATE_ORDER_FIRST").unwrap_or(FIRST);
    let tried = campaign(&on_disk, first, number("LOCKGATE_ORDER_SEEDS").unwrap_or(SEEDS), u64::MAX, None);
    println!("orders: {} from seed {first} on", tried.summary());
    tried.assert_kept(&on_disk);
}
