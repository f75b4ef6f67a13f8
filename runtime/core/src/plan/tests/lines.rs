//! §11.5: whom a task may not overtake, and what it would bring.

use serde_json::{Value, json};

use super::world::{Made, World, guid, object, page, to, under, with, x};
use crate::mark::{brings_guid, brings_name};
use crate::park::{Line, LineKind};
use crate::plan::{brings, lines};
use crate::task::{DataType, TaskType};

use TaskType::{CreateDocument, CreateObject, DeleteDocument, DeleteObject, UpdateObject};

fn of(world: &mut World, task_type: TaskType, body: &Value) -> Vec<Line> {
    let made = world.make(task_type, body);
    lines(&made.task, &made.translated, &world.model)
}

/// Whether the later of two may not overtake the earlier.
fn waits(one: &[Line], other: &[Line]) -> bool {
    one.iter().any(|line| other.contains(&line.opposite()))
}

#[test]
fn a_subject_is_a_given_guid_else_type_scope_and_name() {
    let mut world = World::new();
    let mut of = |body: &Value| of(&mut world, CreateObject, body);
    let [one, renamed, other, unnamed, same] =
        [x(1, "a", &json!({})), x(1, "b", &json!({})), x(2, "a", &json!({})), x(0, "a", &json!({})), x(0, "A ", &json!({}))]
            .map(|body| of(&body));
    assert!(waits(&one, &renamed) && waits(&unnamed, &same));
    assert!(!waits(&one, &other) && !waits(&one, &unnamed));
    // Within what its names are unique.
    let tree = |parent: Value| with(object("t.tree", 0, "leaf", &json!({})), "parent", parent);
    assert!(waits(&of(&tree(json!("a"))), &of(&tree(json!("b")))), "in the site, under whatever parent");
    let child = |parent: &str| with(object("t.c", 0, "c", &json!({})), "parent", json!(parent));
    assert!(waits(&of(&child("a")), &of(&child("a"))));
    assert!(!waits(&of(&child("a")), &of(&child("b"))));
}

#[test]
fn what_the_submission_states_is_a_line_too() {
    let mut world = World::new();
    let mut made = world.make(CreateObject, &x(1, "a", &json!({})));
    made.task.head.subject = Some("7".into());
    assert!(lines(&made.task, &made.translated, &world.model).contains(&Line::submitted("7")));
}

#[test]
fn a_list_and_its_children_wait_for_each_other() {
    let mut world = World::new();
    for parent in ["a", "#1"] {
        let child = of(&mut world, CreateObject, &with(object("t.c", 0, "c", &json!({})), "parent", json!(parent)));
        let stated = with(x(1, "a", &json!({})), "none_of", json!(["t.c"]));
        let list = of(&mut world, UpdateObject, &stated);
        assert!(waits(&list, &child) && waits(&child, &list), "{parent}: whether by GUID or by name");
        assert!(!waits(&child, &of(&mut world, UpdateObject, &x(1, "a", &json!({})))), "{parent}: it says nothing of them");
        let made = world.make_for("a", UpdateObject, DataType::SimpleSnapshot, &stated);
        assert!(!waits(&child, &lines(&made.task, &made.translated, &world.model)), "it states no list");
        let delete = of(&mut world, DeleteObject, &x(1, "a", &json!({})));
        assert!(waits(&delete, &child) && waits(&child, &delete));
        let other = of(&mut world, UpdateObject, &with(x(2, "b", &json!({})), "none_of", json!(["t.c"])));
        assert!(!waits(&other, &child));
    }
}

#[test]
fn a_delete_takes_all_that_is_below_along() {
    let mut world = World::new();
    let deep = of(&mut world, CreateObject, &with(object("t.tree", 9, "d", &json!({})), "parent", json!("a|b|c")));
    for name in ["a", "b", "c"] {
        let delete = of(&mut world, DeleteObject, &object("t.tree", 0, name, &json!({})));
        assert!(waits(&delete, &deep), "{name}");
    }
    assert!(!waits(&of(&mut world, DeleteObject, &object("t.tree", 0, "x", &json!({}))), &deep));
}

#[test]
fn a_binding_belongs_to_its_owner() {
    let mut world = World::new();
    let binding = |a: &str| json!({"object": {"type": "t.b", "fields": {"a": to(a), "b": to("#2")}}});
    let [by_name, by_guid] = ["a", "#1"].map(|a| of(&mut world, CreateObject, &binding(a)));
    let owner = of(&mut world, UpdateObject, &with(x(1, "a", &json!({})), "none_of", json!(["t.b"])));
    assert!(waits(&owner, &by_name) && waits(&owner, &by_guid), "it states all of them");
    assert!(waits(&of(&mut world, DeleteObject, &binding("#1")), &by_guid));
    assert!(!waits(&of(&mut world, UpdateObject, &x(2, "b", &json!({}))), &by_guid));
}

#[test]
fn all_cultures_of_a_page_are_one_subject() {
    let mut world = World::new();
    let czech = with(page(1, "x", &json!("root")), "culture", json!("cs-CZ"));
    let [one, other] =
        [(CreateDocument, page(1, "a", &json!("root"))), (DeleteDocument, czech)].map(|(of_type, body)| of(&mut world, of_type, &body));
    assert!(waits(&one, &other));
    let by_path = |body: Value| of(&mut World::new(), CreateDocument, &body);
    assert!(waits(&by_path(page(0, "a", &under(3))), &by_path(page(0, "A", &json!({"external": "p3", "class_name": "t.page"})))));
    assert!(!waits(&by_path(page(0, "a", &under(3))), &by_path(page(0, "a", &json!("root")))));
    assert_eq!(one.iter().map(|line| line.kind).collect::<Vec<_>>(), [LineKind::Subject]);
}

#[test]
fn a_task_brings_what_it_states() {
    let mut world = World::new();
    let t_x = world.model.object_types.keys().find(|name| name.as_str() == "t.x").unwrap().clone();
    let t_c = world.model.object_types.keys().find(|name| name.as_str() == "t.c").unwrap().clone();
    let of = |made: &Made, world: &World| brings(&made.task, &made.translated, &world.model);
    let children = json!([{"type": "t.c", "code_name": "c", "fields": {}}]);
    let made = world.make(CreateObject, &with(x(1, "A", &json!({})), "children", children));
    let marks = of(&made, &world);
    for mark in [brings_guid(&t_x, guid(1)), brings_name(&t_x, "a"), brings_name(&t_c, "c")] {
        assert!(marks.contains(&mark));
    }
    let made = world.make(DeleteObject, &json!({"object": {"type": "t.b", "fields": {"a": to("#1"), "b": to("#2")}}}));
    assert!(of(&made, &world).contains(&brings_guid(&t_x, guid(1))), "a binding, its owner");
    let made = world.make(CreateDocument, &page(4, "a", &json!("root")));
    let any = super::super::identity::any_page().unwrap();
    assert!(of(&made, &world).contains(&brings_guid(any, guid(4))) && of(&made, &world).contains(&brings_name(any, "a")));
}
