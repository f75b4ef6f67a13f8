//! Other programs with the same work. Each is a folder with a `run.sh` that installs what it needs
//! and prints one JSON line; what they are measured at is theirs to say.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::progress::bar;
use crate::results::Results;
use crate::stats::Series;

/// Tasks that a peer gets in each round.
const TASKS: u64 = 20_000;
const ROUNDS: u64 = 3;
/// Around the name of a peer whose whole queue was measured, in a key.
const KEY: (&str, &str) = ("peer_", "_tasks_per_s");

/// A peer's line.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Said {
    peer: String,
    /// Why it was not measured.
    absent: Option<String>,
    version: String,
    /// `translation`: a sandbox alone, to be put beside the sandbox's rows.
    kind: String,
    tasks_per_s: Option<f64>,
    push_tasks_per_s: Option<f64>,
    fresh_us: Option<f64>,
    reused_us: Option<f64>,
    /// As it was run; a text, or what reads like one.
    settings: serde_json::Value,
}

/// One number of a peer: its row, its unit and what is to be known of it.
type Measured = BTreeMap<(&'static str, &'static str), Series>;

/// Runs every peer in turn, round by round.
pub fn measure(folder: &Path, results: &mut Results) -> Result<()> {
    let mut peers: Vec<(PathBuf, Measured, Said)> = Vec::new();
    for entry in folder.read_dir().with_context(|| format!("cannot read {}", folder.display()))? {
        let script = entry?.path().join("run.sh");
        if script.is_file() {
            peers.push((script, Measured::new(), Said::default()));
        }
    }
    peers.sort_by(|(a, ..), (b, ..)| a.cmp(b));
    let bar = bar(ROUNDS * peers.len() as u64, "peers");
    for _ in 0..ROUNDS {
        for (script, measured, last) in &mut peers {
            if last.absent.is_none() {
                *last = run(script);
                for (what, value) in last.numbers() {
                    measured.entry(what).or_default().push(value);
                }
            }
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    for (_, measured, said) in peers {
        rows(&measured, &said, results);
    }
    Ok(())
}

fn rows(measured: &Measured, said: &Said, results: &mut Results) {
    if let Some(why) = &said.absent {
        results.absent("peers", &said.peer, why);
        return;
    }
    let settings = said.settings.as_str().map_or_else(|| said.settings.to_string(), str::to_owned);
    for ((what, unit), series) in measured {
        results.row("peers", format!("{} {}, {what}", said.peer, said.version), series, unit, &settings);
        let key = match *what {
            QUEUE => format!("{}{}{}", KEY.0, said.peer, KEY.1),
            FRESH => format!("{}_fresh_us", said.peer),
            _ => continue,
        };
        results.key(&key, series.median(), series.noise());
    }
}

const QUEUE: &str = "queue to stored";
const FRESH: &str = "a fresh plugin for each task";

impl Said {
    fn numbers(&self) -> Vec<((&'static str, &'static str), f64)> {
        let queue = if self.kind == "translation" { None } else { self.tasks_per_s };
        [
            ((QUEUE, "tasks/s"), queue),
            (("submission", "tasks/s"), self.push_tasks_per_s),
            ((FRESH, "µs"), self.fresh_us),
            (("one plugin for all tasks", "µs"), self.reused_us),
        ]
        .into_iter()
        .filter_map(|(what, value)| Some((what, value?)))
        .collect()
    }

    fn absent(peer: &Path, why: impl Into<String>) -> Self {
        let name = peer.parent().and_then(Path::file_name).unwrap_or_default();
        Self { peer: name.to_string_lossy().into_owned(), absent: Some(why.into()), ..Self::default() }
    }
}

/// Whether peers are behind this key.
pub fn is_key(key: &str) -> bool {
    key.starts_with(KEY.0) || matches!(key, "extism_fresh_us" | "best_peer" | "over_best_peer" | "over_extism_fresh")
}

/// One run. Whatever goes wrong, a peer is never left out: it is absent, and why.
fn run(script: &Path) -> Said {
    let ran = Command::new("bash").arg(script).args(["--tasks", &TASKS.to_string()]).stderr(Stdio::inherit()).output();
    let output = match ran {
        Ok(output) if output.status.success() => output,
        Ok(output) => return Said::absent(script, format!("its run.sh ended with {}", output.status)),
        Err(error) => return Said::absent(script, format!("its run.sh cannot be run: {error}")),
    };
    let said = String::from_utf8_lossy(&output.stdout);
    let line = said.lines().rev().find(|line| line.starts_with('{')).unwrap_or_default();
    serde_json::from_str(line).unwrap_or_else(|error| Said::absent(script, format!("what it said cannot be read: {error}")))
}

/// Puts the best peer beside Lockgate, and Extism's fresh plugin beside a fresh instance.
pub fn best(results: &mut Results) {
    let queue_of = |key: &str| Some(key.strip_prefix(KEY.0)?.strip_suffix(KEY.1)?.to_owned());
    let peers = results.keys.iter().filter_map(|(key, value)| Some((queue_of(key)?, value.as_f64()?)));
    if let Some((name, rate)) = peers.max_by(|(_, a), (_, b)| a.total_cmp(b)) {
        results.keys.insert("best_peer".to_owned(), name.clone().into());
        let noise = results.noise.get(&format!("{}{name}{}", KEY.0, KEY.1)).copied().unwrap_or(0.0);
        if let Some(own) = results.number("drained_tasks_per_s") {
            let own_noise = results.noise.get("drained_tasks_per_s").copied().unwrap_or(0.0);
            results.key("over_best_peer", own / rate, noise.max(own_noise));
        }
    }
    let own = results.rows.iter().find(|row| row.part == "sandbox" && row.name == crate::sandbox::FRESH_ROW);
    if let (Some(theirs), Some(own)) = (results.number("extism_fresh_us"), own.and_then(|row| row.value)) {
        let noise = results.noise.get("extism_fresh_us").copied().unwrap_or(0.0);
        results.key("over_extism_fresh", theirs / own, noise);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_peer_is_the_one_with_the_most_tasks() {
        let mut results = Results::default();
        results.key("drained_tasks_per_s", 50_000.0, 0.02);
        results.key("peer_apalis_tasks_per_s", 350.0, 0.01);
        results.key("peer_bullmq_tasks_per_s", 5_000.0, 0.1);
        best(&mut results);
        assert_eq!(results.keys.get("best_peer").and_then(|name| name.as_str()), Some("bullmq"));
        assert_eq!(results.number("over_best_peer"), Some(10.0));
        assert_eq!(results.noise.get("over_best_peer"), Some(&0.1));
    }

    #[test]
    fn a_sandbox_alone_is_no_queue() {
        let said = Said { kind: "translation".to_owned(), tasks_per_s: Some(9.0), fresh_us: Some(1.0), ..Said::default() };
        assert_eq!(said.numbers(), [((FRESH, "µs"), 1.0)]);
    }

    #[test]
    fn a_peer_that_cannot_run_is_absent_and_not_left_out() {
        let said = run(Path::new("/nowhere/redis/run.sh"));
        assert_eq!(said.peer, "redis");
        assert!(said.absent.is_some());
    }
}
