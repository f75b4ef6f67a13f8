//! case: G88
//! what: a connector is upgraded and rolled back while its tasks run, and removed while some are queued
//! expect: holds

use std::collections::BTreeMap;

use anyhow::{Result, bail, ensure};
use lockgate_bus::{ConnectorError, Force};
use lockgate_core::ports::{HistoryFilter, TaskFilter};

use crate::case::Case;
use crate::connector::connector;
use crate::probe::{Health, behaves, other_stores};
use crate::rig::{Rig, name, submission, writing};
use crate::table::Row;
use crate::world::World;

const TASKS: usize = 40;

pub fn run(world: &World, case: &Case) -> Result<Row> {
    let rig = Rig::new(world, BTreeMap::from([("hostile", writing())]))?;
    let hostile = name("hostile")?;
    let (first, second) = (slow(0)?, slow(1)?);
    rig.install("hostile", &first)?;
    let first_digest = rig.digest("hostile")?;
    let mut row = Row::new(case);
    let health = Health::watch(&rig)?;

    submit(&rig)?;
    rig.install("hostile", &second)?;
    let second_digest = rig.digest("hostile")?;
    rig.idle("hostile")?;
    let digests = digests(&rig)?;
    ensure!(digests.len() == TASKS, "{} of {TASKS} tasks are done", digests.len());
    ensure!(digests.last() == Some(&second_digest), "queued tasks were not translated by the new version");
    ensure!(digests.iter().all(|digest| [&first_digest, &second_digest].contains(&digest)), "a third version has worked");

    submit(&rig)?;
    rig.bus.roll_back_connector(&hostile, None)?;
    rig.idle("hostile")?;
    let digests = self::digests(&rig)?;
    ensure!(digests.len() == 2 * TASKS && digests.last() == Some(&first_digest), "the older version does not work again");

    submit(&rig)?;
    match rig.bus.remove_connector(&hostile, Force::No) {
        Err(ConnectorError::HasTasks(_, _)) => {}
        other => bail!("a connector with queued tasks was removed: {other:?}"),
    }
    rig.bus.remove_connector(&hostile, Force::Yes)?;
    let left = rig.bus.tasks(&TaskFilter { connector: Some(hostile.clone()), ..TaskFilter::default() }, None, 1)?;
    ensure!(left.is_empty(), "a task is left: {left:?}");
    row.other_took(other_stores(&rig, "other")?);
    rig.install("hostile", &world.good)?;
    behaves(&rig, "hostile", "ok after")?;
    row.health = health.end()?;
    Ok(row)
}

/// A connector whose tasks take about 10 ms; `n` makes the bytes differ.
fn slow(n: u32) -> Result<Vec<u8>> {
    connector(&format!(
        r#"(module
            %MEMORY% %METHODS%
            (global $version i32 (i32.const {n}))
            (func $attack (result i32)
                (local $n i32)
                (local.set $n (i32.const 20000000))
                (loop $work (br_if $work (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
                (call $item (i32.const 53) (i32.const 4))))"#
    ))
}

fn submit(rig: &Rig) -> Result<()> {
    let tasks = (0..TASKS).map(|_| submission("hostile", "attack")).collect::<Result<Vec<_>>>()?;
    ensure!(rig.bus.submit(tasks)?.iter().all(Result::is_ok), "a task was refused");
    Ok(())
}

/// Which version has done what, in order.
fn digests(rig: &Rig) -> Result<Vec<std::sync::Arc<str>>> {
    let filter = HistoryFilter { connector: Some(name("hostile")?), ..HistoryFilter::default() };
    let mut entries = rig.bus.history(&filter, None, 10 * TASKS)?;
    entries.reverse();
    ensure!(entries.iter().all(|(_, entry)| entry.outcome.is_success()), "a task was not stored");
    Ok(entries.into_iter().map(|(_, entry)| entry.digest).collect())
}
