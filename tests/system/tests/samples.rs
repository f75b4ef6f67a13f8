//! Real exports through the real program: what is stored is what the oracle counted, by programs
//! that share nothing with this project.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests' code: a failure here is a failed test"
)]

use std::collections::BTreeMap;
use std::path::Path;

use lockgate_system_tests::built::{guest, workspace};
use lockgate_system_tests::program::{Server, configure, lockgate, path, shared_data, text};
use serde_json::Value;

fn oracle() -> Option<Value> {
    let path = shared_data("oracle.json")?;
    Some(serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
}

fn count(value: &Value) -> u64 {
    value.as_u64().unwrap_or(0)
}

/// How often each value of a field occurs.
fn tally<'a>(values: impl Iterator<Item = &'a Value>) -> BTreeMap<String, u64> {
    let mut tally = BTreeMap::new();
    for value in values {
        *tally.entry(value.as_str().unwrap_or("?").to_owned()).or_default() += 1;
    }
    tally
}

/// Longest way from a root to a leaf, both counted, over rows that name their parent.
fn depth(parents: &BTreeMap<u64, Option<u64>>) -> usize {
    let up = |mut at: u64| {
        let mut steps = 1;
        while let Some(Some(parent)) = parents.get(&at) {
            at = *parent;
            steps += 1;
            assert!(steps <= parents.len(), "the parents form a circle");
        }
        steps
    };
    parents.keys().map(|id| up(*id)).max().unwrap_or(0)
}

/// Each object of a type with its parent, at a place of the object's JSON.
fn parents(server: &Server, object_type: &str, place: &str) -> BTreeMap<u64, Option<u64>> {
    let rows = server.json(&["object", "list", object_type, "--limit", "1000"]);
    let parent = |row: &Value| row.pointer(place).and_then(Value::as_u64);
    rows["objects"].as_array().unwrap().iter().map(|row| (count(&row["id"]), parent(row))).collect()
}

fn export(server: &Server) -> String {
    server.run(&["export", "--canonical"])
}

#[test]
fn the_wordpress_export_is_stored_as_the_oracle_counts_it_and_twice_is_once() {
    let (Some(oracle), Some(input)) = (oracle(), shared_data("wxr/theme-unit-test-data.xml")) else { return };
    let expected = &oracle["wxr/theme-unit-test-data.xml"];
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), "wordpress", "");
    let server = Server::start(folder.path());
    server.install("wordpress");
    let fed = server.feed("wordpress", &input);
    assert!(fed.status.success(), "{}", text(&fed.stderr));
    let status = server.wait_idle();

    let objects = &status["objects"];
    for (name, key) in [
        ("cms.user", "authors"),
        ("blog.category", "categories"),
        ("blog.tag", "tags"),
        ("media.file", "attachments"),
        ("forum.post", "comments"),
    ] {
        assert_eq!(count(&objects[name]), count(&expected[key]), "{name}");
    }
    assert_eq!(count(&status["pages"]["cms.page"]), count(&expected["pages"]));
    // A creator that the export does not have costs nothing but itself.
    assert_eq!(server.json(&["task", "list"])["tasks"].as_array().unwrap().len(), 0, "nothing waits");
    let history = server.history();
    for creator in expected["creators_dangling"].as_array().unwrap() {
        let named = format!("cms.user {creator}");
        let mut warnings = history.iter().flat_map(|entry| entry["warnings"].as_array().unwrap());
        let warning = warnings.find(|warning| warning["message"].as_str().unwrap().contains(&named));
        let warning = warning.unwrap_or_else(|| panic!("no warning names {named}"));
        assert_eq!(warning["code"], "unresolved-reference");
    }
    let written = |type_name: &str| {
        tally(
            history
                .iter()
                .flat_map(|entry| entry["written"].as_array().unwrap())
                .filter(|row| row["type"] == type_name)
                .map(|row| &row["action"]),
        )
    };
    let menu = written("cms.menuitem");
    let inserted = menu.get("inserted").copied().unwrap_or(0);
    let repeated: u64 = menu.iter().filter(|(action, _)| *action != "inserted").map(|(_, count)| count).sum();
    assert_eq!(repeated, count(&expected["duplicate_post_ids"]), "{menu:?}");
    assert_eq!(inserted + repeated, count(&expected["nav_menu_items"]));
    assert_eq!(count(&objects["cms.menuitem"]), inserted);
    assert_eq!(count(&status["pages"]["blog.post"]), count(&expected["posts"]));

    assert_eq!(depth(&parents(&server, "blog.category", "/parent/ref/id")), count(&expected["category_depth"]) as usize);
    assert_eq!(depth(&parents(&server, "forum.post", "/parent/ref/id")), count(&expected["comment_depth"]) as usize);
    assert_eq!(depth(&parents(&server, "cms.menuitem", "/fields/parent_item/ref/id")), count(&expected["menu_depth"]) as usize);
    assert_eq!(
        page_depth(&server.json(&["page", "tree", "wordpress", "--depth", "32"])["children"]),
        count(&expected["page_depth"]) as usize
    );

    let warnings = tally(history.iter().flat_map(|entry| entry["warnings"].as_array().unwrap()).map(|warning| &warning["code"]));
    let tags_dangling = history
        .iter()
        .flat_map(|entry| entry["warnings"].as_array().unwrap())
        .filter(|warning| warning["code"] == "binding-not-made" && warning["message"].as_str().unwrap().contains("blog.tag"))
        .count();
    assert!(tags_dangling as u64 <= count(&expected["term_refs_dangling"]), "{warnings:?}");
    assert!(tags_dangling as u64 + 1 >= count(&expected["term_refs_dangling"]), "{warnings:?}");

    let once = export(&server);
    let fed = server.feed("wordpress", &input);
    assert!(fed.status.success(), "{}", text(&fed.stderr));
    server.wait_idle();
    assert!(export(&server) == once, "everything submitted twice leaves the same store");
    let text = std::fs::read_to_string(&input).unwrap();
    let terms = ["category", "post_tag"].map(|domain| text.matches(&format!("<category domain=\"{domain}\"")).count() as u64);
    the_creators_come(&server, expected, terms.iter().sum(), &folder.path().join("user.json"));
    server.stop();
}

