//! case: G90
//! what: the answer differs with every try: only the one that succeeds is stored
//! expect: holds
//! repeats: 20

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use lockgate_bus::TaskAction;
use lockgate_core::admit::Submission;
use lockgate_core::task::ProcessType;

use crate::case::Case;
use crate::connector::connector;
use crate::probe::other_stores;
use crate::rig::{End, Rig, submission, writing};
use crate::table::Row;
use crate::world::World;

/// A `test.link` with a random name, to the item "target".
const RANDOM: &str = r#"(module
    (import "lockgate:connector/random@1.1.0" "bytes" (func $random (param i32 i32)))
    %MEMORY% %METHODS%
    (data (i32.const 4200) "target")
    (func $attack (result i32)
        (drop (call $refers_to_object))
        (call $random (i32.const 8) (i32.const 4096))
        ;; Eight bytes, each of which becomes one of sixteen letters.
        (i64.store (i32.const 4104) (i64.add (i64.const 0x6161616161616161)
            (i64.and (i64.load (i32.load (i32.const 4096))) (i64.const 0x0f0f0f0f0f0f0f0f))))
        (i32.store (i32.const 528) (i32.const 4104))
        (i32.store (i32.const 532) (i32.const 8))
        (i32.const 512))
    (func $object_params (result i32)
        (memory.fill (i32.const 512) (i32.const 0) (i32.const 64))
        (i32.store (i32.const 516) (i32.const 4200))
        (i32.store (i32.const 520) (i32.const 6))
        (i32.const 512)))"#;

pub fn run(world: &World, case: &Case) -> Result<Row> {
    let rig = Rig::new(world, BTreeMap::from([("hostile", writing())]))?;
    rig.install("hostile", &connector(RANDOM)?)?;
    let task = rig.submit(Submission { process_type: ProcessType::Default, ..submission("hostile", "attack")? })?.task;
    ensure!(matches!(rig.end(task)?, End::Failed(_)), "the reference leads somewhere");
    for _ in 0..case.repeats {
        rig.idle("hostile")?;
        rig.bus.act(task, TaskAction::Retry)?;
        ensure!(links(&rig)? == 0, "a try that failed has left something");
    }
    let mut row = Row::new(case);
    row.other_took(other_stores(&rig, "target")?);
    let retried = rig.bus.act(task, TaskAction::Retry)?.context("an outcome")?;
    ensure!(retried.failure.is_none(), "the retry ended as {retried:?}");
    ensure!(links(&rig)? == 1, "{} objects are stored by one task", links(&rig)?);
    Ok(row)
}

fn links(rig: &Rig) -> Result<usize> {
    Ok(rig.export()?.lines().filter(|line| line.contains("\"test.link\"") && line.contains("target")).count())
}
