//! Guests that no SDK would make.

use std::sync::Arc;

use lockgate_core::failure::{Code, Failure};
use lockgate_core::history::{Level, Source};
use lockgate_core::ports::{Granted, Limits};

use crate::support::{Fixture, connector, prepare, run, start, translator};

fn fails(imports: &str, body: &str) -> Failure {
    let fixture = Fixture::new();
    let translator = translator(&fixture.sandbox, &connector(imports, body)).unwrap();
    let limits = Limits { deadline_ms: 100, ..Limits::default() };
    prepare(&mut *start(&*translator, &limits).unwrap(), "{}").unwrap_err()
}

const SLEEP: &str = r#"
    (import "wasi:clocks/monotonic-clock@0.2.0" "subscribe-duration" (func $subscribe (param i64) (result i32)))
    (import "wasi:io/poll@0.2.0" "[method]pollable.block" (func $block (param i32)))"#;

/// A waiting guest runs no wasm code, so that epochs do not stop it.
#[test]
fn who_waits_longer_than_the_deadline_ends_there() {
    let started = std::time::Instant::now();
    let failure = fails(SLEEP, "(call $block (call $subscribe (i64.const 3600000000000))) unreachable");
    assert_eq!(failure.code, Code::Deadline, "{failure}");
    assert!(started.elapsed().as_secs() < 20);
}

#[test]
fn who_waits_shortly_goes_on() {
    let failure = fails(SLEEP, "(call $block (call $subscribe (i64.const 1000000))) unreachable");
    assert_eq!(failure.code, Code::Trap, "{failure}");
}

#[test]
fn who_holds_too_many_resources_is_stopped() {
    let failure = fails(SLEEP, "(loop (drop (call $subscribe (i64.const 1000000))) (br 0)) unreachable");
    assert_eq!(failure.code, Code::Trap, "{failure}");
}

#[test]
fn an_exit_is_a_failure_even_with_success() {
    let exit = r#"(import "wasi:cli/exit@0.2.0" "exit" (func $exit (param i32)))"#;
    let failure = fails(exit, "(call $exit (i32.const 0)) unreachable");
    assert_eq!(failure.code, Code::Exit, "{failure}");
    assert!(failure.message.contains("exited with status 0"), "{failure}");
}

const PRINT: &str = r#"
    (import "wasi:cli/stderr@0.2.0" "get-stderr" (func $stderr (result i32)))
    (import "wasi:io/streams@0.2.0" "[method]output-stream.blocking-write-and-flush" (func $write (param i32 i32 i32 i32)))
    (data (i32.const 200) "one\ntwo\nthr")"#;

#[test]
fn what_is_printed_goes_to_the_log_by_lines() {
    let body =
        format!("(call $write (call $stderr) (i32.const 200) (i32.const 11) (i32.const 300)) {}", skip("(i32.const 200)", "(i32.const 3)"));
    let fixture = Fixture::new();
    let translator = translator(&fixture.sandbox, &connector(PRINT, &body)).unwrap();
    let mut instance = start(&*translator, &Limits::default()).unwrap();
    prepare(&mut *instance, "{}").unwrap();
    let log = instance.usage().log;
    assert_eq!(log.iter().map(|line| &*line.message).collect::<Vec<_>>(), ["one", "two", "thr"]);
    assert!(log.iter().all(|line| line.level == Level::Warn && line.source == Source::Guest));
}

#[test]
fn a_crash_shows_what_was_printed_before() {
    let failure = fails(PRINT, "(call $write (call $stderr) (i32.const 200) (i32.const 11) (i32.const 300)) unreachable");
    assert_eq!(failure.code, Code::Panic, "{failure}");
    assert!(failure.message.contains("it said: one"), "{failure}");
}

#[test]
fn a_guest_cannot_print_more_than_its_log_holds() {
    let body = "(loop (call $write (call $stderr) (i32.const 200) (i32.const 11) (i32.const 300)) (br 0)) unreachable";
    let fixture = Fixture::new();
    let translator = translator(&fixture.sandbox, &connector(PRINT, body)).unwrap();
    let limits = Limits { deadline_ms: 50, log_bytes_max: 1_000, ..Limits::default() };
    let mut instance = start(&*translator, &limits).unwrap();
    // Each turn takes a handle: whichever limit comes first.
    let failure = prepare(&mut *instance, "{}").unwrap_err();
    assert!(matches!(failure.code, Code::Deadline | Code::Trap), "{failure}");
    let bytes: usize = instance.usage().log.iter().map(|line| line.message.len()).sum();
    assert!(bytes < 1_100);
}

