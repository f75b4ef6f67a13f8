//! What a connector keeps from task to task, for example a sync token. What a task writes is stored
//! together with its effects, or not at all if it fails; the task itself reads what it wrote.
//! Natively, a map of this thread.

use crate::Error;
pub use crate::bindings::lockgate::connector::state::StateError;

/// Longest key, in bytes.
pub const KEY_BYTES_MAX: usize = 256;

/// `None`: never written, deleted, or not granted.
#[must_use]
pub fn get(key: &str) -> Option<Vec<u8>> {
    host::get(key)
}

/// Writes a value, in place of one that is there.
pub fn set(key: &str, value: impl AsRef<[u8]>) -> Result<(), StateError> {
    host::set(key, value.as_ref())
}

/// Deleting what is not there is no error.
pub fn delete(key: &str) -> Result<(), StateError> {
    host::delete(key)
}

/// Keys that begin so, ascending; none where the state is not granted.
#[must_use]
pub fn keys(prefix: &str) -> Vec<String> {
    host::keys(prefix)
}

/// So that `?` ends a task whose state cannot be kept: it is the connector's fault, or its
/// operator's, and never the data's.
impl From<StateError> for Error {
    fn from(error: StateError) -> Self {
        Self::internal(match error {
            StateError::Denied => {
                "this connector keeps no state: its manifest does not ask for it, or the operator does not grant it".to_owned()
            }
            StateError::Full(bytes) => format!("the state is full: the operator grants {bytes} bytes"),
            StateError::InvalidKey => format!("a key of the state is empty or longer than {KEY_BYTES_MAX} bytes"),
        })
    }
}

#[cfg(target_family = "wasm")]
use crate::bindings::lockgate::connector::state as host;

/// In place of the host, without a limit to the whole.
#[cfg(not(target_family = "wasm"))]
mod host {
    use std::cell::RefCell;
    use std::collections::BTreeMap;

    use super::{KEY_BYTES_MAX, StateError};

    thread_local! {
        static STATE: RefCell<BTreeMap<String, Vec<u8>>> = const { RefCell::new(BTreeMap::new()) };
    }

    pub(super) fn get(key: &str) -> Option<Vec<u8>> {
        STATE.with_borrow(|state| state.get(key).cloned())
    }

    pub(super) fn set(key: &str, value: &[u8]) -> Result<(), StateError> {
        check(key)?;
        STATE.with_borrow_mut(|state| state.insert(key.to_owned(), value.to_vec()));
        Ok(())
    }

    pub(super) fn delete(key: &str) -> Result<(), StateError> {
        check(key)?;
        STATE.with_borrow_mut(|state| state.remove(key));
        Ok(())
    }

    pub(super) fn keys(prefix: &str) -> Vec<String> {
        STATE.with_borrow(|state| state.keys().filter(|key| key.starts_with(prefix)).cloned().collect())
    }

    fn check(key: &str) -> Result<(), StateError> {
        if key.is_empty() || key.len() > KEY_BYTES_MAX { Err(StateError::InvalidKey) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_set_is_there_until_it_is_deleted() {
        assert_eq!(get("sync/token"), None);
        set("sync/token", "t-1").unwrap();
        set("sync/at", b"2026").unwrap();
        set("other", []).unwrap();
        assert_eq!(get("sync/token").as_deref(), Some(&b"t-1"[..]));
        assert_eq!(keys("sync/"), ["sync/at", "sync/token"]);
        delete("sync/token").unwrap();
        delete("sync/token").unwrap();
        assert_eq!(get("sync/token"), None);
    }

    #[test]
    fn a_key_has_1_to_256_bytes() {
        assert_eq!(set("", "x"), Err(StateError::InvalidKey));
        assert_eq!(set(&"k".repeat(257), "x"), Err(StateError::InvalidKey));
        assert_eq!(set(&"k".repeat(256), "x"), Ok(()));
    }

    #[test]
    fn a_state_that_cannot_be_kept_is_no_fault_of_the_data() {
        for error in [StateError::Denied, StateError::Full(1_000), StateError::InvalidKey] {
            assert!(matches!(Error::from(error), Error::Internal(_)), "{error:?}");
        }
    }
}
