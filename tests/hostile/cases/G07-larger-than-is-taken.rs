//! case: G07
//! what: a component that is said to have 1 GiB, and one that comes in chunks without end: 413, and nothing of it is kept
//! expect: holds
//! repeats: 20
//! kept-mib: 16

use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::{Result, ensure};

use crate::attack::settled;
use crate::case::Case;
use crate::http::Client;
use crate::probe::{Health, behaves, other_stores};
use crate::process;
use crate::rig::{COMPONENT_BYTES_MAX, Rig, writing};
use crate::table::Row;
use crate::world::World;

const HEAD: &str = "PUT /v1/connectors/hostile HTTP/1.1\r\nHost: localhost\r\n";

pub fn run(world: &World, case: &Case) -> Result<Row> {
    let rig = Rig::new(world, BTreeMap::from([("hostile", writing())]))?;
    rig.install("hostile", &world.good)?;
    let mut row = Row::new(case);
    let health = Health::watch(&rig)?;
    announced(&rig)?;
    endless(&rig)?;
    let before = process::usage()?;
    process::reset_peak()?;
    let resident_kib = process::peak_kib()?;
    for _ in 0..case.repeats {
        let begun = Instant::now();
        announced(&rig)?;
        row.took(begun.elapsed());
        row.other_took(other_stores(&rig, "other")?);
    }
    row.peak_kib = process::peak_kib()? - resident_kib;
    ensure!(row.peak_kib < 8 << 10, "a gibibyte that was only announced cost {} KiB", row.peak_kib);
    endless(&rig)?;
    row.kept_kib = settled(before, case)?;
    row.health = health.end()?;
    behaves(&rig, "hostile", "ok after")?;
    Ok(row)
}

/// Answered before anything of the body is sent.
fn announced(rig: &Rig) -> Result<()> {
    let mut client = Client::connect(rig.at)?;
    client.send(&format!("{HEAD}Content-Length: {}\r\n\r\n", 1u64 << 30), b"")?;
    let (status, body) = client.answer()?;
    ensure!(status == 413, "the answer is {status} {body}");
    Ok(())
}

/// What a server reads and throws away after its refusal, so that the client gets to read that.
const THROWN_AWAY_BYTES_MAX: usize = 64 << 20;

/// Cut off soon after the limit and what is thrown away.
fn endless(rig: &Rig) -> Result<()> {
    let mut client = Client::connect(rig.at)?;
    client.send(&format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n"), b"")?;
    let chunk = [b"10000\r\n".as_slice(), &[0; 0x10000], b"\r\n"].concat();
    let most = COMPONENT_BYTES_MAX * 2 + THROWN_AWAY_BYTES_MAX;
    let mut sent = 0;
    while sent < most && client.send("", &chunk).is_ok() {
        sent += 0x10000;
    }
    ensure!(sent < most, "{sent} bytes were taken");
    Ok(())
}
