//! Lists of references: each element has the need of its field, and its place.

use serde_json::json;

use super::world::{World, many, object, page, to, under, with, x};
use crate::failure::{Code, Failure};
use crate::task::TaskType;
use crate::translate::Translated;

use TaskType::{CreateDocument, CreateObject, DeleteObject, UpdateObject};

/// A world with the objects a, b and c, whose GUIDs are 1, 2 and 3.
fn with_three() -> World {
    let mut world = World::new();
    for (n, name) in [(1, "a"), (2, "b"), (3, "c")] {
        world.put(CreateObject, &x(n, name, &json!({})));
    }
    world
}

fn line(world: &World, name: &str) -> String {
    let begin = format!("t.x {name}");
    world.lines().into_iter().find(|line| line.split(' ').take(2).eq(begin.split(' '))).unwrap_or_else(|| panic!("{name} is not stored"))
}

fn codes(planned: &crate::plan::Planned) -> Vec<&str> {
    planned.warnings.iter().map(|warning| &*warning.code).collect()
}

#[test]
fn a_list_keeps_its_order_and_every_question() {
    let mut world = with_three();
    let planned = world.put(CreateObject, &x(9, "z", &json!({"l": many(&["c", "#1", "b"])})));
    assert_eq!((line(&world, "z").as_str(), planned.references_resolved), ("t.x z #9 l[0]=c l[1]=a l[2]=b", 3));
    assert_eq!(world.object("z").links.len(), 3);
    // The same again changes nothing; another order does.
    assert_eq!(world.put(UpdateObject, &x(9, "z", &json!({"l": many(&["c", "#1", "b"])}))).changes, []);
    world.put(UpdateObject, &x(9, "z", &json!({"l": many(&["b", "c"])})));
    assert_eq!(line(&world, "z"), "t.x z #9 l[0]=b l[1]=c");
    assert_eq!(world.object("z").links.len(), 2);
}

#[test]
fn an_empty_list_clears_and_an_unset_field_leaves() {
    for empty in [json!(null), json!({"references": []}), to("")] {
        let mut world = with_three();
        world.put(CreateObject, &x(9, "z", &json!({"l": many(&["a", "later"]), "x": "1"})));
        world.put(UpdateObject, &x(9, "z", &json!({"x": "2"})));
        assert_eq!(line(&world, "z"), "t.x z #9 l[0]=a x=2");
        world.put(UpdateObject, &x(9, "z", &json!({"l": empty})));
        assert_eq!((line(&world, "z").as_str(), world.ends().len()), ("t.x z #9 x=2", 0));
        assert!(world.object("z").links.is_empty());
    }
}

#[test]
fn one_reference_is_a_list_of_one() {
    let mut world = with_three();
    world.put(CreateObject, &x(9, "z", &json!({"l": to("b")})));
    assert_eq!(line(&world, "z"), "t.x z #9 l[0]=b");
}

#[test]
fn what_is_missing_is_mended_in_its_place() {
    let mut world = with_three();
    let planned = world.put(CreateObject, &x(9, "z", &json!({"l": many(&["#7", "b", "#8", "a"])})));
    assert_eq!(codes(&planned), ["unresolved-reference", "unresolved-reference"]);
    assert!(planned.warnings[0].message.contains("field l[0] refers"), "{:?}", planned.warnings);
    assert_eq!(line(&world, "z"), "t.x z #9 l[1]=b l[3]=a");
    assert_eq!(world.loose_lines(), ["z.l[0]: t.x '#7'", "z.l[2]: t.x '#8'"]);
    world.put(CreateObject, &x(8, "h", &json!({})));
    world.put(CreateObject, &x(7, "g", &json!({})));
    assert_eq!((line(&world, "z").as_str(), world.ends().len()), ("t.x z #9 l[0]=g l[1]=b l[2]=h l[3]=a", 0));
}

#[test]
fn section_5_a_deleted_target_is_taken_out_of_an_optional_list_and_comes_back_in_its_place() {
    let mut world = with_three();
    world.put(CreateObject, &x(9, "z", &json!({"l": many(&["#1", "#2", "#3"])})));
    let planned = world.put(DeleteObject, &x(2, "b", &json!({})));
    assert_eq!(codes(&planned), ["reference-cleared"]);
    assert!(planned.warnings[0].message.contains("field l[1] of"), "{:?}", planned.warnings);
    assert_eq!(line(&world, "z"), "t.x z #9 l[0]=a l[2]=c");
    world.put(CreateObject, &x(2, "b2", &json!({})));
    assert_eq!(line(&world, "z"), "t.x z #9 l[0]=a l[1]=b2 l[2]=c");
}

#[test]
fn a_required_list_waits_for_every_target_and_refuses_their_deletes() {
    let mut world = with_three();
    let body = x(9, "z", &json!({"lr": many(&["a", "#7", "#8"])}));
    let unmet = world.waits(CreateObject, &body);
    assert_eq!((unmet.failure.code, unmet.failure.path.as_deref()), (Code::UnresolvedReference, Some("lr[1]")));
    assert_eq!(unmet.wants.len(), 2, "for both: {:?}", unmet.wants);
    world.put(CreateObject, &x(7, "g", &json!({})));
    world.put(CreateObject, &x(8, "h", &json!({})));
    world.put(CreateObject, &body);
    assert_eq!(line(&world, "z"), "t.x z #9 lr[0]=a lr[1]=g lr[2]=h");
    let unmet = world.waits(DeleteObject, &x(7, "g", &json!({})));
    assert_eq!(unmet.failure.code, Code::StillReferenced);
    assert!(unmet.failure.message.contains("in its field lr[1]"), "{}", unmet.failure);
    world.put(UpdateObject, &x(9, "z", &json!({"lr": many(&["a", "h"])})));
    world.put(DeleteObject, &x(7, "g", &json!({})));
    assert_eq!(line(&world, "z"), "t.x z #9 lr[0]=a lr[1]=h");
}

