//! The open file that the writer and all readers share, or why there is none.

use std::sync::{Arc, PoisonError, RwLock, RwLockWriteGuard};

use lockgate_core::ports::StoreError;
use redb::{Database, ReadTransaction, ReadableDatabase};

use crate::fault::Fault;

/// Readers take a snapshot from it; only the writer's thread changes it.
pub(crate) struct Handle(RwLock<State>);

struct State {
    /// `None` while the file is closed. Readers never keep it, so that the writer, when it takes it
    /// out, has the only one and can close the file.
    db: Option<Arc<Database>>,
    /// Why nothing is written at the moment. Reading may work nevertheless.
    refusal: Option<StoreError>,
}

impl Handle {
    pub(crate) fn new(db: Arc<Database>) -> Self {
        Self(RwLock::new(State { db: Some(db), refusal: None }))
    }

    /// A snapshot of the file. When the file is closed meanwhile, reading from it fails.
    pub(crate) fn begin_read(&self) -> Result<ReadTransaction, Fault> {
        let state = self.0.read().unwrap_or_else(PoisonError::into_inner);
        match (&state.db, &state.refusal) {
            (Some(db), _) => Ok(db.begin_read()?),
            (None, Some(refusal)) => Err(Fault::Closed(refusal.clone())),
            (None, None) => Err(Fault::Closed(StoreError::Unavailable("the store is closed".to_owned()))),
        }
    }

    /// Why nothing is written at the moment.
    pub(crate) fn can_write(&self) -> Result<(), StoreError> {
        let state = self.0.read().unwrap_or_else(PoisonError::into_inner);
        state.refusal.clone().map_or(Ok(()), Err)
    }

    /// From now on nothing is written or read. After it the writer's own handle is the only one.
    pub(crate) fn close(&self, refusal: StoreError) {
        let mut state = self.state();
        state.refusal = Some(refusal);
        state.db = None;
    }

    /// From now on nothing is written.
    pub(crate) fn refuse(&self, refusal: StoreError) {
        self.state().refusal = Some(refusal);
    }

    /// Does what needs the engine alone: readers wait meanwhile. `None`: it was not alone.
    pub(crate) fn alone<T>(&self, own: &mut Arc<Database>, run: impl FnOnce(&mut Database) -> T) -> Option<T> {
        let mut state = self.state();
        state.db = None;
        let done = Arc::get_mut(own).map(run);
        state.db = Some(own.clone());
        done
    }

    /// The file is open again; nothing is written yet.
    pub(crate) fn open(&self, db: Arc<Database>) {
        self.state().db = Some(db);
    }

    /// Writing works again.
    pub(crate) fn accept(&self) {
        self.state().refusal = None;
    }

    fn state(&self) -> RwLockWriteGuard<'_, State> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}
