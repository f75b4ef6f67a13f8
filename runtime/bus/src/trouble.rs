//! Why a worker did not do a job, and so whether it tries again by itself.

use lockgate_core::admit::Rests;
use lockgate_core::ports::{NodeName, StoreError};

/// Why a job was not done.
pub(super) enum Trouble {
    Store(StoreError),
    /// Another process holds the lease, until then in ms since 1970.
    HeldBy(NodeName, i64),
    /// What the machine refused, and may not refuse later.
    Passing(String),
    /// What lasts until somebody does something.
    Other(String),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Rests> for Trouble {
    fn from(why: Rests) -> Self {
        Self::Other(why.to_string())
    }
}
