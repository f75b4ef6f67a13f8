use std::cell::Cell;
use std::rc::Rc;

use lockgate_guest::{Connector, DataType, Error, External, PageParent, Prepared, Task, TaskType, Value, http, secrets};
use serde_json::json;

use crate::Scripted;

fn prepare(script: &str) -> Result<Prepared, Error> {
    let task = Task { task_type: TaskType::CreateObject, data_type: DataType::Snapshot, site_name: None };
    Scripted::prepare_internal_object(External::new("application/json", script), task)
}

#[test]
fn an_object_comes_out_as_the_script_has_it() {
    let prepared = prepare(
        r#"{"prepare": {"object": {"object_type": "shop.product", "code_name": "a",
            "fields": {"z": 5, "a": null, "r": {"reference": "x"}, "j": {"json": {"k": 1}}, "f": 0.5},
            "children": [{"object_type": "shop.variant"},
                {"parent": 0, "object_type": "shop.x", "fields": [{"name": "n", "value": "v"}]}]}}}"#,
    );
    let Ok(Prepared::Object(object)) = prepared else { panic!("{prepared:?}") };
    let names: Vec<_> = object.fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["z", "a", "r", "j", "f"]);
    assert_eq!(object.get("z"), Some(&Value::from(5)));
    assert_eq!(object.get("a"), Some(&Value::Null));
    assert_eq!(object.get("r"), Some(&Value::reference("x")));
    assert_eq!(object.get("j"), Some(&Value::json(r#"{"k":1}"#)));
    assert_eq!(object.get("f"), Some(&Value::Real(0.5)));
    assert_eq!(object.children[1].parent, Some(0));
    assert_eq!(object.children[1].get("n"), Some(&Value::from("v")));
}

#[test]
fn what_1_1_adds_is_said_as_the_script_has_it() {
    let prepared = prepare(
        r#"{"prepare": {"object": {"object_type": "shop.product", "code_name": "a", "none_of": ["shop.variant"],
                "fields": {"tags": {"references": ["x", "y"]}}}},
            "do": [{"warn": {"message": "rounded", "path": "price"}}],
            "objects": {"cms.user": {"1": {"by_guid": "018f0000-0000-7000-8000-000000000001", "warn": "guessed"}}}}"#,
    );
    let Ok(Prepared::Object(object)) = prepared else { panic!("{prepared:?}") };
    assert_eq!((object.none_of.as_slice(), object.get("tags")), (&["shop.variant".to_owned()][..], Some(&Value::references(["x", "y"]))));
    let params = Scripted::get_internal_object_params("1", "cms.user").unwrap();
    assert_eq!((params.code_name.as_str(), params.guid.as_deref()), ("", Some("018f0000-0000-7000-8000-000000000001")));
    assert_eq!(lockgate_guest::testing::warnings(), ["price: rounded", "guessed"]);
}

