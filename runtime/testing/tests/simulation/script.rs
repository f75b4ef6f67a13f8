//! What connectors do in a simulation.

use std::collections::BTreeMap;
use std::sync::Weak;

use lockgate_core::failure::{Code, Failure};
use lockgate_core::prepared::Prepared;
use lockgate_testing::Script;

use super::docs::{Sub, Way};
use super::world::World;

pub(super) fn script(world: &Weak<World>) -> Script {
    let (prepares, keeps) = (world.clone(), world.clone());
    Script {
        prepare: Box::new(move |task| {
            let world = prepares.upgrade().unwrap();
            world.point(false);
            let (sub, json) = world.read(&task.external.body);
            let tries = {
                let mut around = world.around();
                let healed = around.healed;
                let tries = around.tries.entry(sub.serial).or_default();
                *tries += 1;
                if healed { u32::MAX } else { *tries }
            };
            match sub.way {
                Way::Fails(times, code, retry_after_ms) if tries <= times => {
                    Err(Failure { retry_after_ms, ..Failure::new(code, format!("try {tries}")) })
                }
                Way::Skips => Ok(Prepared::Skip("nothing to do".into())),
                Way::Undeclared => lockgate_core::internal::read(br#"{"object": {"type": "sim.nothing", "code_name": "n"}}"#)
                    .map_err(|error| Failure::new(Code::Internal, error)),
                _ => lockgate_core::internal::read(&json).map_err(|error| Failure::new(Code::Internal, error)),
            }
        }),
        keeps: Box::new(move |state, task| {
            let world = keeps.upgrade().unwrap();
            let (sub, _) = world.read(&task.external.body);
            let mut log = state.get("log").map(|log| log.to_vec()).unwrap_or_default();
            log.extend_from_slice(format!("{},", sub.serial).as_bytes());
            if sub.keeps { BTreeMap::from([("log".into(), Some(log.into()))]) } else { BTreeMap::new() }
        }),
        ..Script::default()
    }
}

impl World {
    fn read(&self, body: &[u8]) -> (Sub, Vec<u8>) {
        let end = body.iter().position(|byte| *byte == b'\n').unwrap();
        let serial: u64 = std::str::from_utf8(&body[..end]).unwrap().parse().unwrap();
        (self.shared.subs()[&serial].clone(), body[end + 1..].to_vec())
    }
}
