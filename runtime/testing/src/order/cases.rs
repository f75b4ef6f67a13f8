//! The fourteen cases and the seven sets of orders that the rules of waiting were found with, each as it was
//! written down (`model/cases.py` and `model/exhaustive.py` beside the semantics).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Engines;
use super::class::Class;
use super::orders::Sequences;
use super::told::{Ask, Binds, Kind, Op, Ref, Told};
use super::trials::{compare, sorted};
use super::world::{Cure, Schedule, Trial};

/// Schedules of each case, and of each order of a set.
const SCHEDULES: u64 = 20;
const SCHEDULES_OF_AN_ORDER: u64 = 4;

/// A case: a feed, and an order that the rules which one would write first do not stand.
pub struct Case {
    /// A sentence.
    pub name: &'static str,
    feed: fn() -> Vec<Told>,
    order: &'static [usize],
}

/// A feed of which every order is tried.
pub struct Orders {
    /// A sentence.
    pub name: &'static str,
    feed: fn() -> Vec<Told>,
}

static BY_HAND: Class = Class::BY_HAND;

fn bare(kind: Kind, number: u32, name: &str) -> Told {
    let (letter, guid) = if kind == Kind::Page { ('P', 'p') } else { ('X', 'g') };
    Told {
        key: format!("{letter}{number}"),
        op: Op::Put,
        kind,
        guid: Some(format!("{guid}{number}").into()),
        name: name.into(),
        parent: None,
        owner: None,
        under: std::collections::BTreeSet::new(),
        value: None,
        number: None,
        refs: BTreeMap::new(),
        binds: None,
        parts: None,
        culture: None,
        bad: None,
        connector: 0,
        version: None,
    }
}

fn thing(number: u32, name: &str) -> Told {
    bare(Kind::Thing, number, name)
}

fn page(number: u32, name: &str) -> Told {
    bare(Kind::Page, number, name)
}

fn guid(short: &str) -> Ask {
    Ask::Guid(short.into())
}

impl Told {
    fn value(self, value: i64) -> Self {
        Self { value: Some(value), ..self }
    }

    fn refers(mut self, reference: Ref, to: Ask) -> Self {
        self.refs.insert(reference, Some(to));
        self
    }

    fn adds(self, ties: &[&str]) -> Self {
        Self { binds: Some((Binds::Added, ties.iter().map(|tie| guid(tie)).collect())), ..self }
    }

    fn deleted(self) -> Self {
        Self { op: Op::Delete, ..self }
    }

    fn under(self, parent: &str) -> Self {
        Self { parent: Some(guid(parent)), ..self }
    }

    fn moved(self) -> Self {
        Self { op: Op::Move, ..self }
    }

    fn by(self, connector: usize) -> Self {
        Self { connector, ..self }
    }
}

/// The cases.
pub const CASES: &[Case] = &[
    Case {
        name: "a value is freed behind the one who waits for it",
        feed: || vec![thing(1, "a").value(1), thing(1, "a").value(2), thing(2, "b").value(1)],
        order: &[2, 0, 1],
    },
    Case {
        name: "a name is freed by a delete behind the one who waits for it",
        feed: || vec![thing(1, "a"), thing(1, "a").deleted(), thing(2, "a")],
        order: &[2, 0, 1],
    },
    Case {
        name: "a required target is gone and a later version points elsewhere",
        feed: || {
            let c = |to| thing(3, "c").refers(Ref::Needed, guid(to));
            vec![thing(1, "a"), thing(2, "b"), c("g1"), c("g2"), thing(1, "a").deleted()]
        },
        order: &[0, 4, 1, 2, 3],
    },
    Case {
        name: "a wrong reference is corrected by the next update",
        feed: || {
            let c = |to| thing(3, "c").refers(Ref::Needed, guid(to));
            vec![thing(2, "b"), c("ghost"), c("g2")]
        },
        order: &[0, 1, 2],
    },
    Case {
        name: "an optional reference is cleared by a delete and its target comes back",
        feed: || vec![thing(1, "a"), thing(2, "b").refers(Ref::Wanted, guid("g1")), thing(1, "a").deleted(), thing(1, "a")],
        order: &[0, 2, 1, 3],
    },
    Case {
        name: "the same with the referrer last",
        feed: || vec![thing(1, "a"), thing(2, "b").refers(Ref::Wanted, guid("g1")), thing(1, "a").deleted(), thing(1, "a")],
        order: &[0, 2, 3, 1],
    },
    Case {
        name: "a required target is deleted and made again under its referrer",
        feed: || vec![thing(1, "a"), thing(2, "b").refers(Ref::Needed, guid("g1")), thing(1, "a").deleted(), thing(1, "a")],
        order: &[0, 2, 3, 1],
    },
    Case {
        name: "a default gives way to its target",
        feed: || vec![thing(1, "a"), thing(2, "b").refers(Ref::Standard, guid("g1"))],
        order: &[1, 0],
    },
    Case {
        name: "a default comes back when its target is deleted",
        feed: || vec![thing(1, "a"), thing(1, "a").deleted(), thing(2, "b").refers(Ref::Standard, guid("g1"))],
        order: &[0, 2, 1],
    },
    Case {
        name: "an added binding waits for its target though a later list does not state it",
        feed: || vec![thing(1, "a"), thing(2, "b").adds(&["g1"]), thing(2, "b").adds(&[])],
        order: &[1, 2, 0],
    },
    Case {
        name: "a circle is there only in between",
        feed: || vec![page(1, "a"), page(2, "b").under("p1"), page(2, "b").moved(), page(1, "a").under("p2").moved()],
        order: &[0, 3, 1, 2],
    },
    Case {
        name: "what is referred to by name is renamed before the referrer comes",
        feed: || vec![thing(1, "a"), thing(2, "b").refers(Ref::Needed, Ask::Named("a".into(), None)), thing(1, "c")],
        order: &[0, 2, 1],
    },
    Case {
        name: "a name is taken over after a delete and required by name",
        feed: || {
            let e = thing(3, "e").refers(Ref::Needed, Ask::Named("f".into(), None));
            vec![thing(1, "f"), thing(1, "f").deleted(), thing(2, "f"), e]
        },
        order: &[3, 0, 2, 1],
    },
    Case {
        name: "a delete comes again after another has taken the name",
        feed: || vec![thing(1, "a"), thing(1, "a").deleted(), thing(1, "a").deleted(), thing(2, "a")],
        order: &[0, 1, 3, 2],
    },
];

