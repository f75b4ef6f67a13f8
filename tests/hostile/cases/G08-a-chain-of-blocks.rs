//! case: G08
//! what: a compile bomb: 60,000 blocks one after the other, quadratic for the compiler
//! expect: refused compile-limit
//! repeats: 0

use anyhow::Result;

use crate::case::Case;
use crate::native::with_function;
use crate::refuse::run_components;
use crate::table::Row;
use crate::world::World;

pub fn run(world: &World, case: &Case) -> Result<Row> {
    let block = "(block (br_if 0 (local.get 0)) (local.set 1 (i32.add (local.get 1) (i32.const 1))))";
    run_components(world, case, &[with_function(1, &block.repeat(60_000))?])
}
