//! `lockgate doctor` finds each fault that was planted, and none where there is none.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests' code: a failure here is a failed test")]

mod common;

use std::fs::Permissions;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;

use common::Folder;
use serde_json::Value;

fn codes(folder: &Folder, configuration: &str, flags: &[&str]) -> Vec<String> {
    folder.write("lockgate.toml", configuration);
    let arguments = [&["doctor", "--no-compile", "--json"], flags].concat();
    let assert = folder.run(&arguments);
    let answer: Value = serde_json::from_slice(&assert.get_output().stdout).unwrap();
    let wrong = answer["wrong"].as_u64().unwrap();
    assert_eq!(assert.get_output().status.code(), Some(if wrong > 0 { 1 } else { 0 }), "{answer}");
    answer["findings"].as_array().unwrap().iter().map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
}

/// Private, as a service's folder is.
fn folder() -> Folder {
    let folder = Folder::with_store();
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o700)).unwrap();
    folder.add_trapping();
    let store = folder.path().join("lockgate.redb");
    std::fs::set_permissions(store, Permissions::from_mode(0o600)).unwrap();
    folder
}

const FREE_PORT: &str = "[server]\nlisten = '127.0.0.1:0'\n";

#[test]
fn each_planted_fault_is_found_by_its_code() {
    let folder = folder();
    assert_eq!(codes(&folder, FREE_PORT, &[]), [] as [&str; 0], "nothing is wrong");
    folder.write("secret.txt", "hush");
    std::fs::set_permissions(folder.path().join("secret.txt"), Permissions::from_mode(0o644)).unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let secret = "[connectors.shop.secrets.x]\nhosts = ['https://a.example']\n";
    let hosts = "[connectors.shop.grant]\nhosts = ['https://a.example']\n";
    for (code, configuration) in [
        ("config-invalid", "[server]\nlissten = 1\n".to_owned()),
        ("open-to-the-network", "[server]\nlisten = '0.0.0.0:0'\n".to_owned()),
        ("token-unusable", format!("{FREE_PORT}tokens = ['short']\n")),
        ("token-without-name", format!("{FREE_PORT}tokens = ['0123456789abcdef']\n")),
        ("secret-unreadable", format!("{FREE_PORT}{hosts}{secret}env = 'NOT_SET_ANYWHERE'\n")),
        ("secret-open", format!("{FREE_PORT}{hosts}{secret}file = 'secret.txt'\n")),
        ("webhook-secret-short", format!("{FREE_PORT}[connectors.shop.webhook]\nverify = 'github'\nsecrets = ['x']\n")),
        ("port-unusable", format!("[server]\nlisten = '{}'\n", taken.local_addr().unwrap())),
        ("connector-unknown", format!("{FREE_PORT}[connectors.shpo]\nbackoff_ms = 1\n")),
        ("grant-unused", format!("{FREE_PORT}{hosts}")),
        ("store-folder-missing", format!("{FREE_PORT}[store]\npath = 'nowhere/lockgate.redb'\n")),
    ] {
        let found = codes(&folder, &configuration, &[]);
        assert!(found.iter().any(|found| found == code), "{code}: {found:?}");
    }
}

#[test]
fn a_store_that_others_can_read_or_nobody_can_is_found() {
    let folder = folder();
    let store = folder.path().join("lockgate.redb");
    std::fs::set_permissions(&store, Permissions::from_mode(0o666)).unwrap();
    assert!(codes(&folder, FREE_PORT, &[]).contains(&"store-exposed".to_owned()));
    std::fs::set_permissions(&store, Permissions::from_mode(0o600)).unwrap();
    std::fs::write(&store, b"this is not a store at all, whatever its name says").unwrap();
    assert!(codes(&folder, FREE_PORT, &[]).contains(&"store-unreadable".to_owned()));
}

#[test]
fn a_running_server_is_no_fault_and_compiling_is_tried() {
    let folder = folder();
    folder.write("lockgate.toml", FREE_PORT);
    let server = folder.serve();
    assert_eq!(codes(&folder, FREE_PORT, &[]), [] as [&str; 0]);
    drop(server);
    let answer = folder.json(&["doctor"]);
    assert!(answer["looked_at"].as_array().unwrap().iter().any(|what| what == "compiler"), "{answer}");
    assert_eq!(answer["wrong"], 0, "{answer}");
}
