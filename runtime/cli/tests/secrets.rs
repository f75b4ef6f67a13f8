//! Secrets and outbound calls, from the configuration to the task's log.

mod common;

use common::{Folder, stderr, stdout};
use serde_json::json;

const VALUE: &str = "hunter2-hunter2";
const CONFIG: &str = "
[connectors.shop.grant]
objects = ['shop.*']
hosts = ['http://127.0.0.1:9']

[connectors.shop.secrets.token]
env = 'LOCKGATE_TEST_TOKEN'
hosts = ['http://127.0.0.1:9']
";
const MANIFEST: &str = "objects = ['shop.*']\nhosts = ['*']\nsecrets = ['token']\n";

#[test]
fn a_secret_that_is_not_there_is_named_with_its_place() {
    let folder = Folder::with_store();
    folder.write("lockgate.toml", CONFIG);
    for arguments in [&["serve", "--listen", "127.0.0.1:0"][..], &["process"], &["task", "retry", "1"]] {
        let said = stderr(&folder.run(arguments).code(2));
        let why = "error: lockgate.toml:6:26: the secret token of connector shop: the environment variable LOCKGATE_TEST_TOKEN is not set";
        assert!(said.contains(why) && said.contains("hint: "), "{said}");
    }
    folder.run(&["config", "show"]).success();
    folder.run(&["status"]).success();
    folder.run_with(&["process"], &[("LOCKGATE_TEST_TOKEN", VALUE)]).success();
}

#[cfg(unix)]
#[test]
fn a_secret_file_that_others_may_read_is_warned_of() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::with_store();
    folder.write("token", VALUE);
    folder.write("lockgate.toml", CONFIG.replace("env = 'LOCKGATE_TEST_TOKEN'", "file = 'token'"));
    let path = folder.path().join("token");
    for (mode, warned) in [(0o644, true), (0o640, true), (0o600, false)] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let said = stderr(&folder.run(&["status"]).success());
        assert_eq!(said.contains("THE SECRET token IS OPEN TO OTHERS") && said.contains("chmod 600"), warned, "{mode:o}: {said}");
        assert!(!said.contains(VALUE), "{said}");
    }
    std::fs::remove_file(&path).unwrap();
    assert!(stderr(&folder.run(&["process"]).code(2)).contains("token cannot be read"));
}

#[test]
fn a_secret_is_shown_nowhere() {
    let folder = Folder::with_store();
    folder.add(MANIFEST).success();
    folder.write("lockgate.toml", CONFIG);
    let set = [("LOCKGATE_TEST_TOKEN", VALUE)];
    for arguments in [&["config", "show"][..], &["connector", "show", "shop"], &["connector", "show", "shop", "--json"]] {
        let assert = folder.run_with(arguments, &set).success();
        let said = stdout(&assert) + &stderr(&assert);
        assert!(said.contains("token") && !said.contains(VALUE), "{said}");
    }
}

#[test]
fn a_dry_run_sends_nothing_and_says_what_would_have_been_sent() {
    let folder = Folder::with_store();
    folder.add(MANIFEST).success();
    folder.write("lockgate.toml", CONFIG.split("[connectors.shop.secrets").next().unwrap());
    folder.submit(
        &json!({ "do": [{ "http": { "url": "http://127.0.0.1:9/feed", "on_error": "unavailable" } }], "prepare": { "skip": "x" } }),
    );
    folder.run(&["process", "--dry-run-egress"]).code(1);
    assert_eq!(folder.json(&["task", "show", "1"])["failure"]["code"], "egress-denied");
    let log = stdout(&folder.run(&["task", "show", "1", "--log"]).success());
    assert!(log.contains("dry run") && log.contains("http://127.0.0.1:9"), "{log}");

    let server = folder.serve_with(&["--dry-run-egress"]);
    let said = stderr(&folder.run(&["process", "--dry-run-egress"]).code(2));
    assert!(said.contains("a server is running") && said.contains("hint: "), "{said}");
    folder.run(&["task", "retry", "1"]).code(1);
    assert_eq!(folder.json(&["task", "show", "1"])["failure"]["code"], "egress-denied");
    drop(server);
}
