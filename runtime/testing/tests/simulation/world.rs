//! Buses without threads, on one store, with what surrounds them: connectors, operators, clients and
//! further processes.

use std::collections::{BTreeMap, HashMap};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lockgate_bus::Processed;
use lockgate_bus::{Bus, Parts, TaskError};
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Clock, NodeName};
use lockgate_core::task::TaskId;
use lockgate_testing::{CountingRandomness, FixedClock, ScriptedSandbox};

use super::actions::{Act, Action, Moment, Others, Owner};
use super::duel::Duel;
use super::faulty::{Broken, Faulty};
use super::script::script;
use super::setup::{Setup, component, model_files};
use super::store::{Shared, SimStore};

pub(super) type Answer = Receiver<Result<Option<Processed>, TaskError>>;

pub struct World {
    pub setup: Arc<Setup>,
    pub shared: Arc<Shared>,
    pub(super) clock: Arc<FixedClock>,
    randomness: Arc<CountingRandomness>,
    sandbox: Arc<ScriptedSandbox>,
    owners: Mutex<Vec<Process>>,
    around: Mutex<Around>,
    /// Whether every action is told.
    trace: bool,
}

/// A process that works on the store.
#[derive(Clone)]
pub(super) struct Process {
    pub(super) bus: Bus,
    pub(super) store: Arc<SimStore>,
    node: NodeName,
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
    pub(super) others: Others,
    /// Moments so far in this step: all, and those right after rows were loaded.
    pub(super) moments: u32,
    pub(super) loads: u32,
    /// Workers in the midst of a step.
    pub(super) stepping: Vec<(Owner, usize)>,
    pub(super) duel: Option<Arc<Duel>>,
    /// For how many actions each owner stands still.
    pub(super) frozen: [u8; 2],
    /// How many names were given to processes.
    names: u32,
    pub(super) other_model: bool,
    pub(super) answers: Vec<(Owner, TaskId, Answer)>,
}

impl World {
    pub fn new(setup: Setup, broken: Option<Broken>, trace: bool) -> Arc<Self> {
        let setup = Arc::new(setup);
        let clock = Arc::new(FixedClock::default());
        let shared = Arc::new(Shared::new(Faulty::new(broken), setup.clone(), clock.clone()));
        let world = Arc::new(Self {
            setup,
            shared: shared.clone(),
            clock,
            randomness: Arc::default(),
            sandbox: Arc::default(),
            owners: Mutex::default(),
            around: Mutex::default(),
            trace,
        });
        let _ = shared.world.set(Arc::downgrade(&world));
        world.sandbox.set(script(&Arc::downgrade(&world)));
        for owner in 0..2 {
            let process = world.process(world.new_name()).unwrap();
            process.bus.start().unwrap();
            if owner == 0 {
                process.bus.apply_model(&model_files(false)).unwrap();
                for connector in &world.setup.connectors {
                    process.bus.add_connector(&connector.name, &component(connector, 0)).unwrap();
                }
            }
            world.lock_owners().push(process);
        }
        world
    }

    pub(super) fn around(&self) -> MutexGuard<'_, Around> {
        self.around.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_owners(&self) -> MutexGuard<'_, Vec<Process>> {
        self.owners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn owner(&self, owner: Owner) -> Process {
        self.lock_owners()[owner].clone()
    }

    pub(super) fn bus(&self, owner: Owner) -> Bus {
        self.owner(owner).bus
    }

    pub fn acknowledged(&self) -> BTreeMap<TaskId, u64> {
        self.around().acknowledged.clone()
    }

    pub(super) fn new_name(&self) -> NodeName {
        let mut around = self.around();
        around.names += 1;
        NodeName::new(&format!("node-{}", around.names))
    }

    /// A process that begins; it may find the store out of order.
    pub(super) fn process(&self, node: NodeName) -> Option<Process> {
        let store = self.shared.handle();
        let parts = Parts {
            store: store.clone(),
            sandbox: self.sandbox.clone(),
            clock: self.clock.clone(),
            randomness: self.randomness.clone(),
            settings: self.setup.settings.clone(),
            node: node.clone(),
        };
        Some(Process { bus: Bus::open_stepped(parts).ok()?, store, node })
    }

    pub(super) fn node(&self, owner: Owner) -> NodeName {
        self.owner(owner).node
    }

