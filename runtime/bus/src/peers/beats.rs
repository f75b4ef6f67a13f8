//! A node's beats: it says that it is there, hears who else is, takes its share of the connectors and gives back what
//! is not its own any more.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use super::JoinError;
use crate::leases::claim;
use crate::trouble::Trouble;
use crate::{Bus, Inner};
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Beat, Beaten, Call, Heard, Life, Marks, NodeName, Seen, Shared, StoreError, new_guid};
use lockgate_core::share::shares;

/// How often a node says within its lease that it is there.
const BEATS_A_LEASE: u64 = 3;
/// A wait that is shorter is none.
const WAIT_MIN: Duration = Duration::from_millis(5);
/// How many leases a node waits for the end of another one of its name.
const LEASES_WAITED: u64 = 3;

/// What a node knows from beat to beat.
#[derive(Default)]
pub(super) struct State {
    life: Option<Life>,
    about: String,
    /// How much of each of its connectors it has had looked at, and the store knows.
    seen: BTreeMap<ConnectorName, (Marks, Marks)>,
    /// Connectors with tasks of operations, as of the last beat.
    operations: BTreeSet<ConnectorName>,
    /// Those with something due.
    due: BTreeSet<ConnectorName>,
    /// The lives of all nodes that were there.
    lives: BTreeSet<Life>,
    /// The last that was logged of what is wrong.
    warned: Option<String>,
    /// When the lease ends for which another node has a connector that is to be this one's, in ms since 1970.
    free_ms: Option<i64>,
}

impl State {
    /// Logs what is wrong once, and that it is not any more.
    fn warn(&mut self, node: &str, now: Option<String>) {
        match (&self.warned, &now) {
            (before, Some(why)) if before.as_ref() != Some(why) => tracing::warn!(node, "{why}"),
            (Some(_), None) => tracing::info!(node, "node {node} takes part again"),
            _ => {}
        }
        self.warned = now;
    }
}

impl Inner {
    /// Begins to take part, and leaves threads that go on doing so.
    pub(super) fn begin_beats(self: &Arc<Self>, about: &str) -> Result<(), JoinError> {
        let life = Life(new_guid(&*self.parts.clock, &*self.parts.randomness).as_u128());
        // First: the others obey the newest grants.
        self.announced()?;
        self.peers.is_node.store(true, Ordering::SeqCst);
        {
            let mut state = self.peers.lock_beat();
            (state.life, state.about) = (Some(life), about.to_owned());
        }
        self.auto.store(true, Ordering::SeqCst);
        let begun_us = self.parts.clock.monotonic_us();
        let patience_us = self.settings().lease_ms.saturating_mul(LEASES_WAITED * 1_000);
        while let Some(left_ms) = self.beat()? {
            if self.parts.clock.monotonic_us().saturating_sub(begun_us) > patience_us {
                return Err(JoinError::NameTaken(self.parts.node.clone()));
            }
            self.pause(Duration::from_millis(left_ms.saturating_add(1)).min(self.interval()));
        }
        self.call([Call::Look]);
        let cannot = |error: std::io::Error| StoreError::Unavailable(format!("no thread for the node: {error}"));
        let (beats, errands) = (self.clone(), self.clone());
        let named = |name: &str| std::thread::Builder::new().name(name.to_owned());
        let threads = [
            named("node").spawn(move || beats.go_on_beating()).map_err(cannot)?,
            named("errands").spawn(move || errands.run_errands()).map_err(cannot)?,
        ];
        self.peers.threads.lock().unwrap_or_else(PoisonError::into_inner).extend(threads);
        Ok(())
    }

    fn interval(&self) -> Duration {
        Duration::from_millis(self.settings().lease_ms / BEATS_A_LEASE).max(WAIT_MIN)
    }

    /// Waits, unless this node goes.
    fn pause(&self, wait: Duration) {
        let errands = self.peers.errands.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.peers.gone.load(Ordering::SeqCst) {
            drop(self.peers.changed.wait_timeout(errands, wait).unwrap_or_else(PoisonError::into_inner));
        }
    }

    fn go_on_beating(self: &Arc<Self>) {
        let mut due_us = 0;
        while !self.peers.gone.load(Ordering::SeqCst) {
            let now_us = self.parts.clock.monotonic_us();
            if now_us >= due_us {
                due_us = now_us.saturating_add(u64::try_from(self.interval().as_micros()).unwrap_or(u64::MAX));
                if let Err(error) = self.beat() {
                    let node = self.parts.node.as_str();
                    self.peers.lock_beat().warn(node, Some(format!("node {node} is not heard of: {error}")));
                }
                continue;
            }
            let free_ms =
                self.peers.lock_beat().free_ms.map(|at_ms| u64::try_from(at_ms.saturating_sub(self.parts.clock.now_ms())).unwrap_or(0));
            let wait = Duration::from_micros(due_us - now_us).min(free_ms.map_or(Duration::MAX, Duration::from_millis)).max(WAIT_MIN);
            let calls = self.shared().map_or(Ok(Vec::new()), |nodes| nodes.listen(wait));
            match calls {
                Ok(calls) => {
                    let looks = calls.iter().filter(|call| !self.obey(call)).count() > 0;
                    if looks || free_ms.is_some_and(|ms| Duration::from_millis(ms) <= wait) {
                        due_us = 0;
                    }
                }
                Err(error) => {
                    tracing::debug!("calls of other nodes are not heard: {error}");
                    self.pause(wait);
                }
            }
        }
    }

