//! Commits that relied on what has changed meanwhile.

use super::bench::{
    Bench, a_page, a_version, culture, delete, fields, insert, key_of, site, text, to_object, tree, type_name, update, user, user_role,
};
use crate::short::Commit;
use lockgate_core::change::Change;
use lockgate_core::key::{BindingKey, BindingsOf, Key, ObjectKey, ObjectsKey, PageKey, PagesUnder, ReferrersOf};
use lockgate_core::ports::{Lease, StoreError};
use lockgate_core::rows::{BindingId, NodeId, ObjectId, ObjectRow, Scope, Target};
use lockgate_core::unique::unique_key;
use lockgate_core::value::Plain;

fn relying(as_of: u64, relied: impl IntoIterator<Item = impl Into<Key>>) -> Commit {
    Commit { as_of, relied: relied.into_iter().map(Into::into).collect(), ..Commit::default() }
}

fn conflicts(bench: &Bench<'_>, lease: &Lease, commit: &Commit) -> bool {
    match bench.commit(lease, commit) {
        Ok(()) => false,
        Err(StoreError::Conflict) => true,
        Err(other) => panic!("{other:?}"),
    }
}

fn write_as(bench: &Bench<'_>, lease: &Lease, changes: Vec<Change>) {
    bench.commit(lease, &Commit { changes, ..Commit::default() }).expect("commit");
}

pub(super) fn another_connectors_touch_conflicts(bench: &mut Bench<'_>) {
    let (a, b) = (bench.claim("a"), bench.claim("b"));
    let as_of = bench.as_of();
    write_as(bench, &b, vec![insert(&user(1, "ann"))]);
    for _ in 0..2 {
        assert!(conflicts(bench, &a, &relying(as_of, [ObjectKey::Id(ObjectId(1))])), "a conflict stays one until it is loaded again");
    }
}

pub(super) fn every_question_that_a_change_touches_conflicts(bench: &mut Bench<'_>) {
    let (a, b) = (bench.claim("a"), bench.claim("b"));
    let child = ObjectRow { fields: fields([("label", text("x"))]), ..tree(2, Some(1), "leaf") };
    let mailed = ObjectRow { fields: fields([("email", text("a@b.c")), ("manager", to_object(9))]), ..user(3, "ann") };
    let mut page = a_page(4, Some(8), "p");
    page.cultures.insert(culture("en-US"), a_version("p", [("author", to_object(10))]));
    let binding = user_role(5, 11, 12);
    let object = |id| Target::Object(ObjectId(id));
    let questions: [Key; 18] = [
        ObjectKey::Id(child.id).into(),
        ObjectKey::Name(child.object_type.clone(), child.scope.clone(), key_of("leaf")).into(),
        ObjectKey::Guid(child.object_type.clone(), child.guid).into(),
        ObjectsKey::AnyNamed(child.object_type.clone(), None, key_of("leaf")).into(),
        ObjectsKey::Children(ObjectId(1), child.object_type.clone()).into(),
        ObjectKey::Unique(type_name("cms.user"), super::bench::field("email"), unique_key(&Plain::Text("A@B.C".into()))).into(),
        ReferrersOf(object(9)).into(),
        ReferrersOf(object(10)).into(),
        ReferrersOf(object(11)).into(),
        ReferrersOf(object(12)).into(),
        PageKey::Id(page.id).into(),
        PageKey::Guid(site("main"), page.guid).into(),
        PageKey::Alias(site("main"), Some(NodeId(8)), key_of("p")).into(),
        PageKey::ChildOf(NodeId(8)).into(),
        PagesUnder(NodeId(8)).into(),
        BindingKey::Id(BindingId(5)).into(),
        BindingKey::Binds(binding.binding_type.clone(), binding.binds.clone()).into(),
        BindingsOf(binding.binding_type.clone(), object(11)).into(),
    ];
    let changes = [
        vec![insert(&child), insert(&mailed), insert(&page), insert(&binding)],
        vec![delete(&binding), delete(&page), delete(&mailed), delete(&child)],
    ];
    for changes in changes {
        let as_of = bench.as_of();
        write_as(bench, &b, changes);
        for question in &questions {
            assert!(conflicts(bench, &a, &relying(as_of, [question.clone()])), "{question:?} was touched");
        }
    }
}

