//! WASI 0.2, linked inert: no files, environment, arguments or sockets; output goes to the task's
//! log; waiting ends at the deadline (promise 3). So components of any toolchain instantiate.

mod clocks;
mod output;
mod poll;
mod streams;

use std::sync::Arc;

use wasmtime::component::Linker;
use wasmtime_wasi::WasiCtx;

use crate::guest_random::{Purpose, random};
use crate::guest_time::GuestTime;
use crate::state::State;
use chacha20::rand_core::Rng as _;
use clocks::WallClock;

pub use output::OutputLines;

/// The packages that are linked.
const PACKAGES: &[&str] = &["wasi:cli", "wasi:clocks", "wasi:filesystem", "wasi:io", "wasi:random", "wasi:sockets"];

/// Whether an import of this name may be linked inert.
pub fn offers(import: &str) -> bool {
    let package = import.split_once('/').map_or(import, |(package, _)| package);
    let version = import.rsplit_once('@').map_or("", |(_, version)| version);
    PACKAGES.contains(&package) && version.starts_with("0.2.")
}

/// Links it.
pub fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    wasmtime_wasi::p2::add_to_linker_sync(linker)?;
    linker.allow_shadowing(true);
    clocks::link(linker)?;
    poll::link(linker)?;
    streams::link(linker)?;
    linker.allow_shadowing(false);
    Ok(())
}

/// A context that grants nothing. Its time and randomness are the run's.
pub fn context(stdout: &Arc<OutputLines>, stderr: &Arc<OutputLines>, time: &Arc<GuestTime>, seed: [u8; 32]) -> WasiCtx {
    let mut insecure_seed = [0; 16];
    random(seed, Purpose::WasiSeed).fill_bytes(&mut insecure_seed);
    WasiCtx::builder()
        .allow_tcp(false)
        .allow_udp(false)
        .allow_ip_name_lookup(false)
        .max_random_size(64 << 10)
        .secure_random(random(seed, Purpose::Wasi))
        .insecure_random(random(seed, Purpose::WasiInsecure))
        .insecure_random_seed(u128::from_le_bytes(insecure_seed))
        .wall_clock(WallClock(Arc::clone(time)))
        .stdout(output::Sink(Arc::clone(stdout)))
        .stderr(output::Sink(Arc::clone(stderr)))
        .build()
}
