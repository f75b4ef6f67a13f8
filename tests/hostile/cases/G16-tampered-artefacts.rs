//! case: G16
//! what: compiled code is changed on the disk: a bit flipped in 100 places, cut off, emptied, another component's
//! expect: holds
//! repeats: 100

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use lockgate_core::ports::Sandbox;
use lockgate_sandbox::WasmSandbox;

use crate::case::Case;
use crate::connector::connector;
use crate::table::Row;
use crate::world::{World, options};

pub fn run(world: &World, case: &Case) -> Result<Row> {
    let folder = tempfile::tempdir()?;
    let sandbox = WasmSandbox::new(options(folder.path()))?;
    let digest = sandbox.compile(&world.good)?.digest;
    let other = connector("(module %MEMORY% %METHODS% (func $attack (result i32) (call $skip (i32.const 53) (i32.const 4))))")?;
    let other_digest = sandbox.compile(&other)?.digest;
    let path = artefact(&folder, &digest)?;
    let genuine = fs::read(&path)?;
    let mut tampered = vec![genuine.iter().copied().take(100).collect(), Vec::new(), fs::read(artefact(&folder, &other_digest)?)?];
    for n in 0..case.repeats as usize {
        let mut flipped = genuine.clone();
        let at = n * genuine.len() / case.repeats as usize;
        *flipped.get_mut(at).context("within the file")? ^= 1 << (n % 8);
        tampered.push(flipped);
    }
    let mut row = Row::new(case);
    for bytes in tampered {
        let begun = Instant::now();
        fs::write(&path, &bytes)?;
        // What is not genuine is not loaded: without the component there is nothing to run.
        let refused = sandbox.load(&digest, &mut || None);
        ensure!(refused.is_err(), "an artefact that was changed is loaded");
        row.took(begun.elapsed());
    }
    // With it, it is compiled again, once.
    let before = sandbox.compilations();
    for _ in 0..2 {
        sandbox.load(&digest, &mut || Some(world.good.clone()))?;
    }
    ensure!(sandbox.compilations() == before + 1, "it was compiled {} times", sandbox.compilations() - before);
    Ok(row)
}

fn artefact(folder: &tempfile::TempDir, digest: &str) -> Result<PathBuf> {
    let files = fs::read_dir(folder.path().join("artefacts"))?.map(|file| Ok(file?.path())).collect::<Result<Vec<_>>>()?;
    let found =
        files.into_iter().find(|path| path.to_string_lossy().contains(digest) && path.extension().is_some_and(|end| end == "cwasm"));
    found.context("the artefact is there")
}