pub(super) fn a_question_that_was_answered_none_conflicts_when_it_is_answered(bench: &mut Bench<'_>) {
    let (a, b) = (bench.claim("a"), bench.claim("b"));
    let key = ObjectKey::Name(type_name("cms.user"), Scope::default(), key_of("ann"));
    let loaded = bench.store().load(&[key.clone().into()]).expect("load");
    write_as(bench, &b, vec![insert(&user(1, "Ann"))]);
    assert!(conflicts(bench, &a, &relying(loaded.as_of, [key])));
}

pub(super) fn an_own_touch_does_not_conflict(bench: &mut Bench<'_>) {
    let a = bench.claim("a");
    let as_of = bench.as_of();
    write_as(bench, &a, vec![insert(&user(1, "ann"))]);
    assert!(!conflicts(bench, &a, &relying(as_of, [ObjectKey::Id(ObjectId(1))])));
    let newer = bench.claim("a");
    assert!(!conflicts(bench, &newer, &relying(as_of, [ObjectKey::Id(ObjectId(1))])), "nor after another claim");
}

pub(super) fn an_own_touch_does_not_hide_anothers(bench: &mut Bench<'_>) {
    let (a, b, c) = (bench.claim("a"), bench.claim("b"), bench.claim("c"));
    let as_of = bench.as_of();
    let names = ["1", "2", "3", "4"].map(|name| user(1, name));
    write_as(bench, &b, vec![insert(&names[0])]);
    write_as(bench, &a, vec![update(&names[0], &names[1])]);
    assert!(conflicts(bench, &a, &relying(as_of, [ObjectKey::Id(ObjectId(1))])));
    let as_of = bench.as_of();
    write_as(bench, &c, vec![update(&names[1], &names[2])]);
    write_as(bench, &b, vec![update(&names[2], &names[3])]);
    for lease in [&a, &b, &c] {
        assert!(conflicts(bench, lease, &relying(as_of, [ObjectKey::Id(ObjectId(1))])), "{}", lease.connector);
    }
}

pub(super) fn what_was_loaded_after_the_touch_does_not_conflict(bench: &mut Bench<'_>) {
    let (a, b) = (bench.claim("a"), bench.claim("b"));
    write_as(bench, &b, vec![insert(&user(1, "ann"))]);
    let key = ObjectKey::Id(ObjectId(1));
    let loaded = bench.store().load(&[key.clone().into()]).expect("load");
    assert!(!conflicts(bench, &a, &relying(loaded.as_of, [key])));
}

pub(super) fn an_untouched_answer_does_not_conflict(bench: &mut Bench<'_>) {
    let (a, b) = (bench.claim("a"), bench.claim("b"));
    let as_of = bench.as_of();
    write_as(bench, &b, vec![insert(&user(1, "ann"))]);
    let untouched: [Key; 6] = [
        ObjectKey::Id(ObjectId(2)).into(),
        ObjectKey::Name(type_name("cms.user"), Scope::default(), key_of("bob")).into(),
        ObjectKey::Name(type_name("cms.role"), Scope::default(), key_of("ann")).into(),
        ObjectsKey::AnyNamed(type_name("cms.user"), Some(site("main")), key_of("ann")).into(),
        PageKey::Id(NodeId(1)).into(),
        ReferrersOf(Target::Object(ObjectId(1))).into(),
    ];
    assert!(!conflicts(bench, &a, &relying(as_of, untouched)));
}

pub(super) fn nothing_relied_on_never_conflicts(bench: &mut Bench<'_>) {
    let (a, b) = (bench.claim("a"), bench.claim("b"));
    write_as(bench, &b, vec![insert(&user(1, "ann"))]);
    assert!(!conflicts(bench, &a, &relying(0, [] as [Key; 0])));
}

pub(super) fn a_refused_commit_touches_nothing(bench: &mut Bench<'_>) {
    let (a, b, old) = (bench.claim("a"), bench.claim("b"), bench.claim("c"));
    bench.claim("c");
    let first = bench.as_of();
    write_as(bench, &b, vec![insert(&user(1, "ann"))]);
    let as_of = bench.as_of();
    let changes = vec![insert(&user(2, "bob"))];
    assert!(bench.commit(&old, &Commit { changes: changes.clone(), ..Commit::default() }).is_err());
    assert!(bench.commit(&a, &Commit { changes, ..relying(first, [ObjectKey::Id(ObjectId(1))]) }).is_err());
    assert!(!conflicts(bench, &b, &relying(as_of, [ObjectKey::Id(ObjectId(2))])));
}
