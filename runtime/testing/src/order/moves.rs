//! What a source does with things and their parts.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::class::{Class, Move};
use super::source::{Changed, FEW_NAMES, Source};
use super::told::{Kind, Op, Told};
use crate::Dice;

/// Things that a source has had, at most.
const THINGS_MAX: usize = 4;
/// The same with everything else, where there are parts.
const PARTS_MAX: usize = 6;
/// Moves that are thought of, those that cannot be made included.
const MOVES_MAX: usize = 60;

/// What a source of this class tells: about so many changes.
pub fn history(class: &'static Class, dice: &mut Dice, changes: usize) -> Vec<Told> {
    let mut source = Source::new(class, dice);
    for _ in 0..MOVES_MAX {
        if source.told.len() >= changes {
            break;
        }
        let what = source.dice.one_of(class.moves);
        // `None`: it cannot be made now.
        let _ = source.make(what);
    }
    source.told
}

impl Source<'_> {
    fn make(&mut self, what: Move) -> Option<()> {
        match what {
            Move::New => self.new_thing(),
            Move::Update => self.update(),
            Move::Rename => self.rename(),
            Move::SwapValues => self.swap_values(),
            Move::SwapNames => self.swap_names(),
            Move::Delete => self.delete(false),
            Move::Replace => self.delete(true),
            Move::Recreate => self.recreate(),
            Move::NewPart => self.new_part(),
            Move::UpdatePart => self.update_part(),
            Move::ListParts => self.list_parts(),
            Move::DeletePart => self.delete_part(),
            _ => self.make_of_pages(what),
        }
    }

    /// So many different ones of these, in any order.
    pub(super) fn several(&mut self, from: &[usize], count: usize) -> Option<Vec<usize>> {
        let mut left = from.to_vec();
        (0..count).map(|_| (!left.is_empty()).then(|| left.swap_remove(self.dice.index(left.len())))).collect()
    }

    fn a_thing(&mut self) -> Option<usize> {
        let things = self.live(Kind::Thing);
        self.dice.pick(&things).copied()
    }

    fn new_thing(&mut self) -> Option<()> {
        let free = self.free_names();
        if self.things.iter().filter(|thing| thing.kind == Kind::Thing).count() >= THINGS_MAX {
            return None;
        }
        let name = self.dice.pick(&free)?.clone();
        let others = self.live(Kind::Thing);
        let serial = self.serial();
        let guid = self.chance(self.class.guids).then(|| Arc::from(format!("g{serial}")));
        let at = self.add(Kind::Thing, format!("X{serial}"), guid, name, None);
        // Itself is not counted: it has no value yet.
        self.things[at].value = self.free_value();
        self.things[at].refs = self.targets(Some(at), self.class.refs);
        self.things[at].ties = others.into_iter().filter(|_| self.dice.one_in(2)).collect();
        self.tell(at, Changed::Whole, Op::Put);
        Some(())
    }

    fn update(&mut self) -> Option<()> {
        let at = self.a_thing()?;
        let mut possible = vec![Changed::Value, Changed::Number, Changed::Ties];
        possible.extend(self.class.refs.iter().map(|reference| Changed::Ref(*reference)));
        let changed = self.dice.one_of(&possible);
        match changed {
            Changed::Value => self.things[at].value = self.free_value().or(self.things[at].value),
            Changed::Number => self.things[at].number = self.number(),
            Changed::Ties => {
                let others = self.live(Kind::Thing).into_iter().filter(|other| *other != at);
                self.things[at].ties = others.filter(|_| self.dice.one_in(2)).collect();
            }
            Changed::Ref(reference) => {
                let to = self.target(Some(at), reference);
                self.things[at].refs.remove(&reference);
                self.things[at].refs.extend(to.map(|to| (reference, to)));
            }
            Changed::Whole | Changed::Name => {}
        }
        self.tell(at, changed, Op::Put);
        Some(())
    }

    fn rename(&mut self) -> Option<()> {
        let at = self.a_thing()?;
        let free = self.free_names();
        let name = self.dice.pick(&free)?.clone();
        self.things[at].guid.as_ref()?;
        self.things[at].name = name;
        self.tell(at, Changed::Name, Op::Put);
        Some(())
    }

    fn swap_values(&mut self) -> Option<()> {
        let things = self.live(Kind::Thing);
        let count = if self.dice.one_in(2) { 2 } else { things.len().min(3) };
        let some = self.several(&things, count.max(2)).filter(|_| self.class.unique)?;
        let mut values = some.iter().map(|at| self.things[*at].value).collect::<Option<Vec<i64>>>()?;
        values.rotate_left(1);
        for (at, value) in some.iter().zip(values) {
            self.things[*at].value = Some(value);
        }
        some.into_iter().for_each(|at| self.tell(at, Changed::Value, Op::Put));
        Some(())
    }

    fn swap_names(&mut self) -> Option<()> {
        let things = self.live(Kind::Thing);
        let some = self.several(&things, 2).filter(|some| some.iter().all(|at| self.things[*at].guid.is_some()))?;
        let name = self.things[some[0]].name.clone();
        self.things[some[0]].name = std::mem::replace(&mut self.things[some[1]].name, name);
        some.into_iter().for_each(|at| self.tell(at, Changed::Name, Op::Put));
        Some(())
    }

    fn delete(&mut self, comes_back: bool) -> Option<()> {
        let at = self.a_thing()?;
        if !comes_back && self.is_needed(at) {
            return None;
        }
        for part in self.children(Some(at), Kind::Part) {
            self.things[part].alive = false;
        }
        self.things[at].alive = false;
        self.tell(at, Changed::Whole, Op::Delete);
        if !comes_back {
            self.forget(at);
            return Some(());
        }
        let live: BTreeSet<usize> = (0..self.things.len()).filter(|other| self.things[*other].alive).collect();
        let number = self.number();
        let thing = &mut self.things[at];
        thing.alive = true;
        thing.number = number;
        thing.refs.retain(|_, to| live.contains(to));
        self.tell(at, Changed::Whole, Op::Put);
        Some(())
    }

    fn recreate(&mut self) -> Option<()> {
        let gone = self.dead(Kind::Thing);
        let at = self.dice.pick(&gone).copied()?;
        if !self.free_names().contains(&self.things[at].name) {
            return None;
        }
        let (value, number, refs) = (self.free_value(), self.number(), self.targets(Some(at), self.class.refs));
        let thing = &mut self.things[at];
        (thing.alive, thing.value, thing.number, thing.refs, thing.ties) = (true, value, number, refs, BTreeSet::new());
        self.tell(at, Changed::Whole, Op::Put);
        Some(())
    }

    fn a_part_of(&mut self, thing: usize) -> Option<usize> {
        let taken = self.children(Some(thing), Kind::Part);
        let free = FEW_NAMES.iter().filter(|name| taken.iter().all(|part| *self.things[*part].name != ***name));
        let free: Vec<&str> = free.copied().collect();
        let name = self.dice.pick(&free).copied().filter(|_| self.things.len() < PARTS_MAX)?;
        let key = format!("C{}{name}", self.things[thing].key);
        Some(self.add(Kind::Part, key, None, name.into(), Some(thing)))
    }

    fn new_part(&mut self) -> Option<()> {
        let thing = self.a_thing()?;
        let part = self.a_part_of(thing)?;
        self.tell(part, Changed::Whole, Op::Put);
        Some(())
    }

    fn update_part(&mut self) -> Option<()> {
        let parts = self.live(Kind::Part);
        let part = self.dice.pick(&parts).copied()?;
        self.things[part].number = self.number();
        self.tell(part, Changed::Whole, Op::Put);
        Some(())
    }

    fn delete_part(&mut self) -> Option<()> {
        let parts = self.live(Kind::Part);
        let part = self.dice.pick(&parts).copied()?;
        self.things[part].alive = false;
        self.tell(part, Changed::Whole, Op::Delete);
        Some(())
    }

    /// A thing states its parts, one more or one fewer or as they are.
    fn list_parts(&mut self) -> Option<()> {
        let thing = self.a_thing()?;
        let parts = self.children(Some(thing), Kind::Part);
        let way = self.dice.below(10);
        if way < 4 && parts.len() > 1 {
            let gone = self.dice.one_of(&parts);
            self.things[gone].alive = false;
        } else if (4..8).contains(&way) {
            self.a_part_of(thing)?;
        }
        // A list of none states nothing.
        if self.children(Some(thing), Kind::Part).is_empty() {
            return None;
        }
        self.tell(thing, Changed::Whole, Op::Put);
        Some(())
    }
}
