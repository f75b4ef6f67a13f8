//! A copy of everything, as of one moment.
//!
//! The engine keeps a checksum of every page and compares it only when it is told to, in a file that
//! nobody else has open. So the copy is made from an image: first every page is verified, then every
//! row is copied. A damaged store is refused and nothing of it gets into a backup.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use lockgate_core::ports::{Backup, StoreError};
use redb::{Database, Durability, Key, ReadTransaction, ReadableDatabase, ReadableTable, TableDefinition, TableHandle, Value};

use crate::check::whereabouts;
use crate::fault::{Fault, guarded};
use crate::image::Images;
use crate::making::Unsynced;
use crate::open::{self, OpenError, Options};
use crate::overlay::Overlay;
use crate::tables::{EachTable, each_table};

/// Rows are committed together up to about here, so that memory stays bounded.
const BATCH_BYTES: usize = 32 << 20;
/// Memory for pages of the copy, and as much for those of the store.
const CACHE_BYTES: usize = 16 << 20;

/// Makes the copy in a file without a name in `folder`, which nobody else can open and which goes
/// when it is closed. The store goes on meanwhile. `Unreadable`: the store is damaged.
pub(crate) fn make(images: &Images, folder: &Path) -> Result<Backup, StoreError> {
    let file = tempfile::tempfile_in(folder).map_err(disk)?;
    let to = file.try_clone().map_err(disk)?;
    let made = images.with(folder, |image, bytes| copy(&|| Some(Overlay::over(image.clone(), bytes)), to)).map_err(disk)?;
    made.map_err(StoreError::from)?;
    let mut content = file;
    let bytes = content.seek(SeekFrom::End(0)).map_err(disk)?;
    content.rewind().map_err(disk)?;
    Ok(Backup { bytes, content: Box::new(content) as Box<dyn Read + Send> })
}

/// Copies every row of a store that no server has open into an empty file, as `RedbStore::backup`
/// does. `Damaged`: the store is, and what is in the file is of no use.
pub fn copy_store(path: &Path, to: File) -> Result<(), OpenError> {
    // So that a file which is something else, or of a newer version, is not taken for a damaged one.
    drop(open::open_to_read(path, Options { cache_bytes: CACHE_BYTES, ..Options::default() }, &Arc::default())?);
    copy(&|| Overlay::open(path).ok(), to).map_err(OpenError::from)
}

/// The engine may panic on a file that was altered behind its back.
fn copy(open: &dyn Fn() -> Option<Overlay>, to: File) -> Result<(), Fault> {
    let from = open().ok_or_else(|| Fault::row("the file", "it cannot be opened any more"))?;
    match guarded(|| copy_unguarded(from, to)).unwrap_or_else(|panic| Err(Fault::Unreadable(panic))) {
        Err(Fault::Engine(redb::Error::Corrupted(why)) | Fault::Unreadable(why)) => {
            Err(Fault::Unreadable(format!("{why}{}", whereabouts::told(open))))
        }
        copied => copied,
    }
}

fn copy_unguarded(from: Overlay, to: File) -> Result<(), Fault> {
    let verified = Database::builder().set_cache_size(CACHE_BYTES).set_check_integrity_on_open(true).create_with_backend(from);
    let from = verified.map_err(redb::Error::from).map_err(Fault::Engine)?;
    // One of an older format has not all tables.
    open::recall(&from).map_err(|error| Fault::row("the file", error))?;
    fill(&from.begin_read()?, to)
}

fn disk(error: io::Error) -> StoreError {
    Fault::Engine(redb::Error::Io(error)).into()
}

fn fill(from: &ReadTransaction, file: File) -> Result<(), Fault> {
    let backend = Unsynced::over(file).map_err(redb::Error::Io).map_err(Fault::Engine)?;
    let made = Database::builder().set_cache_size(CACHE_BYTES).create_with_backend(backend);
    let to = made.map_err(redb::Error::from).map_err(Fault::Engine)?;
    each_table(&mut Copy { from, to: &to })?;
    to.close().map_err(redb::Error::from).map_err(Fault::Engine)
}

struct Copy<'a> {
    from: &'a ReadTransaction,
    to: &'a Database,
}

impl EachTable for Copy<'_> {
    type Error = Fault;

    fn table<K: Key + 'static, V: Value + 'static>(&mut self, definition: TableDefinition<'static, K, V>) -> Result<(), Fault> {
        let source = self.from.open_table(definition)?;
        let mut rows = source.iter()?;
        let mut ended = false;
        while !ended {
            let mut txn = self.to.begin_write()?;
            txn.set_durability(Durability::Immediate).map_err(|error| Fault::row("durability", error))?;
            // So that whoever opens the copy need not rebuild what the engine knows of free pages.
            txn.set_quick_repair(true);
            {
                let mut table = txn.open_table(definition)?;
                let mut bytes = 0;
                // They ascend: each goes behind the last.
                let mut cursor = table.upper_bound_mut(std::ops::Bound::<K::SelfType<'_>>::Unbounded)?;
                ended = loop {
                    let Some(row) = rows.next() else { break true };
                    let (key, value) = row?;
                    let (key, value) = (key.value(), value.value());
                    bytes += K::as_bytes(&key).as_ref().len() + V::as_bytes(&value).as_ref().len();
                    cursor.insert_before(&key, &value).map_err(|error| Fault::row(definition.name(), error))?;
                    if bytes >= BATCH_BYTES {
                        break false;
                    }
                };
                cursor.close()?;
            }
            txn.commit()?;
        }
        Ok(())
    }
}