/// When the two that the export does not have are there, what they made is theirs, and all terms of posts are bound.
fn the_creators_come(server: &Server, expected: &Value, terms: u64, file: &Path) {
    for creator in expected["creators_dangling"].as_array().unwrap() {
        let user = serde_json::json!({ "object": { "type": "cms.user", "code_name": creator, "fields": { "login": creator } } });
        std::fs::write(file, user.to_string()).unwrap();
        let media_type = lockgate_core::task::INTERNAL_MEDIA_TYPE;
        server.run(&["submit", "wordpress", path(file), "--media-type", media_type, "--site", "wordpress"]);
    }
    server.run(&["process"]);
    let status = server.wait_idle();
    assert_eq!(server.json(&["task", "list"])["tasks"].as_array().unwrap().len(), 0, "nothing waits");
    let bindings = export(server).lines().filter(|line| line.contains("\"binding\":")).count();
    assert_eq!(bindings as u64, terms - count(&expected["term_refs_dangling"]), "all terms of posts, but those that are declared nowhere");
    assert_eq!(count(&status["pages"]["blog.post"]), count(&expected["posts"]));
    let missing = server.json(&["missing"]).to_string();
    assert!(!missing.contains("cms.user"), "{missing}");
    let mended = server.history().iter().filter(|entry| entry["outcome"] == "mended").count();
    assert!(mended >= expected["creators_dangling"].as_array().unwrap().len(), "{mended}");
}

fn page_depth(children: &Value) -> usize {
    children.as_array().into_iter().flatten().map(|page| 1 + page_depth(&page["children"])).max().unwrap_or(0)
}

#[test]
fn broken_exports_end_in_a_clear_error_and_store_nothing() {
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), "wordpress", "");
    let server = Server::start(folder.path());
    server.install("wordpress");
    for name in ["malformed.xml", "malformed-simple.xml", "crazy-cdata.xml", "namespace-edge-cases.xml"] {
        let Some(input) = shared_data(&format!("wxr/{name}")) else { return };
        let fed = server.feed("wordpress", &input);
        assert_eq!(fed.status.code(), Some(2), "{name}");
        assert!(text(&fed.stderr).contains(name), "{name}: {}", text(&fed.stderr));
    }
    let status = server.wait_idle();
    assert_eq!(status["objects"].as_object().unwrap().values().map(count).sum::<u64>(), 0);
    assert_eq!(status["history"], 0);
    server.stop();
}

#[test]
fn the_adventureworks_set_is_stored_as_the_oracle_counts_it_and_twice_is_once() {
    let (Some(oracle), Some(input)) = (oracle(), shared_data("adventureworks")) else { return };
    let expected = &oracle["adventureworks"];
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), "adventureworks", "");
    let server = Server::start(folder.path());
    server.install("adventureworks");
    let fed = server.feed("adventureworks", &input);
    assert!(fed.status.success(), "{}", text(&fed.stderr));
    let status = server.wait_idle();
    assert_eq!(server.json(&["task", "list"])["tasks"].as_array().unwrap().len(), 0, "nothing failed");
    let objects = &status["objects"];
    for (name, key) in [
        ("aw.category", "category"),
        ("aw.subcategory", "subcategory"),
        ("aw.product", "product"),
        ("aw.bom", "bom"),
        ("aw.employee", "employees"),
        ("aw.review", "reviews"),
    ] {
        assert_eq!(count(&objects[name]), count(&expected[key]), "{name}");
    }
    assert_eq!(count(&status["pages"]["aw.model"]), count(&expected["model"]));
    let models = server.json(&["page", "tree", "adventureworks", "--depth", "1"]);
    let cultures: Vec<usize> =
        models["children"].as_array().unwrap().iter().map(|page| page["cultures"].as_object().unwrap().len()).collect();
    assert_eq!(cultures.iter().filter(|count| **count == 6).count() as u64, count(&expected["models_with_6_cultures"]));
    assert!(cultures.iter().sum::<usize>() as u64 >= count(&expected["model_description_culture"]));
    let once = export(&server);
    let fed = server.feed("adventureworks", &input);
    assert!(fed.status.success(), "{}", text(&fed.stderr));
    server.wait_idle();
    assert!(export(&server) == once, "everything submitted twice leaves the same store");
    server.stop();
}

