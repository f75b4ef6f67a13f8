//! Two buses on one store, as two processes of one installation.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::table::{Table, all, rounds_asked, waiting};
use crate::suite::bench::{connector, field, type_name};
use crate::{CountingRandomness, FixedClock, MODEL_TOML, ScriptedSandbox, TestBus};
use lockgate_bus::{Bus, ConnectorError, Force, Parts, ProcessError};
use lockgate_core::admit::Refusal;
use lockgate_core::grants::Grant;
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{HistoryFilter, NodeName, Switches};
use lockgate_core::settings::BusSettings;
use lockgate_core::task::{TaskId, TaskType};
use lockgate_core::value::{Plain, Stored};

/// Rounds of the race between a removal and submissions, whatever time they take.
const REMOVALS: u64 = 2_000;

/// Two buses that are not started: passes run when they are requested.
struct Two {
    buses: [Bus; 2],
    clock: Arc<FixedClock>,
}

impl Two {
    fn new(table: &Table) -> Self {
        let (clock, randomness) = (Arc::new(FixedClock::default()), Arc::new(CountingRandomness::default()));
        let mut settings = BusSettings::default();
        settings.defaults.grant = Grant::every_write();
        let bus = |node| {
            let parts = Parts {
                store: table.handle(),
                sandbox: Arc::new(ScriptedSandbox::new()),
                clock: clock.clone(),
                randomness: randomness.clone(),
                settings: settings.clone(),
                node: NodeName::new(node),
            };
            Bus::open(parts).expect("a bus opens")
        };
        Self { buses: ["node 1", "node 2"].map(bus), clock }
    }
}

impl Drop for Two {
    fn drop(&mut self) {
        for bus in &self.buses {
            bus.stop();
        }
    }
}

fn wait_idle(bus: &Bus) {
    while !bus.busy().is_empty() {
        std::thread::yield_now();
    }
}

