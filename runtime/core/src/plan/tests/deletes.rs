//! §5: what a delete takes along, what refuses it, and what it leaves behind.

use serde_json::json;

use super::world::{World, guid, object, page, to, under, with, x};
use crate::failure::{Class, Code};
use crate::history::Action;
use crate::key::{Key, PageKey, ReferrersOf};
use crate::mark::brings_guid;
use crate::rows::Target;
use crate::task::{DataType, TaskType};

use TaskType::{CreateDocument, CreateObject, DeleteAllCultures, DeleteDocument, DeleteObject, UpdateObject};

#[test]
fn a_delete_that_names_a_guid_deletes_no_row_that_was_given_another() {
    let mut world = World::new();
    world.put(CreateObject, &x(1, "a", &json!({})));
    let planned = world.put(DeleteObject, &x(2, "a", &json!({})));
    assert_eq!(planned.written[0].action, Action::Absent);
    world.put(CreateDocument, &page(1, "p", &json!("root")));
    world.put(DeleteDocument, &page(2, "p", &json!("root")));
    assert_eq!(world.lines().len(), 2);
    // One that the store gave its GUID is meant by its name.
    world.put(CreateObject, &x(0, "b", &json!({})));
    world.put(DeleteObject, &x(3, "b", &json!({})));
    // By its GUID wherever it is, whatever its name.
    world.put(DeleteObject, &x(1, "other", &json!({})));
    assert_eq!(world.lines(), ["t.page /p #1 en-US"]);
}

#[test]
fn a_required_reference_refuses_it_and_says_whose_it_is() {
    let mut world = World::new();
    world.put(CreateObject, &x(1, "a", &json!({})));
    world.put(CreateObject, &x(2, "b", &json!({"r": to("#1")})));
    let unmet = world.waits(DeleteObject, &x(1, "a", &json!({})));
    assert_eq!((unmet.failure.code, unmet.failure.path.as_deref()), (Code::StillReferenced, Some("r")));
    assert_eq!(&*unmet.failure.message, "t.x 'b' needs t.x 'a' in its field r");
    let target = world.object("a");
    assert_eq!(unmet.wants[0].mark, Key::from(ReferrersOf(Target::Object(target.id))).mark());
    assert!(unmet.helpers.contains(&brings_guid(&target.object_type, guid(2))), "who points to it");
    // It is woken when that points elsewhere.
    let made = world.make(UpdateObject, &x(2, "b", &json!({"r": null})));
    let planned = world.plan(&made).unwrap();
    assert!(planned.changes.iter().flat_map(|change| change.wakes(&world.model)).any(|mark| mark == unmet.wants[0].mark));
    world.run(&made).unwrap();
    world.put(DeleteObject, &x(1, "a", &json!({})));
}

#[test]
fn what_its_name_finds_now_is_followed() {
    let mut world = World::new();
    world.put(CreateObject, &x(1, "a", &json!({})));
    world.put(CreateObject, &x(3, "z", &json!({"r": to("a"), "o": to("a")})));
    world.put(UpdateObject, &x(1, "old", &json!({})));
    world.put(CreateObject, &x(2, "a", &json!({})));
    // It means the row that it meant, until that goes.
    let planned = world.put(DeleteObject, &x(1, "old", &json!({})));
    assert_eq!(world.lines(), ["t.x a #2", "t.x z #3 o=a r=a"]);
    let actions: Vec<_> = planned.written.iter().map(|row| (&*row.name, row.action)).collect();
    assert_eq!(actions, [("old", Action::Deleted), ("z", Action::Updated)], "told once");
}

#[test]
fn an_optional_reference_is_cleared_and_comes_back() {
    let mut world = World::new();
    world.put(CreateObject, &x(1, "a", &json!({})));
    world.put(CreateObject, &x(2, "b", &json!({"o": to("#1")})));
    let before = world.object("b");
    let planned = world.put(DeleteObject, &x(1, "a", &json!({})));
    assert!(planned.warnings.iter().any(|warning| &*warning.code == "reference-cleared"));
    assert_eq!(world.object("b").id, before.id);
    assert_eq!(world.loose_lines(), ["b.o: t.x 'a'"], "by its name, though it was stated by its GUID");
    world.mend(&world.ends()[0].clone());
    assert_eq!(world.loose_lines(), ["b.o: t.x 'a'"]);
    world.put(CreateObject, &x(1, "a", &json!({})));
    assert_eq!(world.lines(), ["t.x a #1", "t.x b #2 o=a"]);
    // By an internal id there is no question that could be asked again.
    let id = world.object("a").id.to_string();
    let made = world.make_for("a", UpdateObject, DataType::Simple, &x(2, "b", &json!({"o": to(&id)})));
    world.run(&made).unwrap();
    world.put(DeleteObject, &x(1, "a", &json!({})));
    assert_eq!((world.lines(), world.ends()), (vec!["t.x b #2".to_owned()], vec![]));
}

