//! A short run of the real program, and the proof that a run can fail.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests' code: a failure here is a failed test"
)]

use std::path::Path;
use std::process::{Command, Output};

use lockgate_system_tests::built::{guest, workspace};
use lockgate_system_tests::program::{program, text};
use serde_json::Value;

fn torture(arguments: &[&str]) -> (Output, Value) {
    for name in ["lockgate", "wordpress-feed", "adventureworks-feed"] {
        program(name);
    }
    for name in ["lockgate_test_guest", "wordpress_connector", "adventureworks_connector"] {
        guest(name);
    }
    let output = Command::new(env!("CARGO_BIN_EXE_lockgate-torture"))
        .arg("--programs")
        .arg(program("lockgate").parent().unwrap())
        .arg("--guests")
        .arg(workspace().join("target/guests/wasm32-wasip2/guest"))
        .arg("--samples")
        .arg(workspace().join("sample-connectors"))
        .arg("--json")
        .args(arguments)
        .output()
        .unwrap();
    let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", text(&output.stderr)));
    (output, report)
}

#[test]
fn nothing_acknowledged_is_lost_while_the_server_is_tortured() {
    // The seed in the text of a failure repeats its decisions.
    let (output, report) = torture(&["--seconds", "8"]);
    let said = text(&output.stderr);
    assert_eq!(report["violations"], Value::Array(Vec::new()), "{said}{report:#}");
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(report["acknowledged"].as_u64().unwrap() > 100 && report["chained"].as_u64().unwrap() > 50, "{report:#}");
    assert!(report["compared"].as_u64().unwrap() > 30, "both samples are stored: {report:#}");
    assert!(report["rounds"].as_object().unwrap().values().all(|rounds| rounds.as_u64().unwrap() > 0), "{report:#}");
    assert!(!report["nemesis"].as_object().unwrap().is_empty(), "{report:#}");
    assert_eq!(report["folder"], Value::Null, "nothing is left behind");
}

#[test]
fn an_older_copy_of_the_store_is_found_as_lost_tasks() {
    let (output, report) = torture(&["--seconds", "4", "--seed", "1", "--set", "wordpress", "--sabotage"]);
    assert_eq!(output.status.code(), Some(1), "{report:#}");
    let violations = report["violations"].as_array().unwrap();
    assert!(violations.iter().any(|violation| violation["kind"] == "lost"), "{report:#}");
    let kept = Path::new(report["folder"].as_str().unwrap());
    assert!(kept.join("records").exists(), "record and log are kept");
    std::fs::remove_dir_all(kept).unwrap();
}

#[test]
fn nothing_acknowledged_is_lost_while_three_nodes_and_their_database_are_tortured() {
    let (output, report) = torture(&["--seconds", "20", "--nodes", "3"]);
    let said = text(&output.stderr);
    assert_eq!(report["violations"], Value::Array(Vec::new()), "{said}{report:#}");
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(report["acknowledged"].as_u64().unwrap() > 100 && report["chained"].as_u64().unwrap() > 20, "{report:#}");
    assert!(!report["nemesis"].as_object().unwrap().is_empty(), "{report:#}");
}
