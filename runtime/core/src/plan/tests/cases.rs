//! The smallest histories in which other rules end otherwise (§11, check 33): each in the order in which it goes
//! wrong. What waits is tried again, alone and then together, until nothing moves.

use serde_json::{Value, json};

use super::world::{Made, World, page, to, under, x};
use crate::plan::{Stop, lines};
use crate::task::TaskType;

use TaskType::{CreateObject, DeleteAllCultures, DeleteObject, MoveDocument, UpdateDocument};

/// Tasks of a history.
pub(super) type History = Vec<(TaskType, Value)>;

/// What a history came to.
#[derive(Debug, PartialEq)]
pub(super) struct End {
    stored: Vec<String>,
    loose: Vec<String>,
    pub(super) waiting: usize,
}

/// Runs them in this order as a bus would that is asked for little: who waits holds its subject, and all that wait
/// are tried together, cut back by those that something is open for.
pub(super) fn run(history: &History, order: &[usize]) -> End {
    let mut world = World::new();
    let made: Vec<Made> = order.iter().map(|at| world.make(history[*at].0, &history[*at].1)).collect();
    let mut waiting: Vec<Made> = Vec::new();
    for made in made {
        waiting.push(made);
        while one(&mut world, &mut waiting) || group(&mut world, &mut waiting) {}
    }
    // Where they are: in what words depends on who left them.
    let mut loose: Vec<String> = world.loose_lines().iter().filter_map(|line| line.split(':').next().map(str::to_owned)).collect();
    loose.sort();
    End { stored: world.lines(), loose, waiting: waiting.len() }
}

fn is_behind(world: &World, one: &Made, before: &Made) -> bool {
    let of = |made: &Made| lines(&made.task, &made.translated, &world.model);
    of(one).iter().any(|line| of(before).contains(&line.opposite()))
}

fn one(world: &mut World, waiting: &mut Vec<Made>) -> bool {
    for at in 0..waiting.len() {
        if waiting[..at].iter().any(|before| is_behind(world, &waiting[at], before)) {
            continue;
        }
        let made = waiting[at].clone();
        match world.run(&made) {
            Ok(_) => {
                waiting.remove(at);
                return true;
            }
            Err(Stop::Unmet(_)) => {}
            Err(stop) => panic!("{stop:?}"),
        }
    }
    false
}

fn group(world: &mut World, waiting: &mut Vec<Made>) -> bool {
    let mut members: Vec<usize> = (0..waiting.len()).collect();
    while members.len() > 1 {
        let all: Vec<Made> = members.iter().map(|at| waiting[*at].clone()).collect();
        let Err(apart) = world.together(&all.iter().collect::<Vec<_>>()) else {
            for at in members.into_iter().rev() {
                waiting.remove(at);
            }
            return true;
        };
        assert!(!apart.is_empty());
        let mut gone: Vec<usize> = Vec::new();
        members = members
            .iter()
            .enumerate()
            .filter(|(place, at)| {
                let open = apart.iter().any(|(open, _)| open == place);
                let goes = open || gone.iter().any(|before| is_behind(world, &waiting[**at], &waiting[*before]));
                if goes {
                    gone.push(**at);
                }
                !goes
            })
            .map(|(_, at)| *at)
            .collect();
    }
    false
}

fn same(what: &str, history: History, order: &[usize]) {
    let sorted: Vec<usize> = (0..history.len()).collect();
    let expected = run(&history, &sorted);
    assert_eq!(expected.waiting, 0, "{what}: in the order of the source all is done");
    assert_eq!(run(&history, order), expected, "{what}");
}

fn put(n: u32, name: &str, fields: Value) -> (TaskType, Value) {
    (CreateObject, x(n, name, &fields))
}

fn delete(n: u32, name: &str) -> (TaskType, Value) {
    (DeleteObject, x(n, name, &json!({})))
}

fn lies(n: u32, alias: &str, parent: Value) -> (TaskType, Value) {
    (UpdateDocument, page(n, alias, &parent))
}

fn moves(n: u32, alias: &str, parent: Value) -> (TaskType, Value) {
    (MoveDocument, page(n, alias, &parent))
}

#[test]
fn values_and_names_are_freed_behind_who_waits() {
    let none = || json!({});
    same("a value", vec![put(1, "a", json!({"u": "1"})), put(1, "a", json!({"u": "2"})), put(2, "b", json!({"u": "1"}))], &[2, 0, 1]);
    same("a name, by a delete", vec![put(1, "a", none()), delete(1, "a"), put(2, "a", none())], &[2, 0, 1]);
    same(
        "taken in turn",
        vec![put(1, "a", none()), put(1, "b", none()), put(2, "a", none()), put(2, "c", none()), put(3, "a", none())],
        &[4, 2, 3, 0, 1],
    );
    let swap = vec![put(1, "a", none()), put(2, "b", none()), put(1, "t", none()), put(2, "a", none()), put(1, "b", none())];
    same("a swap by way of a third", swap, &[1, 3, 0, 2, 4]);
    let back = ["a", "b", "a"].iter().flat_map(|one| [put(1, one, none()), put(2, if *one == "a" { "b" } else { "a" }, none())]).collect();
    same("swapped, and back", back, &[1, 3, 5, 0, 2, 4]);
    let ring =
        vec![put(1, "a", none()), put(2, "b", none()), put(3, "c", none()), put(1, "b", none()), put(2, "c", none()), put(3, "a", none())];
    same(
        "a ring of renames",
        ring,
        &[5, 2, 1, 4, 0, 3].map(|at: usize| {
            if at == 5 {
                2
            } else if at == 2 {
                5
            } else {
                at
            }
        }),
    );
}