    /// Does what another node calls for; false when it is to be looked at all.
    fn obey(self: &Arc<Self>, call: &Call) -> bool {
        let is_mine = |name: &ConnectorName| self.peers.mine().contains_key(name);
        match call {
            Call::Came(name) if is_mine(name) => self.wake_if_started(name),
            Call::Operations(name) if is_mine(name) => self.begin_operations(name),
            Call::Came(_) | Call::Operations(_) => {}
            Call::Look => return false,
        }
        true
    }

    /// Says that this node is there, and does what follows from what it hears. `Some`: another process has its name,
    /// for so many ms more.
    fn beat(self: &Arc<Self>) -> Result<Option<u64>, StoreError> {
        let mut state = self.peers.lock_beat();
        let (Some(nodes), Some(life)) = (self.shared(), state.life) else { return Ok(None) };
        if self.peers.gone.load(Ordering::SeqCst) {
            return Ok(None);
        }
        let held = self.lock_held().clone();
        let seen = self.seen(&mut state);
        let beat = Beat {
            node: &self.parts.node,
            life,
            lease_ms: self.settings().lease_ms,
            held: &held,
            grants: self.rules().grants,
            about: &state.about,
            seen: &seen,
        };
        match nodes.beat(&beat)? {
            Beaten::NameTaken(left_ms) => {
                let name = &self.parts.node;
                state.warn(
                    name.as_str(),
                    Some(format!("another process takes part as node {name}: this one does nothing until that is gone")),
                );
                let mine: Vec<ConnectorName> = self.peers.mine().keys().cloned().collect();
                mine.iter().for_each(|name| self.let_go(name));
                Ok(Some(left_ms))
            }
            Beaten::Heard(heard) => {
                for now in &seen {
                    if let Some((acted, told)) = state.seen.get_mut(&now.connector) {
                        *told = *acted;
                    }
                }
                self.hear(&mut state, heard)?;
                Ok(None)
            }
        }
    }

    /// Of which connectors the store is to know that all was looked at that this node knows of.
    fn seen(&self, state: &mut State) -> Vec<Seen> {
        let busy: BTreeSet<ConnectorName> = self.busy_here().into_iter().collect();
        let news = state.seen.iter().filter(|(name, (acted, told))| acted != told && !busy.contains(*name));
        news.map(|(connector, (acted, _))| Seen { connector: connector.clone(), marks: *acted }).collect()
    }

    fn hear(self: &Arc<Self>, state: &mut State, heard: Heard) -> Result<(), StoreError> {
        if heard.generation > self.known().generation {
            self.reload()?;
        }
        let node = &self.parts.node;
        let workers = heard.workers();
        let why_not = (heard.grants != self.rules().grants).then(|| {
            format!("node {node} works for no connector: another process has come with other grants, and they are newer; start this one with the same configuration")
        });
        state.warn(node.as_str(), why_not);
        let lives: BTreeSet<Life> = heard.nodes.iter().filter(|other| other.is_there).map(|other| other.life).collect();
        let lost = !state.lives.is_subset(&lives);
        state.lives = lives;
        let holders = heard.connectors.iter().map(|shared| (shared.name.clone(), shared.holder.clone())).collect();
        let shares: BTreeSet<ConnectorName> =
            shares(&workers, &holders).into_iter().filter(|(_, who)| who == node).map(|(connector, _)| connector).collect();
        // Another node may have taken what this one held while it was frozen.
        let holds = |name: &ConnectorName| heard.connector(name).is_some_and(|shared| shared.holder.as_ref() == Some(node));
        let gone: Vec<ConnectorName> = self.peers.mine().keys().filter(|name| !shares.contains(*name) || !holds(name)).cloned().collect();
        gone.iter().for_each(|name| self.let_go(name));
        *self.peers.heard.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(heard.clone());
        self.take_up(state, &shares, &heard)?;
        self.see_to(state, &heard, lost)
    }

    /// Claims what is this node's share and not its own yet.
    fn take_up(self: &Arc<Self>, state: &mut State, shares: &BTreeSet<ConnectorName>, heard: &Heard) -> Result<(), StoreError> {
        state.free_ms = None;
        let mut taken = Vec::new();
        let bus = Bus { inner: self.clone(), by: None };
        for name in shares {
            if self.peers.mine().contains_key(name) {
                continue;
            }
            match claim(&bus, name, false) {
                Ok(lease) => {
                    let before = heard.connector(name).and_then(|shared| shared.holder.clone()).filter(|holder| *holder != self.parts.node);
                    match before {
                        Some(before) => {
                            self.keep_schedule(name, &before, heard);
                            tracing::info!(connector = %name, "{name} is taken over from node {before}");
                        }
                        None => tracing::info!(connector = %name, "{name} is processed here"),
                    }
                    self.peers.mine_to_change().insert(name.clone(), lease);
                    taken.push(name);
                }
                Err(Trouble::HeldBy(_, until_ms)) => state.free_ms = Some(state.free_ms.map_or(until_ms, |at_ms| at_ms.min(until_ms))),
                Err(Trouble::Store(error)) => return Err(error),
                Err(Trouble::Passing(why) | Trouble::Other(why)) => tracing::warn!(connector = %name, "{name} is not claimed: {why}"),
            }
        }
        if taken.is_empty() {
            return Ok(());
        }
        self.begin_all(taken.into_iter())?;
        self.operate_again();
        Ok(())
    }

