//! Small components that cost a compiler gigabytes or minutes. They are made here, by number of the
//! case; the child that compiles them is held to half a GiB, and bombs to one second.

use std::fmt::Write as _;
use std::fs;

use lockgate_core::ports::{Compiled, InstallError, Sandbox};
use lockgate_sandbox::SandboxOptions;

use crate::support::{Fixture, connector, guest};

/// With half a GiB, and all the time that is usual.
fn compile(component: &[u8]) -> Result<Compiled, InstallError> {
    compile_within(SandboxOptions::new("").compile_cpu_seconds_max, component)
}

fn compile_within(compile_cpu_seconds_max: u64, component: &[u8]) -> Result<Compiled, InstallError> {
    let fixture = Fixture::with(|options| {
        options.compile_memory_bytes_max = 512 << 20;
        options.compile_cpu_seconds_max = compile_cpu_seconds_max;
    });
    let result = fixture.sandbox.compile(component);
    let left = fs::read_dir(fixture.dir.path().join("artefacts")).unwrap().count();
    // Its machine code, and what was found out about it.
    assert_eq!(left, if result.is_ok() { 2 } else { 0 }, "nothing is left of what was refused");
    result
}

fn is_over_a_limit(component: &[u8]) {
    let error = compile_within(1, component).unwrap_err();
    assert_eq!(error.code, "compile-limit", "{error}");
    assert!(error.message.contains("compile_cpu_seconds_max") || error.message.contains("compile_memory_bytes_max"), "{error}");
}

/// A connector with one function more.
fn with_function(locals: usize, body: &str) -> Vec<u8> {
    connector(&format!("(func (param i32) (local {}) {body})", "i32 ".repeat(locals)), "unreachable")
}

#[test]
fn g8_a_chain_of_blocks_is_over_a_limit() {
    let block = "(block (br_if 0 (local.get 0)) (local.set 1 (i32.add (local.get 1) (i32.const 1))))";
    is_over_a_limit(&with_function(1, &block.repeat(60_000)));
}

#[test]
fn g9_many_loops_are_over_a_limit() {
    is_over_a_limit(&with_function(0, &"loop end ".repeat(200_000)));
}

#[test]
fn g10_many_large_tables_of_branches_are_over_a_limit() {
    let table = format!("(block (br_table {} (local.get 0)))", "0 ".repeat(10_000));
    is_over_a_limit(&with_function(0, &table.repeat(200)));
}

#[test]
fn g11_many_live_locals_over_a_loop_are_over_a_limit() {
    let mut body = String::from("(loop ");
    for local in 1..=20_000 {
        write!(body, "(local.set {local} (i32.add (local.get {local}) (local.get 0)))").unwrap();
    }
    body.push_str("(br_if 0 (local.get 1))) i32.const 0 ");
    // Used afterwards, or the compiler would leave them out.
    for local in 1..=20_000 {
        write!(body, "local.get {local} i32.add ").unwrap();
    }
    body.push_str("global.set $heap");
    is_over_a_limit(&with_function(20_000, &body));
}

#[test]
fn g12_a_function_of_seven_megabytes_is_over_a_limit() {
    is_over_a_limit(&with_function(0, &"(i32.store (local.get 0) (i32.load (local.get 0)))".repeat(700_000)));
}

#[test]
fn g13_a_hundred_thousand_functions_are_over_a_limit() {
    is_over_a_limit(&connector(&"(func)".repeat(100_000), "unreachable"));
}

/// Each component instantiates the one before twice, and the first one has a module.
fn nested(levels: usize) -> Vec<u8> {
    let mut wat = String::from("(component (component $c0 (core module $m) (core instance (instantiate $m)))");
    for level in 1..=levels {
        let before = level - 1;
        write!(wat, "(component $c{level} (instance (instantiate $c{before})) (instance (instantiate $c{before})))").unwrap();
    }
    write!(wat, "(instance (instantiate $c{levels})) {TRANSLATOR})").unwrap();
    wat::parse_str(wat).unwrap()
}

/// Enough to look like a connector until types are compared, which comes last.
const TRANSLATOR: &str = r#"(instance $translator) (export "lockgate:connector/translator@1.1.0" (instance $translator))"#;

#[test]
fn g14_components_that_double_with_each_level_are_over_a_limit() {
    let bomb = nested(26);
    assert!(bomb.len() < 2_000, "{} bytes", bomb.len());
    is_over_a_limit(&bomb);
}

/// What the compiler can bear is not yet what an instance may have. This, too, is found in the child:
/// the parent would need as much memory as the compiler did.
#[test]
fn g14_components_with_too_many_instances_are_refused_by_count() {
    let error = compile(&nested(10)).unwrap_err();
    assert_eq!(error.code, "compile-limit", "{error}");
    assert!(error.message.contains("1024 core module instances"), "{error}");
}

#[test]
fn g15_types_that_double_with_each_level_are_invalid() {
    let mut wat = String::from("(component (type $t0 (tuple u8 u8))");
    for level in 1..28 {
        write!(wat, "(type $t{level} (tuple $t{} $t{}))", level - 1, level - 1).unwrap();
    }
    write!(wat, "{TRANSLATOR})").unwrap();
    assert_eq!(compile(&wat::parse_str(wat).unwrap()).unwrap_err().code, "invalid-component");
}

#[test]
fn g15_types_nested_a_thousand_deep_are_invalid() {
    let mut wat = String::from("(component (type $t0 (list u8))");
    for level in 1..1_000 {
        write!(wat, "(type $t{level} (list $t{}))", level - 1).unwrap();
    }
    write!(wat, "{TRANSLATOR})").unwrap();
    assert_eq!(compile(&wat::parse_str(wat).unwrap()).unwrap_err().code, "invalid-component");
}

/// The other side of the limits.
#[test]
fn a_real_connector_needs_less_than_half_a_gib() {
    compile(guest()).unwrap();
}

#[test]
fn a_bomb_costs_this_process_nothing() {
    let before = resident_bytes();
    is_over_a_limit(&nested(26));
    let more = resident_bytes().saturating_sub(before);
    // The child had half a GiB. Other tests of this process run at the same time.
    assert!(more < 256 << 20, "{more} bytes more");
}

fn resident_bytes() -> u64 {
    let pages: u64 = fs::read_to_string("/proc/self/statm").unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4_096
}
