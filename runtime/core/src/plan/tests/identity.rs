//! §7.3: which row is meant.

use serde_json::json;

use super::world::{World, guid, object, page, to, under, with, x};
use crate::failure::Code;
use crate::grants::WriteGrant;
use crate::key::Key;
use crate::mark::brings_guid;
use crate::task::TaskType;

use TaskType::{CreateDocument, CreateObject, MoveDocument, UpdateDocument, UpdateObject};

#[test]
fn found_by_its_guid_an_object_takes_name_and_place_and_stays_one() {
    let mut world = World::new();
    for (n, name) in [(1, "top"), (2, "side")] {
        world.put(CreateObject, &object("t.tree", n, name, &json!({})));
    }
    world.put(CreateObject, &with(object("t.tree", 3, "leaf", &json!({})), "parent", json!("top")));
    world.put(CreateObject, &with(object("t.tree", 4, "deep", &json!({})), "parent", json!("leaf")));
    let id = world.object("leaf").id;
    world.put(UpdateObject, &with(object("t.tree", 3, "twig", &json!({})), "parent", json!("side")));
    assert_eq!(world.object("twig").id, id);
    assert!(world.lines().contains(&"t.tree side/twig/deep #4".to_owned()), "its children move with it: {:#?}", world.lines());
    // Without a parent it is one of the top.
    world.put(UpdateObject, &object("t.tree", 3, "twig", &json!({})));
    assert!(world.lines().contains(&"t.tree twig #3".to_owned()));
}

#[test]
fn what_belongs_to_the_site_of_an_object_moves_to_another_site_with_it() {
    let mut world = World::new();
    let s = |site: &str| with(object("t.s", 1, "s", &json!({})), "site", json!(site));
    let children = json!([{"type": "t.sc", "code_name": "k", "fields": {}}]);
    world.put(CreateObject, &with(s("main"), "children", children.clone()));
    world.put(UpdateObject, &with(s("other"), "children", children));
    assert_eq!(world.lines(), ["t.s other:s #1", "t.sc other:other:s/k"]);
}

#[test]
fn a_move_needs_a_grant_where_it_was_and_where_it_will_be() {
    let mut world = World::new();
    let mut grant = WriteGrant::everything();
    grant.sites = (vec!["main".parse().unwrap()], vec!["main".parse().unwrap()]);
    world.grants.insert("b".to_owned(), grant);
    let s = |site: &str| with(object("t.s", 1, "s", &json!({})), "site", json!(site));
    world.put(CreateObject, &s("other"));
    for (stored, wanted) in [("other", "main"), ("main", "other")] {
        world.put(UpdateObject, &s(stored));
        let made = world.make_for("b", UpdateObject, crate::task::DataType::Snapshot, &s(wanted));
        assert!(
            matches!(world.run(&made), Err(crate::plan::Stop::Fail(failure)) if failure.code == Code::WriteDenied),
            "{stored} to {wanted}"
        );
    }
}

/// A new user with a former user's name took over the old row.
#[test]
fn a_name_with_another_given_guid_is_taken() {
    let mut world = World::new();
    world.put(CreateObject, &with(x(1, "tea", &json!({})), "display_name", json!("Tea")));
    let unmet = world.waits(CreateObject, &x(2, "tea", &json!({})));
    assert_eq!(unmet.failure.code, Code::NameTaken);
    assert!(unmet.failure.message.contains("another object, t.x 'Tea' (tea)"), "{}", unmet.failure.message);
    let held = world.object("tea");
    assert!(unmet.helpers.contains(&brings_guid(&held.object_type, guid(1))));
    // It is woken when the name becomes free, by a rename or a delete.
    let free = world.make(UpdateObject, &x(1, "chai", &json!({})));
    let planned = world.plan(&free).unwrap();
    assert!(planned.changes.iter().flat_map(|change| change.wakes(&world.model)).any(|mark| mark == unmet.wants[0].mark));
    // Renaming onto it is the same.
    world.put(CreateObject, &x(2, "other", &json!({})));
    assert_eq!(world.waits(UpdateObject, &x(2, "tea", &json!({}))).failure.code, Code::NameTaken);
    assert_eq!(world.lines(), ["t.x other #2", "t.x tea #1"]);
}

#[test]
fn a_guid_that_the_store_made_up_gives_way_to_a_stated_one() {
    let mut world = World::new();
    world.put(CreateObject, &x(0, "a", &json!({})));
    let id = world.object("a").id;
    world.put(UpdateObject, &x(7, "a", &json!({})));
    assert_eq!((world.object("a").id, world.object("a").guid), (id, guid(7)));
    // By its name alone it is still found.
    world.put(UpdateObject, &x(0, "a", &json!({"x": "1"})));
    assert_eq!(world.lines(), ["t.x a #7 x=1"]);
}

#[test]
fn a_taken_value_says_whose_it_is() {
    let mut world = World::new();
    world.put(CreateObject, &with(x(1, "tea", &json!({"u": "1"})), "display_name", json!("Tea")));
    let unmet = world.waits(CreateObject, &x(2, "b", &json!({"u": "1"})));
    assert_eq!((unmet.failure.code, unmet.failure.path.as_deref()), (Code::ValueTaken, Some("u")));
    assert_eq!(&*unmet.failure.message, "field u is unique, and another object, t.x 'Tea' (tea), has this u");
    // A value that one task gives to two rows is its own fault: nobody else can free it.
}

