//! What others do, in the midst of a step or at any other time: clients, operators, other owners.

use std::collections::BTreeMap;

use lockgate_bus::{Accepted, Bus, ConnectorError, Force};
use lockgate_core::admit::Refusal;
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Store, Switches, TaskFilter};
use lockgate_core::settings::Processing;
use lockgate_core::task::{Task, TaskId};

use super::actions::Act;
use super::docs::Sub;
use super::setup::{component, model_files};
use super::world::World;

impl World {
    pub(super) fn other(&self, act: &Act) {
        let bus = self.bus();
        match act {
            Act::Submit(sub) => self.submit(std::slice::from_ref(sub)),
            Act::Task { pick, action } => {
                let Some(task) = self.pick(*pick) else { return };
                let acted = bus.act(task.id, *action);
                if acted.is_ok() {
                    self.must_be_awake(&task.connector);
                } else if !self.store.is_dead() {
                    self.violated(format!("{action:?} of queued task {} came to {acted:?}", task.id));
                }
            }
            Act::All(which, action) => {
                let _ = bus.act_on_all(&TaskFilter { connector: Some(self.name(*which).clone()), ..TaskFilter::default() }, *action);
            }
            Act::Retry { pick } => {
                let Some(task) = self.pick(*pick) else { return };
                if let Ok(answer) = bus.put_retry(task.id) {
                    self.around().answers.push((task.id, answer));
                }
            }
            Act::Request(which) => drop(bus.request_processing(which.map(|which| self.name(which)))),
            Act::Advance(ms) => self.clock.advance(*ms),
            Act::Model => {
                let mut around = self.around();
                let other = !around.other_model;
                around.other_model = other;
                drop(around);
                if bus.apply_model(&model_files(other)).is_err() {
                    self.around().other_model = !other;
                }
            }
            Act::Enable(which, enabled) => {
                if bus.enable_connector(self.name(*which), *enabled).is_ok() && *enabled {
                    self.must_be_awake(self.name(*which));
                }
            }
            Act::Version(which, kind) => drop(bus.add_connector(self.name(*which), &component(&self.setup.connectors[*which], *kind))),
            Act::Approve(which) => drop(bus.approve_connector(self.name(*which))),
            Act::RollBack(which) => drop(bus.roll_back_connector(self.name(*which), None)),
            Act::Processing(processing) => drop(bus.put_switches(Switches { processing: *processing, ..Switches::default() })),
            Act::Claim(which) => drop(self.store.claim(self.name(*which))),
            Act::SecondOwner(which) => self.second_owner(*which),
            Act::OtherStep(which) => self.step(*which, &[]),
            Act::OtherTask(sub) => {
                let stepping = self.around().stepping.last().copied().unwrap_or(0);
                let connector = if sub.connector == stepping { (stepping + 1) % self.setup.connectors.len() } else { sub.connector };
                let sub = Sub { connector, ..sub.clone() };
                self.submit(std::slice::from_ref(&sub));
                let queued = self.queued().into_iter().rfind(|task| task.title.parse() == Ok(sub.serial));
                if queued.is_some_and(|task| bus.put_retry(task.id).is_ok()) {
                    self.step(connector, &[]);
                }
            }
            Act::Crash => self.store.die(),
        }
    }

    fn second_owner(&self, which: usize) {
        // Another process knows nothing of this one's operators.
        let others = std::mem::take(&mut self.around().others);
        if let Ok(bus) = Bus::open_stepped(self.parts()) {
            let _ = bus.request_processing(Some(self.name(which)));
            bus.step(self.name(which));
            self.store.journal().end_pass(self.name(which));
        }
        self.around().others.extend(others);
    }

    /// Promise of §3: where the settings say so, a pass follows by itself.
    fn must_be_awake(&self, name: &ConnectorName) {
        let bus = self.bus();
        let enabled = bus.store().connectors().ok().is_some_and(|all| all.iter().any(|record| record.name == *name && record.enabled));
        let auto = self.setup.settings.of(name).processing == Processing::Auto;
        if auto && enabled && bus.switches().processing && !self.store.is_dead() && !bus.busy().contains(name) {
            self.violated(format!("{name} has something to do, and no pass follows"));
        }
    }

    fn pick(&self, pick: u64) -> Option<Task> {
        let queued = self.queued();
        queued.get(pick.checked_rem(queued.len() as u64)? as usize).cloned()
    }

    pub fn queued(&self) -> Vec<Task> {
        self.store.faulty.inner.tasks(&TaskFilter::default(), None, usize::MAX).unwrap()
    }

    pub(super) fn submit(&self, subs: &[Sub]) {
        self.store.subs().extend(subs.iter().map(|sub| (sub.serial, sub.clone())));
        let submissions = subs.iter().map(|sub| sub.submission(&self.setup.connectors)).collect();
        let Ok(answers) = self.bus().submit(submissions) else { return };
        for (sub, answer) in subs.iter().zip(answers) {
            self.say(|| format!("  serial {}: {answer:?}", sub.serial));
            self.answered(sub, answer);
        }
    }

    fn answered(&self, sub: &Sub, answer: Result<Accepted, Refusal>) {
        let serial_of = |id: TaskId| {
            let queued = self.store.faulty.inner.task(id).unwrap().map(|task| task.title);
            let ended = || self.store.journal().entries.iter().find(|entry| entry.task == id).map(|entry| entry.title.clone());
            queued.or_else(ended).and_then(|title| title.parse::<u64>().ok())
        };
        match answer {
            Ok(Accepted { task, .. }) => {
                if serial_of(task) != Some(sub.serial) {
                    self.violated(format!("serial {} was acknowledged as task {task}, which is another", sub.serial));
                }
                self.around().acknowledged.insert(task, sub.serial);
                if self.queued().iter().any(|queued| queued.id == task) {
                    self.must_be_awake(self.name(sub.connector));
                }
            }
            Err(Refusal::KeyReused(task)) if serial_of(task) == Some(sub.serial) => {
                self.violated(format!("serial {} with its own key was refused because of itself, task {task}", sub.serial));
            }
            Err(_) => {}
        }
    }

    pub(super) fn repeat(&self, pick: u64, other: Option<u64>) {
        let keyed: BTreeMap<u64, Sub> =
            self.store.subs().values().filter(|sub| sub.key.is_some()).map(|sub| (sub.serial, sub.clone())).collect();
        let Some(at) = pick.checked_rem(keyed.len() as u64) else { return };
        let sub = keyed.values().nth(at as usize).unwrap();
        self.submit(&[Sub { serial: other.unwrap_or(sub.serial), ..sub.clone() }]);
    }

    pub(super) fn remove(&self, which: usize, force: Force) {
        let has_tasks = self.queued().iter().any(|task| task.connector == *self.name(which));
        match self.bus().remove_connector(self.name(which), force) {
            Ok(_) if has_tasks && force == Force::No => self.violated("a connector was removed with its tasks".to_owned()),
            Ok(_) | Err(ConnectorError::HasTasks(..) | ConnectorError::Unknown(_) | ConnectorError::Store(_)) => {}
            Err(error) => self.violated(error.to_string()),
        }
    }
}
