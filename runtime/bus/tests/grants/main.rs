//! Promise 3 where it is kept: what a connector may write, keep, and become.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests' code: a failure here is a failed test"
)]

mod deletes;

use std::collections::BTreeMap;
use std::sync::Arc;

use lockgate_bus::ConnectorError;
use lockgate_bus::export::{Form, export};
use lockgate_core::admit::Submission;
use lockgate_core::failure::Code;
use lockgate_core::grants::Grant;
use lockgate_core::history::{Entry, Outcome};
use lockgate_core::ports::HistoryFilter;
use lockgate_core::settings::{BusSettings, ConnectorSettings};
use lockgate_core::task::{ProcessType, TaskId, TaskType};
use lockgate_testing::{Script, TestBus};

fn grant(objects: &[&str], pages: &[&str], sites: &[&str]) -> Grant {
    Grant {
        objects: objects.iter().map(|text| text.parse().unwrap()).collect(),
        pages: pages.iter().map(|text| text.parse().unwrap()).collect(),
        sites: sites.iter().map(|text| text.parse().unwrap()).collect(),
        state: true,
        ..Grant::default()
    }
}

/// Connector `a` is granted this, connector `b` everything.
fn bus(of_a: Grant) -> TestBus {
    let with = |grant| ConnectorSettings { grant, waiting: false, ..ConnectorSettings::default() };
    let connectors = [("a", of_a), ("b", grant(&["*"], &["/"], &["*"]))];
    let connectors = connectors.map(|(name, grant)| (TestBus::connector(name), with(grant))).into();
    TestBus::granted(BusSettings { connectors, ..BusSettings::default() })
}

/// Runs one task that leaves the queue either way.
fn run(test: &TestBus, name: &str, task_type: TaskType, body: &str) -> Entry {
    let mut submission = Submission { process_type: ProcessType::DeleteOnError, ..TestBus::submission(name, task_type, body) };
    submission.site = submission.site.or_else(|| Some(lockgate_core::names::SiteName::new("main").unwrap()));
    let id = test.submit(submission);
    test.process(name);
    entry(test, id)
}

fn entry(test: &TestBus, id: TaskId) -> Entry {
    let filter = HistoryFilter { task: Some(id), ..HistoryFilter::default() };
    test.bus.history(&filter, None, 1).unwrap().remove(0).1
}

/// The code of a task of connector `a`; `None`: it is stored. What failed has changed nothing.
fn code(test: &TestBus, task_type: TaskType, body: &str) -> Option<Code> {
    let before = stored(test);
    match run(test, "a", task_type, body).outcome {
        Outcome::Failed(failure) => {
            assert_eq!(stored(test), before, "{failure}: nothing is half done");
            Some(failure.code)
        }
        Outcome::Stored | Outcome::Unchanged | Outcome::Absent => None,
        other => panic!("{other:?}"),
    }
}

fn stored(test: &TestBus) -> Vec<String> {
    let mut lines = Vec::new();
    export(&*test.store, Form::Canonical, &mut |line| {
        lines.push(line.to_owned());
        std::ops::ControlFlow::Continue(())
    })
    .unwrap();
    lines
}

fn create(test: &TestBus, body: &str) -> Option<Code> {
    code(test, TaskType::CreateObject, body)
}

const DENIED: Option<Code> = Some(Code::WriteDenied);
const USER: &str = r#"{"object": {"type": "cms.user", "code_name": "ann"}}"#;

#[test]
fn a_connector_writes_only_the_types_that_it_was_granted() {
    let test = bus(grant(&["shop.*", "test.tree"], &[], &["main"]));
    assert_eq!(create(&test, USER), DENIED);
    assert_eq!(create(&test, r#"{"object": {"type": "shop.brand", "code_name": "acme"}}"#), None);
    assert_eq!(code(&test, TaskType::DeleteObject, USER), DENIED, "not even to find out whether it is there");
    // References lead to types that it may not write.
    assert!(matches!(run(&test, "b", TaskType::CreateObject, USER).outcome, Outcome::Stored));
    let product = r#"{"object": {"type": "shop.product", "code_name": "p", "fields": {"owner": {"reference": "ann"}}}}"#;
    assert_eq!(create(&test, product), None);
    assert_eq!(code(&test, TaskType::DeleteObject, USER), DENIED);
}

#[test]
fn children_and_bindings_need_their_own_type() {
    let test = bus(grant(&["cms.user", "shop.product"], &[], &["main"]));
    run(&test, "b", TaskType::CreateObject, USER);
    let role = r#"{"object": {"type": "cms.role", "code_name": "editor"}}"#;
    assert!(matches!(run(&test, "b", TaskType::CreateObject, role).outcome, Outcome::Stored));
    let with_child = r#"{"object": {"type": "shop.product", "code_name": "p", "fields": {"owner": {"reference": "ann"}},
        "children": [{"type": "shop.review", "code_name": "r"}]}}"#;
    assert_eq!(create(&test, with_child), DENIED);
    assert!(matches!(run(&test, "b", TaskType::CreateObject, with_child).outcome, Outcome::Stored));
    // A snapshot that says that there is none would delete what is stored (§7.5).
    let without = r#"{"object": {"type": "shop.product", "code_name": "p", "fields": {"owner": {"reference": "ann"}}}}"#;
    assert_eq!(create(&test, without), None, "it says nothing of reviews");
    let none = r#"{"object": {"type": "shop.product", "code_name": "p", "fields": {"owner": {"reference": "ann"}},
        "none_of": ["shop.review"]}}"#;
    assert_eq!(create(&test, none), DENIED);
    // So would a delete of the object that it belongs to.
    assert_eq!(code(&test, TaskType::DeleteObject, without), DENIED);
}