#[test]
fn children_and_owned_bindings_go_with_it_and_loose_ends_with_them() {
    let mut world = World::new();
    let children = json!([
        {"type": "t.c", "code_name": "c", "fields": {"o": to("a|later")}},
        {"type": "t.b", "fields": {"b": to("#2"), "o": to("#8")}},
        {"type": "t.b", "fields": {"b": to("#9")}},
    ]);
    world.put(CreateObject, &x(2, "b", &json!({})));
    world.put(CreateObject, &with(x(1, "a", &json!({"o": to("#7")})), "children", children));
    assert_eq!(world.ends().len(), 4);
    world.put(DeleteObject, &x(1, "a", &json!({})));
    assert_eq!((world.lines(), world.ends()), (vec!["t.x b #2".to_owned()], vec![]));
}

#[test]
fn a_group_with_members_is_not_deleted_unless_its_name_means_another() {
    let mut world = World::new();
    world.put(CreateObject, &x(1, "g", &json!({})));
    world.put(CreateObject, &with(object("t.m", 0, "m", &json!({})), "group", json!("g")));
    let unmet = world.waits(DeleteObject, &x(1, "g", &json!({})));
    assert_eq!((unmet.failure.code, unmet.failure.path.as_deref()), (Code::StillReferenced, Some("group")));
    world.put(UpdateObject, &x(1, "old", &json!({})));
    world.put(CreateObject, &x(2, "g", &json!({})));
    world.put(DeleteObject, &x(1, "old", &json!({})));
    assert_eq!(world.lines(), ["t.m m group=g", "t.x g #2"]);
}

#[test]
fn a_page_with_children_waits_for_them() {
    let mut world = World::new();
    world.put(CreateDocument, &page(1, "a", &json!("root")));
    for (n, alias) in [(2, "b"), (3, "c")] {
        world.put(CreateDocument, &page(n, alias, &under(1)));
    }
    let unmet = world.waits(DeleteAllCultures, &page(1, "a", &json!("root")));
    assert_eq!(unmet.failure.code, Code::PageHasChildren);
    assert_eq!(unmet.wants[0].mark, Key::from(PageKey::ChildOf(world.page("a").id)).mark());
    let any = super::super::identity::any_page().unwrap();
    assert!([2, 3].iter().all(|n| unmet.helpers.contains(&brings_guid(any, guid(*n)))));
    world.put(DeleteAllCultures, &page(2, "b", &under(1)));
    world.put(DeleteAllCultures, &page(3, "c", &under(1)));
    world.put(DeleteAllCultures, &page(1, "a", &json!("root")));
    assert_eq!(world.lines(), [""; 0]);
}

#[test]
fn a_list_that_leaves_a_child_out_deletes_it_as_any_delete_does() {
    let mut world = World::new();
    let list = |names: &[&str]| {
        let children: Vec<_> = names.iter().map(|name| json!({"type": "t.c", "code_name": name, "fields": {}})).collect();
        with(x(1, "a", &json!({})), "children", json!(children))
    };
    world.put(CreateObject, &list(&["one", "two"]));
    world.put(CreateObject, &object("t.tree", 5, "t", &json!({"c": to("a|one")})));
    world.put(UpdateObject, &list(&["two"]));
    assert_eq!(world.lines(), ["t.c a/two", "t.tree t #5", "t.x a #1"]);
    world.put(UpdateObject, &list(&["one", "two"]));
    assert!(world.lines().contains(&"t.tree t #5 c=a/one".to_owned()));
}

#[test]
fn section_7_5_a_task_that_would_delete_too_many_rows_waits_for_an_operator() {
    let mut world = World::new();
    world.deletes_max = 2;
    let list = |names: &[&str]| {
        let children: Vec<_> = names.iter().map(|name| json!({"type": "t.c", "code_name": name})).collect();
        with(x(1, "a", &json!({})), "children", json!(children))
    };
    world.put(CreateObject, &list(&["c1", "c2", "c3", "c4"]));
    world.put(UpdateObject, &list(&["c3", "c4"]));
    world.put(UpdateObject, &list(&["c3"]));
    world.put(UpdateObject, &list(&["c3", "c4"]));
    let stored = world.lines();
    let delete = x(1, "a", &json!({}));
    let unmet = world.waits(DeleteObject, &delete);
    assert_eq!(unmet.failure.code, Code::TooManyDeletes);
    assert_eq!(&*unmet.failure.message, "the task would delete 3 rows, and 2 are allowed");
    assert_eq!(unmet.failure.code.class(), Class::Moment);
    assert_eq!(world.lines(), stored);
    let mut allowed = world.make(DeleteObject, &delete);
    allowed.task.head.deletes_allowed = true;
    world.run(&allowed).unwrap();
    assert_eq!(world.lines(), [""; 0]);
}

#[test]
fn section_7_5_what_a_group_writes_again_is_not_deleted() {
    let mut world = World::new();
    world.put(CreateObject, &x(1, "a", &json!({})));
    world.deletes_max = 0;
    let group = [world.make(DeleteObject, &x(1, "a", &json!({}))), world.make(CreateObject, &x(1, "b", &json!({})))];
    world.together(&group.each_ref()).unwrap();
    assert_eq!(world.lines(), ["t.x b #1"]);
}
