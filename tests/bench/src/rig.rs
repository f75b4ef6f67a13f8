//! A bus of the same parts as the server's, with its defaults, in a folder of its own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use indicatif::ProgressBar;
use lockgate_bus::{Bus, Parts};
use lockgate_core::grants::{Grant, TypePattern};
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{NodeName, Sandbox, Store, TaskFilter};
use lockgate_core::settings::BusSettings;
use lockgate_sandbox::{SandboxOptions, WasmSandbox};
use lockgate_store_redb::{Options, RedbStore};

use crate::clock::{SystemClock, SystemRandomness};
use crate::feed;
use crate::languages::Installed;
use crate::native::NativeSandbox;
use crate::pipeline::{Spans, TimedSandbox, TimedStore};

/// What the connector writes.
pub const MODEL: &str = include_str!("../model.toml");
/// How often a pass is looked at.
const POLL: Duration = Duration::from_millis(2);
/// Tasks in one call of `submit`.
pub const SUBMIT_TASKS: u64 = 5_000;

/// Who translates.
#[derive(Debug, Clone)]
pub enum Translation {
    /// This component.
    Sandboxed(Vec<u8>),
    /// One that was compiled before.
    Installed(Arc<Installed>),
    /// The same code in this process.
    Native,
}

/// What a rig is made of.
#[derive(Debug, Clone)]
pub struct Setup {
    pub translation: Translation,
    /// All of them the benchmark's.
    pub connectors: usize,
    /// Where its folder is made.
    pub folder: Option<PathBuf>,
    /// Another than the server's default.
    pub batch_tasks_max: Option<usize>,
    /// Where clocks beside the ports count.
    pub spans: Option<Arc<Spans>>,
}

impl Setup {
    pub fn new(translation: Translation) -> Self {
        Self { translation, connectors: 1, folder: None, batch_tasks_max: None, spans: None }
    }
}

/// The bus and the folder of its store.
pub struct Rig {
    pub bus: Bus,
    pub connectors: Vec<ConnectorName>,
    folder: Option<tempfile::TempDir>,
}

impl Rig {
    /// With what products refer to stored.
    pub fn new(setup: &Setup) -> Result<Self> {
        let folder = folder(setup.folder.as_deref())?;
        let bus = open(folder.path(), setup)?;
        bus.apply_model(&BTreeMap::from([("bench.toml".to_owned(), MODEL.to_owned())])).context("the benchmark's model was refused")?;
        let component = match &setup.translation {
            Translation::Sandboxed(component) => component.as_slice(),
            Translation::Installed(installed) => installed.component(),
            Translation::Native => b"native",
        };
        let connectors = (1..=setup.connectors).map(|at| ConnectorName::new(format!("shop-{at}"))).collect::<Result<Vec<_>, _>>()?;
        for name in &connectors {
            bus.add_connector(name, component)?;
        }
        let rig = Self { bus, connectors, folder: Some(folder) };
        if let Some(first) = rig.connectors.first() {
            rig.submit(feed::references(first))?;
            rig.drain(&ProgressBar::hidden())?;
        }
        Ok(rig)
    }

    /// Queues them; all must be taken.
    pub fn submit(&self, submissions: Vec<lockgate_core::admit::Submission>) -> Result<()> {
        for answer in self.bus.submit(submissions)? {
            answer?;
        }
        Ok(())
    }

    /// Queues products with numbers below `count`, one after the other to each connector.
    pub fn queue(&self, count: u64, size: feed::Size, bar: &ProgressBar) -> Result<()> {
        let mut next = 0;
        while next < count {
            let end = (next + SUBMIT_TASKS).min(count);
            let tasks = (next..end).zip(self.connectors.iter().cycle()).map(|(number, name)| feed::submission(name, number, size));
            self.submit(tasks.collect())?;
            bar.inc(end - next);
            next = end;
        }
        Ok(())
    }

    /// Asks for passes of all connectors and waits for their end.
    pub fn drain(&self, bar: &ProgressBar) -> Result<()> {
        let mut looked_at = 0_u32;
        self.bus.request_processing(None)?;
        while !self.bus.busy().is_empty() {
            std::thread::sleep(POLL);
            looked_at += 1;
            if looked_at.is_multiple_of(100) {
                bar.set_position(bar.length().unwrap_or(0).saturating_sub(self.bus.counts()?.queued.values().sum()));
            }
        }
        Ok(())
    }

