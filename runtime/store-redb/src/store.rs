//! The store: which of its methods write, which read, and where each is done.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use lockgate_core::history::{Entry, LogLine};
use lockgate_core::key::{Key, Loaded};
use lockgate_core::model::ContentModel;
use lockgate_core::names::{ConnectorName, SiteName, TypeName};
use lockgate_core::ports::{
    Backup, Commit, ConnectorRecord, Counts, HistoryFilter, Lease, Standing, StateMap, Store, StoreError, Submitted, Switches, TaskFilter,
};
use lockgate_core::rows::{BindingId, BindingRow, NodeId, ObjectId, ObjectRow, PageRow};
use lockgate_core::task::{NewTask, Task, TaskId};
use redb::Database;

use crate::fault::{Fault, guarded};
use crate::handle::Handle;
use crate::image::Images;
use crate::names::Names;
use crate::open::{self, OpenError, Options};
use crate::read::View;
use crate::recovery::Desk;
use crate::reopen::Reopen;
use crate::work::Work;
use crate::writer::{Reply, Writer};
use crate::{backup, commit, connectors, history, load, model, queue, read, state, submit};

/// History entries that one transaction removes at most.
const TRIM_BATCH: u64 = 5_000;

/// A store in one file. Dropping it waits for what is being written, and closes the file.
pub struct RedbStore {
    // First, so that the writer ends before the file is closed.
    writer: Writer,
    handle: Arc<Handle>,
    names: Arc<Names>,
    commits: Arc<AtomicU64>,
    next_row: Arc<AtomicU64>,
    /// Where copies are made: beside the file.
    folder: PathBuf,
    /// What copies are made from.
    images: Arc<Images>,
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
        let watched = images.clone();
        Self::with_database(db, Some(Box::new(move || open::reopen_file(&path, options, &watched))), options, folder, images)
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
        let commits = Arc::new(AtomicU64::new(memory.commits));
        let (names, next_row) = (memory.names.clone(), memory.next_row.clone());
        let desk = Desk::new(db, memory, handle.clone(), commits.clone(), reopen, options);
        let writer = Writer::start(desk, options.group_tasks_max).map_err(|error| OpenError::Broken(error.into()))?;
        Ok(Self { writer, handle, names, commits, next_row, folder, images })
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

    /// The same of something that the bus keeps in memory, too.
    fn write_kept<T: Send + 'static>(&self, run: impl FnOnce(&mut Work<'_>) -> Result<T, Fault> + Send + 'static) -> Reply<T> {
        self.write(1, move |work| {
            work.memory.bus_keeps = true;
            run(work)
        })
    }
}

impl Store for RedbStore {
    fn submit(&self, tasks: Vec<NewTask>, queue_tasks_max: u64) -> Result<Vec<Submitted>, StoreError> {
        let ready = submit::ready(tasks, &self.names);
        self.write(ready.len(), move |work| submit::submit(work, ready, queue_tasks_max))
    }

    fn claim(&self, connector: &ConnectorName) -> Result<Lease, StoreError> {
        let id = self.names.interner().id(connector.as_str());
        let epoch = self.write(1, move |work| connectors::claim(work, id))?;
        Ok(Lease { connector: connector.clone(), epoch })
    }

    fn fetch(&self, connector: &ConnectorName, after: Option<TaskId>, tasks_max: usize, bytes_max: usize) -> Result<Vec<Task>, StoreError> {
        self.read(|view| read::fetch(view, connector, after, tasks_max, bytes_max))
    }

    fn load(&self, keys: &[Key]) -> Result<Loaded, StoreError> {
        // Before the snapshot is taken: it may be newer than this says, never older.
        let as_of = self.commits.load(Ordering::SeqCst);
        self.read(|view| load::load(view, as_of, keys))
    }

    fn reserve_ids(&self, count: u64) -> Result<u64, StoreError> {
        Ok(self.next_row.fetch_add(count, Ordering::SeqCst))
    }

    fn commit(&self, lease: &Lease, commit: &Commit, model: &ContentModel) -> Result<(), StoreError> {
        let mut ready = commit::ready(lease, commit, model, &self.names);
        self.writer.write(ready.weight(), move |work| commit::commit(work, &mut ready))
    }

    fn task(&self, id: TaskId) -> Result<Option<Task>, StoreError> {
        self.read(|view| read::task(view, id))
    }

    fn tasks(&self, filter: &TaskFilter, after: Option<TaskId>, limit: usize) -> Result<Vec<Task>, StoreError> {
        self.read(|view| read::tasks(view, filter, after, limit))
    }

