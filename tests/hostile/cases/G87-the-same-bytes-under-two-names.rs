//! case: G87
//! what: one component is installed under two names: the other's grants are not its own
//! expect: holds

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use lockgate_core::failure::Code;
use lockgate_core::settings::ConnectorSettings;

use crate::case::Case;
use crate::probe::behaves;
use crate::rig::{End, Rig, submission, writing};
use crate::table::Row;
use crate::world::World;

pub fn run(world: &World, case: &Case) -> Result<Row> {
    let rig = Rig::new(world, BTreeMap::from([("granted", writing()), ("bare", ConnectorSettings::default())]))?;
    rig.install("granted", &world.good)?;
    rig.install("bare", &world.good)?;
    ensure!(rig.digest("granted")? == rig.digest("bare")?, "the same bytes have two digests");
    for round in 0..20 {
        behaves(&rig, "granted", &format!("ok item-{round}"))?;
        let end = rig.end(rig.submit(submission("bare", format!("ok item-{round}"))?)?.task)?;
        let denied = matches!(&end, End::Failed(failure) if failure.code == Code::WriteDenied);
        ensure!(denied, "without a grant it ended as {end:?}");
    }
    Ok(Row::new(case))
}
