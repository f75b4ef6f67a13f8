//! What a connector that spins for ever costs another one: `cargo run -p lockgate-hostile-tests --bin
//! fairness`, alone on the machine. `README.md` has its results and says what they mean.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use lockgate_core::ports::{HistoryFilter, Limits};
use lockgate_core::settings::ConnectorSettings;
use lockgate_hostile_tests::connector::connector;
use lockgate_hostile_tests::rig::{self, End, Rig, submission, writing};
use lockgate_hostile_tests::world::World;

/// Rounds of all rows, interleaved.
const ROUNDS: usize = 15;
/// How long each row is measured in each round.
const MEASURE: Duration = Duration::from_millis(700);
/// Tasks of `good` that are submitted at once when its throughput is measured.
const BATCH: usize = 50;
/// Deadline of a spinner, in ms.
const DEADLINE_MS: u64 = 100;
/// Deadline of a busy one: never reached, even where it gets a quarter of a processor.
const FAR_DEADLINE_MS: u64 = 5_000;
/// Queued tasks of each of those: never none.
const QUEUED: usize = 20;

/// Spins until it is stopped.
const SPINNER: &str = "(module %MEMORY% %METHODS% (func $attack (result i32) (loop $again (br $again)) unreachable))";

/// Works for about 100 ms, and answers: at work all the time, too, without a fault.
const BUSY: &str = r#"(module %MEMORY% %METHODS%
    (func $attack (result i32)
        (local $n i32)
        (local.set $n (i32.const 200000000))
        (loop $work (br_if $work (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (call $skip (i32.const 53) (i32.const 4))))"#;

/// `good`, 200 µs of honest work a task.
const GOOD: &str = r#"(module %MEMORY% %METHODS%
    (func $attack (result i32)
        (local $n i32)
        (local.set $n (i32.const 400000))
        (loop $work (br_if $work (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (call $item (global.get $body) (global.get $bytes))))"#;

const ROWS: [(&str, &str, usize); 6] = [
    ("alone", "", 0),
    ("alone again", "", 0),
    ("beside one busy connector", BUSY, 1),
    ("beside one that spins for ever", SPINNER, 1),
    ("beside four busy connectors", BUSY, 4),
    ("beside four that spin for ever", SPINNER, 4),
];

fn main() -> Result<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == "compile-child") {
        return Ok(lockgate_sandbox::compile_child(arguments));
    }
    let mut world = World::new()?;
    world.good = connector(GOOD)?;
    let mut measured: Vec<Vec<Measured>> = vec![Vec::new(); ROWS.len()];
    for round in 0..ROUNDS {
        let mut rows: Vec<_> = ROWS.iter().zip(&mut measured).collect();
        // Every second round backwards, so that no row always follows the same one.
        if round % 2 == 1 {
            rows.reverse();
        }
        for ((_, beside, count), measured) in rows {
            measured.push(measure(&world, beside, *count)?);
        }
    }
    println!("{:<34} {:>9} {:>8} {:>8} {:>9} {:>9} {:>7}", "`good`", "tasks/s", "to alone", "to busy", "p50 ms", "p99 ms", "others");
    for (row, ((name, ..), rounds)) in ROWS.iter().zip(&measured).enumerate() {
        let median = median(rounds);
        let to = |other: usize| measured.get(other).map_or(0.0, |other| ratio(rounds, other));
        // A spinner stands below the row of as many busy ones.
        let to_busy = if name.contains("spin") { format!("{:.2}", to(row.saturating_sub(1))) } else { String::new() };
        let Measured { per_second, p50_ms, p99_ms, others } = median;
        println!("{name:<34} {per_second:>9.0} {:>8.2} {to_busy:>8} {p50_ms:>9.2} {p99_ms:>9.2} {others:>7}", to(0));
    }
    Ok(ExitCode::SUCCESS)
}

#[derive(Debug, Clone, Copy)]
struct Measured {
    /// Stored tasks, in batches.
    per_second: f64,
    /// From submission to stored, one task at a time.
    p50_ms: f64,
    p99_ms: f64,
    /// Tasks of the others that ended meanwhile.
    others: usize,
}

fn measure(world: &World, beside: &str, count: usize) -> Result<Measured> {
    let names: Vec<String> = (0..count).map(|n| format!("beside{n}")).collect();
    let deadline_ms = if beside == SPINNER { DEADLINE_MS } else { FAR_DEADLINE_MS };
    let limits = Limits { deadline_ms, ..Limits::default() };
    let settings = names.iter().map(|name| (name.as_str(), ConnectorSettings { limits: limits.clone(), ..writing() }));
    let rig = Rig::new(world, settings.collect::<BTreeMap<_, _>>())?;
    for name in &names {
        rig.install(name, &connector(beside)?)?;
    }
    let end = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let feeding = scope.spawn(|| feed(&rig, &names, &end));
        let measured = throughput(&rig).and_then(|per_second| Ok((per_second, latencies(&rig)?)));
        end.store(true, Ordering::SeqCst);
        feeding.join().map_err(|_panic| anyhow::anyhow!("the feeder panicked"))??;
        let (per_second, latencies) = measured?;
        let at = |share: f64| latencies.get((latencies.len() as f64 * share) as usize).copied().unwrap_or_default();
        let mut others = 0;
        for name in &names {
            let filter = HistoryFilter { connector: Some(rig::name(name)?), ..HistoryFilter::default() };
            others += rig.bus.history(&filter, None, 100_000)?.len();
        }
        Ok(Measured { per_second, p50_ms: at(0.5), p99_ms: at(0.99), others })
    })
}

