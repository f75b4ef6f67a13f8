//! What the bus keeps in memory of the store: a copy with its generation. Whatever is decided by it is
//! checked in the transaction that carries it out, and a copy that turns out to be old is read anew.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use lockgate_core::admit::{Rests, may_process};
use lockgate_core::model::{SharedModel, parse};
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Configuration, ConnectorRecord, Generation, GrantsDigest, StoreError, Switches};

use crate::Inner;

/// The configuration as of one moment.
pub(crate) struct Known {
    pub(crate) generation: Generation,
    pub(crate) files: BTreeMap<String, String>,
    pub(crate) model: SharedModel,
    pub(crate) connectors: BTreeMap<ConnectorName, ConnectorRecord>,
    pub(crate) switches: Switches,
    pub(crate) grants: GrantsDigest,
}

impl Known {
    /// Reads what the store says. The model is parsed only if its files are others than `before`'s.
    pub(crate) fn read(configuration: Configuration, before: Option<&Self>) -> Result<Self, StoreError> {
        let Configuration { generation, model: files, connectors, switches, grants } = configuration;
        let model = match before.filter(|before| before.files == files) {
            Some(before) => before.model.clone(),
            // Files that an older version accepted and this one does not are a damaged store, not an
            // empty model.
            None => Arc::new(parse(&files).map_err(|errors| {
                let all: Vec<String> = errors.iter().map(ToString::to_string).collect();
                StoreError::Unreadable(format!("content model: {}", all.join("; ")))
            })?),
        };
        let connectors = connectors.into_iter().map(|record| (record.name.clone(), record)).collect();
        Ok(Self { generation, files, model, connectors, switches, grants })
    }

    /// The connector, if it may process.
    pub(crate) fn may_process(&self, connector: &ConnectorName) -> Result<&ConnectorRecord, Rests> {
        may_process(self.switches, self.connectors.get(connector))
    }

    /// Connectors that may have something to do since `before`: new, enabled, replaced, or let go on.
    fn set_going<'a>(&'a self, before: &'a Self) -> impl Iterator<Item = &'a ConnectorName> {
        // §11: what failed by another model is due.
        let all = self.switches.processes() && !before.switches.processes() || self.files != before.files;
        let works = |record: &ConnectorRecord| record.enabled && !record.paused;
        let changed = move |record: &ConnectorRecord| {
            all || before.connectors.get(&record.name).is_none_or(|was| !works(was) || was.digest != record.digest)
        };
        self.connectors.values().filter(move |record| works(record) && changed(record)).map(|record| &record.name)
    }
}

impl Inner {
    /// The copy in memory, which may be old.
    pub(crate) fn known(&self) -> Arc<Known> {
        self.known.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// The configuration, as new as the store's when this was called.
    pub(crate) fn current(self: &Arc<Self>) -> Result<Arc<Known>, StoreError> {
        let known = self.known();
        if self.parts.store.generation()? > known.generation { self.reload() } else { Ok(known) }
    }

    /// The same, when this process has said to the store what it grants: it says so once, before it
    /// works for the first time, and whoever works by other grants finds that its are old.
    pub(crate) fn announced(self: &Arc<Self>) -> Result<Arc<Known>, StoreError> {
        if !self.announced.load(Ordering::SeqCst) {
            self.decide(|known| {
                let grants = self.rules().grants;
                Ok::<_, StoreError>(match known.grants == grants {
                    true => Ok(()),
                    false => self.parts.store.put_grants(known.generation, grants),
                })
            })?;
            self.announced.store(true, Ordering::SeqCst);
        }
        self.current()
    }

    /// Reads the configuration anew, begins the passes that it sets going, and ends the workers of connectors
    /// that it does not have.
    pub(crate) fn reload(self: &Arc<Self>) -> Result<Arc<Known>, StoreError> {
        let read = Arc::new(Known::read(self.parts.store.configuration()?, Some(&self.known()))?);
        let before = {
            let mut known = self.known.write().unwrap_or_else(std::sync::PoisonError::into_inner);
            // Another thread may have read a newer one.
            if known.generation >= read.generation {
                return Ok(known.clone());
            }
            // The one that is replaced, and not the one that was there before the store was asked: another
            // thread may have ended a pass by it.
            std::mem::replace(&mut *known, read.clone())
        };
        for name in read.set_going(&before) {
            self.begin_here(name, true);
            self.begin_due(name);
        }
        self.let_removed_go();
        self.operate_again();
        Ok(read)
    }

    /// The configuration may be another one, and set passes going. As long as it cannot be read, workers ask
    /// for it until it can.
    pub(crate) fn look_again(self: &Arc<Self>, known: &Known) {
        if self.reload().is_err() {
            known.connectors.keys().for_each(|name| self.begin_here(name, true));
        }
    }

    /// What was decided by this configuration is stored, and is not taken back because it cannot be read. The
    /// generation tells whether the configuration has changed; after a write whose outcome is unknown it
    /// does not: the store may not have read its file again.
    fn written(self: &Arc<Self>, known: &Known) {
        if !self.parts.store.generation().is_ok_and(|generation| generation == known.generation) {
            self.look_again(known);
        }
    }

    /// Decides by the configuration and carries it out, as often as it has changed in between.
    pub(crate) fn decide<T, E: From<StoreError>>(
        self: &Arc<Self>,
        mut decide: impl FnMut(&Known) -> Result<Result<T, StoreError>, E>,
    ) -> Result<T, E> {
        let mut known = self.current()?;
        loop {
            match decide(&known)? {
                Ok(done) => {
                    self.written(&known);
                    return Ok(done);
                }
                Err(StoreError::Stale) => known = self.reload()?,
                Err(error) => {
                    if matches!(error, StoreError::Unknown(_)) {
                        self.look_again(&known);
                    }
                    return Err(error.into());
                }
            }
        }
    }
}
