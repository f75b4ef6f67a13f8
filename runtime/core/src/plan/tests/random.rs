//! Histories by chance, each in orders by chance that keep the sequence of every subject: one end for all (§11).
//!
//! `LOCKGATE_PLAN_SEEDS=n` tries so many histories; `LOCKGATE_PLAN_SEED=n` tries one and says what it is.

use serde_json::{Value, json};

use super::cases::{History, run};
use super::world::{page, to, under, with, x};
use crate::task::TaskType;

use TaskType::{CreateObject, DeleteAllCultures, DeleteObject, MoveDocument, UpdateDocument, UpdateObject};

/// Numbers by chance, the same for a seed everywhere.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % n as u64).unwrap()
    }

    fn of<T: Clone>(&mut self, all: &[T]) -> Option<T> {
        (!all.is_empty()).then(|| all[self.below(all.len())].clone())
    }
}

#[derive(Clone, Default)]
struct Thing {
    alive: bool,
    name: &'static str,
    value: Option<&'static str>,
    required: Option<usize>,
    optional: Option<usize>,
    bound: Vec<usize>,
    parent: Option<usize>,
}

/// The external application, and what it has told.
#[derive(Default)]
struct Source {
    objects: Vec<Thing>,
    pages: Vec<Thing>,
    told: History,
    /// Whose each of them is; those of one keep their sequence.
    whose: Vec<String>,
}

const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];
const VALUES: [&str; 4] = ["1", "2", "3", "4"];

impl Source {
    fn tell(&mut self, whose: String, task: (TaskType, Value)) {
        self.told.push(task);
        self.whose.push(whose);
    }

    fn alive(all: &[Thing]) -> Vec<usize> {
        (0..all.len()).filter(|at| all[*at].alive).collect()
    }

    fn free<'n>(all: &[Thing], names: &[&'n str], of: impl Fn(&Thing) -> Option<&'static str>) -> Vec<&'n str> {
        let taken: Vec<&str> = all.iter().filter(|thing| thing.alive).filter_map(of).collect();
        names.iter().filter(|name| !taken.contains(name)).copied().collect()
    }

    fn tell_object(&mut self, at: usize) {
        let thing = &self.objects[at];
        let reference = |target: Option<usize>| target.map_or(Value::Null, |target| to(&format!("#{}", target + 1)));
        let fields =
            json!({"u": thing.value, "r": reference(thing.required), "o": reference(thing.optional), "x": self.told.len().to_string()});
        let bound: Vec<Value> = thing.bound.iter().map(|b| json!({"type": "t.b", "fields": {"b": to(&format!("#{}", b + 1))}})).collect();
        let none_of = if bound.is_empty() { json!(["t.b"]) } else { json!([]) };
        let body = with(with(x(u32::try_from(at).unwrap() + 1, thing.name, &fields), "children", json!(bound)), "none_of", none_of);
        self.tell(format!("x{at}"), (if self.told.len().is_multiple_of(2) { CreateObject } else { UpdateObject }, body));
    }

    fn tell_page(&mut self, at: usize, task_type: TaskType) {
        let thing = &self.pages[at];
        let parent = thing.parent.map_or(json!("root"), |parent| under(u32::try_from(parent).unwrap() + 1));
        self.tell(format!("p{at}"), (task_type, page(u32::try_from(at).unwrap() + 1, thing.name, &parent)));
    }

    fn object_step(&mut self, dice: &mut Dice) {
        let alive = Self::alive(&self.objects);
        let names = Self::free(&self.objects, &NAMES, |thing| Some(thing.name));
        let values = Self::free(&self.objects, &VALUES, |thing| thing.value);
        let target = |dice: &mut Dice, not: usize| dice.of(&alive.iter().copied().filter(|at| *at != not).collect::<Vec<_>>());
        match (dice.below(8), dice.of(&alive)) {
            (0 | 1, _) if self.objects.len() < 4 => {
                let Some(name) = dice.of(&names) else { return };
                let new = self.objects.len();
                let thing = Thing {
                    alive: true,
                    name,
                    value: dice.of(&values),
                    required: target(dice, new),
                    optional: target(dice, new),
                    ..Thing::default()
                };
                self.objects.push(thing);
                self.tell_object(new);
            }
            (2, Some(at)) => {
                let Some(name) = dice.of(&names) else { return };
                self.objects[at].name = name;
                self.tell_object(at);
            }
            (3, Some(at)) => {
                let Some(other) = target(dice, at) else { return };
                let (one, two) = (self.objects[at].clone(), self.objects[other].clone());
                (self.objects[at].name, self.objects[other].name) = (two.name, one.name);
                (self.objects[at].value, self.objects[other].value) = (two.value, one.value);
                self.tell_object(at);
                self.tell_object(other);
            }
            (4 | 5, Some(at)) => {
                let (required, optional) = (target(dice, at), target(dice, at));
                let bound = alive.iter().copied().filter(|other| *other != at && dice.below(2) == 0).collect();
                self.objects[at] = Thing { required, optional, bound, ..self.objects[at].clone() };
                self.tell_object(at);
            }
            (6, Some(at)) => {
                if alive.iter().any(|other| *other != at && self.objects[*other].required == Some(at)) {
                    return;
                }
                self.objects[at].alive = false;
                self.tell(format!("x{at}"), (DeleteObject, x(u32::try_from(at).unwrap() + 1, self.objects[at].name, &json!({}))));
                for thing in &mut self.objects {
                    thing.optional = thing.optional.filter(|target| *target != at);
                    thing.bound.retain(|target| *target != at);
                }
            }
            (7, _) => {
                let dead: Vec<usize> = (0..self.objects.len()).filter(|at| !self.objects[*at].alive).collect();
                let (Some(at), Some(name)) = (dice.of(&dead), dice.of(&names)) else { return };
                let (required, optional) = (target(dice, at), target(dice, at));
                self.objects[at] = Thing { alive: true, name, value: dice.of(&values), required, optional, ..Thing::default() };
                self.tell_object(at);
            }
            _ => {}
        }
    }

    fn page_step(&mut self, dice: &mut Dice) {
        let alive = Self::alive(&self.pages);
        let below = |pages: &[Thing], mut at: Option<usize>, top: usize| {
            while let Some(page) = at {
                if page == top {
                    return true;
                }
                at = pages[page].parent;
            }
            false
        };
        let is_free = |pages: &[Thing], at: usize, parent: Option<usize>, name: &str| {
            !alive.iter().any(|other| *other != at && pages[*other].parent == parent && pages[*other].name == name)
        };
        let parent = if dice.below(3) == 0 { None } else { dice.of(&alive) };
        match (dice.below(5), dice.of(&alive)) {
            (0 | 1, _) if self.pages.len() < 4 => {
                let Some(name) = dice.of(&NAMES[..3]).filter(|name| is_free(&self.pages, 99, parent, name)) else { return };
                self.pages.push(Thing { alive: true, name, parent, ..Thing::default() });
                self.tell_page(self.pages.len() - 1, UpdateDocument);
            }
            (2, Some(at)) if !below(&self.pages, parent, at) && is_free(&self.pages, at, parent, self.pages[at].name) => {
                self.pages[at].parent = parent;
                self.tell_page(at, MoveDocument);
            }
            (3, Some(at)) => {
                let Some(name) = dice.of(&NAMES[..3]).filter(|name| is_free(&self.pages, at, self.pages[at].parent, name)) else { return };
                self.pages[at].name = name;
                self.tell_page(at, UpdateDocument);
            }
            (4, Some(at)) if !alive.iter().any(|other| self.pages[*other].parent == Some(at)) => {
                self.pages[at].alive = false;
                self.tell_page(at, DeleteAllCultures);
            }
            _ => {}
        }
    }
}

