//! §7.2: what a reference means, and what becomes of one that means nothing.

use serde_json::json;

use super::world::{World, object, to, with, x};
use crate::failure::Code;
use crate::mark::{brings_guid, brings_name};
use crate::rows::{Stated, StatedObject};
use crate::task::{DataType, TaskType};

use TaskType::{CreateObject, DeleteObject, UpdateObject};

#[test]
fn a_reference_keeps_its_question_also_when_it_resolves() {
    let mut world = World::new();
    world.put(CreateObject, &x(1, "a", &json!({})));
    world.put(CreateObject, &x(2, "b", &json!({"o": to("a")})));
    let row = world.object("b");
    let link = row.links.values().next().unwrap();
    assert!(matches!(&*link.stated, Stated::Object(StatedObject::Named { name, .. }) if name.as_str() == "a"));
    assert_eq!((&*link.external, link.by.as_str(), link.loose), ("a", "a", None));
    // An internal id has none.
    let id = world.object("a").id.to_string();
    let made = world.make_for("a", UpdateObject, DataType::Simple, &x(2, "b", &json!({"o": to(&id)})));
    world.run(&made).unwrap();
    assert!(world.object("b").links.is_empty());
}

#[test]
fn the_same_stated_again_changes_nothing() {
    let mut world = World::new();
    world.put(CreateObject, &x(1, "a", &json!({})));
    for body in [x(2, "b", &json!({"o": to("a")})), x(3, "c", &json!({"o": to("?"), "r": to("#1")}))] {
        world.put(CreateObject, &body);
        assert_eq!(world.put(UpdateObject, &body).changes, []);
    }
    // Nor does a loose end that is left again.
    world.put(CreateObject, &x(4, "d", &json!({"o": to("later")})));
    assert_eq!(world.put(UpdateObject, &x(4, "d", &json!({"o": to("later")}))).changes, []);
    assert_eq!(world.ends().len(), 1);
}

#[test]
fn by_guid_no_name_matters() {
    let mut world = World::new();
    world.put(CreateObject, &x(1, "a", &json!({})));
    world.put(UpdateObject, &x(1, "other", &json!({})));
    world.put(CreateObject, &x(2, "b", &json!({"r": to("#1")})));
    assert!(world.lines().contains(&"t.x b #2 r=other".to_owned()), "{:#?}", world.lines());
}

/// The answer without a parent depended on what was stored just then.
#[test]
fn without_a_parent_means_without_one_or_is_refused() {
    let mut world = World::new();
    world.put(CreateObject, &x(0, "a", &json!({})));
    world.put(CreateObject, &with(object("t.c", 0, "c", &json!({})), "parent", json!("a")));
    let failure = world.fails(CreateObject, &with(object("t.c", 0, "k", &json!({"o": to("c")})), "parent", json!("a")));
    assert_eq!(failure.code, Code::BadOutput);
    assert!(failure.message.contains("answer with its parent or its GUID"), "{failure}");
    world.put(CreateObject, &with(object("t.c", 0, "k", &json!({"o": to("a|c")})), "parent", json!("a")));
}

#[test]
fn names_are_looked_for_within_what_they_are_unique_in() {
    let mut world = World::new();
    world.put(CreateObject, &object("t.tree", 1, "top", &json!({})));
    // `unique_within = "site"`: the parent does not matter.
    world.put(CreateObject, &with(object("t.tree", 2, "leaf", &json!({})), "parent", json!("top")));
    world.put(CreateObject, &with(object("t.tree", 3, "more", &json!({})), "parent", json!("leaf")));
    assert!(world.lines().contains(&"t.tree top/leaf/more #3".to_owned()), "{:#?}", world.lines());
    // `"all"`: nor does the site.
    world.put(CreateObject, &with(object("t.s", 0, "s", &json!({})), "site", json!("other")));
    world.put(CreateObject, &with(object("t.sc", 0, "k", &json!({})), "parent", json!("s")));
    assert!(world.lines().contains(&"t.sc main:other:s/k".to_owned()), "{:#?}", world.lines());
}

#[test]
fn a_former_name_means_the_one_that_had_it_until_another_takes_it() {
    let mut world = World::new();
    world.put(CreateObject, &x(1, "a", &json!({})));
    world.put(UpdateObject, &x(1, "c", &json!({})));
    world.put(CreateObject, &x(2, "b", &json!({"r": to("a")})));
    assert!(world.lines().contains(&"t.x b #2 r=c".to_owned()));
    // What was written is not moved by the name: the next that states it means the new one.
    world.put(CreateObject, &x(3, "a", &json!({})));
    assert!(world.lines().contains(&"t.x b #2 r=c".to_owned()));
    world.put(UpdateObject, &x(2, "b", &json!({"r": to("a")})));
    assert!(world.lines().contains(&"t.x b #2 r=a".to_owned()));
    // The name is kept through a delete, for when its holder comes back.
    world.put(UpdateObject, &x(2, "b", &json!({"r": null})));
    world.put(DeleteObject, &x(3, "a", &json!({})));
    let unmet = world.waits(UpdateObject, &x(2, "b", &json!({"r": to("a")})));
    assert_eq!(unmet.wants.len(), 2, "the name, and its former holder: {unmet:?}");
    let t_x = world.object("b").object_type.clone();
    assert_eq!(unmet.helpers.len(), 2);
    for helper in [brings_name(&t_x, "a"), brings_guid(&t_x, super::world::guid(3))] {
        assert!(unmet.helpers.contains(&helper));
    }
    world.put(CreateObject, &x(3, "z", &json!({})));
    world.put(UpdateObject, &x(2, "b", &json!({"r": to("a")})));
    assert!(world.lines().contains(&"t.x b #2 r=z".to_owned()));
}

