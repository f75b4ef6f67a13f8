//! A sample's tasks in some order, carried in by the real store and the real sandbox, and by nobody's help.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lockgate_bus::export::{Form, export};
use lockgate_bus::{Bus, Parts};
use lockgate_core::admit::Submission;
use lockgate_core::grants::Grant;
use lockgate_core::names::{ConnectorName, SiteName};
use lockgate_core::ports::{Compiled, Granted, InstallError, Instance, NodeName, NotStarted, Run, Sandbox, Store, TaskFilter, Translator};
use lockgate_core::settings::{BusSettings, ConnectorSettings, Processing};
use lockgate_core::task::{ExternalObject, ProcessType};
use lockgate_sandbox::{SandboxOptions, WasmSandbox};
use lockgate_store_redb::{Options, RedbStore};
use lockgate_testing::{CountingRandomness, Dice, FixedClock};
use serde_json::Value;

/// Longest that everything may take to come to rest.
const WAIT: Duration = Duration::from_secs(300);
/// Tasks of one request, as feeds send them.
const BATCH_TASKS: usize = 500;

/// A sample connector, and what its feed made of some input.
pub struct Feed {
    /// The connector's name.
    pub sample: &'static str,
    /// The component.
    pub component: Vec<u8>,
    /// Tasks as lines of NDJSON.
    pub tasks: Vec<Value>,
}

/// What came of a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrived {
    /// The canonical export.
    pub export: String,
    /// The titles of the tasks that have not ended, and why.
    pub left: Vec<String>,
    /// What is waited for, by how many.
    pub missing: Vec<String>,
    /// References that are not as stated.
    pub loose_ends: u64,
    /// How often a task was translated.
    pub translated: u64,
}

/// The sequence in which tasks arrive: their numbers.
pub type Order = Vec<usize>;

impl Feed {
    /// Its own sequence, the reversed one and shuffles, each with the sequence of every subject.
    pub fn orders(&self, shuffles: u64) -> Vec<(String, Order)> {
        let count = self.tasks.len();
        let mut orders =
            vec![("forwards".to_owned(), (0..count).collect()), ("reversed".to_owned(), self.in_sequence((0..count).rev().collect()))];
        for seed in 1..=shuffles {
            let mut dice = Dice::new(seed);
            let mut order: Order = (0..count).collect();
            for at in (1..count).rev() {
                order.swap(at, dice.index(at + 1));
            }
            orders.push((format!("shuffle {seed}"), self.in_sequence(order)));
        }
        orders
    }

    /// The same places for each subject, and in them its tasks in their own sequence.
    fn in_sequence(&self, mut order: Order) -> Order {
        let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (place, task) in order.iter().enumerate() {
            places.entry(self.subject(*task)).or_default().push(place);
        }
        for places in places.values() {
            let mut tasks: Vec<usize> = places.iter().map(|place| order[*place]).collect();
            tasks.sort_unstable();
            for (place, task) in places.iter().zip(tasks) {
                order[*place] = task;
            }
        }
        order
    }

    fn subject(&self, task: usize) -> &str {
        self.tasks[task]["subject"].as_str().unwrap_or_else(|| panic!("a task states no subject: {}", self.tasks[task]))
    }

    /// Carries the tasks in. `at_once`: all are submitted before one pass is requested; else passes begin by
    /// themselves.
    pub fn carry_in(&self, order: &[usize], at_once: bool) -> Arrived {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let translated = Arc::new(AtomicU64::new(0));
        let processing = if at_once { Processing::OnRequest } else { Processing::Auto };
        let defaults = ConnectorSettings { grant: Grant::every_write(), processing, ..ConnectorSettings::default() };
        let store: Arc<dyn Store> =
            Arc::new(RedbStore::open(folder.path().join("lockgate.redb"), Options::default()).expect("the store opens"));
        let bus = Bus::open(Parts {
            store: store.clone(),
            sandbox: Arc::new(Counting { inner: sandbox(), translated: translated.clone() }),
            clock: Arc::new(FixedClock::new(1_700_000_000_000)),
            randomness: Arc::new(CountingRandomness::default()),
            settings: BusSettings { defaults, ..BusSettings::default() },
            node: NodeName::new("test"),
        })
        .expect("the bus opens");
        let model = std::fs::read_to_string(sample_folder(self.sample).join("model.toml")).expect("the sample has a model");
        bus.apply_model(&BTreeMap::from([("model.toml".to_owned(), model)])).unwrap_or_else(|error| panic!("{error:?}"));
        let connector = ConnectorName::new(self.sample).expect("a connector's name");
        bus.add_connector(&connector, &self.component).expect("the component is taken");
        bus.start().expect("the bus starts");
        for batch in order.chunks(BATCH_TASKS) {
            let submissions = batch.iter().map(|task| submission(&connector, &self.tasks[*task])).collect();
            for answer in bus.submit(submissions).expect("the store takes them") {
                answer.unwrap_or_else(|refusal| panic!("a task is refused: {refusal}"));
            }
        }
        if at_once {
            bus.request_processing(None).expect("a pass begins");
        }
        let begun = Instant::now();
        while !bus.busy().is_empty() {
            assert!(begun.elapsed() < WAIT, "{} does not come to rest", self.sample);
            std::thread::sleep(Duration::from_millis(5));
        }
        let arrived = arrived(&bus, &*store, translated.load(Ordering::SeqCst));
        bus.stop();
        arrived
    }
}