fn ring(connector: usize) -> Vec<Told> {
    let b = |name| thing(2, name).by(connector);
    vec![thing(1, "a"), b("b"), thing(3, "c"), thing(1, "b"), b("c"), thing(3, "a")]
}

/// The sets of orders.
pub const ORDERS: &[Orders] = &[
    Orders { name: "a ring of renames through one connector", feed: || ring(0) },
    Orders { name: "a ring of renames through two connectors", feed: || ring(1) },
    Orders {
        name: "a name is freed and taken by two newcomers in turn",
        feed: || vec![thing(1, "a"), thing(1, "b"), thing(2, "a"), thing(2, "c"), thing(3, "a")],
    },
    Orders {
        name: "a swap by way of a third name",
        feed: || vec![thing(1, "a"), thing(2, "b"), thing(1, "t"), thing(2, "a"), thing(1, "b")],
    },
    Orders {
        name: "a swap and a swap back",
        feed: || vec![thing(1, "a"), thing(2, "b"), thing(1, "b"), thing(2, "a"), thing(1, "a"), thing(2, "b")],
    },
    Orders {
        name: "a page goes under another which later goes under it",
        feed: || {
            let (a, b) = (|| page(1, "a"), || page(2, "b"));
            vec![a(), b(), a().under("p2").moved(), a().moved(), b().under("p1").moved()]
        },
    },
    Orders {
        name: "a tree of three is deleted from its leaf on",
        feed: || {
            let (a, b, c) = (|| page(1, "a"), || page(2, "b"), || page(3, "c"));
            vec![a(), b().under("p1"), c().under("p2"), c().under("p2").deleted(), b().under("p1").deleted(), a().deleted()]
        },
    },
];

fn trial(history: Vec<Told>, states_subjects: bool) -> Arc<Trial> {
    Arc::new(Trial { class: &BY_HAND, history, states_subjects, cure: Cure::Upgrade })
}

impl Case {
    /// Runs it under many schedules, and panics when one comes to something else than the sorted feed.
    pub fn run(&self, engines: &Engines) {
        self.run_share(engines, 1);
    }

    /// The same under one in so many schedules, for engines that take long.
    pub fn run_share(&self, engines: &Engines, one_in: usize) {
        let trials = [true, false].map(|states_subjects| {
            let trial = trial((self.feed)(), states_subjects);
            let sorted = sorted(engines, &trial, None).unwrap_or_else(|wrong| panic!("{}: {wrong}", self.name));
            (trial, sorted)
        });
        for seed in (0..SCHEDULES).step_by(one_in) {
            for (trial, sorted) in &trials {
                let schedule = if seed == 0 { Schedule::CALM } else { Schedule::rough(seed) };
                compare(engines, trial, self.order, schedule, sorted, None).unwrap_or_else(|wrong| panic!("{}: {wrong}", self.name));
            }
        }
    }
}

impl Orders {
    /// Runs every order under some schedules, and panics when one comes to something else than the sorted feed.
    pub fn run(&self, engines: &Engines) {
        self.run_share(engines, 1);
    }

    /// The same of one in so many orders, for engines that take long.
    pub fn run_share(&self, engines: &Engines, one_in: usize) {
        let trial = trial((self.feed)(), false);
        let sorted = sorted(engines, &trial, None).unwrap_or_else(|wrong| panic!("{}: {wrong}", self.name));
        for order in Sequences::of(&trial.history).all().into_iter().step_by(one_in) {
            for seed in 0..SCHEDULES_OF_AN_ORDER {
                let schedule = if seed == 0 { Schedule::CALM } else { Schedule::rough(seed) };
                compare(engines, &trial, &order, schedule, &sorted, None).unwrap_or_else(|wrong| panic!("{}: {wrong}", self.name));
            }
        }
    }
}
