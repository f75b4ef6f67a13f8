//! What keeps the store going, and numbers about it.

use lockgate_core::ports::{Backup, Counts, StoreError, Upkeep};

use super::RedbStore;
use crate::{backup, read};

impl Upkeep for RedbStore {
    fn counts(&self) -> Result<Counts, StoreError> {
        self.read(read::counts)
    }

    fn can_write(&self) -> Result<(), StoreError> {
        self.handle.can_write()
    }

    fn backup(&self) -> Result<Backup, StoreError> {
        backup::make(&self.handle.begin_read()?, &self.folder)
    }
}
