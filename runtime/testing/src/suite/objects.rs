//! Objects: written, found, listed.

use uuid::Uuid;

use super::bench::{
    Bench, an_object, code_name, delete, field, fields, insert, key_of, role, site, text, to_object, to_page, tree, type_name, update, user,
};
use lockgate_core::key::{ANSWER_ROWS_MAX, ObjectKey, ObjectsKey, PageKey};
use lockgate_core::names::TypeName;
use lockgate_core::rows::{ObjectId, ObjectRow, Scope};
use lockgate_core::unique::unique_key;
use lockgate_core::value::{Plain, Stored};

fn by_name(row: &ObjectRow) -> ObjectKey {
    ObjectKey::Name(row.object_type.clone(), row.scope.clone(), row.code_name.key().into())
}

fn by_guid(row: &ObjectRow) -> ObjectKey {
    ObjectKey::Guid(row.object_type.clone(), row.guid)
}

fn any_named(row: &ObjectRow) -> ObjectsKey {
    ObjectsKey::AnyNamed(row.object_type.clone(), row.scope.site.clone(), row.code_name.key().into())
}

fn by_email(email: &str) -> ObjectKey {
    ObjectKey::Unique(type_name("cms.user"), field("email"), unique_key(&Plain::Text(email.into())))
}

fn with_email(row: ObjectRow, email: &str) -> ObjectRow {
    ObjectRow { fields: fields([("email", text(email))]), ..row }
}

pub(super) fn an_inserted_object_answers_every_question(bench: &mut Bench<'_>) {
    let parent = tree(1, None, "root");
    let brand = an_object(2, "shop.brand", "acme");
    let scope = Scope { site: None, parent: Some(parent.id), group: Some(brand.id) };
    let row = ObjectRow { scope, sites: [site("main"), site("other")].into(), ..an_object(3, "shop.product", "Chair") };
    for key in [by_name(&row), by_guid(&row), ObjectKey::Id(row.id)] {
        assert_eq!(bench.object(&key), None);
    }
    bench.write(vec![insert(&parent), insert(&brand), insert(&row)]);
    for key in [by_name(&row), by_guid(&row), ObjectKey::Id(row.id)] {
        assert_eq!(bench.object(&key), Some(row.clone()));
    }
    assert_eq!(bench.objects(&any_named(&row)), [row.id]);
    assert_eq!(bench.objects(&ObjectsKey::Children(parent.id, row.object_type.clone())), [row.id]);
    let elsewhere = Scope { group: None, ..row.scope.clone() };
    assert_eq!(bench.object(&ObjectKey::Name(row.object_type.clone(), elsewhere, key_of("chair"))), None, "the scope is exact");
    assert_eq!(bench.object(&ObjectKey::Guid(type_name("test.tree"), row.guid)), None, "a GUID is looked for in its type alone");
    assert_eq!(bench.object(&ObjectKey::Name(type_name("test.tree"), row.scope.clone(), key_of("chair"))), None, "the type is exact");
}

pub(super) fn a_renamed_object_is_found_by_its_new_name_only(bench: &mut Bench<'_>) {
    let before = user(1, "old");
    let after = ObjectRow { code_name: code_name("new"), guid: Uuid::from_u128(99), guid_given: true, modified_ms: 9, ..before.clone() };
    bench.write(vec![insert(&before)]);
    bench.write(vec![update(&before, &after)]);
    for key in [by_name(&before), by_guid(&before)] {
        assert_eq!(bench.object(&key), None);
    }
    assert!(bench.objects(&any_named(&before)).is_empty());
    for key in [by_name(&after), by_guid(&after), ObjectKey::Id(after.id)] {
        assert_eq!(bench.object(&key), Some(after.clone()));
    }
    assert_eq!(bench.objects(&any_named(&after)), [after.id]);
}