/// Upserts the object `name` of a type.
fn upsert(bus: &Bus, connector: &ConnectorName, object_type: &str, name: &str, fields: &str) -> Result<TaskId, Refusal> {
    let body = format!(r#"{{"object": {{"type": "{object_type}", "code_name": "{name}", "fields": {{{fields}}}}}}}"#);
    let submission = TestBus::submission(connector.as_str(), TaskType::UpdateObject, body);
    let mut answers = bus.submit(vec![submission]).expect("the store takes it");
    answers.remove(0).map(|accepted| accepted.task)
}

pub(super) fn removal_beside_submissions_loses_nothing(table: &Table) {
    let (two, name, store) = (Two::new(table), connector("racing"), table.handle());
    let buses = &two.buses;
    for n in 0..rounds_asked().unwrap_or(REMOVALS) {
        let (adder, remover) = (&buses[n as usize % 2], &buses[n as usize / 2 % 2]);
        adder.add_connector(&name, b"scripted racing").expect("it installs");
        let outcomes = all(3, |thread| match thread {
            0 => (0, Some(remover.remove_connector(&name, Force::No))),
            bus => ((0..3).filter(|_| upsert(&buses[bus - 1], &name, "cms.user", "u", "").is_ok()).count() as u64, None),
        });
        let accepted: u64 = outcomes.iter().map(|(accepted, _)| accepted).sum();
        let removed = outcomes.into_iter().find_map(|(_, removed)| removed).expect("one removed");
        assert_eq!(waiting(&*store, &name), accepted, "round {n}: what was acknowledged is kept: {removed:?}");
        match removed {
            Ok(tasks) => assert_eq!((tasks, accepted), (0, 0), "round {n}: gone with what was acknowledged"),
            Err(ConnectorError::HasTasks(_, tasks)) => {
                assert!(tasks <= accepted, "round {n}: {tasks} of {accepted}");
                let reported = adder.remove_connector(&name, Force::Yes).expect("by force");
                assert_eq!(reported, accepted, "round {n}: what goes is reported");
            }
            Err(error) => panic!("round {n}: {error:?}"),
        }
    }
}

pub(super) fn what_one_bus_changes_the_other_obeys(table: &Table) {
    let two = Two::new(table);
    for n in table.rounds().take(20) {
        let (one, other) = if n % 2 == 0 { (&two.buses[0], &two.buses[1]) } else { (&two.buses[1], &two.buses[0]) };
        let name = connector(&format!("c{n}"));
        let submit = || upsert(other, &name, "cms.user", &format!("u{n}"), "");
        let process = || other.request_processing(Some(&name));
        assert!(matches!(submit(), Err(Refusal::UnknownConnector(_))), "round {n}: not added yet");
        one.add_connector(&name, b"scripted").expect("it installs");
        submit().unwrap_or_else(|refusal| panic!("round {n}: added: {refusal:?}"));
        one.enable_connector(&name, false).expect("it is disabled");
        assert!(matches!(submit(), Err(Refusal::ConnectorDisabled(_))), "round {n}: disabled");
        assert!(matches!(process(), Err(ProcessError::ConnectorDisabled(_))), "round {n}: disabled");
        one.enable_connector(&name, true).expect("it is enabled");
        submit().unwrap_or_else(|refusal| panic!("round {n}: enabled: {refusal:?}"));
        one.change_switches(|switches| Switches { logging: false, processing: false, ..switches }).expect("switched");
        assert!(submit().is_err_and(|refusal| refusal.is_by_configuration()), "round {n}: logging is off");
        assert!(matches!(process(), Err(ProcessError::ProcessingOff)), "round {n}: processing is off");
        one.change_switches(|_| Switches::default()).expect("switched");
        let new_type = format!("shop.new{n}");
        let files = BTreeMap::from([(format!("new{n}.toml"), format!("[[object_type]]\nname = \"{new_type}\"\n"))]);
        one.apply_model(&files).expect("the model applies");
        upsert(other, &name, &new_type, "x", "").unwrap_or_else(|refusal| panic!("round {n}: a new type: {refusal:?}"));
        process().unwrap_or_else(|error| panic!("round {n}: switched on: {error:?}"));
        wait_idle(other);
        let rows = other.objects(Some(&type_name(&new_type)), None, 9).expect("objects").len();
        assert_eq!(rows, 1, "round {n}: the pass goes by the new model");
        assert_eq!(waiting(&**other.store(), &name), 0, "round {n}: all is processed");
        one.remove_connector(&name, Force::No).expect("it has no tasks");
        assert!(matches!(submit(), Err(Refusal::UnknownConnector(_))), "round {n}: removed");
        assert!(matches!(process(), Err(ProcessError::UnknownConnector(_))), "round {n}: removed");
        one.add_connector(&name, b"scripted").expect("it installs");
        submit().unwrap_or_else(|refusal| panic!("round {n}: added again: {refusal:?}"));
        process().unwrap_or_else(|error| panic!("round {n}: added again: {error:?}"));
        wait_idle(other);
        // The clock stands still: what waits for a time waits for ever.
        assert_eq!(waiting(&**other.store(), &name), 0, "round {n}: the lease from before the removal is fenced, and claimed anew");
    }
    // The tests' model is still there, in the file of its own.
    assert_eq!(two.buses[0].store().configuration().expect("configuration").model["test.toml"], MODEL_TOML);
}

/// Tasks that each bus takes in, in a round.
const TASKS: usize = 6;

pub(super) fn two_buses_apply_each_task_once_and_in_order(table: &Table) {
    let (two, name) = (Two::new(table), connector("shared"));
    let (buses, store) = (&two.buses, table.handle());
    let lease_ms = u32::try_from(buses[0].settings().lease_ms).expect("less than a month");
    buses[0].add_connector(&name, b"scripted").expect("it installs");
    let pass = |bus: &Bus| {
        // The lease of the other is over, in the midst of its pass perhaps.
        two.clock.advance(lease_ms + 1);
        bus.request_processing(Some(&name)).expect("it may process");
        wait_idle(bus);
    };
    let mut all_tasks: BTreeMap<TaskId, String> = BTreeMap::new();
    for n in table.rounds().take(30) {
        let accepted: Vec<Vec<(TaskId, String)>> = all(4, |thread| {
            let bus = &buses[thread % 2];
            let each = (0..TASKS).filter_map(|task| {
                if thread >= 2 {
                    pass(bus);
                    return None;
                }
                let content = format!("{n} {thread} {task}");
                let id = upsert(bus, &name, "cms.user", "u", &format!(r#""full_name": "{content}""#)).expect("it is accepted");
                Some((id, content))
            });
            each.collect()
        });
        all_tasks.extend(accepted.into_iter().flatten());
        let mut passes = 0;
        while waiting(&*store, &name) > 0 {
            pass(&buses[passes % 2]);
            passes += 1;
            assert!(passes < 1_000, "round {n}: the queue does not become empty: {:?}", buses[0].connectors());
        }
        let filter = HistoryFilter { connector: Some(name.clone()), ..HistoryFilter::default() };
        let mut history = store.history(&filter, None, all_tasks.len() + 1).expect("history");
        history.reverse();
        assert!(history.iter().all(|(_, entry)| entry.outcome.is_success()), "round {n}: {history:?}");
        let applied: Vec<TaskId> = history.iter().map(|(_, entry)| entry.task).collect();
        assert_eq!(applied, all_tasks.keys().copied().collect::<Vec<_>>(), "round {n}: each once, in order");
        let rows = store.objects(None, None, 9).expect("objects");
        let stored = rows[0].fields.get(&field("full_name")).cloned();
        let last = all_tasks.values().next_back().map(|content| Stored::Plain(Plain::Text(content.as_str().into())));
        assert_eq!((rows.len(), stored), (1, last), "round {n}: the last one's content");
    }
}
