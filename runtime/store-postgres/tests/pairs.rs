//! The suite with several handles on one store, each with connections of its own, as from another machine.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{Database, Server};
use lockgate_core::ports::Store;
use lockgate_store_postgres::PgStore;
use lockgate_testing::store_suite::pairs;

struct Handles(Arc<Database>);

impl pairs::Handles for Handles {
    fn handle(&self) -> Arc<dyn Store> {
        Arc::new(self.0.open())
    }

    fn later(&self, now_ms: i64, ms: u32) -> i64 {
        // The store goes by the server's clock, which nobody sets.
        std::thread::sleep(Duration::from_millis(u64::from(ms) + 1));
        now_ms.saturating_add(ms.into())
    }
}

/// Threads of one process: what they write at the same time shares transactions.
struct OneProcess(Arc<PgStore>, Handles);

impl pairs::Handles for OneProcess {
    fn handle(&self) -> Arc<dyn Store> {
        self.0.clone()
    }

    fn later(&self, now_ms: i64, ms: u32) -> i64 {
        self.1.later(now_ms, ms)
    }
}

#[test]
fn threads_of_one_process_pass_the_suite() {
    pairs::run(&mut || {
        let database = Server::get().database();
        Arc::new(OneProcess(Arc::new(database.open()), Handles(database)))
    });
}

#[test]
fn handles_of_several_machines_pass_the_suite() {
    pairs::run(&mut || Arc::new(Handles(Server::get().database())));
}
