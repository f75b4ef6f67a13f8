//! A bus on a store in memory, with scripted connectors.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::{CountingRandomness, FixedClock, MemoryStore, Script, ScriptedSandbox, model_files};
use lockgate_bus::{Bus, Parts};
use lockgate_core::admit::Submission;
use lockgate_core::grants::Grant;
use lockgate_core::names::{ConnectorName, SiteName};
use lockgate_core::ports::{NodeName, TaskFilter};
use lockgate_core::settings::{BusSettings, ConnectorSettings};
use lockgate_core::task::{DataType, ExternalObject, ProcessType, TaskId, TaskType};

/// How long `wait_idle` waits, in wall-clock time: much longer than any test takes.
const IDLE_MAX: Duration = Duration::from_secs(10);

/// A bus with the tests' model and the connectors `a` and `b`. It is not started: passes run when
/// they are requested. Stops with the end of the test.
pub struct TestBus {
    /// The bus.
    pub bus: Bus,
    /// Its store.
    pub store: Arc<MemoryStore>,
    /// Its clock.
    pub clock: Arc<FixedClock>,
    /// Its connectors.
    pub sandbox: Arc<ScriptedSandbox>,
}

impl Default for TestBus {
    fn default() -> Self {
        Self::new()
    }
}

impl TestBus {
    /// With the default settings.
    pub fn new() -> Self {
        Self::with_settings(BusSettings::default())
    }

    /// With the default settings, but that no task waits: what fails for the moment fails (§11).
    pub fn without_waiting() -> Self {
        let defaults = ConnectorSettings { waiting: false, ..ConnectorSettings::default() };
        Self::with_settings(BusSettings { defaults, ..BusSettings::default() })
    }

    /// With these settings, in which every connector may write everything.
    pub fn with_settings(mut settings: BusSettings) -> Self {
        for connector in std::iter::once(&mut settings.defaults).chain(settings.connectors.values_mut()) {
            connector.grant = Grant { hosts: connector.grant.hosts.clone(), state: connector.grant.state, ..Grant::every_write() };
        }
        Self::granted(settings)
    }

    /// With these settings as they are.
    pub fn granted(settings: BusSettings) -> Self {
        let store = Arc::new(MemoryStore::new());
        let clock = Arc::new(FixedClock::default());
        let sandbox = Arc::new(ScriptedSandbox::new());
        let parts = Parts {
            store: store.clone(),
            sandbox: sandbox.clone(),
            clock: clock.clone(),
            randomness: Arc::new(CountingRandomness::default()),
            settings,
            node: NodeName::new("test"),
        };
        let bus = Bus::open(parts).expect("an empty store opens");
        bus.apply_model(&model_files()).expect("the tests' model applies");
        for name in ["a", "b"] {
            bus.add_connector(&Self::connector(name), &Self::component(name)).expect("a scripted component installs");
        }
        Self { bus, store, clock, sandbox }
    }

    /// A connector's name.
    pub fn connector(name: &str) -> ConnectorName {
        ConnectorName::new(name).expect("a connector's name")
    }

    /// The component that connector `name` was installed with.
    pub fn component(name: &str) -> Vec<u8> {
        format!("scripted {name}").into_bytes()
    }

    /// What connector `name` answers from now on.
    pub fn script(&self, name: &str, script: Script) {
        self.sandbox.set_for(&ScriptedSandbox::digest_of(&Self::component(name)), script);
    }

    /// A submission to connector `name` as most tests want it: `default`, `snapshot`, site `main`
    /// where the task type needs one.
    pub fn submission(name: &str, task_type: TaskType, body: impl AsRef<str>) -> Submission {
        Submission {
            connector: Self::connector(name),
            external: ExternalObject { media_type: "application/json".into(), body: body.as_ref().as_bytes().into() },
            process_type: ProcessType::Default,
            task_type,
            data_type: DataType::Snapshot,
            site: task_type.needs_site().then(|| SiteName::new("main").expect("a site")),
            title: String::new(),
            subject: None,
            file_name: None,
            idempotency_key: None,
            traceparent: None,
        }
    }

    /// Submits one task that must be accepted.
    pub fn submit(&self, submission: Submission) -> TaskId {
        let answers = self.bus.submit(vec![submission]).expect("the store takes it");
        answers.into_iter().next().expect("one answer").expect("the task is accepted").task
    }

    /// Requests a pass of connector `name`, and waits for its end.
    pub fn process(&self, name: &str) {
        self.bus.request_processing(Some(&Self::connector(name))).expect("the connector may process");
        self.wait_idle();
    }

    /// Waits until every connector is idle.
    pub fn wait_idle(&self) {
        let begun = Instant::now();
        loop {
            let busy = self.bus.busy();
            if busy.is_empty() {
                return;
            }
            if begun.elapsed() > IDLE_MAX {
                let tasks = self.bus.tasks(&TaskFilter::default(), None, 20);
                panic!("still busy after {IDLE_MAX:?}: {busy:?}\nconnectors: {:#?}\ntasks: {tasks:#?}", self.bus.connectors());
            }
            std::thread::yield_now();
        }
    }
}

impl Drop for TestBus {
    fn drop(&mut self) {
        // A failed test may have left a script blocked for ever: do not wait for it.
        if !std::thread::panicking() {
            self.bus.stop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Asked;

    #[test]
    fn a_submitted_internal_object_is_stored() {
        let test = TestBus::new();
        let body = r#"{"object": {"type": "cms.user", "code_name": "ann", "fields": {"email": "ann@example.com"}}}"#;
        let id = test.submit(TestBus::submission("a", TaskType::CreateObject, body));
        test.process("a");
        assert!(test.bus.task(id).unwrap().is_none());
        assert_eq!(test.bus.objects(None, None, 9).unwrap().len(), 1);
        assert!(matches!(test.sandbox.asked()[..], [Asked::Prepare(TaskType::CreateObject, ..)]));
    }
}
