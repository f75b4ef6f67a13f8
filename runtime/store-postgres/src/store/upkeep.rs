//! What keeps the store going.

use lockgate_core::ports::{Backup, Counts, Nodes, StoreError, Upkeep};

use super::PgStore;
use crate::upkeep;

impl Upkeep for PgStore {
    fn counts(&self) -> Result<Counts, StoreError> {
        upkeep::counts(self)
    }

    fn can_write(&self) -> Result<(), StoreError> {
        self.look()
    }

    fn nodes(&self) -> Option<&dyn Nodes> {
        Some(self)
    }

    fn backup(&self) -> Result<Backup, StoreError> {
        let why = "a database is backed up by PostgreSQL's own means, such as pg_dump or pg_basebackup";
        Err(StoreError::Unavailable(why.to_owned()))
    }
}
