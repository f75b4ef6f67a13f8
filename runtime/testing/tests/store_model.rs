//! §5 to §7 against a naive model: random upserts, deletes, moves and cultures of objects, bindings and
//! pages, as internal objects, through the bus; after each task the canonical export must be that of the
//! model, and a task must fail where the model says so, with its code.
//!
//! `LOCKGATE_MODEL_SEED=n` runs one seed; `LOCKGATE_MODEL_SECONDS=n` runs so long.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests' code: a failure here is a failed test"
)]

mod store_model {
    pub mod naive;
    mod naive_export;
    mod naive_pages;
    mod naive_references;
    pub mod ops;
}

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use lockgate_bus::export::{Form, export};
use lockgate_bus::{Bus, Parts};
use lockgate_core::admit::Submission;
use lockgate_core::failure::{Code, Failure};
use lockgate_core::grants::Grant;
use lockgate_core::history::Outcome;
use lockgate_core::names::{CodeName, ConnectorName, Culture, ExternalId, SiteName};
use lockgate_core::ports::{HistoryFilter, NodeName};
use lockgate_core::prepared::{DocumentParams, ObjectParams};
use lockgate_core::settings::{BusSettings, ConnectorSettings};
use lockgate_core::task::{DataType, ExternalObject, INTERNAL_MEDIA_TYPE, ProcessType, TaskType};
use lockgate_testing::{CountingRandomness, FixedClock, MemoryStore, Script, ScriptedSandbox};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use serde_json::Value;
use store_model::naive::Naive;
use store_model::ops::{Op, SITES, op, page_guid};

const FIRST: u64 = 20_261_124;
const SECONDS: u64 = 10;
/// Tasks of one case, at most.
const TASKS_MAX: usize = 60;

/// What must have happened at least once.
const CODES: [&str; 11] = [
    "stored",
    "invalid-object",
    "unresolved-reference",
    "name-taken",
    "value-taken",
    "still-referenced",
    "path-taken",
    "parent-missing",
    "page-has-children",
    "cycle",
    "page-missing",
];

