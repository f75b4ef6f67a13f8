//! case: G12
//! what: one function of 7 MB, of a size at which compilers have panicked
//! expect: refused compile-limit
//! repeats: 0

use anyhow::Result;

use crate::case::Case;
use crate::native::with_function;
use crate::refuse::run_components;
use crate::table::Row;
use crate::world::World;

pub fn run(world: &World, case: &Case) -> Result<Row> {
    run_components(world, case, &[with_function(0, &"(i32.store (local.get 0) (i32.load (local.get 0)))".repeat(700_000))?])
}
