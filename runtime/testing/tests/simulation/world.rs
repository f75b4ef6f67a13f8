//! A bus without threads, with what surrounds it: connectors, operators, clients and other owners.

use std::collections::{BTreeMap, HashMap};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use lockgate_bus::pass::Processed;
use lockgate_bus::{Bus, Parts, TaskAction, TaskError};
use lockgate_core::failure::{Code, Failure};
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Clock, Switches};
use lockgate_core::prepared::Prepared;
use lockgate_core::task::TaskId;
use lockgate_testing::{CountingRandomness, FixedClock, Script, ScriptedSandbox};

use super::actions::{Act, Action, Moment};
use super::docs::{Sub, Way};
use super::faulty::{Broken, Faulty};
use super::setup::{Setup, component, model_files};
use super::store::SimStore;

type Answer = Receiver<Result<Option<Processed>, TaskError>>;

pub struct World {
    pub setup: Arc<Setup>,
    pub store: Arc<SimStore>,
    pub(super) clock: Arc<FixedClock>,
    randomness: Arc<CountingRandomness>,
    sandbox: Arc<ScriptedSandbox>,
    bus: Mutex<Option<Bus>>,
    around: Mutex<Around>,
    /// Whether every action is told.
    trace: bool,
}

/// What the surroundings know.
#[derive(Default)]
pub(super) struct Around {
    /// Tries of each serial.
    pub(super) tries: HashMap<u64, u32>,
    /// Whether connectors have no trouble any more.
    pub(super) healed: bool,
    /// Acknowledged tasks.
    pub(super) acknowledged: BTreeMap<TaskId, u64>,
    /// Which others act, and when.
    pub(super) others: Vec<(Moment, Act)>,
    /// Moments so far in this step: all, and those right after rows were loaded.
    pub(super) moments: u32,
    pub(super) loads: u32,
    /// Connectors whose worker is in the midst of a step.
    pub(super) stepping: Vec<usize>,
    pub(super) other_model: bool,
    pub(super) answers: Vec<(TaskId, Answer)>,
}

impl World {
    pub fn new(setup: Setup, broken: Option<Broken>, trace: bool) -> Arc<Self> {
        let setup = Arc::new(setup);
        let clock = Arc::new(FixedClock::default());
        let store = Arc::new(SimStore::new(Faulty { broken, ..Faulty::default() }, setup.clone(), clock.clone()));
        let world = Arc::new(Self {
            setup,
            store: store.clone(),
            clock,
            randomness: Arc::default(),
            sandbox: Arc::default(),
            bus: Mutex::default(),
            around: Mutex::default(),
            trace,
        });
        let _ = store.world.set(Arc::downgrade(&world));
        world.sandbox.set(script(&Arc::downgrade(&world)));
        let bus = world.open();
        bus.apply_model(&model_files(false)).unwrap();
        for connector in &world.setup.connectors {
            bus.add_connector(&connector.name, &component(connector, 0)).unwrap();
        }
        world
    }

    pub(super) fn around(&self) -> MutexGuard<'_, Around> {
        self.around.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn bus(&self) -> Bus {
        self.bus.lock().unwrap_or_else(PoisonError::into_inner).clone().unwrap()
    }

    pub fn acknowledged(&self) -> BTreeMap<TaskId, u64> {
        self.around().acknowledged.clone()
    }

    pub(super) fn parts(&self) -> Parts {
        Parts {
            store: self.store.clone(),
            sandbox: self.sandbox.clone(),
            clock: self.clock.clone(),
            randomness: self.randomness.clone(),
            settings: self.setup.settings.clone(),
        }
    }

    fn open(&self) -> Bus {
        let bus = Bus::open_stepped(self.parts()).unwrap();
        bus.start().unwrap();
        *self.bus.lock().unwrap_or_else(PoisonError::into_inner) = Some(bus.clone());
        bus
    }

    /// Everything in memory is gone.
    fn reopen(&self) {
        self.say(|| "  the process ends and begins again".to_owned());
        *self.bus.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.around().answers.clear();
        self.store.revive();
        self.open();
    }

    pub fn say(&self, what: impl FnOnce() -> String) {
        if self.trace {
            eprintln!("{}", what());
        }
    }

    pub(super) fn violated(&self, what: String) {
        self.store.journal().violations.push(what);
    }

    /// Carries out one action.
    pub fn act(&self, action: &Action) {
        self.store.begin_action();
        self.sandbox.forget_calls();
        match action {
            Action::Submit(subs) => self.submit(subs),
            Action::Repeat { pick, other } => self.repeat(*pick, *other),
            Action::Pass(which, others) => {
                let _ = self.bus().request_processing(Some(self.name(*which)));
                self.step(*which, others);
            }
            Action::Step(which, others) => self.step(*which, others),
            Action::Do(act) => self.other(act),
            Action::Arm(armed) => self.store.arm(*armed),
            Action::Crash { back_ms } => {
                self.store.die();
                self.clock.set(self.clock.now_ms() - i64::from(*back_ms));
            }
            Action::Remove(which, force) => self.remove(*which, *force),
            Action::ClearState(which) => drop(self.bus().clear_connector_state(self.name(*which))),
        }
        if self.store.is_dead() {
            self.reopen();
        }
        self.take_answers();
    }

    pub(super) fn name(&self, which: usize) -> &ConnectorName {
        &self.setup.connectors[which].name
    }

