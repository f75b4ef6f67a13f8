//! The suite that every store must pass, over files that are really closed and opened again.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::sync::Arc;

use common::{memory, small};
use lockgate_core::ports::Store;
use lockgate_store_redb::RedbStore;
use lockgate_testing::{MemoryStore, store_suite};
use tempfile::TempDir;

struct File {
    directory: TempDir,
    store: Option<Arc<RedbStore>>,
}

impl File {
    fn new() -> Self {
        let mut file = Self { directory: tempfile::tempdir().unwrap(), store: None };
        file.reopen_file();
        file
    }

    fn reopen_file(&mut self) {
        self.store = None;
        self.store = Some(Arc::new(RedbStore::open(self.directory.path().join("store"), small()).unwrap()));
    }
}

impl store_suite::Reopen for File {
    fn store(&self) -> Arc<dyn Store> {
        self.store.clone().unwrap()
    }

    fn reopen(&mut self) {
        self.reopen_file();
    }
}

#[test]
fn it_passes_the_suite() {
    store_suite::run(&mut || Box::new(File::new()));
}

#[test]
fn it_agrees_with_the_store_in_memory() {
    for seed in 1..=10 {
        store_suite::agree(seed, &memory(), &MemoryStore::new(), 300);
    }
}