pub(super) fn a_moved_object_is_found_in_its_new_scope_only(bench: &mut Bench<'_>) {
    let (one, two) = (tree(1, None, "one"), tree(2, None, "two"));
    let before = tree(3, Some(1), "leaf");
    let after = tree(3, Some(2), "leaf");
    bench.write(vec![insert(&one), insert(&two), insert(&before)]);
    bench.write(vec![update(&before, &after)]);
    assert_eq!(bench.object(&by_name(&before)), None);
    assert_eq!(bench.object(&by_guid(&before)), Some(after.clone()), "by its GUID, wherever it is");
    assert!(bench.objects(&ObjectsKey::Children(one.id, type_name("test.tree"))).is_empty());
    assert_eq!(bench.object(&by_name(&after)), Some(after.clone()));
    assert_eq!(bench.objects(&ObjectsKey::Children(two.id, type_name("test.tree"))), [after.id]);
    assert_eq!(bench.objects(&any_named(&after)), [after.id]);
    let moved = ObjectRow { scope: Scope { site: Some(site("other")), ..Scope::default() }, ..after.clone() };
    bench.write(vec![update(&after, &moved)]);
    assert!(bench.objects(&any_named(&after)).is_empty());
    assert_eq!(bench.objects(&any_named(&moved)), [moved.id]);
}

pub(super) fn a_deleted_object_answers_none(bench: &mut Bench<'_>) {
    let row = with_email(user(1, "gone"), "gone@example.com");
    let child = tree(3, Some(2), "leaf");
    bench.write(vec![insert(&row), insert(&tree(2, None, "root")), insert(&child)]);
    bench.write(vec![delete(&row), delete(&child)]);
    for key in [by_name(&row), by_guid(&row), ObjectKey::Id(row.id), by_email("gone@example.com"), ObjectKey::Id(child.id)] {
        assert_eq!(bench.object(&key), None, "{key:?}");
    }
    assert!(bench.objects(&any_named(&row)).is_empty());
    assert!(bench.objects(&ObjectsKey::Children(ObjectId(2), type_name("test.tree"))).is_empty());
    bench.write(vec![insert(&row)]);
    assert_eq!(bench.object(&by_name(&row)), Some(row), "it can come again");
}

pub(super) fn the_same_name_may_stand_in_every_scope(bench: &mut Bench<'_>) {
    let rows = [
        tree(1, None, "same"),
        tree(2, Some(1), "same"),
        tree(3, Some(2), "same"),
        role(4, "main", "same"),
        role(5, "other", "same"),
        user(6, "same"),
        ObjectRow { scope: Scope { group: Some(ObjectId(9)), ..Scope::default() }, ..tree(7, None, "same") },
    ];
    bench.write(rows.iter().map(insert).collect());
    for row in rows {
        assert_eq!(bench.object(&by_name(&row)).map(|found| found.id), Some(row.id));
        assert_eq!(bench.object(&by_guid(&row)).map(|found| found.id), Some(row.id));
    }
}

pub(super) fn any_named_gives_two_at_most(bench: &mut Bench<'_>) {
    // The later parent has the lower child, so that an order by parent shows.
    let parents = [tree(1, None, "p1"), tree(2, None, "p2"), tree(3, None, "p3")];
    let rows = [tree(10, Some(3), "same"), tree(11, Some(2), "same"), tree(12, Some(1), "same")];
    bench.write(parents.iter().map(insert).collect());
    bench.write(vec![insert(&rows[0]), insert(&rows[1])]);
    assert_eq!(bench.objects(&any_named(&rows[0])), [ObjectId(10), ObjectId(11)], "ascending");
    bench.write(vec![insert(&rows[2])]);
    let found = bench.objects(&any_named(&rows[0]));
    assert_eq!(found.len(), 2);
    assert!(found.is_sorted() && found.iter().all(|id| rows.iter().any(|row| row.id == *id)), "{found:?}");
    bench.write(vec![delete(&rows[0]), delete(&rows[1])]);
    assert_eq!(bench.objects(&any_named(&rows[0])), [ObjectId(12)]);
    let in_a_site = role(20, "main", "same");
    bench.write(vec![insert(&in_a_site)]);
    let elsewhere = ObjectsKey::AnyNamed(type_name("cms.role"), Some(site("other")), key_of("same"));
    assert!(bench.objects(&elsewhere).is_empty(), "the site is exact");
    assert!(bench.objects(&ObjectsKey::AnyNamed(type_name("cms.role"), None, key_of("same"))).is_empty(), "no site: global ones only");
}

