//! Loose ends: where they are, what they wait for, when they are due (§11.4).

use std::sync::Arc;

use super::bench::{
    Bench, a_page, a_version, connector, culture, delete, field, fields, insert, link, looks_at, mark, named, not_made, stated, text,
    to_object, type_name, update, user, user_role, want,
};
use crate::short::{Commit, Short};
use lockgate_core::change::Change;
use lockgate_core::key::{LooseKey, LooseOf};
use lockgate_core::park::{LooseAt, LooseEnd, NotMade, Want};
use lockgate_core::ports::StoreError;
use lockgate_core::rows::{BindingRow, LooseId, NodeId, ObjectId, ObjectRow, Owner, PageRow, Target};

fn put(end: &LooseEnd) -> Change {
    Change::Loose(None, Some(Arc::new(end.clone())))
}

fn change(before: &LooseEnd, after: &LooseEnd) -> Change {
    Change::Loose(Some(Arc::new(before.clone())), Some(Arc::new(after.clone())))
}

fn ends(end: &LooseEnd) -> Change {
    Change::Loose(Some(Arc::new(end.clone())), None)
}

fn stored(bench: &Bench<'_>, id: u64) -> Option<LooseEnd> {
    bench.ask(&LooseKey(LooseId(id))).map(|end| (*end).clone())
}

fn of_owner(bench: &Bench<'_>, binding_type: &str, owner: Owner) -> Vec<u64> {
    bench.ask(&LooseOf(type_name(binding_type), owner)).iter().map(|end| end.id.0).collect()
}

fn object(id: u64) -> Owner {
    Owner::Row(Target::Object(ObjectId(id)))
}

/// An object, a page and a binding, each with a field that is loose, and the ends.
fn three() -> (ObjectRow, PageRow, BindingRow, [LooseEnd; 3]) {
    let mut row = ObjectRow { fields: fields([("email", text("a@b.c"))]), ..user(1, "ann") };
    row.links.insert(field("manager"), link("bob", Some(11)));
    let mut page = a_page(2, None, "p");
    let mut version = a_version("s", []);
    version.links.insert(field("author"), link("bob", Some(12)));
    page.cultures.insert(culture("cs-CZ"), version);
    let mut binding = user_role(3, 1, 4);
    binding.links.insert(field("role"), link("bob", Some(13)));
    let places = [
        LooseAt::Object(ObjectId(1), field("manager")),
        LooseAt::Page(NodeId(2), culture("cs-CZ"), field("author")),
        LooseAt::Binding(binding.id, field("role")),
    ];
    let mut id = 10;
    let ends = places.map(|at| {
        id += 1;
        LooseEnd { at, ..not_made(id, "bob") }
    });
    (row, page, binding, ends)
}

pub(super) fn a_loose_end_comes_back_as_it_was_left(bench: &mut Bench<'_>) {
    let (row, page, binding, mut all) = three();
    all[0].since_ms = i64::MIN;
    all[1].stated = super::bench::every_stated();
    all[2].wants.push(Want { mark: lockgate_core::mark::Mark(u64::MAX), what: "žluť\n".into(), external: Some("".into()) });
    all[2].connector = connector("b");
    assert_eq!(stored(bench, 11), None);
    let mut changes = vec![insert(&row), insert(&page), insert(&binding)];
    changes.extend(all.iter().map(put));
    bench.write(changes);
    for end in &all {
        assert_eq!(stored(bench, end.id.0).as_ref(), Some(end));
    }
    assert_eq!(stored(bench, 14), None);
    bench.reopen();
    for end in &all {
        assert_eq!(stored(bench, end.id.0).as_ref(), Some(end));
    }
}