#[test]
fn a_default_stands_in_for_each_element() {
    let mut world = with_three();
    world.put(CreateObject, &x(99, "dflt", &json!({})));
    world.put(CreateObject, &x(9, "z", &json!({"ld": many(&["a", "#7"])})));
    assert_eq!(line(&world, "z"), "t.x z #9 ld[0]=a ld[1]=dflt");
    world.put(CreateObject, &x(7, "g", &json!({})));
    assert_eq!(line(&world, "z"), "t.x z #9 ld[0]=a ld[1]=g");
}

#[test]
fn a_list_that_is_required_has_an_element() {
    let full = |fields| object("t.full", 0, "f", &fields);
    let mut world = with_three();
    for none in [json!({}), json!({"l": []}), json!({"l": null})] {
        let none = if none["l"].is_array() { json!({"l": many(&[])}) } else { none };
        let failure = world.fails(CreateObject, &full(none));
        assert_eq!((failure.code, failure.path.as_deref()), (Code::InvalidObject, Some("l")), "{failure}");
    }
    world.put(CreateObject, &full(json!({"l": many(&["a"])})));
    assert_eq!(world.fails(UpdateObject, &full(json!({"l": many(&[])}))).code, Code::InvalidObject);
    assert_eq!(world.waits(DeleteObject, &x(1, "a", &json!({}))).failure.code, Code::StillReferenced);
}

#[test]
fn a_page_has_a_list_in_each_culture() {
    let mut world = World::new();
    for (n, alias) in [(1, "a"), (2, "b")] {
        world.put(CreateDocument, &page(n, alias, &json!("root")));
    }
    let fields = |ids: &[&str]| json!({"l": many(ids)});
    world.put(CreateDocument, &with(page(9, "z", &under(1)), "fields", fields(&["p2", "p1", "p9"])));
    let czech = with(page(9, "z", &under(1)), "culture", json!("cs-CZ"));
    world.put(CreateDocument, &with(czech, "fields", fields(&["p1"])));
    let expected = "t.page /a/z #9 cs-CZ l[0]=/a en-US l[0]=/b l[1]=/a l[2]=/a/z";
    assert!(world.lines().contains(&expected.to_owned()), "{:#?}", world.lines());
    world.put(TaskType::DeleteAllCultures, &page(2, "b", &json!("root")));
    let expected = "t.page /a/z #9 cs-CZ l[0]=/a en-US l[1]=/a l[2]=/a/z";
    assert!(world.lines().contains(&expected.to_owned()), "{:#?}", world.lines());
}

/// What a field held before its declaration changed is replaced by what it is given then.
#[test]
fn a_field_that_becomes_a_list_keeps_nothing_of_before() {
    let mut world = with_three();
    world.put(CreateObject, &x(9, "z", &json!({"o": to("a"), "l": many(&["a", "b"])})));
    let declared = world.model.object_types.values_mut().find(|declared| declared.name.as_str() == "t.x").unwrap();
    for field in &mut declared.fields {
        if let (crate::model::Kind::Reference(reference), "o" | "l") = (&mut field.kind, field.name.as_str()) {
            reference.many = !reference.many;
        }
    }
    world.put(UpdateObject, &x(9, "z", &json!({"o": many(&["c", "b"]), "l": to("c")})));
    assert_eq!(line(&world, "z"), "t.x z #9 o[0]=c o[1]=b l=c");
}

/// A row that is read with what it is told, not by the bus.
fn refused(fields: serde_json::Value) -> Failure {
    let read = crate::internal::read(x(0, "z", &fields).to_string().as_bytes()).unwrap();
    let translated = Translated { prepared: read, params: crate::maps::HashMap::default() };
    crate::validate::validate(&translated.prepared, CreateObject, &World::new().model).unwrap_err()
}

#[test]
fn what_is_no_list_of_references_is_told_where_it_is() {
    for (fields, path, says) in [
        (json!({"l": many(&["a", "b", "a"])}), "l[2]", "the reference \"a\" twice"),
        (json!({"o": many(&["a", "b"])}), "o", "declared as reference to t.x, and 2 references are given"),
        (json!({"x": many(&["a"])}), "x", "declared as text, and 1 references are given"),
        (json!({"l": "a"}), "l", "declared as references to t.x, and the value is a text"),
        (json!({"l": many(&(0..1_001).map(|_| "a").collect::<Vec<_>>())}), "l", "at most 1000 references"),
    ] {
        let failure = refused(fields);
        assert_eq!((failure.code, failure.path.as_deref()), (Code::InvalidObject, Some(path)), "{failure}");
        assert!(failure.message.contains(says), "{failure}");
    }
    for wrong in [json!({"l": {"references": "a"}}), json!({"l": many(&[""])}), json!({"l": {"references": [1]}})] {
        assert!(crate::internal::read(x(0, "z", &wrong).to_string().as_bytes()).is_err(), "{wrong}");
    }
}
