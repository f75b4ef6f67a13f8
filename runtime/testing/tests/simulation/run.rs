//! Seeds: one, many at a time, and the shortest form of one that fails.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, Once, PoisonError};
use std::time::{Duration, Instant};

use super::actions::{Action, actions};
use super::faulty::Broken;
use super::setup::Setup;
use super::world::World;
use lockgate_testing::Dice;

/// What a seed did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    pub steps: u64,
    pub tasks: u64,
    pub commits: u64,
    pub conflicts: u64,
    pub fenced: u64,
    pub stale: u64,
}

/// At which step what was wrong.
pub type Wrong = (usize, String);

pub fn of_seed(seed: u64) -> (Setup, Vec<Action>) {
    let mut dice = Dice::new(seed);
    let setup = Setup::new(&mut dice);
    let actions = actions(&mut dice, &setup);
    (setup, actions)
}

/// Runs actions on a new world; after the last one all trouble ends, and everything must be done.
pub fn run(setup: &Setup, actions: &[Action], broken: Option<Broken>, trace: bool) -> Result<Done, Wrong> {
    quiet_threads();
    let step = AtomicUsize::new(0);
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let world = World::new(setup.clone(), broken, trace);
        for (at, action) in actions.iter().enumerate() {
            step.store(at, Ordering::Relaxed);
            world.say(|| format!("{at}: {action:?}"));
            world.act(action);
            world.check()?;
        }
        step.store(actions.len(), Ordering::Relaxed);
        world.say(|| format!("{}: all trouble ends", actions.len()));
        world.drain();
        world.check()?;
        let journal = world.shared.journal();
        Ok(Done {
            steps: actions.len() as u64,
            tasks: journal.queued.len() as u64,
            commits: journal.commits,
            conflicts: journal.conflicts,
            fenced: journal.fenced,
            stale: journal.stale,
        })
    }));
    let wrong = match outcome {
        Ok(Ok(done)) => return Ok(done),
        Ok(Err(wrong)) => wrong,
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
            format!("a panic: {}", text.unwrap_or("without words"))
        }
    };
    Err((step.into_inner(), wrong))
}

/// The actions without those that are not needed to fail. Panics on the way are caught and not told.
pub fn shortened(setup: &Setup, actions: &[Action], broken: Option<Broken>) -> Vec<Action> {
    std::thread::scope(|scope| {
        let worker = std::thread::Builder::new().name(QUIET.to_owned());
        worker.spawn_scoped(scope, || shorten(setup, actions, broken)).unwrap().join().unwrap()
    })
}

fn shorten(setup: &Setup, actions: &[Action], broken: Option<Broken>) -> Vec<Action> {
    let mut needed = actions.to_vec();
    if let Err((step, _)) = run(setup, &needed, broken, false) {
        needed.truncate(step + 1);
    }
    let mut at = needed.len();
    while at > 0 {
        at -= 1;
        let mut fewer = needed.clone();
        fewer.remove(at);
        if run(setup, &fewer, broken, false).is_err() {
            needed = fewer;
        }
    }
    needed
}

/// Runs one seed and tells every action.
pub fn replay(seed: u64) {
    let (setup, actions) = of_seed(seed);
    eprintln!("seed {seed}: {setup:#?}");
    if let Err((step, wrong)) = run(&setup, &actions, None, true) {
        let needed = shortened(&setup, &actions, None);
        eprintln!("what is needed of it, {} actions of {}:", needed.len(), actions.len());
        if let Err((step, wrong)) = run(&setup, &needed, None, true) {
            eprintln!("step {step} of these: {wrong}");
        }
        panic!("seed {seed}, step {step}: {wrong}");
    }
}

/// What many seeds did.
#[derive(Default)]
pub struct Many {
    pub seeds: u64,
    pub all: Done,
    pub took: Duration,
    /// The first seed that failed.
    pub failed: Option<(u64, Wrong)>,
}

/// Runs seeds from `first` on until one fails, `seeds` are done, or the time is up; on all processors.
pub fn many(first: u64, seeds: u64, time: Duration, broken: Option<Broken>) -> Many {
    let begun = Instant::now();
    let next = AtomicU64::new(0);
    let many = Mutex::new(Many::default());
    let lock = || many.lock().unwrap_or_else(PoisonError::into_inner);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            let worker = std::thread::Builder::new().name(QUIET.to_owned());
            worker
                .spawn_scoped(scope, || {
                    loop {
                        let seed = first + next.fetch_add(1, Ordering::Relaxed);
                        if seed >= first + seeds || begun.elapsed() > time || lock().failed.is_some() {
                            return;
                        }
                        let (setup, actions) = of_seed(seed);
                        let outcome = run(&setup, &actions, broken, false);
                        let mut many = lock();
                        many.seeds += 1;
                        match outcome {
                            Ok(done) => {
                                many.all.steps += done.steps;
                                many.all.tasks += done.tasks;
                                many.all.commits += done.commits;
                                many.all.conflicts += done.conflicts;
                                many.all.fenced += done.fenced;
                                many.all.stale += done.stale;
                            }
                            Err(wrong) if many.failed.as_ref().is_none_or(|(earlier, _)| seed < *earlier) => {
                                many.failed = Some((seed, wrong))
                            }
                            Err(_) => {}
                        }
                    }
                })
                .unwrap();
        }
    });
    let mut many = many.into_inner().unwrap_or_else(PoisonError::into_inner);
    many.took = begun.elapsed();
    many
}

pub const QUIET: &str = "seeds";

/// A panic in a thread that runs seeds is caught and told there.
fn quiet_threads() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if std::thread::current().name() != Some(QUIET) {
                usual(info);
            }
        }));
    });
}