pub(super) fn bindings_that_are_not_made_are_found_by_their_owner(bench: &mut Bench<'_>) {
    let (row, page, binding, at_fields) = three();
    let mut changes = vec![insert(&row), insert(&page), insert(&binding)];
    changes.extend(at_fields.iter().map(put));
    bench.write(changes);
    let by = |id, binding_type: &str, owner: Owner| {
        let links = [(field("role"), link("bob", None)), (field("user"), link("ann", None))].into();
        let fields = fields([("note", text("x")), ("user", to_object(1))]);
        LooseEnd { at: LooseAt::NotMade(NotMade { binding_type: type_name(binding_type), owner, fields, links }), ..not_made(id, "bob") }
    };
    let by_question = super::bench::every_stated().into_iter().map(Owner::Stated);
    let mut all = vec![by(300, "cms.user-role", object(1)), by(21, "cms.user-role", object(1)), by(22, "cms.user-role", object(2))];
    all.extend([by(23, "cms.other", object(1)), by(24, "cms.user-role", Owner::Row(Target::Page(NodeId(1))))]);
    all.extend(by_question.zip(31..).map(|(owner, id)| by(id, "cms.user-role", owner)));
    bench.write(all.iter().map(put).collect());
    assert_eq!(of_owner(bench, "cms.user-role", object(1)), [21, 300], "ascending");
    assert_eq!(of_owner(bench, "cms.user-role", object(2)), [22]);
    assert_eq!(of_owner(bench, "cms.other", object(1)), [23]);
    assert_eq!(of_owner(bench, "cms.user-role", Owner::Row(Target::Page(NodeId(1)))), [24], "a page is no object");
    assert_eq!(of_owner(bench, "cms.user-role", object(3)), [0; 0], "at a field of a binding is not a binding that is not made");
    for end in &all {
        let LooseAt::NotMade(not_made) = &end.at else { panic!("{end:?}") };
        let found = bench.ask(&LooseOf(not_made.binding_type.clone(), not_made.owner.clone()));
        assert!(found.iter().any(|found| **found == *end), "{end:?} is found as it is: {found:?}");
        assert!(matches!(not_made.owner, Owner::Row(_)) || found.len() == 1, "a question is told from every other: {found:?}");
    }
    let moved = by(22, "cms.user-role", object(9));
    bench.write(vec![change(&all[2], &moved), ends(&all[1])]);
    assert_eq!(of_owner(bench, "cms.user-role", object(2)), [0; 0]);
    assert_eq!(of_owner(bench, "cms.user-role", object(9)), [22]);
    assert_eq!(of_owner(bench, "cms.user-role", object(1)), [300]);
}

pub(super) fn what_comes_makes_loose_ends_due(bench: &mut Bench<'_>) {
    let of_b = LooseEnd { connector: connector("b"), ..not_made(23, "ann") };
    let all = [not_made(22, "ann"), not_made(21, "ann"), not_made(24, "bob"), of_b];
    bench.write(all.iter().map(put).collect());
    assert_eq!((bench.loose_due("a"), bench.stirred()), (Vec::new(), Vec::new()));
    bench.write(vec![insert(&user(1, "ann"))]);
    assert_eq!(bench.stirred(), ["a", "b"], "the connector that wrote the row mends it");
    assert_eq!(bench.loose_due("a"), [21, 22].map(LooseId), "ascending");
    assert_eq!(bench.loose_due("b"), [LooseId(23)]);
    assert_eq!(bench.due_now("a"), []);
    let first = bench.store().loose_due(&connector("a"), 1).expect("loose_due");
    assert_eq!(first.iter().map(|end| (**end).clone()).collect::<Vec<_>>(), [all[1].clone()]);
    assert!(bench.store().loose_due(&connector("nobody"), 9).expect("loose_due").is_empty());
}

pub(super) fn an_end_that_was_looked_at_is_not_due(bench: &mut Bench<'_>) {
    let all = [not_made(21, "ann"), not_made(22, "ann"), not_made(23, "ann")];
    bench.write(all.iter().map(put).collect());
    bench.write(vec![insert(&user(1, "ann"))]);
    assert_eq!(bench.loose_due("a").len(), 3);
    let after = LooseEnd { wants: vec![want(named("bob"))], ..all[1].clone() };
    bench.write(vec![looks_at(&all[0]), change(&all[1], &after), ends(&all[2])]);
    assert_eq!((bench.loose_due("a"), bench.stirred()), (Vec::new(), Vec::new()));
    assert_eq!((stored(bench, 21), stored(bench, 22), stored(bench, 23)), (Some(all[0].clone()), Some(after), None));
    bench.write(vec![delete(&user(1, "ann"))]);
    assert_eq!(bench.loose_due("a"), [LooseId(21)], "it waits for what it waits for now");
    bench.write(vec![insert(&user(2, "bob")), looks_at(&all[0])]);
    assert_eq!(bench.loose_due("a"), [LooseId(22)]);
    bench.write(vec![insert(&user(1, "ann")), looks_at(&all[0])]);
    assert_eq!(bench.loose_due("a"), [21, 22].map(LooseId), "what comes with the same commit has not been looked at");
}

