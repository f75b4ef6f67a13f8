//! Stores and components of older versions still work (promise 7).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests' code: a failure here is a failed test"
)]

use std::path::{Path, PathBuf};

use lockgate_core::ports::Registry;
use lockgate_store_redb::{Options, RedbStore};
use lockgate_system_tests::built::workspace;
use lockgate_system_tests::connector;
use lockgate_system_tests::languages::PATIENT;
use lockgate_system_tests::program::{lockgate, path, text};
use lockgate_testing::Short;

/// Today a connector may write what it is granted; those of 0.1.0 could write everything.
const GRANTS: &str = "[defaults.grant]\nobjects = [\"*\"]\npages = [\"/\"]\nsites = [\"*\"]\nstate = true\n";

/// A copy of a kept store, in a folder of its own.
struct Kept {
    from: PathBuf,
    work: tempfile::TempDir,
}

impl Kept {
    fn copy_of(from: &Path) -> Self {
        let work = tempfile::tempdir().unwrap();
        std::fs::copy(from.join("store.redb"), work.path().join("lockgate.redb")).unwrap();
        std::fs::write(work.path().join("lockgate.toml"), GRANTS).unwrap();
        Self { from: from.to_owned(), work }
    }

    fn run(&self, arguments: &[&str]) -> String {
        let output = lockgate(self.work.path()).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}: lockgate {arguments:?}: {}", self.from.display(), text(&output.stderr));
        text(&output.stdout)
    }

    /// The task that waited fails once more in the first pass, and is done in the second.
    fn process(&self) {
        let _ = lockgate(self.work.path()).args(["process"]).output().unwrap();
        self.run(&["process"]);
        assert_eq!(self.run(&["--json", "task", "list"]).matches("\"id\"").count(), 0);
    }

    fn store(&self) -> RedbStore {
        RedbStore::open(self.work.path().join("lockgate.redb"), Options::default()).unwrap()
    }
}

fn folder() -> PathBuf {
    workspace().join("tests/system/kept")
}

#[test]
fn every_kept_store_opens_and_its_component_goes_on_with_its_queue() {
    let mut kept = 0;
    for entry in std::fs::read_dir(folder()).unwrap() {
        let from = entry.unwrap().path();
        if !from.join("store.redb").exists() {
            continue;
        }
        kept += 1;
        let store = Kept::copy_of(&from);
        let before = std::fs::read_to_string(from.join("store.export")).unwrap();
        assert_eq!(store.run(&["export", "--canonical"]), before, "{}", from.display());
        let history = store.run(&["--json", "history"]);
        assert!(history.contains("kept failing"), "{history}");
        let bytes = |path: PathBuf| std::fs::read(path).unwrap();
        assert!(bytes(store.work.path().join("lockgate.redb")) == bytes(from.join("store.redb")), "reading has changed {}", from.display());
        store.run(&["upgrade"]);
        store.process();
        let after = store.run(&["export", "--canonical"]);
        assert_eq!(after.lines().count(), before.lines().count() + 2, "{after}");
        assert!(store.run(&["task", "show", "10", "--log"]).contains("hello from an old component"));
    }
    assert!(kept > 1, "the kept stores are found");
}

/// Installs a kept component into a new store, gives it the tasks that were kept with it, and compares what is stored.
fn still_translates(version: &str, sample: &str) {
    let from = folder().join(format!("contract-{version}")).join(sample);
    let work = tempfile::tempdir().unwrap();
    let configuration = std::fs::read_to_string(from.join("lockgate.toml")).unwrap();
    std::fs::write(work.path().join("lockgate.toml"), configuration + PATIENT).unwrap();
    let component = work.path().join("component.wasm");
    let packed = std::fs::File::open(from.join("component.wasm.gz")).unwrap();
    std::io::copy(&mut flate2::read::GzDecoder::new(packed), &mut std::fs::File::create(&component).unwrap()).unwrap();
    let bytes = std::fs::read(&component).unwrap();
    let named = format!("lockgate:connector/translator@{version}");
    assert!(bytes.windows(named.len()).any(|window| window == named.as_bytes()), "it is of that version");

    let run = |arguments: &[&str]| {
        let output = lockgate(work.path()).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}: lockgate {arguments:?}: {}{}", from.display(), text(&output.stdout), text(&output.stderr));
        text(&output.stdout)
    };
    // Types whose objects are found without their parents say so today (§7.2).
    let mut model = std::fs::read_to_string(from.join("model.toml")).unwrap();
    for parent in ["blog.category", "forum.post", "aw.category"] {
        model = model.replace(&format!("parent = \"{parent}\"\n"), &format!("parent = \"{parent}\"\nunique_within = \"site\"\n"));
    }
    let applied = work.path().join("model.toml");
    std::fs::write(&applied, model).unwrap();
    run(&["model", "apply", path(&applied)]);
    run(&["connector", "add", sample, path(&component)]);
    run(&["submit", "--batch", path(&from.join("tasks.ndjson"))]);
    run(&["process"]);
    assert_eq!(run(&["export", "--canonical"]), std::fs::read_to_string(from.join("store.export")).unwrap(), "{}", from.display());
}

