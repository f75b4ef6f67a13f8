//! How long a queue takes to drain, over the real store and without a sandbox: tasks that need nothing but themselves,
//! or tasks that all wait for one of ten targets, which come last.
//!
//! ```sh
//! cargo run --release -p lockgate-store-redb --example drain -- 100000
//! cargo run --release -p lockgate-store-redb --example drain -- 1000000 waiting
//! ```
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement for people")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lockgate_bus::{Bus, Parts};
use lockgate_core::admit::Submission;
use lockgate_core::grants::Grant;
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::NodeName;
use lockgate_core::settings::{BusSettings, ConnectorSettings, Processing};
use lockgate_core::task::{DataType, ExternalObject, INTERNAL_MEDIA_TYPE, ProcessType, TaskType};
use lockgate_store_redb::{Options, RedbStore};
use lockgate_testing::{CountingRandomness, FixedClock, ScriptedSandbox};

/// Tasks of one request.
const BATCH: usize = 1_000;
const TARGETS: usize = 10;

const MODEL: &str = "[[object_type]]\nname = 'd.thing'\nfields = [{ name = 'number', kind = 'integer' }, { name = 'next', kind = 'reference', to = 'd.thing', need = 'required' }]\n";

fn main() {
    let tasks: usize = std::env::args().nth(1).map_or(50_000, |text| text.parse().unwrap());
    let waiting = std::env::args().nth(2).is_some_and(|word| word == "waiting");
    let folder = tempfile::tempdir().unwrap();
    let defaults = ConnectorSettings {
        grant: Grant::every_write(),
        processing: Processing::OnRequest,
        translators: 1,
        ..ConnectorSettings::default()
    };
    let bus = Bus::open(Parts {
        store: Arc::new(RedbStore::open(folder.path().join("lockgate.redb"), Options::default()).unwrap()),
        sandbox: Arc::new(ScriptedSandbox::new()),
        clock: Arc::new(FixedClock::default()),
        randomness: Arc::new(CountingRandomness::default()),
        settings: BusSettings { defaults, history_entries_max: u64::MAX, ..BusSettings::default() },
        node: NodeName::new("drain"),
    })
    .unwrap();
    bus.apply_model(&BTreeMap::from([("d.toml".to_owned(), MODEL.to_owned())])).unwrap();
    let connector = ConnectorName::new("d").unwrap();
    bus.add_connector(&connector, b"scripted").unwrap();
    let submit = |bodies: Vec<String>| {
        let submissions = bodies.into_iter().map(|body| submission(&connector, body)).collect();
        assert!(bus.submit(submissions).unwrap().iter().all(Result::is_ok));
    };
    let begun = Instant::now();
    for first in (0..tasks).step_by(BATCH) {
        let one = |at: usize| {
            let next = if waiting { format!(r#","next":{{"reference":"target-{}"}}"#, at % TARGETS) } else { String::new() };
            format!(r#"{{"object":{{"type":"d.thing","code_name":"thing-{at}","fields":{{"number":{at}{next}}}}}}}"#)
        };
        submit((first..tasks.min(first + BATCH)).map(one).collect());
    }
    said("submitted", tasks, begun);
    pass(&bus, if waiting { "parked" } else { "stored" }, tasks);
    if waiting {
        assert_eq!(bus.counts().unwrap().parked.values().sum::<u64>(), tasks as u64);
        let target = |at| format!(r#"{{"object":{{"type":"d.thing","code_name":"target-{at}"}}}}"#);
        submit((0..TARGETS).map(target).collect());
        pass(&bus, "stored", tasks + TARGETS);
    }
    assert_eq!(bus.counts().unwrap().history, (tasks + if waiting { TARGETS } else { 0 }) as u64);
    bus.stop();
}

/// One pass, from its request to the end of what it wakes.
fn pass(bus: &Bus, what: &str, tasks: usize) {
    let begun = Instant::now();
    bus.request_processing(None).unwrap();
    while !bus.busy().is_empty() {
        std::thread::sleep(Duration::from_millis(1));
    }
    said(what, tasks, begun);
}

fn said(what: &str, tasks: usize, begun: Instant) {
    let seconds = begun.elapsed().as_secs_f64();
    println!("{tasks} tasks {what} in {seconds:.2} s: {:.0} a second{}", tasks as f64 / seconds, memory());
}

/// The most memory so far, where the system tells it.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    most.map_or_else(String::new, |most| format!(", {} of memory at most", most.trim()))
}

fn submission(connector: &ConnectorName, body: String) -> Submission {
    Submission {
        connector: connector.clone(),
        external: ExternalObject { media_type: INTERNAL_MEDIA_TYPE.into(), body: body.into_bytes().into() },
        process_type: ProcessType::Default,
        task_type: TaskType::CreateObject,
        data_type: DataType::Snapshot,
        site: None,
        title: String::new(),
        subject: None,
        file_name: None,
        idempotency_key: None,
        traceparent: None,
    }
}
