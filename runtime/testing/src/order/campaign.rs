//! Many seeds, on all processors.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, Once, PoisonError};
use std::time::{Duration, Instant};

use super::Engines;
use super::broken::Broken;
use super::class::CLASSES;
use super::trials::{Took, Wrong, check, smaller};

/// What many seeds came to.
#[derive(Debug, Default)]
pub struct Campaign {
    /// How many were tried.
    pub seeds: u64,
    /// What they took.
    pub took: Took,
    /// How long it took.
    pub time: Duration,
    /// The first failure of each class, by its seed.
    pub failed: BTreeMap<&'static str, (u64, Box<Wrong>)>,
    /// How many seeds of each class failed.
    pub failures: BTreeMap<&'static str, u64>,
}

/// Name of threads whose panics are caught and not told.
const QUIET: &str = "orders";

/// Tries seeds from `first` on, so many, or until `until` failures are found.
pub fn campaign(engines: &Engines, first: u64, seeds: u64, until: u64, broken: Option<Broken>) -> Campaign {
    quiet();
    let begun = Instant::now();
    let next = AtomicU64::new(first);
    let all = Mutex::new(Campaign::default());
    let lock = || all.lock().unwrap_or_else(PoisonError::into_inner);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            let worker = std::thread::Builder::new().name(QUIET.to_owned());
            let work = || {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + seeds || lock().failures.values().sum::<u64>() >= until {
                        return;
                    }
                    let checked = check(engines, seed, broken);
                    let mut all = lock();
                    all.seeds += 1;
                    match checked {
                        Ok(took) => all.took.add(took),
                        Err(wrong) => all.fails(seed, wrong),
                    }
                }
            };
            worker.spawn_scoped(scope, work).expect("a thread begins");
        }
    });
    let mut all = all.into_inner().unwrap_or_else(PoisonError::into_inner);
    all.time = begun.elapsed();
    all
}

impl Campaign {
    fn fails(&mut self, seed: u64, wrong: Box<Wrong>) {
        let name = wrong.trial.class.name;
        *self.failures.entry(name).or_default() += 1;
        let known = self.failed.get(name);
        // The smallest tells most.
        if known.is_none_or(|(_, known)| wrong.trial.history.len() < known.trial.history.len()) {
            self.failed.insert(name, (seed, wrong));
        }
    }

    /// In a line.
    pub fn summary(&self) -> String {
        let mean = self.took.tries as f64 / self.took.tasks.max(1) as f64;
        format!(
            "{} histories of {} classes, {} runs, {} tasks, each translated {mean:.2} times, {} at most, in {:.1} s",
            self.seeds,
            CLASSES.len(),
            self.took.runs,
            self.took.tasks,
            self.took.tries_max,
            self.time.as_secs_f64()
        )
    }

    /// Panics when a seed failed, and says which and how, in its smallest form, for each class.
    pub fn assert_kept(self, engines: &Engines) {
        if self.failed.is_empty() {
            return;
        }
        let total: u64 = self.failures.values().sum();
        let mut text = format!("{total} of {} seeds fail: {:?}\n", self.seeds, self.failures);
        for (seed, wrong) in self.failed.into_values() {
            let small = std::thread::scope(|scope| {
                let worker = std::thread::Builder::new().name(QUIET.to_owned());
                worker.spawn_scoped(scope, || smaller(engines, wrong, None)).expect("a thread begins").join().expect("it ends")
            });
            text.push_str(&format!("LOCKGATE_ORDER_SEED={seed} tries it again; its smallest form: {small}\n"));
        }
        panic!("{text}");
    }
}

/// A panic in a thread that runs seeds is caught and told there.
fn quiet() {
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
