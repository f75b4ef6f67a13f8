//! case: G15
//! what: a type whose size doubles with each of 28 levels, and one that is nested a thousand deep
//! expect: refused invalid-component

use std::fmt::Write as _;

use anyhow::Result;

use crate::case::Case;
use crate::native::TRANSLATOR;
use crate::refuse::run_components;
use crate::table::Row;
use crate::world::World;

pub fn run(world: &World, case: &Case) -> Result<Row> {
    let mut doubling = String::from("(component (type $t0 (tuple u8 u8))");
    for level in 1..28 {
        write!(doubling, "(type $t{level} (tuple $t{} $t{}))", level - 1, level - 1)?;
    }
    let mut deep = String::from("(component (type $t0 (list u8))");
    for level in 1..1_000 {
        write!(deep, "(type $t{level} (list $t{}))", level - 1)?;
    }
    let component = |wat: String| wat::parse_str(format!("{wat} {TRANSLATOR})"));
    run_components(world, case, &[component(doubling)?, component(deep)?])
}