#[test]
fn sites_are_granted_too() {
    let test = bus(grant(&["*"], &["/"], &["main"]));
    let role = |site: &str| format!(r#"{{"object": {{"type": "cms.role", "code_name": "editor", "site": "{site}"}}}}"#);
    assert_eq!(create(&test, &role("main")), None);
    assert_eq!(create(&test, &role("other")), DENIED);
    let page = |site: &str| format!(r#"{{"page": {{"class_name": "cms.page", "culture": "en-US", "name": "x", "site": "{site}"}}}}"#);
    assert_eq!(code(&test, TaskType::CreateDocument, &page("main")), None);
    assert_eq!(code(&test, TaskType::CreateDocument, &page("other")), DENIED);
    let brand = r#"{"object": {"type": "shop.brand", "code_name": "acme"}}"#;
    assert_eq!(create(&test, brand), None, "a global object is in no site");
    let mut to_other = TestBus::submission("a", TaskType::AddToSite, brand);
    to_other.site = Some(lockgate_core::names::SiteName::new("other").unwrap());
    to_other.process_type = ProcessType::DeleteOnError;
    let id = test.submit(to_other);
    test.process("a");
    assert!(matches!(entry(&test, id).outcome, Outcome::Failed(failure) if failure.code == Code::WriteDenied));
}

#[test]
fn pages_stay_in_their_subtree() {
    let test = bus(grant(&[], &["/news"], &["main"]));
    let page = |alias: &str, parent: &str, guid: u32| {
        format!(
            r#"{{"page": {{"class_name": "cms.page", "culture": "en-US", "name": "{alias}", "alias": "{alias}",
                "node_guid": "00000000-0000-0000-0000-{guid:012}", "parent": {parent}}}}}"#
        )
    };
    let under = |path: &str| format!(r#"{{"path": "{path}"}}"#);
    for (alias, guid) in [("news", 1), ("about", 2)] {
        let made = run(&test, "b", TaskType::CreateDocument, &page(alias, "\"root\"", guid)).outcome;
        assert!(matches!(made, Outcome::Stored), "{made:?}");
    }
    let write = |task_type, alias: &str, parent: &str, guid| code(&test, task_type, &page(alias, parent, guid));
    assert_eq!(write(TaskType::CreateDocument, "a", &under("/news"), 3), None);
    assert_eq!(write(TaskType::CreateDocument, "deep", &under("/news/a"), 4), None);
    assert_eq!(write(TaskType::CreateDocument, "b", &under("/about"), 5), DENIED);
    assert_eq!(write(TaskType::CreateDocument, "newsletter", "\"root\"", 6), DENIED);
    assert_eq!(write(TaskType::UpdateDocument, "about", "\"root\"", 2), DENIED);
    assert_eq!(write(TaskType::MoveDocument, "a", &under("/about"), 3), DENIED, "out");
    assert_eq!(write(TaskType::MoveDocument, "about", &under("/news"), 2), DENIED, "in");
    assert_eq!(write(TaskType::UpdateDocument, "elsewhere", "\"root\"", 1), DENIED, "its root renamed away");
    assert_eq!(write(TaskType::DeleteDocument, "about", "\"root\"", 2), DENIED);
    assert_eq!(write(TaskType::ArchiveDocument, "about", "\"root\"", 2), DENIED);
    assert_eq!(write(TaskType::DeleteDocument, "deep", &under("/news/a"), 4), None);
}

