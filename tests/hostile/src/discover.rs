//! Every case is a file in `cases/`; adding one is adding a file.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use crate::case::{Case, Expect, Form};
use crate::native;
use crate::table::Row;
use crate::world::World;
use crate::{attack, refuse, script};

/// All cases, by name.
pub fn cases() -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    for entry in std::fs::read_dir(folder().join("cases"))? {
        cases.push(Case::read(&entry?.path())?);
    }
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    let registered = native::ALL.iter().filter(|(name, _)| !cases.iter().any(|case| case.name == *name)).count();
    ensure!(registered == 0, "{registered} registered Rust cases have no file");
    Ok(cases)
}

/// This crate.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// Runs one.
pub fn run(world: &World, case: &Case) -> Result<Row> {
    match (case.form, &case.expect) {
        (Form::Rust, _) => {
            let found = native::ALL.iter().find(|(name, _)| *name == case.name);
            let (_, run) = found.ok_or_else(|| anyhow::anyhow!("the file is not registered in src/native.rs"))?;
            run(world, case)
        }
        (Form::Script, _) => script::run(world, case),
        (_, Expect::Refused(_)) => refuse::run(world, case),
        _ => attack::run(world, case),
    }
}
