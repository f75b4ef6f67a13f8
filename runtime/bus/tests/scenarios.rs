//! The rules of §5 and §7, one file a rule in `scenarios/`: tasks in order, what becomes of each, and
//! what is stored in the end. Each runs twice: a pass for every task, so that the store answers; and
//! one pass for all, so that the plan sees its own changes before they are stored. Both must agree.
//!
//! A file is `{"steps": [{"type", "data"?, "site"?, "body", "fails"?, "path"?, "wrote"?, "warns"?}],
//! "stored": [canonical export lines, any order]}`. Bodies are internal objects; references resolve by
//! a rule: `name`, `parent|name`, `@site|name`, `?…` is not found; a page is its GUID.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests' code: a failure here is a failed test"
)]

use std::path::{Path, PathBuf};

use lockgate_bus::export::{Form, export};
use lockgate_core::admit::Submission;
use lockgate_core::failure::{Code, Failure};
use lockgate_core::history::Outcome;
use lockgate_core::names::{CodeName, ConnectorName, Culture, ExternalId, SiteName};
use lockgate_core::ports::{HistoryFilter, TaskFilter};
use lockgate_core::prepared::{DocumentParams, ObjectParams};
use lockgate_core::task::{DataType, ExternalObject, INTERNAL_MEDIA_TYPE, ProcessType, TaskId};
use lockgate_testing::{Script, TestBus};
use serde_json::{Value, json};

const MODEL: &str = include_str!("scenarios/model.toml");

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "json"));
    files.sort();
    files
}

#[test]
fn every_scenario_ends_as_it_says_task_by_task() {
    run_all(true);
}

#[test]
fn every_scenario_ends_the_same_in_one_pass() {
    run_all(false);
}

fn run_all(one_by_one: bool) {
    let files = files();
    assert!(files.len() > 10, "the scenarios are found");
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let scenario: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        run(&file.file_stem().unwrap().to_string_lossy(), &scenario, one_by_one);
    }
}

fn run(name: &str, scenario: &Value, one_by_one: bool) {
    let test = TestBus::without_waiting();
    test.bus.apply_model(&[("scenarios.toml".to_owned(), MODEL.to_owned())].into()).unwrap_or_else(|error| panic!("{error:?}"));
    test.sandbox.set(Script {
        object_params: Box::new(|id, _| object_params(id)),
        document_params: Box::new(|id, _| document_params(id)),
        ..Script::default()
    });
    let steps = scenario["steps"].as_array().expect("steps");
    let mut tasks = Vec::new();
    for step in steps {
        tasks.push(submit(&test, step));
        if one_by_one {
            pass(&test);
        }
    }
    pass(&test);
    for (at, (step, task)) in steps.iter().zip(&tasks).enumerate() {
        check(&format!("{name}, step {at}"), &test, step, *task);
    }
    assert!(test.bus.tasks(&TaskFilter::default(), None, 10).unwrap().is_empty());
    let mut stored: Vec<Value> = Vec::new();
    export(&*test.store, Form::Canonical, &mut |line| {
        stored.push(serde_json::from_str(line).unwrap());
        std::ops::ControlFlow::Continue(())
    })
    .unwrap();
    let mut expected = scenario["stored"].as_array().expect("stored").clone();
    let order = |all: &mut Vec<Value>| all.sort_by_key(ToString::to_string);
    order(&mut stored);
    order(&mut expected);
    let lines = |all: &[Value]| all.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    assert!(stored == expected, "{name} (one by one: {one_by_one}) stored\n{}\nexpected\n{}", lines(&stored), lines(&expected));
}

fn submit(test: &TestBus, step: &Value) -> TaskId {
    let word = |key: &str, default: &str| step[key].as_str().unwrap_or(default).to_owned();
    let site = step.get("site").map_or(Some("main"), |site| site.as_str());
    let submission = Submission {
        connector: ConnectorName::new("a").unwrap(),
        external: ExternalObject { media_type: INTERNAL_MEDIA_TYPE.into(), body: step["body"].to_string().into_bytes().into() },
        process_type: ProcessType::DeleteOnError,
        task_type: word("type", "create-object").parse().unwrap(),
        data_type: word("data", "simple-snapshot").parse::<DataType>().unwrap(),
        site: site.map(|site| SiteName::new(site).unwrap()),
        title: String::new(),
        subject: None,
        file_name: None,
        idempotency_key: None,
        traceparent: None,
    };
    test.bus.submit(vec![submission]).unwrap().remove(0).unwrap_or_else(|refusal| panic!("{refusal}: {step}")).task
}

fn pass(test: &TestBus) {
    test.bus.request_processing(Some(&ConnectorName::new("a").unwrap())).unwrap();
    test.wait_idle();
}

fn check(place: &str, test: &TestBus, step: &Value, task: TaskId) {
    let filter = HistoryFilter { task: Some(task), ..HistoryFilter::default() };
    let entry = test.bus.history(&filter, None, 1).unwrap().remove(0).1;
    match (&entry.outcome, step["fails"].as_str()) {
        (outcome, None) if outcome.is_success() => {}
        (Outcome::Failed(failure), Some(code)) => {
            assert_eq!(failure.code.as_str(), code, "{place}: {failure}");
            if let Some(path) = step["path"].as_str() {
                assert_eq!(failure.path.as_deref(), Some(path), "{place}: {failure}");
            }
        }
        (outcome, expected) => panic!("{place}: {outcome:?}, expected {expected:?}"),
    }
    let wrote: Vec<Value> = entry.written.iter().map(|row| json!([&*row.type_name, &*row.name, row.action.as_str()])).collect();
    if let Some(expected) = step["wrote"].as_array() {
        assert_eq!(&wrote, expected, "{place}");
    }
    let warns: Vec<&str> = entry.warnings.iter().map(|warning| &*warning.code).collect();
    let expected: Vec<&str> = step["warns"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    assert_eq!(warns, expected, "{place}");
}

fn object_params(id: &ExternalId) -> Result<ObjectParams, Failure> {
    let text = id.as_str();
    if text.starts_with('?') {
        return Err(Failure::new(Code::NotFound, "no such thing"));
    }
    let (rest, name) = text.rsplit_once('|').map_or((None, text), |(rest, name)| (Some(rest), name));
    let site = rest.and_then(|rest| rest.strip_prefix('@'));
    let parent = rest.filter(|rest| !rest.starts_with('@'));
    Ok(ObjectParams {
        guid: None,
        code_name: CodeName::new(name).unwrap(),
        site: site.map(|site| SiteName::new(site).unwrap()),
        parent: parent.and_then(|parent| ExternalId::new(parent).unwrap()),
        group: None,
    })
}

fn document_params(id: &ExternalId) -> Result<DocumentParams, Failure> {
    match id.as_str().parse() {
        Ok(node_guid) => {
            Ok(DocumentParams { node_guid, culture: Some(Culture::new("en-US").unwrap()), site: SiteName::new("main").unwrap() })
        }
        Err(_) => Err(Failure::new(Code::NotFound, "no such page")),
    }
}
