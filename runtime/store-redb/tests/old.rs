//! Files of older formats (promise 7).
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use common::*;
use lockgate_core::history::Used;
use lockgate_core::ports::{ConnectorRecord, HistoryFilter, Version};
use lockgate_store_redb::RedbStore;

#[test]
fn a_store_of_format_1_is_read_and_written() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store");
    std::fs::write(&path, format_1()).unwrap();
    let store = RedbStore::open(&path, small()).unwrap();

    let installed = store.connectors().unwrap();
    let old = installed[0].clone();
    let version = Version { digest: old.digest.clone(), manifest: None, installed_ms: old.installed_ms, approved: true };
    assert_eq!(old.versions, [version], "what was installed is the one version");
    let component = store.component(&old.digest).unwrap().unwrap();

    let history = store.history(&HistoryFilter::default(), None, 99).unwrap();
    assert!(history.iter().any(|(_, entry)| entry.used.guest_us > 0 && entry.used.memory_bytes > 0));
    for (_, entry) in &history {
        let said = Used { guest_us: entry.used.guest_us, memory_bytes: entry.used.memory_bytes, ..Used::default() };
        assert_eq!(entry.used, said, "zeros stand for what an old entry does not say");
    }

    let newer = Version { manifest: Some("description = \"newer\"".into()), approved: false, ..common::version("d2") };
    let both = ConnectorRecord { versions: vec![newer, old.versions[0].clone()], ..old.clone() };
    store.put_connector_now(&both, Some(b"newer")).unwrap();
    let waiting = store.fetch(&old.name, None, 99, 1 << 20).unwrap();
    store.remove(vec![removal(old.name.as_str(), waiting[0].id)]).unwrap();
    let key = store.secret_key().unwrap();
    drop(store);

    let store = RedbStore::open(&path, small()).unwrap();
    assert_eq!(store.secret_key().unwrap(), key, "the key is made once");
    assert_eq!(store.connectors().unwrap(), [both]);
    assert_eq!(store.component(&old.digest).unwrap().unwrap(), component);
    assert_eq!(store.component("d2").unwrap().unwrap(), b"newer");
    let grown = store.history(&HistoryFilter::default(), None, 99).unwrap();
    assert_eq!(grown[0].1, entry(old.name.as_str(), waiting[0].id));
    assert_eq!(grown[1..], history, "old entries stand beside new ones");
    let count = history.len() as u64;
    assert_eq!(store.trim_history(1).unwrap(), count, "old entries are trimmed");
}
