//! case: G14
//! what: each of 26 levels of components instantiates the one before twice, in less than 2 kB
//! expect: refused compile-limit
//! repeats: 0

use anyhow::{Result, ensure};

use crate::case::Case;
use crate::native::nested;
use crate::refuse::run_components;
use crate::table::Row;
use crate::world::World;

pub fn run(world: &World, case: &Case) -> Result<Row> {
    let bomb = nested(26)?;
    ensure!(bomb.len() < 2_000, "the bomb has {} bytes", bomb.len());
    run_components(world, case, &[bomb])
}
