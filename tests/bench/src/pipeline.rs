//! From the queue to stored: durable, with history, log and references in it.

mod spans;
mod split;
mod timed_sandbox;
mod timed_store;

use anyhow::Result;

use crate::bench::Bench;
use crate::drain::{Drained, drain};
use crate::progress::bar;
use crate::results::{Results, number};
use crate::rig::{Rig, Setup, Translation};
use crate::stats::Series;

pub use spans::Spans;
pub use timed_sandbox::TimedSandbox;
pub use timed_store::TimedStore;

/// Most tasks of a run that is one side of a comparison.
const TASKS: u64 = 200_000;

pub fn measure(bench: &Bench, results: &mut Results) -> Result<()> {
    against_native(bench, results)?;
    if !bench.quick {
        whole(bench, results)?;
        split::measure(bench, results)?;
    }
    Ok(())
}

/// The same pipeline, the same translation: in the sandbox and in the process, in turn.
fn against_native(bench: &Bench, results: &mut Results) -> Result<()> {
    let (rounds, tasks, connectors) = if bench.quick { (3, 40_000, 2) } else { (7, bench.tasks.min(TASKS), 2) };
    let sandboxed = Translation::Sandboxed(bench.component.clone());
    let [mut fresh, mut again, mut native, mut fresh_cpu, mut native_cpu]: [Series; 5] = Default::default();
    let bar = bar(3 * rounds, "sandboxed and native");
    let run = |translation: &Translation| {
        let drained = once(bench, translation, connectors, tasks)?;
        bar.inc(1);
        Ok::<_, anyhow::Error>((drained.rate(), drained.cpu_us()))
    };
    for _ in 0..rounds {
        let (rate, cpu_us) = run(&sandboxed)?;
        fresh.push(rate);
        fresh_cpu.push(cpu_us);
        let (rate, cpu_us) = run(&Translation::Native)?;
        native.push(rate);
        native_cpu.push(cpu_us);
        again.push(run(&sandboxed)?.0);
    }
    bar.finish_and_clear();
    let note = format!("{} tasks of 974 B, {connectors} connectors, a fresh instance for each task", number(tasks as f64));
    results.row("pipeline", "sandboxed", &fresh, "tasks/s", note);
    results.row("pipeline", "sandboxed, again", &again, "tasks/s", "A/A control: the same side, measured in turn with the others");
    results.row("pipeline", "native", &native, "tasks/s", "the same translation in the process, nothing else different");
    results.row("pipeline", "sandboxed, processor", &fresh_cpu, "µs/task", "all threads");
    results.row("pipeline", "native, processor", &native_cpu, "µs/task", "all threads");
    let (over, control) = (fresh.over(&native), again.over(&fresh));
    results.row("pipeline", "sandboxed / native", &over, "×", format!("A/A control {:.3}", control.median()));
    results.key("sandboxed_over_native", over.median(), (control.median() - 1.0).abs().max(over.noise()));
    Ok(())
}

/// A million tasks, one connector and four.
fn whole(bench: &Bench, results: &mut Results) -> Result<()> {
    let sandboxed = Translation::Sandboxed(bench.component.clone());
    let (tasks, rounds) = (bench.tasks, 3);
    let sides = [1_usize, 4];
    let mut rates: [Series; 2] = Default::default();
    let mut cpus: [Series; 2] = Default::default();
    let mut commits = [0; 2];
    let bar = bar(rounds * 2, "the whole queue");
    for _ in 0..rounds {
        for (((connectors, rate), cpu), commits) in sides.iter().zip(&mut rates).zip(&mut cpus).zip(&mut commits) {
            let drained = once(bench, &sandboxed, *connectors, tasks)?;
            rate.push(drained.rate());
            cpu.push(drained.cpu_us());
            *commits = drained.commits;
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    for (((connectors, rate), cpu), commits) in sides.iter().zip(&rates).zip(&cpus).zip(commits) {
        let name = format!("{} tasks drained, {connectors} connector{}", number(tasks as f64), if *connectors == 1 { "" } else { "s" });
        results.row("pipeline", &name, rate, "tasks/s", format!("{commits} commits"));
        results.row("pipeline", format!("{name}, processor"), cpu, "µs/task", "all threads");
        results.key(&format!("drained_tasks_per_s_{connectors}"), rate.median(), rate.noise());
    }
    // The better of the two, as its name in the table says.
    if let Some(best) = rates.iter().max_by(|a, b| a.median().total_cmp(&b.median())) {
        results.key("drained_tasks_per_s", best.median(), best.noise());
    }
    Ok(())
}

/// On a store of its own.
fn once(bench: &Bench, translation: &Translation, connectors: usize, tasks: u64) -> Result<Drained> {
    let rig = Rig::new(&Setup { folder: bench.folder.clone(), connectors, ..Setup::new(translation.clone()) })?;
    drain(&rig, tasks)
}
