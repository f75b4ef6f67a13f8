//! A connector that attacks with its tasks, and what must hold after it (B.0 of the list).

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use lockgate_bus::TaskAction;
use lockgate_core::admit::Submission;
use lockgate_core::failure::MESSAGE_BYTES_MAX;
use lockgate_core::history::{LogLine, Outcome, Source};
use lockgate_core::ports::{HistoryFilter, Limits};
use lockgate_core::settings::ConnectorSettings;
use lockgate_core::task::{ProcessType, TaskId};

use crate::case::{Case, Expect, Form, good_payload};
use crate::probe::{Health, behaves, other_stores};
use crate::process::{self, Usage};
use crate::rig::{End, Rig, name, submission, tried_once, writing};
use crate::table::Row;
use crate::world::World;

/// Repeats before the baseline is read, so that what is kept for reuse is there.
const WARM_UP: u32 = 50;
/// Rounds of repeats that may each seem to keep something.
const ROUNDS: u32 = 3;
/// Deadline of the repeats of what runs into it.
const REPEATED_DEADLINE_MS: u64 = 5;
/// Most repeats that are queued at a time.
const QUEUED: u32 = 100;
/// How long memory may take to come back.
const SETTLE: Duration = Duration::from_secs(3);

/// Runs a case on the component that its text makes.
pub fn run(world: &World, case: &Case) -> Result<Row> {
    run_component(world, case, &crate::connector::of(case)?, settings(case), false)
}

/// What the operator says of the attacker.
pub fn settings(case: &Case) -> ConnectorSettings {
    let granted = if case.granted { writing() } else { tried_once() };
    ConnectorSettings { limits: case.limits.clone(), ..granted }
}

/// Runs a case on this component.
pub fn run_component(world: &World, case: &Case, component: &[u8], settings: ConnectorSettings, dry_run: bool) -> Result<Row> {
    let deadline_ms = if case.expect.is_deadline() { REPEATED_DEADLINE_MS } else { settings.limits.deadline_ms };
    let repeated = ConnectorSettings { limits: Limits { deadline_ms, ..settings.limits.clone() }, ..settings.clone() };
    let settings = BTreeMap::from([("hostile", settings), ("repeated", repeated)]);
    let rig = Rig::with(world, world.sandbox.clone(), settings, dry_run)?;
    rig.install("hostile", component).context("the attacker is installed")?;
    rig.install("repeated", component)?;
    let mut row = Row::new(case);

    let health = Health::watch(&rig)?;
    for (number, payload) in case.payloads.iter().enumerate() {
        attack(&rig, case, payload, &format!("attack {number}"), &mut row).with_context(|| format!("with payload {payload:?}"))?;
    }
    repeat(&rig, case, WARM_UP.min(case.repeats), &mut row)?;
    row.kept_kib = kept_by(case, || repeat(&rig, case, case.repeats, &mut row))?;
    row.health = health.end()?;

    if !case.can_behave {
        // What cannot behave is replaced by what does.
        rig.install("repeated", &world.good)?;
    }
    // H4: the next task of the same connector works.
    if case.granted {
        let form = if case.can_behave { case.form } else { Form::Connector };
        behaves(&rig, "repeated", &good_payload(form, "again"))?;
    }
    behaves(&rig, "good", "ok again")?;
    secrets_are_kept(&rig, case)?;
    Ok(row)
}

