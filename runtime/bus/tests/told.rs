//! The log: one line when a queue is blocked and one when it goes on, however often it is looked at.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests' code: a failure here is a failed test")]

use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};

use lockgate_bus::TaskAction;
use lockgate_core::task::TaskType;
use lockgate_testing::TestBus;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Keeps what an operator's log would have.
struct Kept;

impl Subscriber for Kept {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::INFO
    }

    fn event(&self, event: &Event<'_>) {
        struct Message(String);
        impl Visit for Message {
            fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
                if field.name() == "message" {
                    let _ = write!(self.0, "{value:?}");
                }
            }
        }
        let mut message = Message(format!("{} ", event.metadata().level()));
        event.record(&mut message);
        LINES.lock().unwrap_or_else(PoisonError::into_inner).push(message.0);
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

fn taken() -> Vec<String> {
    std::mem::take(&mut *LINES.lock().unwrap_or_else(PoisonError::into_inner))
}

/// The field's log had a line with Rust's own words for each of 20 submissions behind a failed task, and none
/// said what they waited for.
#[test]
fn a_queue_that_is_blocked_is_told_once_and_once_when_it_goes_on() {
    tracing::subscriber::set_global_default(Kept).unwrap();
    let test = TestBus::new();
    test.bus.start().unwrap();
    let bad = test.submit(TestBus::submission("a", TaskType::CreateObject, "no object"));
    test.wait_idle();
    let said = taken();
    assert!(said[0].starts_with(&format!("WARN task {bad} failed: invalid: ")), "{said:?}");
    assert!(said[1].starts_with("INFO pass of a ended: later tasks wait behind task "), "{said:?}");
    assert_eq!(said[2..], [format!("WARN a is blocked by task {bad}, which failed: 0 wait behind it")]);
    for at in 0..20 {
        let body = format!(r#"{{"object": {{"type": "shop.brand", "code_name": "brand-{at}"}}}}"#);
        test.submit(TestBus::submission("a", TaskType::CreateObject, body));
        test.wait_idle();
    }
    assert_eq!(taken(), [""; 0]);
    test.bus.act(bad, TaskAction::Delete).unwrap();
    test.wait_idle();
    let said = taken();
    assert_eq!(
        said,
        ["INFO pass of a ended: nothing is left to do".to_owned(), format!("INFO a goes on: task {bad} does not block it any longer"),]
    );
}
