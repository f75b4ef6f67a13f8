//! What a well-behaved guest answers arrives as `core`'s types.

use lockgate_core::failure::Code;
use lockgate_core::names::{ExternalId, TypeName};
use lockgate_core::ports::{Granted, Limits};
use lockgate_core::prepared::{PageParent, Prepared};
use lockgate_core::value::{Given, Plain};

use crate::support::{NOW_MS, grant, instance, prepare, scripted, start};

fn id(text: &str) -> ExternalId {
    ExternalId::new(text).unwrap().unwrap()
}

fn fields(prepared: Prepared) -> Vec<(String, Given)> {
    let Prepared::Object(object) = prepared else { panic!("{prepared:?}") };
    object.row.fields.into_iter().map(|(name, value)| (name.to_string(), value)).collect()
}

fn field(fields: &[(String, Given)], name: &str) -> Given {
    fields.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone()).unwrap()
}

#[test]
fn an_object_arrives_with_children_in_order() {
    let script = r#"{"prepare": {"object": {
        "object_type": "shop.product", "code_name": "HL-U509", "display_name": "Helmet", "parent": "p1",
        "children": [
            {"object_type": "shop.variant", "code_name": "red"},
            {"object_type": "shop.price", "parent": 0, "fields": {"amount": {"decimal": "12.50"}}}
        ]}}}"#;
    let Prepared::Object(object) = prepare(&mut *instance(), script).unwrap() else { panic!() };
    assert_eq!(object.row.code_name.unwrap().as_str(), "HL-U509");
    assert_eq!(object.parent, Some(id("p1")));
    assert_eq!(object.children.len(), 2);
    assert_eq!(object.children[1].parent, Some(0));
    assert_eq!(object.children[1].row.code_name, None);
}

#[test]
fn what_a_guest_of_the_draft_says_beside_its_answers_arrives_with_them() {
    let guid = "018f0000-0000-7000-8000-000000000001";
    let script = format!(
        r#"{{"prepare": {{"object": {{"object_type": "shop.product", "code_name": "a", "none_of": ["shop.variant"]}}}},
            "objects": {{"cms.user": {{"1": {{"by_guid": "{guid}"}}, "2": {{"code_name": "anna"}}}}}}}}"#
    );
    let mut instance = instance();
    let Prepared::Object(object) = prepare(&mut *instance, &script).unwrap() else { panic!() };
    assert_eq!(object.none_of, [TypeName::new("shop.variant").unwrap()]);
    let mut user = |text: &str| instance.get_internal_object_params(&id(text), &TypeName::new("cms.user").unwrap()).unwrap();
    assert_eq!(user("1").guid, guid.parse().ok());
    assert_eq!((user("2").guid, user("2").code_name.as_str().to_owned()), (None, "anna".to_owned()));
}

#[test]
fn every_kind_of_value_arrives() {
    let script = r#"{"prepare": {"object": {"object_type": "t", "code_name": "c", "fields": {
        "null": {"null": true}, "boolean": {"boolean": true}, "integer": {"integer": "-9223372036854775808"},
        "decimal": {"decimal": "12.50"}, "real": {"real": 0.5}, "text": {"text": "ä"},
        "timestamp": {"timestamp": "2026-01-31T12:00:00Z"},
        "guid": {"guid": "0192F0C1-2345-7ABC-8DEF-0123456789AB"},
        "binary": {"binary": [0, 255]}, "json": {"json": {"a": [1]}},
        "reference": {"reference": "x"}, "none": {"reference": ""}}}}}"#;
    let fields = fields(prepare(&mut *instance(), script).unwrap());
    let plain = |name: &str| match field(&fields, name) {
        Given::Plain(plain) => plain,
        other => panic!("{other:?}"),
    };
    assert_eq!(field(&fields, "null"), Given::Null);
    assert_eq!(plain("boolean"), Plain::Boolean(true));
    assert_eq!(plain("integer"), Plain::Integer(i64::MIN));
    assert_eq!(plain("decimal"), Plain::Decimal("12.50".into()));
    assert_eq!(plain("real"), Plain::Real(0.5));
    assert_eq!(plain("text"), Plain::Text("ä".into()));
    assert_eq!(plain("timestamp"), Plain::Timestamp("2026-01-31T12:00:00Z".into()));
    assert_eq!(plain("guid"), Plain::Guid("0192f0c1-2345-7abc-8def-0123456789ab".parse().unwrap()));
    assert_eq!(plain("binary"), Plain::Binary(vec![0, 255].into()));
    assert_eq!(plain("json"), Plain::Json(r#"{"a":[1]}"#.into()));
    assert_eq!(field(&fields, "reference"), Given::Reference(Some(id("x"))));
    assert_eq!(field(&fields, "none"), Given::Reference(None));
}

#[test]
fn a_page_arrives() {
    let script = r#"{"prepare": {"page": {"class_name": "blog.post", "culture": "en-US", "name": "Hello",
        "alias": "hello", "parent": {"path": "/blog/2026"}, "order": 3, "published": true}}}"#;
    let Prepared::Page(page) = prepare(&mut *instance(), script).unwrap() else { panic!() };
    assert_eq!(page.culture.as_str(), "en-US");
    assert_eq!((page.order, page.published), (Some(3), Some(true)));
    assert!(matches!(page.parent, Some(PageParent::Path(steps)) if steps.len() == 2));
}

