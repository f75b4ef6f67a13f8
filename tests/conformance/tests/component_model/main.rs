//! The component model's own tests, on the engine as Lockgate sets it up.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests' code: a failure here is a failed test"
)]

mod expected;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lockgate_conformance_tests::files::conformance_files;
use lockgate_conformance_tests::script::{self, Fault};
use lockgate_sandbox::SandboxOptions;

/// As many directives as did what they should when this was written. Fewer: the tests shrank.
const HELD_MIN: usize = 1_000;

/// What did not hold, apart from directives about refused components.
#[derive(Default)]
struct Found {
    held: usize,
    follows: usize,
    /// File and line: what happened.
    refused: Vec<(String, usize, String)>,
    wrong: Vec<(String, usize, String)>,
}

#[test]
fn the_component_models_own_tests_hold_but_for_what_is_turned_off() {
    let found = run();
    let (files, refused) = (conformance_files().len(), found.refused.len());
    println!("{files} files: {} directives held, {refused} components refused, {} directives about those", found.held, found.follows);
    let mut unexpected = Vec::new();
    let mut counted: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (file, line, what) in &found.refused {
        match expected::OFF.iter().find(|off| what.contains(off.says)) {
            Some(off) => *counted.entry((off.says, file)).or_default() += 1,
            None => unexpected.push(format!("{file}:{line}: refused: {what}")),
        }
    }
    for off in expected::OFF {
        for (file, count) in off.files {
            let now = counted.remove(&(off.says, file)).unwrap_or(0);
            if now != *count {
                unexpected.push(format!("{file}: {now} components refused, {count} expected ({}: {})", off.says, off.why));
            }
        }
    }
    unexpected.extend(counted.iter().map(|((says, file), count)| format!("{file}: {count} components refused ({says})")));
    for (file, line, what) in &found.wrong {
        if !expected::NEWER.iter().any(|(newer, at, _)| newer == file && at == line) {
            unexpected.push(format!("{file}:{line}: {what}"));
        }
    }
    for (file, line, why) in expected::NEWER {
        if !found.wrong.iter().any(|(wrong, at, _)| wrong == file && at == line) {
            unexpected.push(format!("{file}:{line} holds by now: take it from the list ({why})"));
        }
    }
    assert!(unexpected.is_empty(), "{} do not hold:\n{}", unexpected.len(), unexpected.join("\n"));
    assert!(found.held >= HELD_MIN, "only {} directives held", found.held);
}

fn run() -> Found {
    let engine = lockgate_sandbox::engine(&SandboxOptions::new("unused")).unwrap();
    let ended = AtomicBool::new(false);
    let mut found = Found::default();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // A call that loops ends after `script::EPOCHS_MAX` of these.
            while !ended.load(Ordering::Relaxed) {
                std::thread::park_timeout(Duration::from_millis(100));
                engine.increment_epoch();
            }
        });
        for (file, path) in conformance_files() {
            let outcome = script::run(&engine, &std::fs::read_to_string(path).unwrap());
            found.held += outcome.held;
            for (line, fault) in outcome.faults {
                match fault {
                    Fault::Follows => found.follows += 1,
                    Fault::Refused(what) => found.refused.push((file.clone(), line, what)),
                    Fault::Wrong(what) => found.wrong.push((file.clone(), line, what)),
                }
            }
        }
        ended.store(true, Ordering::Relaxed);
    });
    found
}
