//! §11.6: tasks planned together, and judged only at the end.

use serde_json::{Value, json};

use super::world::{Made, World, object, page, to, under, with, x};
use crate::failure::Code;
use crate::grants::WriteGrant;
use crate::history::Action;
use crate::plan::Stop;
use crate::task::{DataType, TaskType};

use TaskType::{CreateDocument, CreateObject, DeleteAllCultures, DeleteObject, MoveDocument, UpdateObject};

fn all(world: &mut World, tasks: &[(TaskType, Value)]) -> Vec<Made> {
    tasks.iter().map(|(task_type, body)| world.make(*task_type, body)).collect()
}

/// Carries these out together.
fn hold(world: &mut World, tasks: &[(TaskType, Value)]) {
    let made = all(world, tasks);
    world.together(&made.iter().collect::<Vec<_>>()).unwrap_or_else(|apart| panic!("{apart:#?}"));
}

/// Which members something is open for, and what.
fn apart(world: &mut World, tasks: &[(TaskType, Value)]) -> Vec<(usize, Code)> {
    let before = (world.lines(), world.loose_lines());
    let made = all(world, tasks);
    let apart = world.together(&made.iter().collect::<Vec<_>>()).unwrap_err();
    assert_eq!((world.lines(), world.loose_lines()), before, "nothing is half done");
    let code = |stop: &Stop| match stop {
        Stop::Fail(failure) => failure.code,
        Stop::Unmet(unmet) => unmet.failure.code,
        stop => panic!("{stop:?}"),
    };
    apart.iter().map(|(at, stop)| (*at, code(stop))).collect()
}

#[test]
fn two_that_need_each_other_hold() {
    let mut world = World::new();
    hold(&mut world, &[(CreateObject, x(1, "a", &json!({"r": to("#2")}))), (CreateObject, x(2, "b", &json!({"r": to("a")})))]);
    assert_eq!(world.lines(), ["t.x a #1 r=b", "t.x b #2 r=a"]);
}

#[test]
fn names_and_values_are_swapped_and_rotated() {
    let mut world = World::new();
    for (n, name) in [(1, "a"), (2, "b"), (3, "c")] {
        world.put(CreateObject, &x(n, name, &json!({"u": name})));
    }
    let rename = |n: u32, name: &str| (UpdateObject, x(n, name, &json!({"u": name})));
    hold(&mut world, &[rename(1, "b"), rename(2, "a")]);
    assert_eq!(world.lines(), ["t.x a #2 u=a", "t.x b #1 u=b", "t.x c #3 u=c"]);
    hold(&mut world, &[rename(1, "c"), rename(2, "b"), rename(3, "a")]);
    assert_eq!(world.lines(), ["t.x a #3 u=a", "t.x b #2 u=b", "t.x c #1 u=c"]);
    // By way of a third name, and back: what is overwritten is not judged.
    hold(&mut world, &[rename(1, "b"), rename(2, "c"), rename(1, "c"), rename(2, "b")]);
    assert_eq!(world.lines(), ["t.x a #3 u=a", "t.x b #2 u=b", "t.x c #1 u=c"]);
    assert_eq!(apart(&mut world, &[rename(1, "a"), rename(2, "z")]), [(0, Code::NameTaken)]);
}

#[test]
fn paths_are_swapped_and_pages_change_places() {
    let mut world = World::new();
    for (n, alias) in [(1, "a"), (2, "b")] {
        world.put(CreateDocument, &page(n, alias, &json!("root")));
    }
    hold(&mut world, &[(CreateDocument, page(1, "b", &json!("root"))), (CreateDocument, page(2, "a", &json!("root")))]);
    assert_eq!(world.lines(), ["t.page /a #2 en-US", "t.page /b #1 en-US"]);
    world.put(MoveDocument, &page(1, "b", &under(2)));
    hold(&mut world, &[(MoveDocument, page(2, "a", &under(1))), (MoveDocument, page(1, "b", &json!("root")))]);
    assert_eq!(world.lines(), ["t.page /b #1 en-US", "t.page /b/a #2 en-US"]);
    let circle = [(MoveDocument, page(1, "b", &under(2))), (CreateDocument, page(3, "c", &under(2)))];
    assert_eq!(apart(&mut world, &circle), [(0, Code::Cycle), (1, Code::Cycle)]);
}

