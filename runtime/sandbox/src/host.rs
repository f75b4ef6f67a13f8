//! The contract's imports: all that a guest gets from the host (promise 3).

use chacha20::rand_core::Rng as _;
use lockgate_core::history::Level;

use crate::bindings::lockgate::connector::{clock, log, random, secrets, settings, state, types};
use crate::state::State;

/// Most random bytes of one call.
const RANDOM_BYTES_MAX: usize = 4_096;

impl types::Host for State {}

impl log::Host for State {
    fn log(&mut self, level: log::Level, message: String) -> wasmtime::Result<()> {
        let level = match level {
            log::Level::Trace => Level::Trace,
            log::Level::Debug => Level::Debug,
            log::Level::Info => Level::Info,
            log::Level::Warn => Level::Warn,
            log::Level::Error => Level::Error,
        };
        self.log_mut().write(level, &message);
        Ok(())
    }
}

impl clock::Host for State {
    fn now_ms(&mut self) -> wasmtime::Result<f64> {
        // Below 2^53 until the year 287396.
        Ok(self.time().now_ms() as f64)
    }
}

impl random::Host for State {
    fn bytes(&mut self, len: u32) -> wasmtime::Result<Vec<u8>> {
        let len = usize::try_from(len).unwrap_or(RANDOM_BYTES_MAX).min(RANDOM_BYTES_MAX);
        let mut bytes = vec![0; len];
        self.random.fill_bytes(&mut bytes);
        Ok(bytes)
    }
}

impl settings::Host for State {
    fn get(&mut self, key: String) -> wasmtime::Result<Option<String>> {
        Ok(self.setting(&key))
    }
}

impl secrets::Host for State {
    fn get(&mut self, name: String) -> wasmtime::Result<Option<String>> {
        Ok(self.secrets.placeholder(&name))
    }
}

impl state::Host for State {
    fn get(&mut self, key: String) -> wasmtime::Result<Option<Vec<u8>>> {
        Ok(self.keep.get(&key).map(|value| value.to_vec()))
    }

    fn set(&mut self, key: String, value: Vec<u8>) -> wasmtime::Result<Result<(), state::StateError>> {
        Ok(self.keep.set(key, value))
    }

    fn delete(&mut self, key: String) -> wasmtime::Result<Result<(), state::StateError>> {
        Ok(self.keep.delete(key))
    }

    fn keys(&mut self, prefix: String) -> wasmtime::Result<Vec<String>> {
        Ok(self.keep.keys(&prefix))
    }
}
