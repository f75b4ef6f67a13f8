//! Who points to what.

use super::bench::{
    Bench, a_page, a_version, an_object, culture, delete, field, fields, insert, to_object, to_page, tree, update, user, user_role,
};
use lockgate_core::rows::{BindingId, NodeId, ObjectId, ObjectRow, PageRow, Referrer, RowId, Scope, Target};

fn by(row: RowId, name: &str) -> Referrer {
    Referrer { row, field: field(name) }
}

fn object(id: u64) -> Target {
    Target::Object(ObjectId(id))
}

fn managed(id: u64, name: &str, manager: u64) -> ObjectRow {
    ObjectRow { fields: fields([("manager", to_object(manager))]), ..user(id, name) }
}

fn authored(id: u64, author: u64) -> PageRow {
    let mut row = a_page(id, None, &format!("page-{id}"));
    row.cultures.insert(culture("en-US"), a_version("p", [("author", to_object(author))]));
    row
}

pub(super) fn objects_bindings_and_pages_refer(bench: &mut Bench<'_>) {
    let rows = (managed(2, "ann", 1), user_role(3, 1, 9), authored(4, 1));
    bench.write(vec![insert(&user(1, "boss")), insert(&rows.0), insert(&rows.1), insert(&rows.2)]);
    let expected =
        [by(RowId::Object(ObjectId(2)), "manager"), by(RowId::Page(NodeId(4)), "author"), by(RowId::Binding(BindingId(3)), "user")];
    assert_eq!(bench.referrers(object(1)), expected);
    assert_eq!(bench.referrers(object(9)), [by(RowId::Binding(BindingId(3)), "role")]);
    let free = user(2, "ann");
    bench.write(vec![update(&rows.0, &free), delete(&rows.1)]);
    assert_eq!(bench.referrers(object(1)), expected[1..2]);
    assert!(bench.referrers(object(9)).is_empty());
    bench.write(vec![delete(&rows.2)]);
    assert!(bench.referrers(object(1)).is_empty());
}

pub(super) fn groups_refer_and_parents_do_not(bench: &mut Bench<'_>) {
    let grouped =
        ObjectRow { scope: Scope { group: Some(ObjectId(1)), parent: Some(ObjectId(2)), site: None }, ..an_object(3, "shop.product", "p") };
    bench.write(vec![
        insert(&an_object(1, "shop.brand", "b")),
        insert(&tree(2, None, "t")),
        insert(&grouped),
        insert(&a_page(4, None, "p")),
        insert(&a_page(5, Some(4), "c")),
    ]);
    let group = lockgate_core::rows::group_field().expect("its name").clone();
    assert_eq!(bench.referrers(object(1)), [Referrer { row: RowId::Object(ObjectId(3)), field: group }]);
    for target in [object(2), Target::Page(NodeId(4))] {
        assert!(bench.referrers(target).is_empty());
    }
}

pub(super) fn a_page_that_refers_in_several_cultures_comes_once(bench: &mut Bench<'_>) {
    let mut row = authored(2, 1);
    row.cultures.insert(culture("cs-CZ"), a_version("s", [("author", to_object(1)), ("editor", to_object(1))]));
    bench.write(vec![insert(&row)]);
    assert_eq!(bench.referrers(object(1)), [by(RowId::Page(NodeId(2)), "author"), by(RowId::Page(NodeId(2)), "editor")]);
}

pub(super) fn one_row_may_refer_with_several_fields(bench: &mut Bench<'_>) {
    let row = ObjectRow {
        fields: fields([("reviewer", to_object(1)), ("owner", to_object(1)), ("keeper", to_object(2))]),
        ..an_object(3, "shop.product", "p")
    };
    bench.write(vec![insert(&row)]);
    assert_eq!(bench.referrers(object(1)), [by(RowId::Object(ObjectId(3)), "owner"), by(RowId::Object(ObjectId(3)), "reviewer")]);
    let fewer = ObjectRow { fields: fields([("reviewer", to_object(1)), ("owner", to_object(2))]), ..row.clone() };
    bench.write(vec![update(&row, &fewer)]);
    assert_eq!(bench.referrers(object(1)), [by(RowId::Object(ObjectId(3)), "reviewer")]);
    assert_eq!(bench.referrers(object(2)), [by(RowId::Object(ObjectId(3)), "owner")]);
}

/// Lists of references are fields of the bus's own, one for each element.
pub(super) fn elements_of_a_list_refer_one_by_one(bench: &mut Bench<'_>) {
    let element = |at| lockgate_core::element::element(&field("buyers"), at).expect("a place");
    let listing = |targets: &[(usize, u64)]| {
        let mut row = an_object(3, "shop.product", "p");
        row.fields = targets.iter().map(|(at, id)| (element(*at), to_object(*id))).collect();
        row
    };
    let by = |at| Referrer { row: RowId::Object(ObjectId(3)), field: element(at) };
    let rows = [listing(&[(0, 1), (1, 2), (10, 1)]), listing(&[(1, 1), (2, 2)])];
    bench.write(vec![insert(&rows[0])]);
    assert_eq!((bench.referrers(object(1)), bench.referrers(object(2))), (vec![by(0), by(10)], vec![by(1)]));
    bench.write(vec![update(&rows[0], &rows[1])]);
    assert_eq!((bench.referrers(object(1)), bench.referrers(object(2))), (vec![by(1)], vec![by(2)]));
    bench.write(vec![delete(&rows[1])]);
    assert!(bench.referrers(object(1)).is_empty() && bench.referrers(object(2)).is_empty());
}

pub(super) fn a_page_refers_until_its_last_culture_lets_go(bench: &mut Bench<'_>) {
    let mut both = authored(2, 1);
    both.cultures.insert(culture("cs-CZ"), a_version("s", [("author", to_object(1))]));
    let one = authored(2, 1);
    let none = a_page(2, None, "page-2");
    bench.write(vec![insert(&both)]);
    bench.write(vec![update(&both, &one)]);
    assert_eq!(bench.referrers(object(1)), [by(RowId::Page(NodeId(2)), "author")]);
    bench.write(vec![update(&one, &none)]);
    assert!(bench.referrers(object(1)).is_empty());
}

pub(super) fn an_object_and_a_page_of_the_same_id_are_told_apart(bench: &mut Bench<'_>) {
    let mut row = a_page(2, None, "p");
    row.cultures.insert(culture("en-US"), a_version("p", [("related", to_page(1))]));
    bench.write(vec![insert(&row), insert(&managed(2, "ann", 1))]);
    assert_eq!(bench.referrers(Target::Page(NodeId(1))), [by(RowId::Page(NodeId(2)), "related")]);
    assert_eq!(bench.referrers(object(1)), [by(RowId::Object(ObjectId(2)), "manager")]);
}

pub(super) fn referrers_come_ascending(bench: &mut Bench<'_>) {
    let users = [managed(300, "a", 1), managed(2, "b", 1), managed(256, "c", 1), managed(255, "d", 1)];
    bench.write(users.iter().map(insert).collect());
    bench.write(vec![insert(&user_role(7, 1, 2)), insert(&authored(6, 1))]);
    let mut sorted = bench.referrers(object(1));
    assert_eq!(sorted.len(), 6);
    sorted.sort();
    sorted.dedup();
    assert_eq!(bench.referrers(object(1)), sorted);
}