pub(super) fn unique_values_answer_and_move(bench: &mut Bench<'_>) {
    let before = with_email(user(1, "ann"), "Ann@Example.com");
    bench.write(vec![insert(&before), insert(&user(2, "without"))]);
    assert_eq!(bench.object(&by_email("ann@example.COM")).map(|row| row.id), Some(before.id), "text compares like a code name");
    let after = with_email(user(1, "ann"), "ann@example.org");
    bench.write(vec![update(&before, &after)]);
    assert_eq!(bench.object(&by_email("ann@example.com")), None);
    assert_eq!(bench.object(&by_email("ann@example.org")), Some(after.clone()));
    let without = user(1, "ann");
    bench.write(vec![update(&after, &without)]);
    assert_eq!(bench.object(&by_email("ann@example.org")), None);
    let not_unique = ObjectKey::Unique(type_name("cms.user"), field("full_name"), unique_key(&Plain::Text("x".into())));
    assert_eq!(bench.object(&not_unique), None);
}

pub(super) fn two_objects_may_swap_names_and_unique_values(bench: &mut Bench<'_>) {
    let one = with_email(user(1, "one"), "one@example.com");
    let two = with_email(user(2, "two"), "two@example.com");
    bench.write(vec![insert(&one), insert(&two)]);
    let now_two = ObjectRow { code_name: code_name("two"), guid: two.guid, ..with_email(one.clone(), "two@example.com") };
    let now_one = ObjectRow { code_name: code_name("one"), guid: one.guid, ..with_email(two.clone(), "one@example.com") };
    bench.write(vec![update(&one, &now_two), update(&two, &now_one)]);
    assert_eq!(bench.object(&by_name(&one)).map(|row| row.id), Some(two.id));
    assert_eq!(bench.object(&by_name(&two)).map(|row| row.id), Some(one.id));
    assert_eq!(bench.object(&by_guid(&one)).map(|row| row.id), Some(two.id));
    assert_eq!(bench.object(&by_guid(&two)).map(|row| row.id), Some(one.id));
    assert_eq!(bench.object(&by_email("one@example.com")).map(|row| row.id), Some(two.id));
    assert_eq!(bench.object(&by_email("two@example.com")).map(|row| row.id), Some(one.id));
}

pub(super) fn children_come_ascending_and_by_type(bench: &mut Bench<'_>) {
    let product = ObjectRow { scope: Scope { parent: Some(ObjectId(1)), ..Scope::default() }, ..an_object(300, "shop.product", "p") };
    let rows =
        [tree(1, None, "root"), tree(256, Some(1), "c"), tree(2, Some(1), "b"), tree(255, Some(1), "a"), tree(9, Some(2), "deep"), product];
    bench.write(rows.iter().map(insert).collect());
    assert_eq!(bench.objects(&ObjectsKey::Children(ObjectId(1), type_name("test.tree"))), [2, 255, 256].map(ObjectId));
    assert_eq!(bench.objects(&ObjectsKey::Children(ObjectId(1), type_name("shop.product"))), [ObjectId(300)]);
    assert_eq!(bench.objects(&ObjectsKey::Children(ObjectId(2), type_name("test.tree"))), [ObjectId(9)]);
    assert!(bench.objects(&ObjectsKey::Children(ObjectId(9), type_name("test.tree"))).is_empty());
}

pub(super) fn more_children_than_an_answer_holds_are_told(bench: &mut Bench<'_>) {
    let count = ANSWER_ROWS_MAX as u64 + 5;
    let mut changes = vec![insert(&tree(1, None, "root"))];
    changes.extend((2..2 + count).map(|id| insert(&tree(id, Some(1), &format!("child-{id}")))));
    bench.write(changes);
    let children = bench.objects(&ObjectsKey::Children(ObjectId(1), type_name("test.tree")));
    assert_eq!(children.len(), ANSWER_ROWS_MAX + 1);
    assert!(children.is_sorted());
}

