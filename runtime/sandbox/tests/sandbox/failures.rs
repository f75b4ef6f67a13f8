//! What goes wrong in a guest has a stable code (promise 4).

use lockgate_core::failure::{Code, Failure};
use lockgate_core::ports::Limits;

use crate::support::{instance, prepare, scripted, start};

fn fails(script: &str) -> Failure {
    fails_with(script, &Limits::default())
}

fn fails_with(script: &str, limits: &Limits) -> Failure {
    prepare(&mut *start(&*scripted(), limits).unwrap(), script).unwrap_err()
}

#[test]
fn typed_errors_keep_their_code_message_and_path() {
    let codes =
        [("invalid", Code::Invalid), ("not-found", Code::NotFound), ("unsupported", Code::Unsupported), ("internal", Code::Internal)];
    for (kind, code) in codes {
        let script = format!(r#"{{"prepare": {{"error": {{"kind": "{kind}", "message": "why", "path": "a[1]"}}}}}}"#);
        let failure = fails(&script);
        assert_eq!((failure.code, &*failure.message, failure.path.as_deref()), (code, "why", Some("a[1]")));
    }
    let failure = fails(r#"{"prepare": {"error": {"kind": "unavailable", "message": "later", "retry_after_ms": 5}}}"#);
    assert_eq!((failure.code, failure.retry_after_ms), (Code::Unavailable, Some(5)));
}

#[test]
fn a_trap_is_named_and_ends_the_instance() {
    let mut instance = instance();
    let failure = prepare(&mut *instance, r#"{"prepare": {"trap": true}}"#).unwrap_err();
    assert_eq!(failure.code, Code::Trap, "{failure}");
    assert!(failure.message.contains("unreachable"), "{failure}");
    let again = prepare(&mut *instance, r#"{"prepare": {"skip": "-"}}"#).unwrap_err();
    assert_eq!(again.code, Code::Trap);
}

#[test]
fn a_panic_shows_its_message_and_place() {
    let failure = fails(r#"{"prepare": {"panic": "the shop is on fire"}}"#);
    assert_eq!(failure.code, Code::Panic, "{failure}");
    assert!(failure.message.contains("the shop is on fire"), "{failure}");
    assert!(failure.message.contains("panic_with"), "{failure}");
}

#[test]
fn an_endless_loop_ends_at_the_deadline() {
    let limits = Limits { deadline_ms: 50, ..Limits::default() };
    let started = std::time::Instant::now();
    let failure = fails_with(r#"{"prepare": {"loop": true}}"#, &limits);
    assert_eq!(failure.code, Code::Deadline, "{failure}");
    let took = started.elapsed().as_millis();
    assert!((50..2_000).contains(&took), "{took} ms");
}

#[test]
fn each_call_has_its_own_deadline() {
    let limits = Limits { deadline_ms: 300, ..Limits::default() };
    let mut instance = start(&*scripted(), &limits).unwrap();
    let until = std::time::Instant::now() + std::time::Duration::from_millis(600);
    while std::time::Instant::now() < until {
        prepare(&mut *instance, r#"{"prepare": {"skip": "-"}}"#).unwrap();
    }
}

#[test]
fn too_much_memory_is_a_memory_limit() {
    let limits = Limits { memory_bytes_max: 16 << 20, ..Limits::default() };
    let mut instance = start(&*scripted(), &limits).unwrap();
    let failure = prepare(&mut *instance, r#"{"prepare": {"allocate_mb": 64}}"#).unwrap_err();
    assert_eq!(failure.code, Code::MemoryLimit, "{failure}");
    assert!(instance.usage().memory_bytes <= 16 << 20);
}

#[test]
fn memory_beyond_the_pools_slots_is_a_memory_limit() {
    let limits = Limits { memory_bytes_max: 1 << 40, ..Limits::default() };
    let failure = fails_with(r#"{"prepare": {"allocate_mb": 300}}"#, &limits);
    assert_eq!(failure.code, Code::MemoryLimit, "{failure}");
}

#[test]
fn an_initial_memory_beyond_the_limit_is_a_memory_limit() {
    let limits = Limits { memory_bytes_max: 64 << 10, ..Limits::default() };
    let Err(failure) = start(&*scripted(), &limits) else { panic!("it started") };
    assert_eq!(failure.code, Code::MemoryLimit, "{failure}");
}

#[test]
fn a_stack_overflow_is_a_trap() {
    assert_eq!(fails(r#"{"prepare": {"recurse": true}}"#).code, Code::Trap);
}

#[test]
fn too_large_an_answer_is_stopped_at_the_limit() {
    let failure = fails(r#"{"prepare": {"large_mb": 16}}"#);
    assert_eq!(failure.code, Code::OutputLimit, "{failure}");
}

#[test]
fn a_malformed_value_is_bad_output_with_its_place() {
    let cases = [
        (r#"{"decimal": "1e5"}"#, "children[1].fields[qty]"),
        (r#"{"integer": "9223372036854775808"}"#, "children[1].fields[qty]"),
        (r#"{"timestamp": "yesterday"}"#, "children[1].fields[qty]"),
        (r#"{"guid": "0192f0c123457abc8def0123456789ab"}"#, "children[1].fields[qty]"),
    ];
    for (value, path) in cases {
        let script = format!(
            r#"{{"prepare": {{"object": {{"object_type": "t", "code_name": "c", "children": [
                {{"object_type": "t", "code_name": "a"}},
                {{"object_type": "t", "code_name": "b", "fields": {{"qty": {value}}}}}]}}}}}}"#
        );
        let failure = fails(&script);
        assert_eq!((failure.code, failure.path.as_deref()), (Code::BadOutput, Some(path)), "{failure}");
    }
}

#[test]
fn a_child_belongs_to_an_earlier_one() {
    let failure = fails(
        r#"{"prepare": {"object": {"object_type": "t", "code_name": "c", "children": [
            {"object_type": "t", "code_name": "a", "parent": 0}]}}}"#,
    );
    assert_eq!((failure.code, failure.path.as_deref()), (Code::BadOutput, Some("children[0].parent")));
}

#[test]
fn a_field_given_twice_is_bad_output() {
    let failure = fails(
        r#"{"prepare": {"object": {"object_type": "t", "code_name": "c",
            "fields": [{"name": "a", "value": 1}, {"name": "a", "value": 2}]}}}"#,
    );
    assert_eq!((failure.code, failure.path.as_deref()), (Code::BadOutput, Some("fields[a]")));
}

#[test]
fn a_type_name_with_a_space_is_bad_output() {
    let failure = fails(r#"{"prepare": {"object": {"object_type": "a b", "code_name": "c"}}}"#);
    assert_eq!((failure.code, failure.path.as_deref()), (Code::BadOutput, Some("object-type")));
}