#[test]
fn a_page_names_its_parent_in_each_way() {
    for (json, parent) in [
        (r#""root""#, PageParent::Root),
        (r#"{"path": "/a"}"#, PageParent::Path("/a".into())),
        (r#"{"node_guid": "g"}"#, PageParent::NodeGuid("g".into())),
    ] {
        let script = format!(r#"{{"prepare": {{"page": {{"class_name": "c", "culture": "en-US", "name": "n", "parent": {json}}}}}}}"#);
        let prepared = prepare(&script);
        let Ok(Prepared::Page(page)) = prepared else { panic!("{prepared:?}") };
        assert_eq!(page.parent, Some(parent));
    }
}

#[test]
fn params_come_from_the_script_that_was_prepared_last() {
    prepare(
        r#"{"prepare": {"skip": "x"},
            "objects": {"cms.user": {"1": {"code_name": "anna", "site": "s"},
                "2": {"error": {"kind": "unavailable", "message": "down", "retry_after_ms": 5}}}},
            "pages": {"blog.post": {"7": {"node_guid": "g", "culture": "en-US", "site": "s"}}}}"#,
    )
    .unwrap();
    let params = Scripted::get_internal_object_params("1", "cms.user").unwrap();
    assert_eq!((params.code_name.as_str(), params.site.as_deref()), ("anna", Some("s")));
    let error = Scripted::get_internal_object_params("2", "cms.user").unwrap_err();
    assert_eq!(error, Error::unavailable("down").retry_after(std::time::Duration::from_millis(5)));
    let error = Scripted::get_internal_object_params("3", "cms.user").unwrap_err();
    assert!(matches!(error, Error::NotFound(_)));
    let params = Scripted::get_internal_document_params("7", "blog.post").unwrap();
    assert_eq!(params.node_guid, "g");
}

#[test]
fn a_typing_error_in_a_script_is_invalid() {
    for script in [
        "no json",
        "{}",
        r#"{"prepare": {"skip": "x"}, "object": {}}"#,
        r#"{"prepare": {"skipp": "x"}}"#,
        r#"{"prepare": {"object": {"object_type": "t", "code_name": "c", "fields": {"a": {"txt": "x"}}}}}"#,
        r#"{"prepare": {"skip": "x"}, "objects": {"t": {"1": {"codename": "x"}}}}"#,
    ] {
        assert!(matches!(prepare(script), Err(Error::Invalid(_))), "{script}");
    }
}

#[test]
fn the_counter_counts_calls_on_one_instance() {
    let n = || match prepare(r#"{"prepare": {"counter": true}}"#) {
        Ok(Prepared::Object(object)) => object.get("n").cloned(),
        other => panic!("{other:?}"),
    };
    assert_eq!(n(), Some(Value::from(1)));
    assert_eq!(n(), Some(Value::from(2)));
}

fn report(script: &str) -> serde_json::Value {
    match prepare(script) {
        Ok(Prepared::Object(object)) => match object.get("acts") {
            Some(Value::Json(document)) => serde_json::from_str(document).unwrap(),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn acts_come_in_their_order_and_are_reported() {
    secrets::set("token", "placeholder");
    let report = report(
        r#"{"do": [{"secret": "token"}, {"secret": "none"}, {"state": {"set": ["a/1", "x"]}}, {"state": {"get": "a/1"}},
            {"state": {"keys": "a/"}}, {"state": {"delete": "a/1"}}, {"state": {"get": "a/1"}}, {"state": {"set_bytes": ["", 3]}},
            {"print": {"stderr": "line"}}], "prepare": {"report": "r"}}"#,
    );
    assert_eq!(report, json!(["placeholder", null, true, "x", ["a/1"], true, null, {"error": "invalid-key"}, true]));
}

#[test]
fn a_call_carries_placeholders_and_is_reported() {
    secrets::set("token", "placeholder");
    http::answer_with(|request| {
        assert_eq!((request.method.as_str(), request.url.as_str()), ("POST", "http://a/?key=placeholder"));
        assert_eq!(request.headers, [("x-key".to_owned(), "1 placeholder 2".to_owned())]);
        assert_eq!(request.body.as_deref(), Some(&b"b placeholder"[..]));
        Ok(http::Response { status: 201, headers: vec![("x".into(), b"y".to_vec())], body: b"made".to_vec() })
    });
    let report = report(
        r#"{"do": [{"http": {"method": "post", "url": "http://a/?key={secret:token}", "headers": {"x-key": "1 {secret:token} 2"},
            "body": "b {secret:token}"}}], "prepare": {"report": "r"}}"#,
    );
    assert_eq!(report, json!([{"status": 201, "headers": {"x": "y"}, "body": "made", "body_bytes": 4}]));
}

#[test]
fn a_call_without_an_answer_ends_as_the_script_says() {
    let calls = Rc::new(Cell::new(0));
    let counted = Rc::clone(&calls);
    http::answer_with(move |_| {
        counted.set(counted.get() + 1);
        Err(http::Error::Denied("no".into()))
    });
    let script =
        |on_error: &str| format!(r#"{{"do": [{{"http": {{"url": "http://a", "times": 3{on_error}}}}}], "prepare": {{"report": "r"}}}}"#);
    assert_eq!(report(&script("")), json!([{"error": "denied", "message": "no"}]));
    assert_eq!(calls.get(), 3);
    assert_eq!(prepare(&script(r#", "on_error": "unavailable""#)), Err(Error::unavailable("no")));
    assert_eq!(prepare(&script(r#", "on_error": "answer""#)), Err(Error::internal("no")));
}