#[test]
fn what_a_later_member_overwrites_is_not_judged() {
    let mut world = World::new();
    world.put(CreateObject, &x(9, "taken", &json!({"u": "1"})));
    hold(
        &mut world,
        &[
            (CreateObject, x(1, "taken", &json!({"r": to("#7"), "u": "1"}))),
            (UpdateObject, x(1, "a", &json!({"r": null, "u": "2"}))),
            (CreateDocument, page(1, "p", &under(8))),
            (MoveDocument, page(1, "p", &json!("root"))),
        ],
    );
    assert_eq!(world.lines(), ["t.page /p #1 en-US", "t.x a #1 u=2", "t.x taken #9 u=1"]);
    assert_eq!(world.ends(), []);
}

#[test]
fn a_delete_and_a_create_are_a_replacement() {
    let mut world = World::new();
    let children = json!([{"type": "t.c", "code_name": "c", "fields": {"x": "1"}}, {"type": "t.b", "fields": {"b": to("#2")}}]);
    world.put(CreateObject, &x(2, "b", &json!({})));
    world.put(CreateObject, &with(x(1, "a", &json!({"x": "1", "o": to("#2")})), "children", children));
    world.put(CreateObject, &x(3, "z", &json!({"r": to("#1")})));
    world.put(CreateObject, &json!({"object": {"type": "t.b", "fields": {"a": to("#2"), "b": to("#1")}}}));
    let id = world.object("a").id;
    hold(&mut world, &[(DeleteObject, x(1, "a", &json!({}))), (CreateObject, x(1, "a2", &json!({})))]);
    assert_eq!(world.object("a2").id, id);
    assert_eq!(world.lines(), ["t.b a=b b=a2", "t.x a2 #1", "t.x b #2", "t.x z #3 r=a2"]);
    // Without a GUID, by its name.
    world.put(CreateObject, &x(0, "n", &json!({"x": "1"})));
    let id = world.object("n").id;
    hold(&mut world, &[(DeleteObject, x(0, "n", &json!({}))), (CreateObject, x(0, "n", &json!({"u": "5"})))]);
    assert_eq!(world.object("n").id, id);
    assert!(world.lines().contains(&"t.x n u=5".to_owned()));
    // Children as well, and pages.
    let child = || with(object("t.c", 0, "c", &json!({})), "parent", json!("#2"));
    world.put(CreateObject, &child());
    let id = world.object("c").id;
    hold(&mut world, &[(DeleteObject, child()), (CreateObject, child())]);
    assert_eq!(world.object("c").id, id);
    world.put(CreateDocument, &page(1, "p", &json!("root")));
    let id = world.page("p").id;
    hold(&mut world, &[(DeleteAllCultures, page(1, "p", &json!("root"))), (CreateDocument, page(1, "q", &json!("root")))]);
    assert_eq!(world.page("q").id, id);
}

#[test]
fn a_parent_comes_before_what_lies_under_it() {
    let mut world = World::new();
    let child = with(object("t.c", 0, "c", &json!({"o": to("a|c")})), "parent", json!("a"));
    let later = with(object("t.c", 0, "c", &json!({"x": "2"})), "parent", json!("a"));
    hold(
        &mut world,
        &[
            (CreateObject, child),
            (UpdateObject, later),
            (CreateObject, object("t.tree", 0, "t", &json!({"c": to("a|c")}))),
            (CreateObject, x(1, "a", &json!({"r": to("#2")}))),
            (CreateObject, x(2, "b", &json!({"r": to("#1")}))),
        ],
    );
    assert_eq!(world.lines(), ["t.c a/c o=a/c x=2", "t.tree t c=a/c", "t.x a #1 r=b", "t.x b #2 r=a"]);
    // By path: each step waits for the one above.
    let path = |alias: &str, path: &str| (CreateDocument, page(0, alias, &json!({"path": path})));
    let mut world = World::new();
    hold(&mut world, &[path("c", "/a/b"), path("b", "/a"), path("a", "/")]);
    assert_eq!(world.lines().len(), 3);
    assert_eq!(apart(&mut world, &[path("e", "/a/d"), path("x", "/a")]), [(0, Code::ParentMissing)]);
}

