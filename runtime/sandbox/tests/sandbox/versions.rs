//! Components of every served version of the contract get every import, with what it should answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use lockgate_core::failure::{Code, Failure};
use lockgate_core::names::{ExternalId, TypeName};
use lockgate_core::ports::{Granted, Run, TaskInfo};
use lockgate_core::prepared::{ObjectParams, Prepared};

use crate::support::{BASICS, Fixture, WORLD, component_by, component_of, prepare, run, translator};

/// Calls every import of the contract, traps where an answer is wrong, and answers with a skip.
const MODULE: &str = r#"(module
    (import "lockgate:connector/log@1.1.0" "log" (func $log (param i32 i32 i32)))
    (import "lockgate:connector/clock@1.1.0" "now-ms" (func $now (result f64)))
    (import "lockgate:connector/random@1.1.0" "bytes" (func $random (param i32 i32)))
    (import "lockgate:connector/settings@1.1.0" "get" (func $setting (param i32 i32 i32)))
    (import "lockgate:connector/secrets@1.1.0" "get" (func $secret (param i32 i32 i32)))
    (import "lockgate:connector/state@1.1.0" "get" (func $get (param i32 i32 i32)))
    (import "lockgate:connector/state@1.1.0" "set" (func $set (param i32 i32 i32 i32 i32)))
    (import "lockgate:connector/state@1.1.0" "delete" (func $delete (param i32 i32 i32)))
    (import "lockgate:connector/state@1.1.0" "keys" (func $keys (param i32 i32 i32)))
    %BASICS%
    (data (i32.const 100) "currency")
    (data (i32.const 120) "DKK")
    (func $is (param i32 i32) (if (i32.ne (local.get 0) (local.get 1)) (then unreachable)))
    (func (export "lockgate:connector/translator@1.1.0#prepare-internal-object")
        (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
        (call $log (i32.const 3) (i32.const 100) (i32.const 8))
        (if (f64.ne (call $now) (f64.const 1234)) (then unreachable))
        (call $random (i32.const 5) (i32.const 200))
        (call $is (i32.load (i32.const 204)) (i32.const 5))
        ;; The setting is there, and the secret is not.
        (call $setting (i32.const 100) (i32.const 8) (i32.const 200))
        (call $is (i32.load8_u (i32.const 200)) (i32.const 1))
        (call $is (i32.load (i32.const 208)) (i32.const 3))
        (call $is (i32.load8_u (i32.load (i32.const 204))) (i32.const 68))
        (call $secret (i32.const 100) (i32.const 8) (i32.const 200))
        (call $is (i32.load8_u (i32.const 200)) (i32.const 0))
        ;; What was never written, is written, is read, is listed, and is deleted.
        (call $get (i32.const 100) (i32.const 8) (i32.const 200))
        (call $is (i32.load8_u (i32.const 200)) (i32.const 0))
        (call $set (i32.const 100) (i32.const 8) (i32.const 120) (i32.const 3) (i32.const 224))
        (call $is (i32.load8_u (i32.const 224)) (i32.const 0))
        (call $set (i32.const 100) (i32.const 0) (i32.const 120) (i32.const 3) (i32.const 224))
        (call $is (i32.load8_u (i32.const 224)) (i32.const 1))
        (call $get (i32.const 100) (i32.const 8) (i32.const 200))
        (call $is (i32.load8_u (i32.const 200)) (i32.const 1))
        (call $is (i32.load (i32.const 208)) (i32.const 3))
        (call $keys (i32.const 100) (i32.const 3) (i32.const 200))
        (call $is (i32.load (i32.const 204)) (i32.const 1))
        (call $delete (i32.const 100) (i32.const 8) (i32.const 224))
        (call $is (i32.load8_u (i32.const 224)) (i32.const 0))
        (call $keys (i32.const 100) (i32.const 0) (i32.const 200))
        (call $is (i32.load (i32.const 204)) (i32.const 0))
        (i32.store8 (i32.const 512) (i32.const 0))
        (i32.store8 (i32.const 516) (i32.const 2))
        (i32.store (i32.const 520) (i32.const 100))
        (i32.store (i32.const 524) (i32.const 8))
        (i32.const 512))
    (func (export "lockgate:connector/translator@1.1.0#get-internal-object-params") (param i32 i32 i32 i32) (result i32) unreachable)
    (func (export "lockgate:connector/translator@1.1.0#get-internal-document-params") (param i32 i32 i32 i32) (result i32) unreachable))"#;

