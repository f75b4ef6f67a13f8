//! What a run comes to, and whether it is what another came to.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use lockgate_bus::export::{Form, export};
use lockgate_core::history::Outcome as Ended;
use lockgate_core::ports::{HistoryFilter, Waiter};
use lockgate_core::rows::LooseId;

use super::broken::Broken;
use super::feed::connector;
use super::world::{Schedule, Trial, World, lock};
use crate::store_suite::Reopen;

/// More than a history has of anything.
const MANY: usize = 10_000;

/// What a run came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Came {
    /// The canonical export.
    pub export: Vec<String>,
    /// Changes that have not ended, and why.
    pub waiting: BTreeMap<usize, String>,
    /// Loose ends that are left.
    pub loose: usize,
    /// How often each change was translated.
    pub tries: Vec<u32>,
}

/// Runs a feed in an order on an empty store; `Err` says what is wrong whatever another run comes to.
pub fn run(
    engine: &mut dyn Reopen,
    trial: &Arc<Trial>,
    order: &[usize],
    schedule: Schedule,
    broken: Option<Broken>,
) -> Result<Came, String> {
    let came = catch_unwind(AssertUnwindSafe(|| {
        let mut world = World::new(engine, trial, order, schedule, broken);
        world.run();
        let came = world.came();
        world.check_history();
        world.check_idle();
        world.end();
        world.wrong.take().map_or(Ok(came), Err)
    }));
    came.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        Err(format!("a panic: {}", text.unwrap_or("without words")))
    })
}

impl Came {
    /// In what this differs from what the sorted feed came to.
    pub fn differs(&self, sorted: &Self, trial: &Trial) -> Option<&'static str> {
        let ids = |came: &Self| came.waiting.keys().copied().collect::<BTreeSet<_>>();
        if trial.class.clean && !self.waiting.is_empty() {
            return Some("something waits for ever");
        }
        if self.export != sorted.export {
            return Some("the export is another one");
        }
        if ids(self) != ids(sorted) {
            return Some("other changes wait for ever");
        }
        (self.loose != sorted.loose).then_some("other loose ends are left")
    }
}

impl World<'_> {
    fn came(&self) -> Came {
        let store = self.engine.store();
        let mut lines = Vec::new();
        let mut push = |line: &str| {
            lines.push(line.to_owned());
            ControlFlow::Continue(())
        };
        export(&*store, Form::Canonical, &mut push).expect("the store is exported");
        let mut loose: BTreeSet<LooseId> = BTreeSet::new();
        let mut after = None;
        loop {
            let missing = store.missing(after, MANY).expect("what is missing");
            let Some(last) = missing.last() else { break };
            after = Some(last.want.mark);
            for missing in &missing {
                for waiter in store.waiters(missing.want.mark, MANY).expect("waiters") {
                    if let Waiter::Loose(id) = waiter {
                        loose.insert(id);
                    }
                }
            }
        }
        Came { export: lines, waiting: self.waiting(), loose: loose.len(), tries: lock(&self.shared.tries).clone() }
    }

    /// Every task has ended once or has not, and those of one subject in their sequence.
    fn check_history(&mut self) {
        let store = self.engine.store();
        let entries = store.history(&HistoryFilter::default(), None, MANY).expect("history");
        let tasks = lock(&self.shared.tasks).clone();
        let waiting = self.waiting();
        let mut ended: BTreeMap<u64, u64> = BTreeMap::new();
        for (number, entry) in entries.iter().filter(|(_, entry)| entry.outcome != Ended::Mended) {
            if ended.insert(entry.task.0, *number).is_some() {
                self.wrong(format!("task {} has ended twice", entry.task));
            }
        }
        for (task, at) in &tasks {
            let queued = waiting.contains_key(at);
            if ended.contains_key(&task.0) == queued {
                let what = if queued { "has ended and is queued" } else { "is neither queued nor has it ended" };
                self.wrong(format!("task {task}, change {at}, {what}"));
            }
        }
        let trial = self.shared.trial.clone();
        for (task, at) in &tasks {
            for (later, other) in tasks.range(task..).skip(1) {
                let (one, two) = (&trial.history[*at], &trial.history[*other]);
                let overtakes = match (ended.get(&task.0), ended.get(&later.0)) {
                    (Some(first), Some(second)) => second < first,
                    (None, Some(_)) => true,
                    _ => false,
                };
                if one.key == two.key && one.connector == two.connector && overtakes {
                    self.wrong(format!("of one subject, change {other} was applied before change {at}, which had come before it"));
                }
            }
        }
    }

    /// Nothing is due any more.
    fn check_idle(&mut self) {
        let store = self.engine.store();
        for which in 0..2 {
            let due = store.due(&connector(which), None, MANY, usize::MAX).expect("what is due");
            if let Some(task) = due.first() {
                self.wrong(format!("task {} is due, and nobody takes it up", task.task.id));
            }
            if let Some(end) = store.loose_due(&connector(which), MANY).expect("loose ends that are due").first() {
                self.wrong(format!("loose end {} is due, and nobody takes it up", end.id));
            }
        }
        if let Some(stirred) = store.stirred().expect("who is stirred").first() {
            self.wrong(format!("connector {stirred} has something to do, and does not do it"));
        }
    }
}
