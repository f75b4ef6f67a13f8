//! Opening the file: what it must be, and what is said when it is not.

mod error;

use std::fs::{File, TryLockError};
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use redb::backends::FileBackend;
use redb::{Builder, Database, DatabaseError, ReadableDatabase, ReadableTable, TableHandle};

pub use error::OpenError;
use error::name_path;

use crate::conflict::Touches;
use crate::counters::Counters;
use crate::fault::{Fault, guarded};
use crate::generation::Generations;
use crate::image::Images;
use crate::making::Making;
use crate::model;
use crate::names::Names;
use crate::overlay::Overlay;
use crate::tables::{Snapshot, key, number};
use crate::upgrade::{self, Upgrade, bring_up_to_date};
use crate::waits::{self, wanted::Wanted};
use crate::work::{Memory, Number};

/// The format that this version writes.
pub(crate) const FORMAT: u64 = 4;
/// Without what waits: its tasks were queued or had failed.
const FORMAT_3: u64 = 3;
/// Without generations of the configuration; its tasks had no versions.
const FORMAT_2: u64 = 2;
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
    /// After a failed write, how long until the store tries to write again; doubles with every
    /// attempt that fails, up to thirty times as long.
    pub retry_after_ms: u64,
    /// How long nothing must be written until the file is compacted, if more than half of it is
    /// free and at most 128 MiB are not. Reading and writing then wait for up to about 2 s.
    pub compact_idle_ms: u64,
    /// Smaller files are left as they are.
    pub compact_bytes_min: u64,
    /// What is done with a file of an older format.
    pub upgrade: Upgrade,
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
            // A newer version that disappoints must not be a way of no return.
            upgrade: Upgrade::KeepCopy,
        }
    }
}

/// Opens the file, or makes a new one; brings it up to date if that is asked for.
pub(crate) fn open_file(path: &Path, options: Options, images: &Arc<Images>) -> Result<Database, OpenError> {
    let upgrading = match upgrade::before_opening(path, options) {
        Err(OpenError::Unreachable { source, .. }) if source.kind() == ErrorKind::NotFound => {
            make_file(path, options)?;
            None
        }
        looked => looked?,
    };
    let db = open_there(path, options, images)?;
    if let Some(upgrading) = upgrading {
        upgrading.carry_out(&db)?;
    }
    Ok(db)
}

/// Opens a file that is there, of whatever format.
pub(crate) fn open_there(path: &Path, options: Options, images: &Arc<Images>) -> Result<Database, OpenError> {
    let mut file = regular(path)?;
    look_at_head(&mut file, path)?;
    reopen_file(path, options, images)
}

/// Opens it for reading. A pipe, which would hold up whoever opens it, is refused.
fn regular(path: &Path) -> Result<File, OpenError> {
    let open = || match std::fs::metadata(path)?.is_file() {
        true => File::open(path),
        false => Err(io::Error::new(ErrorKind::InvalidInput, "it is not a regular file")),
    };
    open().map_err(|source| OpenError::Unreachable { path: path.to_owned(), source })
}

/// The same with a shared lock, so that no store opens it for writing meanwhile.
pub(crate) fn regular_locked(path: &Path) -> Result<File, OpenError> {
    let file = regular(path)?;
    match file.try_lock_shared() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse),
        Err(TryLockError::Error(source)) => Err(OpenError::Unreachable { path: path.to_owned(), source }),
    }
}

/// Whether it begins as a store does.
pub(crate) fn look_at_head(file: &mut File, path: &Path) -> Result<(), OpenError> {
    let unreachable = |source| OpenError::Unreachable { path: path.to_owned(), source };
    let mut head = Vec::new();
    file.take(ENGINE_MAGIC.len() as u64).read_to_end(&mut head).map_err(unreachable)?;
    // Making a store leaves no such file: there was something in it.
    if head.is_empty() {
        return Err(OpenError::Damaged("it is empty; delete it if a new store is to be made".to_owned()));
    }
    if head.iter().all(|byte| *byte == 0) {
        return Err(OpenError::Damaged("its head is zeros".to_owned()));
    }
    if head == ENGINE_MAGIC { Ok(()) } else { Err(OpenError::NotLockgate) }
}

/// Makes a new store under another name first: whenever the power fails, there is a whole store or
/// none.
fn make_file(path: &Path, options: Options) -> Result<(), OpenError> {
    let unreachable = |source| OpenError::Unreachable { path: path.to_owned(), source };
    remove_old_leftover(path);
    let making = Making::beside(path).map_err(unreachable)?;
    let db = open_backend(making.backend().map_err(unreachable)?, options).map_err(|error| name_path(error, path))?;
    recall(&db)?;
    db.close()?;
    making.name(path).map_err(|error| match error.kind() {
        // Another process has made a store meanwhile.
        ErrorKind::AlreadyExists => OpenError::InUse,
        _ => unreachable(error),
    })
}

/// Earlier versions made a store under this name, and may have been killed meanwhile.
fn remove_old_leftover(path: &Path) {
    let mut making = path.as_os_str().to_owned();
    making.push(".making");
    // Of a link, the link goes.
    let _ = std::fs::remove_file(making);
}

/// Opens a file that is there: never makes a new one.
pub(crate) fn reopen_file(path: &Path, options: Options, images: &Arc<Images>) -> Result<Database, OpenError> {
    let unreachable = |source| OpenError::Unreachable { path: path.to_owned(), source };
    let file = File::options().read(true).write(true).open(path).map_err(unreachable)?;
    // The engine would take it for one that is to be made.
    if file.metadata().map_err(unreachable)?.len() == 0 {
        return Err(OpenError::Damaged("it is empty".to_owned()));
    }
    open_backend(images.watch(FileBackend::new(file)?), options).map_err(|error| name_path(error, path))
}

/// Opens a file that is there, so that nothing is written to it; brings it up to date in memory.
pub(crate) fn open_to_read(path: &Path, options: Options, images: &Arc<Images>) -> Result<Database, OpenError> {
    let db = open_backend(images.watch(Overlay::open(path)?), options)?;
    if format(&db)?.is_none() {
        return Err(OpenError::NotLockgate);
    }
    recall(&db)?;
    Ok(db)
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
        Some(FORMAT) => upgrade::add_tables(db)?,
        Some(found) if !is_older(found) => return Err(OpenError::NewerFormat { found, known: FORMAT }),
        None | Some(_) => bring_up_to_date(db)?,
    }
    let mut memory = read_memory(db)?;
    model::index_by_todays_rule(db, &mut memory)?;
    waits::rule::mark_by_todays_rule(db, &mut memory)?;
    Ok(memory)
}

/// Whether this version brings files of a format up to date.
pub(crate) fn is_older(format: u64) -> bool {
    matches!(format, FORMAT_1 | FORMAT_2 | FORMAT_3)
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
        wanted: Wanted::load(&counters),
        looked_for_waiters: Arc::default(),
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
