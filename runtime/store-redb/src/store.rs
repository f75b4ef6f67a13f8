//! The store: which of its methods write, which read, and where each is done. One file for each part
//! that the bus sees of it.

mod audit;
mod content;
mod journal;
mod operations;
mod queue;
mod registry;
mod upkeep;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use lockgate_core::ports::StoreError;
use redb::Database;

use crate::fault::{Fault, guarded};
use crate::handle::Handle;
use crate::image::Images;
use crate::lease::Leases;
use crate::names::Names;
use crate::open::{self, OpenError, Options};
use crate::reached::Reached;
use crate::read::View;
use crate::recovery::Desk;
use crate::reopen::Reopen;
use crate::work::Work;
use crate::writer::{Reply, Writer};

/// A store in one file. Dropping it waits for what is being written, and closes the file.
pub struct RedbStore {
    // First, so that the writer ends before the file is closed.
    writer: Writer,
    handle: Arc<Handle>,
    names: Arc<Names>,
    leases: Arc<Leases>,
    reached: Arc<Reached>,
    next_row: Arc<AtomicU64>,
    looked_for_waiters: Arc<AtomicU64>,
    /// Where copies are made: beside the file.
    folder: PathBuf,
    /// What copies are made from.
    images: Arc<Images>,
    /// The file, where it is one.
    path: Option<PathBuf>,
}

impl std::fmt::Debug for RedbStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedbStore").finish_non_exhaustive()
    }
}

impl RedbStore {
    /// Opens the file, or makes a new one. The directory must exist. Starts the writer thread.
    pub fn open(path: impl AsRef<Path>, options: Options) -> Result<Self, OpenError> {
        let path = path.as_ref();
        let (path, folder) = (path.to_owned(), open::folder(path).to_owned());
        let images = Arc::new(Images::default());
        let db = open::open_file(&path, options, &images)?;
        let (watched, file) = (images.clone(), path.clone());
        let store = Self::with_database(db, Some(Box::new(move || open::reopen_file(&path, options, &watched))), options, folder, images)?;
        Ok(Self { path: Some(file), ..store })
    }

    /// Opens a file that is there for reading only, locked so that no other process writes to it:
    /// nothing is written to it or beside it, and every method that writes refuses. A file that was
    /// not closed cleanly, or is of an older format, is read as it would be after opening it.
    pub fn read_only(path: impl AsRef<Path>, options: Options) -> Result<Self, OpenError> {
        let images = Arc::new(Images::default());
        let db = open::open_to_read(path.as_ref(), options, &images)?;
        let store = Self::with_database(db, None, options, std::env::temp_dir(), images)?;
        store.handle.refuse(StoreError::Unavailable("the store was opened for reading only".to_owned()));
        Ok(store)
    }

    /// The same on another backend than a file: memory, or one that fails on purpose. After a failed
    /// write nothing is written any more.
    pub fn with_backend(backend: impl redb::StorageBackend, options: Options) -> Result<Self, OpenError> {
        let images = Arc::new(Images::default());
        Self::with_database(open::open_backend(images.watch(backend), options)?, None, options, std::env::temp_dir(), images)
    }

    /// The same on backends that are made one after the other, all over the same bytes: a further one
    /// after each failed write, when the one before is closed.
    pub fn with_backends<B: redb::StorageBackend>(
        mut make: impl FnMut() -> B + Send + 'static,
        options: Options,
    ) -> Result<Self, OpenError> {
        let images = Arc::new(Images::default());
        let watched = images.clone();
        let mut open = move || open::open_backend(watched.watch(make()), options);
        Self::with_database(open()?, Some(Box::new(open)), options, std::env::temp_dir(), images)
    }

    fn with_database(
        db: Database,
        reopen: Option<Reopen>,
        options: Options,
        folder: PathBuf,
        images: Arc<Images>,
    ) -> Result<Self, OpenError> {
        let memory = open::recall(&db)?;
        let db = Arc::new(db);
        let handle = Arc::new(Handle::new(db.clone()));
        let reached = Arc::new(Reached::new(&memory));
        let (names, leases, next_row) = (memory.names.clone(), memory.leases.clone(), memory.next_row.clone());
        let looked_for_waiters = memory.looked_for_waiters.clone();
        let desk = Desk::new(db, memory, handle.clone(), reached.clone(), reopen, options);
        let writer = Writer::start(desk, options.group_tasks_max).map_err(|error| OpenError::Broken(error.into()))?;
        Ok(Self { writer, handle, names, leases, reached, next_row, looked_for_waiters, folder, images, path: None })
    }

    /// How often commits have looked up who waits for what they touched, since the store was opened: never,
    /// while nobody waits for anything (§11.9).
    pub fn looked_for_waiters(&self) -> u64 {
        self.looked_for_waiters.load(Ordering::Relaxed)
    }

    fn read<T>(&self, read: impl FnOnce(&View) -> Result<T, Fault>) -> Result<T, StoreError> {
        let done = guarded(|| read(&View::of(self.handle.begin_read()?, &self.names)));
        let fault = match done {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(fault)) => fault,
            Err(panic) => Fault::Unreadable(panic),
        };
        if !matches!(fault, Fault::Closed(_)) {
            self.writer.check();
        }
        Err(fault.into())
    }

    /// A write that is never refused.
    fn write<T: Send + 'static>(&self, weight: usize, run: impl FnOnce(&mut Work<'_>) -> Result<T, Fault> + Send + 'static) -> Reply<T> {
        self.writer.write(weight, move |work| run(work).map(Ok))
    }
}