#[test]
fn a_server_killed_in_the_middle_ends_with_the_same_store_as_one_that_was_not() {
    let Some(input) = shared_data("adventureworks") else { return };
    let whole = tempfile::tempdir().unwrap();
    configure(whole.path(), "adventureworks", "");
    let server = Server::start(whole.path());
    server.install("adventureworks");
    assert!(server.feed("adventureworks", &input).status.success());
    let tasks = count(&server.wait_idle()["history"]);
    let expected = export(&server);
    server.stop();

    let folder = tempfile::tempdir().unwrap();
    // Small batches, so that there is a middle.
    configure(folder.path(), "adventureworks", "[bus]\nbatch_tasks_max = 5\n");
    let mut server = Server::start(folder.path());
    server.install("adventureworks");
    server.run(&["switch", "processing", "off"]);
    assert!(server.feed("adventureworks", &input).status.success());
    server.run(&["switch", "processing", "on"]);
    for share in [4, 2] {
        server.run(&["process", "--no-wait"]);
        let done = loop {
            let done = count(&server.json(&["status"])["history"]);
            if done >= tasks / share / 2 {
                break done;
            }
        };
        server.kill();
        assert!(done < tasks, "it was killed in the middle");
        server = Server::start(folder.path());
    }
    server.run(&["process"]);
    let status = server.wait_idle();
    assert_eq!(count(&status["history"]), tasks, "every acknowledged task ended once: {status}");
    assert!(export(&server) == expected, "the store is the same");
    server.stop();
}

fn artefacts(folder: &Path) -> BTreeMap<String, std::time::SystemTime> {
    let dir = folder.join("lockgate.redb.artefacts");
    std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.metadata().unwrap().modified().unwrap()))
        .collect()
}

#[test]
fn a_stopped_and_restarted_server_goes_on_without_compiling() {
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), "wordpress", "");
    let server = Server::start(folder.path());
    server.install("wordpress");
    let before = artefacts(folder.path());
    server.run(&["switch", "processing", "off"]);
    let sample = lockgate_system_tests::built::workspace().join("sample-connectors/wordpress/data/sample.xml");
    let fed = server.feed("wordpress", &sample);
    assert!(fed.status.success(), "{}", text(&fed.stderr));
    let waiting = count(&server.wait_idle()["queued"]["wordpress"]);
    assert!(waiting > 0);
    server.stop();

    let server = Server::start(folder.path());
    assert_eq!(count(&server.wait_idle()["queued"]["wordpress"]), waiting, "nothing is lost");
    server.run(&["switch", "processing", "on"]);
    server.run(&["process", "wordpress"]);
    let status = server.wait_idle();
    assert_eq!(count(&status["queued"]["wordpress"]), 0, "{status}");
    assert_eq!(count(&status["history"]), waiting);
    assert_eq!(artefacts(folder.path()), before, "nothing was compiled again");
    server.stop();
}

/// What is odd has a golden case in each sample, for authors to copy.
fn passes_the_harness(sample: &str) {
    let folder = tempfile::tempdir().unwrap();
    let component = folder.path().join("sample.wasm");
    std::fs::write(&component, guest(&format!("{sample}_connector"))).unwrap();
    let cases = workspace().join("sample-connectors").join(sample).join("cases");
    let judged = lockgate(folder.path()).args(["test", path(&component), path(&cases)]).output().unwrap();
    let report = text(&judged.stdout);
    assert!(judged.status.success(), "{report}{}", text(&judged.stderr));
    let passed = report.lines().filter(|line| line.starts_with("ok   case ")).count();
    assert_eq!(passed, std::fs::read_dir(&cases).unwrap().count(), "every case was run: {report}");
}

#[test]
fn the_wordpress_sample_passes_the_harness() {
    passes_the_harness("wordpress");
}

#[test]
fn the_scim_sample_passes_the_harness() {
    passes_the_harness("scim");
}
