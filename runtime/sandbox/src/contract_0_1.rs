//! The contract's version 0.1, for components that were built with it. It is 1.0 under another name:
//! the same functions, linked once more. What came after 1.0.0 it does not have. (Components of 1.0 need no such
//! file: the engine takes an interface of 1.1 for the same one of 1.0, of which it has all.)

use wasmtime::component::Linker;

use crate::bindings::lockgate::connector::{clock, log, random, secrets, settings, state};
use crate::state::State;

/// Links its imports beside those of today.
pub fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    linker.instance("lockgate:connector/types@0.1.0")?;
    linker
        .instance("lockgate:connector/log@0.1.0")?
        .func_wrap("log", |mut store, (level, message): (log::Level, String)| log::Host::log(store.data_mut(), level, message))?;
    linker
        .instance("lockgate:connector/clock@0.1.0")?
        .func_wrap("now-ms", |mut store, ()| Ok((clock::Host::now_ms(store.data_mut())?,)))?;
    linker
        .instance("lockgate:connector/random@0.1.0")?
        .func_wrap("bytes", |mut store, (len,): (u32,)| Ok((random::Host::bytes(store.data_mut(), len)?,)))?;
    linker
        .instance("lockgate:connector/settings@0.1.0")?
        .func_wrap("get", |mut store, (key,): (String,)| Ok((settings::Host::get(store.data_mut(), key)?,)))?;
    linker
        .instance("lockgate:connector/secrets@0.1.0")?
        .func_wrap("get", |mut store, (name,): (String,)| Ok((secrets::Host::get(store.data_mut(), name)?,)))?;
    let mut kept = linker.instance("lockgate:connector/state@0.1.0")?;
    kept.func_wrap("get", |mut store, (key,): (String,)| Ok((state::Host::get(store.data_mut(), key)?,)))?;
    kept.func_wrap("set", |mut store, (key, value): (String, Vec<u8>)| Ok((state::Host::set(store.data_mut(), key, value)?,)))?;
    kept.func_wrap("delete", |mut store, (key,): (String,)| Ok((state::Host::delete(store.data_mut(), key)?,)))?;
    kept.func_wrap("keys", |mut store, (prefix,): (String,)| Ok((state::Host::keys(store.data_mut(), prefix)?,)))
}
