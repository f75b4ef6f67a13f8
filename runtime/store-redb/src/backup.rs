//! A copy of everything, as of one moment.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use lockgate_core::ports::{Backup, StoreError};
use redb::backends::FileBackend;
use redb::{Database, Durability, Key, ReadTransaction, ReadableTable, TableDefinition, TableHandle, Value};

use crate::fault::Fault;
use crate::tables::{EachTable, each_table};

/// Rows are committed together up to about here, so that memory stays bounded.
const BATCH_BYTES: usize = 32 << 20;
/// Memory for pages of the copy.
const CACHE_BYTES: usize = 16 << 20;

/// Copies every row into a file without a name in `folder`, which nobody else can open and which
/// goes when it is closed. The writer goes on meanwhile: the snapshot is held until the copy is
/// made, not until it is read, and what is freed meanwhile is used again only after that.
pub(crate) fn make(from: &ReadTransaction, folder: &Path) -> Result<Backup, StoreError> {
    let file = tempfile::tempfile_in(folder).map_err(disk)?;
    fill(from, file.try_clone().map_err(disk)?)?;
    let mut content = file;
    let bytes = content.seek(SeekFrom::End(0)).map_err(disk)?;
    content.rewind().map_err(disk)?;
    Ok(Backup { bytes, content: Box::new(content) as Box<dyn Read + Send> })
}

fn disk(error: std::io::Error) -> StoreError {
    Fault::Engine(redb::Error::Io(error)).into()
}

fn fill(from: &ReadTransaction, file: File) -> Result<(), Fault> {
    let backend = FileBackend::new(file).map_err(redb::Error::from).map_err(Fault::Engine)?;
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
