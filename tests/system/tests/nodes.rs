//! Real `lockgate serve` processes on one PostgreSQL: killed, frozen, stopped; the database away. The end is that of
//! one process on one file.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::time::Duration;

use lockgate_system_tests::arrival::{made_by_feed, sample_folder};
use lockgate_system_tests::built::guest;
use lockgate_system_tests::node::{Node, until};
use lockgate_system_tests::program::{Server, configure, path, text};
use lockgate_test_postgres::Postgres;
use serde_json::{Value, json};

const SAMPLE: &str = "wordpress";
const NAMES: [&str; 3] = ["one", "two", "three"];

/// The canonical export of one process on one file that gets all tasks in their own sequence.
fn on_a_file(tasks: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), SAMPLE, "");
    let server = Server::start(folder.path());
    server.install(SAMPLE);
    std::fs::write(folder.path().join("tasks.ndjson"), tasks).unwrap();
    server.run(&["submit", "--batch", path(&folder.path().join("tasks.ndjson"))]);
    server.wait_idle();
    let export = server.run(&["export", "--canonical"]);
    server.stop();
    export
}

fn install(node: &Node, at: &std::path::Path) {
    node.run(&["model", "apply", path(&sample_folder(SAMPLE).join("model.toml"))], "");
    let component = at.join("component.wasm");
    std::fs::write(&component, guest(&format!("{SAMPLE}_connector"))).unwrap();
    // Two of one kind, so that each of two nodes has something.
    node.run(&["connector", "add", SAMPLE, path(&component)], "");
    node.run(&["connector", "add", "other", path(&component)], "");
}

#[test]
fn three_nodes_of_which_one_is_killed_one_frozen_and_one_stopped_end_as_one_process_on_a_file() {
    let tasks: Vec<String> =
        made_by_feed(SAMPLE, &sample_folder(SAMPLE).join("data/sample.xml")).iter().map(|task| format!("{task}\n")).collect();
    let postgres = Postgres::start("").unwrap();
    let store = postgres.database("shared").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut nodes = NAMES.map(|name| Node::new(folder.path(), name, &store, SAMPLE, ""));
    nodes.iter_mut().for_each(Node::start);
    install(&nodes[0], folder.path());
    until("somebody works for it", || nodes[1].owner_of(SAMPLE).is_some());
    for (number, task) in tasks.iter().enumerate() {
        let owner = nodes[number % 3].owner_of(SAMPLE);
        let at = NAMES.iter().position(|name| owner.as_deref() == Some(*name));
        // Whoever is not the owner takes the task in.
        let (taker, other) = at.map_or((0, 1), |at| ((at + 1) % 3, (at + 2) % 3));
        nodes[taker].run(&["submit", "--batch", "-"], task);
        let Some(at) = at else { continue };
        let moved = |nodes: &[Node; 3]| nodes[taker].owner_of(SAMPLE).is_some_and(|owner| owner != NAMES[at]);
        match number {
            2 => {
                nodes[at].signal("KILL");
                nodes[at].ended();
                let after = until("another one takes over", || moved(&nodes));
                println!("{} was killed: taken over after {} ms", NAMES[at], after.as_millis());
                nodes[at].start();
            }
            5 => {
                nodes[at].signal("STOP");
                let after = until("another one takes over", || moved(&nodes));
                println!("{} was frozen: taken over after {} ms", NAMES[at], after.as_millis());
                nodes[at].signal("CONT");
            }
            8 => {
                nodes[at].signal("TERM");
                nodes[at].ended();
                let after = until("another one takes over", || moved(&nodes));
                println!("{} was stopped: taken over after {} ms from its end", NAMES[at], after.as_millis());
                nodes[at].start();
            }
            11 => {
                postgres.kill().unwrap();
                postgres.start_again().unwrap();
                until("it answers again", || {
                    nodes[other].command(&["--url", &nodes[other].url, "status"]).output().unwrap().status.success()
                });
            }
            14 => {
                nodes[taker].run(&["node", "drain", NAMES[at]], "");
                until("it has given it back", || moved(&nodes));
                nodes[taker].run(&["node", "drain", NAMES[at], "--undo"], "");
            }
            _ => {}
        }
    }
    nodes[1].wait_idle();
    let expected = on_a_file(&tasks.concat());
    assert_eq!(nodes[2].run(&["export", "--canonical"], ""), expected);
    let history = nodes[0].json(&["history", "--limit", "500"]);
    assert_eq!(
        history["history"].as_array().unwrap().iter().filter(|entry| entry["outcome"] != "mended").count(),
        tasks.len(),
        "each once"
    );
}

