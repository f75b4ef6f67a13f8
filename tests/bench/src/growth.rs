//! What a task costs when much is stored, and how the program starts and sits.

mod fill;
mod program;

use std::path::Path;

use anyhow::{Result, bail};
use rustix::fs::statvfs;

use crate::bench::Bench;
use crate::cost::Meter;
use crate::feed::{self, Size};
use crate::progress::bar;
use crate::results::{Results, number};
use crate::rig::{self, Rig, Setup, Translation};
use crate::stats::Series;

/// Stored objects at which a task's cost is looked at.
const STEPS: [u64; 3] = [10_000, 1_000_000, 10_000_000];
/// Room that a stored object needs, with what a copy-on-write file needs beside it.
const BYTES_EACH: u64 = 1_600;
/// Tasks of a round, and rounds: few enough that the smallest store stays small.
const TASKS: u64 = 4_000;
const ROUNDS: u64 = 5;

pub fn measure(bench: &Bench, results: &mut Results) -> Result<()> {
    let max = if bench.quick { bench.growth_max.min(1_000_000) } else { bench.growth_max };
    let folder = tasks(bench, max, results)?;
    if !bench.quick {
        program::start_after_kill(bench, folder.path(), results)?;
        drop(folder);
        program::many_connectors(bench, results)?;
        program::idle(bench, results)?;
    }
    Ok(())
}

/// Costs at each step, on one store that grows. The folder has it in the end.
fn tasks(bench: &Bench, max: u64, results: &mut Results) -> Result<tempfile::TempDir> {
    let steps: Vec<u64> = STEPS.into_iter().filter(|step| *step <= max.max(10_000)).collect();
    let most = steps.last().copied().unwrap_or_default();
    has_room(bench.folder.as_deref(), most * BYTES_EACH)?;
    let translation = Translation::Sandboxed(bench.component.clone());
    let rig = Rig::new(&Setup { folder: bench.folder.clone(), ..Setup::new(translation) })?;
    let mut filled = 0;
    let mut new_objects = 0;
    let mut costs: Vec<(u64, Costs)> = Vec::new();
    for step in steps {
        let filling = bar(step - filled, format!("filling to {step}"));
        fill::fill(&rig.bus, filled, step, &filling)?;
        filling.finish_and_clear();
        filled = step;
        let found = Costs::of(&rig, filled, &mut new_objects)?;
        found.rows(step, results);
        costs.push((step, found));
    }
    rig.check_objects(filled + new_objects)?;
    let first = costs.first().map(|(_, first)| first);
    for (step, found) in costs.iter().skip(1) {
        let Some(first) = first else { break };
        let word = if *step == 1_000_000 { "1m" } else { "10m" };
        for (kind, now, then) in [("", &found.new, &first.new), ("_updates", &found.updates, &first.updates)] {
            let (over, noise) = now.over(then);
            results.key(&format!("cost_{word}_over_10k{kind}"), over, noise);
        }
    }
    rig.into_folder()
}

/// Tasks that make new objects as a feed sends them, and tasks that change stored ones from all over.
#[derive(Default)]
struct Costs {
    new: Cost,
    updates: Cost,
}

#[derive(Default)]
struct Cost {
    cpu_us: Series,
    wall_us: Series,
}

impl Costs {
    fn of(rig: &Rig, filled: u64, new_objects: &mut u64) -> Result<Self> {
        let mut costs = Self::default();
        // Two of each before anything is measured: what was filled last lies in memory, as it would not otherwise.
        for round in 0..ROUNDS + 2 {
            let first = fill::NEW_FROM + *new_objects;
            let new = measured(rig, (first..first + TASKS).collect())?;
            *new_objects += TASKS;
            // A prime step visits objects from all over, each once.
            let spread = (0..TASKS).map(|at| (round * TASKS + at).wrapping_mul(7_368_787) % filled);
            let updates = measured(rig, spread.collect())?;
            if round >= 2 {
                costs.new.push(new);
                costs.updates.push(updates);
            }
        }
        Ok(costs)
    }

    fn rows(&self, stored: u64, results: &mut Results) {
        for (kind, cost) in [("new objects", &self.new), ("changes all over", &self.updates)] {
            let name = format!("{kind}, {} stored", number(stored as f64));
            results.row("growth", format!("{name}, processor"), &cost.cpu_us, "µs/task", "one connector");
            results.row("growth", format!("{name}, time"), &cost.wall_us, "µs/task", "");
        }
    }
}

impl Cost {
    fn push(&mut self, (cpu_us, wall_us): (f64, f64)) {
        self.cpu_us.push(cpu_us);
        self.wall_us.push(wall_us);
    }

    /// By which factor it grew, processor or time, whichever grew more; and the noise of that.
    fn over(&self, then: &Self) -> (f64, f64) {
        let ratio = |now: &Series, then: &Series| (now.median() / then.median(), now.noise().max(then.noise()));
        let (cpu, wall) = (ratio(&self.cpu_us, &then.cpu_us), ratio(&self.wall_us, &then.wall_us));
        if cpu.0 > wall.0 { cpu } else { wall }
    }
}

/// µs of the processor and of time for each of these products, queued before.
fn measured(rig: &Rig, products: Vec<u64>) -> Result<(f64, f64)> {
    let count = products.len() as u64;
    let Some(connector) = rig.connectors.first() else { bail!("there is no connector") };
    rig.submit(products.into_iter().map(|number| feed::submission(connector, number, Size::Medium)).collect())?;
    let meter = Meter::start();
    rig.drain(&indicatif::ProgressBar::hidden())?;
    let cost = meter.stop();
    rig.check_queue()?;
    Ok((cost.cpu_us_each(count), cost.wall.as_secs_f64() * 1e6 / count as f64))
}

fn has_room(folder: Option<&Path>, bytes: u64) -> Result<()> {
    let folder = rig::folder(folder)?;
    let room = statvfs(folder.path())?;
    let free = room.f_bavail.saturating_mul(room.f_frsize);
    if free < bytes {
        bail!(
            "this needs {} GB and {} GB are free: make room, name another disk with --folder, or stop earlier with --growth-max",
            bytes.div_ceil(1_000_000_000),
            free / 1_000_000_000
        );
    }
    Ok(())
}
