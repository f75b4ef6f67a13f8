//! A database with connectors, and machines that share it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use lockgate_bus::{Bus, Parts};
use lockgate_core::grants::Grant;
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Clock, HistoryFilter, Journal as _, NodeName, Queue as _, TaskFilter};
use lockgate_core::settings::BusSettings;
use lockgate_core::task::{TaskId, TaskType};
use lockgate_store_postgres::PgStore;
use lockgate_testing::{CountingRandomness, ScriptedSandbox, TestBus, model_files};

use crate::common::network::Valve;
use crate::common::{Database, Server};

/// Longer than anything takes.
const WAIT_MAX: Duration = Duration::from_secs(60);

/// The machine's time.
struct RealClock(Instant);

impl Clock for RealClock {
    fn now_ms(&self) -> i64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        since.as_millis().try_into().unwrap()
    }

    fn monotonic_us(&self) -> u64 {
        self.0.elapsed().as_micros().try_into().unwrap()
    }
}

/// Waits until something is so.
pub fn until(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < WAIT_MAX, "it did not come about that {what}");
        std::thread::park_timeout(Duration::from_millis(2));
    }
}

/// Names of connectors.
pub fn names(count: usize) -> Vec<ConnectorName> {
    (0..count).map(|n| TestBus::connector(&format!("c{n}"))).collect()
}

/// One machine.
pub struct Machine {
    pub bus: Bus,
    pub valve: Valve,
}

impl Machine {
    /// Connectors that it works for, as the database says.
    pub fn holds(&self) -> Vec<ConnectorName> {
        let heard = self.bus.nodes().unwrap().unwrap();
        let there = heard.nodes.iter().any(|node| node.is_there && node.name == *self.bus.node());
        let its = heard.connectors.into_iter().filter(|shared| there && shared.holder.as_ref() == Some(self.bus.node()));
        its.map(|shared| shared.name).collect()
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        self.valve.set_open(true);
        if !std::thread::panicking() {
            self.bus.stop();
        }
    }
}

/// What machines share, and what was submitted.
pub struct Table {
    database: Arc<Database>,
    store: Arc<PgStore>,
    pub sandbox: Arc<ScriptedSandbox>,
    pub settings: BusSettings,
    submitted: Mutex<BTreeMap<ConnectorName, Vec<TaskId>>>,
    randomness: Arc<CountingRandomness>,
}

impl Table {
    pub fn new(connectors: usize, lease_ms: u64) -> Self {
        let mut settings = BusSettings { lease_ms, ..BusSettings::default() };
        settings.defaults.grant = Grant::every_write();
        let database = Server::get().database();
        let store = Arc::new(database.open());
        let table = Self {
            database,
            store,
            sandbox: Arc::new(ScriptedSandbox::new()),
            settings,
            submitted: Mutex::default(),
            randomness: Arc::default(),
        };
        let (_valve, bus) = table.bus("installs");
        bus.apply_model(&model_files()).unwrap();
        for name in names(connectors) {
            bus.add_connector(&name, &TestBus::component(name.as_str())).unwrap();
        }
        bus.stop();
        table
    }

    /// A bus of a machine that does not take part yet.
    pub fn bus(&self, node: &str) -> (Valve, Bus) {
        let valve = Valve::to(Server::get().folder().to_owned());
        let parts = Parts {
            store: Arc::new(PgStore::open(&valve.url(&self.database.name)).unwrap()),
            sandbox: self.sandbox.clone(),
            clock: Arc::new(RealClock(Instant::now())),
            // No two processes give the same GUIDs.
            randomness: self.randomness.clone(),
            settings: self.settings.clone(),
            node: NodeName::new(node),
        };
        (valve, Bus::open(parts).unwrap())
    }

    /// A machine that takes part.
    pub fn machine(&self, node: &str) -> Machine {
        let (valve, bus) = self.bus(node);
        bus.join("a test").unwrap();
        Machine { bus, valve }
    }

    /// Submits one task, an update of the one object of its connector.
    pub fn submit(&self, bus: &Bus, connector: &ConnectorName) -> TaskId {
        let body = format!(r#"{{"object": {{"type": "cms.user", "code_name": "{connector}", "fields": {{}}}}}}"#);
        let submission = TestBus::submission(connector.as_str(), TaskType::UpdateObject, body);
        let task = bus.submit(vec![submission]).unwrap().remove(0).unwrap().task;
        self.submitted.lock().unwrap().entry(connector.clone()).or_default().push(task);
        task
    }

    /// One task to each of these.
    pub fn submit_all(&self, bus: &Bus, connectors: &[ConnectorName]) {
        for name in connectors {
            self.submit(bus, name);
        }
    }

    /// Tasks that have not ended.
    pub fn waiting(&self) -> usize {
        self.store.tasks(&TaskFilter::default(), None, 100_000).unwrap().len()
    }

    /// Each task was applied once, and each connector's in the order of submission.
    pub fn check(&self) {
        for (connector, submitted) in &*self.submitted.lock().unwrap() {
            let filter = HistoryFilter { connector: Some(connector.clone()), ..HistoryFilter::default() };
            let history = self.store.history(&filter, None, 100_000).unwrap();
            assert!(history.iter().all(|(_, entry)| entry.outcome.is_success()), "{connector}: {history:?}");
            let applied: Vec<TaskId> = history.iter().rev().map(|(_, entry)| entry.task).collect();
            let mut submitted = submitted.clone();
            submitted.sort_unstable();
            assert_eq!(applied, submitted, "{connector}: each once, in order");
        }
    }
}
