//! WASI's clocks: the guest's own time, no finer than a millisecond, and waits for it.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use wasmtime::component::{HasData, Linker, Resource, ResourceTable};
use wasmtime_wasi::async_trait;
use wasmtime_wasi::clocks::HostWallClock;
use wasmtime_wasi::p2::bindings::clocks::monotonic_clock;
use wasmtime_wasi::p2::{DynPollable, Pollable, subscribe};

use crate::guest_time::{GuestTime, STEP_NS};
use crate::state::State;

/// Replaces the linked `wasi:clocks/monotonic-clock`, whose waits would not move the guest's time.
pub fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    monotonic_clock::add_to_linker::<State, HasMonotonic>(linker, |state| {
        let time = state.time();
        Monotonic { time, table: state.table_mut() }
    })
}

/// Time since 1970.
pub struct WallClock(pub Arc<GuestTime>);

impl HostWallClock for WallClock {
    fn resolution(&self) -> Duration {
        Duration::from_nanos(STEP_NS)
    }

    fn now(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.now_ms()).unwrap_or_default())
    }
}

struct HasMonotonic;

impl HasData for HasMonotonic {
    type Data<'a> = Monotonic<'a>;
}

/// Time since the instance was made.
pub struct Monotonic<'a> {
    time: Arc<GuestTime>,
    table: &'a mut ResourceTable,
}

impl Monotonic<'_> {
    fn wait(&mut self, until_ns: u64) -> wasmtime::Result<Resource<DynPollable>> {
        let time = Arc::clone(&self.time);
        // So far ahead that it cannot be told is never.
        let real = Instant::now().checked_add(time.until(until_ns));
        let wait = self.table.push(Wait { time, until_ns, real, yielded: false })?;
        subscribe(self.table, wait)
    }
}

impl monotonic_clock::Host for Monotonic<'_> {
    fn now(&mut self) -> wasmtime::Result<u64> {
        Ok(self.time.passed_ns())
    }

    fn resolution(&mut self) -> wasmtime::Result<u64> {
        Ok(STEP_NS)
    }

    fn subscribe_instant(&mut self, when: u64) -> wasmtime::Result<Resource<DynPollable>> {
        self.wait(when)
    }

    fn subscribe_duration(&mut self, duration: u64) -> wasmtime::Result<Resource<DynPollable>> {
        self.wait(self.time.ahead(duration))
    }
}

/// A guest waits as long as it says, in real time too: what else it waits for must have its chance.
struct Wait {
    time: Arc<GuestTime>,
    until_ns: u64,
    real: Option<Instant>,
    yielded: bool,
}

#[async_trait]
impl Pollable for Wait {
    async fn ready(&mut self) {
        if self.time.until(self.until_ns).is_zero() {
            // A guest that asks again and again whether something has come must let it come.
            if !std::mem::replace(&mut self.yielded, true) {
                tokio::task::yield_now().await;
            }
            return;
        }
        match self.real {
            Some(real) => tokio::time::sleep_until(real).await,
            None => std::future::pending().await,
        }
        self.time.waited_until(self.until_ns);
    }
}