/// Keeps the others' queues from running dry.
fn feed(rig: &Rig, names: &[String], end: &AtomicBool) -> Result<()> {
    while !end.load(Ordering::SeqCst) {
        let queued = rig.bus.counts()?.queued;
        for name in names {
            let waiting = queued.get(&rig::name(name)?).copied().unwrap_or(0);
            if waiting < QUEUED as u64 {
                let tasks = (0..QUEUED).map(|_| submission(name, "attack")).collect::<Result<Vec<_>>>()?;
                rig.bus.submit(tasks)?;
            }
        }
        std::thread::park_timeout(Duration::from_millis(50));
    }
    Ok(())
}

fn throughput(rig: &Rig) -> Result<f64> {
    let begun = Instant::now();
    let mut stored = 0;
    while begun.elapsed() < MEASURE {
        let tasks = (0..BATCH).map(|n| submission("good", format!("item-{n}"))).collect::<Result<Vec<_>>>()?;
        let last = rig.bus.submit(tasks)?.pop().context("an answer")?.map_err(|refusal| anyhow::anyhow!("refused: {refusal}"))?;
        ensure!(rig.end(last.task)? == End::Stored, "a task of `good` was not stored");
        stored += BATCH;
    }
    Ok(stored as f64 / begun.elapsed().as_secs_f64())
}

/// Ascending, in ms.
fn latencies(rig: &Rig) -> Result<Vec<f64>> {
    let begun = Instant::now();
    let mut took = Vec::new();
    while begun.elapsed() < MEASURE {
        let submitted = Instant::now();
        let task = rig.submit(submission("good", "item-0")?)?.task;
        ensure!(rig.end(task)? == End::Stored, "a task of `good` was not stored");
        took.push(submitted.elapsed().as_secs_f64() * 1e3);
    }
    took.sort_by(f64::total_cmp);
    Ok(took)
}

/// Median over the rounds of one row's throughput to another's in the same round.
fn ratio(rounds: &[Measured], to: &[Measured]) -> f64 {
    let mut ratios: Vec<f64> = rounds.iter().zip(to).map(|(one, other)| one.per_second / other.per_second).collect();
    ratios.sort_by(f64::total_cmp);
    ratios.get(ratios.len() / 2).copied().unwrap_or_default()
}

fn median(rounds: &[Measured]) -> Measured {
    let of = |value: fn(&Measured) -> f64| {
        let mut values: Vec<f64> = rounds.iter().map(value).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or_default()
    };
    Measured {
        per_second: of(|m| m.per_second),
        p50_ms: of(|m| m.p50_ms),
        p99_ms: of(|m| m.p99_ms),
        others: rounds.iter().map(|m| m.others).sum::<usize>() / rounds.len().max(1),
    }
}
