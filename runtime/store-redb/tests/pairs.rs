//! The suite with two handles on one store, over a file in memory: what is tested is who wins, not what
//! survives.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use lockgate_core::ports::Store;
use lockgate_store_redb::{Options, RedbStore};
use lockgate_testing::store_suite::pairs;
use redb::backends::InMemoryBackend;

struct Handles(Arc<RedbStore>);

impl pairs::Handles for Handles {
    fn handle(&self) -> Arc<dyn Store> {
        self.0.clone()
    }
}

#[test]
fn two_handles_on_one_file_pass_the_suite() {
    let options = || Options { cache_bytes: 8 << 20, ..Options::default() };
    pairs::run(&mut || Arc::new(Handles(Arc::new(RedbStore::with_backend(InMemoryBackend::new(), options()).unwrap()))));
}