#[test]
fn while_the_database_is_away_a_node_says_so_and_goes_on_when_it_is_back() {
    let postgres = Postgres::start("").unwrap();
    let store = postgres.database("shared").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut node = Node::new(folder.path(), "one", &store, SAMPLE, "");
    node.start();
    install(&node, folder.path());
    postgres.kill().unwrap();
    let ask = |path: &str| ureq::get(&format!("{}{path}", node.url)).config().http_status_as_error(false).build().call().unwrap();
    let status = ask("/v1/status");
    assert_eq!(status.status().as_u16(), 503);
    assert!(status.headers().contains_key("retry-after"));
    assert_eq!(ask("/readyz").status().as_u16(), 503);
    assert_eq!(ask("/healthz").status().as_u16(), 200);
    postgres.start_again().unwrap();
    until("it is ready again", || ask("/readyz").status().as_u16() == 200);
    let task = made_by_feed(SAMPLE, &sample_folder(SAMPLE).join("data/sample.xml")).remove(0);
    node.run(&["submit", "--batch", "-"], &format!("{task}\n"));
    node.wait_idle();
    assert_eq!(node.json(&["history"])["history"][0]["outcome"], "stored");
}

#[test]
fn what_is_wrong_with_a_database_is_named_ends_with_3_and_shows_no_password() {
    let postgres = Postgres::start("").unwrap();
    let store = postgres.database("shared").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let node = Node::new(folder.path(), "one", &store, SAMPLE, "");
    let host = store.trim_start_matches("postgres://lockgate@").trim_end_matches("/shared").to_owned();
    for (url, code) in [
        ("postgres://ann:secret@127.0.0.1:1/shop".to_owned(), "store-unreachable"),
        (format!("postgres://lockgate:secret@{host}/nothing"), "store-no-database"),
        (format!("postgres://nobody:secret@{host}/shared"), "store-not-let-in"),
        (format!("postgres://lockgate:secret@{host}/shared?sslmode=perhaps"), "store-url"),
        (format!("postgres://lockgate:secret@{host}/shared"), "store-empty"),
    ] {
        for verb in [&["status"][..], &["model", "show"], &["task", "list"]] {
            let output = node.command(verb).env("LOCKGATE_STORE", &url).output().unwrap();
            let said = text(&output.stderr);
            assert_eq!(output.status.code(), Some(3), "{url}: {said}");
            assert!(code == "store-empty" || said.contains(&format!("[{code}]")), "{url}: {said}");
            assert!(!said.contains("secret"), "{said}");
        }
    }
    assert_eq!(postgres.sql("shared", "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").unwrap(), "0", "nothing was changed");
    let shown =
        node.command(&["config", "show"]).env("LOCKGATE_STORE", format!("postgres://lockgate:secret@{host}/shared")).output().unwrap();
    assert!(shown.status.success() && !text(&shown.stdout).contains("secret"), "{}", text(&shown.stdout));
    let open = node.command(&["--store", &format!("postgres://lockgate:secret@{host}/shared"), "status"]).output().unwrap();
    assert_eq!(open.status.code(), Some(2), "{}", text(&open.stderr));
}

#[test]
fn commands_work_on_the_database_and_leave_the_work_to_nodes_that_run() {
    let postgres = Postgres::start("").unwrap();
    let store = postgres.database("shared").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut node = Node::new(folder.path(), "one", &store, SAMPLE, "");
    let tasks: String =
        made_by_feed(SAMPLE, &sample_folder(SAMPLE).join("data/sample.xml")).iter().map(|task| format!("{task}\n")).collect();
    let file = folder.path().join("tasks.ndjson");
    std::fs::write(&file, &tasks).unwrap();
    let run = |node: &Node, arguments: &[&str]| {
        let output = node.command(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stdout)
    };
    run(&node, &["model", "apply", path(&sample_folder(SAMPLE).join("model.toml"))]);
    let component = folder.path().join("component.wasm");
    std::fs::write(&component, guest(&format!("{SAMPLE}_connector"))).unwrap();
    run(&node, &["connector", "add", SAMPLE, path(&component)]);
    run(&node, &["submit", "--batch", path(&file)]);
    assert!(run(&node, &["node", "list"]).contains("no node takes part"));
    run(&node, &["process"]);
    let export = run(&node, &["export", "--canonical"]);
    assert_eq!(export, on_a_file(&tasks));
    node.start();
    until("the node works for it", || node.owner_of(SAMPLE).as_deref() == Some("one"));
    run(&node, &["submit", "--batch", path(&file)]);
    // It is the node that does: this command only waits.
    run(&node, &["process"]);
    let left: Value = serde_json::from_str(&run(&node, &["--json", "task", "list"])).unwrap();
    assert_eq!(left["tasks"], json!([]));
    let mut second = Node::new(folder.path(), "second", &store, SAMPLE, "");
    std::fs::copy(folder.path().join("one/lockgate.toml"), folder.path().join("second/lockgate.toml")).unwrap();
    let refused = second.try_start().unwrap_err();
    assert_eq!(refused.status.code(), Some(3));
    assert!(text(&refused.stderr).contains("[node-name-taken]"), "{}", text(&refused.stderr));
    node.signal("KILL");
    node.ended();
    std::thread::park_timeout(Duration::from_millis(1));
    second.start();
    until("the next life of the name works for it", || second.owner_of(SAMPLE).as_deref() == Some("one"));
}
