//! What happens in a seed: a list of actions, made before anything runs, so that any of them can be
//! left out.

use lockgate_bus::{Force, TaskAction};
use lockgate_core::task::ProcessType;

use super::docs::Sub;
use super::setup::Setup;
use super::store::{Armed, Fault};
use lockgate_testing::Dice;

#[derive(Debug, Clone)]
pub enum Action {
    Submit(Vec<Sub>),
    /// The same key again, with the same content or another.
    Repeat {
        pick: u64,
        other: Option<u64>,
    },
    /// A request and a step. Others act when the n-th moment comes at which they can.
    Pass(usize, Vec<(Moment, Act)>),
    /// What the connector's thread would do now.
    Step(usize, Vec<(Moment, Act)>),
    Do(Act),
    Arm(Armed),
    /// The process ends and begins again, with a clock that may have gone back.
    Crash {
        back_ms: u32,
    },
    Remove(usize, Force),
    ClearState(usize),
}

/// When others act in a step: at the first moment at which they can, after so many.
#[derive(Debug, Clone, Copy)]
pub enum Moment {
    Any(u32),
    /// Right after rows were loaded, before what is planned by them is committed.
    Loaded(u32),
}

/// What others can do while a pass runs, and at any other time. A `pick` chooses a queued task.
#[derive(Debug, Clone)]
pub enum Act {
    Submit(Sub),
    Task {
        pick: u64,
        action: TaskAction,
    },
    All(usize, TaskAction),
    Retry {
        pick: u64,
    },
    Request(Option<usize>),
    Advance(u32),
    Model,
    Enable(usize, bool),
    Version(usize, u8),
    Approve(usize),
    RollBack(usize),
    Processing(bool),
    /// Another owner takes the connector, and does nothing.
    Claim(usize),
    /// Another owner takes the connector, and makes a pass.
    SecondOwner(usize),
    /// Another connector's worker takes a step.
    OtherStep(usize),
    /// Another connector gets a task, and runs it at once.
    OtherTask(Sub),
    Crash,
}

/// The actions of a seed.
pub fn actions(dice: &mut Dice, setup: &Setup) -> Vec<Action> {
    let mut serial = 0;
    let count = 30 + dice.below(31);
    (0..count).map(|_| action(dice, setup.connectors.len(), &mut serial)).collect()
}

fn action(dice: &mut Dice, connectors: usize, serial: &mut u64) -> Action {
    let which = dice.below(connectors as u64) as usize;
    match dice.below(40) {
        0..=12 => Action::Submit((0..=dice.below(4)).map(|_| sub(dice, connectors, serial)).collect()),
        13 => Action::Repeat { pick: dice.roll(), other: dice.one_in(2).then(|| next(serial)) },
        14..=25 => Action::Pass(which, others(dice, connectors, serial)),
        26..=28 => Action::Step(which, others(dice, connectors, serial)),
        29..=34 => Action::Do(act(dice, connectors, serial)),
        35..=36 => Action::Arm(Armed { submit: dice.one_in(3), after: dice.small(3), fault: fault(dice) }),
        37 => Action::Crash { back_ms: if dice.one_in(3) { dice.below(120_000) as u32 } else { 0 } },
        38 if dice.one_in(3) => Action::Remove(which, if dice.one_in(2) { Force::Yes } else { Force::No }),
        39 if dice.one_in(4) => Action::ClearState(which),
        _ => Action::Do(Act::Advance(dice.below(600_000) as u32)),
    }
}

fn next(serial: &mut u64) -> u64 {
    *serial += 1;
    *serial
}

fn sub(dice: &mut Dice, connectors: usize, serial: &mut u64) -> Sub {
    let serial = next(serial);
    Sub::new(dice, serial, connectors)
}

fn others(dice: &mut Dice, connectors: usize, serial: &mut u64) -> Vec<(Moment, Act)> {
    let count = if dice.one_in(2) { 0 } else { dice.below(4) };
    let moment = |dice: &mut Dice| {
        if dice.one_in(2) { Moment::Any(dice.below(12) as u32) } else { Moment::Loaded(dice.below(4) as u32) }
    };
    let mut others: Vec<(Moment, Act)> = (0..count).map(|_| (moment(dice), act(dice, connectors, serial))).collect();
    if connectors > 1 && dice.one_in(2) {
        others.push((Moment::Loaded(dice.below(3) as u32), Act::OtherTask(sub(dice, connectors, serial))));
    }
    others
}

fn act(dice: &mut Dice, connectors: usize, serial: &mut u64) -> Act {
    let which = dice.below(connectors as u64) as usize;
    match dice.below(32) {
        0..=2 => Act::Submit(sub(dice, connectors, serial)),
        3..=8 => Act::Task { pick: dice.roll(), action: task_action(dice) },
        9 if dice.one_in(2) => Act::All(which, task_action(dice)),
        10..=12 => Act::Retry { pick: dice.roll() },
        13..=14 => Act::Request(dice.one_in(2).then_some(which)),
        15..=17 => Act::Advance(dice.one_of(&[1, 1_000, 5_000, 60_000, 3_600_000])),
        18 => Act::Model,
        19..=20 => Act::Enable(which, !dice.one_in(3)),
        21 => Act::Version(which, dice.small(4)),
        22 => Act::Approve(which),
        23 => Act::RollBack(which),
        24 => Act::Processing(!dice.one_in(3)),
        25 => Act::Claim(which),
        26 => Act::SecondOwner(which),
        27..=29 => Act::OtherStep(which),
        30 => Act::Crash,
        _ => Act::Advance(dice.below(10_000) as u32),
    }
}

fn task_action(dice: &mut Dice) -> TaskAction {
    match dice.below(4) {
        0 => TaskAction::Skip,
        1 => TaskAction::Delete,
        _ => TaskAction::SetProcessType(dice.one_of(ProcessType::ALL)),
    }
}

fn fault(dice: &mut Dice) -> Fault {
    match dice.below(8) {
        0 => Fault::Full,
        1 => Fault::Unavailable,
        2..=3 => Fault::Conflict(dice.small(4)),
        4 => Fault::UnknownBefore,
        5 => Fault::UnknownAfter,
        6 => Fault::CrashBefore,
        _ => Fault::CrashAfter,
    }
}