/// One attack, by a task of process type `default`, with everything that must hold.
fn attack(rig: &Rig, case: &Case, payload: &str, key: &str, row: &mut Row) -> Result<()> {
    let before = others_removed(&rig.export()?);
    process::reset_peak()?;
    let resident_kib = process::peak_kib()?;
    let begun = Instant::now();
    let attacking = Submission { idempotency_key: Some(key.to_owned()), ..attacking(case, "hostile", payload, ProcessType::Default)? };
    let task = rig.submit(attacking.clone())?.task;
    let behind = case.can_behave.then(|| rig.submit(submission("hostile", good_payload(case.form, "behind"))?)).transpose()?;
    // H1: another connector's task finishes in time.
    row.other_took(other_stores(rig, "other")?);
    let end = rig.end(task)?;
    row.took(begun.elapsed());
    let peak_kib = process::peak_kib()? - resident_kib;
    row.peak_kib = row.peak_kib.max(peak_kib);
    if let Some(max) = case.peak_mib_max {
        ensure!(peak_kib <= i64::try_from(max << 10)?, "the host took {peak_kib} KiB, at most {max} MiB are allowed");
    }
    check_end(case, &end)?;
    check_log(rig, case, task)?;
    row.ended(&end);
    if let End::Failed(_) = end {
        // H3: nothing of it is stored.
        let after = others_removed(&rig.export()?);
        ensure!(before == after, "the store has changed:\n{before}\nnow:\n{after}");
        failed(rig, case, task, attacking)?;
    } else {
        let export = rig.export()?;
        for text in &case.says {
            ensure!(export.contains(text), "{text:?} is not stored:\n{export}");
        }
    }
    if let Some(behind) = behind {
        let end = rig.end(behind.task)?;
        ensure!(end == End::Stored, "the task behind ended as {end:?}");
        // For the next payload, the store is as it was.
        rig.idle("hostile")?;
    }
    Ok(())
}

/// A failed attack stands in its queue, and can be dealt with.
fn failed(rig: &Rig, case: &Case, task: TaskId, attacking: Submission) -> Result<()> {
    // The failure is recorded before the pass has ended.
    rig.idle("hostile")?;
    // H5: it was tried once, and is not tried again by itself.
    rig.bus.request_processing(Some(&name("hostile")?))?;
    rig.idle("hostile")?;
    let queued = rig.bus.task(task)?.context("the failed task is queued")?;
    ensure!(queued.attempts == 1, "the attack was tried {} times", queued.attempts);
    // H3: its idempotency key leads to it, and does not keep it from being tried again.
    let again = rig.submit(attacking)?;
    ensure!(again.repeated.is_some() && again.task == task, "the same key led to {again:?}");
    let retried = rig.bus.act(task, TaskAction::Retry)?.context("a retry has an outcome")?;
    check_end(case, &End::Failed(retried.failure.context("the attack fails again")?))?;
    // The queue behind it moves when it is out of the way.
    rig.bus.act(task, TaskAction::Delete)?;
    rig.bus.request_processing(Some(&name("hostile")?))?;
    Ok(())
}

/// H2: the recorded end is the case's.
fn check_end(case: &Case, end: &End) -> Result<()> {
    match (&case.expect, end) {
        (Expect::Stored, End::Stored) => Ok(()),
        (Expect::Skipped, End::Skipped(why)) => {
            ensure!(!why.chars().any(char::is_control), "the reason has control characters: {why:?}");
            Ok(())
        }
        (Expect::Fails(code), End::Failed(failure)) if code.split(" or ").any(|code| failure.code.as_str() == code) => {
            ensure!(failure.message.len() <= MESSAGE_BYTES_MAX + 3, "the message has {} bytes", failure.message.len());
            ensure!(!failure.message.chars().any(char::is_control), "the message has control characters: {:?}", failure.message);
            let said = failure.to_string();
            for text in &case.says {
                ensure!(said.contains(text), "{text:?} is not said: {said}");
            }
            Ok(())
        }
        (expected, end) => bail!("{expected:?} was expected, it ended as {end:?}"),
    }
}

/// No secret's value is in the store's file, whatever was done with it.
fn secrets_are_kept(rig: &Rig, case: &Case) -> Result<()> {
    let file = std::fs::read(rig.folder.path().join("lockgate.redb"))?;
    for value in case.reach.secret_values() {
        let found = file.windows(value.len()).any(|bytes| bytes == value.as_bytes());
        ensure!(!found, "the value of a secret is in the store's file");
    }
    Ok(())
}

