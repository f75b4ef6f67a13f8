//! Components of every served version of the contract get every import, with what it should answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use lockgate_core::ports::{Granted, Run};
use lockgate_core::prepared::Prepared;

use crate::support::{BASICS, Fixture, WORLD, component_of, prepare, run, translator};

/// Calls every import of the contract, traps where an answer is wrong, and answers with a skip.
const MODULE: &str = r#"(module
    (import "lockgate:connector/log@1.0.0" "log" (func $log (param i32 i32 i32)))
    (import "lockgate:connector/clock@1.0.0" "now-ms" (func $now (result f64)))
    (import "lockgate:connector/random@1.0.0" "bytes" (func $random (param i32 i32)))
    (import "lockgate:connector/settings@1.0.0" "get" (func $setting (param i32 i32 i32)))
    (import "lockgate:connector/secrets@1.0.0" "get" (func $secret (param i32 i32 i32)))
    (import "lockgate:connector/state@1.0.0" "get" (func $get (param i32 i32 i32)))
    (import "lockgate:connector/state@1.0.0" "set" (func $set (param i32 i32 i32 i32 i32)))
    (import "lockgate:connector/state@1.0.0" "delete" (func $delete (param i32 i32 i32)))
    (import "lockgate:connector/state@1.0.0" "keys" (func $keys (param i32 i32 i32)))
    %BASICS%
    (data (i32.const 100) "currency")
    (data (i32.const 120) "DKK")
    (func $is (param i32 i32) (if (i32.ne (local.get 0) (local.get 1)) (then unreachable)))
    (func (export "lockgate:connector/translator@1.0.0#prepare-internal-object")
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
    (func (export "lockgate:connector/translator@1.0.0#get-internal-object-params") (param i32 i32 i32 i32) (result i32) unreachable)
    (func (export "lockgate:connector/translator@1.0.0#get-internal-document-params") (param i32 i32 i32 i32) (result i32) unreachable))"#;

fn gets_every_import(version: &str) {
    let named = format!("@{version}");
    let of = |text: &str| text.replace("@1.0.0", &named);
    let component = component_of(&of(&MODULE.replace("%BASICS%", BASICS)), &of(WORLD), "tested", &[("@1.0.0", &named)]);
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
    gets_every_import("1.0.0");
}

#[test]
fn connectors_of_0_1_get_every_import() {
    gets_every_import("0.1.0");
}

#[test]
fn those_of_a_later_patch_are_served_with_what_there_is() {
    gets_every_import("1.0.7");
    gets_every_import("0.1.3");
}
