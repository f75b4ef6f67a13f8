//! Exports: what a row is called in them.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests: a wrong assumption must end the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use lockgate_bus::export::{Form, export};
use lockgate_core::change::Change;
use lockgate_core::names::{CodeName, ConnectorName, Culture, SiteName, TypeName};

use lockgate_core::rows::{CultureVersion, Newer, NodeId, ObjectId, ObjectRow, PageRow, Scope};
use lockgate_testing::{Commit, MemoryStore, Short as _, model, model_files};
use serde_json::Value;

fn object(id: u64, parent: Option<u64>, group: Option<u64>, name: &str) -> Change {
    let row = ObjectRow {
        id: ObjectId(id),
        object_type: TypeName::new("test.tree").unwrap(),
        scope: Scope { site: None, parent: parent.map(ObjectId), group: group.map(ObjectId) },
        code_name: CodeName::new(name).unwrap(),
        guid: format!("00000000-0000-0000-0000-{id:012}").parse().unwrap(),
        guid_given: false,
        display_name: name.into(),
        sites: BTreeSet::new(),
        fields: BTreeMap::new(),
        links: BTreeMap::new(),
        newer: Newer::default(),
        created_ms: 1,
        modified_ms: 1,
    };
    Change::Object(None, Some(Arc::new(row)))
}

fn page(id: u64, parent: Option<u64>, alias: &str) -> Change {
    let version = CultureVersion {
        name: "a page".into(),
        published: true,
        archived: false,
        fields: BTreeMap::new(),
        links: BTreeMap::new(),
        newer: Newer::default(),
    };
    let row = PageRow {
        id: NodeId(id),
        site: SiteName::new("main").unwrap(),
        class_name: TypeName::new("cms.page").unwrap(),
        guid: format!("00000000-0000-0000-0000-{id:012}").parse().unwrap(),
        guid_given: false,
        parent: parent.map(NodeId),
        alias: CodeName::new(alias).unwrap(),
        order: None,
        cultures: BTreeMap::from([(Culture::new("en-US").unwrap(), version)]),
        created_ms: 1,
        modified_ms: 1,
    };
    Change::Page(None, Some(Arc::new(row)))
}

fn exported(changes: Vec<Change>) -> Vec<String> {
    let store = MemoryStore::new();
    store.put_model_now(&model_files(), &model()).unwrap();
    let lease = store.claim_now(&ConnectorName::new("writer").unwrap()).unwrap();
    store.commit_now(&lease, &Commit { changes, ..Commit::default() }, &model()).unwrap();
    let mut lines = Vec::new();
    export(&store, Form::Canonical, &mut |line| {
        lines.push(line.to_owned());
        ControlFlow::Continue(())
    })
    .unwrap();
    lines
}

fn names(lines: &[String]) -> Vec<String> {
    lines.iter().map(|line| serde_json::from_str::<Value>(line).unwrap()["name"].as_str().unwrap().to_owned()).collect()
}

/// An export named each row by its parent and its group, and each of those by theirs: 24 objects of which
/// each has the one before as its parent and as its group made 360 MB.
#[test]
fn names_do_not_double_with_every_parent_that_is_a_group_too() {
    let chain = |ids: &dyn Fn(u64) -> u64| (1..=60).map(|n| object(ids(n), above(ids, n), above(ids, n), &format!("step-{n}"))).collect();
    let lines = exported(chain(&|n| n));
    let bytes: usize = lines.iter().map(String::len).sum();
    assert!(bytes < 1 << 20, "{bytes} bytes for 60 objects");
    let distinct: BTreeSet<String> = names(&lines).into_iter().collect();
    assert_eq!(distinct.len(), 60, "{distinct:?}");
    assert_eq!(lines, exported(chain(&|n| 100 - n)), "names do not depend on ids");
}

fn above(ids: &dyn Fn(u64) -> u64, n: u64) -> Option<u64> {
    (n > 1).then(|| ids(n - 1))
}

/// Below 200 parents a name was cut with `…`, so that rows with the same last steps had the same name.
#[test]
fn rows_under_long_chains_of_parents_are_told_apart() {
    let mut changes = Vec::new();
    for (first, root) in [(1_000, "one"), (2_000, "two")] {
        changes.push(object(first, None, None, root));
        changes.extend((1..=300).map(|n| object(first + n, Some(first + n - 1), None, &format!("a-step-of-the-chain-{n}"))));
    }
    let names = names(&exported(changes));
    let distinct: BTreeSet<&String> = names.iter().collect();
    assert_eq!(distinct.len(), 602);
    assert!(names.iter().all(|name| !name.contains('…') && name.len() < 6_000), "{names:?}");
}

#[test]
fn a_chain_longer_than_a_stack_is_deep_is_exported() {
    // The lowest is asked for first.
    let changes = (1..=20_000).map(|n| object(30_000 - n, above(&|n| 30_000 - n, n), None, &format!("n{n}"))).collect();
    assert_eq!(names(&exported(changes)).into_iter().collect::<BTreeSet<_>>().len(), 20_000);
}

#[test]
fn long_paths_of_pages_are_told_apart_and_ordinary_ones_written_out() {
    let long = "a-rather-long-alias-as-a-headline-gives-it-with-many-many-words-in-it".repeat(3);
    let mut changes = Vec::new();
    for (first, root) in [(1_000, "one"), (2_000, "two")] {
        changes.push(page(first, None, root));
        changes.extend((1..=50).map(|n| page(first + n, Some(first + n - 1), &format!("{long}-{n}"))));
    }
    changes.push(page(1, None, "News"));
    changes.push(page(2, Some(1), "First"));
    let names = names(&exported(changes));
    assert!(names.contains(&"main:/news/first".to_owned()), "{names:?}");
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), 104);
    assert!(names.iter().all(|name| name.len() < 6_000));
}
