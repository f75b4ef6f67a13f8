//! The connector's state during one task: what was stored, and over it what this task wrote. Nothing
//! is stored here: what was written goes out with the task's usage, and `core` commits it.

use std::collections::BTreeMap;
use std::sync::Arc;

use lockgate_core::ports::StateMap;

use crate::bindings::lockgate::connector::state::StateError;

/// Longest key, in bytes.
const KEY_BYTES_MAX: usize = 256;

/// The state of one task.
pub struct Keep {
    granted: bool,
    stored: Arc<StateMap>,
    written: BTreeMap<Arc<str>, Option<Arc<[u8]>>>,
    bytes: u64,
    bytes_max: u64,
    refused: bool,
}

impl Keep {
    /// Over what is stored; without a grant nothing is seen and nothing is written.
    pub fn new(granted: bool, stored: Arc<StateMap>, bytes_max: u64) -> Self {
        let bytes = stored.iter().map(|(key, value)| size(key, value)).sum();
        Self { granted, stored, written: BTreeMap::new(), bytes, bytes_max, refused: false }
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<Arc<[u8]>> {
        if !self.granted {
            return None;
        }
        match self.written.get(key) {
            Some(written) => written.clone(),
            None => self.stored.get(key).cloned(),
        }
    }

    /// Writes a key. What would take more than the quota is refused (promise 5).
    pub fn set(&mut self, key: String, value: Vec<u8>) -> Result<(), StateError> {
        self.check(&key)?;
        let value: Arc<[u8]> = value.into();
        let before = self.get(&key).map_or(0, |before| size(&key, &before));
        let bytes = self.bytes.saturating_sub(before).saturating_add(size(&key, &value));
        if bytes > self.bytes_max {
            self.refused = true;
            return Err(StateError::Full(self.bytes_max));
        }
        self.bytes = bytes;
        self.written.insert(key.into(), Some(value));
        Ok(())
    }

    /// Removes a key.
    pub fn delete(&mut self, key: String) -> Result<(), StateError> {
        self.check(&key)?;
        if let Some(before) = self.get(&key) {
            self.bytes = self.bytes.saturating_sub(size(&key, &before));
            self.written.insert(key.into(), None);
        }
        Ok(())
    }

    /// Keys that begin so, ascending.
    pub fn keys(&self, prefix: &str) -> Vec<String> {
        if !self.granted {
            return Vec::new();
        }
        let mut keys: Vec<&Arc<str>> = self.stored.keys().filter(|key| !self.written.contains_key(*key)).collect();
        keys.extend(self.written.iter().filter(|(_, value)| value.is_some()).map(|(key, _)| key));
        keys.sort_unstable();
        keys.into_iter().filter(|key| key.starts_with(prefix)).map(|key| key.to_string()).collect()
    }

    /// What was written. Values that are what they were are left out.
    pub fn take(&mut self) -> BTreeMap<Arc<str>, Option<Arc<[u8]>>> {
        let mut written = std::mem::take(&mut self.written);
        written.retain(|key, value| self.stored.get(key) != value.as_ref());
        written
    }

    /// Whether something was refused because of the quota.
    pub fn refused(&self) -> bool {
        self.refused
    }

    fn check(&self, key: &str) -> Result<(), StateError> {
        if !self.granted {
            return Err(StateError::Denied);
        }
        if key.is_empty() || key.len() > KEY_BYTES_MAX { Err(StateError::InvalidKey) } else { Ok(()) }
    }
}

fn size(key: &str, value: &[u8]) -> u64 {
    (key.len() + value.len()) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keep(stored: &[(&str, &str)], bytes_max: u64) -> Keep {
        let stored = stored.iter().map(|(key, value)| (Arc::from(*key), Arc::from(value.as_bytes()))).collect();
        Keep::new(true, Arc::new(stored), bytes_max)
    }

    #[test]
    fn writes_lie_over_what_is_stored() {
        let mut keep = keep(&[("a", "1"), ("b", "2")], 100);
        keep.set("c".into(), b"3".to_vec()).unwrap();
        keep.delete("a".into()).unwrap();
        keep.delete("never".into()).unwrap();
        keep.set("b".into(), b"2".to_vec()).unwrap();
        assert_eq!(keep.keys(""), ["b", "c"]);
        assert_eq!(keep.get("a"), None);
        let written = keep.take();
        assert_eq!(written.keys().map(|key| &**key).collect::<Vec<_>>(), ["a", "c"], "b is what it was");
    }

    #[test]
    fn the_quota_counts_keys_and_values_and_what_was_freed() {
        let mut keep = keep(&[("a", "123")], 8);
        assert!(keep.set("b".into(), b"1234".to_vec()).is_err());
        assert!(keep.refused());
        keep.set("b".into(), b"123".to_vec()).unwrap();
        keep.delete("a".into()).unwrap();
        keep.set("b".into(), b"1234567".to_vec()).unwrap();
    }

    #[test]
    fn without_a_grant_there_is_nothing() {
        let stored = StateMap::from([(Arc::from("a"), Arc::from(&b"1"[..]))]);
        let mut keep = Keep::new(false, Arc::new(stored), 100);
        assert!(keep.get("a").is_none() && keep.keys("").is_empty());
        assert!(matches!(keep.set("a".into(), Vec::new()), Err(StateError::Denied)));
        assert!(keep.take().is_empty());
    }
}
