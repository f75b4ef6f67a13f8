//! What keeps the store going, and numbers about it.

use lockgate_core::ports::{Backup, Counts, Space, StoreError, Upkeep};

use super::RedbStore;
use crate::{backup, read};

impl Upkeep for RedbStore {
    fn counts(&self) -> Result<Counts, StoreError> {
        self.read(read::counts)
    }

    fn can_write(&self) -> Result<(), StoreError> {
        self.handle.can_write()
    }

    fn space(&self) -> Option<Space> {
        let store_bytes = std::fs::metadata(self.path.as_ref()?).ok()?.len();
        let disk = rustix::fs::statvfs(&self.folder).ok()?;
        Some(Space { store_bytes, free_bytes: disk.f_bavail.saturating_mul(disk.f_frsize) })
    }

    fn backup(&self) -> Result<Backup, StoreError> {
        // While the file is closed, there is nothing to copy.
        drop(self.handle.begin_read()?);
        backup::make(&self.images, &self.folder)
    }
}
