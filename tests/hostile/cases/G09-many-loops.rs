//! case: G09
//! what: a compile bomb: 200,000 empty loops, which took 56 s and 4 GB
//! expect: refused compile-limit
//! repeats: 3

use anyhow::Result;

use crate::case::Case;
use crate::native::with_function;
use crate::refuse::run_components;
use crate::table::Row;
use crate::world::World;

pub fn run(world: &World, case: &Case) -> Result<Row> {
    run_components(world, case, &[with_function(0, &"loop end ".repeat(200_000))?])
}
