//! In which orders a source's changes may arrive: each that keeps the sequence of every subject (§11).

use std::collections::{BTreeMap, BTreeSet};

use super::told::{Kind, Op, Told};
use crate::Dice;

/// Which of a history's changes keep their sequence.
pub struct Sequences(Vec<Vec<bool>>);

impl Sequences {
    /// Of a history.
    pub fn of(history: &[Told]) -> Self {
        let mut under: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for told in history {
            under.entry(&told.key).or_default().extend(told.under.iter().map(String::as_str));
        }
        // What goes along takes along what was below it, then or later.
        loop {
            let further = |above: &BTreeSet<&_>| above.iter().filter_map(|key| under.get(key)).flatten().copied().collect::<BTreeSet<_>>();
            let closed: BTreeMap<&str, BTreeSet<&str>> = under.iter().map(|(key, above)| (*key, above | &further(above))).collect();
            if closed == under {
                break;
            }
            under = closed;
        }
        let pair = |one: &Told, other: &Told| {
            if one.version.is_some() && one.version != other.version {
                return false;
            }
            one.key == other.key || same_name(one, other) || takes(one, other, &under) || takes(other, one, &under)
        };
        Self(history.iter().map(|one| history.iter().map(|other| pair(one, other)).collect()).collect())
    }

    /// Whether two keep their sequence.
    pub fn keep(&self, one: usize, other: usize) -> bool {
        self.0[one][other]
    }

    /// Of those that are left, in the source's sequence, those that may come next.
    fn next(&self, left: &[usize]) -> Vec<usize> {
        let free = |at: &usize| left.iter().take_while(|earlier| *earlier != at).all(|earlier| !self.keep(*earlier, *at));
        left.iter().copied().filter(|at| free(at)).collect()
    }

    /// One of the orders, by chance.
    pub fn shuffled(&self, dice: &mut Dice) -> Vec<usize> {
        let mut left: Vec<usize> = (0..self.0.len()).collect();
        let mut order = Vec::with_capacity(left.len());
        while let Some(&last) = self.next(&left).last() {
            // What comes last in the source comes early here more often than by chance.
            let at = if dice.below(10) < 7 { dice.one_of(&self.next(&left)) } else { last };
            left.retain(|other| *other != at);
            order.push(at);
        }
        order
    }

    /// All of them.
    pub fn all(&self) -> Vec<Vec<usize>> {
        let mut orders = Vec::new();
        self.go_on(&(0..self.0.len()).collect::<Vec<_>>(), &mut Vec::new(), &mut orders);
        orders
    }

    fn go_on(&self, left: &[usize], order: &mut Vec<usize>, orders: &mut Vec<Vec<usize>>) {
        if left.is_empty() {
            orders.push(order.clone());
        }
        for at in self.next(left) {
            let rest: Vec<usize> = left.iter().copied().filter(|other| *other != at).collect();
            order.push(at);
            self.go_on(&rest, order, orders);
            order.pop();
        }
    }
}

/// One name without a GUID is one subject.
fn same_name(one: &Told, other: &Told) -> bool {
    let things = one.kind == Kind::Thing && other.kind == Kind::Thing;
    things && one.name == other.name && !(one.guid.is_some() && other.guid.is_some())
}

/// A list of parts, and the delete of what they belong to, write all of them; so does the delete of a node with
/// whatever has ever been below it.
fn takes(one: &Told, other: &Told, under: &BTreeMap<&str, BTreeSet<&str>>) -> bool {
    match (one.kind, other.kind) {
        (Kind::Thing, Kind::Part) => (one.parts.is_some() || one.op == Op::Delete) && other.owner.as_ref() == Some(&one.key),
        // A thing and its bindings are one subject.
        (Kind::Thing, Kind::Tie) => other.owner.as_ref() == Some(&one.key),
        (Kind::Node, Kind::Node) => {
            one.op == Op::Delete && under.get(other.key.as_str()).is_some_and(|above| above.contains(one.key.as_str()))
        }
        _ => false,
    }
}

/// The same history with some changes told twice in a row.
pub fn repeated(history: Vec<Told>, dice: &mut Dice) -> Vec<Told> {
    let mut repeated = Vec::with_capacity(history.len());
    for told in history {
        let again = dice.one_in(5).then(|| told.clone());
        repeated.push(told);
        repeated.extend(again);
    }
    repeated
}