    fn stand(&self, id: TaskId, standing: &Standing) -> Result<bool, StoreError> {
        let standing = standing.clone();
        self.write(1, move |work| queue::stand(work, id.0, &standing))
    }

    fn remove(&self, entries: Vec<Entry>) -> Result<u64, StoreError> {
        let removals = queue::removals(&entries, &self.names);
        self.write(removals.len(), move |work| queue::remove(work, &removals))
    }

    fn log(&self, id: TaskId, limit: usize) -> Result<Vec<LogLine>, StoreError> {
        self.read(|view| read::log(view, id, limit))
    }

    fn history(&self, filter: &HistoryFilter, before: Option<u64>, limit: usize) -> Result<Vec<(u64, Entry)>, StoreError> {
        self.read(|view| read::history(view, filter, before, limit))
    }

    fn trim_history(&self, entries_max: u64) -> Result<u64, StoreError> {
        let mut total = 0;
        loop {
            let weight = usize::try_from(TRIM_BATCH).unwrap_or(usize::MAX);
            let removed = self.write(weight, move |work| history::trim(work, entries_max, TRIM_BATCH))?;
            total += removed;
            if removed < TRIM_BATCH {
                return Ok(total);
            }
        }
    }

    fn connectors(&self) -> Result<Vec<ConnectorRecord>, StoreError> {
        self.read(connectors::all)
    }

    fn put_connector(&self, record: &ConnectorRecord, component: Option<&[u8]>) -> Result<(), StoreError> {
        let (record, component) = (record.clone(), component.map(<[u8]>::to_vec));
        self.write_kept(move |work| connectors::put(work, &record, component.as_deref()))
    }

    fn delete_connector(&self, name: &ConnectorName) -> Result<u64, StoreError> {
        let (name, id) = (name.clone(), self.names.interner().id(name.as_str()));
        self.write_kept(move |work| connectors::delete(work, &name, id))
    }

    fn component(&self, digest: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|view| connectors::component(view, digest))
    }

    fn state(&self, connector: &ConnectorName) -> Result<StateMap, StoreError> {
        self.read(|view| state::all(view, connector))
    }

    fn clear_state(&self, connector: &ConnectorName) -> Result<u64, StoreError> {
        let id = self.names.interner().id(connector.as_str());
        self.write(1, move |work| state::clear(work, id))
    }

    fn secret_key(&self) -> Result<[u8; 32], StoreError> {
        self.read(connectors::secret_key)
    }

    fn model(&self) -> Result<BTreeMap<String, String>, StoreError> {
        self.read(connectors::model_files)
    }

    fn put_model(&self, files: &BTreeMap<String, String>, model: &ContentModel) -> Result<(), StoreError> {
        let fields = model::unique_fields(model, &self.names);
        let (files, model) = (files.clone(), model.clone());
        self.write_kept(move |work| model::put(work, &files, &model, &fields))
    }

    fn switches(&self) -> Result<Switches, StoreError> {
        self.read(connectors::switches)
    }

    fn put_switches(&self, switches: Switches) -> Result<(), StoreError> {
        self.write_kept(move |work| connectors::put_switches(work, switches))
    }

    fn objects(&self, object_type: Option<&TypeName>, after: Option<ObjectId>, limit: usize) -> Result<Vec<Arc<ObjectRow>>, StoreError> {
        self.read(|view| read::objects(view, object_type, after.map(|id| id.0), limit))
    }

    fn pages_under(&self, site: &SiteName, parent: Option<NodeId>) -> Result<Vec<Arc<PageRow>>, StoreError> {
        self.read(|view| read::pages_under(view, site, parent))
    }

    fn pages(&self, after: Option<NodeId>, limit: usize) -> Result<Vec<Arc<PageRow>>, StoreError> {
        self.read(|view| read::pages(view, after.map(|id| id.0), limit))
    }

    fn bindings(&self, after: Option<BindingId>, limit: usize) -> Result<Vec<Arc<BindingRow>>, StoreError> {
        self.read(|view| read::bindings(view, after.map(|id| id.0), limit))
    }

    fn counts(&self) -> Result<Counts, StoreError> {
        self.read(read::counts)
    }

    fn can_write(&self) -> Result<(), StoreError> {
        self.handle.can_write()
    }

    fn backup(&self) -> Result<Backup, StoreError> {
        drop(self.handle.begin_read()?);
        backup::make(&self.images, &self.folder)
    }
}
