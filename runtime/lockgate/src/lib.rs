//! Lockgate in your own program: your code calls it, and no server runs.
//!
//! [`Lockgate::at`] opens a store, [`Lockgate::submit`] hands in a change, and [`Lockgate::wait`] says what became of it.
//! Changes that are internal objects already need no connector of their own:
//!
//! ```
//! use std::time::Duration;
//! use lockgate::{Change, Grant, Lockgate};
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("content.redb");
//! let roles = Grant { objects: vec!["cms.role".parse()?], ..Grant::default() };
//! let lockgate = Lockgate::at(path).grant("direct", roles).open()?;
//! lockgate.apply_model("roles.toml", "[[object_type]]\nname = 'cms.role'")?;
//! lockgate.add_direct("direct")?;
//!
//! let role = r#"{"object": {"type": "cms.role", "code_name": "editors", "display_name": "Editors"}}"#;
//! let task = lockgate.submit(Change::internal("direct", role).subject("editors"))?;
//! let ended = lockgate.wait(task, Duration::from_secs(10))?.expect("it has ended");
//! assert_eq!(ended.outcome.as_str(), "stored");
//! assert_eq!(&*lockgate.object("cms.role", "editors")?.expect("it is stored").display_name, "Editors");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A connector that is a component has to be compiled, and that is done in a process of its own: what a component does to
//! its compiler must not be done to your program. You say which program that is with [`Opening::compiler`]: the `lockgate`
//! program, or your own, which then begins with [`compile_child`].
//!
//! Every method blocks, and may be called from many threads. From async code, call them in `spawn_blocking`.
//!
//! What this crate must not know: a configuration file, a command line, HTTP. It decides nothing.

mod change;
mod clock;
mod compiler;
mod error;
mod open;
mod watch;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub use change::Change;
pub use clock::{SystemClock, SystemRandomness};
pub use compiler::{Compiler, compile_child};
pub use error::Error;
pub use lockgate_bus::{Added, Bus};
pub use lockgate_core::grants::Grant;
pub use lockgate_core::history::{Entry, Outcome};
pub use lockgate_core::rows::{ObjectRow, PageRow};
pub use lockgate_core::settings::{BusSettings, ConnectorSettings, Processing};
pub use lockgate_core::task::{DataType, ProcessType, TaskHead, TaskId, TaskType};
pub use open::Opening;
pub use watch::Watching;

use lockgate_bus::ObjectQuery;
use lockgate_core::direct;
use lockgate_core::names::{CodeName, ConnectorName, SiteName, TypeName, path_steps};
use lockgate_core::ports::HistoryFilter;

/// How often somebody who waits looks.
const LOOK: Duration = Duration::from_millis(5);
/// Entries of one task that are looked through for its own: loose ends of it that were mended stand beside it.
const ENTRIES_MAX: usize = 1_000;

/// An open store with its queue, its connectors and its threads. When it is dropped, tasks in hand are finished and
/// committed, and the threads end.
pub struct Lockgate {
    bus: Bus,
}

impl Lockgate {
    /// Begins to open the store in this file, which is made if it is missing.
    pub fn at(path: impl Into<std::path::PathBuf>) -> Opening {
        Opening::new(path.into())
    }

    fn started(bus: Bus) -> Result<Self, Error> {
        bus.start()?;
        Ok(Self { bus })
    }

    /// Declares what may be stored: adds a model file by its name, or replaces the one of that name. All or nothing.
    /// Returns what has changed, in words.
    pub fn apply_model(&self, name: &str, text: &str) -> Result<Vec<String>, Error> {
        let files = BTreeMap::from([(name.to_owned(), text.to_owned())]);
        Ok(self.bus.apply_model(&files)?.changes.iter().map(ToString::to_string).collect())
    }

    /// Installs a component under a name, or a new version of the one installed there. Compiles it, which takes
    /// seconds for large ones, in the process that [`Opening::compiler`] names. The same component again does nothing.
    pub fn add_component(&self, connector: &str, component: &[u8]) -> Result<Added, Error> {
        Ok(self.bus.add_connector(&ConnectorName::new(connector)?, component)?)
    }

    /// Installs the built-in connector under a name: it takes internal objects and translates nothing.
    pub fn add_direct(&self, connector: &str) -> Result<Added, Error> {
        self.add_component(connector, direct::COMPONENT)
    }

    /// Hands in a change. Returns when the task is durable. A change with an idempotency key that was handed in before
    /// is not queued again: the first task is returned.
    pub fn submit(&self, change: Change) -> Result<TaskId, Error> {
        let answers = self.bus.submit(vec![change.submission()?])?;
        // One submission has one answer.
        let answer = answers.into_iter().next().ok_or(Error::NoAnswer)?;
        Ok(answer?.task)
    }

    /// Waits until a task has ended, at most this long. `None`: it has not; [`Self::task`] says what it waits for.
    pub fn wait(&self, task: TaskId, at_most: Duration) -> Result<Option<Entry>, Error> {
        let begun = Instant::now();
        loop {
            if let Some(entry) = self.outcome(task)? {
                return Ok(Some(entry));
            }
            if begun.elapsed() >= at_most {
                return Ok(None);
            }
            std::thread::sleep(LOOK);
        }
    }

    /// How a task has ended, if it has and the history still keeps it.
    pub fn outcome(&self, task: TaskId) -> Result<Option<Entry>, Error> {
        let filter = HistoryFilter { task: Some(task), ..HistoryFilter::default() };
        let entries = self.bus.history(&filter, None, ENTRIES_MAX)?;
        Ok(entries.into_iter().map(|(_, entry)| entry).find(|entry| entry.outcome != Outcome::Mended))
    }

    /// A task that has not ended: its state, its last failure, what it waits for.
    pub fn task(&self, task: TaskId) -> Result<Option<TaskHead>, Error> {
        Ok(self.bus.task(task)?.map(|task| task.head))
    }

    /// Calls this with the entry of each task that ends from now on, in order, in a thread of its own, until what is
    /// returned is dropped. At most once for each entry; entries that the history drops before it looks are left out.
    pub fn on_outcome(&self, tell: impl FnMut(&Entry) + Send + 'static) -> Result<Watching, Error> {
        Watching::start(self.bus.clone(), tell)
    }

    /// Processes what is queued, in all connectors, and returns when nothing more can be done by itself.
    pub fn process(&self) -> Result<(), Error> {
        self.bus.request_processing(None)?;
        while !self.bus.busy().is_empty() {
            std::thread::sleep(LOOK);
        }
        Ok(())
    }

    /// A stored object without a site, by its type and code name.
    pub fn object(&self, type_name: &str, code_name: &str) -> Result<Option<Arc<ObjectRow>>, Error> {
        let query = ObjectQuery::Named(TypeName::new(type_name)?, None, CodeName::new(code_name)?);
        Ok(self.bus.object(&query)?.into_iter().next())
    }

    /// A stored page, by its alias path: `/news/today`.
    pub fn page(&self, site: &str, path: &str) -> Result<Option<Arc<PageRow>>, Error> {
        Ok(self.bus.page_at(&SiteName::new(site)?, &path_steps(path)?)?)
    }

    /// The bus itself: everything that operators can do.
    pub fn bus(&self) -> &Bus {
        &self.bus
    }
}

impl Drop for Lockgate {
    fn drop(&mut self) {
        self.bus.stop();
    }
}
