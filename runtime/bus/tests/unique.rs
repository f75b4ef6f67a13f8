//! §7.3: uniqueness compares values, not spellings.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests' code: a failure here is a failed test")]

use std::collections::BTreeMap;

use lockgate_core::admit::Submission;
use lockgate_core::failure::Code;
use lockgate_core::history::Outcome;
use lockgate_core::ports::HistoryFilter;
use lockgate_core::task::{ProcessType, TaskType};
use lockgate_testing::TestBus;

const MODEL: &str = r#"
[[object_type]]
name = "u.thing"
fields = [
    { name = "price", kind = "decimal", unique = true },
    { name = "count", kind = "integer", unique = true },
    { name = "weight", kind = "real", unique = true },
    { name = "at", kind = "timestamp", unique = true },
    { name = "word", kind = "text", unique = true },
]
"#;

/// Stores things with these values one after the other; the path of the first refusal.
fn refused(field: &str, values: &[&str]) -> Option<String> {
    let test = TestBus::without_waiting();
    test.bus.apply_model(&BTreeMap::from([("unique.toml".to_owned(), MODEL.to_owned())])).unwrap();
    let tasks: Vec<_> = values
        .iter()
        .enumerate()
        .map(|(at, value)| {
            let body = format!(r#"{{"object": {{"type": "u.thing", "code_name": "t{at}", "fields": {{"{field}": {value}}}}}}}"#);
            let submission = TestBus::submission("a", TaskType::CreateObject, body);
            test.submit(Submission { process_type: ProcessType::DeleteOnError, ..submission })
        })
        .collect();
    test.process("a");
    tasks.into_iter().find_map(|task| {
        let filter = HistoryFilter { task: Some(task), ..HistoryFilter::default() };
        match test.bus.history(&filter, None, 1).unwrap().remove(0).1.outcome {
            Outcome::Stored | Outcome::Unchanged => None,
            Outcome::Failed(failure) if failure.code == Code::ValueTaken => failure.path.map(|path| path.to_string()),
            other => panic!("{other:?}"),
        }
    })
}

#[test]
fn one_value_in_two_spellings_is_not_unique() {
    for (field, one, other) in [
        ("price", r#"{"decimal": "1.0"}"#, r#"{"decimal": "1.00"}"#),
        ("price", r#"{"decimal": "5"}"#, "5"),
        ("price", r#"{"decimal": "-0.0"}"#, "0"),
        ("count", "7", r#"{"integer": "007"}"#),
        ("weight", r#"{"real": -0.0}"#, r#"{"real": 0.0}"#),
        ("at", r#"{"timestamp": "2026-01-31T00:00:00Z"}"#, r#"{"timestamp": "2026-01-31T01:00:00.0+01:00"}"#),
        ("word", r#""Ann ""#, r#""ann""#),
    ] {
        assert_eq!(refused(field, &[one, other]).as_deref(), Some(field), "{one} {other}");
        assert_eq!(refused(field, &[one]), None, "{one}");
    }
}

#[test]
fn different_values_are_unique() {
    assert_eq!(refused("price", &[r#"{"decimal": "1.0"}"#, "10", r#"{"decimal": "1.01"}"#, r#"{"decimal": "-1"}"#]), None);
    let times = [r#"{"timestamp": "2026-01-31T00:00:00Z"}"#, r#"{"timestamp": "2026-01-31T00:00:00+01:00"}"#];
    assert_eq!(refused("at", &times), None);
}
