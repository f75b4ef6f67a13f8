//! Where a task's time goes. The ports are wrapped in clocks for this row alone.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;

use super::{Spans, TASKS};
use crate::bench::Bench;
use crate::drain::{Drained, drain};
use crate::results::Results;
use crate::rig::{Rig, Setup, Translation};

/// A file system in memory, where an fsync costs nothing.
const MEMORY: &str = "/dev/shm";

pub fn measure(bench: &Bench, results: &mut Results) -> Result<()> {
    let tasks = bench.tasks.min(TASKS);
    let (drained, spans) = timed(bench, bench.folder.as_deref())?;
    let mut known = 0.0;
    for (name, span) in spans.all() {
        let us = span.us_each(tasks);
        known += us;
        results.once("pipeline", format!("split: {name}"), us, "µs/task", "");
    }
    let wall_us = drained.cost.wall.as_secs_f64() * 1e6 / tasks as f64;
    let note = "one connector, with clocks; less than the sum where parts overlap";
    results.once("pipeline", "split: whole", wall_us, "µs/task", note);
    results.once("pipeline", "split: sum of the parts", known, "µs/task", "without plan, checks and waiting");
    if !Path::new(MEMORY).is_dir() {
        results.absent("pipeline", "split: fsync", "no file system in memory to compare with");
        return Ok(());
    }
    let (_, in_memory) = timed(bench, Some(Path::new(MEMORY)))?;
    let fsync_us = spans.commit.us_each(tasks) - in_memory.commit.us_each(tasks);
    let note = format!("`write and fsync` less the same on a file system in memory; {} commits", drained.commits);
    results.once("pipeline", "split: fsync and the disk", fsync_us, "µs/task", note);
    Ok(())
}

fn timed(bench: &Bench, folder: Option<&Path>) -> Result<(Drained, Arc<Spans>)> {
    let spans = Arc::new(Spans::default());
    let translation = Translation::Sandboxed(bench.component.clone());
    let rig = Rig::new(&Setup { folder: folder.map(Into::into), spans: Some(Arc::clone(&spans)), ..Setup::new(translation) })?;
    spans.all().for_each(|(_, span)| span.reset());
    Ok((drain(&rig, bench.tasks.min(TASKS))?, spans))
}
