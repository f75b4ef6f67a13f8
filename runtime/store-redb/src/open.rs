//! Opening the file: what it must be, and what is said when it is not.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use redb::{Builder, Database, DatabaseError, Durability, ReadableDatabase, ReadableTable, StorageError, TableHandle, WriteTransaction};

use crate::conflict::Touches;
use crate::counters::Counters;
use crate::fault::{Fault, guarded};
use crate::generation::{self, Generations};
use crate::names::Names;
use crate::tables::{Snapshot, Tables, key, number};
use crate::work::{Memory, Number};

/// The format that this version writes.
pub(crate) const FORMAT: u64 = 3;
/// Without generations of the configuration; its tasks had no versions.
const FORMAT_2: u64 = 2;
/// Without connectors' states and keys; its connectors had one version each, its entries less of
/// what was used.
const FORMAT_1: u64 = 1;
/// How every file of the engine begins.
pub(crate) const ENGINE_MAGIC: &[u8] = b"redb\x1a\x0a\xa9\x0d\x0a";

/// How a store is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Memory for pages of the file.
    pub cache_bytes: usize,
    /// Roughly how many tasks share one transaction.
    pub group_tasks_max: usize,
    /// After a failed write, how long until the store tries to write again; doubles with every
    /// attempt that fails, up to thirty times as long.
    pub retry_after_ms: u64,
    /// How long nothing must be written until the file is compacted, if more than half of it is
    /// free and at most 128 MiB are not. Reading and writing then wait for up to about 2 s.
    pub compact_idle_ms: u64,
    /// Smaller files are left as they are.
    pub compact_bytes_min: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            // More gained nothing with 300,000 objects; a quarter of it cost double.
            cache_bytes: 256 << 20,
            // Beyond it a transaction gets no cheaper per task.
            group_tasks_max: 5_000,
            // A device that has gone for a moment is back; one that is gone for good costs little.
            retry_after_ms: 1_000,
            compact_idle_ms: 1_000,
            // What a file of this size has free is nobody's concern.
            compact_bytes_min: 64 << 20,
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
    /// The file was given up after a failed write, and what lies there now is not the same store.
    #[error("the file is not the one that was open before: {0}")]
    Replaced(String),
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
            // A file that is shorter than it says, or whose head is not the engine's.
            DatabaseError::Storage(StorageError::Io(error))
                if matches!(error.kind(), std::io::ErrorKind::UnexpectedEof | std::io::ErrorKind::InvalidData) =>
            {
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
            Fault::Closed(why) => Self::Broken(why.into()),
        }
    }
}

/// Opens the file, or makes a new one.
pub(crate) fn open_file(path: &Path, options: Options) -> Result<Database, OpenError> {
    let unreachable = |source| OpenError::Unreachable { path: path.to_owned(), source };
    let mut head = Vec::new();
    match File::open(path) {
        Ok(file) => file.take(ENGINE_MAGIC.len() as u64).read_to_end(&mut head).map_err(unreachable)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            make_file(path, options)?;
            return reopen_file(path, options);
        }
        Err(error) => return Err(unreachable(error)),
    };
    // Making a store leaves no such file: there was something in it.
    if head.is_empty() {
        return Err(OpenError::Damaged("it is empty; delete it if a new store is to be made".to_owned()));
    }
    if head.iter().all(|byte| *byte == 0) {
        return Err(OpenError::Damaged("its head is zeros".to_owned()));
    }
    if head != ENGINE_MAGIC {
        return Err(OpenError::NotLockgate);
    }
    reopen_file(path, options)
}

/// Makes a new store under another name first: whenever the power fails, there is a whole store or
/// none.
fn make_file(path: &Path, options: Options) -> Result<(), OpenError> {
    let unreachable = |source| OpenError::Unreachable { path: path.to_owned(), source };
    let mut making = path.as_os_str().to_owned();
    making.push(".making");
    let making = PathBuf::from(making);
    make_private(&making).map_err(unreachable)?;
    let db = opened(|| builder(options).create(&making)).map_err(|error| name_path(error, path))?;
    recall(&db)?;
    db.close()?;
    // A link does not replace a store that another process has made meanwhile.
    match std::fs::hard_link(&making, path) {
        Ok(()) => std::fs::remove_file(&making).map_err(unreachable)?,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => return Err(OpenError::InUse),
        // Not every file system has links.
        Err(_) => std::fs::rename(&making, path).map_err(unreachable)?,
    }
    // Promise 1: a new file must be found after power loss, too.
    if cfg!(unix) { File::open(folder(path)).and_then(|folder| folder.sync_all()).map_err(unreachable) } else { Ok(()) }
}