/// A row that takes the name in the same task is meant, not the one that left it.
#[test]
fn a_former_name_that_the_task_itself_takes_means_the_task() {
    let mut world = World::new();
    world.put(CreateObject, &x(1, "a", &json!({})));
    world.put(UpdateObject, &x(1, "c", &json!({})));
    let planned = world.put(CreateObject, &x(2, "a", &json!({"r": to("a")})));
    assert!(world.lines().contains(&"t.x a #2 r=a".to_owned()), "{:#?}", world.lines());
    assert_eq!(planned.changes.len(), 1, "written once");
}

#[test]
fn a_required_one_waits_and_says_for_what() {
    let mut world = World::new();
    let unmet = world.waits(CreateObject, &x(2, "b", &json!({"r": to("a"), "u": "1"})));
    assert_eq!(unmet.failure.code, Code::UnresolvedReference);
    assert_eq!(unmet.failure.path.as_deref(), Some("r"));
    let [want] = unmet.wants.as_slice() else { panic!("{unmet:?}") };
    assert_eq!((&*want.what, want.external.as_deref()), ("t.x 'a'", Some("a")));
    // What arrives touches it, and what it would touch is known.
    let made = world.make(CreateObject, &x(1, "a", &json!({})));
    let planned = world.plan(&made).unwrap();
    let woken: Vec<_> = planned.changes.iter().flat_map(|change| change.wakes(&world.model)).collect();
    assert!(woken.contains(&want.mark));
    assert!(!unmet.would.is_empty());
    assert_eq!(world.lines(), [""; 0]);
}

#[test]
fn everything_that_is_open_is_told_at_once() {
    let mut world = World::new();
    world.put(CreateObject, &x(1, "a", &json!({"u": "1"})));
    let unmet = world.waits(CreateObject, &x(2, "a", &json!({"u": "1", "r": to("#9"), "d": to("z")})));
    assert_eq!(unmet.wants.len(), 6, "{:#?}", unmet.wants);
}

#[test]
fn a_chain_waits_for_its_parent_while_that_is_missing() {
    let mut world = World::new();
    let body = with(object("t.c", 0, "c", &json!({"o": to("n|k")})), "parent", json!("a"));
    let unmet = world.waits(CreateObject, &body);
    assert_eq!(unmet.failure.path.as_deref(), Some("parent"));
    world.put(CreateObject, &x(0, "a", &json!({})));
    world.put(CreateObject, &body);
    assert_eq!(world.loose_lines(), ["a/c.o: t.x 'n'"]);
    world.put(CreateObject, &x(0, "n", &json!({})));
    assert_eq!(world.loose_lines(), ["a/c.o: t.x 'n', t.c 'k' under t.x 'n'"]);
}

#[test]
fn what_the_connector_does_not_know_is_the_tasks_own_fault() {
    let mut world = World::new();
    let failure = world.fails(CreateObject, &x(2, "b", &json!({"r": to("?")})));
    assert_eq!(failure.code, Code::UnresolvedReference);
    let planned = world.put(CreateObject, &x(2, "b", &json!({"o": to("?")})));
    assert_eq!((planned.warnings.len(), world.ends().len()), (1, 0), "there is nothing that could come");
}

#[test]
fn rows_of_the_task_are_found_by_it_in_any_order() {
    let mut world = World::new();
    // Itself, by a name that nobody had.
    world.put(CreateObject, &x(1, "a", &json!({"r": to("a"), "o": to("#1")})));
    // A child before the one it points to.
    let children = json!([
        {"type": "t.c", "code_name": "one", "fields": {"o": to("a|two")}},
        {"type": "t.c", "code_name": "two", "fields": {}},
        {"type": "t.b", "fields": {"b": to("#1")}},
    ]);
    let planned = world.put(UpdateObject, &with(x(1, "a", &json!({})), "children", children));
    assert_eq!(world.lines(), ["t.b a=a b=a", "t.c a/one o=a/two", "t.c a/two", "t.x a #1 o=a r=a"]);
    assert_eq!(planned.changes.len(), 3, "each row is written once");
    assert_eq!(world.ends(), []);
}
