//! A server: found, spoken to, stopped.

mod common;

use std::net::TcpListener;

use common::{Folder, stderr};

#[test]
fn a_server_is_found_by_its_file_and_ends_on_sigterm() {
    let folder = Folder::with_store();
    let mut server = folder.serve();
    let file: serde_json::Value = serde_json::from_slice(&std::fs::read(folder.path().join("lockgate.redb.server")).unwrap()).unwrap();
    assert_eq!(file["url"], server.url.as_str());
    assert_eq!(file["pid"], server.child.id());
    // The store is locked: this speaks to the server.
    assert!(folder.json(&["status"])["queued"].is_object());
    assert!(folder.json(&["model", "show", "--url", &server.url])["files"]["shop.toml"].is_string());
    assert_eq!(server.terminate(), Some(0));
    assert!(!folder.path().join("lockgate.redb.server").exists());
    // And this works on the store again.
    assert!(folder.json(&["status"])["queued"].is_object());
}

#[cfg(unix)]
#[test]
fn the_servers_file_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new();
    folder.write("lockgate.redb.server", "left by a crash");
    let _server = folder.serve();
    let mode = std::fs::metadata(folder.path().join("lockgate.redb.server")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_locked_store_without_a_servers_file_ends_with_3() {
    let folder = Folder::with_store();
    let _server = folder.serve();
    std::fs::remove_file(folder.path().join("lockgate.redb.server")).unwrap();
    let assert = folder.run(&["status"]).code(3);
    assert!(stderr(&assert).contains("in use by another process"), "{}", stderr(&assert));
    assert!(stderr(&assert).contains("hint: "));
}

#[test]
fn a_second_server_on_the_same_store_is_told_where_the_first_one_is() {
    let folder = Folder::with_store();
    let server = folder.serve();
    let said = stderr(&folder.run(&["serve", "--listen", "127.0.0.1:0"]).code(3));
    assert!(said.contains(&server.url) && said.contains(&server.child.id().to_string()), "{said}");
}

#[test]
fn a_file_left_by_a_crashed_server_is_passed_over() {
    let folder = Folder::with_store();
    let mut server = folder.serve();
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    assert!(folder.path().join("lockgate.redb.server").exists());
    assert!(folder.json(&["status"])["queued"].is_object());
}

#[test]
fn a_server_that_is_not_there_ends_with_3() {
    let folder = Folder::new();
    // Bound and not listening for HTTP: dropped before the call, so that nothing answers.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let assert = folder.run(&["status", "--url", &format!("http://127.0.0.1:{port}")]).code(3);
    assert!(stderr(&assert).contains("cannot reach a server") && stderr(&assert).contains("hint: "), "{}", stderr(&assert));
    folder.run(&["status", "--url", "ftp://somewhere"]).code(2);
}

#[test]
fn a_port_in_use_ends_with_3_and_leaves_no_file() {
    let folder = Folder::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let assert = folder.run(&["serve", "--listen", &taken.local_addr().unwrap().to_string()]).code(3);
    assert!(stderr(&assert).contains("cannot listen on"), "{}", stderr(&assert));
    assert!(!folder.path().join("lockgate.redb.server").exists());
}

#[test]
fn listening_to_the_network_needs_a_token() {
    let folder = Folder::new();
    folder.run(&["serve", "--listen", "0.0.0.0:0"]).code(2);
}

#[test]
fn a_token_is_needed_where_one_is_set() {
    let folder = Folder::with_store();
    folder.write("lockgate.toml", "[server]\ntokens = [\"0123456789abcdef\"]\n");
    let server = folder.serve();
    // The configuration is at hand: its token is used.
    folder.json(&["status"]);
    let wrong = folder.run(&["status", "--url", &server.url, "--token", "fedcba9876543210"]).code(1);
    assert!(stderr(&wrong).contains("hint: "), "{}", stderr(&wrong));
    folder.run(&["status", "--url", &server.url, "--token", "0123456789abcdef"]).success();
}

#[test]
fn there_is_no_processing_without_waiting_and_without_a_server() {
    Folder::with_store().run(&["process", "--no-wait"]).code(3);
}