#[test]
fn the_bus_stores_what_a_naive_model_stores() {
    let number = |variable: &str| std::env::var(variable).ok().map(|text| text.parse::<u64>().unwrap());
    let only = number("LOCKGATE_MODEL_SEED");
    let time = Duration::from_secs(number("LOCKGATE_MODEL_SECONDS").unwrap_or(SECONDS));
    let begun = Instant::now();
    // What tasks came to, tasks of shrinking among them.
    let outcomes = Mutex::new(BTreeMap::new());
    let mut seed = only.unwrap_or(FIRST);
    loop {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let config = Config { cases: 1, failure_persistence: None, max_shrink_iters: 20_000, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
        let outcome = runner.run(&proptest::collection::vec(op(), 1..TASKS_MAX), |ops| agree(&ops, &outcomes));
        assert!(outcome.is_ok(), "seed {seed} (LOCKGATE_MODEL_SEED={seed} runs it): {}", outcome.unwrap_err());
        seed += 1;
        if only.is_some() || begun.elapsed() > time {
            break;
        }
    }
    let outcomes = outcomes.into_inner().unwrap();
    let seconds = begun.elapsed().as_secs_f64();
    println!("store model: seeds {} to {} in {seconds:.1} s; tasks: {outcomes:?}", only.unwrap_or(FIRST), seed - 1);
    assert!(only.is_some() || CODES.iter().all(|code| outcomes.contains_key(code)), "some of what can happen has not: {outcomes:?}");
}

fn agree(ops: &[Op], outcomes: &Mutex<BTreeMap<&'static str, u64>>) -> Result<(), TestCaseError> {
    let (bus, store) = bus();
    let name = ConnectorName::new("naive").unwrap();
    let mut naive = Naive::default();
    for (at, op) in ops.iter().enumerate() {
        let task = bus.submit(vec![submission(op, &name)]).unwrap().remove(0).unwrap().task;
        bus.request_processing(None).unwrap();
        bus.step(&name);
        let filter = HistoryFilter { task: Some(task), ..HistoryFilter::default() };
        let outcome = bus.history(&filter, None, 1).unwrap().remove(0).1.outcome;
        let came = match &outcome {
            outcome if outcome.is_success() => Ok(()),
            Outcome::Failed(failure) => Err(failure.code.as_str()),
            other => return Err(TestCaseError::fail(format!("{other:?}"))),
        };
        let should = naive.run(op);
        *outcomes.lock().unwrap().entry(came.err().unwrap_or("stored")).or_default() += 1;
        let agrees = match (&came, &should) {
            (Ok(()), Ok(())) => true,
            (Err(code), Err(codes)) => codes.contains(code),
            _ => false,
        };
        if !agrees {
            return Err(TestCaseError::fail(format!("task {at} came to {outcome:?}, and should to {should:?}: {op:?}")));
        }
        let mut lines = Vec::new();
        export(&*store, Form::Canonical, &mut |line| {
            lines.push(serde_json::from_str(line).unwrap());
            ControlFlow::Continue(())
        })
        .unwrap();
        let (stored, modelled) = (sorted(lines), sorted(naive.export()));
        if stored != modelled {
            return Err(TestCaseError::fail(format!("after task {at}, {op:?}, stored is\n{stored:#?}\nand should be\n{modelled:#?}")));
        }
    }
    Ok(())
}

/// A bus without threads, with one connector that may write everything and keeps the rule of
/// references.
fn bus() -> (Bus, Arc<MemoryStore>) {
    let store = Arc::new(MemoryStore::new());
    let sandbox = Arc::new(ScriptedSandbox::new());
    sandbox.set(Script {
        object_params: Box::new(|id, _| object_params(id)),
        document_params: Box::new(|id, _| document_params(id)),
        ..Script::default()
    });
    let defaults = ConnectorSettings { grant: Grant::every_write(), waiting: false, ..ConnectorSettings::default() };
    let parts = Parts {
        store: store.clone(),
        sandbox,
        clock: Arc::new(FixedClock::default()),
        randomness: Arc::new(CountingRandomness::default()),
        settings: BusSettings { defaults, ..BusSettings::default() },
        node: NodeName::new("model"),
    };
    let bus = Bus::open_stepped(parts).unwrap();
    let files = BTreeMap::from([("naive.toml".to_owned(), include_str!("store_model/model.toml").to_owned())]);
    bus.apply_model(&files).unwrap_or_else(|error| panic!("{error:?}"));
    bus.add_connector(&ConnectorName::new("naive").unwrap(), b"scripted").unwrap();
    (bus, store)
}

fn submission(op: &Op, connector: &ConnectorName) -> Submission {
    let (task_type, site, snapshot) = match op {
        Op::Object(task_type, site, snapshot, _) => (*task_type, *site, *snapshot),
        Op::Member(delete, ..) => (if *delete { TaskType::DeleteObject } else { TaskType::UpdateObject }, 0, true),
        Op::Page(task_type, site, _) => (*task_type, *site, true),
    };
    Submission {
        connector: connector.clone(),
        external: ExternalObject { media_type: INTERNAL_MEDIA_TYPE.into(), body: op.body().to_string().into_bytes().into() },
        process_type: ProcessType::DeleteOnError,
        task_type,
        data_type: if snapshot { DataType::Snapshot } else { DataType::SimpleSnapshot },
        site: Some(SiteName::new(SITES[site]).unwrap()),
        title: String::new(),
        subject: None,
        file_name: None,
        idempotency_key: None,
        traceparent: None,
    }
}

/// `@site|name`, `parent|name` or `name`.
fn object_params(id: &ExternalId) -> Result<ObjectParams, Failure> {
    let (before, name) = id.as_str().rsplit_once('|').map_or((None, id.as_str()), |(before, name)| (Some(before), name));
    let site = before.and_then(|before| before.strip_prefix('@'));
    let parent = before.filter(|_| site.is_none()).and_then(|parent| ExternalId::new(parent).unwrap());
    Ok(ObjectParams {
        guid: None,
        code_name: CodeName::new(name).unwrap(),
        site: site.map(|site| SiteName::new(site).unwrap()),
        parent,
        group: None,
    })
}

/// `site:number`.
fn document_params(id: &ExternalId) -> Result<DocumentParams, Failure> {
    let (site, number) = id.as_str().split_once(':').ok_or_else(|| Failure::new(Code::NotFound, "no page"))?;
    let node_guid = page_guid(number.parse().unwrap()).parse().unwrap();
    Ok(DocumentParams { node_guid, culture: Some(Culture::new("en-US").unwrap()), site: SiteName::new(site).unwrap() })
}

/// With the members of every value in order.
fn sorted(values: Vec<Value>) -> Vec<String> {
    fn ordered(value: &Value) -> Value {
        match value {
            Value::Object(map) => map.iter().map(|(k, v)| (k.clone(), ordered(v))).collect::<BTreeMap<_, _>>().into_iter().collect(),
            other => other.clone(),
        }
    }
    let mut lines: Vec<String> = values.iter().map(|value| ordered(value).to_string()).collect();
    lines.sort();
    lines
}
