//! case: G01
//! what: nothing, the beginning of something, noise, and 10 MB of zeros where a component is wanted
//! expect: refused invalid-component
//! kept-mib: 40

use anyhow::Result;

use crate::case::Case;
use crate::native::noise;
use crate::refuse::run_components;
use crate::table::Row;
use crate::world::World;

pub fn run(world: &World, case: &Case) -> Result<Row> {
    let half = world.good.iter().copied().take(world.good.len() / 2).collect();
    let components = [
        Vec::new(),
        b"\0asm".to_vec(),
        b"\0asm\x0d\0\x01\0".iter().copied().chain(noise(1).take(1_000)).collect(),
        b"PK\x03\x04".to_vec(),
        half,
        noise(2).take(100_000).collect(),
        vec![0; 10_000_000],
    ];
    run_components(world, case, &components)
}
