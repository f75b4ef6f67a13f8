//! Tasks of one batch that need each other: how often the store is asked, and how often a task is planned,
//! depends on how deep they need each other, not on how many there are.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests' code: a failure here is a failed test")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use lockgate_bus::{Bus, Parts};
use lockgate_core::grants::Grant;
use lockgate_core::names::SiteName;
use lockgate_core::ports::{Clock, NodeName};
use lockgate_core::settings::{BusSettings, ConnectorSettings};
use lockgate_core::task::TaskType;
use lockgate_testing::{CountingRandomness, FixedClock, MemoryStore, Script, ScriptedSandbox, TestBus};

const MODEL: &str = r#"
[[site]]
name = "main"
cultures = ["en-US"]

[[object_type]]
name = "t.tree"
parent = "t.tree"
unique_within = "site"
fields = [{ name = "code", kind = "text", unique = true }]
children = [{ type = "t.tree", mode = "incremental" }]

[[object_type]]
name = "t.link"
fields = [
    { name = "before", kind = "reference", to = "t.link", need = "required" },
    { name = "tree", kind = "reference", to = "t.tree", need = "required" },
    { name = "page", kind = "reference", to = "t.page", need = "required" },
    { name = "code", kind = "text", unique = true },
]

[[binding_type]]
name = "t.pair"
binds = ["link", "tree"]
fields = [
    { name = "link", kind = "reference", to = "t.link", need = "required" },
    { name = "tree", kind = "reference", to = "t.tree", need = "binding" },
]

[[page_type]]
name = "t.page"
fields = [{ name = "link", kind = "reference", to = "t.link", need = "required" }]
"#;

/// A clock that stands, and counts who looks at it: each plan of a task does, once.
struct CountingClock(FixedClock, AtomicU64);

impl Clock for CountingClock {
    fn now_ms(&self) -> i64 {
        self.1.fetch_add(1, Ordering::SeqCst);
        self.0.now_ms()
    }

    fn monotonic_us(&self) -> u64 {
        self.0.monotonic_us()
    }
}

/// Loads, and looks at the clock for each task.
#[derive(Debug)]
struct Asked {
    loads: u64,
    looks: u64,
}

/// Stores all of these in one batch, and then again, changed by nothing.
fn stored(tasks: &[(TaskType, String)]) -> [Asked; 2] {
    let store = Arc::new(MemoryStore::new());
    let clock = Arc::new(CountingClock(FixedClock::default(), AtomicU64::new(0)));
    let sandbox = Arc::new(ScriptedSandbox::new());
    sandbox.set(Script::default());
    // One translator hands all of them over as one batch.
    let defaults = ConnectorSettings { grant: Grant::every_write(), translators: 1, ..ConnectorSettings::default() };
    let parts = Parts {
        store: store.clone(),
        sandbox,
        clock: clock.clone(),
        randomness: Arc::new(CountingRandomness::default()),
        settings: BusSettings { defaults, ..BusSettings::default() },
        node: NodeName::new("test"),
    };
    let bus = Bus::open(parts).unwrap();
    bus.apply_model(&BTreeMap::from([("m.toml".to_owned(), MODEL.to_owned())])).unwrap();
    let connector = TestBus::connector("a");
    bus.add_connector(&connector, &TestBus::component("a")).unwrap();
    let asked = [(), ()].map(|()| {
        for (task_type, body) in tasks {
            let site = Some(SiteName::new("main").unwrap());
            let submission = lockgate_core::admit::Submission { site, ..TestBus::submission("a", *task_type, body) };
            bus.submit(vec![submission]).unwrap().remove(0).unwrap();
        }
        let (loads, looks) = (store.loads(), clock.1.load(Ordering::SeqCst));
        bus.request_processing(Some(&connector)).unwrap();
        while !bus.busy().is_empty() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        let left = bus.tasks(&lockgate_core::ports::TaskFilter::default(), None, 1).unwrap();
        assert!(left.is_empty(), "not all is stored: {left:?}");
        Asked { loads: store.loads() - loads, looks: (clock.1.load(Ordering::SeqCst) - looks) / tasks.len() as u64 }
    });
    bus.stop();
    asked
}

