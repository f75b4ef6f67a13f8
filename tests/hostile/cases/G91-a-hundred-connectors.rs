//! case: G91
//! what: a hundred connectors are installed and all get tasks at once, then they are removed
//! expect: holds

use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::{Result, ensure};
use lockgate_bus::Force;

use crate::attack::settled;
use crate::case::Case;
use crate::connector::connector;
use crate::probe::{Health, other_stores};
use crate::process;
use crate::rig::{End, Rig, name, submission, writing};
use crate::table::Row;
use crate::world::World;

const CONNECTORS: usize = 100;
/// What each may cost, loaded and with its thread, in KiB.
const EACH_KIB_MAX: i64 = 512;

pub fn run(world: &World, case: &Case) -> Result<Row> {
    let names: Vec<String> = (0..CONNECTORS).map(|n| format!("c{n}")).collect();
    let settings = names.iter().map(|name| (name.as_str(), writing())).collect::<BTreeMap<_, _>>();
    let rig = Rig::new(world, settings)?;
    let health = Health::watch(&rig)?;
    let mut row = Row::new(case);
    install_and_remove(&rig, names.get(..4).unwrap_or_default(), &mut row)?;
    let before = process::usage()?;
    install_and_remove(&rig, &names, &mut row)?;
    row.kept_kib = settled(before, case)?;
    row.health = health.end()?;
    Ok(row)
}

fn install_and_remove(rig: &Rig, names: &[String], row: &mut Row) -> Result<()> {
    for (n, name) in names.iter().enumerate() {
        // Each has other bytes, and so another artefact.
        let module = format!("(module %MEMORY% %METHODS% (global i32 (i32.const {n})) (func $attack (result i32) unreachable))");
        rig.install(name, &connector(&module)?)?;
    }
    let before = process::usage()?;
    let begun = Instant::now();
    let tasks = names.iter().map(|name| submission(name, format!("ok {name}"))).collect::<Result<Vec<_>>>()?;
    let accepted = rig.bus.submit(tasks)?;
    row.other_took(other_stores(rig, "other")?);
    for task in accepted {
        let task = task.map_err(|refusal| anyhow::anyhow!("refused: {refusal}"))?.task;
        let end = rig.end(task)?;
        ensure!(end == End::Stored, "a task ended as {end:?}");
    }
    row.took(begun.elapsed());
    let more = process::usage()?.private_kib - before.private_kib;
    row.peak_kib = row.peak_kib.max(more);
    ensure!(more < EACH_KIB_MAX * i64::try_from(names.len())?, "{} connectors at work take {more} KiB", names.len());
    for connector in names {
        rig.bus.remove_connector(&name(connector)?, Force::Yes)?;
    }
    Ok(())
}
