//! All that a guest can reach (promise 3): what is not linked here, it cannot import.

use wasmtime::Engine;
use wasmtime::component::{HasSelf, Linker};

use crate::bindings::Connector;
use crate::contract_0_1;
use crate::http;
use crate::state::State;
use crate::wasi;

/// The imports of a connector. The same when it is checked and when it runs.
pub fn linker(engine: &Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    wasi::link(&mut linker)?;
    http::link(&mut linker)?;
    Connector::add_to_linker::<State, HasSelf<State>>(&mut linker, |state| state)?;
    contract_0_1::link(&mut linker)?;
    Ok(linker)
}