/// `version` is the published one itself, or a later patch of it.
fn gets_every_import(published: &str, version: &str) {
    let [from, named] = [published, version].map(|version| format!("@{version}"));
    let of = |text: &str| text.replace("@1.1.0", &named);
    let contract = format!("published/{published}/connector.wit");
    let module = of(&MODULE.replace("%BASICS%", BASICS));
    let component = component_by(&contract, &module, &of(WORLD), "tested", &[(&from, &named)]);
    let fixture = Fixture::new();
    let translator = translator(&fixture.sandbox, &component).unwrap();
    let settings = BTreeMap::from([("currency".to_owned(), "DKK".to_owned())]);
    let granted = Granted { settings, state: true, ..Granted::default() };
    let run = Run { now_ms: 1234, ..run(granted.limits.deadline_ms) };
    let mut instance = translator.instance(&Arc::new(granted), &run).unwrap_or_else(|error| panic!("{}", error.failure));
    let prepared = prepare(&mut *instance, "").unwrap_or_else(|failure| panic!("{version}: {failure}"));
    assert!(matches!(&prepared, Prepared::Skip(why) if &**why == "currency"), "{prepared:?}");
    assert_eq!(instance.usage().log.iter().map(|line| &*line.message).collect::<Vec<_>>(), ["currency"]);
}

#[test]
fn todays_connectors_get_every_import() {
    gets_every_import("1.1.0", "1.1.0");
}

#[test]
fn connectors_of_1_0_get_every_import() {
    gets_every_import("1.0.0", "1.0.0");
}

#[test]
fn connectors_of_0_1_get_every_import() {
    gets_every_import("0.1.0", "0.1.0");
}

#[test]
fn those_of_a_later_patch_are_served_with_what_there_is() {
    gets_every_import("1.1.0", "1.1.7");
    gets_every_import("1.0.0", "1.0.7");
    gets_every_import("0.1.0", "0.1.3");
}

/// Warns of what the external object, the title, the site and the file name say, and prepares nothing. The params methods warn of the
/// id, and answer with it.
const WARNS: &str = r#"(module
    (import "lockgate:connector/warnings@1.1.0" "warn" (func $warn (param i32 i32 i32 i32 i32)))
    (import "lockgate:connector/task@1.1.0" "title" (func $title (param i32)))
    (import "lockgate:connector/task@1.1.0" "file-name" (func $file (param i32)))
    (import "lockgate:connector/task@1.1.0" "site" (func $site (param i32)))
    %BASICS%
    (data (i32.const 100) "items[3]")
    (data (i32.const 120) "none")
    (func $told (param i32)
        (if (i32.load8_u (local.get 0))
            (then (call $warn (i32.load (i32.add (local.get 0) (i32.const 4))) (i32.load (i32.add (local.get 0) (i32.const 8)))
                (i32.const 0) (i32.const 0) (i32.const 0)))
            (else (call $warn (i32.const 120) (i32.const 4) (i32.const 0) (i32.const 0) (i32.const 0)))))
    (func (export "lockgate:connector/translator@1.1.0#prepare-internal-object")
        (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
        (call $warn (local.get 2) (local.get 3) (i32.const 1) (i32.const 100) (i32.const 8))
        (call $title (i32.const 200)) (call $told (i32.const 200))
        (call $file (i32.const 200)) (call $told (i32.const 200))
        (call $site (i32.const 200)) (call $told (i32.const 200))
        %PREPARE%
        (i32.store8 (i32.const 512) (i32.const 0))
        (i32.store8 (i32.const 516) (i32.const 2))
        (i32.const 512))
    (func (export "lockgate:connector/translator@1.1.0#get-internal-object-params") (param i32 i32 i32 i32) (result i32)
        (call $warn (local.get 0) (local.get 1) (i32.const 0) (i32.const 0) (i32.const 0))
        (call $site (i32.const 200)) (call $told (i32.const 200))
        (i32.store (i32.const 704) (local.get 0))
        (i32.store (i32.const 708) (local.get 1))
        (i32.const 700))
    (func (export "lockgate:connector/translator@1.1.0#get-internal-document-params") (param i32 i32 i32 i32) (result i32) unreachable))"#;