#[test]
fn children_may_swap_values_within_their_task() {
    let mut world = World::new();
    let list = |one: &str, two: &str| {
        let child = |name: &str, other: &str| json!({"type": "t.c", "code_name": name, "fields": {"o": to(&format!("a|{other}"))}});
        with(x(1, "a", &json!({})), "children", json!([child("one", one), child("two", two)]))
    };
    world.put(CreateObject, &list("two", "one"));
    world.put(UpdateObject, &list("one", "two"));
    assert_eq!(world.lines(), ["t.c a/one o=a/one", "t.c a/two o=a/two", "t.x a #1"]);
}

#[test]
fn a_tree_of_objects_has_no_circle_and_says_who_lies_where() {
    let mut world = World::new();
    world.put(CreateObject, &object("t.tree", 1, "top", &json!({})));
    world.put(CreateObject, &with(object("t.tree", 2, "leaf", &json!({})), "parent", json!("top")));
    let unmet = world.waits(UpdateObject, &with(object("t.tree", 1, "top", &json!({})), "parent", json!("leaf")));
    assert_eq!(unmet.failure.code, Code::Cycle);
    let ids = [world.object("top").id, world.object("leaf").id].map(|id| Key::from(crate::key::ObjectKey::Id(id)).mark());
    assert!(ids.iter().all(|id| unmet.wants.iter().any(|want| want.mark == *id)), "{:#?}", unmet.wants);
}

#[test]
fn a_page_is_its_guid_else_its_path_and_a_taken_path_waits() {
    let mut world = World::new();
    world.put(CreateDocument, &page(1, "a", &json!("root")));
    let unmet = world.waits(CreateDocument, &page(2, "a", &json!("root")));
    assert_eq!(unmet.failure.code, Code::PathTaken);
    assert!(unmet.failure.message.contains("page /a of site main"), "{}", unmet.failure.message);
    // A page that was stored without a GUID takes the one that is stated.
    world.put(CreateDocument, &page(0, "b", &json!("root")));
    let id = world.page("b").id;
    world.put(UpdateDocument, &page(5, "b", &json!("root")));
    assert_eq!((world.page("b").id, world.page("b").guid), (id, guid(5)));
    // Found by its GUID it goes where the task says.
    world.put(UpdateDocument, &page(5, "c", &under(1)));
    assert!(world.lines().contains(&"t.page /a/c #5 en-US".to_owned()), "{:#?}", world.lines());
}

/// A page whose parent exists in another culture only failed.
#[test]
fn a_parent_page_is_found_whatever_its_cultures() {
    let mut world = World::new();
    world.put(CreateDocument, &with(page(1, "a", &json!("root")), "culture", json!("cs-CZ")));
    world.put(CreateDocument, &page(2, "b", &json!({"external": "p1", "class_name": "t.page"})));
    let unmet = world.waits(CreateDocument, &page(3, "c", &json!({"external": "p9", "class_name": "t.page"})));
    assert_eq!((unmet.failure.code, unmet.wants.len()), (Code::ParentMissing, 1));
    let unmet = world.waits(CreateDocument, &page(3, "c", &json!({"path": "/a/x"})));
    assert_eq!(unmet.wants.last().map(|want| &*want.what), Some("page /a/x of site main"));
}

#[test]
fn a_move_of_what_is_not_there_or_below_itself_waits() {
    let mut world = World::new();
    assert_eq!(world.waits(MoveDocument, &page(1, "a", &json!("root"))).failure.code, Code::PageMissing);
    world.put(CreateDocument, &page(1, "a", &json!("root")));
    world.put(CreateDocument, &page(2, "b", &under(1)));
    let unmet = world.waits(MoveDocument, &page(1, "a", &under(2)));
    assert_eq!((unmet.failure.code, unmet.wants.len()), (Code::Cycle, 2));
}

#[test]
fn a_denied_place_waits_for_who_lies_above_and_a_denied_site_fails() {
    let mut world = World::new();
    let mut grant = WriteGrant::everything();
    grant.pages = (vec!["/news".parse().unwrap()], vec!["/news".parse().unwrap()]);
    world.grants.insert("b".to_owned(), grant);
    world.put(CreateDocument, &page(1, "a", &json!("root")));
    let made = world.make_for("b", CreateDocument, crate::task::DataType::Snapshot, &page(2, "x", &under(1)));
    let Err(crate::plan::Stop::Unmet(unmet)) = world.plan(&made) else { panic!("it is denied by place") };
    assert_eq!((unmet.failure.code, unmet.wants.len()), (Code::WriteDenied, 1));
    world.put(UpdateDocument, &page(1, "news", &json!("root")));
    world.run(&made).unwrap();
    let made = world.make_for("b", CreateDocument, crate::task::DataType::Snapshot, &page(3, "y", &json!("root")));
    assert!(matches!(world.plan(&made), Err(crate::plan::Stop::Fail(failure)) if failure.code == Code::WriteDenied));
}
