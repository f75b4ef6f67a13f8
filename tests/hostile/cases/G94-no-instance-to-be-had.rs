//! case: G94
//! what: sleepers hold all instances that the host has: a task that gets none fails, and works afterwards
//! expect: holds
//! repeats: 10

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Result, ensure};
use lockgate_core::failure::Code;
use lockgate_core::ports::Limits;
use lockgate_core::settings::ConnectorSettings;
use lockgate_sandbox::{SandboxOptions, WasmSandbox};

use crate::case::Case;
use crate::connector::connector;
use crate::probe::{Health, behaves};
use crate::rig::{End, Rig, submission, writing};
use crate::table::Row;
use crate::world::{World, options};

const SLEEPER: &str = r#"(module
    (import "wasi:clocks/monotonic-clock@0.2.0" "subscribe-duration" (func $subscribe (param i64) (result i32)))
    (import "wasi:io/poll@0.2.0" "[method]pollable.block" (func $block (param i32)))
    %MEMORY% %METHODS%
    (func $attack (result i32) (call $block (call $subscribe (i64.const 3600000000000))) unreachable))"#;

pub fn run(world: &World, case: &Case) -> Result<Row> {
    let folder = tempfile::tempdir()?;
    let sandbox = WasmSandbox::new(SandboxOptions { instances_max: 2, ..options(folder.path()) })?;
    let within = |deadline_ms| ConnectorSettings { limits: Limits { deadline_ms, ..case.limits.clone() }, ..writing() };
    let settings = BTreeMap::from([("a", within(1_000)), ("b", within(1_000)), ("starved", within(20))]);
    let rig = Rig::with(world, Arc::new(sandbox), settings, false)?;
    for sleeper in ["a", "b"] {
        rig.install(sleeper, &connector(SLEEPER)?)?;
    }
    rig.install("starved", &world.good)?;
    let health = Health::watch(&rig)?;
    let asleep = [rig.submit(submission("a", "attack")?)?.task, rig.submit(submission("b", "attack")?)?.task];
    let mut refused = 0;
    for _ in 0..case.repeats {
        match rig.end(rig.submit(submission("starved", "ok starved")?)?.task)? {
            End::Failed(failure) if failure.code == Code::Deadline && failure.message.contains("instances_max") => refused += 1,
            // Before both sleep.
            End::Stored => {}
            end => anyhow::bail!("without an instance it ended as {end:?}"),
        }
    }
    ensure!(refused > 0, "there was always an instance");
    for task in asleep {
        ensure!(matches!(rig.end(task)?, End::Failed(failure) if failure.code == Code::Deadline), "a sleeper was not woken");
    }
    behaves(&rig, "starved", "ok after")?;
    let mut row = Row::new(case);
    row.health = health.end()?;
    Ok(row)
}