#[test]
fn each_is_told_what_is_open_for_itself() {
    let mut world = World::new();
    world.put(CreateObject, &x(1, "a", &json!({"u": "1"})));
    world.put(CreateObject, &x(2, "b", &json!({"r": to("#1")})));
    let tasks = [
        (UpdateObject, x(1, "a", &json!({"r": to("#8")}))),
        (UpdateObject, x(2, "b", &json!({"x": "1"}))),
        (CreateObject, x(3, "c", &json!({"u": "1"}))),
        (CreateObject, x(4, "d", &json!({"r": to("?")}))),
        (CreateDocument, page(1, "p", &under(9))),
    ];
    let expected = [(0, Code::UnresolvedReference), (2, Code::ValueTaken), (3, Code::UnresolvedReference), (4, Code::ParentMissing)];
    assert_eq!(apart(&mut world, &tasks), expected);
    // Of two that take one value it is the later.
    let tasks = [(CreateObject, x(3, "c", &json!({"u": "3"}))), (CreateObject, x(4, "d", &json!({"u": "3"})))];
    assert_eq!(apart(&mut world, &tasks), [(1, Code::ValueTaken)]);
    assert_eq!(
        apart(&mut world, &[(DeleteObject, x(1, "a", &json!({}))), (UpdateObject, x(2, "b", &json!({})))]),
        [(0, Code::StillReferenced)]
    );
    hold(&mut world, &[(DeleteObject, x(1, "a", &json!({}))), (UpdateObject, x(2, "b", &json!({"r": null})))]);
}

#[test]
fn pages_go_before_what_they_lie_under_in_any_order() {
    let mut world = World::new();
    world.put(CreateDocument, &page(1, "a", &json!("root")));
    world.put(CreateDocument, &page(2, "b", &under(1)));
    let delete = |n: u32, alias: &str| (DeleteAllCultures, page(n, alias, &json!("root")));
    assert_eq!(apart(&mut world, &[delete(1, "a"), (CreateObject, x(1, "a", &json!({})))]), [(0, Code::PageHasChildren)]);
    hold(&mut world, &[delete(1, "a"), delete(2, "b")]);
    assert_eq!(world.lines(), [""; 0]);
}

/// Its parent has gone meanwhile: what was to come under it is to go as well.
#[test]
fn a_page_that_comes_and_goes_needs_no_parent() {
    let mut world = World::new();
    let delete = (DeleteAllCultures, page(3, "c", &under(2)));
    hold(&mut world, &[(CreateDocument, page(3, "c", &under(2))), (CreateDocument, page(3, "c", &under(2))), delete]);
    let leaf = |task_type| (task_type, with(object("t.tree", 3, "c", &json!({})), "parent", json!("#2")));
    hold(&mut world, &[leaf(CreateObject), leaf(UpdateObject), leaf(DeleteObject)]);
    assert_eq!(world.lines(), [""; 0]);
}

#[test]
fn each_acts_under_its_own_grant() {
    let mut world = World::new();
    world.grants.insert("b".to_owned(), WriteGrant::default());
    let one = world.make(CreateObject, &x(1, "a", &json!({"r": to("#2")})));
    let other = world.make_for("b", CreateObject, DataType::Snapshot, &x(2, "b", &json!({"r": to("#1")})));
    let apart = world.together(&[&one, &other]).unwrap_err();
    assert!(matches!(apart.as_slice(), [(0, Stop::Unmet(_)), (1, Stop::Fail(failure))] if failure.code == Code::WriteDenied), "{apart:#?}");
    // A page that a member moves away is granted where it was stored, not where another has put it meanwhile.
    let mut grant = WriteGrant::everything();
    grant.pages = (vec!["/news".parse().unwrap()], vec!["/news".parse().unwrap()]);
    world.grants.insert("b".to_owned(), grant);
    for (n, alias) in [(1, "news"), (2, "about")] {
        world.put(CreateDocument, &page(n, alias, &json!("root")));
    }
    world.put(CreateDocument, &page(3, "x", &under(2)));
    let moved = world.make(MoveDocument, &page(2, "about", &under(1)));
    let by_b = world.make_for("b", MoveDocument, DataType::Snapshot, &page(3, "x", &under(1)));
    let apart = world.together(&[&moved, &by_b]).unwrap_err();
    assert_eq!(apart.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [1]);
    world.run(&moved).unwrap();
    world.run(&by_b).unwrap();
}

