//! Opening the file: what it must be, and what is said when it is not.

use std::fs::File;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use redb::{Builder, Database, DatabaseError, Durability, ReadableDatabase, ReadableTable, StorageError, TableHandle, WriteTransaction};

use crate::conflict::Touches;
use crate::counters::Counters;
use crate::fault::Fault;
use crate::names::Names;
use crate::tables::{Tables, key, number};
use crate::work::{Memory, Number};

/// The format that this version writes.
const FORMAT: u64 = 2;
/// Without connectors' states and keys; its connectors had one version each, its entries less of
/// what was used.
const FORMAT_1: u64 = 1;
/// How every file of the engine begins.
const ENGINE_MAGIC: &[u8] = b"redb\x1a\x0a\xa9\x0d\x0a";

/// How a store is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Memory for pages of the file.
    pub cache_bytes: usize,
    /// Roughly how many tasks share one transaction.
    pub group_tasks_max: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            // More gained nothing with 300,000 objects; a quarter of it cost double.
            cache_bytes: 256 << 20,
            // Beyond it a transaction gets no cheaper per task.
            group_tasks_max: 5_000,
        }
    }
}

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process, or another store of this one, has the file open.
    #[error("the store is in use by another process")]
    InUse,
    /// The file cannot be reached: its directory is missing, or it may not be read or written.
    #[error("cannot open {path}")]
    Unreachable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is something else.
    #[error("the file is not a lockgate store")]
    NotLockgate,
    /// The file is a store and cannot be read.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// A newer version has written the file.
    #[error("the store has format {found}, this version knows formats up to {known}: use a newer version of lockgate")]
    NewerFormat {
        /// The file's format.
        found: u64,
        /// The newest that this version knows.
        known: u64,
    },
    /// The engine's own format is another one.
    #[error("the store has engine format {0}, which this version does not know: use another version of lockgate")]
    EngineFormat(u8),
    /// Reading or writing failed while opening.
    #[error("the store cannot be read or written")]
    Broken(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<DatabaseError> for OpenError {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::DatabaseAlreadyOpen => Self::InUse,
            DatabaseError::UpgradeRequired(version) => Self::EngineFormat(version),
            DatabaseError::Storage(StorageError::Corrupted(text)) => Self::Damaged(text),
            // A file that is shorter than it says.
            DatabaseError::Storage(StorageError::Io(error)) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                Self::Damaged(error.to_string())
            }
            DatabaseError::RepairAborted => Self::Damaged("the repair was aborted".to_owned()),
            other => Self::Broken(other.into()),
        }
    }
}

impl From<Fault> for OpenError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Unreadable(text) | Fault::Engine(redb::Error::Corrupted(text)) => Self::Damaged(text),
            Fault::Engine(redb::Error::TableTypeMismatch { .. }) => Self::NotLockgate,
            Fault::Engine(other) => Self::Broken(other.into()),
        }
    }
}

/// Opens the file, or makes a new one.
pub(crate) fn open_file(path: &Path, options: Options) -> Result<Database, OpenError> {
    let unreachable = |source| OpenError::Unreachable { path: path.to_owned(), source };
    let new = match File::open(path) {
        Ok(mut file) => {
            let mut head = Vec::new();
            file.by_ref().take(ENGINE_MAGIC.len() as u64).read_to_end(&mut head).map_err(unreachable)?;
            if !head.is_empty() && head != ENGINE_MAGIC {
                return Err(OpenError::NotLockgate);
            }
            head.is_empty()
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            make_private(path).map_err(unreachable)?;
            true
        }
        Err(error) => return Err(unreachable(error)),
    };
    let db = guarded(|| builder(options).create(path)).map_err(|error| match error {
        OpenError::Broken(source) => match source.downcast::<DatabaseError>() {
            Ok(error) => match *error {
                DatabaseError::Storage(StorageError::Io(source)) => unreachable(source),
                other => OpenError::Broken(other.into()),
            },
            Err(source) => OpenError::Broken(source),
        },
        other => other,
    })?;
    if new {
        sync_directory(path).map_err(unreachable)?;
    }
    Ok(db)
}

/// Only the owner may read it: the file holds a key.
fn make_private(path: &Path) -> std::io::Result<()> {
    let mut options = File::options();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Opens what a backend holds, or makes it a new store.
pub(crate) fn open_backend(backend: impl redb::StorageBackend, options: Options) -> Result<Database, OpenError> {
    guarded(|| builder(options).create_with_backend(backend))
}

fn builder(options: Options) -> Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(options.cache_bytes);
    builder.set_repair_callback(|session| {
        tracing::warn!(progress = session.progress(), "the store was not closed cleanly and is being repaired");
    });
    builder
}

