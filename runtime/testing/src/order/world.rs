//! A bus over a store, with connectors, a clock and a feed, one step at a time.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use lockgate_bus::{Bus, Parts, Stepped};
use lockgate_core::failure::{Code, Failure};
use lockgate_core::grants::Grant;
use lockgate_core::ports::{Clock as _, NodeName, TaskFilter};
use lockgate_core::settings::{BusSettings, ConnectorSettings, OnFailure};
use lockgate_core::task::TaskId;

use super::broken::Broken;
use super::class::{Class, Failing};
use super::feed::{connector, default_object, object_params, page_params, read, submission};
use super::gate::{Gate, Moment};
use super::model::files;
use super::told::{Bad, Told};
use crate::store_suite::Reopen;
use crate::{CountingRandomness, Dice, FixedClock, Script, ScriptedSandbox};

/// Rounds of steps after which everything must have settled.
const ROUNDS_MAX: usize = 400;
/// How often a process ends in the midst of its work, at most.
const CRASHES_MAX: u32 = 40;
/// Longer than any task waits before it fails, in ms.
const TOO_LONG_MS: u32 = 25 * 3_600_000;
/// How often an application is not there for a task.
const ABSENT_MAX: u32 = 2;

/// How what is bad is cured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cure {
    /// By another content model.
    Model,
    /// By another version of the connector.
    Upgrade,
}

/// A history, with what belongs to it.
#[derive(Debug, Clone)]
pub struct Trial {
    /// Its class.
    pub class: &'static Class,
    /// What the source tells, in its sequence.
    pub history: Vec<Told>,
    /// Whether submissions state their subjects.
    pub states_subjects: bool,
    /// How what is bad is cured.
    pub cure: Cure,
}

/// What happens around the bus, and when it works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    /// Of everything that is left to chance.
    pub seed: u64,
    /// Connectors work when they like, and not after each submission until nothing is left to do.
    pub late: bool,
    /// Connectors work, and tasks come, in the midst of another's pass.
    pub between: bool,
    /// The process ends now and then, and another begins.
    pub crashes: bool,
    /// Whether every commit is told.
    pub told: bool,
}

impl Schedule {
    /// Everything is done before the next task comes.
    pub const CALM: Self = Self { seed: 1, late: false, between: false, crashes: false, told: false };

    /// With everything that can happen.
    pub fn rough(seed: u64) -> Self {
        Self { seed, late: true, between: true, crashes: true, told: false }
    }
}

/// What the store, the connectors and the world have in common.
pub(super) struct Shared {
    pub trial: Arc<Trial>,
    schedule: Schedule,
    broken: Option<Broken>,
    clock: Arc<FixedClock>,
    sandbox: Arc<ScriptedSandbox>,
    randomness: Arc<CountingRandomness>,
    settings: BusSettings,
    dice: Mutex<Dice>,
    feed: Mutex<VecDeque<usize>>,
    /// Which change each task is.
    pub tasks: Mutex<BTreeMap<TaskId, usize>>,
    /// How often each change was translated.
    pub tries: Mutex<Vec<u32>>,
    bus: Mutex<Option<Bus>>,
    /// Whether something happens around the bus.
    rough: AtomicBool,
    /// How often the process has ended in the midst of its work.
    crashed: AtomicU32,
    cured: AtomicBool,
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A process that works on the store.
struct Life {
    bus: Bus,
    gate: Arc<Gate>,
}

/// A world.
pub(super) struct World<'w> {
    pub engine: &'w mut dyn Reopen,
    pub shared: Arc<Shared>,
    life: Option<Life>,
    /// The first thing that is wrong.
    pub wrong: Option<String>,
}

impl<'w> World<'w> {
    /// One in which the default object is stored, and nothing else.
    pub fn new(engine: &'w mut dyn Reopen, trial: &Arc<Trial>, order: &[usize], schedule: Schedule, broken: Option<Broken>) -> Self {
        let mut dice = Dice::new(schedule.seed);
        let settings = settings(trial.class, if schedule.late { dice.one_of(&[1, 2, 5, 1_000]) } else { 1_000 });
        let shared = Arc::new(Shared {
            trial: trial.clone(),
            schedule,
            broken,
            clock: Arc::default(),
            sandbox: Arc::default(),
            randomness: Arc::default(),
            settings,
            dice: Mutex::new(dice),
            feed: Mutex::new(order.iter().copied().collect()),
            tasks: Mutex::default(),
            tries: Mutex::new(vec![0; trial.history.len()]),
            bus: Mutex::default(),
            rough: AtomicBool::default(),
            crashed: AtomicU32::default(),
            cured: AtomicBool::default(),
        });
        shared.sandbox.set(script(&Arc::downgrade(&shared)));
        let mut world = Self { engine, shared, life: None, wrong: None };
        world.begin();
        let bus = world.bus();
        bus.apply_model(&files(trial.class, false)).expect("the model applies");
        for which in 0..world.connectors() {
            bus.add_connector(&connector(which), component(which, false).as_bytes()).expect("a scripted component installs");
        }
        bus.submit(vec![default_object()]).expect("the store takes it").remove(0).expect("it is admitted");
        world.settle();
        world
    }