#[test]
fn an_upgrade_that_asks_for_more_waits_and_a_rollback_returns() {
    let test = bus(grant(&["*"], &[], &["*"]));
    let (name, other) = (TestBus::connector("a"), TestBus::connector("b"));
    let narrow = b"scripted a1\nobjects = ['shop.*']";
    let wide = b"scripted a2\nobjects = ['shop.*', 'cms.user']";
    assert!(test.bus.add_connector(&name, narrow).unwrap().beyond.is_empty(), "it asks for less than one without a manifest");
    assert_eq!(create(&test, USER), DENIED, "granted, but not asked for");
    let added = test.bus.add_connector(&name, wide).unwrap();
    assert_eq!(added.beyond, ["objects cms.user"]);
    assert_eq!(create(&test, USER), DENIED, "the old one runs");
    let digests = |test: &TestBus| {
        let entries = test.bus.history(&HistoryFilter::default(), None, 9).unwrap();
        entries.into_iter().map(|(_, entry)| entry.digest).collect::<Vec<_>>()
    };
    let approved = test.bus.approve_connector(&name, None).unwrap();
    assert_eq!(create(&test, USER), None);
    assert_eq!(digests(&test)[0], approved.digest, "the history names what ran");
    assert!(matches!(test.bus.approve_connector(&name, None), Err(ConnectorError::NothingPending(_))));
    let back = test.bus.roll_back_connector(&name, None).unwrap();
    assert_eq!(create(&test, USER), DENIED);
    assert_eq!(digests(&test)[0], back.digest);
    assert_eq!(test.bus.roll_back_connector(&name, Some(&approved.digest)).unwrap().digest, approved.digest);
    assert!(matches!(test.bus.roll_back_connector(&other, None), Err(ConnectorError::NoSuchVersion(_))));
}

#[test]
fn a_manifest_with_a_mistake_installs_nothing() {
    let test = bus(Grant::default());
    let before = test.bus.connectors().unwrap();
    let refused = test.bus.add_connector(&TestBus::connector("a"), b"scripted a3\nobjcts = ['shop.*']").unwrap_err();
    assert!(matches!(&refused, ConnectorError::Refused(error) if error.code == "invalid-manifest"), "{refused:?}");
    assert_eq!(test.bus.connectors().unwrap(), before);
}

/// Counts tasks in the state, under `n`.
fn counting() -> Script {
    Script {
        keeps: Box::new(|state, _| {
            let count = state.get("n").map_or(0, |value| value[0]) + 1;
            BTreeMap::from([("n".into(), Some(Arc::from([count])))])
        }),
        ..Script::default()
    }
}

#[test]
fn state_is_written_with_the_effects_or_not_at_all() {
    let test = bus(grant(&["shop.brand"], &[], &[]));
    test.bus.add_connector(&TestBus::connector("a"), b"scripted a1\nobjects = ['*']\nstate = true").unwrap();
    test.bus.approve_connector(&TestBus::connector("a"), None).unwrap();
    test.sandbox.set(counting());
    let brand = |name: &str| format!(r#"{{"object": {{"type": "shop.brand", "code_name": "{name}"}}}}"#);
    // All in one pass: each sees what the ones before it wrote.
    for body in [brand("a"), USER.to_owned(), brand("b"), "nonsense".to_owned(), brand("c")] {
        let submission = TestBus::submission("a", TaskType::CreateObject, body);
        test.submit(Submission { process_type: ProcessType::DeleteOnError, ..submission });
    }
    test.process("a");
    let state = test.bus.connector_state(&TestBus::connector("a")).unwrap();
    assert_eq!(state.get("n").map(|value| value[0]), Some(3), "two of five failed, after translation and in it");
    assert!(test.bus.connector_state(&TestBus::connector("b")).unwrap().is_empty());
    assert_eq!(test.bus.clear_connector_state(&TestBus::connector("a")).unwrap(), 1);
    assert!(test.bus.connector_state(&TestBus::connector("a")).unwrap().is_empty());
}

#[test]
fn state_that_was_not_granted_is_not_seen() {
    let without = Grant { state: false, ..grant(&["shop.brand"], &[], &[]) };
    let test = bus(without);
    test.bus.add_connector(&TestBus::connector("a"), b"scripted a1\nobjects = ['*']\nstate = true").unwrap();
    test.bus.approve_connector(&TestBus::connector("a"), None).unwrap();
    let seen = Arc::new(std::sync::Mutex::new(None));
    let into = seen.clone();
    test.sandbox.set(Script {
        keeps: Box::new(move |state, _| {
            *into.lock().unwrap() = Some(state.len());
            BTreeMap::from([("n".into(), Some(Arc::from([1])))])
        }),
        ..Script::default()
    });
    assert_eq!(create(&test, r#"{"object": {"type": "shop.brand", "code_name": "x"}}"#), None);
    assert_eq!(*seen.lock().unwrap(), Some(0));
    assert!(test.bus.connector_state(&TestBus::connector("a")).unwrap().is_empty(), "nor written");
}
