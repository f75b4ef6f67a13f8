//! Every document of the RFCs, as far as it is there: changes, or a clear error.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests' code: a failure here is a failed test")]

use std::collections::BTreeMap;
use std::path::{Path as FilePath, PathBuf};

use assert_cmd::Command;
use scim_feed::{Deed, InputError, Kind, Path, Problem, changes};
use serde_json::Value;

/// The samples of RFC 7643 and 7644, and what an oracle counted in them; they are not part of the project.
fn shared_data() -> Option<(PathBuf, Value)> {
    let dir = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/data");
    let Ok(oracle) = std::fs::read(dir.join("oracle.json")) else {
        eprintln!("notice: no {} here, nothing tested", dir.display());
        return None;
    };
    let oracle: Value = serde_json::from_slice(&oracle).unwrap();
    Some((dir.join("scim/samples"), oracle["scim/samples"].clone()))
}

fn files(dir: &FilePath) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    files
}

#[test]
fn every_document_of_the_rfcs_is_a_change_or_has_a_reason_not_to_be() {
    let Some((dir, oracle)) = shared_data() else { return };
    let patched: Path = "/Groups/acbf3ae7".parse().unwrap();
    let files = files(&dir);
    assert_eq!(files.len() as u64, oracle["files"].as_u64().unwrap());
    let mut ends: BTreeMap<String, u64> = BTreeMap::new();
    for file in &files {
        let read = changes(file, Some(&patched));
        // All that stands in these has the same fault.
        let first = read.as_ref().ok().and_then(|read| read.left_out.first().cloned());
        let read = match first {
            Some(problem) => Err(InputError::Document { path: file.clone(), problem }),
            None => read,
        };
        let end = match read {
            Ok(read) => format!("{} changes", read.changes.len()),
            Err(InputError::Document { problem, .. }) => match problem {
                Problem::OtherSchema(_) => "other".to_owned(),
                Problem::NoId { .. } => "no id".to_owned(),
                Problem::NoKind { .. } => "no kind".to_owned(),
                Problem::Partial { .. } => "partial".to_owned(),
                Problem::Post { .. } => "post".to_owned(),
                problem => panic!("{}: {problem}", file.display()),
            },
            Err(error) => panic!("{error}"),
        };
        *ends.entry(end).or_default() += 1;
    }
    let count = |end: &str| ends.get(end).copied().unwrap_or(0);
    let of = |kind: &str| oracle[kind].as_u64().unwrap();
    // Two users are what was posted, and have no id yet; a PatchOp is one change.
    assert_eq!(count("no id"), 2, "{ends:?}");
    assert_eq!(count("1 changes"), of("User") - 2 + of("Group") + of("PatchOp"), "{ends:?}");
    assert_eq!(count("post"), of("BulkRequest"), "{ends:?}");
    let whole = count("0 changes") + count("2 changes") + count("4 changes");
    assert_eq!(whole, of("BulkResponse") + 1, "and the list of two groups: {ends:?}");
    assert_eq!(count("no kind") + count("partial") + 1, of("ListResponse"), "{ends:?}");
    assert_eq!(count("other"), of("Error") + of("Schema") + 4, "and a configuration, two resource types, a search: {ends:?}");
}

#[test]
fn a_bulk_response_says_which_ids_the_temporary_ones_became() {
    let Some((dir, _)) = shared_data() else { return };
    let changes = changes(&dir.join("rfc7644-3.7.2-bulk_response-temporary_identifier.json"), None).unwrap();
    let made: Vec<_> = changes.changes.iter().map(|change| (change.deed, change.path.kind, change.path.id.as_str())).collect();
    assert_eq!(
        made,
        [
            (Deed::Created, Kind::User, "92b725cd-9465-4e7d-8c16-01f8e146b87a"),
            (Deed::Created, Kind::Group, "e9e30dba-f08f-4109-8486-d5c6a331660a"),
        ]
    );
}

#[test]
fn the_program_writes_one_task_for_each_of_two_groups() {
    let Some((dir, _)) = shared_data() else { return };
    let mut feed = Command::cargo_bin("scim-feed").unwrap();
    let output = feed.arg(dir.join("rfc7644-3.7.1-list_response-circular_reference.json")).args(["--out", "-"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    let types: Vec<String> =
        lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["data_type"].as_str().unwrap().to_owned()).collect();
    assert_eq!(types, ["snapshot", "snapshot"]);
}

#[test]
fn the_program_names_the_file_that_is_wrong_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (good, bad) = (folder.path().join("good.json"), folder.path().join("bad.json"));
    std::fs::write(&good, r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"1"}"#).unwrap();
    std::fs::write(&bad, "{").unwrap();
    let output = Command::cargo_bin("scim-feed").unwrap().args([&bad, &good]).args(["--out", "-"]).output().unwrap();
    assert_eq!((output.status.code(), output.stdout.iter().filter(|byte| **byte == b'\n').count()), (Some(1), 1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("bad.json: EOF while parsing"));
}