#[test]
fn a_skip_arrives_with_its_reason() {
    assert_eq!(prepare(&mut *instance(), r#"{"prepare": {"skip": "a draft"}}"#), Ok(Prepared::Skip("a draft".into())));
}

#[test]
fn params_are_asked_of_the_instance_that_prepared() {
    let script = r#"{"prepare": {"skip": "-"},
        "objects": {"shop.category": {"c1": {"code_name": "helmets", "parent": "c0"}}},
        "pages": {"blog.post": {"7": {"node_guid": "0192f0c1-2345-7abc-8def-0123456789ab", "culture": "en-US", "site": "corporate"}}}}"#;
    let mut instance = instance();
    prepare(&mut *instance, script).unwrap();
    let object_type = TypeName::new("shop.category").unwrap();
    let params = instance.get_internal_object_params(&id("c1"), &object_type).unwrap();
    assert_eq!((params.code_name.as_str(), params.parent), ("helmets", Some(id("c0"))));
    let class = TypeName::new("blog.post").unwrap();
    let params = instance.get_internal_document_params(&id("7"), &class).unwrap();
    assert_eq!(params.site.as_str(), "corporate");
    // A typed error leaves the instance alive.
    let failure = instance.get_internal_object_params(&id("unknown"), &object_type).unwrap_err();
    assert_eq!(failure.code, Code::NotFound);
    assert!(instance.get_internal_object_params(&id("c1"), &object_type).is_ok());
}

#[test]
fn each_task_has_a_fresh_instance() {
    let script = r#"{"prepare": {"counter": true}}"#;
    let mut first = instance();
    prepare(&mut *first, script).unwrap();
    assert_eq!(field(&fields(prepare(&mut *first, script).unwrap()), "n"), Given::Plain(Plain::Integer(2)));
    assert_eq!(field(&fields(prepare(&mut *instance(), script).unwrap()), "n"), Given::Plain(Plain::Integer(1)));
}

#[test]
fn a_guest_sees_its_settings_and_the_hosts_time() {
    let granted = Granted { settings: [("shop".to_owned(), "eu".to_owned())].into(), ..Granted::default() };
    let mut instance = grant(&*scripted(), granted).unwrap();
    let fields = fields(prepare(&mut *instance, r#"{"prepare": {"echo": ["shop", "secret"]}}"#).unwrap());
    assert_eq!(field(&fields, "setting.shop"), Given::Plain(Plain::Text("eu".into())));
    assert_ne!(fields.iter().find(|(n, _)| n == "setting.secret").map(|(_, v)| v), Some(&Given::Plain(Plain::Text("eu".into()))));
    assert_eq!(field(&fields, "now_ms"), Given::Plain(Plain::Integer(NOW_MS)));
}

#[test]
fn usage_tells_memory_time_and_log() {
    let mut instance = instance();
    prepare(&mut *instance, r#"{"logs": ["one", "two"], "prepare": {"skip": "-"}}"#).unwrap();
    let usage = instance.usage();
    assert!(usage.memory_bytes > 64 << 10, "{usage:?}");
    assert_eq!(usage.log.iter().map(|line| &*line.message).collect::<Vec<_>>(), ["one", "two"]);
}

#[test]
fn a_log_ends_at_its_limits_and_says_so() {
    let limits = Limits { log_lines_max: 10, ..Limits::default() };
    let mut instance = start(&*scripted(), &limits).unwrap();
    prepare(&mut *instance, r#"{"prepare": {"log_lines": 1000}}"#).unwrap();
    let log = instance.usage().log;
    assert_eq!(log.len(), 11);
    assert!(log[10].message.contains("990 more lines dropped"), "{:?}", log[10]);
}
