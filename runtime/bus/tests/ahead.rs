//! Translating ahead changes nothing but the time: the same tasks, translated by one thread or by
//! several that finish in any order, end the same (promise 2).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests' code: a failure here is a failed test"
)]

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use lockgate_bus::export::{Form, export};
use lockgate_core::failure::{Code, Failure};
use lockgate_core::history::Outcome;
use lockgate_core::ports::{HistoryFilter, TaskFilter, Usage};
use lockgate_core::settings::{BusSettings, ConnectorSettings};
use lockgate_core::task::{ProcessType, TaskId, TaskState, TaskType};
use lockgate_testing::{Dice, Script, TestBus};

const TASKS: u64 = 600;

/// A number for each seed and position.
fn mixed(seed: u64, of: u64) -> u64 {
    Dice::new(seed ^ Dice::new(of).roll()).roll()
}

/// A count that threads wait for.
#[derive(Default)]
struct Count {
    count: Mutex<u64>,
    changed: Condvar,
}

impl Count {
    fn up(&self) -> u64 {
        let mut count = self.count.lock().unwrap();
        *count += 1;
        self.changed.notify_all();
        *count
    }

    fn now(&self) -> u64 {
        *self.count.lock().unwrap()
    }

    /// Waits until it is so high; a test that would wait for ever goes on, and fails by what it asserts.
    fn reaches(&self, count: u64) -> bool {
        let wait = self.changed.wait_timeout_while(self.count.lock().unwrap(), Duration::from_secs(10), |now| *now < count);
        !wait.unwrap().1.timed_out()
    }
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
            for _ in 0..mixed(seed, task.external.body.iter().map(|byte| u64::from(*byte)).sum()) % 60 {
                std::thread::yield_now();
            }
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

/// The first task is translated last of all that the threads can do meanwhile: what is applied is in
/// order nevertheless.
#[test]
fn tasks_are_translated_side_by_side_and_what_is_applied_stays_in_order() {
    let test = bus(3);
    let (arrived, translated) = (Arc::new(Count::default()), Arc::new(Count::default()));
    let (together, most) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let read = Script::default().prepare;
    test.sandbox.set(Script {
        prepare: Box::new({
            let (arrived, translated, most) = (arrived.clone(), translated.clone(), most.clone());
            move |task| {
                most.fetch_max(together.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                // Nobody goes on before three are here.
                if arrived.up() <= 3 {
                    arrived.reaches(3);
                }
                // More than one thread takes at a time.
                if task.external.body.windows(6).any(|part| part == b"user-0") {
                    assert!(translated.reaches(100), "others go on meanwhile");
                }
                together.fetch_sub(1, Ordering::SeqCst);
                translated.up();
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
    // The newest entry comes first.
    applied.reverse();
    assert_eq!(applied, tasks);
    let stored = test.bus.objects(None, None, 1_000).unwrap();
    let stored: Vec<_> = stored.iter().map(|row| row.code_name.as_str().to_owned()).collect();
    assert_eq!(stored, (0..300).map(|at| format!("user-{at}")).collect::<Vec<_>>(), "by id: in the order of their making");
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
    let (go, translated) = (Arc::new(Count::default()), Arc::new(Count::default()));
    test.sandbox.set(Script {
        prepare: Box::new({
            let (go, translated) = (go.clone(), translated.clone());
            move |task| {
                if &*task.external.body == b"first" {
                    go.reaches(1);
                } else {
                    translated.up();
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
    // Bounded ahead (promise 5): two batches of 150.
    assert!(translated.reaches(300), "{} translated ahead", translated.now());
    go.up();
    test.wait_idle();
    assert_eq!(translated.now(), 300, "translated ahead, and none after the failure");
    let history = test.bus.history(&HistoryFilter::default(), None, 1_000).unwrap();
    assert!(history.iter().all(|(_, entry)| !matches!(entry.outcome, Outcome::Failed(_))), "nothing behind the failed task is dealt with");
    assert_eq!(test.bus.tasks(&TaskFilter::default(), None, 5_000).unwrap().len(), 2_001);
}

#[test]
fn where_outputs_are_large_no_task_is_left_behind() {
    // A batch is full after a few of them, in the midst of what a thread has taken.
    let defaults = ConnectorSettings { translators: 2, ..ConnectorSettings::default() };
    let test = TestBus::with_settings(BusSettings { batch_bytes_max: 100_000, defaults, ..BusSettings::default() });
    test.sandbox.set(Script { usage: Usage { output_bytes: 30_000, ..Usage::default() }, ..Script::default() });
    for task in 0..200 {
        let user = format!(r#"{{"object": {{"type": "cms.user", "code_name": "user-{task}"}}}}"#);
        test.submit(TestBus::submission("a", TaskType::CreateObject, user));
    }
    test.process("a");
    let left = test.bus.tasks(&TaskFilter::default(), None, 1_000).unwrap();
    assert!(left.is_empty(), "{} tasks were passed over", left.len());
}
