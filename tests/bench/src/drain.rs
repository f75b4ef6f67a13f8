//! From the queue to stored, in this process.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Args;
use serde_json::json;

use crate::cost::{Cost, Meter};
use crate::feed::Size;
use crate::progress::bar;
use crate::rig::{self, Rig, Setup, Translation, component};

/// Flags of `drain`.
#[derive(Debug, Args)]
pub struct Drain {
    /// Tasks of 974 bytes, all queued before the first is processed
    #[arg(long, default_value_t = 200_000)]
    tasks: u64,
    /// Connectors that the tasks are spread over
    #[arg(long, default_value_t = 1)]
    connectors: usize,
    /// Translate in this process instead of the sandbox
    #[arg(long)]
    native: bool,
    /// Another `batch_tasks_max` than the server's default
    #[arg(long, value_name = "TASKS")]
    batch: Option<usize>,
    /// Where the store is made [default: beside this program]
    #[arg(long)]
    folder: Option<PathBuf>,
    /// The connector [default: the one that was built]
    #[arg(long, value_name = "FILE")]
    component: Option<PathBuf>,
    /// Print the result as one JSON object
    #[arg(long)]
    json: bool,
}

/// What a drain came to.
#[derive(Debug, Clone, Copy)]
pub struct Drained {
    pub tasks: u64,
    pub cost: Cost,
    pub commits: u64,
}

impl Drained {
    /// Tasks a second.
    pub fn rate(&self) -> f64 {
        self.cost.per_second(self.tasks)
    }

    /// µs of the processor for each task, over all threads.
    pub fn cpu_us(&self) -> f64 {
        self.cost.cpu_us_each(self.tasks)
    }
}

impl Drain {
    pub fn run(self) -> Result<()> {
        let translation = match (self.native, &self.component) {
            (true, _) => Translation::Native,
            (false, Some(file)) => {
                Translation::Sandboxed(std::fs::read(file).with_context(|| format!("cannot read the connector {}", file.display()))?)
            }
            (false, None) => Translation::Sandboxed(component(&rig::guests()?)?),
        };
        let setup = Setup { connectors: self.connectors, folder: self.folder, batch_tasks_max: self.batch, ..Setup::new(translation) };
        let rig = Rig::new(&setup)?;
        let drained = drain(&rig, self.tasks)?;
        let (rate, cpu_us) = (drained.rate(), drained.cpu_us());
        if self.json {
            println!(
                "{}",
                json!({
                    "tasks": self.tasks,
                    "connectors": self.connectors,
                    "native": self.native,
                    "tasks_per_s": rate,
                    "cpu_us_per_task": cpu_us,
                    "wall_s": drained.cost.wall.as_secs_f64(),
                    "commits": drained.commits,
                })
            );
        } else {
            println!("{rate:.0} tasks/s, {cpu_us:.2} µs of processor a task, {} commits", drained.commits);
        }
        Ok(())
    }
}

/// Queues that many products, drains them, and checks what is stored.
pub fn drain(rig: &Rig, tasks: u64) -> Result<Drained> {
    let queueing = bar(tasks, "queueing");
    rig.queue(tasks, Size::Medium, &queueing)?;
    queueing.finish_and_clear();
    let draining = bar(tasks, "draining");
    let commits = rig.commits()?;
    let meter = Meter::start();
    rig.drain(&draining)?;
    let cost = meter.stop();
    draining.finish_and_clear();
    rig.check(tasks)?;
    Ok(Drained { tasks, cost, commits: rig.commits()? - commits })
}
