//! What others do, in the midst of a step or at any other time: clients, operators, other owners.

use std::collections::{BTreeMap, BTreeSet};

use lockgate_bus::{Accepted, ConnectorError, Force, TaskAction};
use lockgate_core::admit::Refusal;
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Claim, Queue, Registry, Switches, TaskFilter};
use lockgate_core::settings::Processing;
use lockgate_core::task::{TaskHead, TaskId, TaskState};

use super::actions::{Act, Owner};
use super::docs::Sub;
use super::setup::{component, model_files};
use super::world::{Answer, Process, World};

impl World {
    pub(super) fn other(&self, owner: Owner, act: &Act) {
        if let Act::Advance(ms) = act {
            return self.clock.advance(*ms);
        }
        if !self.runs(owner) {
            return;
        }
        let Process { bus, store, .. } = self.owner(owner);
        match act {
            Act::Submit(sub) => self.submit(owner, std::slice::from_ref(sub)),
            Act::Task { pick, action } => {
                let Some(task) = self.pick(*pick) else { return };
                let acted = bus.act(task.id, *action);
                let has_to_go_on = task.may_hold_up() || *action != TaskAction::Delete && task.state != TaskState::Queued;
                if acted.is_ok() {
                    if has_to_go_on {
                        self.must_be_awake(owner, &task.connector);
                    }
                } else if !store.is_dead() && self.queued().iter().any(|queued| queued.id == task.id) {
                    self.violated(format!("{action:?} of queued task {} came to {acted:?}", task.id));
                }
            }
            Act::All(which, action) => {
                let _ = bus.act_on_all(&TaskFilter { connector: Some(self.name(*which).clone()), ..TaskFilter::default() }, *action);
            }
            Act::Retry { pick } => self.retry(owner, *pick),
            Act::Request(which) => drop(bus.request_processing(which.map(|which| self.name(which)))),
            Act::Advance(_) => {}
            Act::Model => {
                let other = {
                    let mut around = self.around();
                    around.other_model = !around.other_model;
                    around.other_model
                };
                let _ = bus.apply_model(&model_files(other));
            }
            Act::Enable(which, enabled) => {
                if bus.enable_connector(self.name(*which), *enabled).is_ok() && *enabled {
                    self.must_be_awake(owner, self.name(*which));
                }
            }
            Act::Version(which, kind) => drop(bus.add_connector(self.name(*which), &component(&self.setup.connectors[*which], *kind))),
            Act::Approve(which) => drop(bus.approve_connector(self.name(*which), None)),
            Act::RollBack(which) => drop(bus.roll_back_connector(self.name(*which), None)),
            Act::Switch(processing, logging) => {
                drop(bus.change_switches(|switches| Switches { processing: *processing, logging: *logging, ..switches }));
            }
            Act::Remove(which, force) => self.remove(owner, *which, *force),
            Act::Claim(which) => {
                self.lease_runs_out();
                let third = self.shared.handle();
                let node = self.new_name();
                let (held, lease_ms, now_ms) = (BTreeSet::new(), self.setup.settings.lease_ms, bus.now_ms());
                let _ = third.claim(&Claim { connector: self.name(*which), node: &node, held: &held, lease_ms, now_ms });
            }
            Act::FurtherProcess(which, renamed) => self.further_process(owner, *which, *renamed),
            Act::OtherStep(which) => self.step(owner, *which),
            Act::TakesOver(which) => {
                self.lease_runs_out();
                let _ = bus.request_processing(Some(self.name(*which)));
                self.step(owner, *which);
            }
            Act::OtherTask(sub) => self.other_task(owner, sub),
            Act::Crash => store.die(),
        }
    }

    fn lease_runs_out(&self) {
        self.clock.advance(u32::try_from(self.setup.settings.lease_ms).unwrap());
    }

    fn retry(&self, owner: Owner, pick: u64) {
        let Some(task) = self.pick(pick) else { return };
        if let Some(answer) = self.put_retry(owner, &task) {
            self.around().answers.push((owner, task.id, answer));
        }
    }

    fn put_retry(&self, owner: Owner, task: &TaskHead) -> Option<Answer> {
        let Process { bus, store, .. } = self.owner(owner);
        let place = (store.life, task.connector.clone());
        let before = store.journal().out_of_turn.get(&place).copied();
        let answer = bus.put_retry(task.id);
        // To ask for it is not to run it.
        match before {
            Some(before) => drop(store.journal().out_of_turn.insert(place, before)),
            None => drop(store.journal().out_of_turn.remove(&place)),
        }
        answer.ok()
    }

