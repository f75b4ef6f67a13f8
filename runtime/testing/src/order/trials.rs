//! Trials by their seeds: one, and the smallest form of one that fails.

use std::fmt;
use std::sync::Arc;

use super::Engines;
use super::broken::Broken;
use super::class::{CLASSES, Class};
use super::fits::fits;
use super::moves::history;
use super::orders::{Sequences, repeated};
use super::outcome::{Came, run};
use super::told::Bad;
use super::world::{Cure, Schedule, Trial};
use crate::Dice;

/// Orders that are tried of each history.
const ORDERS: usize = 2;
/// Schedules that are tried of a history that is made smaller.
const SCHEDULES: u64 = 8;
/// Runs that are spent on making a history smaller.
const SMALLER_MAX: usize = 3_000;

/// What of a trial went wrong.
#[derive(Debug, Clone)]
pub struct Wrong {
    /// The history.
    pub trial: Arc<Trial>,
    /// In which order it came.
    pub order: Vec<usize>,
    /// What happened around it.
    pub schedule: Schedule,
    /// What is wrong.
    pub why: String,
    /// What the sorted feed came to.
    pub sorted: Option<Came>,
    /// What this order came to.
    pub came: Option<Came>,
}

/// What a trial took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Took {
    /// Runs.
    pub runs: u64,
    /// Tasks of all runs.
    pub tasks: u64,
    /// Translations.
    pub tries: u64,
    /// The most of one task.
    pub tries_max: u32,
}

impl Took {
    fn came(&mut self, came: &Came) {
        self.runs += 1;
        self.tasks += came.tries.len() as u64;
        self.tries += came.tries.iter().map(|tries| u64::from(*tries)).sum::<u64>();
        self.tries_max = self.tries_max.max(came.tries.iter().copied().max().unwrap_or_default());
    }

    /// With another.
    pub fn add(&mut self, other: Self) {
        self.runs += other.runs;
        self.tasks += other.tasks;
        self.tries += other.tries;
        self.tries_max = self.tries_max.max(other.tries_max);
    }
}

/// The trial of a seed, with its orders and schedules.
pub fn of_seed(seed: u64) -> (Arc<Trial>, Vec<(Vec<usize>, Schedule)>) {
    let classes = CLASSES.len() as u64;
    let class = &CLASSES[usize::try_from(seed % classes).unwrap_or_default()];
    let mut dice = Dice::new(seed);
    let trial = trial(class, &mut dice);
    let sequences = Sequences::of(&trial.history);
    let orders = (0..ORDERS).map(|_| (sequences.shuffled(&mut dice), Schedule::rough(dice.roll()))).collect();
    (Arc::new(trial), orders)
}

fn trial(class: &'static Class, dice: &mut Dice) -> Trial {
    let changes = 2 + dice.index(class.len);
    let mut history = history(class, dice, changes);
    if class.repeats {
        history = repeated(history, dice);
    }
    // What is not translated has no subject but the one that its submission states.
    let states_subjects = class.bad == Some(Bad::Translation) || class.flaky || dice.one_in(2);
    let cure = if dice.one_in(2) { Cure::Model } else { Cure::Upgrade };
    Trial { class, history, states_subjects, cure }
}

/// Tries a seed.
pub fn check(engines: &Engines, seed: u64, broken: Option<Broken>) -> Result<Took, Box<Wrong>> {
    let (trial, orders) = of_seed(seed);
    let mut took = Took::default();
    let sorted = sorted(engines, &trial, broken)?;
    took.came(&sorted);
    for (order, schedule) in &orders {
        took.came(&compare(engines, &trial, order, *schedule, &sorted, broken)?);
    }
    Ok(took)
}

/// What the sorted feed comes to, each task done before the next one comes.
pub fn sorted(engines: &Engines, trial: &Arc<Trial>, broken: Option<Broken>) -> Result<Came, Box<Wrong>> {
    let order: Vec<usize> = (0..trial.history.len()).collect();
    let wrong = |why: String, came| {
        Box::new(Wrong { trial: trial.clone(), order: order.clone(), schedule: Schedule::CALM, why, sorted: None, came })
    };
    let came = run(&mut *engines(), trial, &order, Schedule::CALM, broken).map_err(|why| wrong(format!("sorted: {why}"), None))?;
    if trial.class.clean && !came.waiting.is_empty() {
        return Err(wrong("sorted: something waits for ever".to_owned(), Some(came)));
    }
    Ok(came)
}