    fn connectors(&self) -> usize {
        if self.shared.trial.class.two { 2 } else { 1 }
    }

    pub fn bus(&self) -> Bus {
        self.life.as_ref().map(|life| life.bus.clone()).expect("a process lives")
    }

    fn begin(&mut self) {
        let weak = Arc::downgrade(&self.shared);
        let others = Box::new(move |moment| weak.upgrade().is_none_or(|shared| shared.others(moment)));
        let gate = Arc::new(Gate::new(self.engine.store(), others, self.shared.broken, self.shared.schedule.told));
        let parts = Parts {
            store: gate.clone(),
            sandbox: self.shared.sandbox.clone(),
            clock: self.shared.clock.clone(),
            randomness: self.shared.randomness.clone(),
            settings: self.shared.settings.clone(),
            node: NodeName::new("order"),
        };
        let rough = self.shared.rough.swap(false, Ordering::SeqCst);
        let bus = Bus::open_stepped(parts).expect("the store opens");
        bus.start().expect("the bus starts");
        self.shared.rough.store(rough, Ordering::SeqCst);
        *lock(&self.shared.bus) = Some(bus.clone());
        self.life = Some(Life { bus, gate });
    }

    /// The process ends, and another begins.
    fn reopen(&mut self) {
        self.end();
        self.engine.reopen();
        self.begin();
    }

    /// The process ends, and leaves what it has as it is.
    pub fn end(&mut self) {
        let bus = lock(&self.shared.bus).take();
        if let Some(life) = self.life.take() {
            if life.gate.is_overrun() {
                self.wrong("the bus does not come to an end: it asks the store again and again".to_owned());
            }
            life.gate.die();
        }
        drop(bus);
    }

    pub fn wrong(&mut self, what: String) {
        self.wrong.get_or_insert(what);
    }

    /// A dead process is followed by another. True when it was so.
    fn succeeded(&mut self) -> bool {
        let dead = self.life.as_ref().is_some_and(|life| life.gate.is_dead());
        if dead {
            self.reopen();
        }
        dead
    }

    /// The connectors work until nothing is left to do.
    fn settle(&mut self) {
        for _ in 0..ROUNDS_MAX {
            let mut worked = false;
            let mut due = None;
            let first = lock(&self.shared.dice).index(self.connectors());
            for which in 0..self.connectors() {
                match self.bus().step(&connector((first + which) % self.connectors())) {
                    Stepped::Worked => worked = true,
                    Stepped::Waits(at) => due = [due, at].into_iter().flatten().min(),
                    Stepped::NoWorker => {}
                }
                worked |= self.succeeded();
            }
            if worked {
                continue;
            }
            match due.map(|at| at - self.shared.clock.now_ms()) {
                // A back-off is waited for, and no limit.
                Some(wait) if self.shared.trial.class.flaky && wait < 4_000_000 => {
                    self.shared.clock.advance(u32::try_from(wait.max(1)).unwrap_or(1));
                }
                _ => return,
            }
        }
        self.wrong(format!("after {ROUNDS_MAX} rounds the connectors still work"));
    }

    /// The feed comes, and everything that can happen happens.
    pub fn run(&mut self) {
        let schedule = self.shared.schedule;
        self.shared.rough.store(schedule.between || schedule.crashes, Ordering::SeqCst);
        while self.shared.submit_next() {
            self.succeeded();
            let roll = if schedule.late { lock(&self.shared.dice).below(100) } else { 0 };
            let too_long = self.shared.trial.class.too_long && schedule.late && lock(&self.shared.dice).one_in(6);
            if too_long {
                self.shared.clock.advance(TOO_LONG_MS);
            }
            match roll {
                0..50 => self.settle(),
                50..80 => {
                    let which = lock(&self.shared.dice).index(self.connectors());
                    self.bus().step(&connector(which));
                    self.succeeded();
                }
                80..84 if schedule.crashes => self.reopen(),
                _ => {}
            }
        }
        self.shared.rough.store(false, Ordering::SeqCst);
        self.settle();
        if self.shared.trial.history.iter().any(|told| told.bad.is_some()) && self.shared.trial.class.failing != Failing::Goes {
            self.cure();
            self.settle();
        }
    }

