//! A component that must be refused at install, and what must hold after it.

use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};
use lockgate_core::failure::MESSAGE_BYTES_MAX;

use crate::attack::kept_by;
use crate::case::{Case, Expect};
use crate::http::Client;
use crate::probe::{Health, behaves, other_stores};
use crate::rig::{Rig, writing};
use crate::table::Row;
use crate::world::World;

/// Refusals before the baseline is read.
const WARM_UP: u32 = 20;

/// Runs a case on the component that its text makes.
pub fn run(world: &World, case: &Case) -> Result<Row> {
    run_components(world, case, &[crate::connector::of(case)?])
}

/// Runs a case on these components, each an attack of its own: they are put in place of a connector
/// that works, which must go on to work.
pub fn run_components(world: &World, case: &Case, components: &[Vec<u8>]) -> Result<Row> {
    let Expect::Refused(code) = &case.expect else { bail!("only what is refused is a case of this kind") };
    let sandbox = if code == "compile-limit" { &world.impatient } else { &world.sandbox };
    let rig = Rig::with(world, sandbox.clone(), BTreeMap::from([("hostile", writing())]), false)?;
    rig.install("hostile", &world.good)?;
    let digest = rig.digest("hostile")?;
    let mut row = Row::new(case);
    let health = Health::watch(&rig)?;
    for (n, component) in components.iter().enumerate() {
        let begun = Instant::now();
        let message = std::thread::scope(|scope| {
            let refused = scope.spawn(|| put(&rig, component, code));
            // H1: another connector's task finishes in time.
            row.other_took(other_stores(&rig, "other")?);
            refused.join().map_err(|_panic| anyhow::anyhow!("the client panicked"))?
        });
        let message = message.with_context(|| format!("component {n} of {} bytes", component.len()))?;
        row.took(begun.elapsed());
        for text in &case.says {
            ensure!(message.contains(text), "{text:?} is not said: {message}");
        }
        // The old version stays active, and works.
        ensure!(rig.digest("hostile")? == digest, "another version is active");
        behaves(&rig, "hostile", "ok after")?;
    }
    let repeat = |times: u32| -> Result<()> {
        let components = components.iter().cycle().take(usize::try_from(times)?);
        for component in components {
            put(&rig, component, code)?;
        }
        Ok(())
    };
    if case.repeats > 0 {
        repeat(WARM_UP.min(case.repeats))?;
        row.kept_kib = kept_by(case, || repeat(case.repeats))?;
    }
    row.health = health.end()?;
    code.clone_into(&mut row.code);
    Ok(row)
}

/// Sends the component over HTTP, and returns what was said against it.
fn put(rig: &Rig, component: &[u8], code: &str) -> Result<String> {
    let (status, body) = Client::connect(rig.at)?.ask("PUT", "/v1/connectors/hostile", component)?;
    let problem: serde_json::Value = serde_json::from_str(&body).with_context(|| format!("{status} {body}"))?;
    let said = |name: &str| problem.get(name).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    ensure!(status == 422 && said("code") == code, "{code} was expected, the answer is {status} {body}");
    let message = said("detail");
    ensure!(message.len() <= MESSAGE_BYTES_MAX + 3, "the message has {} bytes", message.len());
    ensure!(!message.chars().any(char::is_control), "the message has control characters: {message:?}");
    Ok(message)
}
