//! What the bus needs from outside: a store, a sandbox, the time and randomness.

mod commit;
mod operator;
mod sandbox;
mod store;

pub use commit::{Commit, Fate, Lease, Standing, StoreError, Submitted, TaskCommit};
pub use operator::{Backup, ConnectorRecord, Counts, HistoryFilter, Switches, TaskFilter, VERSIONS_KEPT_MAX, Version};
pub use sandbox::{Compiled, Granted, InstallError, Instance, Limits, NotStarted, Run, Sandbox, StateMap, TaskView, Translator, Usage};
pub use store::Store;
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

/// Randomness for GUIDs.
pub trait Randomness: Send + Sync {
    /// Ten random bytes.
    fn ten_bytes(&self) -> [u8; 10];
}

/// A GUID for a row that came without: version 7, so that rows written together lie together.
pub fn new_guid(clock: &dyn Clock, randomness: &dyn Randomness) -> Uuid {
    let millis = u64::try_from(clock.now_ms()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &randomness.ten_bytes()).into_uuid()
}
