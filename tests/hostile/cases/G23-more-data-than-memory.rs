//! case: G23
//! what: 15 MiB of active data, more than the operator grants of memory, in as many segments as there are pages
//! expect: fails memory-limit
//! behaves: never
//! limits: memory_mib=8

use anyhow::Result;

use crate::attack::{run_component, settings};
use crate::case::Case;
use crate::connector::connector;
use crate::table::Row;
use crate::world::World;

pub fn run(world: &World, case: &Case) -> Result<Row> {
    let segments: String = (1..240).map(|page| format!("(data (i32.const {}) \"{}\")", page * 65_536, "x".repeat(65_000))).collect();
    let module = format!(
        "(module (memory (export \"memory\") 240)
            (func (export \"cabi_realloc\") (param i32 i32 i32 i32) (result i32) unreachable)
            %METHODS% (func $attack (result i32) unreachable) {segments})"
    );
    run_component(world, case, &connector(&module)?, settings(case), false)
}
