//! case: G24
//! what: a component of 900 core instances, and one of 2^10 by nesting
//! expect: refused compile-limit
//! repeats: 3

use anyhow::Result;

use crate::case::Case;
use crate::native::{TRANSLATOR, nested};
use crate::refuse::run_components;
use crate::table::Row;
use crate::world::World;

pub fn run(world: &World, case: &Case) -> Result<Row> {
    let instances = "(core instance (instantiate $m))".repeat(900);
    let flat = wat::parse_str(format!("(component (core module $m) {instances} {TRANSLATOR})"))?;
    run_components(world, case, &[flat, nested(10)?])
}