    fn cure(&mut self) {
        let class = self.shared.trial.class;
        if self.shared.trial.cure == Cure::Model && class.bad == Some(Bad::Object) {
            self.bus().apply_model(&files(class, true)).expect("the cured model applies");
            return;
        }
        self.shared.cured.store(true, Ordering::SeqCst);
        for which in 0..self.connectors() {
            self.bus().add_connector(&connector(which), component(which, true).as_bytes()).expect("the cured component installs");
        }
    }

    /// Which changes wait in the end, and why.
    pub fn waiting(&self) -> BTreeMap<usize, String> {
        let heads = self.engine.store().tasks(&TaskFilter::default(), None, 1_000).expect("tasks");
        let known = lock(&self.shared.tasks);
        let why = |head: &lockgate_core::task::TaskHead| {
            let failure = head.failure.as_ref().map_or(String::new(), ToString::to_string);
            format!("{} {failure}", head.state)
        };
        heads.iter().filter_map(|head| Some((*known.get(&head.id)?, why(head)))).collect()
    }
}

impl Drop for World<'_> {
    fn drop(&mut self) {
        lock(&self.shared.bus).take();
    }
}

impl Shared {
    /// The next change of the feed comes; false when there is none.
    fn submit_next(&self) -> bool {
        let Some(at) = lock(&self.feed).pop_front() else { return false };
        let Some(bus) = lock(&self.bus).clone() else { return false };
        let told = &self.trial.history[at];
        let answer = bus.submit(vec![submission(at, told, self.trial.class, self.trial.states_subjects)]);
        match answer.map(|mut answers| answers.remove(0)) {
            Ok(Ok(accepted)) => drop(lock(&self.tasks).insert(accepted.task, at)),
            Ok(Err(refusal)) => panic!("change {at} is refused: {refusal}"),
            // The process has ended before it was queued.
            Err(_) => lock(&self.feed).push_front(at),
        }
        true
    }

    /// What others do at a moment; false: the process ends.
    fn others(&self, _moment: Moment) -> bool {
        if !self.rough.load(Ordering::SeqCst) {
            return true;
        }
        let roll = lock(&self.dice).below(64);
        match roll {
            // A process that ends again and again gets nowhere.
            0 if self.schedule.crashes && self.crashed.fetch_add(1, Ordering::SeqCst) < CRASHES_MAX => return false,
            1..=8 if self.schedule.between => {
                let bus = lock(&self.bus).clone();
                // One of them is in the midst of its step.
                for which in 0..2 {
                    bus.as_ref().map(|bus| bus.step(&connector(which)));
                }
            }
            9..=12 if self.schedule.between => drop(self.submit_next()),
            _ => {}
        }
        true
    }
}

fn settings(class: &Class, batch_tasks_max: usize) -> BusSettings {
    let defaults = ConnectorSettings {
        grant: Grant::every_write(),
        translators: 1,
        on_failure: if class.failing == Failing::Stops { OnFailure::Stop } else { OnFailure::SetAside },
        backoff_ms: class.flaky.then_some(1_000),
        ..ConnectorSettings::default()
    };
    BusSettings { batch_tasks_max, defaults, ..BusSettings::default() }
}

fn component(which: usize, cured: bool) -> String {
    format!("scripted {which}{}", if cured { " cured" } else { "" })
}

fn script(shared: &Weak<Shared>) -> Script {
    let shared = shared.clone();
    Script {
        prepare: Box::new(move |task| {
            let shared = shared.upgrade().ok_or_else(|| Failure::new(Code::Internal, "the world has ended"))?;
            let (at, body) = read(&task.external.body);
            let tries = {
                let mut tries = lock(&shared.tries);
                tries[at] += 1;
                tries[at]
            };
            let told = &shared.trial.history[at];
            let cured = shared.cured.load(Ordering::SeqCst);
            if told.bad == Some(Bad::Translation) && !cured {
                return Err(Failure::new(Code::Invalid, "this cannot be translated yet"));
            }
            if shared.trial.class.flaky && at % 3 == 0 && tries <= ABSENT_MAX {
                return Err(Failure::new(Code::Unavailable, "nobody answers"));
            }
            let body = String::from_utf8_lossy(&body);
            let body = if cured { body.replace("\"good\":null", "\"good\":true") } else { body.into_owned() };
            lockgate_core::internal::read(body.as_bytes()).map_err(|error| Failure::new(Code::Invalid, error))
        }),
        object_params: Box::new(|id, _| object_params(id)),
        document_params: Box::new(|id, _| page_params(id)),
        ..Script::default()
    }
}