/// What it warned of, and how often, of a task with this external object.
fn warned(prepare_more: &str, task: TaskInfo, body: &str, ids: &[&str]) -> (Vec<String>, u32) {
    let component = component_of(&WARNS.replace("%BASICS%", BASICS).replace("%PREPARE%", prepare_more), WORLD, "tested", &[]);
    let fixture = Fixture::new();
    let translator = translator(&fixture.sandbox, &component).unwrap();
    let granted = Granted::default();
    let run = Run { task, ..run(granted.limits.deadline_ms) };
    let mut instance = translator.instance(&Arc::new(granted), &run).unwrap_or_else(|error| panic!("{}", error.failure));
    prepare(&mut *instance, body).unwrap();
    let product = TypeName::new("shop.product").unwrap();
    for id in ids {
        instance.get_internal_object_params(&ExternalId::new(id).unwrap().unwrap(), &product).unwrap();
    }
    let usage = instance.usage();
    assert!(usage.warnings.iter().all(|warning| &*warning.code == "connector-warning"));
    (usage.warnings.iter().map(|warning| warning.message.to_string()).collect(), usage.warnings_total)
}

#[test]
fn a_connector_of_1_1_warns_and_is_told_of_its_task_in_every_method() {
    let site = lockgate_core::names::SiteName::new("main").unwrap();
    let task = TaskInfo { title: Some("Order 7".into()), file_name: Some("order.json".into()), site: Some(site) };
    let (warnings, total) = warned("", task, "rounded\u{1b}[2J", &["anna"]);
    assert_eq!(warnings[1..], ["Order 7", "order.json", "main", "anna", "main"]);
    assert!(warnings[0].starts_with("items[3]: rounded") && !warnings[0].contains('\u{1b}'), "{warnings:?}");
    assert_eq!(total, 6);
    assert_eq!(warned("", TaskInfo::default(), "x", &[]).0, ["items[3]: x", "none", "none", "none"]);
}

#[test]
fn warnings_are_bounded_and_counted() {
    let many = "(loop (call $warn (i32.const 120) (i32.const 4) (i32.const 0) (i32.const 0) (i32.const 0))
        (i32.store (i32.const 900) (i32.add (i32.load (i32.const 900)) (i32.const 1)))
        (br_if 0 (i32.lt_u (i32.load (i32.const 900)) (i32.const 50000))))";
    let (warnings, total) = warned(many, TaskInfo::default(), &"é".repeat(5_000), &[]);
    assert_eq!((warnings.len(), total), (100, 50_004));
    assert!(warnings[0].len() <= 1_010, "{}", warnings[0].len());
}