fn few(what: &str, tasks: &[(TaskType, String)]) {
    let asked = stored(tasks);
    println!("{what}: {} tasks, new and stored: {asked:?}", tasks.len());
    for asked in asked {
        assert!(asked.loads < 10, "{what}: {asked:?}");
        assert!(asked.looks < 20, "{what}: {asked:?}");
    }
}

fn object(object_type: &str, name: &str, parent: Option<&str>, fields: &str) -> (TaskType, String) {
    let parent = parent.map_or(String::new(), |parent| format!(r#""parent": "{parent}", "#));
    let body = format!(r#"{{"object": {{"type": "{object_type}", "code_name": "{name}", {parent}"fields": {{{fields}}}}}}}"#);
    (TaskType::CreateObject, body)
}

fn guid(tree: usize, at: usize) -> String {
    format!("00000000-0000-0000-{tree:04}-{at:012}")
}

fn page(name: &str, guid: Option<&str>, parent: &str, link: Option<&str>) -> (TaskType, String) {
    let guid = guid.map_or(String::new(), |guid| format!(r#""node_guid": "{guid}", "#));
    let fields = link.map_or(String::new(), |link| format!(r#""link": {{"reference": "{link}"}}"#));
    let body = format!(
        r#"{{"page": {{"class_name": "t.page", "culture": "en-US", "name": "p", "alias": "{name}", {guid}"parent": {parent}, "fields": {{{fields}}}}}}}"#
    );
    (TaskType::CreateDocument, body)
}

#[test]
fn children_and_their_children_beside_their_parents() {
    let tasks: Vec<_> = (0..500)
        .flat_map(|at| {
            [
                object("t.tree", &format!("p{at}"), None, ""),
                object("t.tree", &format!("c{at}"), Some(&format!("p{at}")), ""),
                object("t.tree", &format!("g{at}"), Some(&format!("c{at}")), ""),
            ]
        })
        .collect();
    few("objects", &tasks);
}

/// What a child wants to know beside its parent is asked for before the parent is there.
#[test]
fn children_with_unique_fields() {
    let code = |what: &str, at: usize| format!(r#""code": "{what}{at}""#);
    let tasks: Vec<_> = (0..500)
        .flat_map(|at| {
            [
                object("t.tree", &format!("p{at}"), None, &code("p", at)),
                object("t.tree", &format!("c{at}"), Some(&format!("p{at}")), &code("c", at)),
            ]
        })
        .collect();
    few("unique", &tasks);
}

/// Each needs the one before it, and each wants to know something of its own.
#[test]
fn a_long_chain_of_references() {
    let link = |at: usize| {
        let before = if at == 0 { String::new() } else { format!(r#", "before": {{"reference": "l{}"}}"#, at - 1) };
        object("t.link", &format!("l{at}"), None, &format!(r#""code": "{at}"{before}"#))
    };
    let tasks: Vec<_> = (0..500).map(link).collect();
    few("chain", &tasks);
}

#[test]
fn pages_in_pages() {
    let tasks: Vec<_> = (0..500)
        .flat_map(|at| {
            [
                page(&format!("p{at}"), Some(&guid(1, at)), r#""root""#, None),
                page(&format!("c{at}"), Some(&guid(2, at)), &format!(r#"{{"guid": "{}"}}"#, guid(1, at)), None),
                page(&format!("g{at}"), Some(&guid(3, at)), &format!(r#"{{"guid": "{}"}}"#, guid(2, at)), None),
            ]
        })
        .collect();
    few("pages", &tasks);
}

#[test]
fn objects_pages_and_bindings_that_refer_to_each_other() {
    let tasks: Vec<_> = (0..400)
        .flat_map(|at| {
            let reference = |to: &str| format!(r#"{{"reference": "{to}{at}"}}"#);
            [
                object("t.tree", &format!("t{at}"), None, ""),
                object("t.link", &format!("l{at}"), None, &format!(r#""tree": {}"#, reference("t"))),
                page(&format!("p{at}"), Some(&guid(1, at)), r#""root""#, Some(&format!("l{at}"))),
                object("t.link", &format!("m{at}"), None, &format!(r#""page": {{"reference": "{}"}}"#, guid(1, at))),
                (
                    TaskType::CreateObject,
                    format!(r#"{{"object": {{"type": "t.pair", "fields": {{"link": {}, "tree": {}}}}}}}"#, reference("l"), reference("t")),
                ),
            ]
        })
        .collect();
    few("references", &tasks);
}