/// Installs a kept component of contract 1.0 into a new store and gives it something that is none of its application's: it
/// answers so, in its own words.
fn still_answers(sample: &str) {
    let work = tempfile::tempdir().unwrap();
    std::fs::write(work.path().join("lockgate.toml"), format!("{GRANTS}{PATIENT}")).unwrap();
    let packed = std::fs::File::open(folder().join("contract-1.0.0").join(sample).join("component.wasm.gz")).unwrap();
    let component = work.path().join("component.wasm");
    std::io::copy(&mut flate2::read::GzDecoder::new(packed), &mut std::fs::File::create(&component).unwrap()).unwrap();
    let bytes = std::fs::read(&component).unwrap();
    let named = b"lockgate:connector/translator@1.0.0";
    assert!(bytes.windows(named.len()).any(|window| window == named), "it is of that version");
    let body = work.path().join("body.txt");
    std::fs::write(&body, "this is nobody's object").unwrap();
    let run = |arguments: &[&str]| lockgate(work.path()).args(arguments).output().unwrap();
    let succeeds = |arguments: &[&str]| {
        let output = run(arguments);
        assert!(output.status.success(), "{sample}: lockgate {arguments:?}: {}{}", text(&output.stdout), text(&output.stderr));
        text(&output.stdout)
    };
    succeeds(&["connector", "add", sample, path(&component)]);
    succeeds(&["submit", sample, path(&body), "--process-type", "delete-on-error"]);
    let _ = run(&["process"]);
    let history: serde_json::Value = serde_json::from_str(&succeeds(&["--json", "history"])).unwrap();
    let entry = &history["history"][0];
    let code = entry["failure"]["code"].as_str().unwrap_or_default();
    assert!(entry["outcome"] == "skipped" || ["invalid", "unsupported", "not-found"].contains(&code), "{sample}: {entry}");
}

#[test]
fn a_connector_of_contract_1_0_in_rust_goes_on() {
    still_answers("wordpress");
}

#[test]
fn a_connector_of_contract_1_0_in_typescript_goes_on() {
    still_answers("shopify");
}

#[test]
fn a_connector_of_contract_1_0_in_python_goes_on() {
    still_answers("feeds");
}

#[test]
fn a_connector_of_contract_1_0_in_c_goes_on() {
    still_answers("vcard");
}

#[test]
fn a_connector_of_contract_1_0_in_go_goes_on() {
    still_answers("icalendar");
}

#[test]
fn connectors_of_contract_0_1_in_rust_go_on() {
    still_translates("0.1.0", "wordpress");
    still_translates("0.1.0", "adventureworks");
}

#[test]
fn a_connector_of_contract_0_1_in_typescript_goes_on() {
    still_translates("0.1.0", "shopify");
}

#[test]
fn a_connector_of_contract_0_1_in_python_goes_on() {
    still_translates("0.1.0", "feeds");
}

#[test]
fn a_connector_of_contract_0_1_in_c_goes_on() {
    still_translates("0.1.0", "vcard");
}

#[test]
fn a_connector_of_contract_0_1_in_go_goes_on() {
    still_translates("0.1.0", "icalendar");
}

#[test]
fn the_one_component_of_format_1_is_an_approved_version() {
    let store = Kept::copy_of(&folder().join("format-1")).store();
    let record = store.connectors().unwrap().remove(0);
    let versions: Vec<_> = record.versions.iter().map(|version| (&version.digest, version.manifest.is_some(), version.approved)).collect();
    assert_eq!(versions, [(&record.digest, false, true)]);
}

#[test]
fn the_versions_of_format_2_are_there_and_its_state_is_written_on() {
    let kept = Kept::copy_of(&folder().join("format-2"));
    kept.run(&["upgrade"]);
    kept.process();
    let store = kept.store();
    let record = store.connectors().unwrap().remove(0);
    let versions: Vec<_> = record.versions.iter().map(|version| (version.manifest.is_some(), version.approved)).collect();
    assert_eq!(versions, [(true, true), (false, true)], "the newer one has a manifest and was approved");
    assert_eq!(record.digest, record.versions[0].digest);
    for version in &record.versions {
        assert!(store.component(&version.digest).unwrap().is_some(), "{}", version.digest);
    }
    let state = store.state(&connector("kept")).unwrap();
    let state: Vec<(&str, &str)> = state.iter().map(|(key, value)| (&**key, std::str::from_utf8(value).unwrap())).collect();
    assert_eq!(state, [("seen", "zenith"), ("since", "2026-01-01"), ("token", "žluťoučký")], "`seen` is of the task that waited");
}