    fn other_task(&self, owner: Owner, sub: &Sub) {
        let stepping = self.around().stepping.last().map_or(0, |(_, which)| *which);
        let connector = if sub.connector == stepping { (stepping + 1) % self.setup.connectors.len() } else { sub.connector };
        let sub = Sub { connector, ..sub.clone() };
        self.submit(owner, std::slice::from_ref(&sub));
        let queued = self.queued().into_iter().rfind(|task| task.title.parse() == Ok(sub.serial));
        if queued.is_some_and(|task| self.put_retry(owner, &task).is_some()) {
            self.step(owner, connector);
        }
    }

    /// It knows nothing of the others, and lives for one step.
    fn further_process(&self, owner: Owner, which: usize, renamed: bool) {
        let node = if renamed { self.new_name() } else { self.node(owner) };
        let Some(Process { bus, store, .. }) = self.process(node) else { return };
        let _ = bus.request_processing(Some(self.name(which)));
        bus.step(self.name(which));
        store.journal().end_pass(store.life, self.name(which));
        store.die();
    }

    /// Promise of §3: where the settings say so, a pass follows by itself.
    fn must_be_awake(&self, owner: Owner, name: &ConnectorName) {
        let Process { bus, store, .. } = self.owner(owner);
        let configuration = self.shared.faulty.inner.configuration().unwrap();
        let enabled = configuration.connectors.iter().any(|record| record.name == *name && record.enabled);
        let auto = self.setup.settings.of(name).processing == Processing::Auto;
        if auto && enabled && configuration.switches.processing && !store.is_dead() && !bus.busy().contains(name) {
            self.violated(format!("{name} has something to do, and no pass follows"));
        }
    }

    /// Whether a pass has something to do with a task: what waits, or has failed, needs none.
    fn is_in_turn(&self, task: TaskId) -> bool {
        self.queued().iter().any(|queued| queued.id == task && queued.state == TaskState::Queued)
    }

    fn pick(&self, pick: u64) -> Option<TaskHead> {
        let queued = self.queued();
        queued.get(pick.checked_rem(queued.len() as u64)? as usize).cloned()
    }

    pub fn queued(&self) -> Vec<TaskHead> {
        self.shared.faulty.inner.tasks(&TaskFilter::default(), None, usize::MAX).unwrap()
    }

    pub(super) fn submit(&self, owner: Owner, subs: &[Sub]) {
        if !self.runs(owner) {
            return;
        }
        self.shared.subs().extend(subs.iter().map(|sub| (sub.serial, sub.clone())));
        let submissions = subs.iter().map(|sub| sub.submission(&self.setup.connectors)).collect();
        let Ok(answers) = self.bus(owner).submit(submissions) else { return };
        for (sub, answer) in subs.iter().zip(answers) {
            self.say(|| format!("  serial {}: {answer:?}", sub.serial));
            self.answered(owner, sub, answer);
        }
    }

    fn answered(&self, owner: Owner, sub: &Sub, answer: Result<Accepted, Refusal>) {
        let serial_of = |id: TaskId| {
            let queued = self.shared.faulty.inner.task(id).unwrap().map(|task| task.title.clone());
            let ended = || self.shared.journal().entries.iter().find(|entry| entry.task == id).map(|entry| entry.title.clone());
            queued.or_else(ended).and_then(|title| title.parse::<u64>().ok())
        };
        match answer {
            Ok(Accepted { task, .. }) => {
                if serial_of(task) != Some(sub.serial) {
                    self.violated(format!("serial {} was acknowledged as task {task}, which is another", sub.serial));
                }
                self.around().acknowledged.insert(task, sub.serial);
                if self.is_in_turn(task) {
                    self.must_be_awake(owner, self.name(sub.connector));
                }
            }
            Err(Refusal::KeyReused(task)) if serial_of(task) == Some(sub.serial) => {
                self.violated(format!("serial {} with its own key was refused because of itself, task {task}", sub.serial));
            }
            Err(_) => {}
        }
    }

    pub(super) fn repeat(&self, owner: Owner, pick: u64, other: Option<u64>) {
        let keyed: BTreeMap<u64, Sub> =
            self.shared.subs().values().filter(|sub| sub.key.is_some()).map(|sub| (sub.serial, sub.clone())).collect();
        let Some(at) = pick.checked_rem(keyed.len() as u64) else { return };
        let sub = keyed.values().nth(at as usize).unwrap();
        self.submit(owner, &[Sub { serial: other.unwrap_or(sub.serial), ..sub.clone() }]);
    }

    pub(super) fn remove(&self, owner: Owner, which: usize, force: Force) {
        // To remove a connector is to wait for its task in hand.
        if !self.runs(owner) || self.around().stepping.contains(&(owner, which)) {
            return;
        }
        match self.bus(owner).remove_connector(self.name(which), force) {
            Ok(_) | Err(ConnectorError::HasTasks(..) | ConnectorError::Unknown(_) | ConnectorError::Store(_)) => {}
            Err(error) => self.violated(error.to_string()),
        }
    }
}
