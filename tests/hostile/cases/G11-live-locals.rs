//! case: G11
//! what: a compile bomb: 20,000 locals that live across a loop
//! expect: refused compile-limit
//! repeats: 0

use std::fmt::Write as _;

use anyhow::Result;

use crate::case::Case;
use crate::native::with_function;
use crate::refuse::run_components;
use crate::table::Row;
use crate::world::World;

const LOCALS: usize = 20_000;

pub fn run(world: &World, case: &Case) -> Result<Row> {
    let mut body = String::from("(loop ");
    for local in 1..=LOCALS {
        write!(body, "(local.set {local} (i32.add (local.get {local}) (local.get 0)))")?;
    }
    body.push_str("(br_if 0 (local.get 1))) i32.const 0 ");
    // Used afterwards, or the compiler would leave them out.
    for local in 1..=LOCALS {
        write!(body, "local.get {local} i32.add ")?;
    }
    body.push_str("global.set $heap");
    run_components(world, case, &[with_function(LOCALS, &body)?])
}
