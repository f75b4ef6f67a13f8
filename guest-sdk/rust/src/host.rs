//! What the host offers: a log, time, randomness, settings. Natively, stand-ins for unit tests.

/// The task's log. Usually written through [`log!`](crate::log!).
pub mod log {
    use crate::bindings::lockgate::connector::log::Level;

    /// Writes a line at level trace.
    pub fn trace(message: &str) {
        write(Level::Trace, message);
    }

    /// Writes a line at level debug.
    pub fn debug(message: &str) {
        write(Level::Debug, message);
    }

    /// Writes a line at level info.
    pub fn info(message: &str) {
        write(Level::Info, message);
    }

    /// Writes a line at level warn.
    pub fn warn(message: &str) {
        write(Level::Warn, message);
    }

    /// Writes a line at level error.
    pub fn error(message: &str) {
        write(Level::Error, message);
    }

    fn write(level: Level, message: &str) {
        #[cfg(target_family = "wasm")]
        crate::bindings::lockgate::connector::log::log(level, message);
        #[cfg(not(target_family = "wasm"))]
        eprintln!("{level:?}: {message}");
    }
}

/// Writes a line to the task's log: `log!(info, "{} items", n)`. Levels: `trace`, `debug`, `info`,
/// `warn`, `error`. Natively it goes to stderr.
#[macro_export]
macro_rules! log {
    ($level:ident, $($message:tt)+) => {
        $crate::log::$level(&::std::format!($($message)+))
    };
}

/// The host's time.
pub mod clock {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn now_ms() -> u64 {
        #[cfg(target_family = "wasm")]
        {
            crate::bindings::lockgate::connector::clock::now_ms() as u64
        }
        #[cfg(not(target_family = "wasm"))]
        {
            use std::time::{SystemTime, UNIX_EPOCH};
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
        }
    }
}

/// The host's randomness.
pub mod random {
    /// Random bytes. The host gives at most 4,096 a call. Natively they are good for tests only.
    #[must_use]
    pub fn bytes(len: u32) -> Vec<u8> {
        #[cfg(target_family = "wasm")]
        {
            crate::bindings::lockgate::connector::random::bytes(len)
        }
        #[cfg(not(target_family = "wasm"))]
        {
            use std::hash::{BuildHasher, RandomState};
            let state = RandomState::new();
            let words = (0..len.min(4_096)).step_by(8);
            let mut bytes: Vec<u8> = words.flat_map(|at| state.hash_one(at).to_le_bytes()).collect();
            bytes.truncate(len as usize);
            bytes
        }
    }
}

/// What the operator set for this connector.
pub mod settings {
    /// `None`: not set, or not granted. Natively, what [`set`] set on this thread.
    #[must_use]
    pub fn get(key: &str) -> Option<String> {
        #[cfg(target_family = "wasm")]
        {
            crate::bindings::lockgate::connector::settings::get(key)
        }
        #[cfg(not(target_family = "wasm"))]
        {
            SETTINGS.with_borrow(|settings| settings.get(key).cloned())
        }
    }

    /// Natively only, for unit tests: what [`get`] answers on this thread from now on.
    #[cfg(not(target_family = "wasm"))]
    pub fn set(key: impl Into<String>, value: impl Into<String>) {
        SETTINGS.with_borrow_mut(|settings| settings.insert(key.into(), value.into()));
    }

    #[cfg(not(target_family = "wasm"))]
    thread_local! {
        static SETTINGS: std::cell::RefCell<std::collections::BTreeMap<String, String>> =
            const { std::cell::RefCell::new(std::collections::BTreeMap::new()) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stand_ins_answer_as_the_host_does() {
        assert_eq!(random::bytes(20).len(), 20);
        assert_eq!(random::bytes(9_000).len(), 4_096);
        assert!(clock::now_ms() > 1_700_000_000_000);
        crate::log!(info, "{} items", 3);
        assert_eq!(settings::get("currency"), None);
        settings::set("currency", "EUR");
        assert_eq!(settings::get("currency").as_deref(), Some("EUR"));
    }
}
