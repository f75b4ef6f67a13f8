//! case: G18
//! what: the stored component is not the one that was installed under its digest
//! expect: holds
//! repeats: 50

use anyhow::{Result, ensure};
use lockgate_core::ports::Sandbox;
use lockgate_sandbox::WasmSandbox;

use crate::case::Case;
use crate::connector::connector;
use crate::table::Row;
use crate::world::{World, options};

pub fn run(world: &World, case: &Case) -> Result<Row> {
    let folder = tempfile::tempdir()?;
    let digest = WasmSandbox::new(options(folder.path()))?.compile(&world.good)?.digest;
    // An installation without the artefact has to compile what the store gives.
    let elsewhere = tempfile::tempdir()?;
    let sandbox = WasmSandbox::new(options(elsewhere.path()))?;
    let other = connector("(module %MEMORY% %METHODS% (func $attack (result i32) (loop (br 0)) unreachable))")?;
    for _ in 0..case.repeats {
        let refused = sandbox.load(&digest, &mut || Some(other.clone())).err();
        ensure!(refused.is_some_and(|error| error.code == "invalid-component"), "other bytes are loaded");
    }
    ensure!(sandbox.compilations() == 0, "other bytes are compiled");
    sandbox.load(&digest, &mut || Some(world.good.clone()))?;
    Ok(Row::new(case))
}