    /// Everything in memory is gone.
    pub(super) fn reopen(&self, owner: Owner, renamed: bool) {
        self.say(|| format!("  owner {owner} ends and begins again"));
        self.owner(owner).store.die();
        self.around().answers.retain(|(of, ..)| *of != owner);
        self.around().frozen[owner] = 0;
        self.shared.begin_action();
        let process = self.process(if renamed { self.new_name() } else { self.node(owner) }).unwrap();
        process.bus.start().unwrap();
        self.lock_owners()[owner] = process;
    }

    pub fn say(&self, what: impl FnOnce() -> String) {
        if self.trace {
            eprintln!("{}", what());
        }
    }

    pub(super) fn violated(&self, what: String) {
        self.shared.journal().violations.push(what);
    }

    /// Carries out one action.
    pub fn act(&self, action: &Action) {
        self.shared.begin_action();
        self.sandbox.forget_calls();
        match action {
            Action::Submit(owner, subs) => self.submit(*owner, subs),
            Action::Repeat { owner, pick, other } => self.repeat(*owner, *pick, *other),
            Action::Pass(owner, which, others) => self.among(others, || {
                self.request(*owner, *which);
                self.step(*owner, *which);
            }),
            Action::Step(owner, which, others) => self.among(others, || self.step(*owner, *which)),
            Action::Duel(duellists, dice, others) => self.among(others, || {
                for (owner, which) in duellists {
                    self.request(*owner, *which);
                }
                self.duel(duellists, *dice);
            }),
            Action::Do(owner, act) => self.other(*owner, act),
            Action::Arm(armed) => self.shared.arm(*armed),
            Action::Crash { owner, stops, back_ms, renamed } => {
                if *stops && self.runs(*owner) {
                    self.bus(*owner).stop();
                }
                self.clock.set(self.clock.now_ms() - i64::from(*back_ms));
                self.shared.disarm();
                self.reopen(*owner, *renamed);
            }
            Action::Freeze(owner, actions) => self.around().frozen[*owner] = *actions,
            Action::Remove(owner, which, force, others) => self.among(others, || self.remove(*owner, *which, *force)),
            Action::ClearState(owner, which) if self.runs(*owner) => drop(self.bus(*owner).clear_connector_state(self.name(*which))),
            Action::ClearState(..) => {}
        }
        for owner in 0..2 {
            if self.owner(owner).store.is_dead() {
                self.reopen(owner, false);
            }
            let mut around = self.around();
            around.frozen[owner] = around.frozen[owner].saturating_sub(1);
        }
        self.take_answers();
    }

    /// Whether an owner does not stand still.
    pub(super) fn runs(&self, owner: Owner) -> bool {
        self.around().frozen[owner] == 0
    }

    fn request(&self, owner: Owner, which: usize) {
        if self.runs(owner) {
            let _ = self.bus(owner).request_processing(Some(self.name(which)));
        }
    }

    pub(super) fn name(&self, which: usize) -> &ConnectorName {
        &self.setup.connectors[which].name
    }

    /// Others act at their moments while this is done.
    fn among(&self, others: &Others, act: impl FnOnce()) {
        {
            let mut around = self.around();
            around.others = others.clone();
            (around.moments, around.loads) = (0, 0);
        }
        act();
        self.around().others.clear();
    }

    /// Lets a connector's worker take a step.
    pub(super) fn step(&self, owner: Owner, which: usize) {
        if !self.runs(owner) || self.around().stepping.contains(&(owner, which)) {
            return;
        }
        self.around().stepping.push((owner, which));
        let Process { bus, store, .. } = self.owner(owner);
        let stepped = bus.step(self.name(which));
        store.journal().end_pass(store.life, self.name(which));
        self.around().stepping.retain(|worker| *worker != (owner, which));
        self.say(|| format!("  {owner}, {}: {stepped:?}", self.name(which)));
    }

    /// A moment at which others can act: between what one does, never within.
    pub fn point(&self, loaded: bool) {
        self.duel_point();
        let mut around = self.around();
        let (moments, loads) = (around.moments, around.loads);
        around.moments += 1;
        around.loads += u32::from(loaded);
        let mut now = Vec::new();
        around.others.retain(|(at, owner, act)| {
            let comes = match *at {
                Moment::Any(n) => n <= moments,
                Moment::Loaded(n) => loaded && n <= loads,
            };
            if comes {
                now.push((*owner, act.clone()));
            }
            !comes
        });
        drop(around);
        for (owner, act) in now {
            self.meanwhile(owner, &act);
        }
    }

    fn meanwhile(&self, owner: Owner, act: &Act) {
        self.say(|| format!("  meanwhile, {owner}: {act:?}"));
        self.other(owner, act);
    }
}
