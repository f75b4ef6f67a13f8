//! Bindings: written, found, listed.

use super::bench::{Bench, delete, fields, insert, text, to_object, type_name, update, user_role};
use lockgate_core::key::{BindingKey, BindingsOf};
use lockgate_core::rows::{BindingId, BindingRow, NodeId, ObjectId, Target};

fn object(id: u64) -> Target {
    Target::Object(ObjectId(id))
}

fn binds(row: &BindingRow) -> BindingKey {
    BindingKey::Binds(row.binding_type.clone(), row.binds.clone())
}

fn of(id: u64) -> BindingsOf {
    BindingsOf(type_name("cms.user-role"), object(id))
}

pub(super) fn an_inserted_binding_answers_every_question(bench: &mut Bench<'_>) {
    let mut row = user_role(3, 1, 2);
    row.fields.extend(fields([("note", text("since 2019"))]));
    assert_eq!(bench.binding(&binds(&row)), None);
    bench.write(vec![insert(&row)]);
    assert_eq!(bench.binding(&binds(&row)), Some(row.clone()));
    assert_eq!(bench.binding(&BindingKey::Id(row.id)), Some(row.clone()));
    assert_eq!(bench.bindings(&of(1)), [row.id]);
}

pub(super) fn a_binding_is_found_by_exactly_what_it_binds(bench: &mut Bench<'_>) {
    let row = user_role(3, 1, 2);
    bench.write(vec![insert(&row)]);
    let of_type = |name: &str, targets: &[Target]| BindingKey::Binds(type_name(name), targets.to_vec());
    for key in [
        of_type("cms.user-role", &[object(2), object(1)]),
        of_type("cms.user-role", &[object(1)]),
        of_type("cms.user-role", &[object(1), object(2), object(3)]),
        of_type("cms.user-role", &[object(1), Target::Page(NodeId(2))]),
        of_type("cms.user-role", &[]),
        of_type("cms.other", &[object(1), object(2)]),
    ] {
        assert_eq!(bench.binding(&key), None, "{key:?}");
    }
    assert!(bench.bindings(&of(2)).is_empty(), "the first bound thing is the owner");
    assert!(bench.bindings(&BindingsOf(type_name("cms.user-role"), Target::Page(NodeId(1)))).is_empty());
}

pub(super) fn bindings_of_an_owner_come_ascending_and_by_type(bench: &mut Bench<'_>) {
    let other_type = BindingRow { binding_type: type_name("cms.other"), ..user_role(8, 1, 2) };
    let to_a_page = BindingRow { binds: vec![object(1), Target::Page(NodeId(2))], ..user_role(9, 1, 2) };
    let rows = [user_role(300, 1, 10), user_role(2, 1, 11), user_role(256, 1, 12), user_role(4, 2, 10), other_type, to_a_page];
    bench.write(rows.iter().map(insert).collect());
    assert_eq!(bench.bindings(&of(1)), [2, 9, 256, 300].map(BindingId));
    assert_eq!(bench.bindings(&of(2)), [BindingId(4)]);
    assert_eq!(bench.bindings(&BindingsOf(type_name("cms.other"), object(1))), [BindingId(8)]);
    assert!(bench.bindings(&of(3)).is_empty());
}

pub(super) fn a_changed_and_a_deleted_binding_answer_so(bench: &mut Bench<'_>) {
    let before = user_role(3, 1, 2);
    let mut noted = before.clone();
    noted.fields.extend(fields([("note", text("new"))]));
    bench.write(vec![insert(&before)]);
    bench.write(vec![update(&before, &noted)]);
    assert_eq!(bench.binding(&binds(&before)), Some(noted.clone()));
    let moved =
        BindingRow { binds: vec![object(5), object(2)], fields: fields([("user", to_object(5)), ("role", to_object(2))]), ..noted.clone() };
    bench.write(vec![update(&noted, &moved)]);
    assert_eq!(bench.binding(&binds(&before)), None);
    assert!(bench.bindings(&of(1)).is_empty());
    assert_eq!(bench.bindings(&of(5)), [moved.id]);
    bench.write(vec![delete(&moved)]);
    assert_eq!(bench.binding(&binds(&moved)), None);
    assert_eq!(bench.binding(&BindingKey::Id(moved.id)), None);
    assert!(bench.bindings(&of(5)).is_empty());
}

pub(super) fn bindings_are_listed_in_pages(bench: &mut Bench<'_>) {
    let rows = [user_role(300, 1, 10), user_role(2, 1, 11), user_role(256, 2, 12)];
    bench.write(rows.iter().map(insert).collect());
    let list = |after: Option<u64>, limit| {
        let rows = bench.store().bindings(after.map(BindingId), limit).expect("bindings");
        rows.into_iter().map(|row| row.id.0).collect::<Vec<_>>()
    };
    assert_eq!(list(None, 10), [2, 256, 300]);
    assert_eq!(list(None, 2), [2, 256]);
    assert_eq!(list(Some(256), 2), [300]);
    assert!(list(Some(300), 2).is_empty());
}
