//! What contract 1.1 adds, from a real component to what is stored, and back out.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests' code: a failure here is a failed test"
)]

use lockgate_core::failure::Code;
use lockgate_core::history::Outcome;
use lockgate_core::task::{DataType, ProcessType, TaskType};
use lockgate_system_tests::Rig;
use serde_json::{Value, json};

const GUID: &str = "00000000-0000-4000-8000-000000000007";
const PAGE_1: &str = "00000000-0000-4000-8000-000000000001";
const PAGE_2: &str = "00000000-0000-4000-8000-000000000002";

fn tag(name: &str) -> Value {
    json!({"prepare": {"object": {"object_type": "shop.tag", "code_name": name}}})
}

/// A product whose tags are known by name, but for `#`, which is known by its GUID.
fn product(tags: &Value) -> Value {
    json!({
        "prepare": {"object": {"object_type": "shop.product", "code_name": "tea", "fields": {"tags": tags}}},
        "objects": {"shop.tag": {
            "r": {"code_name": "red"}, "g": {"code_name": "green"}, "b": {"code_name": "blue"},
            "#": {"by_guid": GUID, "warn": "tag # has no name"},
        }},
    })
}

/// The line of an export that has this in it.
fn line(rig: &Rig, part: &str) -> Value {
    let export = rig.export();
    let line = export.lines().find(|line| line.contains(part)).unwrap_or_else(|| panic!("{part} is not in {export}"));
    serde_json::from_str(line).unwrap()
}

fn tags(rig: &Rig) -> Vec<String> {
    let product = line(rig, "\"shop.product\"");
    let list = product["fields"]["tags"].as_array().cloned().unwrap_or_default();
    list.iter().map(|tag| tag["ref"].as_str().unwrap().rsplit(['/', ' ', ':']).next().unwrap().to_owned()).collect()
}

#[test]
fn a_list_of_references_keeps_its_order_and_is_mended_in_its_place() {
    let mut rig = Rig::new();
    for name in ["red", "blue"] {
        rig.task(tag(name)).submit();
    }
    let first = rig.task(product(&json!({"references": ["b", "g", "#", "r"]}))).submit();
    rig.pass("a");
    assert_eq!(tags(&rig), ["blue", "red"]);
    let warnings: Vec<_> = rig.entry(first).warnings.iter().map(|warning| warning.code.to_string()).collect();
    assert_eq!(warnings, ["connector-warning", "unresolved-reference", "unresolved-reference"]);
    // What it waits for stands in the file.
    rig.restart();
    let mut named = tag("orange");
    named["prepare"]["object"]["guid"] = GUID.into();
    rig.task(named).submit();
    rig.task(tag("green")).submit();
    rig.pass("a");
    assert_eq!(tags(&rig), ["blue", "green", "orange", "red"]);
    rig.task(tag("green")).of(TaskType::DeleteObject).submit();
    rig.pass("a");
    assert_eq!(tags(&rig), ["blue", "orange", "red"]);
    rig.task(product(&Value::Null)).submit();
    rig.pass("a");
    assert_eq!(tags(&rig), [""; 0]);
}

#[test]
fn a_list_in_which_an_id_stands_twice_is_told_with_its_place() {
    let rig = Rig::new();
    let twice = rig.task(product(&json!({"references": ["r", "g", "r"]}))).process(ProcessType::DeleteOnError).submit();
    rig.pass("a");
    let Outcome::Failed(failure) = rig.entry(twice).outcome else { panic!("it fails") };
    assert_eq!((failure.code, failure.path.as_deref()), (Code::InvalidObject, Some("tags[2]")), "{failure}");
}

#[test]
fn a_page_refers_to_others_in_any_culture() {
    let rig = Rig::new();
    let user = json!({"prepare": {"object": {"object_type": "cms.user", "code_name": "ann"}}});
    let page = |guid: &str, alias: &str, culture: &str, related: &Value| {
        let fields = json!({"owner": {"reference": "ann"}, "related": related});
        let page =
            json!({"class_name": "cms.page", "node_guid": guid, "culture": culture, "name": alias, "alias": alias, "fields": fields});
        let known = |culture: &str| json!({"node_guid": PAGE_2, "culture": culture, "site": "main"});
        json!({
            "prepare": {"page": page},
            "objects": {"cms.user": {"ann": {"code_name": "ann"}}},
            "pages": {"cms.node": {"any": known(""), "english": known("en-US")}},
        })
    };
    rig.task(user).submit();
    let list = json!({"references": ["any", "english"]});
    rig.task(page(PAGE_1, "one", "en-US", &list)).of(TaskType::CreateDocument).submit();
    rig.task(page(PAGE_2, "two", "cs-CZ", &Value::Null)).of(TaskType::CreateDocument).submit();
    rig.pass("a");
    let related = |rig: &Rig| line(rig, "\"one\"")["cultures"]["en-US"]["fields"]["related"].as_array().map_or(0, Vec::len);
    assert_eq!(related(&rig), 1, "{}", rig.export());
    rig.task(page(PAGE_2, "two", "en-US", &Value::Null)).of(TaskType::CreateDocument).submit();
    rig.pass("a");
    assert_eq!(related(&rig), 2, "{}", rig.export());
}

#[test]
fn a_connector_warns_and_is_told_of_its_task() {
    let rig = Rig::new();
    let script = json!({
        "do": [{"told": true}, {"warn": {"message": "rounded", "path": "price"}}],
        "prepare": {"report": "told"},
    });
    rig.apply("report.toml", "[[object_type]]\nname = \"test.report\"\nfields = [{ name = \"acts\", kind = \"json\" }]");
    let task = rig.task(script).told("Order 7", "/data/order.json").data(DataType::Snapshot).submit();
    rig.pass("a");
    let report = line(&rig, "\"test.report\"");
    let acts: Value = serde_json::from_str(report["fields"]["acts"]["json"].as_str().unwrap()).unwrap();
    assert_eq!(acts[0], json!({"title": "Order 7", "file_name": "order.json", "site": "main"}));
    let entry = rig.entry(task);
    assert_eq!(entry.warnings.iter().map(|warning| &*warning.message).collect::<Vec<_>>(), ["price: rounded"]);
    assert_eq!(entry.warnings_total, 1);
}