/// Opens a file that is there: never makes a new one.
pub(crate) fn reopen_file(path: &Path, options: Options) -> Result<Database, OpenError> {
    opened(|| builder(options).open(path)).map_err(|error| name_path(error, path))
}

fn name_path(error: OpenError, path: &Path) -> OpenError {
    let OpenError::Broken(source) = error else { return error };
    match source.downcast::<DatabaseError>() {
        Ok(error) => match *error {
            DatabaseError::Storage(StorageError::Io(source)) => OpenError::Unreachable { path: path.to_owned(), source },
            other => OpenError::Broken(other.into()),
        },
        Err(source) => OpenError::Broken(source),
    }
}

/// Only the owner may read it: the file holds a key.
fn make_private(path: &Path) -> std::io::Result<()> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Opens what a backend holds, or makes it a new store.
pub(crate) fn open_backend(backend: impl redb::StorageBackend, options: Options) -> Result<Database, OpenError> {
    opened(|| builder(options).create_with_backend(backend))
}

fn builder(options: Options) -> Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(options.cache_bytes);
    builder.set_repair_callback(|session| {
        tracing::warn!(progress = session.progress(), "the store was not closed cleanly and is being repaired");
    });
    builder
}

fn opened(open: impl FnOnce() -> Result<Database, DatabaseError>) -> Result<Database, OpenError> {
    Ok(guarded(open).map_err(OpenError::Damaged)??)
}

/// The directory that a file is in.
pub(crate) fn folder(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Checks the format, makes a new or an older file a store of today, and reads what the writer
/// keeps in memory.
pub(crate) fn recall(db: &Database) -> Result<Memory, OpenError> {
    guarded(|| recall_unguarded(db)).map_err(OpenError::Damaged)?
}

fn recall_unguarded(db: &Database) -> Result<Memory, OpenError> {
    match format(db)? {
        Some(FORMAT) => {}
        None => bring_up_to_date(db)?,
        Some(found @ (FORMAT_1 | FORMAT_2)) => {
            bring_up_to_date(db)?;
            tracing::info!(from = found, to = FORMAT, "the store was brought up to date; older versions cannot open it any more");
        }
        Some(found) => return Err(OpenError::NewerFormat { found, known: FORMAT }),
    }
    Ok(read_memory(db)?)
}

/// The file's format; `None` for a file without any table.
pub(crate) fn format(db: &Database) -> Result<Option<u64>, OpenError> {
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
    if tables.keys()?.get(key::ARTEFACTS)?.is_none() {
        tables.keys()?.insert(key::ARTEFACTS, artefacts)?;
    }
    let numbers = tables.numbers()?;
    numbers.insert(number::FORMAT, FORMAT)?;
    numbers.insert(number::GENERATION, generation::FIRST)?;
    numbers.insert(number::BASE, generation::FIRST)?;
    Ok(())
}

pub(crate) fn read_memory(db: &Database) -> Result<Memory, Fault> {
    let tables = Snapshot::new(db.begin_read()?);
    let names = Names::load(saved_names(&tables)?)?;
    let mut counters = Counters::default();
    for row in tables.counters()?.iter()? {
        let (key, value) = row?;
        counters.load(key.value(), value.value());
    }
    let epochs = tables.epochs()?.iter()?.map(|row| row.map(|(connector, epoch)| (connector.value(), epoch.value())));
    // Ids begin at 1.
    let numbers = tables.numbers()?;
    let next = |name: &str| Ok::<u64, Fault>(numbers.get(name)?.map_or(1, |next| next.value()));
    let next_row = next(number::NEXT_ROW)?;
    let secret = tables.keys()?.get(key::ARTEFACTS)?.ok_or_else(|| Fault::row("key", "it is missing"))?;
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
        transactions: numbers.get(number::TRANSACTIONS)?.map_or(0, |count| count.value()),
        generations: Generations::load(&tables)?,
        leases: Arc::default(),
        secret: *secret.value(),
    })
}

/// Every name that the file has, with its id.
pub(crate) fn saved_names(tables: &Snapshot) -> Result<impl Iterator<Item = Result<(u32, String), Fault>>, Fault> {
    Ok(tables.names()?.iter()?.map(|row| {
        let (id, name) = row?;
        Ok((id.value(), name.value().to_owned()))
    }))
}