/// Runs an order, and compares what it comes to with what the sorted feed came to.
pub fn compare(
    engines: &Engines,
    trial: &Arc<Trial>,
    order: &[usize],
    schedule: Schedule,
    sorted: &Came,
    broken: Option<Broken>,
) -> Result<Came, Box<Wrong>> {
    let wrong = |why: String, came| {
        Box::new(Wrong { trial: trial.clone(), order: order.to_vec(), schedule, why, sorted: Some(sorted.clone()), came })
    };
    let came = run(&mut *engines(), trial, order, schedule, broken).map_err(|why| wrong(why, None))?;
    match came.differs(sorted, trial) {
        Some(why) => Err(wrong(why.to_owned(), Some(came))),
        None => Ok(came),
    }
}

/// The same with as few changes, and as little around it, as are needed to fail.
pub fn smaller(engines: &Engines, wrong: Box<Wrong>, broken: Option<Broken>) -> Box<Wrong> {
    let mut smallest = wrong;
    let mut left = SMALLER_MAX;
    loop {
        let calmer = calmer(smallest.schedule).into_iter().map(|schedule| (smallest.trial.clone(), smallest.order.clone(), schedule));
        let fewer = (0..smallest.trial.history.len()).filter_map(|without| {
            let (trial, order) = without_change(&smallest, without)?;
            Some((trial, order, smallest.schedule))
        });
        let next = fewer.chain(calmer).find_map(|(trial, order, schedule)| fails(engines, &trial, &order, schedule, broken, &mut left));
        match next {
            Some(wrong) if left > 0 => smallest = wrong,
            _ => return smallest,
        }
    }
}

/// Runs what went wrong once more, for whoever watches.
pub fn again(engines: &Engines, wrong: &Wrong) -> Result<Came, String> {
    run(&mut *engines(), &wrong.trial, &wrong.order, wrong.schedule, None)
}

fn calmer(schedule: Schedule) -> Vec<Schedule> {
    let mut calmer = Vec::new();
    if schedule.crashes {
        calmer.push(Schedule { crashes: false, ..schedule });
    }
    if schedule.between {
        calmer.push(Schedule { between: false, ..schedule });
    }
    if schedule.late && !schedule.between && !schedule.crashes {
        calmer.push(Schedule { late: false, ..schedule });
    }
    calmer
}

fn without_change(wrong: &Wrong, without: usize) -> Option<(Arc<Trial>, Vec<usize>)> {
    let mut trial = (*wrong.trial).clone();
    trial.history.remove(without);
    let order = wrong.order.iter().filter(|at| **at != without).map(|at| at - usize::from(*at > without)).collect();
    (!trial.history.is_empty() && (!trial.class.clean || fits(&trial.history))).then(|| (Arc::new(trial), order))
}

fn fails(
    engines: &Engines,
    trial: &Arc<Trial>,
    order: &[usize],
    schedule: Schedule,
    broken: Option<Broken>,
    left: &mut usize,
) -> Option<Box<Wrong>> {
    let sorted = match sorted(engines, trial, broken) {
        Ok(sorted) => sorted,
        Err(wrong) => return Some(wrong),
    };
    let others = (1..=SCHEDULES).map(|seed| Schedule { seed, ..schedule });
    std::iter::once(schedule).chain(others).find_map(|schedule| {
        *left = left.saturating_sub(1);
        compare(engines, trial, order, schedule, &sorted, broken).err()
    })
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.why)?;
        let Trial { class, history, states_subjects, cure } = &*self.trial;
        writeln!(f, "  class {:?}, subjects stated: {states_subjects}, cure: {cure:?}, {:?}", class.name, self.schedule)?;
        for (at, told) in history.iter().enumerate() {
            writeln!(f, "  #{at} {told}")?;
        }
        writeln!(f, "  order {:?}", self.order)?;
        for (name, came) in [("sorted", &self.sorted), ("other", &self.came)] {
            let Some(came) = came else { continue };
            for (at, why) in &came.waiting {
                writeln!(f, "  {name}: #{at} waits: {why}")?;
            }
            writeln!(f, "  {name}: {} loose ends, translated {:?} times", came.loose, came.tries)?;
        }
        let lines = |came: &Option<Came>| came.as_ref().map(|came| came.export.clone()).unwrap_or_default();
        let (sorted, other) = (lines(&self.sorted), lines(&self.came));
        for line in sorted.iter().filter(|line| !other.contains(line)) {
            writeln!(f, "  sorted: {line}")?;
        }
        for line in other.iter().filter(|line| !sorted.contains(line)) {
            writeln!(f, "  other : {line}")?;
        }
        Ok(())
    }
}