#[test]
fn references_meet_what_goes_and_comes() {
    let ends_elsewhere = vec![
        put(1, "a", json!({})),
        put(2, "b", json!({})),
        put(3, "c", json!({"r": to("#1")})),
        put(3, "c", json!({"r": to("#2")})),
        delete(1, "a"),
    ];
    same("the target is gone, a later version points elsewhere", ends_elsewhere, &[0, 4, 1, 2, 3]);
    let corrected = vec![put(2, "b", json!({})), put(3, "c", json!({"r": to("#99"), "x": "1"})), put(3, "c", json!({"r": to("#2")}))];
    let sorted = run(&corrected, &[0, 1, 2]);
    assert_eq!(sorted.waiting, 0, "what never comes is corrected by the next update");
    let again = || vec![put(1, "a", json!({})), put(2, "b", json!({"o": to("#1")})), delete(1, "a"), put(1, "a", json!({}))];
    same("an optional one is cleared and comes back", again(), &[0, 2, 1, 3]);
    same("the same, the referrer last", again(), &[0, 2, 3, 1]);
    let required = vec![put(1, "a", json!({})), put(2, "b", json!({"r": to("#1")})), delete(1, "a"), put(1, "a", json!({}))];
    same("deleted and created again under a required one", required, &[0, 2, 3, 1]);
}

#[test]
fn names_are_taken_over() {
    let renamed = vec![put(1, "a", json!({})), put(2, "b", json!({"r": to("a")})), put(1, "c", json!({}))];
    same("renamed before the referrer by name", renamed, &[0, 2, 1]);
    let over = vec![put(1, "f", json!({})), delete(1, "f"), put(2, "f", json!({})), put(3, "e", json!({"r": to("f")}))];
    same("taken over after a delete, required by name", over, &[3, 0, 2, 1]);
    let late = vec![put(1, "a", json!({})), delete(1, "a"), delete(1, "a"), put(2, "a", json!({}))];
    same("a late duplicate of a delete", late, &[0, 1, 3, 2]);
}

#[test]
fn defaults_and_bindings_end_the_same() {
    let default = || put(9, "dflt", json!({}));
    same("a default", vec![default(), put(1, "a", json!({})), put(2, "b", json!({"d": to("#1")}))], &[0, 2, 1]);
    let binding = (CreateObject, json!({"object": {"type": "t.b", "fields": {"a": to("#2"), "b": to("#1")}}}));
    let list = (CreateObject, super::world::with(x(2, "b", &json!({})), "children", json!([{"type": "t.b", "fields": {"b": to("#1")}}])));
    same("a binding before what it binds", vec![put(1, "a", json!({})), list, binding], &[1, 2, 0]);
}

#[test]
fn pages_lie_under_each_other_in_turn() {
    let root = || json!("root");
    same(
        "a cycle in between",
        vec![lies(1, "a", root()), lies(2, "b", under(1)), moves(2, "b", root()), moves(1, "a", under(2))],
        &[0, 3, 1, 2],
    );
    let turn = vec![lies(1, "a", root()), lies(2, "b", root()), moves(1, "a", under(2)), moves(1, "a", root()), moves(2, "b", under(1))];
    for order in [[0, 2, 3, 1, 4], [1, 4, 0, 2, 3], [0, 1, 4, 2, 3], [1, 0, 2, 4, 3]] {
        same("A under B, later B under A", turn.clone(), &order);
    }
    let gone = |n: u32, alias: &str| (DeleteAllCultures, page(n, alias, &json!("root")));
    let tree = vec![lies(1, "a", root()), lies(2, "b", under(1)), lies(3, "c", under(2)), gone(3, "c"), gone(2, "b"), gone(1, "a")];
    for order in [[0, 5, 1, 4, 2, 3], [2, 3, 1, 4, 0, 5], [1, 2, 0, 5, 4, 3]] {
        same("a tree, deleted in any order", tree.clone(), &order);
    }
}

#[test]
fn five_in_a_ring_settle() {
    let first = (1..=5).map(|n| put(n, &format!("n{n}"), json!({"u": n.to_string()})));
    let then = (1..=5).map(|n| put(n, &format!("n{n}"), json!({"u": (n % 5 + 1).to_string()})));
    same("values", first.chain(then).collect(), &[4, 9, 3, 8, 2, 7, 1, 6, 0, 5]);
}
