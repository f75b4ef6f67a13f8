//! Random standings of tasks, and everything that two stores can be asked of who waits.

use super::compare::same;
use super::world::{NAMES, World};
use crate::Dice;
use crate::suite::bench::{behind, connector, failed, mark, named, standing, want, want_end};
use lockgate_core::key::{Key, LineKey, ObjectKey};
use lockgate_core::mark::{Mark, ended};
use lockgate_core::park::{Line, LineKind, Waiting, Want};
use lockgate_core::ports::{Standing, Store};
use lockgate_core::rows::ObjectId;
use lockgate_core::task::{ProcessType, TaskHead, TaskId, TaskState};

/// How many lines of each kind, and things that tasks would bring: few, so that they meet.
const FEW: u64 = 3;

pub(super) fn line(dice: &mut Dice) -> Line {
    let kind = dice.one_of(&[LineKind::Subject, LineKind::List, LineKind::Child]);
    Line { kind, mark: Mark(dice.below(FEW)) }
}

fn some<T>(dice: &mut Dice, below: usize, one: impl FnMut(&mut Dice) -> T) -> Vec<T> {
    let count = dice.index(below);
    let mut one = one;
    (0..count).map(|_| one(dice)).collect()
}

/// A question that something of this world may touch.
fn question(dice: &mut Dice, questions: &[Key]) -> Key {
    match dice.pick(questions) {
        Some(key) if dice.one_in(2) && !matches!(key, Key::Line(_)) => key.clone(),
        _ if dice.one_in(3) => ObjectKey::Id(ObjectId(dice.below(40))).into(),
        _ => named(NAMES[dice.index(NAMES.len())]).into(),
    }
}

fn some_want(dice: &mut Dice, questions: &[Key], tasks: &[TaskId]) -> Want {
    match dice.pick(tasks).copied() {
        Some(task) if dice.one_in(4) => want_end(task),
        _ => want(question(dice, questions)),
    }
}

/// A mark that somebody may wait for.
pub(super) fn some_mark(dice: &mut Dice, questions: &[Key], tasks: &[TaskId]) -> Mark {
    match dice.pick(tasks).copied() {
        Some(task) if dice.one_in(4) => ended(task),
        _ => mark(question(dice, questions)),
    }
}

/// How a task may stand.
pub(super) fn some_standing(dice: &mut Dice, task: TaskId, questions: &[Key], tasks: &[TaskId]) -> Standing {
    let mut waiting = Waiting {
        since_ms: dice.below(50) as i64,
        lines: some(dice, 3, line),
        brings: some(dice, 3, |dice| Mark(dice.below(FEW))),
        ..Waiting::default()
    };
    waiting.lines.sort_unstable();
    waiting.lines.dedup();
    waiting.brings.sort_unstable();
    waiting.brings.dedup();
    let mut standing = match dice.index(6) {
        0 => failed(),
        1 => Standing { aside: true, ..failed() },
        2 => standing(ProcessType::SkipOnError, TaskState::Queued),
        3 => match dice.pick(tasks).copied().filter(|head| *head < task) {
            Some(head) => {
                waiting.behind = Some(head);
                behind(head)
            }
            None => standing(ProcessType::Default, TaskState::Parked),
        },
        _ => standing(ProcessType::Default, TaskState::Parked),
    };
    if standing.state != TaskState::Queued {
        waiting.wants = some(dice, 3, |dice| some_want(dice, questions, tasks));
        waiting.wants.extend(waiting.behind.map(want_end));
        waiting.wants.sort_by_key(|want| want.mark);
        waiting.wants.dedup();
        waiting.group_wants = some(dice, 3, |dice| some_mark(dice, questions, tasks));
    }
    if standing.aside && waiting.wants.is_empty() {
        // Nobody says of such a task what wakes it.
        waiting.group_wants.clear();
    }
    standing.failure = if dice.one_in(2) { failed().failure } else { None };
    standing.failed_by = dice.one_in(4).then(|| Mark(dice.below(FEW)));
    standing.deletes_allowed = dice.one_in(8);
    let bare = standing.state == TaskState::Queued || standing.state == TaskState::Failed && dice.one_in(3);
    standing.waiting = (!bare || dice.one_in(2)).then(|| waiting.into());
    standing
}

/// Compares everything that is known of who waits, `limit` at a time.
pub(super) fn compare_waiting(at: &str, stores: [&dyn Store; 2], tasks: &[TaskId], limit: usize) {
    let after = tasks.get(limit % tasks.len().max(1)).copied();
    same(at, "stirred", stores, |store| store.stirred().expect("stirred"));
    let mut from = None;
    loop {
        let missing = same(at, "missing", stores, |store| store.missing(from, limit.max(1)).expect("missing"));
        for line in &missing {
            same(at, "waiters", stores, |store| store.waiters(line.want.mark, limit).expect("waiters"));
        }
        match missing.last() {
            Some(line) => from = Some(line.want.mark),
            None => break,
        }
    }
    same(at, "bringing", stores, |store| store.bringing(&[Mark(limit as u64 % FEW), Mark(1)], limit).expect("bringing"));
    for name in ["a", "b", "c"].map(connector) {
        same(at, "due", stores, |store| store.due(&name, None, limit.max(1), usize::MAX).expect("due"));
        same(at, "due after", stores, |store| store.due(&name, after, limit.max(1), usize::MAX).expect("due"));
        same(at, "loose_due", stores, |store| store.loose_due(&name, limit).expect("loose_due"));
        same(at, "in_lines", stores, |store| store.in_lines(&name).expect("in_lines"));
        same(at, "parked_before", stores, |store| store.parked_before(&name, limit as i64, limit).expect("parked_before"));
        for state in [TaskState::Parked, TaskState::Behind, TaskState::Failed] {
            same(at, "standing", stores, |store| store.standing(&name, state, after, limit).expect("standing"));
        }
        for kind in [LineKind::Subject, LineKind::List, LineKind::Child] {
            let lines = [Line { kind, mark: Mark(0) }, Line { kind, mark: Mark(limit as u64 % FEW) }];
            same(at, "line", stores, |store| store.line(&name, &lines, limit).expect("line"));
            let before = after.unwrap_or(TaskId(u64::MAX));
            let question = LineKey { connector: name.clone(), line: lines[1], before };
            same(at, "before", stores, |store| store.load(&[question.clone().into()]).expect("load").answers);
        }
    }
}

impl World {
    /// Of these tasks some, ascending, for one commit: mostly of one connector.
    pub(super) fn pick_tasks<'h>(dice: &mut Dice, heads: &'h [TaskHead], of: &lockgate_core::names::ConnectorName) -> Vec<&'h TaskHead> {
        let together = dice.one_in(4);
        let meant: Vec<&TaskHead> = heads.iter().filter(|head| together || head.connector == *of).collect();
        let most = dice.index(6);
        let first = dice.index(meant.len().max(1));
        meant.into_iter().skip(first).filter(|_| !dice.one_in(3)).take(most).collect()
    }
}