/// Result `ok(skip(text))`: tag 0, then tag 2 of `prepared`, then address and length.
fn skip(address: &str, bytes: &str) -> String {
    let payload = "(i32.const 512)";
    format!(
        "(i32.store8 {payload} (i32.const 0)) (i32.store8 offset=4 {payload} (i32.const 2))
         (i32.store offset=8 {payload} {address}) (i32.store offset=12 {payload} {bytes}) {payload}"
    )
}

#[test]
fn a_hand_written_answer_can_be_read() {
    let fixture = Fixture::new();
    let body = format!("(i32.store8 (i32.const 100) (i32.const 120)) {}", skip("(i32.const 100)", "(i32.const 1)"));
    let translator = translator(&fixture.sandbox, &connector("", &body)).unwrap();
    let answer = prepare(&mut *start(&*translator, &Limits::default()).unwrap(), "{}").unwrap();
    assert_eq!(answer, lockgate_core::prepared::Prepared::Skip("x".into()));
}

#[test]
fn a_string_outside_of_memory_is_bad_output() {
    assert_eq!(fails("", &skip("(i32.const 65000)", "(i32.const 65000)")).code, Code::BadOutput);
    assert_eq!(fails("", &skip("(i32.const -1)", "(i32.const -1)")).code, Code::BadOutput);
}

#[test]
fn text_that_is_not_utf_8_is_bad_output() {
    let body = format!("(i32.store8 (i32.const 100) (i32.const 255)) {}", skip("(i32.const 100)", "(i32.const 1)"));
    let failure = fails("", &body);
    assert_eq!(failure.code, Code::BadOutput, "{failure}");
}

#[test]
fn too_much_data_in_a_call_of_an_import_is_stopped_at_the_limit() {
    let log = r#"(import "lockgate:connector/log@1.1.0" "log" (func $log (param i32 i32 i32)))"#;
    let body = "(drop (memory.grow (i32.const 200))) (call $log (i32.const 2) (i32.const 0) (i32.const 10000000)) unreachable";
    let failure = fails(log, body);
    assert_eq!(failure.code, Code::OutputLimit, "{failure}");
    assert!(failure.message.contains("too much data"), "{failure}");
}

#[test]
fn an_unknown_case_is_bad_output() {
    let body = "(i32.store8 (i32.const 512) (i32.const 9)) (i32.const 512)";
    let failure = fails("", body);
    assert_eq!(failure.code, Code::BadOutput, "{failure}");
}

#[test]
fn a_start_function_that_never_ends_ends_at_the_deadline() {
    let fixture = Fixture::new();
    let endless = connector("(func $loop (loop (br 0))) (start $loop)", "unreachable");
    let translator = translator(&fixture.sandbox, &endless).unwrap();
    let limits = Limits { deadline_ms: 50, ..Limits::default() };
    let failure = start(&*translator, &limits).err().unwrap();
    assert_eq!(failure.code, Code::Deadline, "{failure}");
}

/// What toolchains run before the first call.
#[test]
fn what_was_said_before_a_failed_start_is_kept() {
    let fixture = Fixture::new();
    let log = r#"(import "lockgate:connector/log@1.1.0" "log" (func $log (param i32 i32 i32))) (data (i32.const 200) "one")
        (func (export "_initialize") (call $log (i32.const 2) (i32.const 200) (i32.const 3)) unreachable)"#;
    let translator = translator(&fixture.sandbox, &connector(log, "unreachable")).unwrap();
    let run = run(1_000);
    let not_started = translator.instance(&Arc::new(Granted::default()), &run).err().unwrap();
    assert_eq!(not_started.failure.code, Code::Trap, "{}", not_started.failure);
    assert_eq!(not_started.usage.log.iter().map(|line| &*line.message).collect::<Vec<_>>(), ["one"]);
    assert!(not_started.usage.memory_bytes >= 65_536);
}

#[test]
fn two_hundred_failures_leave_the_pool_whole() {
    let fixture = Fixture::new();
    let translator = translator(&fixture.sandbox, &connector("", "unreachable")).unwrap();
    for _ in 0..200 {
        let failure = prepare(&mut *start(&*translator, &Limits::default()).unwrap(), "{}").unwrap_err();
        assert_eq!(failure.code, Code::Trap);
    }
}

#[test]
fn without_a_free_slot_an_instance_is_refused_in_time() {
    let fixture = Fixture::new();
    let translator = translator(&fixture.sandbox, &connector("", "unreachable")).unwrap();
    let limits = Limits { deadline_ms: 20, ..Limits::default() };
    let held: Vec<_> = (0..8).map(|_| start(&*translator, &limits).unwrap()).collect();
    assert!(start(&*translator, &limits).is_err());
    drop(held);
    assert!(start(&*translator, &limits).is_ok());
}