/// Says that a product has none of two types, one of them twice, and names what it is asked for by the
/// GUID that the external id is.
const OF_1_1: &str = r#"(module
    (import "lockgate:connector/children@1.1.0" "none" (func $none (param i32 i32)))
    (import "lockgate:connector/identity@1.1.0" "by-guid" (func $by_guid (param i32 i32)))
    %BASICS%
    (data (i32.const 100) "shop.product")
    (data (i32.const 120) "shop.variant")
    (data (i32.const 140) "shop.image")
    (func (export "lockgate:connector/translator@1.1.0#prepare-internal-object")
        (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
        (call $by_guid (i32.const 100) (i32.const 12))
        (call $none (i32.const 120) (i32.const 12))
        (call $none (i32.const 140) (i32.const 10))
        (call $none (i32.const 120) (i32.const 12))
        %PREPARE%
        ;; A product named like its type.
        (i32.store (i32.const 520) (i32.const 100))
        (i32.store (i32.const 524) (i32.const 12))
        (i32.store (i32.const 528) (i32.const 100))
        (i32.store (i32.const 532) (i32.const 12))
        (i32.const 512))
    (func (export "lockgate:connector/translator@1.1.0#get-internal-object-params") (param i32 i32 i32 i32) (result i32)
        (call $none (i32.const 120) (i32.const 12))
        (if (i32.gt_u (local.get 1) (i32.const 1)) (then (call $by_guid (local.get 0) (local.get 1))))
        (i32.store (i32.const 704) (local.get 0))
        (i32.store (i32.const 708) (i32.and (local.get 1) (i32.const 1)))
        (i32.const 700))
    (func (export "lockgate:connector/translator@1.1.0#get-internal-document-params") (param i32 i32 i32 i32) (result i32) unreachable))"#;

/// What a connector of 1.1 prepares, and the params that it then gives for these ids.
fn of_1_1(prepare_more: &str, ids: &[&str]) -> (Result<Prepared, Failure>, Vec<Result<ObjectParams, Failure>>) {
    let module = OF_1_1.replace("%BASICS%", BASICS).replace("%PREPARE%", prepare_more);
    let component = component_of(&module, WORLD, "tested", &[]);
    let fixture = Fixture::new();
    let translator = translator(&fixture.sandbox, &component).unwrap();
    // Nothing is granted.
    let granted = Granted::default();
    let run = run(granted.limits.deadline_ms);
    let mut instance = translator.instance(&Arc::new(granted), &run).unwrap_or_else(|error| panic!("{}", error.failure));
    let prepared = prepare(&mut *instance, "");
    let product = TypeName::new("shop.product").unwrap();
    let params = ids.iter().map(|id| instance.get_internal_object_params(&ExternalId::new(id).unwrap().unwrap(), &product)).collect();
    (prepared, params)
}

#[test]
fn section_7_5_a_connector_of_1_1_says_what_an_object_has_none_of() {
    let (prepared, _) = of_1_1("", &[]);
    let Prepared::Object(object) = prepared.unwrap() else { panic!("an object") };
    assert_eq!(object.none_of.iter().map(TypeName::as_str).collect::<Vec<_>>(), ["shop.variant", "shop.image"]);
    // What is no name of a type is told with the answer.
    let (prepared, _) = of_1_1("(call $none (i32.const 101) (i32.const 0))", &[]);
    let failure = prepared.unwrap_err();
    assert_eq!((failure.code, failure.path.as_deref()), (Code::BadOutput, Some("children.none[3]")), "{failure}");
    // Calls without end are bounded like an answer.
    let many = "(loop (call $none (i32.const 120) (i32.const 12))
        (i32.store (i32.const 900) (i32.add (i32.load (i32.const 900)) (i32.const 1)))
        (br_if 0 (i32.lt_u (i32.load (i32.const 900)) (i32.const 5000))))";
    let failure = of_1_1(many, &[]).0.unwrap_err();
    assert_eq!((failure.code, failure.path.as_deref()), (Code::BadOutput, Some("children.none")), "{failure}");
}

#[test]
fn section_7_2_a_connector_of_1_1_names_an_object_by_its_guid() {
    let guid = "018f0000-0000-7000-8000-00000000000A";
    let (_, params) = of_1_1("", &[guid, "x", guid]);
    let [first, second, third] = params.try_into().unwrap();
    let found: ObjectParams = first.unwrap();
    assert_eq!((found.guid, found.code_name.as_str()), (guid.parse().ok(), "018f0000-0000-7000-8000-00000000000a"));
    // What was said while another was asked for is forgotten.
    assert_eq!(second.unwrap().guid, None);
    assert!(third.unwrap().guid.is_some());
    let failure = of_1_1("", &["anna"]).1.remove(0).unwrap_err();
    assert_eq!((failure.code, failure.path.as_deref()), (Code::BadOutput, Some("identity.by-guid")), "{failure}");
}
