//! case: G10
//! what: a compile bomb: 400 branch tables of 10,000 targets each
//! expect: refused compile-limit
//! repeats: 0

use anyhow::Result;

use crate::case::Case;
use crate::native::with_function;
use crate::refuse::run_components;
use crate::table::Row;
use crate::world::World;

pub fn run(world: &World, case: &Case) -> Result<Row> {
    let table = format!("(block (br_table {} (local.get 0)))", "0 ".repeat(10_000));
    run_components(world, case, &[with_function(0, &table.repeat(400))?])
}
