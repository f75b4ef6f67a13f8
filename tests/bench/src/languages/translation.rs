//! One translation of each language, on a fresh instance and on one that is used again, and what its
//! instances take of memory.

use anyhow::{Context as _, Result};
use lockgate_core::ports::Translator;
use lockgate_core::task::ExternalObject;

use crate::feed::{Size, product};
use crate::languages::side::{InSandbox, Place, Side, Sides};
use crate::native::NativeSandbox;
use crate::progress::bar;
use crate::sandbox::{Asks, fresh_us, loaded, p50_us, reused_us};

const ROUNDS: u64 = 7;
/// What a side should take in each round of translations.
const ROUND_US: f64 = 200_000.0;
/// Fewest and most translations of a round.
const TIMES: (f64, f64) = (20.0, 2_000.0);
/// Translations of one instance, over which its memory is looked at.
const REUSES: u64 = 10_000;
/// For all of those in one instance: a day, which is the longest that the sandbox keeps.
const DEADLINE_MS: u64 = 86_400_000;

pub fn measure(sides: &mut Sides) -> Result<()> {
    let asks = Asks::new()?;
    let native = loaded(&NativeSandbox, b"")?;
    let external = external(17);
    let times = sides.0.iter().map(|side| times_of(side, &*native, &asks, &external)).collect::<Result<Vec<usize>>>()?;
    let measured = bar(ROUNDS * sides.0.len() as u64, "translations");
    for _ in 0..ROUNDS {
        for (side, times) in sides.0.iter_mut().zip(&times) {
            round(side, &*native, &asks, &external, *times).with_context(|| side.name.clone())?;
            measured.inc(1);
        }
    }
    measured.finish_and_clear();
    let remembered = bar(sides.in_sandbox().count() as u64, "memory");
    for (side, in_sandbox) in sides.in_sandbox() {
        let over = side.found.get("fresh_us").zip(side.found.get("reused_us")).map(|(fresh, reused)| fresh.over(reused));
        over.into_iter().for_each(|over| side.found.insert("fresh_over_reused", over));
        memory(side, &in_sandbox, &asks, &external).with_context(|| side.name.clone())?;
        remembered.inc(1);
    }
    remembered.finish_and_clear();
    Ok(())
}

fn external(number: u64) -> ExternalObject {
    ExternalObject { media_type: "application/json".into(), body: product(number, Size::Medium).into() }
}

/// How many translations a round has.
fn times_of(side: &Side, native: &dyn Translator, asks: &Asks, external: &ExternalObject) -> Result<usize> {
    let took_us = match &side.place {
        Place::Sandbox(in_sandbox) => fresh_us(&*in_sandbox.translator, asks, external, 5).with_context(|| side.name.clone())?,
        Place::Process => fresh_us(native, asks, external, 5)?,
        Place::Absent(_) => return Ok(0),
    };
    let (fewest, most) = TIMES;
    Ok((ROUND_US / took_us.max(1.0)).clamp(fewest, most) as usize)
}

fn round(side: &mut Side, native: &dyn Translator, asks: &Asks, external: &ExternalObject, times: usize) -> Result<()> {
    match &side.place {
        Place::Sandbox(InSandbox { translator, reused, .. }) => {
            side.found.push("instantiate_us", p50_us(times, || asks.instance(&**translator).map(drop))?);
            side.found.push("fresh_us", fresh_us(&**translator, asks, external, times)?);
            side.found.push("reused_us", reused_us(&**reused, asks, external, times)?);
        }
        Place::Process => side.found.push("fresh_us", fresh_us(native, asks, external, times)?),
        Place::Absent(_) => {}
    }
    Ok(())
}

/// Linear memory, which never shrinks: what it is at a moment is the most that it was.
fn memory(side: &mut Side, in_sandbox: &InSandbox, asks: &Asks, of_table: &ExternalObject) -> Result<()> {
    let mut fresh = asks.instance(&*in_sandbox.translator)?;
    asks.translation(&mut *fresh, of_table)?;
    side.found.push("memory_bytes", fresh.usage().memory_bytes as f64);
    drop(fresh);
    let patient = Asks::within(DEADLINE_MS)?;
    let mut reused = patient.instance(&*in_sandbox.reused)?;
    for number in 0..REUSES {
        if let Err(error) = patient.translation(&mut *reused, &external(number)) {
            side.notes.push(format!("An instance that is used again ended after {number} translations: {error}."));
            return Ok(());
        }
        let bytes = reused.usage().memory_bytes as f64;
        match number + 1 {
            1 => side.found.push("reused_memory_bytes_after_1", bytes),
            REUSES => side.found.push("reused_memory_bytes_after_10000", bytes),
            _ => {}
        }
    }
    Ok(())
}
