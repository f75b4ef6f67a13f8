//! One bus and its server, in a folder of its own.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail};
use lockgate_bus::export::{Form, export};
use lockgate_bus::{Accepted, Bus, Parts};
use lockgate_core::admit::Submission;
use lockgate_core::failure::Failure;
use lockgate_core::grants::Grant;
use lockgate_core::history::Outcome;
use lockgate_core::names::{ConnectorName, SiteName};
use lockgate_core::ports::{Clock, HistoryFilter, NodeName, Sandbox};
use lockgate_core::settings::{BusSettings, ConnectorSettings};
use lockgate_core::task::{DataType, ExternalObject, ProcessType, TaskId, TaskType};
use lockgate_server::{ServerOptions, serve};
use lockgate_store_redb::{Options, RedbStore};
use lockgate_testing::CountingRandomness;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::world::World;

/// Longest that anything is waited for: a hang ends here, and is a failure.
const WAIT: Duration = Duration::from_secs(60);
/// Between two looks at something that another thread does.
const LOOK: Duration = Duration::from_millis(1);
/// Largest component that the server of these tests takes.
pub const COMPONENT_BYTES_MAX: usize = 16 << 20;

const MODEL: &str = include_str!("rig/model.toml");

/// A bus that works by itself, and a server that answers.
pub struct Rig {
    pub bus: Bus,
    /// Where the server listens, on 127.0.0.1.
    pub at: SocketAddr,
    pub folder: TempDir,
    end: Option<oneshot::Sender<()>>,
    serving: Option<JoinHandle<std::io::Result<()>>>,
}

/// How a task ended.
#[derive(Debug, Clone, PartialEq)]
pub enum End {
    Stored,
    Skipped(Arc<str>),
    Failed(Failure),
}

/// Every write granted, and nothing else.
pub fn writing() -> ConnectorSettings {
    ConnectorSettings { grant: Grant::every_write(), ..tried_once() }
}

/// One try for each task: nothing waits, and nothing is tried again by itself.
pub fn tried_once() -> ConnectorSettings {
    ConnectorSettings { waiting: false, attempts_max: Some(1), backoff_ms: None, ..ConnectorSettings::default() }
}

impl Rig {
    /// The connector `good` is installed; `settings` are those of the others.
    pub fn new(world: &World, settings: BTreeMap<&str, ConnectorSettings>) -> Result<Self> {
        Self::with(world, world.sandbox.clone(), settings, false)
    }

    /// The same over another sandbox, or with nothing sent over HTTP.
    pub fn with(
        world: &World,
        sandbox: Arc<dyn Sandbox>,
        settings: BTreeMap<&str, ConnectorSettings>,
        dry_run_egress: bool,
    ) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let store = RedbStore::open(folder.path().join("lockgate.redb"), Options { cache_bytes: 2 << 20, ..Options::default() })?;
        let mut of = BTreeMap::from([(name("good")?, writing())]);
        for (connector, its) in settings {
            of.insert(name(connector)?, its);
        }
        let bus = Bus::open(Parts {
            store: Arc::new(store),
            sandbox,
            clock: Arc::new(SystemClock(Instant::now())),
            randomness: Arc::new(CountingRandomness::default()),
            settings: BusSettings { connectors: of, dry_run_egress, ..BusSettings::default() },
            node: NodeName::new("hostile"),
        })?;
        bus.apply_model(&BTreeMap::from([("hostile.toml".to_owned(), MODEL.to_owned())]))?;
        bus.start()?;
        bus.add_connector(&name("good")?, &world.good)?;
        let options = ServerOptions { component_bytes_max: COMPONENT_BYTES_MAX, ..ServerOptions::default() };
        let listener = world.http.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let at = listener.local_addr()?;
        let (end, ended) = oneshot::channel::<()>();
        let served = bus.clone();
        let serving = world.http.spawn(async move { serve(served, &options, listener, async { ended.await.unwrap_or(()) }).await });
        Ok(Self { bus, at, folder, end: Some(end), serving: Some(serving) })
    }

    pub fn install(&self, connector: &str, component: &[u8]) -> Result<()> {
        self.bus.add_connector(&name(connector)?, component)?;
        Ok(())
    }

    /// The digest that runs.
    pub fn digest(&self, connector: &str) -> Result<Arc<str>> {
        let connector = name(connector)?;
        let found = self.bus.connectors()?.into_iter().find(|status| status.record.name == connector);
        Ok(found.context("the connector is installed")?.record.digest)
    }

    /// Submits a task.
    pub fn submit(&self, submission: Submission) -> Result<Accepted> {
        let accepted = self.bus.submit(vec![submission])?.remove(0);
        accepted.map_err(|refusal| anyhow::anyhow!("refused: {refusal}"))
    }

    /// Waits until the task has ended or has failed.
    pub fn end(&self, task: TaskId) -> Result<End> {
        let filter = HistoryFilter { task: Some(task), ..HistoryFilter::default() };
        let begun = Instant::now();
        loop {
            if let Some((_, entry)) = self.bus.history(&filter, None, 1)?.pop() {
                return Ok(match entry.outcome {
                    Outcome::Stored | Outcome::Unchanged | Outcome::Superseded | Outcome::Absent | Outcome::Mended => End::Stored,
                    Outcome::Skipped(why) => End::Skipped(why),
                    Outcome::Failed(failure) => End::Failed(failure),
                    Outcome::Deleted(_) => bail!("task {task} was deleted"),
                });
            }
            if let Some(failure) = self.bus.task(task)?.and_then(|queued| queued.head.failure) {
                return Ok(End::Failed(failure));
            }
            if begun.elapsed() > WAIT {
                bail!("task {task} did not end within {WAIT:?}");
            }
            std::thread::park_timeout(LOOK);
        }
    }

    /// Waits until a connector has nothing to do.
    pub fn idle(&self, connector: &str) -> Result<()> {
        let connector = name(connector)?;
        let begun = Instant::now();
        while self.bus.busy().contains(&connector) {
            if begun.elapsed() > WAIT {
                bail!("connector {connector} is still at work after {WAIT:?}");
            }
            std::thread::park_timeout(LOOK);
        }
        Ok(())
    }

    /// The canonical export.
    pub fn export(&self) -> Result<String> {
        let mut text = String::new();
        export(&**self.bus.store(), Form::Canonical, &mut |line| {
            text.push_str(line);
            text.push('\n');
            ControlFlow::Continue(())
        })?;
        Ok(text)
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        if let Some(end) = self.end.take() {
            // The server may have ended by itself.
            let _ = end.send(());
        }
        self.bus.stop();
        let begun = Instant::now();
        while self.serving.as_ref().is_some_and(|serving| !serving.is_finished()) && begun.elapsed() < WAIT {
            std::thread::park_timeout(LOOK);
        }
    }
}

/// An object to be created by a connector, given up after the first failure.
pub fn submission(connector: &str, body: impl AsRef<[u8]>) -> Result<Submission> {
    Ok(Submission {
        connector: name(connector)?,
        external: ExternalObject { media_type: "text/plain".into(), body: body.as_ref().into() },
        process_type: ProcessType::DeleteOnError,
        task_type: TaskType::CreateObject,
        data_type: DataType::SimpleSnapshot,
        site: Some(SiteName::new("main")?),
        title: String::new(),
        subject: None,
        file_name: None,
        idempotency_key: None,
        traceparent: None,
    })
}

pub fn name(connector: &str) -> Result<ConnectorName> {
    Ok(ConnectorName::new(connector)?)
}

struct SystemClock(Instant);

impl Clock for SystemClock {
    fn now_ms(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }

    fn monotonic_us(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}
