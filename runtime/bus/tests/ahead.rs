//! Translating ahead changes nothing but the time: the same tasks, translated by one thread or by
//! several that finish in any order, end the same (promise 2).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests' code: a failure here is a failed test"
)]

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use lockgate_bus::export::{Form, export};
use lockgate_core::failure::{Code, Failure};
use lockgate_core::history::Outcome;
use lockgate_core::ports::{HistoryFilter, TaskFilter};
use lockgate_core::settings::{BusSettings, ConnectorSettings};
use lockgate_core::task::{ProcessType, TaskId, TaskState, TaskType};
use lockgate_testing::{Script, TestBus};

const TASKS: u64 = 600;

/// splitmix64: numbers that the same seed gives again.
fn mixed(seed: u64, of: u64) -> u64 {
    let mut z = seed.wrapping_add(of.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn bus(translators: usize) -> TestBus {
    let defaults = ConnectorSettings { translators, ..ConnectorSettings::default() };
    TestBus::with_settings(BusSettings { batch_tasks_max: 150, defaults, ..BusSettings::default() })
}

/// Users that are written again and again, so that order shows; some tasks that cannot be translated.
fn body(seed: u64, task: u64) -> String {
    let dice = mixed(seed, task);
    if dice.is_multiple_of(17) {
        return "nonsense".to_owned();
    }
    let user = (dice >> 8) % 40;
    format!(r#"{{"object": {{"type": "cms.user", "code_name": "user-{user}", "fields": {{"email": "{task}@example.com"}}}}}}"#)
}

fn process_type(seed: u64, task: u64) -> ProcessType {
    match mixed(!seed, task) % 40 {
        0 => ProcessType::Default,
        1 => ProcessType::SkipOnce,
        2..20 => ProcessType::SkipOnError,
        _ => ProcessType::DeleteOnError,
    }
}

/// Everything that can be seen in the end.
#[derive(Debug, PartialEq)]
struct Seen {
    stored: Vec<String>,
    history: Vec<(TaskId, &'static str)>,
    queued: Vec<(TaskId, TaskState, ProcessType, u32)>,
}

fn outcome_of(seed: u64, translators: usize) -> Seen {
    let test = bus(translators);
    let read = Script::default().prepare;
    test.sandbox.set(Script {
        prepare: Box::new(move |task| {
            // Threads get out of step.
            let pause = mixed(seed, task.external.body.iter().map(|byte| u64::from(*byte)).sum()) % 60;
            std::thread::sleep(Duration::from_micros(pause));
            read(task)
        }),
        ..Script::default()
    });
    for task in 0..TASKS {
        let submission = TestBus::submission("a", TaskType::CreateObject, body(seed, task));
        test.submit(lockgate_core::admit::Submission { process_type: process_type(seed, task), ..submission });
    }
    // As often as an operator would who retries what stands in the way.
    for _ in 0..8 {
        test.process("a");
        for task in test.bus.tasks(&TaskFilter::default(), None, 1_000).unwrap().into_iter().filter(|task| task.state == TaskState::Failed)
        {
            test.bus.act(task.id, lockgate_bus::TaskAction::Delete).unwrap();
        }
    }
    seen(&test)
}

fn seen(test: &TestBus) -> Seen {
    let mut stored = Vec::new();
    export(&*test.store, Form::Canonical, &mut |line| {
        stored.push(line.to_owned());
        std::ops::ControlFlow::Continue(())
    })
    .unwrap();
    let history = test.bus.history(&HistoryFilter::default(), None, 1_000).unwrap();
    let queued = test.bus.tasks(&TaskFilter::default(), None, 1_000).unwrap();
    Seen {
        stored,
        history: history.iter().map(|(_, entry)| (entry.task, entry.outcome.as_str())).collect(),
        queued: queued.iter().map(|task| (task.id, task.state, task.process_type, task.attempts)).collect(),
    }
}

#[test]
fn any_number_of_translators_ends_the_same() {
    for seed in [1, 2, 3] {
        let alone = outcome_of(seed, 1);
        assert!(alone.stored.len() > 20 && alone.history.len() > 300, "the workload does little: {alone:?}");
        for translators in [2, 3, 8] {
            assert_eq!(outcome_of(seed, translators), alone, "seed {seed}, {translators} translators");
        }
    }
}

#[test]
fn tasks_are_translated_side_by_side_and_what_is_applied_stays_in_order() {
    let test = bus(3);
    let (together, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let read = Script::default().prepare;
    test.sandbox.set(Script {
        prepare: Box::new({
            let (together, most) = (together.clone(), most.clone());
            move |task| {
                most.fetch_max(together.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                std::thread::sleep(Duration::from_micros(200));
                together.fetch_sub(1, Ordering::SeqCst);
                read(task)
            }
        }),
        ..Script::default()
    });
    let tasks: Vec<TaskId> = (0..300)
        .map(|at| {
            let body =
                format!(r#"{{"object": {{"type": "cms.user", "code_name": "user-{at}", "fields": {{"email": "{at}@example.com"}}}}}}"#);
            test.submit(TestBus::submission("a", TaskType::CreateObject, body))
        })
        .collect();
    test.process("a");
    assert_eq!(most.load(Ordering::SeqCst), 3, "instances at the same time");
    let mut applied: Vec<TaskId> =
        test.bus.history(&HistoryFilter::default(), None, 1_000).unwrap().into_iter().map(|(_, entry)| entry.task).collect();
    applied.sort_unstable();
    assert_eq!(applied, tasks);
}

#[test]
fn a_failed_task_keeps_what_was_translated_behind_it_out() {
    let test = bus(3);
    for at in 0..300 {
        let text =
            if at == 100 { "nonsense".to_owned() } else { format!(r#"{{"object": {{"type": "shop.brand", "code_name": "brand-{at}"}}}}"#) };
        test.submit(TestBus::submission("a", TaskType::CreateObject, text));
    }
    test.process("a");
    assert_eq!(test.bus.objects(None, None, 1_000).unwrap().len(), 100);
    let queued = test.bus.tasks(&TaskFilter::default(), None, 1_000).unwrap();
    assert_eq!((queued.len(), queued[0].state), (200, TaskState::Failed));
}

#[test]
fn the_pass_ends_soon_after_a_failure_although_others_still_translate() {
    let test = bus(2);
    // The first task is translated last, and fails; the other thread is far ahead by then.
    let (go, wait) = mpsc::channel::<()>();
    let (wait, translated) = (std::sync::Mutex::new(wait), Arc::new(AtomicU64::new(0)));
    test.sandbox.set(Script {
        prepare: Box::new({
            let translated = translated.clone();
            move |task| {
                if &*task.external.body == b"first" {
                    wait.lock().unwrap().recv().unwrap();
                } else {
                    translated.fetch_add(1, Ordering::SeqCst);
                }
                Err(Failure::new(Code::Invalid, "no"))
            }
        }),
        ..Script::default()
    });
    test.submit(TestBus::submission("a", TaskType::CreateObject, "first"));
    for _ in 0..2_000 {
        let submission = TestBus::submission("a", TaskType::CreateObject, "other");
        test.submit(lockgate_core::admit::Submission { process_type: ProcessType::DeleteOnError, ..submission });
    }
    test.bus.request_processing(Some(&TestBus::connector("a"))).unwrap();
    // Bounded ahead (promise 5): two batches of 150, and what a thread has in hand.
    let mut before = u64::MAX;
    while translated.load(Ordering::SeqCst) != before {
        before = translated.load(Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!((100..=300 + 2 * 32).contains(&before), "{before} translated ahead");
    go.send(()).unwrap();
    test.wait_idle();
    let history = test.bus.history(&HistoryFilter::default(), None, 1_000).unwrap();
    assert!(history.iter().all(|(_, entry)| !matches!(entry.outcome, Outcome::Failed(_))), "nothing behind the failed task is dealt with");
    assert_eq!(test.bus.tasks(&TaskFilter::default(), None, 5_000).unwrap().len(), 2_001);
}
