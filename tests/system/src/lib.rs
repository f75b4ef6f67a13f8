//! A bus over the real store and the real sandbox, driven by the scripted guest of `tests/guests`.
#![expect(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests' code: a failure here is a failed test")]

pub mod arrival;
pub mod built;
pub mod languages;
pub mod model;
pub mod node;
pub mod program;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use lockgate_bus::export::{Form, export};
use lockgate_bus::{Accepted, Bus, Parts, Started};
use lockgate_core::admit::{Refusal, Submission};
use lockgate_core::grants::Grant;
use lockgate_core::history::{Entry, Source};
use lockgate_core::names::{CodeName, ConnectorName, SiteName, TypeName};
use lockgate_core::ports::{HistoryFilter, NodeName, Sandbox, Store, TaskFilter};
use lockgate_core::rows::{ObjectRow, PageRow};
use lockgate_core::settings::BusSettings;
use lockgate_core::task::{DataType, ExternalObject, ProcessType, Task, TaskHead, TaskId, TaskType};
use lockgate_sandbox::{SandboxOptions, WasmSandbox};
use lockgate_store_redb::{Options, RedbStore};
use lockgate_testing::{CountingRandomness, FixedClock};
use serde_json::Value;

/// Longest that a test waits for a pass.
const WAIT: Duration = Duration::from_secs(60);

/// One bus in a folder of its own.
pub struct Rig {
    /// The bus. Not started: passes begin when they are requested.
    pub bus: Bus,
    /// The time, as the bus sees it.
    pub clock: Arc<FixedClock>,
    folder: tempfile::TempDir,
    settings: BusSettings,
}

impl Rig {
    /// Connectors `a` and `b`, both the scripted guest, and the model of [`model::MODEL`].
    pub fn new() -> Self {
        Self::with(BusSettings::default())
    }

    /// The same with other settings. Every connector may write everything.
    pub fn with(mut settings: BusSettings) -> Self {
        for connector in std::iter::once(&mut settings.defaults).chain(settings.connectors.values_mut()) {
            connector.grant = Grant { hosts: connector.grant.hosts.clone(), state: connector.grant.state, ..Grant::every_write() };
        }
        let folder = tempfile::tempdir().expect("a temporary folder");
        let clock = Arc::new(FixedClock::new(1_700_000_000_000));
        let bus = open(&folder, &clock, &settings);
        let rig = Self { bus, clock, folder, settings };
        rig.apply("test.toml", model::MODEL);
        for name in ["a", "b"] {
            rig.bus.add_connector(&connector(name), &built::guest("lockgate_test_guest")).expect("the test guest is accepted");
        }
        rig
    }

    /// Applies a model file.
    pub fn apply(&self, name: &str, text: &str) {
        self.bus.apply_model(&BTreeMap::from([(name.to_owned(), text.to_owned())])).expect("the model is right");
    }

    /// The same store, after a stop and a start.
    pub fn restart(&mut self) {
        self.bus.stop();
        // The old store must be gone before the file can be opened again.
        let (folder, clock, settings) = (&self.folder, &self.clock, &self.settings);
        let empty = tempfile::tempdir().expect("a temporary folder");
        self.bus = open(&empty, clock, settings);
        self.bus = open(folder, clock, settings);
    }

    /// The same, with other settings.
    pub fn restart_with(&mut self, settings: BusSettings) {
        self.settings = settings;
        self.restart();
    }

