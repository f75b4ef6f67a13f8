//! Real exports, from `../shared/data`: read, never copied. Without them nothing is tested.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests, which may fail loudly")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lockgate_feed::Task;
use wordpress_feed::{Export, Submission, tasks};

fn data() -> Option<PathBuf> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/data");
    if data.is_dir() {
        return Some(data);
    }
    eprintln!("notice: {} is absent, nothing is tested", data.display());
    None
}

fn read(path: &Path) -> Result<Vec<Task>, String> {
    let bytes = std::fs::read(path).unwrap();
    let name = path.file_name().unwrap().to_string_lossy();
    let export = Export::read(&name, &bytes).map_err(|refused| refused.to_string())?;
    if let Some(told) = export.told().iter().find(|told| told.is_error) {
        return Err(told.what.to_string());
    }
    Ok(tasks(&export, &Submission { connector: "wordpress".into(), site: "wordpress".into(), ..Submission::default() }))
}

fn by_kind(tasks: &[Task]) -> BTreeMap<&str, u64> {
    let mut counts = BTreeMap::new();
    for task in tasks {
        *counts.entry(task.kind.as_str()).or_default() += 1;
    }
    counts
}

#[test]
fn the_theme_unit_test_has_the_tasks_that_the_oracle_counts() {
    let Some(data) = data() else { return };
    let oracle = std::fs::read(data.join("oracle.json")).unwrap();
    let oracle: serde_json::Value = serde_json::from_slice(&oracle).unwrap();
    let of = |name: &str| oracle["wxr/theme-unit-test-data.xml"][name].as_u64().unwrap();
    let tasks = read(&data.join("wxr/theme-unit-test-data.xml")).unwrap();
    let counts = by_kind(&tasks);
    assert_eq!(counts["cms.user"], of("authors"));
    assert_eq!(counts["blog.category"] + counts["cms.menu"], of("categories") + of("terms"));
    assert_eq!(counts["blog.tag"], of("tags"));
    assert_eq!(counts["blog.post"], of("posts"));
    assert_eq!(counts["cms.page"], of("pages"));
    assert_eq!(counts["media.file"], of("attachments"));
    assert_eq!(counts["featured medium"], of("thumbnails"));
    assert_eq!(counts["forum.post"], of("comments"));
    assert_eq!(counts["cms.menuitem"], of("nav_menu_items"));
    // 70 of the references say in which menu an item is, 13 which format a post has.
    assert_eq!(counts["blog.page-category"] + counts["blog.page-tag"], of("term_refs") - 70 - 13);
    assert_eq!(tasks.len(), 775);
}

#[test]
fn what_is_damaged_is_refused_with_its_place_and_a_way_on() {
    let Some(data) = data() else { return };
    for (file, expected) in [
        ("malformed.xml", "malformed.xml:90:1: this is not XML"),
        ("malformed-simple.xml", "malformed-simple.xml:9:1: the file ends inside the element <item>"),
        ("crazy-cdata.xml", "crazy-cdata.xml:18:70: \"]]>\" in text"),
        ("namespace-edge-cases.xml", "namespace-edge-cases.xml:3:1: two prefixes are bound to WordPress"),
        ("missing-version-tag.xml", "missing-version-tag.xml:27:1: <channel> has no <wp:wxr_version>"),
    ] {
        let refused = read(&data.join("wxr").join(file)).unwrap_err();
        assert!(refused.starts_with(expected), "{refused}");
        assert!(refused.contains("; "), "{refused}");
    }
}

#[test]
fn what_is_only_unusual_is_accepted() {
    let Some(data) = data() else { return };
    for (file, count) in [
        ("crazy-cdata-escaped.xml", 2),
        ("large-authors.xml", 300),
        ("missing-tags.xml", 1),
        ("small-export.xml", 83),
        ("test-serialized-postmeta-with-cdata.xml", 3),
        ("valid-wxr-1.0.xml", 24),
        ("valid-wxr-1.1.xml", 9),
        ("wxr-utf-8-challenges.xml", 3),
    ] {
        assert_eq!(read(&data.join("wxr").join(file)).map(|tasks| tasks.len()), Ok(count), "{file}");
    }
}
