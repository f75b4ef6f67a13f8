//! `wasi:io/poll`, bounded: whoever waits longer than the deadline is stopped there. Epochs cannot
//! do that, since a waiting guest runs no wasm code.

use wasmtime::component::{HasData, Linker, Resource, ResourceTable};
use wasmtime_wasi::p2::DynPollable;
use wasmtime_wasi::p2::bindings::io::poll as unbounded;
use wasmtime_wasi::p2::bindings::sync::io::poll;
use wasmtime_wasi::runtime::in_tokio;

use crate::state::State;
use crate::verdict::DeadlineReached;

/// Replaces the linked implementation.
pub fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    poll::add_to_linker::<State, HasWaiting>(linker, |state| Waiting { left: state.left(), table: state.table_mut() })
}

struct HasWaiting;

impl HasData for HasWaiting {
    type Data<'a> = Waiting<'a>;
}

/// A guest that may wait for so long.
pub struct Waiting<'a> {
    left: std::time::Duration,
    table: &'a mut ResourceTable,
}

impl poll::Host for Waiting<'_> {
    fn poll(&mut self, pollables: Vec<Resource<DynPollable>>) -> wasmtime::Result<Vec<u32>> {
        let (left, table) = (self.left, &mut *self.table);
        in_tokio(async { tokio::time::timeout(left, unbounded::Host::poll(table, pollables)).await })
            .map_err(|_elapsed| wasmtime::Error::from(DeadlineReached))?
    }
}

impl poll::HostPollable for Waiting<'_> {
    fn ready(&mut self, pollable: Resource<DynPollable>) -> wasmtime::Result<bool> {
        poll::HostPollable::ready(self.table, pollable)
    }

    fn block(&mut self, pollable: Resource<DynPollable>) -> wasmtime::Result<()> {
        let (left, table) = (self.left, &mut *self.table);
        in_tokio(async { tokio::time::timeout(left, unbounded::HostPollable::block(table, pollable)).await })
            .map_err(|_elapsed| wasmtime::Error::from(DeadlineReached))?
    }

    fn drop(&mut self, pollable: Resource<DynPollable>) -> wasmtime::Result<()> {
        poll::HostPollable::drop(self.table, pollable)
    }
}