pub(super) fn an_end_that_begins_with_what_it_waits_for_is_due(bench: &mut Bench<'_>) {
    bench.write(vec![insert(&user(1, "ann")), put(&not_made(21, "ann"))]);
    assert_eq!(bench.loose_due("a"), [LooseId(21)]);
    let gone = not_made(22, "cat");
    bench.write(vec![put(&gone), ends(&gone), insert(&user(2, "cat"))]);
    assert_eq!(bench.loose_due("a"), [LooseId(21)], "one that has come and gone is not");
    assert_eq!(bench.store().counts().expect("counts").loose_ends.values().sum::<u64>(), 1);
}

pub(super) fn a_removed_connectors_loose_ends_are_gone(bench: &mut Bench<'_>) {
    let (row, page, binding, at_fields) = three();
    let of_b = LooseEnd { connector: connector("b"), ..not_made(23, "bob") };
    let mut changes = vec![insert(&row), insert(&page), insert(&binding), put(&of_b), put(&not_made(24, "cat"))];
    changes.extend(at_fields.iter().map(put));
    bench.write(changes);
    bench.store().install([&connector("a"), &connector("b")]);
    bench.write(vec![insert(&user(50, "bob"))]);
    assert_eq!(bench.loose_due("a").len(), 3);
    let relying = Commit { as_of: bench.as_of(), relied: vec![LooseKey(LooseId(24)).into()], ..Commit::default() };
    let other = bench.claim("b");
    bench.store().delete_connector(&connector("a")).expect("delete");
    assert_eq!(bench.stirred(), ["b"]);
    assert_eq!(stored(bench, 24), None);
    assert_eq!(of_owner(bench, "cms.user-role", object(1)), [23]);
    assert_eq!(bench.store().missing(None, 9).expect("missing").len(), 1, "nobody waits for cat any more");
    let counts = super::operator::without_zeros(bench.store().counts().expect("counts"));
    assert_eq!(counts.loose_ends, [(connector("b"), 1)].into());
    let outcome = bench.commit(&other, &relying);
    assert!(matches!(outcome, Err(StoreError::Conflict)), "who has planned with one of them plans again: {outcome:?}");
    bench.commit(&other, &Commit { as_of: bench.as_of(), ..relying }).expect("commit");
}

pub(super) fn a_changed_end_conflicts_with_whoever_relied_on_it(bench: &mut Bench<'_>) {
    let (a, b) = (bench.claim("a"), bench.claim("b"));
    let end = not_made(21, "ann");
    let after = LooseEnd { wants: vec![want(named("bob"))], ..end.clone() };
    for changes in [vec![put(&end)], vec![change(&end, &after)], vec![ends(&after)]] {
        let as_of = bench.as_of();
        bench.commit(&b, &Commit { changes, ..Commit::default() }).expect("commit");
        for question in [LooseKey(LooseId(21)).into(), LooseOf(type_name("cms.user-role"), object(1)).into()] {
            let relied = Commit { as_of, relied: vec![question], ..Commit::default() };
            let outcome = bench.commit(&a, &relied);
            assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
        }
    }
}

pub(super) fn a_field_that_was_loose_is_written(bench: &mut Bench<'_>) {
    let (row, page, binding, all) = three();
    let mut changes = vec![insert(&row), insert(&page), insert(&binding)];
    changes.extend(all.iter().map(put));
    bench.write(changes);
    bench.write(vec![insert(&user(50, "bob"))]);
    let mut mended = row.clone();
    mended.fields.insert(field("manager"), to_object(50));
    mended.links.insert(field("manager"), link("bob", None));
    bench.write(vec![update(&row, &mended), ends(&all[0]), delete(&page), ends(&all[1])]);
    assert_eq!(bench.loose_due("a"), [all[2].id]);
    assert_eq!(bench.object(&lockgate_core::key::ObjectKey::Id(row.id)), Some(mended));
    assert_eq!(bench.store().waiters(mark(named("bob")), 9).expect("waiters"), [lockgate_core::ports::Waiter::Loose(all[2].id)]);
    assert_eq!(stated("bob"), all[2].stated[0]);
}
