//! The same run of the same component is the same to the bit: time and randomness come with the run (bus-semantics §13).

use std::collections::BTreeMap;
use std::sync::Arc;

use lockgate_core::egress::{Egress, SecretGrant, SecretText};
use lockgate_core::failure::Code;
use lockgate_core::ports::{Granted, Limits, Run, Translator};

use crate::support::{Fixture, NOW_MS, connector, prepare, run, start, translator};

/// Bytes of what is noted at a time.
const NOTED: usize = 128;

/// Notes all that it can find of time and randomness, waits for 7 ms, notes it again, and keeps both as its state.
const IMPORTS: &str = r#"
    (import "lockgate:connector/clock@1.1.0" "now-ms" (func $now (result f64)))
    (import "lockgate:connector/random@1.1.0" "bytes" (func $random (param i32 i32)))
    (import "lockgate:connector/secrets@1.1.0" "get" (func $secret (param i32 i32 i32)))
    (import "lockgate:connector/state@1.1.0" "set" (func $set (param i32 i32 i32 i32 i32)))
    (import "wasi:clocks/wall-clock@0.2.0" "now" (func $wall (param i32)))
    (import "wasi:clocks/monotonic-clock@0.2.0" "now" (func $monotonic (result i64)))
    (import "wasi:clocks/monotonic-clock@0.2.0" "subscribe-duration" (func $subscribe (param i64) (result i32)))
    (import "wasi:io/poll@0.2.0" "[method]pollable.block" (func $block (param i32)))
    (import "wasi:random/random@0.2.0" "get-random-bytes" (func $wasi_bytes (param i64 i32)))
    (import "wasi:random/random@0.2.0" "get-random-u64" (func $wasi_u64 (result i64)))
    (import "wasi:random/insecure@0.2.0" "get-insecure-random-u64" (func $insecure (result i64)))
    (import "wasi:random/insecure-seed@0.2.0" "insecure-seed" (func $seed (param i32)))
    (data (i32.const 100) "key")
    (func $note (param $at i32)
        (f64.store (local.get $at) (call $now))
        (call $wall (i32.add (local.get $at) (i32.const 8)))
        (i64.store (i32.add (local.get $at) (i32.const 24)) (call $monotonic))
        (i64.store (i32.add (local.get $at) (i32.const 32)) (call $wasi_u64))
        (i64.store (i32.add (local.get $at) (i32.const 40)) (call $insecure))
        (call $seed (i32.add (local.get $at) (i32.const 48)))
        (call $random (i32.const 8) (i32.const 200))
        (i64.store (i32.add (local.get $at) (i32.const 64)) (i64.load (i32.load (i32.const 200))))
        (call $wasi_bytes (i64.const 8) (i32.const 200))
        (i64.store (i32.add (local.get $at) (i32.const 72)) (i64.load (i32.load (i32.const 200))))
        (call $secret (i32.const 100) (i32.const 3) (i32.const 200))
        (memory.copy (i32.add (local.get $at) (i32.const 80)) (i32.load (i32.const 204)) (i32.load (i32.const 208))))"#;
const PREPARE: &str = r#"
    (call $note (i32.const 8192))
    (call $block (call $subscribe (i64.const 7000000)))
    (call $note (i32.const 8320))
    (call $set (i32.const 100) (i32.const 3) (i32.const 8192) (i32.const 256) (i32.const 224))
    (i32.store8 (i32.const 516) (i32.const 2))
    (i32.store (i32.const 520) (i32.const 100))
    (i32.store (i32.const 524) (i32.const 3))
    (i32.const 512)"#;