/// The task's log is bounded and harmless.
fn check_log(rig: &Rig, case: &Case, task: TaskId) -> Result<()> {
    let log = rig.bus.task_log(task)?;
    let guest: Vec<&LogLine> = log.iter().filter(|line| line.source == Source::Guest).collect();
    let bytes: usize = guest.iter().map(|line| line.message.len()).sum();
    let (lines_max, bytes_max) = (case.limits.log_lines_max, case.limits.log_bytes_max);
    ensure!(guest.len() <= lines_max && bytes <= bytes_max, "the guest's log has {} lines and {bytes} bytes", guest.len());
    let harmful = log.iter().find(|line| line.message.chars().any(char::is_control));
    ensure!(harmful.is_none(), "a line has control characters: {harmful:?}");
    for text in &case.log {
        ensure!(log.iter().any(|line| line.message.contains(text)), "{text:?} is not in the log: {:?}", log.last());
    }
    let expected = case.log_lines.unwrap_or(guest.len());
    ensure!(guest.len() == expected, "the guest's log has {} lines, {expected} were expected", guest.len());
    Ok(())
}

/// Queues the attack so often, with others at work meanwhile.
fn repeat(rig: &Rig, case: &Case, times: u32, row: &mut Row) -> Result<()> {
    let mut left = times;
    let mut payloads = case.payloads.iter().cycle();
    while left > 0 {
        let now = left.min(QUEUED);
        left -= now;
        let mut tasks = Vec::new();
        for payload in payloads.by_ref().take(usize::try_from(now)?) {
            tasks.push(attacking(case, "repeated", payload, ProcessType::DeleteOnError)?);
        }
        let accepted = rig.bus.submit(tasks)?;
        ensure!(accepted.iter().all(Result::is_ok), "a repeat was refused: {accepted:?}");
        row.other_took(other_stores(rig, "other")?);
        rig.idle("repeated")?;
        check_repeats(rig, case, usize::try_from(now)?)?;
    }
    Ok(())
}

/// The last entries of the history are the attack's.
fn check_repeats(rig: &Rig, case: &Case, count: usize) -> Result<()> {
    let filter = HistoryFilter { connector: Some(name("repeated")?), ..HistoryFilter::default() };
    let entries = rig.bus.history(&filter, None, count)?;
    ensure!(entries.len() == count, "{} of {count} repeats have ended", entries.len());
    for (_, entry) in entries {
        let end = match entry.outcome {
            Outcome::Stored | Outcome::Unchanged | Outcome::Superseded | Outcome::Absent | Outcome::Mended => End::Stored,
            Outcome::Skipped(why) => End::Skipped(why),
            Outcome::Failed(failure) => End::Failed(failure),
            Outcome::Deleted(_) => bail!("a repeat was deleted"),
        };
        check_end(case, &end).context("at a repeat")?;
    }
    Ok(())
}

fn attacking(case: &Case, connector: &str, payload: &str, process_type: ProcessType) -> Result<Submission> {
    let submission = submission(connector, payload)?;
    Ok(Submission { process_type, task_type: case.task_type, data_type: case.data_type, ..submission })
}

/// An export without what other connectors, and those behind, have stored meanwhile.
fn others_removed(export: &str) -> String {
    export.lines().filter(|line| !["\"other\"", "\"behind\""].iter().any(|theirs| line.contains(theirs))).collect::<Vec<_>>().join("\n")
}

/// How much the process keeps of these repeats, in KiB. What is kept for reuse shows once, and with
/// unlucky threads again; a leak shows in each round.
pub fn kept_by(case: &Case, mut repeats: impl FnMut() -> Result<()>) -> Result<i64> {
    let mut round = || -> Result<Result<i64>> {
        let before = process::usage()?;
        repeats()?;
        Ok(settled(before, case))
    };
    for _ in 1..ROUNDS {
        if let Ok(kib) = round()? {
            return Ok(kib);
        }
    }
    round()?
}

/// Waits until the process has given back what it took; how much it has kept, in KiB.
pub fn settled(before: Usage, case: &Case) -> Result<i64> {
    let begun = Instant::now();
    loop {
        let after = process::usage()?;
        match process::is_back(before, after, case.kept_kib_max) {
            Ok(()) => return Ok(after.private_kib - before.private_kib),
            Err(error) if begun.elapsed() > SETTLE => return Err(error),
            Err(_) => std::thread::park_timeout(Duration::from_millis(20)),
        }
    }
}