/// The engine may panic on a file that was altered behind its back.
fn guarded(open: impl FnOnce() -> Result<Database, DatabaseError>) -> Result<Database, OpenError> {
    match catch_unwind(AssertUnwindSafe(open)) {
        Ok(opened) => Ok(opened?),
        Err(_) => Err(OpenError::Damaged("the engine cannot make sense of it".to_owned())),
    }
}

/// Promise 1: a new file must be found after power loss, too.
fn sync_directory(path: &Path) -> std::io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if cfg!(unix) { File::open(parent)?.sync_all() } else { Ok(()) }
}

/// Checks the format, makes a new or an older file a store of today, and reads what the writer
/// keeps in memory.
pub(crate) fn recall(db: &Database) -> Result<Memory, OpenError> {
    match format(db)? {
        Some(FORMAT) => {}
        None => bring_up_to_date(db)?,
        Some(found @ FORMAT_1) => {
            bring_up_to_date(db)?;
            tracing::info!(from = found, to = FORMAT, "the store was brought up to date; older versions cannot open it any more");
        }
        Some(found) => return Err(OpenError::NewerFormat { found, known: FORMAT }),
    }
    Ok(read_memory(db)?)
}

/// The file's format; `None` for a file without any table.
fn format(db: &Database) -> Result<Option<u64>, OpenError> {
    let txn = db.begin_read().map_err(Fault::from)?;
    let tables: Vec<String> = txn.list_tables().map_err(Fault::from)?.map(|table| table.name().to_owned()).collect();
    if tables.is_empty() {
        return Ok(None);
    }
    if !tables.iter().any(|name| name == crate::tables::NUMBERS.name()) {
        return Err(OpenError::NotLockgate);
    }
    let numbers = txn.open_table(crate::tables::NUMBERS).map_err(Fault::from)?;
    let format = numbers.get(number::FORMAT).map_err(Fault::from)?.map(|format| format.value());
    format.map(Some).ok_or(OpenError::NotLockgate)
}

/// Promise 7: in one transaction, so that a file is of one format whenever the power fails. Its rows
/// stay as they are: each says its own format, and old ones are read for ever.
fn bring_up_to_date(db: &Database) -> Result<(), OpenError> {
    let mut artefacts = [0; 32];
    getrandom::fill(&mut artefacts).map_err(|error| OpenError::Broken(error.into()))?;
    let mut txn = db.begin_write().map_err(Fault::from)?;
    txn.set_durability(Durability::Immediate).map_err(|error| Fault::row("durability", error))?;
    txn.set_quick_repair(true);
    complete_tables(&txn, &artefacts)?;
    txn.commit().map_err(Fault::from)?;
    Ok(())
}

fn complete_tables(txn: &WriteTransaction, artefacts: &[u8; 32]) -> Result<(), Fault> {
    let mut tables = Tables::new(txn);
    tables.create_all()?;
    tables.keys()?.insert(key::ARTEFACTS, artefacts)?;
    tables.numbers()?.insert(number::FORMAT, FORMAT)?;
    Ok(())
}

fn read_memory(db: &Database) -> Result<Memory, Fault> {
    let tables = crate::tables::Snapshot::new(db.begin_read()?);
    let names = Names::load(tables.names()?.iter()?.map(|row| {
        let (id, name) = row?;
        Ok((id.value(), name.value().to_owned()))
    }))?;
    let mut counters = Counters::default();
    for row in tables.counters()?.iter()? {
        let (key, value) = row?;
        counters.load(key.value(), value.value());
    }
    let epochs = tables.epochs()?.iter()?.map(|row| row.map(|(connector, epoch)| (connector.value(), epoch.value())));
    // Ids begin at 1.
    let next = |name: &str| Ok::<u64, Fault>(tables.numbers()?.get(name)?.map_or(1, |next| next.value()));
    let next_row = next(number::NEXT_ROW)?;
    Ok(Memory {
        names: Arc::new(names),
        touches: Touches::new(),
        counters,
        epochs: epochs.collect::<Result<_, _>>()?,
        commits: 0,
        next_task: Number::new(next(number::NEXT_TASK)?),
        next_history: Number::new(next(number::NEXT_HISTORY)?),
        next_row: Arc::new(AtomicU64::new(next_row)),
        saved_row: next_row,
    })
}
