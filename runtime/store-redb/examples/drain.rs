//! How long a queue takes to drain: tasks that need nothing but themselves, over the real store, without a sandbox.
//!
//! `cargo run --release -p lockgate-store-redb --example drain -- [TASKS]`
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement for people")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use lockgate_bus::{Bus, Parts};
use lockgate_core::admit::Submission;
use lockgate_core::grants::Grant;
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::NodeName;
use lockgate_core::settings::{BusSettings, ConnectorSettings, Processing};
use lockgate_core::task::{DataType, ExternalObject, INTERNAL_MEDIA_TYPE, ProcessType, TaskType};
use lockgate_store_redb::{Options, RedbStore};
use lockgate_testing::{CountingRandomness, FixedClock, ScriptedSandbox};

const MODEL: &str = "[[object_type]]\nname = 'd.thing'\nfields = [{ name = 'number', kind = 'integer' }, { name = 'next', kind = 'reference', to = 'd.thing', need = 'optional' }]\n";

fn main() {
    let tasks: usize = std::env::args().nth(1).map_or(50_000, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let defaults = ConnectorSettings { grant: Grant::every_write(), processing: Processing::OnRequest, translators: 1, ..ConnectorSettings::default() };
    let bus = Bus::open(Parts {
        store: Arc::new(RedbStore::open(folder.path().join("lockgate.redb"), Options::default()).unwrap()),
        sandbox: Arc::new(ScriptedSandbox::new()),
        clock: Arc::new(FixedClock::default()),
        randomness: Arc::new(CountingRandomness::default()),
        settings: BusSettings { defaults, ..BusSettings::default() },
        node: NodeName::new("drain"),
    })
    .unwrap();
    bus.apply_model(&BTreeMap::from([("d.toml".to_owned(), MODEL.to_owned())])).unwrap();
    let connector = ConnectorName::new("d").unwrap();
    bus.add_connector(&connector, b"scripted").unwrap();
    for batch in (0..tasks).collect::<Vec<_>>().chunks(1_000) {
        let one = |at: &usize| Submission {
            connector: connector.clone(),
            external: ExternalObject {
                media_type: INTERNAL_MEDIA_TYPE.into(),
                body: format!(r#"{{"object":{{"type":"d.thing","code_name":"thing-{at}","fields":{{"number":{at}}}}}}}"#).into_bytes().into(),
            },
            process_type: ProcessType::Default,
            task_type: TaskType::CreateObject,
            data_type: DataType::SimpleSnapshot,
            site: None,
            title: String::new(),
            subject: None,
            idempotency_key: None,
            traceparent: None,
        };
        assert!(bus.submit(batch.iter().map(one).collect()).unwrap().iter().all(Result::is_ok));
    }
    let begun = Instant::now();
    bus.request_processing(None).unwrap();
    while !bus.busy().is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    let took = begun.elapsed();
    assert_eq!(bus.counts().unwrap().history, tasks as u64);
    println!("{tasks} tasks in {:.2} s: {:.0} tasks/s", took.as_secs_f64(), tasks as f64 / took.as_secs_f64());
    bus.stop();
}
