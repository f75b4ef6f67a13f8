//! The time and randomness.

use uuid::Uuid;

/// What time it is, and how much has passed. The two are not the same: the system's clock is set.
pub trait Clock: Send + Sync {
    /// Now, in ms since 1970-01-01T00:00:00Z: for stamps, and for moments that people name. Follows
    /// the system's clock when that is set, also back: of two stamps the later one may be the
    /// smaller, so neither order nor a wait may depend on it. Does not block.
    fn now_ms(&self) -> i64;
    /// Microseconds since some fixed moment, for durations and waits. Never goes back.
    fn monotonic_us(&self) -> u64;
}

/// Randomness for GUIDs and for runs of connectors.
pub trait Randomness: Send + Sync {
    /// Ten random bytes.
    fn ten_bytes(&self) -> [u8; 10];
    /// What a run's randomness is made from. Asked for each run, by many threads; nobody can guess one from others.
    fn seed(&self) -> [u8; 32];
}

/// A GUID for a row that came without: version 7, so that rows written together lie together.
pub fn new_guid(clock: &dyn Clock, randomness: &dyn Randomness) -> Uuid {
    let millis = u64::try_from(clock.now_ms()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &randomness.ten_bytes()).into_uuid()
}
