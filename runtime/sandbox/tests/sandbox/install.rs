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
    assert!(error.message.contains("lockgate:connector/translator@1.1.0"), "{error}");
    assert!(error.message.contains("wasi:cli/run@0.2.0"), "{error}");
}

#[test]
fn another_version_of_the_contract_is_refused() {
    let wat = r#"(component (instance $i) (export "lockgate:connector/translator@0.2.0" (instance $i)))"#;
    let error = refused(&wat::parse_str(wat).unwrap());
    assert_eq!(error.code, "incompatible-contract");
    assert!(error.message.contains("0.2.0") && error.message.contains("1.1.0 and 0.1.0"), "{error}");
}

#[test]
fn another_version_of_an_import_is_refused() {
    let wat = r#"(component
        (import "lockgate:connector/log@0.3.0" (instance))
        (instance $i) (export "lockgate:connector/translator@1.1.0" (instance $i)))"#;
    assert_eq!(refused(&wat::parse_str(wat).unwrap()).code, "incompatible-contract");
}

#[test]
fn a_missing_method_is_refused() {
    let wat = r#"(component (instance $i) (export "lockgate:connector/translator@1.1.0" (instance $i)))"#;
    let error = refused(&wat::parse_str(wat).unwrap());
    assert_eq!(error.code, "missing-export");
    assert!(error.message.contains("prepare-internal-object"), "{error}");
}

/// A record with one more field breaks every compiled connector: it must show at install.
#[test]
fn a_method_with_other_types_is_refused() {
    let module = r#"(module (memory (export "memory") 1)
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
        (func (export "lockgate:connector/translator@1.1.0#prepare-internal-object")
            (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32) unreachable)
        (func (export "lockgate:connector/translator@1.1.0#get-internal-object-params") (param i32 i32 i32 i32) (result i32) unreachable)
        (func (export "lockgate:connector/translator@1.1.0#get-internal-document-params") (param i32 i32 i32 i32) (result i32) unreachable))"#;
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
        (func (export "lockgate:connector/translator@1.1.0#prepare-internal-object")
            (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32) call $send unreachable)
        (func (export "lockgate:connector/translator@1.1.0#get-internal-object-params") (param i32 i32 i32 i32) (result i32) unreachable)
        (func (export "lockgate:connector/translator@1.1.0#get-internal-document-params") (param i32 i32 i32 i32) (result i32) unreachable))"#;
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

#[test]
fn the_manifest_arrives_as_it_stands_in_the_component() {
    let fixture = Fixture::new();
    let plain = connector("", "unreachable");
    assert_eq!(fixture.sandbox.compile(&plain).unwrap().manifest, None);
    // A section of its own at the end, as `connector add --manifest` appends it: id, length, name, text.
    let (name, text) = ("lockgate:manifest", "state = true\n");
    let length = u8::try_from(1 + name.len() + text.len()).unwrap();
    let section = [&[0, length, u8::try_from(name.len()).unwrap()], name.as_bytes(), text.as_bytes()].concat();
    let with_manifest = fixture.sandbox.compile(&[plain, section].concat()).unwrap();
    assert_eq!(with_manifest.manifest.as_deref(), Some(text));
}

#[test]
fn a_stranger_is_refused_before_it_is_compiled() {
    // Its only function would not compile in the time that it has.
    let body = "loop end ".repeat(200_000);
    let stranger = wat::parse_str(format!("(component (core module (func {body})))")).unwrap();
    let fixture = Fixture::with(|options| options.compile_cpu_seconds_max = 1);
    assert_eq!(fixture.sandbox.compile(&stranger).unwrap_err().code, "missing-export");
}

/// The engine's adapters between the parts of a composed component are written with several memories.
/// With that feature off, they make the compiler panic.
#[test]
fn a_component_composed_of_others_gets_as_far_as_its_types() {
    let module = r#"(core module $m (memory (export "memory") 1)
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
        (func (export "take") (param i32 i32)))"#;
    let composed = format!(
        r#"(component
            (component $inner {module} (core instance $i (instantiate $m))
                (func (export "take") (param "text" string)
                    (canon lift (core func $i "take") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))
            (component $outer (import "take" (func $take (param "text" string))) {module}
                (core instance $i (instantiate $m))
                (core func $lowered (canon lower (func $take) (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
                (core module $caller (import "" "take" (func (param i32 i32))))
                (core instance (instantiate $caller (with "" (instance (export "take" (func $lowered)))))))
            (instance $inner (instantiate $inner))
            (instance (instantiate $outer (with "take" (func $inner "take"))))
            (instance $translator) (export "lockgate:connector/translator@1.1.0" (instance $translator)))"#
    );
    let error = refused(&wat::parse_str(composed).unwrap());
    assert_eq!(error.code, "missing-export", "{error}");
    assert!(error.message.contains("prepare-internal-object"), "{error}");
}
