//! Bindings: made, not made, taken away, and made again (§7.2, §11.4).

use serde_json::{Value, json};

use super::world::{World, to, with, x};
use crate::history::Action;
use crate::task::TaskType;

use TaskType::{CreateObject, DeleteObject, UpdateObject};

fn binding(a: &str, b: &str) -> Value {
    json!({"object": {"type": "t.b", "fields": {"a": to(a), "b": to(b), "note": "n"}}})
}

fn list(n: u32, name: &str, bound: &[&str]) -> Value {
    let children: Vec<Value> = bound.iter().map(|b| json!({"type": "t.b", "fields": {"b": to(b)}})).collect();
    with(x(n, name, &json!({})), "children", json!(children))
}

#[test]
fn a_binding_is_made_when_what_it_binds_is_there() {
    let mut world = World::new();
    let planned = world.put(CreateObject, &binding("#1", "#2"));
    assert_eq!(planned.warnings.len(), 1, "one warning for one binding");
    assert_eq!(
        world.loose_lines(),
        ["t.b of nobody: t.x with GUID 00000000-0000-0000-0000-000000000001, t.x with GUID 00000000-0000-0000-0000-000000000002"]
    );
    // The same again is the same.
    assert_eq!(world.put(CreateObject, &binding("#1", "#2")).changes, []);
    world.put(CreateObject, &with(x(1, "a", &json!({})), "children", json!([{"type": "t.b", "fields": {"b": to("#2")}}])));
    world.put(CreateObject, &x(2, "b", &json!({})));
    assert_eq!(world.lines(), ["t.b a=a b=b", "t.x a #1", "t.x b #2"]);
    assert_eq!(world.ends(), []);
}

#[test]
fn an_added_binding_ends_none_and_a_complete_list_those_it_does_not_state() {
    let mut world = World::new();
    world.put(CreateObject, &x(1, "a", &json!({})));
    world.put(CreateObject, &binding("#1", "#8"));
    world.put(CreateObject, &binding("#1", "#9"));
    assert_eq!(world.ends().len(), 2);
    world.put(UpdateObject, &list(1, "a", &["#9"]));
    assert_eq!(world.loose_lines(), ["t.b of a: t.x with GUID 00000000-0000-0000-0000-000000000009"]);
    world.put(CreateObject, &x(8, "x8", &json!({})));
    world.put(CreateObject, &x(9, "x9", &json!({})));
    assert_eq!(world.bindings().len(), 1, "{:#?}", world.lines());
}

/// A binding stated before its owner came waits by the owner's question.
#[test]
fn a_complete_list_ends_what_waits_for_its_owner() {
    for owner in ["a", "#1"] {
        let mut world = World::new();
        world.put(CreateObject, &x(2, "b", &json!({})));
        world.put(CreateObject, &binding(owner, "b"));
        world.put(CreateObject, &with(list(1, "a", &[]), "none_of", json!(["t.b"])));
        assert_eq!((world.bindings(), world.ends()), (vec![], vec![]), "{owner}");
    }
}

#[test]
fn a_delete_of_a_binding_ends_one_that_is_not_made() {
    let mut world = World::new();
    world.put(CreateObject, &binding("#1", "#2"));
    let planned = world.put(DeleteObject, &binding("#1", "#3"));
    assert_eq!(planned.written[0].action, Action::Absent);
    assert_eq!(world.ends().len(), 1);
    world.put(DeleteObject, &binding("#1", "#2"));
    assert_eq!(world.ends(), []);
    // Once the owner is there as well.
    world.put(CreateObject, &x(1, "a", &json!({})));
    world.put(CreateObject, &binding("#1", "#2"));
    world.put(DeleteObject, &binding("a", "#2"));
    assert_eq!(world.ends(), []);
}

#[test]
fn a_binding_is_taken_away_with_what_it_binds_and_comes_back() {
    let mut world = World::new();
    world.put(CreateObject, &x(2, "b", &json!({})));
    world.put(CreateObject, &list(1, "a", &["#2"]));
    world.put(CreateObject, &binding("#1", "#2"));
    assert_eq!(world.lines()[0], "t.b a=a b=b note=n");
    let planned = world.put(DeleteObject, &x(2, "b", &json!({})));
    assert!(planned.warnings.iter().any(|warning| &*warning.code == "binding-taken-away"));
    assert_eq!((world.lines(), world.ends().len()), (vec!["t.x a #1".to_owned()], 1));
    world.put(CreateObject, &x(2, "b2", &json!({})));
    assert_eq!(world.lines()[0], "t.b a=a b=b2 note=n", "with what it held");
    assert_eq!(world.ends(), []);
}

#[test]
fn a_binding_by_name_follows_the_name() {
    let mut world = World::new();
    world.put(CreateObject, &x(2, "b", &json!({})));
    world.put(CreateObject, &list(1, "a", &["b"]));
    world.put(UpdateObject, &x(2, "old", &json!({})));
    world.put(CreateObject, &x(3, "b", &json!({})));
    world.put(DeleteObject, &x(2, "old", &json!({})));
    assert_eq!(world.lines(), ["t.b a=a b=b", "t.x a #1", "t.x b #3"]);
    // Where there is one already, it is the same.
    world.put(CreateObject, &x(4, "c", &json!({})));
    world.put(CreateObject, &binding("a", "c"));
    world.put(UpdateObject, &x(3, "old", &json!({})));
    world.put(UpdateObject, &x(4, "b", &json!({})));
    world.put(DeleteObject, &x(3, "old", &json!({})));
    assert_eq!(world.bindings().len(), 1);
}

#[test]
fn fields_beside_what_it_binds_may_be_loose_themselves() {
    let mut world = World::new();
    world.put(CreateObject, &x(1, "a", &json!({})));
    let body = json!({"object": {"type": "t.b", "fields": {"a": to("#1"), "b": to("#2"), "o": to("#3")}}});
    world.put(CreateObject, &body);
    world.put(CreateObject, &x(2, "b", &json!({})));
    assert_eq!(world.lines()[0], "t.b a=a b=b");
    assert_eq!(world.ends().len(), 1, "{:#?}", world.loose_lines());
    world.put(CreateObject, &x(3, "c", &json!({})));
    assert_eq!(world.lines()[0], "t.b a=a b=b o=c");
    assert_eq!(world.ends(), []);
}