fn history(seed: u64) -> Source {
    let mut dice = Dice(seed);
    let mut source = Source::default();
    let (length, pages) = (3 + dice.below(6), dice.below(3) == 0);
    for _ in 0..60 {
        if source.told.len() >= length {
            break;
        }
        if pages { source.page_step(&mut dice) } else { source.object_step(&mut dice) }
    }
    source
}

/// An order that keeps the sequence of each subject.
fn order(source: &Source, dice: &mut Dice) -> Vec<usize> {
    let mut left: Vec<usize> = (0..source.told.len()).collect();
    let mut order = Vec::new();
    while !left.is_empty() {
        let first: Vec<usize> = left
            .iter()
            .copied()
            .filter(|at| !left.iter().any(|before| before < at && source.whose[*before] == source.whose[*at]))
            .collect();
        let next = if dice.below(3) == 0 { first[first.len() - 1] } else { dice.of(&first).unwrap() };
        left.retain(|at| *at != next);
        order.push(next);
    }
    order
}

const SEEDS: u64 = 300;

#[test]
fn every_order_ends_as_the_sorted_history_does() {
    for seed in 0..SEEDS {
        let source = history(seed);
        let mut dice = Dice(seed ^ 0xabcd);
        let sorted: Vec<usize> = (0..source.told.len()).collect();
        let expected = run(&source.told, &sorted);
        let told =
            || source.told.iter().enumerate().map(|(at, (task_type, body))| format!("#{at} {task_type} {body}\n")).collect::<String>();
        assert_eq!(expected.waiting, 0, "seed {seed}: the sorted history waits\n{}", told());
        for _ in 0..3 {
            let order = order(&source, &mut dice);
            let found = run(&source.told, &order);
            assert!(found == expected, "seed {seed}, order {order:?}\n{}\n{found:#?}\nsorted: {expected:#?}", told());
        }
    }
}