    /// A moment of a schedule that came when its node was dead already, and had no other one yet, is not left out.
    fn keep_schedule(&self, name: &ConnectorName, before: &NodeName, heard: &Heard) {
        let silent_ms = heard.nodes.iter().find(|node| node.name == *before).map_or(0, |node| node.silent_ms);
        let looked_ms = self.parts.clock.now_ms().saturating_sub(i64::try_from(silent_ms).unwrap_or(0));
        self.peers.looked_ms.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone(), looked_ms);
    }

    /// What was submitted, wished for or became due, as far as nobody has called.
    fn see_to(self: &Arc<Self>, state: &mut State, heard: &Heard, lost: bool) -> Result<(), StoreError> {
        let mine: Vec<&Shared> = {
            let mine = self.peers.mine();
            heard.connectors.iter().filter(|shared| mine.contains_key(&shared.name)).collect()
        };
        state.seen.retain(|name, _| mine.iter().any(|shared| shared.name == *name));
        for shared in &mine {
            let (acted, _) = state.seen.entry(shared.name.clone()).or_insert((shared.seen, shared.seen));
            let before = std::mem::replace(acted, shared.now);
            if shared.now.passes != before.passes {
                self.request(&shared.name);
            }
            if shared.now.begins != before.begins {
                self.begin(&shared.name, true);
            }
            if shared.now.dues != before.dues {
                self.begin_due(&shared.name);
            }
            if shared.now.came != before.came {
                self.wake_if_started(&shared.name);
            }
        }
        let names = |is: fn(&Shared) -> bool| -> BTreeSet<ConnectorName> {
            mine.iter().filter(|shared| is(shared)).map(|shared| shared.name.clone()).collect()
        };
        let (operations, due) = (names(|shared| shared.operations), names(|shared| shared.due));
        due.difference(&state.due).for_each(|name| self.begin_due(name));
        operations.difference(&state.operations).for_each(|name| self.begin_operations(name));
        (state.operations, state.due) = (operations, due);
        if lost {
            // What it was told and had not done yet, or had begun for others.
            self.begin_all(mine.iter().map(|shared| &shared.name))?;
            self.operate_again();
        }
        Ok(())
    }

    /// Gives a connector back when the task in hand is done.
    fn let_go(self: &Arc<Self>, name: &ConnectorName) {
        tracing::info!(connector = %name, "{name} is processed elsewhere from now on");
        let lease = self.peers.mine_to_change().remove(name);
        let has_worker = self.end_worker(name);
        // A worker that has claimed it since gives back its own.
        if let Some(lease) = lease
            && let Err(error) = self.parts.store.release(&lease)
        {
            tracing::warn!(connector = %name, "the lease of {name} was not given back: {error}");
        }
        if !has_worker {
            self.gave_back(name);
        }
    }

    /// A worker has ended, and its lease is free.
    pub(crate) fn gave_back(&self, name: &ConnectorName) {
        if self.peers.is_node() && !self.peers.mine().contains_key(name) {
            self.lock_held().remove(name);
            self.call([Call::Look]);
        }
    }

    /// This node says nothing any more. Its workers still work.
    pub(crate) fn end_beats(&self) {
        self.peers.gone.store(true, Ordering::SeqCst);
        // Whoever waits on it looks at what was set, and no beat is under way.
        drop(self.peers.errands.lock().unwrap_or_else(PoisonError::into_inner));
        self.peers.changed.notify_all();
        drop(self.peers.lock_beat());
    }

    /// Gives back what no worker had, and goes.
    pub(crate) fn leave(&self) {
        let life = self.peers.lock_beat().life.take();
        let (Some(nodes), Some(life)) = (self.shared(), life) else { return };
        for (name, lease) in std::mem::take(&mut *self.peers.mine_to_change()) {
            if let Err(error) = self.parts.store.release(&lease) {
                tracing::warn!(connector = %name, "the lease of {name} was not given back: {error}");
            }
        }
        if let Err(error) = nodes.leave(&self.parts.node, life) {
            tracing::warn!("the other nodes find out by themselves that this one goes: {error}");
        }
        self.call([Call::Look]);
        for thread in std::mem::take(&mut *self.peers.threads.lock().unwrap_or_else(PoisonError::into_inner)) {
            if thread.thread().id() != std::thread::current().id() && thread.join().is_err() {
                tracing::error!("a node's thread panicked");
            }
        }
    }
}