    /// Compares what is stored with what was sent, `products` being distinct.
    pub fn check(&self, products: u64) -> Result<()> {
        self.check_queue()?;
        self.check_objects(products)?;
        let (found, max) = (self.bus.counts()?.history, self.bus.settings().history_entries_max);
        let expected = (products + feed::REFERENCES).min(max);
        if found != expected {
            bail!("the history has {found} entries, {expected} should be there");
        }
        Ok(())
    }

    /// Nothing may be left in a queue.
    pub fn check_queue(&self) -> Result<()> {
        let counts = self.bus.counts()?;
        let waiting: u64 = counts.queued.values().chain(counts.failed.values()).sum();
        if waiting > 0 {
            let first = self.bus.tasks(&TaskFilter::default(), None, 1)?;
            let why = first.first().and_then(|task| task.failure.as_ref()).map_or_else(String::new, ToString::to_string);
            bail!("{waiting} tasks are still queued; why the first failed: {why}");
        }
        Ok(())
    }

    /// So many products must be stored, beside what they refer to.
    pub fn check_objects(&self, products: u64) -> Result<()> {
        let (found, expected) = (self.bus.counts()?.objects.values().sum::<u64>(), products + feed::REFERENCES);
        if found != expected {
            bail!("{found} objects are stored, {expected} should be");
        }
        Ok(())
    }

    /// Closes the store; the folder keeps it.
    pub fn into_folder(mut self) -> Result<tempfile::TempDir> {
        self.folder.take().context("the folder is gone")
    }

    /// The store's own count of its commits.
    pub fn commits(&self) -> Result<u64> {
        Ok(self.bus.store().load(&[])?.as_of)
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.bus.stop();
    }
}

fn open(folder: &Path, setup: &Setup) -> Result<Bus> {
    let mut settings = BusSettings::default();
    settings.defaults.grant = Grant { objects: vec![TypePattern::Any], ..Grant::default() };
    if let Some(max) = setup.batch_tasks_max {
        settings.batch_tasks_max = max;
    }
    let mut store: Arc<dyn Store> = Arc::new(RedbStore::open(folder.join("lockgate.redb"), Options::default())?);
    let mut sandbox: Arc<dyn Sandbox> = match &setup.translation {
        Translation::Native => Arc::new(NativeSandbox),
        Translation::Installed(installed) => Arc::clone(installed) as Arc<dyn Sandbox>,
        Translation::Sandboxed(_) => Arc::new(self::sandbox(folder, store.secret_key()?)?),
    };
    if let Some(spans) = &setup.spans {
        store = Arc::new(TimedStore { inner: store, spans: Arc::clone(spans) });
        sandbox = Arc::new(TimedSandbox { inner: sandbox, spans: Arc::clone(spans) });
    }
    let (clock, randomness) = (Arc::new(SystemClock::new()), Arc::new(SystemRandomness::default()));
    Ok(Bus::open(Parts { store, sandbox, clock, randomness, settings, node: NodeName::new("bench") })?)
}

/// The sandbox with the server's options.
pub fn sandbox(folder: &Path, artefact_key: [u8; 32]) -> Result<WasmSandbox> {
    Ok(WasmSandbox::new(SandboxOptions { artefact_key, ..SandboxOptions::new(folder.join("artefacts")) })?)
}

/// A folder that goes by itself, on the disk of the target folder when none is named.
pub fn folder(parent: Option<&Path>) -> Result<tempfile::TempDir> {
    let own = own_folder()?;
    let parent = parent.unwrap_or(&own);
    tempfile::tempdir_in(parent).with_context(|| format!("no folder can be made in {}: name another with --folder", parent.display()))
}

/// Where this program is.
pub fn own_folder() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    Ok(program.parent().unwrap_or(Path::new(".")).to_owned())
}

/// Where connectors are built: in the target folder that this program is in.
pub fn guests() -> Result<PathBuf> {
    let own = own_folder()?;
    Ok(own.parent().unwrap_or(&own).join("guests"))
}

/// The connector below a folder of guests.
pub fn component(guests: &Path) -> Result<Vec<u8>> {
    let path = guests.join("wasm32-wasip2/guest/lockgate_bench_guest.wasm");
    std::fs::read(&path).with_context(|| format!("cannot read the connector {}: `cargo xtask bench` builds it", path.display()))
}
