//! What the measurements were made on. No name, no path.

use std::path::Path;
use std::process::Command;

use serde::{Deserialize, Serialize};

/// A machine, as far as it matters for the figures.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Machine {
    /// Model of the processor.
    pub processor: String,
    /// Processors that this process may use.
    pub cores: usize,
    /// Memory.
    pub memory_gib: f64,
    /// System and its version.
    pub system: String,
    /// File system, and what a synchronised write of 4 kB takes on it.
    pub disk: String,
    /// The compiler.
    pub rustc: String,
}

impl Machine {
    /// This one; `folder` is where stores are made.
    pub fn here(folder: &Path) -> Self {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let value = |text: &str, key: &str| {
            let line = text.lines().find(|line| line.starts_with(key));
            line.and_then(|line| line.split(':').nth(1)).unwrap_or("unknown").trim().to_owned()
        };
        let memory_kib = value(&read("/proc/meminfo"), "MemTotal").trim_end_matches(" kB").parse().unwrap_or(0.0);
        let version = read("/proc/sys/kernel/osrelease");
        Self {
            processor: value(&read("/proc/cpuinfo"), "model name"),
            cores: std::thread::available_parallelism().map_or(1, Into::into),
            memory_gib: (memory_kib / 1024.0 / 102.4_f64).round() / 10.0,
            // Without what a builder of kernels adds to the number.
            system: format!("{} {}", std::env::consts::OS, version.trim().split('-').next().unwrap_or_default()),
            disk: disk(folder),
            rustc: rustc(),
        }
    }

    /// As documents say it.
    pub fn line(&self) -> String {
        format!("{}, {} cores, {} GiB; {}; {}; {}", self.processor, self.cores, self.memory_gib, self.system, self.disk, self.rustc)
    }

    /// What makes it this machine; the disk's speed differs from run to run.
    pub fn name(&self) -> (&str, usize, &str) {
        (&self.processor, self.cores, &self.system)
    }
}

fn rustc() -> String {
    let asked = Command::new("rustc").arg("--version").output();
    let version = asked.map(|answer| String::from_utf8_lossy(&answer.stdout).trim().to_owned()).unwrap_or_default();
    // Without hash and date.
    version.split(" (").next().unwrap_or_default().to_owned()
}

fn disk(folder: &Path) -> String {
    let Ok(folder) = folder.canonicalize() else { return "unknown".to_owned() };
    let mounts = std::fs::read_to_string("/proc/mounts").unwrap_or_default();
    let kind = mounts
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ').skip(1);
            Some((words.next()?, words.next()?))
        })
        .filter(|(point, _)| folder.starts_with(point))
        .max_by_key(|(point, _)| point.len())
        .map_or("unknown", |(_, kind)| kind);
    match sync_ms(&folder) {
        Some(ms) => format!("{kind}, fdatasync {ms:.1} ms"),
        None => kind.to_owned(),
    }
}

/// Median of a write of 4 kB and an fdatasync, in ms.
fn sync_ms(folder: &Path) -> Option<f64> {
    use std::io::Write as _;
    let mut file = tempfile::tempfile_in(folder).ok()?;
    let mut took = Vec::new();
    for _ in 0..50 {
        let begun = std::time::Instant::now();
        file.write_all(&[7; 4096]).ok()?;
        file.sync_data().ok()?;
        took.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    Some(crate::stats::quantile(&took, 0.5))
}