#[test]
fn what_is_told_is_told_by_member_and_rows_are_written_once() {
    let mut world = World::new();
    let made = all(
        &mut world,
        &[
            (CreateObject, x(1, "a", &json!({"r": to("#2")}))),
            (CreateObject, x(2, "b", &json!({"o": to("#1")}))),
            (UpdateObject, x(1, "a", &json!({"x": "1"}))),
        ],
    );
    let planned = world.together(&made.iter().collect::<Vec<_>>()).unwrap();
    let told: Vec<Vec<_>> =
        planned.iter().map(|planned| planned.written.iter().map(|row| (row.name.to_string(), row.action)).collect()).collect();
    let is = |name: &str, action| vec![(name.to_owned(), action)];
    assert_eq!(told, [is("a", Action::Inserted), is("b", Action::Inserted), is("a", Action::Updated)]);
    assert_eq!(planned.iter().map(|planned| planned.changes.len()).collect::<Vec<_>>(), [0, 1, 1], "where it was written last");
    assert_eq!(planned.iter().map(|planned| planned.warnings.len()).collect::<Vec<_>>(), [0, 0, 0]);
}

#[test]
fn too_many_rows_together_are_told_to_all() {
    let mut world = World::new();
    world.rows_max = 2;
    let tasks: Vec<_> = (1..=3).map(|n| (CreateObject, x(n, &format!("n{n}"), &json!({"o": to("#1")})))).collect();
    assert_eq!(apart(&mut world, &tasks), [(0, Code::RingTooLarge), (1, Code::RingTooLarge), (2, Code::RingTooLarge)]);
    hold(&mut world, &tasks[..2]);
}

#[test]
fn a_name_that_is_passed_through_counts_as_held() {
    let mut world = World::new();
    hold(
        &mut world,
        &[(CreateObject, x(1, "a", &json!({}))), (UpdateObject, x(1, "b", &json!({}))), (UpdateObject, x(1, "c", &json!({})))],
    );
    world.put(CreateObject, &x(2, "z", &json!({"r": to("b"), "o": to("a")})));
    assert_eq!(world.lines(), ["t.x c #1", "t.x z #2 o=c r=c"]);
}

#[test]
fn bindings_of_a_group_are_as_the_last_list_says() {
    let mut world = World::new();
    world.put(CreateObject, &x(1, "a", &json!({})));
    let list = |bound: &[&str]| {
        let children: Vec<Value> = bound.iter().map(|b| json!({"type": "t.b", "fields": {"b": to(b)}})).collect();
        (UpdateObject, with(x(1, "a", &json!({})), "children", json!(children)))
    };
    let binding = |task_type, b: &str| (task_type, json!({"object": {"type": "t.b", "fields": {"a": to("#1"), "b": to(b)}}}));
    hold(
        &mut world,
        &[
            list(&["#2", "#3", "#9"]),
            list(&["#3", "#8"]),
            binding(CreateObject, "#4"),
            binding(CreateObject, "#5"),
            binding(DeleteObject, "#5"),
            (CreateObject, x(2, "b2", &json!({}))),
            (CreateObject, x(3, "b3", &json!({}))),
            (CreateObject, x(4, "b4", &json!({}))),
            (CreateObject, x(5, "b5", &json!({}))),
        ],
    );
    assert_eq!(world.lines()[..2], ["t.b a=a b=b3", "t.b a=a b=b4"]);
    assert_eq!(world.bindings().len(), 2);
    assert_eq!(world.loose_lines(), ["t.b of a: t.x with GUID 00000000-0000-0000-0000-000000000008"]);
    // What is said of an owner that goes is gone with it.
    hold(&mut world, &[binding(CreateObject, "#2"), (DeleteObject, x(1, "a", &json!({}))), (CreateObject, x(1, "a", &json!({})))]);
    assert_eq!((world.bindings(), world.ends()), (vec![], vec![]));
}

#[test]
fn a_group_of_one_is_a_plan() {
    let mut world = World::new();
    hold(&mut world, &[(CreateObject, x(1, "a", &json!({})))]);
    assert_eq!(apart(&mut world, &[(CreateObject, x(2, "b", &json!({"r": to("#9")})))]), [(0, Code::UnresolvedReference)]);
}
