//! A source of changes: what it has fits together before and after each move, and each change of one of
//! its objects or pages is told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::class::{Class, Newer};
use super::told::{Ask, Bad, Kind, Op, Ref, Told};
use crate::Dice;

/// Names of things.
pub(super) const NAMES: &[&str] = &["a", "b", "c", "d", "e", "f"];
/// Names of parts, pages and nodes.
pub(super) const FEW_NAMES: &[&str] = &["a", "b", "c"];
/// Cultures of pages.
pub(super) const CULTURES: &[&str] = &["en-US", "de-DE"];

/// Something that the source has, or had.
#[derive(Debug, Clone)]
pub(super) struct Thing {
    pub key: String,
    pub kind: Kind,
    pub alive: bool,
    pub guid: Option<Arc<str>>,
    pub name: Arc<str>,
    pub parent: Option<usize>,
    pub value: Option<i64>,
    pub number: i64,
    pub refs: BTreeMap<Ref, usize>,
    pub ties: BTreeSet<usize>,
    pub connector: usize,
    pub cultures: BTreeSet<&'static str>,
    version: u64,
}

/// Which parts of a thing a move has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Changed {
    /// It is told whole.
    Whole,
    /// None but its name.
    Name,
    /// Its unique value.
    Value,
    /// Its plain value.
    Number,
    /// A reference.
    Ref(Ref),
    /// Its bindings.
    Ties,
}

/// A source.
pub(super) struct Source<'s> {
    pub class: &'static Class,
    pub dice: &'s mut Dice,
    pub things: Vec<Thing>,
    pub told: Vec<Told>,
    ever: BTreeSet<Arc<str>>,
    made: u32,
}

impl<'s> Source<'s> {
    pub fn new(class: &'static Class, dice: &'s mut Dice) -> Self {
        Self { class, dice, things: Vec::new(), told: Vec::new(), ever: BTreeSet::new(), made: 0 }
    }

