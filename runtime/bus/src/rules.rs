//! The operator's settings while the bus runs: they can be replaced by others.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};

use crate::{Bus, Inner};
use lockgate_core::grants::digest;
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{GrantsDigest, StoreError};
use lockgate_core::settings::BusSettings;

/// Settings, and what is granted by them.
pub(crate) struct Rules {
    pub(crate) settings: Arc<BusSettings>,
    pub(crate) grants: GrantsDigest,
}

impl Rules {
    pub(crate) fn new(settings: BusSettings) -> Self {
        Self { grants: digest(&settings), settings: Arc::new(settings) }
    }
}

impl Inner {
    pub(crate) fn rules(&self) -> Arc<Rules> {
        self.rules.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn settings(&self) -> Arc<BusSettings> {
        self.rules().settings.clone()
    }
}

impl Bus {
    /// Works by other settings from now on: passes that run end after the batch in hand, and go on by the new ones.
    /// Answers whose settings are others than before.
    pub fn replace_settings(&self, settings: BusSettings) -> Result<BTreeSet<ConnectorName>, StoreError> {
        let inner = &self.inner;
        let new = Arc::new(Rules::new(settings));
        let before = std::mem::replace(&mut *inner.rules.write().unwrap_or_else(PoisonError::into_inner), new.clone());
        let known = inner.current()?;
        let changed = |name: &&ConnectorName| before.settings.of(name) != new.settings.of(name);
        let changed: BTreeSet<ConnectorName> = known.connectors.keys().filter(changed).cloned().collect();
        if before.grants != new.grants {
            // Passes by the former grants are `Stale` as soon as the store knows the new ones.
            inner.announced.store(false, std::sync::atomic::Ordering::SeqCst);
            inner.announced()?;
        }
        for name in known.connectors.keys() {
            inner.begin(name, true);
            inner.begin_due(name);
        }
        Ok(changed)
    }
}
