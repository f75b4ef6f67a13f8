//! What happens in a seed: a list of actions, made before anything runs, so that any of them can be
//! left out. Two owners work on one store all the time; whatever is done, one of them does.

use lockgate_bus::{Force, TaskAction};
use lockgate_core::task::ProcessType;

use super::docs::Sub;
use super::setup::Setup;
use super::store::{Armed, Fault};
use lockgate_testing::Dice;

/// One of the two: 0 or 1.
pub type Owner = usize;
/// Others' acts in a step, each with its moment and with the owner through which it is done.
pub type Others = Vec<(Moment, Owner, Act)>;

#[derive(Debug, Clone)]
pub enum Action {
    Submit(Owner, Vec<Sub>),
    /// The same key again, with the same content or another.
    Repeat {
        owner: Owner,
        pick: u64,
        other: Option<u64>,
    },
    /// A request and a step. Others act when the n-th moment comes at which they can.
    Pass(Owner, usize, Others),
    /// What the connector's thread would do now.
    Step(Owner, usize, Others),
    /// Two workers take a step side by side; the number says when which goes on.
    Duel([(Owner, usize); 2], u64, Others),
    Do(Owner, Act),
    Arm(Armed),
    /// The process ends, in good order or not, and begins again, with a clock that may have gone back; under
    /// the same name, or under another.
    Crash {
        owner: Owner,
        stops: bool,
        back_ms: u32,
        renamed: bool,
    },
    /// The process stands still for so many actions.
    Freeze(Owner, u8),
    Remove(Owner, usize, Force, Others),
    ClearState(Owner, usize),
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
    /// Processing, and taking in tasks.
    Switch(bool, bool),
    Remove(usize, Force),
    /// The lease runs out, and a third process takes the connector, and does nothing.
    Claim(usize),
    /// A further process makes a pass: under the owner's own name, or under a new one.
    FurtherProcess(usize, bool),
    /// Another connector's worker takes a step, or the same connector's of another owner.
    OtherStep(usize),
    /// The lease runs out, and this owner's worker makes a pass.
    TakesOver(usize),
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
    let owner = owner(dice);
    match dice.below(44) {
        0..=12 => Action::Submit(owner, (0..=dice.below(4)).map(|_| sub(dice, connectors, serial)).collect()),
        13 => Action::Repeat { owner, pick: dice.roll(), other: dice.one_in(2).then(|| next(serial)) },
        14..=25 => {
            let mut others = others(dice, connectors, serial);
            if dice.one_in(6) {
                others.push((Moment::Loaded(dice.below(3) as u32), 1 - owner, Act::TakesOver(which)));
            }
            Action::Pass(owner, which, others)
        }
        26..=27 => Action::Step(owner, which, others(dice, connectors, serial)),
        28..=30 => Action::Duel(duellists(dice, which, connectors), dice.roll(), others(dice, connectors, serial)),
        31..=36 => Action::Do(owner, act(dice, connectors, serial)),
        37..=38 => Action::Arm(Armed { submit: dice.one_in(3), after: dice.small(3), fault: fault(dice) }),
        39 => Action::Crash {
            owner,
            stops: dice.one_in(3),
            back_ms: if dice.one_in(3) { dice.below(120_000) as u32 } else { 0 },
            renamed: dice.one_in(3),
        },
        40 => Action::Freeze(owner, 1 + dice.small(8)),
        41 if dice.one_in(2) => {
            let mut others = others(dice, connectors, serial);
            others.push((Moment::Any(1), 1 - owner, Act::Submit(Sub { connector: which, ..sub(dice, connectors, serial) })));
            Action::Remove(owner, which, force(dice), others)
        }
        42 if dice.one_in(4) => Action::ClearState(owner, which),
        _ => Action::Do(owner, Act::Advance(dice.below(600_000) as u32)),
    }
}

fn owner(dice: &mut Dice) -> Owner {
    dice.below(2) as usize
}

fn force(dice: &mut Dice) -> Force {
    if dice.one_in(2) { Force::Yes } else { Force::No }
}

/// Most often both owners at one connector: what they do to each other is what is looked for.
fn duellists(dice: &mut Dice, which: usize, connectors: usize) -> [(Owner, usize); 2] {
    let other = if dice.one_in(3) { dice.below(connectors as u64) as usize } else { which };
    let first = owner(dice);
    [(first, which), (1 - first, other)]
}

fn next(serial: &mut u64) -> u64 {
    *serial += 1;
    *serial
}

fn sub(dice: &mut Dice, connectors: usize, serial: &mut u64) -> Sub {
    let serial = next(serial);
    Sub::new(dice, serial, connectors)
}

fn others(dice: &mut Dice, connectors: usize, serial: &mut u64) -> Others {
    let count = if dice.one_in(2) { 0 } else { dice.below(4) };
    let moment = |dice: &mut Dice| {
        if dice.one_in(2) { Moment::Any(dice.below(16) as u32) } else { Moment::Loaded(dice.below(4) as u32) }
    };
    let mut others: Others = (0..count).map(|_| (moment(dice), owner(dice), act(dice, connectors, serial))).collect();
    if connectors > 1 && dice.one_in(2) {
        others.push((Moment::Loaded(dice.below(3) as u32), owner(dice), Act::OtherTask(sub(dice, connectors, serial))));
    }
    others
}

fn act(dice: &mut Dice, connectors: usize, serial: &mut u64) -> Act {
    let which = dice.below(connectors as u64) as usize;
    match dice.below(36) {
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
        24 => Act::Switch(!dice.one_in(3), !dice.one_in(4)),
        25 => Act::Claim(which),
        26 => Act::FurtherProcess(which, dice.one_in(2)),
        27..=29 => Act::OtherStep(which),
        30 => Act::Crash,
        31..=33 => Act::TakesOver(which),
        34 if dice.one_in(3) => Act::Remove(which, force(dice)),
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