    /// Lets a connector's worker take a step, during which others act.
    pub(super) fn step(&self, which: usize, others: &[(Moment, Act)]) {
        {
            let mut around = self.around();
            if around.stepping.contains(&which) {
                return;
            }
            around.stepping.push(which);
            if around.stepping.len() == 1 {
                around.others = others.to_vec();
                (around.moments, around.loads) = (0, 0);
            }
        }
        let stepped = self.bus().step(self.name(which));
        self.store.journal().end_pass(self.name(which));
        let mut around = self.around();
        around.stepping.pop();
        if around.stepping.is_empty() {
            around.others.clear();
        }
        drop(around);
        self.say(|| {
            let status = self.bus().connectors().unwrap_or_default().into_iter().find(|status| status.record.name == *self.name(which));
            format!("  {}: {stepped:?} {:?}", self.name(which), status.and_then(|status| status.not_loaded))
        });
    }

    /// A moment at which others can act: between what a pass does, never within.
    pub fn point(&self, loaded: bool) {
        let mut around = self.around();
        if around.stepping.is_empty() || self.store.is_dead() {
            return;
        }
        let (moments, loads) = (around.moments, around.loads);
        around.moments += 1;
        around.loads += u32::from(loaded);
        let mut now = Vec::new();
        around.others.retain(|(at, act)| {
            let comes = match *at {
                Moment::Any(n) => n <= moments,
                Moment::Loaded(n) => loaded && n <= loads,
            };
            if comes {
                now.push(act.clone());
            }
            !comes
        });
        drop(around);
        for act in now {
            self.say(|| format!("  meanwhile: {act:?}"));
            self.other(&act);
        }
    }

    /// Retries that have their answer.
    fn take_answers(&self) {
        let mut around = self.around();
        let mut known = Vec::new();
        around.answers.retain(|(task, answer)| match answer.try_recv() {
            Ok(answer) => {
                known.push((*task, answer));
                false
            }
            Err(std::sync::mpsc::TryRecvError::Empty) => true,
            Err(std::sync::mpsc::TryRecvError::Disconnected) => false,
        });
        drop(around);
        for (task, answer) in known {
            if let Ok(Some(processed)) = answer
                && (processed.outcome == "failed") != processed.failure.is_some()
            {
                self.violated(format!("a retry of {task} came to {processed:?}"));
            }
        }
    }

    /// All trouble ends: everything that was acknowledged must end too.
    pub fn drain(&self) {
        self.around().healed = true;
        self.store.revive();
        let bus = self.bus();
        let _ = bus.put_switches(Switches::default());
        // One failed task a round, and the back-off of all.
        for round in 0..12 + 2 * self.queued().len() {
            for (which, connector) in self.setup.connectors.iter().enumerate() {
                self.store.begin_action();
                if bus.enable_connector(&connector.name, true).is_err() {
                    let _ = bus.add_connector(&connector.name, &component(connector, 0));
                }
                let _ = bus.approve_connector(&connector.name);
                let _ = bus.request_processing(Some(&connector.name));
                for _ in 0..4 {
                    self.step(which, &[]);
                }
            }
            self.clock.advance(2 * 3_600_000);
            let queued = self.queued();
            if queued.is_empty() {
                return;
            }
            for task in queued.iter().filter(|task| task.failure.is_some()) {
                let action = if round < 3 { TaskAction::Skip } else { TaskAction::Delete };
                let _ = bus.act(task.id, action);
            }
        }
        self.violated(format!("tasks do not end: {:?}", self.queued()));
    }
}

fn script(world: &Weak<World>) -> Script {
    let (prepares, keeps) = (world.clone(), world.clone());
    Script {
        prepare: Box::new(move |task| {
            let world = prepares.upgrade().unwrap();
            world.point(false);
            let (sub, json) = world.read(&task.external.body);
            let tries = {
                let mut around = world.around();
                let healed = around.healed;
                let tries = around.tries.entry(sub.serial).or_default();
                *tries += 1;
                if healed { u32::MAX } else { *tries }
            };
            match sub.way {
                Way::Fails(times, code, retry_after_ms) if tries <= times => {
                    Err(Failure { retry_after_ms, ..Failure::new(code, format!("try {tries}")) })
                }
                Way::Skips => Ok(Prepared::Skip("nothing to do".into())),
                Way::Undeclared => lockgate_core::internal::read(br#"{"object": {"type": "sim.nothing", "code_name": "n"}}"#)
                    .map_err(|error| Failure::new(Code::Internal, error)),
                _ => lockgate_core::internal::read(&json).map_err(|error| Failure::new(Code::Internal, error)),
            }
        }),
        keeps: Box::new(move |state, task| {
            let world = keeps.upgrade().unwrap();
            let (sub, _) = world.read(&task.external.body);
            let mut log = state.get("log").map(|log| log.to_vec()).unwrap_or_default();
            log.extend_from_slice(format!("{},", sub.serial).as_bytes());
            if sub.keeps { BTreeMap::from([("log".into(), Some(log.into()))]) } else { BTreeMap::new() }
        }),
        ..Script::default()
    }
}

impl World {
    fn read(&self, body: &[u8]) -> (Sub, Vec<u8>) {
        let end = body.iter().position(|byte| *byte == b'\n').unwrap();
        let serial: u64 = std::str::from_utf8(&body[..end]).unwrap().parse().unwrap();
        (self.store.subs()[&serial].clone(), body[end + 1..].to_vec())
    }
}