fn arrived(bus: &Bus, store: &dyn Store, translated: u64) -> Arrived {
    let mut text = String::new();
    export(store, Form::Canonical, &mut |line| {
        text.push_str(line);
        text.push('\n');
        ControlFlow::Continue(())
    })
    .expect("the store can be exported");
    let tasks = bus.tasks(&TaskFilter::default(), None, usize::MAX).expect("tasks can be listed");
    let mut left: Vec<String> = tasks
        .iter()
        .map(|task| {
            let why = task.failure.as_ref().map(ToString::to_string).unwrap_or_default();
            format!("{} is {}: {why}", task.title, task.state)
        })
        .collect();
    left.sort();
    let (missing, _) = bus.missing(None, usize::MAX).expect("what is missing can be listed");
    let mut missing: Vec<String> = missing
        .iter()
        .map(|thing| format!("{}: {} tasks, {} loose ends", thing.missing.want.what, thing.missing.tasks, thing.missing.loose_ends))
        .collect();
    missing.sort();
    let loose_ends = bus.counts().expect("counts").loose_ends.values().sum();
    Arrived { export: text, left, missing, loose_ends, translated }
}

/// As the API reads a line of NDJSON.
fn submission(connector: &ConnectorName, line: &Value) -> Submission {
    let text = |key: &str| line[key].as_str().map(str::to_owned);
    let body = match (text("body"), text("body_base64")) {
        (Some(body), _) => body.into_bytes(),
        (None, Some(base64)) => STANDARD.decode(base64).expect("base64"),
        (None, None) => line["body_json"].to_string().into_bytes(),
    };
    Submission {
        connector: connector.clone(),
        external: ExternalObject { media_type: text("media_type").expect("a media type").into(), body: body.into() },
        process_type: text("process_type").map(|word| word.parse().expect("a process type")).unwrap_or(ProcessType::Default),
        task_type: text("task_type").expect("a task type").parse().expect("a task type"),
        data_type: text("data_type").map(|word| word.parse().expect("a data type")).unwrap_or_default(),
        site: text("site").map(|site| SiteName::new(site).expect("a site")),
        title: text("title").unwrap_or_default(),
        subject: text("subject"),
        file_name: text("file_name"),
        idempotency_key: None,
        traceparent: None,
    }
}

/// Where a sample is.
pub fn sample_folder(sample: &str) -> PathBuf {
    crate::built::workspace().join("sample-connectors").join(sample)
}

/// The tasks that a feed makes of some input.
pub fn made_by_feed(sample: &str, input: &Path) -> Vec<Value> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("tasks.ndjson");
    let mut feed = std::process::Command::new(crate::program::program(&format!("{sample}-feed")));
    let made = feed.arg(input).arg("--out").arg(&out).output().expect("the feed runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    lines(&std::fs::read_to_string(out).expect("the feed has written"))
}

/// Lines of NDJSON.
pub fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

/// One for all orders: a component is compiled once.
fn sandbox() -> Arc<dyn Sandbox> {
    static SANDBOX: OnceLock<(Arc<WasmSandbox>, tempfile::TempDir)> = OnceLock::new();
    let (sandbox, _) = SANDBOX.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let options = SandboxOptions::for_tests(folder.path().join("artefacts")).unwrap_or_else(|error| panic!("{error}"));
        (Arc::new(WasmSandbox::new(options).expect("a sandbox")), folder)
    });
    sandbox.clone()
}

/// A sandbox that counts: each task is translated by an instance of its own.
struct Counting {
    inner: Arc<dyn Sandbox>,
    translated: Arc<AtomicU64>,
}

impl Sandbox for Counting {
    fn compile(&self, component: &[u8]) -> Result<Compiled, InstallError> {
        self.inner.compile(component)
    }

    fn load(&self, digest: &str, component: &mut dyn FnMut() -> Option<Vec<u8>>) -> Result<Arc<dyn Translator>, InstallError> {
        let inner = self.inner.load(digest, component)?;
        Ok(Arc::new(Counted { inner, translated: self.translated.clone() }))
    }
}

struct Counted {
    inner: Arc<dyn Translator>,
    translated: Arc<AtomicU64>,
}

impl Translator for Counted {
    fn instance(&self, granted: &Arc<Granted>, run: &Run) -> Result<Box<dyn Instance>, Box<NotStarted>> {
        self.translated.fetch_add(1, Ordering::SeqCst);
        self.inner.instance(granted, run)
    }
}
