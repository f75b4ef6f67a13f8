//! case: G13
//! what: a compile bomb: 400,000 empty functions
//! expect: refused compile-limit
//! repeats: 0

use anyhow::Result;

use crate::case::Case;
use crate::connector::connector;
use crate::refuse::run_components;
use crate::table::Row;
use crate::world::World;

pub fn run(world: &World, case: &Case) -> Result<Row> {
    let module = format!("(module %MEMORY% %METHODS% (func $attack (result i32) unreachable) {})", "(func)".repeat(400_000));
    run_components(world, case, &[connector(&module)?])
}
