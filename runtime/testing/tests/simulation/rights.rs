//! Who may write: by which lease, by which configuration, and what.

use std::collections::HashMap;

use lockgate_core::change::Change;
use lockgate_core::effects::{Effects, Fate};
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Claim, Claimed, Configuration, Generation, Lease, NodeName};
use lockgate_core::rows::PageRow;

use super::docs::SITES;
use super::journal::Life;
use super::setup::{Connector, asks, is_other_model};

/// What the store has said to those who claimed, and what it is configured by.
#[derive(Default)]
pub struct Rights {
    /// The newest lease of each connector.
    newest: HashMap<ConnectorName, Held>,
    pub configuration: Configuration,
    /// When model, switches or grants were changed last; and each connector.
    base: Generation,
    changed: HashMap<ConnectorName, Generation>,
}

struct Held {
    /// `None`: it was taken away.
    life: Option<Life>,
    node: NodeName,
    epoch: u64,
    until_ms: i64,
}

impl Rights {
    /// Whether there is anything wrong with what the store answered.
    pub fn claimed(&mut self, life: Life, claim: &Claim<'_>, claimed: &Claimed) -> Option<String> {
        let name = claim.connector;
        // What the store has under its name and it does not hold is given back.
        for (other, held) in &mut self.newest {
            if held.node == *claim.node && !claim.held.contains(other) {
                held.until_ms = i64::MIN;
            }
        }
        let before = self.newest.get(name);
        let Claimed::Yes(lease) = claimed else {
            let held = before.is_some_and(|held| held.life.is_some() && held.node != *claim.node && held.until_ms > claim.now_ms);
            return (!held).then(|| format!("{name} is free, and {} was told that it is not: {claimed:?}", claim.node));
        };
        let wrong = before.and_then(|held| {
            // An earlier life of the same name may get what a later one has: it must not work by it.
            if held.node != *claim.node && lease.epoch <= held.epoch {
                return Some(format!("{} takes over {name} by lease {}, which is no newer", claim.node, lease.epoch));
            }
            let free = held.node == *claim.node || held.life.is_none() || held.until_ms <= claim.now_ms;
            (!free).then(|| format!("{} takes over {name} while {} holds it", claim.node, held.node))
        });
        let until_ms = claim.now_ms.saturating_add_unsigned(claim.lease_ms);
        self.newest.insert(name.clone(), Held { life: Some(life), node: claim.node.clone(), epoch: lease.epoch, until_ms });
        wrong
    }

    /// It is free. Its commits count until somebody else claims it.
    pub fn released(&mut self, life: Life, lease: &Lease) {
        let held = self.newest.get_mut(&lease.connector);
        if let Some(held) = held.filter(|held| (held.life, held.epoch) == (Some(life), lease.epoch)) {
            held.until_ms = i64::MIN;
        }
    }

    /// Whoever holds it is fenced.
    pub fn removed(&mut self, name: &ConnectorName) {
        if let Some(held) = self.newest.get_mut(name) {
            (held.life, held.epoch) = (None, held.epoch + 1);
        }
    }

    /// The configuration was changed: a connector, or what concerns all.
    pub fn configured(&mut self, connector: Option<&ConnectorName>, configuration: Configuration) {
        if configuration.generation == self.configuration.generation {
            return;
        }
        match connector {
            Some(name) => drop(self.changed.insert(name.clone(), configuration.generation)),
            None => self.base = configuration.generation,
        }
        self.configuration = configuration;
    }

    /// Whether nothing has changed since the last change: what is there already may be put by an old copy.
    pub fn is_newest(&self, generation: Generation) -> bool {
        self.configuration.generation == generation
    }

    /// Whether a connector, and what concerns all, is as it was then.
    pub fn is_new(&self, connector: &ConnectorName, as_of: Generation) -> bool {
        self.is_base_new(as_of) && self.is_record_new(connector, as_of)
    }

    pub fn is_base_new(&self, as_of: Generation) -> bool {
        self.base <= as_of
    }

    pub fn is_record_new(&self, connector: &ConnectorName, as_of: Generation) -> bool {
        self.changed.get(connector).is_none_or(|changed| *changed <= as_of)
    }

    /// What should have kept the store from carrying out a commit.
    pub fn wrong_with_commit(&self, life: Life, lease: &Lease, effects: &Effects) -> Option<String> {
        let name = &lease.connector;
        let held = self.newest.get(name);
        if held.is_none_or(|held| (held.life, held.epoch) != (Some(life), lease.epoch)) {
            return Some(format!("a commit of {name} was carried out under lease {}, which is not the newest", lease.epoch));
        }
        if !self.configuration.switches.bus || !self.configuration.switches.processing {
            return Some(format!("a commit of {name} was carried out while processing is off"));
        }
        // A group may hold tasks of several connectors (§11.6).
        let ends = effects.tasks().iter().map(|task| match &task.fate {
            Fate::Removed(entry) => (&task.connector, Some(&entry.digest)),
            Fate::Stays(_) => (&task.connector, None),
        });
        for (name, digest) in std::iter::once((name, None)).chain(ends) {
            let record = self.configuration.connectors.iter().find(|record| record.name == *name);
            let Some(record) = record.filter(|record| record.enabled) else {
                return Some(format!("a commit of {name} was carried out, which is disabled or removed"));
            };
            if digest.is_some_and(|digest| *digest != record.digest) {
                return Some(format!("{name} has translated with a component that is not the active one"));
            }
        }
        let other = effects.model().object_types.keys().any(|name| name.as_str() == "sim.more");
        if other != is_other_model(&self.configuration.model) {
            return Some(format!("a commit of {name} was planned by another model"));
        }
        (!self.is_new(name, effects.generation())).then(|| format!("a commit of {name} was planned by generation {}", effects.generation()))
    }
}

pub fn may_write(connector: &Connector, kind: u8, change: &Change) -> bool {
    let (all, other_site, _) = asks(kind);
    match change {
        Change::Object(_, after) => {
            let row = change_type(change);
            match row.as_str() {
                "sim.secret" => connector.secret && all,
                // A cleared reference is an effect of a granted delete.
                "sim.item" => all || after.as_ref().is_some_and(|row| !row.fields.keys().any(|name| name.as_str() == "other")),
                _ => true,
            }
        }
        Change::Page(before, after) => {
            let cleared = matches!((before, after), (Some(before), Some(after)) if same_but_fields(before, after));
            let site = before.as_ref().or(after.as_ref()).map_or("", |row| row.site.as_str());
            cleared || (all && (site == SITES[0] || connector.other_site && other_site))
        }
        Change::Binding(..) | Change::Loose(..) | Change::Former(..) | Change::Tomb(..) => true,
    }
}

fn change_type(change: &Change) -> String {
    match change {
        Change::Object(before, after) => before.as_ref().or(after.as_ref()).map_or(String::new(), |row| row.object_type.to_string()),
        _ => String::new(),
    }
}

fn same_but_fields(one: &PageRow, other: &PageRow) -> bool {
    let names = |row: &PageRow| -> Vec<_> { row.cultures.iter().map(|(c, v)| (c.clone(), v.name.clone(), v.published)).collect() };
    one.parent == other.parent && names(one) == names(other)
}