pub(super) fn every_kind_of_value_comes_back_as_it_was(bench: &mut Bench<'_>) {
    let plain = Stored::Plain;
    let values = fields([
        ("price", plain(Plain::Decimal("-00012.5000".into()))),
        ("stock", plain(Plain::Integer(i64::MIN))),
        ("weight", plain(Plain::Real(-0.1e-300))),
        ("on_sale", plain(Plain::Boolean(false))),
        ("released", plain(Plain::Timestamp("2026-01-31T12:00:00.123456789+05:30".into()))),
        ("batch", plain(Plain::Guid(Uuid::max()))),
        ("photo", plain(Plain::Binary([0, 255, 10, 13].as_slice().into()))),
        ("details", plain(Plain::Json(r#"{"b": [1.0, null], "a": "x"}"#.into()))),
        ("note", text("")),
        ("owner", to_object(1)),
        ("reviewer", to_object(u64::MAX)),
        ("page", to_page(7)),
    ]);
    let row = ObjectRow { fields: values, ..an_object(2, "shop.product", "p") };
    bench.write(vec![insert(&user(1, "owner")), insert(&row)]);
    assert_eq!(bench.object(&ObjectKey::Id(row.id)), Some(row.clone()));
    let fewer = ObjectRow {
        fields: fields([("on_sale", plain(Plain::Boolean(true))), ("photo", plain(Plain::Binary([].as_slice().into())))]),
        ..row.clone()
    };
    bench.write(vec![update(&row, &fewer)]);
    assert_eq!(bench.object(&ObjectKey::Id(row.id)), Some(fewer));
}

fn listed(bench: &Bench<'_>, object_type: Option<&TypeName>, after: Option<u64>, limit: usize) -> Vec<u64> {
    let rows = bench.store().objects(object_type, after.map(ObjectId), limit).expect("objects");
    rows.into_iter().map(|row| row.id.0).collect()
}

pub(super) fn objects_are_listed_in_pages_and_by_type(bench: &mut Bench<'_>) {
    let rows = [user(300, "a"), tree(1, None, "b"), user(2, "c"), user(256, "d")];
    bench.write(rows.iter().map(insert).collect());
    let users = type_name("cms.user");
    let roles = type_name("cms.role");
    let list = |object_type: Option<&TypeName>, after, limit| listed(bench, object_type, after, limit);
    assert_eq!(list(None, None, 10), [1, 2, 256, 300]);
    assert_eq!(list(None, None, 2), [1, 2]);
    assert_eq!(list(None, Some(2), 10), [256, 300]);
    assert_eq!(list(Some(&users), None, 2), [2, 256]);
    assert_eq!(list(Some(&users), Some(256), 2), [300]);
    assert!(list(Some(&users), Some(300), 2).is_empty());
    assert!(list(Some(&roles), None, 2).is_empty());
    assert!(list(None, None, 0).is_empty());
    let renamed = ObjectRow { code_name: code_name("z"), ..rows[3].clone() };
    bench.write(vec![delete(&rows[2]), update(&rows[3], &renamed)]);
    assert_eq!(listed(bench, Some(&users), None, 10), [256, 300]);
}

pub(super) fn a_question_about_unknown_names_answers_none(bench: &mut Bench<'_>) {
    bench.write(vec![insert(&user(1, "known"))]);
    let unknown = type_name("never.seen");
    let nowhere = Scope { site: Some(site("nowhere")), ..Scope::default() };
    for key in [
        ObjectKey::Name(unknown.clone(), Scope::default(), key_of("known")),
        ObjectKey::Name(type_name("cms.user"), nowhere, key_of("known")),
        ObjectKey::Guid(unknown.clone(), Uuid::from_u128(1)),
        ObjectKey::Unique(unknown.clone(), field("email"), "tx".into()),
        ObjectKey::Unique(type_name("cms.user"), field("never"), "tx".into()),
    ] {
        assert_eq!(bench.object(&key), None, "{key:?}");
    }
    assert!(bench.objects(&ObjectsKey::AnyNamed(unknown.clone(), None, key_of("known"))).is_empty());
    assert!(bench.objects(&ObjectsKey::AnyNamed(type_name("cms.user"), Some(site("nowhere")), key_of("known"))).is_empty());
    assert!(bench.objects(&ObjectsKey::Children(ObjectId(1), unknown)).is_empty());
    assert_eq!(bench.page(&PageKey::Alias(site("nowhere"), None, key_of("known"))), None);
    assert_eq!(bench.page(&PageKey::Guid(site("nowhere"), Uuid::from_u128(1))), None);
    assert!(bench.store().pages_under(&site("nowhere"), None).expect("pages_under").is_empty());
}
