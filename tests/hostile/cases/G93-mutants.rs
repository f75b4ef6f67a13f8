//! case: G93
//! what: 300 mutants of a connector, a few bytes changed in each: whatever becomes of one, the host goes on
//! expect: holds
//! repeats: 300

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use lockgate_bus::ConnectorError;
use lockgate_core::ports::Limits;
use lockgate_core::settings::ConnectorSettings;

use crate::case::Case;
use crate::native::noise;
use crate::probe::{Health, behaves, other_stores};
use crate::rig::{Rig, name, submission, writing};
use crate::table::Row;
use crate::world::World;

/// Where the random numbers begin: the same mutants in each run.
const SEED: u64 = 93;

pub fn run(world: &World, case: &Case) -> Result<Row> {
    let limits = Limits { deadline_ms: 20, ..case.limits.clone() };
    let rig = Rig::new(world, BTreeMap::from([("hostile", ConnectorSettings { limits, ..writing() })]))?;
    let health = Health::watch(&rig)?;
    let mut numbers = noise(SEED);
    let mut number = |below: usize| {
        let bytes = [(); 4].map(|()| numbers.next().unwrap_or_default());
        u32::from_le_bytes(bytes) as usize % below
    };
    let mut accepted = 0;
    for _ in 0..case.repeats {
        let mut mutant = world.good.clone();
        for _ in 0..=number(4) {
            let at = number(mutant.len());
            if let Some(byte) = mutant.get_mut(at) {
                *byte ^= 1 << number(8);
            }
        }
        match rig.bus.add_connector(&name("hostile")?, &mutant) {
            Ok(_) => {
                accepted += 1;
                // Every end that is recorded is a good one.
                rig.end(rig.submit(submission("hostile", "attack")?)?.task)?;
                rig.end(rig.submit(submission("hostile", "ok mutant")?)?.task)?;
            }
            Err(ConnectorError::Refused(refused)) => ensure!(!refused.message.is_empty(), "a refusal says nothing"),
            Err(other) => return Err(other.into()),
        }
    }
    ensure!(accepted > 0 && accepted < case.repeats, "{accepted} of {} mutants were accepted", case.repeats);
    let mut row = Row::new(case);
    row.other_took(other_stores(&rig, "other")?);
    row.health = health.end()?;
    rig.install("hostile", &world.good)?;
    behaves(&rig, "hostile", "ok after")?;
    Ok(row)
}