    /// True so many times in a hundred.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.dice.below(100) < percent
    }

    pub fn number(&mut self) -> i64 {
        self.dice.below(9) as i64
    }

    /// Whether pages are pages, or objects in a tree.
    pub fn page_kind(&self) -> Kind {
        if self.class.nodes { Kind::Node } else { Kind::Page }
    }

    /// Everything of a kind that is there.
    pub fn live(&self, kind: Kind) -> Vec<usize> {
        self.of(kind, true)
    }

    /// Everything of a kind that is gone.
    pub fn dead(&self, kind: Kind) -> Vec<usize> {
        self.of(kind, false)
    }

    fn of(&self, kind: Kind, alive: bool) -> Vec<usize> {
        (0..self.things.len()).filter(|at| self.things[*at].kind == kind && self.things[*at].alive == alive).collect()
    }

    /// What lies directly under something.
    pub fn children(&self, of: Option<usize>, kind: Kind) -> Vec<usize> {
        self.live(kind).into_iter().filter(|at| self.things[*at].parent == of).collect()
    }

    /// Names that no thing has; in some classes, none that any has ever had.
    pub fn free_names(&self) -> Vec<Arc<str>> {
        let used: BTreeSet<&str> = self.live(Kind::Thing).into_iter().map(|at| &*self.things[at].name).collect();
        let free = NAMES.iter().filter(|name| !used.contains(*name) && (self.class.reuse || !self.ever.contains(**name)));
        free.map(|name| Arc::from(*name)).collect()
    }

    /// Names that nothing has under a parent, but perhaps this one.
    pub fn free_below(&self, parent: Option<usize>, kind: Kind, but: Option<usize>) -> Vec<Arc<str>> {
        let taken = self.children(parent, kind);
        let used: BTreeSet<&str> = taken.into_iter().filter(|at| Some(*at) != but).map(|at| &*self.things[at].name).collect();
        FEW_NAMES.iter().filter(|name| !used.contains(*name)).map(|name| Arc::from(*name)).collect()
    }

    /// A unique value that no thing has.
    pub fn free_value(&mut self) -> Option<i64> {
        let used: BTreeSet<i64> = self.live(Kind::Thing).into_iter().filter_map(|at| self.things[at].value).collect();
        let free: Vec<i64> = (1..5).filter(|value| !used.contains(value)).collect();
        self.dice.pick(&free).copied().filter(|_| self.class.unique)
    }

    /// Something for a reference to point to, or nothing.
    pub fn target(&mut self, of: Option<usize>, reference: Ref) -> Option<usize> {
        let possible: Vec<usize> = self.live(reference.to()).into_iter().filter(|at| Some(*at) != of).collect();
        if self.chance(80) { self.dice.pick(&possible).copied() } else { None }
    }

    /// References of a class of something new, or of something that comes back.
    pub fn targets(&mut self, of: Option<usize>, refs: &[Ref]) -> BTreeMap<Ref, usize> {
        refs.iter().filter_map(|reference| Some((*reference, self.target(of, *reference)?))).collect()
    }

    /// Whether something that is there needs this.
    pub fn is_needed(&self, at: usize) -> bool {
        let mut others = self.things.iter().enumerate().filter(|(other, thing)| *other != at && thing.alive);
        others.any(|(_, thing)| thing.refs.iter().any(|(reference, to)| reference.is_required() && *to == at))
    }

    /// What points to this does not any more.
    pub fn forget(&mut self, at: usize) {
        for thing in self.things.iter_mut().filter(|thing| thing.alive) {
            thing.refs.retain(|_, to| *to != at);
            thing.ties.remove(&at);
        }
    }

    /// The number of the next new one.
    pub fn serial(&mut self) -> u32 {
        self.made += 1;
        self.made
    }

    /// Something new, with nothing yet.
    pub fn add(&mut self, kind: Kind, key: String, guid: Option<Arc<str>>, name: Arc<str>, parent: Option<usize>) -> usize {
        let number = self.number();
        let connector = match (&guid, parent) {
            _ if !self.class.two => 0,
            (_, Some(parent)) if kind == Kind::Part => self.things[parent].connector,
            // What has no GUID is what its name says.
            (None, _) => usize::from(name.as_bytes().first().is_some_and(|byte| byte % 2 == 1)),
            _ => self.dice.index(2),
        };
        let (value, refs, ties, cultures) = (None, BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
        let thing = Thing { key, kind, alive: true, guid, name, parent, value, number, refs, ties, connector, cultures, version: 0 };
        match self.things.iter().position(|known| known.key == thing.key) {
            Some(known) => {
                self.things[known] = thing;
                known
            }
            None => {
                self.things.push(thing);
                self.things.len() - 1
            }
        }
    }

    /// How something is asked for.
    pub fn ask(&self, at: usize) -> Ask {
        let thing = &self.things[at];
        match &thing.guid {
            Some(guid) if !self.class.by_name => Ask::Guid(guid.clone()),
            _ => Ask::Named(thing.name.clone(), thing.parent.map(|parent| Arc::new(self.ask(parent)))),
        }
    }

    fn ask_or_ghost(&mut self, reference: Ref, at: Option<usize>) -> Option<Ask> {
        if self.class.ghosts.contains(&reference) && self.chance(25) {
            return Some(Ask::Guid("ghost".into()));
        }
        at.map(|at| self.ask(at))
    }

    /// Tells what became of something.
    pub fn tell(&mut self, at: usize, changed: Changed, op: Op) {
        let thing = self.things[at].clone();
        if thing.kind == Kind::Thing {
            self.ever.insert(thing.name.clone());
        }
        let mut told = self.bare(&thing, op);
        let whole = !self.class.partial || changed == Changed::Whole || self.chance(50);
        let states = |what: Changed| whole || what == changed;
        if op == Op::Put {
            told.value = thing.value.filter(|_| states(Changed::Value));
            told.number = Some(thing.number).filter(|_| states(Changed::Number));
            let refs = match thing.kind {
                Kind::Thing => self.class.refs,
                Kind::Page => self.class.page_refs,
                Kind::Part | Kind::Node => &[],
            };
            for reference in refs.iter().filter(|reference| states(Changed::Ref(**reference))) {
                let ask = self.ask_or_ghost(*reference, thing.refs.get(reference).copied());
                told.refs.insert(*reference, ask);
            }
            if let Some(how) = self.class.binds.filter(|_| thing.kind == Kind::Thing && states(Changed::Ties)) {
                let mut asks: Vec<Ask> = thing.ties.iter().map(|tie| self.ask(*tie)).collect();
                asks.sort();
                told.binds = Some((how, asks));
            }
            if self.class.parts && thing.kind == Kind::Thing && (changed == Changed::Whole || self.chance(50)) {
                let parts = self.children(Some(at), Kind::Part).into_iter();
                let parts: BTreeMap<Arc<str>, i64> = parts.map(|part| (self.things[part].name.clone(), self.things[part].number)).collect();
                // A type of which no child is listed is not stated.
                told.parts = Some(parts).filter(|parts| !parts.is_empty());
            }
            told.bad = self.bad(thing.kind == Kind::Thing);
        } else if self.class.bad == Some(Bad::Translation) {
            told.bad = self.bad(true);
        }
        self.number_of_version(&mut told, at);
        self.told.push(told);
    }

    /// Tells what became of one culture of a page.
    pub fn tell_culture(&mut self, at: usize, culture: &'static str, op: Op) {
        let number = self.number();
        if op == Op::Put {
            self.things[at].cultures.insert(culture);
        }
        let mut told = self.bare(&self.things[at], op);
        told.culture = Some(culture);
        told.number = Some(number).filter(|_| op == Op::Put);
        self.told.push(told);
    }

    fn bare(&self, thing: &Thing, op: Op) -> Told {
        let key = match (&thing.guid, thing.kind) {
            (None, Kind::Thing) => format!("X:{}", thing.name),
            _ => thing.key.clone(),
        };
        let mut under = BTreeSet::new();
        let mut above = thing.parent;
        while let Some(at) = above {
            under.insert(self.things[at].key.clone());
            above = self.things[at].parent;
        }
        Told {
            key,
            op,
            kind: thing.kind,
            guid: thing.guid.clone(),
            name: thing.name.clone(),
            parent: thing.parent.map(|parent| self.ask(parent)),
            owner: thing.parent.map(|parent| self.bare(&self.things[parent], op).key),
            under,
            value: None,
            number: None,
            refs: BTreeMap::new(),
            binds: None,
            parts: None,
            culture: None,
            bad: None,
            connector: thing.connector,
            version: None,
        }
    }

    fn bad(&mut self, may: bool) -> Option<Bad> {
        if may && self.chance(15) { self.class.bad } else { None }
    }

    fn number_of_version(&mut self, told: &mut Told, at: usize) {
        let now = self.told.len() as u64;
        told.version = match self.class.newer {
            None => None,
            Some(Newer::Counted) => Some(now),
            Some(Newer::Coarse) => Some(now / 2),
            Some(Newer::Kept) => {
                if told.op != Op::Delete {
                    self.things[at].version = now;
                }
                Some(self.things[at].version)
            }
        };
    }
}
