//! What is refused at install, and why.

use lockgate_core::ports::{InstallError, Sandbox};

use crate::support::{Fixture, WORLD, component, component_of, connector, guest};

fn refused(component: &[u8]) -> InstallError {
    Fixture::new().sandbox.compile(component).unwrap_err()
}

#[test]
fn garbage_is_refused() {
    for bytes in [&b""[..], b"\0asm", b"hello", &[0; 100_000], b"\0asm\x0d\0\x01\0garbage"] {
        assert_eq!(refused(bytes).code, "invalid-component");
    }
}

#[test]
fn a_core_module_is_refused_with_a_way_on() {
    let error = refused(&wat::parse_str("(module)").unwrap());
    assert_eq!(error.code, "invalid-component");
    assert!(error.message.contains("core module") && error.message.contains("wasm32-wasip2"), "{error}");
}

#[test]
fn a_truncated_component_is_refused() {
    assert_eq!(refused(&guest()[..guest().len() / 2]).code, "invalid-component");
}

#[test]
fn a_component_of_another_world_is_refused_naming_what_is_missing() {
    let error = refused(&wat::parse_str(r#"(component (instance $i) (export "wasi:cli/run@0.2.0" (instance $i)))"#).unwrap());
    assert_eq!(error.code, "missing-export");
    assert!(error.message.contains("lockgate:connector/translator@0.1.0"), "{error}");
    assert!(error.message.contains("wasi:cli/run@0.2.0"), "{error}");
}

#[test]
fn another_version_of_the_contract_is_refused() {
    let wat = r#"(component (instance $i) (export "lockgate:connector/translator@0.2.0" (instance $i)))"#;
    let error = refused(&wat::parse_str(wat).unwrap());
    assert_eq!(error.code, "incompatible-contract");
    assert!(error.message.contains("0.2.0") && error.message.contains("0.1.0"), "{error}");
}

#[test]
fn another_version_of_an_import_is_refused() {
    let wat = r#"(component
        (import "lockgate:connector/log@0.3.0" (instance))
        (instance $i) (export "lockgate:connector/translator@0.1.0" (instance $i)))"#;
    assert_eq!(refused(&wat::parse_str(wat).unwrap()).code, "incompatible-contract");
}

#[test]
fn a_missing_method_is_refused() {
    let wat = r#"(component (instance $i) (export "lockgate:connector/translator@0.1.0" (instance $i)))"#;
    let error = refused(&wat::parse_str(wat).unwrap());
    assert_eq!(error.code, "missing-export");
    assert!(error.message.contains("prepare-internal-object"), "{error}");
}

/// A record with one more field breaks every compiled connector: it must show at install.
#[test]
fn a_method_with_other_types_is_refused() {
    let module = r#"(module (memory (export "memory") 1)
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
        (func (export "lockgate:connector/translator@0.1.0#prepare-internal-object")
            (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32) unreachable)
        (func (export "lockgate:connector/translator@0.1.0#get-internal-object-params") (param i32 i32 i32 i32) (result i32) unreachable)
        (func (export "lockgate:connector/translator@0.1.0#get-internal-document-params") (param i32 i32 i32 i32) (result i32) unreachable))"#;
    let changed = component(
        module,
        WORLD,
        &[("culture: string,\n        site: string,", "culture: string,\n        site: string,\n        more: u32,")],
    );
    let error = refused(&changed);
    assert_eq!(error.code, "incompatible-contract", "{error}");
    assert!(error.message.contains("get-internal-document-params"), "{error}");
}

#[test]
fn imports_that_are_not_granted_are_listed() {
    let module = r#"(module (import "wasi:http/outgoing@0.2.0" "send" (func $send))
        (memory (export "memory") 1)
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
        (func (export "lockgate:connector/translator@0.1.0#prepare-internal-object")
            (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32) call $send unreachable)
        (func (export "lockgate:connector/translator@0.1.0#get-internal-object-params") (param i32 i32 i32 i32) (result i32) unreachable)
        (func (export "lockgate:connector/translator@0.1.0#get-internal-document-params") (param i32 i32 i32 i32) (result i32) unreachable))"#;
    let error = refused(&component_of(module, WORLD, "with-http", &[]));
    assert_eq!(error.code, "import-denied");
    assert!(error.message.contains("wasi:http/outgoing@0.2.0"), "{error}");
}

#[test]
fn foreign_imports_are_listed_and_a_component_without_is_strict() {
    let fixture = Fixture::new();
    assert!(fixture.sandbox.compile(&connector("", "unreachable")).unwrap().foreign_imports.is_empty());
    let foreign = fixture.sandbox.compile(guest()).unwrap().foreign_imports;
    assert!(foreign.iter().all(|name| name.starts_with("wasi:")), "{foreign:?}");
    assert!(foreign.is_sorted());
}
