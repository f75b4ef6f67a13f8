//! Stores and components of older versions still work (promise 7).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests' code: a failure here is a failed test"
)]

use lockgate_system_tests::built::workspace;
use lockgate_system_tests::program::{lockgate, text};

#[test]
fn every_kept_store_opens_and_its_component_goes_on_with_its_queue() {
    let mut kept = 0;
    for entry in std::fs::read_dir(workspace().join("tests/system/kept")).unwrap() {
        let folder = entry.unwrap().path();
        if !folder.is_dir() {
            continue;
        }
        kept += 1;
        let work = tempfile::tempdir().unwrap();
        std::fs::copy(folder.join("store.redb"), work.path().join("lockgate.redb")).unwrap();
        let run = |arguments: &[&str]| {
            let output = lockgate(work.path()).args(arguments).output().unwrap();
            assert!(output.status.success(), "{}: lockgate {arguments:?}: {}", folder.display(), text(&output.stderr));
            text(&output.stdout)
        };
        let before = std::fs::read_to_string(folder.join("store.export")).unwrap();
        assert_eq!(run(&["export", "--canonical"]), before, "{}", folder.display());
        let history = run(&["--json", "history"]);
        assert!(history.contains("kept failing"), "{history}");
        // The task that waited fails once more in the first pass, and is done in the second.
        let _ = lockgate(work.path()).args(["process"]).output().unwrap();
        run(&["process"]);
        assert_eq!(run(&["--json", "task", "list"]).matches("\"id\"").count(), 0);
        let after = run(&["export", "--canonical"]);
        assert_eq!(after.lines().count(), before.lines().count() + 2, "{after}");
        assert!(run(&["task", "show", "10", "--log"]).contains("hello from an old component"));
    }
    assert!(kept > 0, "the kept stores are found");
}