/// What it has noted in this run.
fn noted(translator: &dyn Translator, run: &Run) -> Vec<u8> {
    let secret = SecretGrant { value: SecretText::new("value"), origins: Vec::new() };
    let egress = Egress { secrets: BTreeMap::from([("key".to_owned(), secret)]), ..Egress::default() };
    let granted = Arc::new(Granted { state: true, egress, ..Granted::default() });
    let mut instance = translator.instance(&granted, run).unwrap_or_else(|not_started| panic!("{}", not_started.failure));
    prepare(&mut *instance, "").unwrap();
    let noted = instance.usage().state.remove("key").flatten().unwrap();
    assert_eq!(noted.len(), 2 * NOTED);
    noted.to_vec()
}

fn word(noted: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(noted[at..at + 8].try_into().unwrap())
}

#[test]
fn a_run_is_repeated_to_the_bit() {
    let fixture = Fixture::new();
    let translator = translator(&fixture.sandbox, &connector(IMPORTS, PREPARE)).unwrap();
    let first = noted(&*translator, &run(5_000));
    assert_eq!(noted(&*translator, &run(5_000)), first);
    assert_eq!(noted(&*translator, &Run { deadline_ms: 10_000, ..run(5_000) }), first);
    // Each source depends on the seed, and none is another's.
    let other = noted(&*translator, &Run { seed: [8; 32], ..run(5_000) });
    let sources = [32, 40, 48, 56, 64, 72, 96, 104];
    for at in sources {
        assert_ne!(word(&first, at), word(&other, at), "{at}");
    }
    let all: std::collections::BTreeSet<_> = sources.iter().map(|at| word(&first, *at)).collect();
    assert_eq!(all.len(), sources.len());
    // Fresh bytes each time, but for the seed and the placeholder.
    for at in [32, 40, 64, 72] {
        assert_ne!(word(&first, at), word(&first, NOTED + at), "{at}");
    }
    assert_eq!(first[48..64], first[NOTED + 48..NOTED + 64]);
    assert_eq!(first[80..NOTED], first[NOTED + 80..]);
    assert!(first[80..].starts_with(b"lockgate-secret-"));
}

#[test]
fn time_begins_with_the_run_and_goes_on_by_what_the_guest_waits_for() {
    let fixture = Fixture::new();
    let translator = translator(&fixture.sandbox, &connector(IMPORTS, PREPARE)).unwrap();
    let noted = noted(&*translator, &run(5_000));
    for (at, passed_ms) in [(0, 0), (NOTED, 7)] {
        let now_ms = f64::from_bits(word(&noted, at));
        assert_eq!(now_ms, (NOW_MS + passed_ms) as f64);
        let nanoseconds = u32::from_le_bytes(noted[at + 16..at + 20].try_into().unwrap());
        assert_eq!(word(&noted, at + 8) * 1_000 + u64::from(nanoseconds / 1_000_000), (NOW_MS + passed_ms) as u64);
        assert_eq!(word(&noted, at + 24), passed_ms as u64 * 1_000_000);
    }
}

/// As Go's `time.Sleep` does it, where nothing else runs.
#[test]
fn a_loop_that_waits_for_a_moment_ends() {
    let imports = r#"(import "lockgate:connector/clock@1.1.0" "now-ms" (func $now (result f64)))"#;
    let wait = |ms: &str| {
        let prepare = format!(
            r#"(local $end f64)
            (local.set $end (f64.add (call $now) (f64.const {ms})))
            (loop $again (br_if $again (f64.lt (call $now) (local.get $end))))
            (i32.store8 (i32.const 516) (i32.const 2)) (i32.const 512)"#
        );
        let fixture = Fixture::new();
        let translator = translator(&fixture.sandbox, &connector(imports, &prepare)).unwrap();
        prepare_in(&*translator)
    };
    assert_eq!(wait("25"), None);
    // Looking does not outwit the deadline, which is kept in real time.
    assert_eq!(wait("1e12"), Some(Code::Deadline));
}

fn prepare_in(translator: &dyn Translator) -> Option<Code> {
    let mut instance = start(translator, &Limits { deadline_ms: 500, ..Limits::default() }).unwrap();
    prepare(&mut *instance, "").err().map(|failure| failure.code)
}
