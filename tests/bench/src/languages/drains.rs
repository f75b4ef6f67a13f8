//! The whole durable pipeline with each language, and without a sandbox.

use std::path::Path;

use anyhow::{Context as _, Result};

use crate::drain::drain;
use crate::languages::side::Sides;
use crate::progress::bar;
use crate::rig::{Rig, Setup};
use crate::stats::Series;

const ROUNDS: u64 = 3;
/// What a drain should take.
const DRAIN_US: f64 = 7e6;
/// What a task takes of a processor beside its translation, about.
const PIPELINE_US: f64 = 35.0;
/// Threads that translate, by default.
const TRANSLATORS: usize = 2;
/// Fewest and most tasks of a drain.
const TASKS: (f64, f64) = (1_000.0, 200_000.0);

/// Drains in turn, each on a store of its own, as many tasks as take about the same time.
pub fn measure(sides: &mut Sides, folder: Option<&Path>) -> Result<()> {
    let cores = std::thread::available_parallelism().map_or(1, Into::into);
    let bar = bar(ROUNDS * sides.0.len() as u64, "drains");
    for _ in 0..ROUNDS {
        for side in &mut sides.0 {
            let fresh_us = side.found.get("fresh_us").map(Series::median);
            if let (Some(translation), Some(fresh_us)) = (side.translation(), fresh_us) {
                let tasks = tasks(fresh_us, cores);
                let rig = Rig::new(&Setup { folder: folder.map(Path::to_owned), ..Setup::new(translation) })?;
                let drained = drain(&rig, tasks).with_context(|| side.name.clone())?;
                side.found.push("tasks_per_s", drained.rate());
                side.found.push("cpu_us_per_task", drained.cpu_us());
                side.found.push("drained_tasks", tasks as f64);
            }
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    let native = sides.0.iter().find(|side| side.key == "native").and_then(|side| side.found.get("tasks_per_s")).cloned();
    for (side, _) in sides.in_sandbox() {
        let over = side.found.get("tasks_per_s").zip(native.as_ref()).map(|(own, native)| own.over(native));
        over.into_iter().for_each(|over| side.found.insert("over_native", over));
    }
    Ok(())
}

/// How many tasks a drain has, in hundreds.
fn tasks(fresh_us: f64, cores: usize) -> u64 {
    let each_us = (fresh_us + PIPELINE_US) / cores.clamp(1, TRANSLATORS) as f64;
    let (fewest, most) = TASKS;
    let tasks = (DRAIN_US / each_us).clamp(fewest, most);
    (tasks / 100.0).floor() as u64 * 100
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drain_takes_about_as_long_in_every_language() {
        assert_eq!(tasks(16.0, 2), 200_000);
        assert_eq!(tasks(600.0, 2), 22_000);
        assert_eq!(tasks(600.0, 1), 11_000);
        assert_eq!(tasks(600.0, 64), 22_000);
        assert_eq!(tasks(100_000.0, 2), 1_000);
    }
}