    /// Submits a task to connector `a`: `create-object`, `simple-snapshot`, `default`, site `main`.
    pub fn task(&self, script: Value) -> Builder<'_> {
        Builder {
            rig: self,
            submission: Submission {
                connector: connector("a"),
                external: ExternalObject { media_type: "application/json".into(), body: script.to_string().into_bytes().into() },
                process_type: ProcessType::Default,
                task_type: TaskType::CreateObject,
                data_type: DataType::SimpleSnapshot,
                site: Some(site("main")),
                title: String::new(),
                subject: None,
                file_name: None,
                idempotency_key: None,
                traceparent: None,
            },
        }
    }

    /// Requests a pass of a connector and waits for its end, and that of those which follow.
    pub fn pass(&self, name: &str) {
        self.request(name);
        self.wait(name);
    }

    /// Requests a pass.
    pub fn request(&self, name: &str) -> Started {
        self.bus.request_processing(Some(&connector(name))).expect("processing is on").remove(0)
    }

    /// Waits until a connector is idle.
    pub fn wait(&self, name: &str) {
        let begun = Instant::now();
        while self.is_busy(name) {
            assert!(begun.elapsed() < WAIT, "connector {name} did not become idle");
            std::thread::yield_now();
        }
    }

    /// Whether a pass of the connector is running or about to.
    pub fn is_busy(&self, name: &str) -> bool {
        self.bus.busy().contains(&connector(name))
    }

    /// Every queued task, ascending.
    pub fn queue(&self) -> Vec<TaskHead> {
        self.bus.tasks(&TaskFilter::default(), None, 10_000).expect("the queue can be read")
    }

    /// A queued task.
    pub fn queued(&self, id: TaskId) -> Task {
        self.bus.task(id).expect("the queue can be read").unwrap_or_else(|| panic!("task {id} is not queued"))
    }

    /// The history entry of a task that is gone.
    pub fn entry(&self, id: TaskId) -> Entry {
        let filter = HistoryFilter { task: Some(id), ..HistoryFilter::default() };
        let mut found = self.bus.history(&filter, None, 10).expect("the history can be read");
        assert_eq!(found.len(), 1, "task {id} has one history entry");
        found.remove(0).1
    }

    /// The host's lines in a task's log.
    pub fn host_log(&self, id: TaskId) -> Vec<String> {
        self.log(id, Source::Host)
    }

    /// The guest's lines in a task's log.
    pub fn guest_log(&self, id: TaskId) -> Vec<String> {
        self.log(id, Source::Guest)
    }

    fn log(&self, id: TaskId, source: Source) -> Vec<String> {
        let lines = self.bus.task_log(id).expect("the log can be read");
        lines.into_iter().filter(|line| line.source == source).map(|line| line.message.to_string()).collect()
    }

    /// The global objects with this name, two at most.
    pub fn objects(&self, object_type: &str, name: &str) -> Vec<Arc<ObjectRow>> {
        self.objects_in(object_type, None, name)
    }

    /// The objects of a site with this name, two at most.
    pub fn objects_in(&self, object_type: &str, of: Option<&str>, name: &str) -> Vec<Arc<ObjectRow>> {
        let query = lockgate_bus::ObjectQuery::Named(type_name(object_type), of.map(site), CodeName::new(name).expect("a code name"));
        self.bus.object(&query).expect("objects can be read")
    }

    /// The one object with this name.
    pub fn object(&self, object_type: &str, name: &str) -> Arc<ObjectRow> {
        let mut found = self.objects(object_type, name);
        assert_eq!(found.len(), 1, "one {object_type} {name}");
        found.remove(0)
    }

    /// The page of site `main` at a path.
    pub fn page(&self, path: &str) -> Option<Arc<PageRow>> {
        let steps = lockgate_core::names::path_steps(path).expect("a path");
        self.bus.page_at(&site("main"), &steps).expect("pages can be read")
    }

    /// The canonical export.
    pub fn export(&self) -> String {
        let mut text = String::new();
        let store: &Arc<dyn Store> = self.bus.store();
        export(&**store, Form::Canonical, &mut |line| {
            text.push_str(line);
            text.push('\n');
            std::ops::ControlFlow::Continue(())
        })
        .expect("the store can be exported");
        text
    }
}

impl Default for Rig {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.bus.stop();
    }
}

fn open(folder: &tempfile::TempDir, clock: &Arc<FixedClock>, settings: &BusSettings) -> Bus {
    let store = RedbStore::open(folder.path().join("lockgate.redb"), Options::default()).expect("the store opens");
    Bus::open(Parts {
        store: Arc::new(store),
        sandbox: sandbox(),
        clock: clock.clone(),
        randomness: Arc::new(CountingRandomness::default()),
        settings: settings.clone(),
        node: NodeName::new("test"),
    })
    .expect("the bus opens")
}

/// One sandbox for all tests of a program: the guest is compiled once.
fn sandbox() -> Arc<dyn Sandbox> {
    static SANDBOX: OnceLock<(Arc<WasmSandbox>, tempfile::TempDir)> = OnceLock::new();
    let (sandbox, _) = SANDBOX.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let options = SandboxOptions::for_tests(folder.path().join("artefacts")).unwrap_or_else(|error| panic!("{error}"));
        (Arc::new(WasmSandbox::new(options).expect("a sandbox")), folder)
    });
    sandbox.clone()
}

/// A submission in the making.
pub struct Builder<'r> {
    rig: &'r Rig,
    submission: Submission,
}

impl Builder<'_> {
    /// To another connector.
    pub fn to(mut self, name: &str) -> Self {
        self.submission.connector = connector(name);
        self
    }

    /// With another process type.
    pub fn process(mut self, process_type: ProcessType) -> Self {
        self.submission.process_type = process_type;
        self
    }

    /// With another task type.
    pub fn of(mut self, task_type: TaskType) -> Self {
        self.submission.task_type = task_type;
        self
    }

    /// With another data type.
    pub fn data(mut self, data_type: DataType) -> Self {
        self.submission.data_type = data_type;
        self
    }

    /// With a title, out of a file.
    pub fn told(mut self, title: &str, file_name: &str) -> Self {
        title.clone_into(&mut self.submission.title);
        self.submission.file_name = Some(file_name.to_owned());
        self
    }

    /// For another site, or none.
    pub fn site(mut self, name: Option<&str>) -> Self {
        self.submission.site = name.map(site);
        self
    }

    /// Submits it and tells what came of it.
    pub fn try_submit(self) -> Result<Accepted, Refusal> {
        self.rig.bus.submit(vec![self.submission]).expect("the store takes it").remove(0)
    }

    /// Submits it.
    pub fn submit(self) -> TaskId {
        self.try_submit().expect("the bus takes it").task
    }
}

/// A connector's name.
pub fn connector(name: &str) -> ConnectorName {
    ConnectorName::new(name).expect("a connector name")
}

/// A site's name.
pub fn site(name: &str) -> SiteName {
    SiteName::new(name).expect("a site name")
}

/// A type's name.
pub fn type_name(name: &str) -> TypeName {
    TypeName::new(name).expect("a type name")
}
