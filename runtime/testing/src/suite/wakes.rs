//! Who is woken by what (§11.2, §11.6, §11.7).

use std::sync::Arc;

use uuid::Uuid;

use super::bench::{
    Bench, a_page, a_version, behind, connector, culture, delete, entry, failed, fields, insert, key_of, mark, named, parked, parked_for,
    parked_for_group, removed, set_aside, site, standing, stays, text, to_object, to_page, tree, type_name, update, user, user_role, want,
    want_end,
};
use crate::short::{Commit, Short};
use lockgate_core::change::Change;
use lockgate_core::history::{Entry, Outcome};
use lockgate_core::key::{FormerKey, Key, ObjectKey, ObjectsKey, PageKey, ReferrersOf, unique_key};
use lockgate_core::mark::ended;
use lockgate_core::ports::{Due, Standing, StoreError};
use lockgate_core::rows::{NodeId, ObjectId, ObjectRow, PageRow, Scope, Target};
use lockgate_core::task::{ProcessType, TaskId, TaskState};
use lockgate_core::value::Plain;

/// Alone, each of these.
fn alone(tasks: &[TaskId]) -> Vec<(TaskId, Due)> {
    tasks.iter().map(|id| (*id, Due::Alone)).collect()
}

pub(super) fn what_comes_wakes_who_waits_for_it(bench: &mut Bench<'_>) {
    let ann = bench.submit_standing("a", parked_for("ann"));
    let both = bench.submit_standing("a", parked([want(named("bob")), want(named("ann"))]));
    let other = bench.submit_standing("a", parked_for("cat"));
    let of_b = bench.submit_standing("b", parked_for("Ann"));
    assert_eq!((bench.due("a"), bench.stirred()), (Vec::new(), Vec::new()));
    bench.write(vec![insert(&user(1, "dan"))]);
    assert_eq!((bench.due("a"), bench.stirred()), (Vec::new(), Vec::new()));
    bench.write(vec![insert(&user(2, "ann"))]);
    assert_eq!(bench.stirred(), ["a", "b"]);
    assert_eq!(bench.due("a"), alone(&[ann, both]));
    assert_eq!(bench.due("b"), alone(&[of_b]));
    assert!(bench.task(other).stands_apart());
    assert_eq!(bench.task(ann).version.0, 1, "to be due is no change of the task");
    assert_eq!(bench.due("a"), alone(&[ann, both]), "until it is looked at");
}

/// A question, what is there before, and what touches it.
fn touches() -> Vec<(Key, Vec<Change>, Vec<Change>)> {
    let mailed = ObjectRow { fields: fields([("email", text("A@b.c"))]), ..user(1, "ann") };
    let moved = |id, parent| tree(id, parent, "leaf");
    let page = a_page(5, None, "p");
    let translated = |page: &PageRow| {
        let mut page = page.clone();
        page.cultures.insert(culture("cs-CZ"), a_version("s", []));
        page
    };
    let related = |page: &PageRow| {
        let mut page = page.clone();
        page.cultures.insert(culture("en-US"), a_version("p", [("related", to_page(77))]));
        page
    };
    let by_email = ObjectKey::Unique(type_name("cms.user"), super::bench::field("email"), unique_key(&Plain::Text("a@B.C".into())));
    let former = FormerKey(type_name("cms.user"), Scope::default(), key_of("ann"));
    let managed = ObjectRow { fields: fields([("manager", to_object(9))]), ..user(1, "ann") };
    let moved_page = PageRow { parent: Some(NodeId(6)), ..page.clone() };
    vec![
        (named("ann").into(), vec![], vec![insert(&user(1, "Ann"))]),
        (named("ann").into(), vec![insert(&user(1, "Ann"))], vec![update(&user(1, "Ann"), &user(1, "bob"))]),
        (named("ann").into(), vec![insert(&user(1, "Ann"))], vec![delete(&user(1, "Ann"))]),
        (ObjectKey::Guid(type_name("cms.user"), Uuid::from_u128(1)).into(), vec![], vec![insert(&user(1, "ann"))]),
        (by_email.clone().into(), vec![], vec![insert(&mailed)]),
        (by_email.into(), vec![insert(&mailed)], vec![update(&mailed, &user(1, "ann"))]),
        (ObjectKey::Id(ObjectId(3)).into(), vec![insert(&moved(3, Some(1)))], vec![update(&moved(3, Some(1)), &moved(3, Some(2)))]),
        (ObjectsKey::AnyNamed(type_name("test.tree"), None, key_of("leaf")).into(), vec![], vec![insert(&moved(3, Some(1)))]),
        (
            ObjectsKey::Children(ObjectId(1), type_name("test.tree")).into(),
            vec![insert(&moved(3, Some(1)))],
            vec![delete(&moved(3, Some(1)))],
        ),
        (ReferrersOf(Target::Object(ObjectId(9))).into(), vec![insert(&managed)], vec![update(&managed, &user(1, "ann"))]),
        (ReferrersOf(Target::Object(ObjectId(9))).into(), vec![insert(&user_role(4, 9, 8))], vec![delete(&user_role(4, 9, 8))]),
        (ReferrersOf(Target::Page(NodeId(77))).into(), vec![insert(&related(&page))], vec![update(&related(&page), &page)]),
        (PageKey::Guid(site("main"), Uuid::from_u128(5)).into(), vec![], vec![insert(&page)]),
        (PageKey::Guid(site("main"), Uuid::from_u128(5)).into(), vec![insert(&page)], vec![update(&page, &translated(&page))]),
        (PageKey::Alias(site("main"), None, key_of("p")).into(), vec![insert(&page)], vec![update(&page, &a_page(5, None, "q"))]),
        (PageKey::ChildOf(NodeId(6)).into(), vec![insert(&moved_page)], vec![update(&moved_page, &page)]),
        (PageKey::Id(NodeId(5)).into(), vec![insert(&page)], vec![update(&page, &moved_page)]),
        (named("ann").into(), vec![], vec![Change::Former(former, None, Some(Uuid::from_u128(7)))]),
    ]
}

pub(super) fn every_kind_of_touch_wakes(bench: &mut Bench<'_>) {
    for (key, before, touching) in touches() {
        bench.write(before);
        let waits = bench.submit_standing("a", parked([want(key.clone())]));
        let with_a_group = bench.submit_standing("b", parked_for_group([mark(key.clone())]));
        bench.write(touching.clone());
        assert_eq!(bench.due("a"), [(waits, Due::Alone)], "{key:?} was touched by {touching:?}");
        assert_eq!(bench.due("b"), [(with_a_group, Due::Group)], "{key:?} was touched by {touching:?}");
        for id in [waits, with_a_group] {
            bench.end(&bench.claim(bench.task(id).connector.as_str()), &bench.task(id), Vec::new());
        }
        bench.write(touching.into_iter().rev().map(Change::inverse).collect());
        let left = bench.store().objects(None, None, 9).expect("objects");
        bench.write(left.iter().map(|row| delete(&**row)).collect());
        let left = bench.store().pages(None, 9).expect("pages");
        bench.write(left.iter().map(|row| delete(&**row)).collect());
        let left = bench.store().bindings(None, 9).expect("bindings");
        bench.write(left.iter().map(|row| delete(&**row)).collect());
    }
}

pub(super) fn a_change_that_gives_nothing_to_another_wakes_nobody(bench: &mut Bench<'_>) {
    let before = user(1, "ann");
    bench.write(vec![insert(&before)]);
    bench.submit_standing("a", parked([want(named("ann")), want(ObjectKey::Guid(type_name("cms.user"), before.guid))]));
    let after = ObjectRow { display_name: "Ann".into(), modified_ms: 9, ..before.clone() };
    bench.write(vec![update(&before, &after)]);
    assert_eq!(bench.due("a"), []);
}

pub(super) fn who_begins_to_wait_in_the_commit_that_touches_it_is_due(bench: &mut Bench<'_>) {
    let all = bench.submit("a", &["1", "2", "3"]);
    let commit = Commit {
        tasks: vec![stays(all[0], parked_for("ann")), stays(all[1], behind(all[0])), removed(&bench.task(all[2]), Vec::new())],
        changes: vec![insert(&user(1, "ann"))],
        ..Commit::default()
    };
    bench.commit(&bench.claim("a"), &commit).expect("commit");
    assert_eq!(bench.due("a"), alone(&all[..1]));
    let waits = bench.submit("a", &["4", "5"]);
    let commit =
        Commit { tasks: vec![removed(&bench.task(all[0]), Vec::new()), stays(waits[0], parked([want_end(all[0])]))], ..Commit::default() };
    bench.commit(&bench.claim("a"), &commit).expect("commit");
    assert_eq!(bench.due("a"), alone(&[all[1], waits[0]]));
}

pub(super) fn the_end_of_a_task_wakes_who_is_behind_it(bench: &mut Bench<'_>) {
    let heads = bench.submit("a", &["1", "2", "3"]);
    let followers: Vec<TaskId> = heads.iter().map(|head| bench.submit_standing("a", behind(*head))).collect();
    bench.end(&bench.claim("a"), &bench.task(heads[0]), Vec::new());
    assert_eq!(bench.due("a"), alone(&followers[..1]), "though it wrote no row");
    let deleted = Entry { outcome: Outcome::Deleted(None), ..entry(&bench.task(heads[1])) };
    bench.store().remove_now(vec![deleted]).expect("remove");
    assert_eq!(bench.due("a"), alone(&followers[..2]), "an operator's removal is an end, too");
    for standing in [failed(), parked_for("ann"), set_aside([]), standing(ProcessType::SkipOnce, TaskState::Queued)] {
        bench.stand(heads[2], standing.clone());
        assert!(bench.store().stand_now(heads[2], &standing).expect("stand"));
        assert_eq!(bench.due("a"), alone(&followers[..2]), "a task that stays has not ended");
    }
}

pub(super) fn who_goes_behind_a_task_that_has_ended_is_due(bench: &mut Bench<'_>) {
    let all = bench.submit("a", &["1", "2", "3"]);
    let deleted = Entry { outcome: Outcome::Deleted(None), ..entry(&bench.task(all[0])) };
    bench.store().remove_now(vec![deleted]).expect("remove");
    bench.stand(all[1], behind(all[0]));
    bench.stand(all[2], behind(all[1]));
    assert_eq!(bench.due("a"), alone(&all[1..2]), "an operator has removed what it is behind");
    bench.stand(all[1], parked_for("ann"));
    assert_eq!(bench.due("a"), []);
}

pub(super) fn a_forced_removal_of_a_connector_ends_its_tasks(bench: &mut Bench<'_>) {
    let of_b = bench.submit("b", &["1", "2"]);
    bench.stand(of_b[1], behind(of_b[0]));
    let group = bench.submit_standing("a", parked_for_group([ended(of_b[0])]));
    bench.submit_standing("a", parked_for("ann"));
    bench.store().delete_connector(&connector("b")).expect("delete");
    assert_eq!(bench.due("a"), [(group, Due::Group)]);
    assert_eq!(bench.stirred(), ["a"]);
    bench.write(vec![insert(&user(1, "b"))]);
    assert!(bench.store().due(&connector("b"), None, 9, 9).expect("due").is_empty());
}

pub(super) fn to_be_tried_alone_says_more_than_with_a_group(bench: &mut Bench<'_>) {
    let standing = Standing {
        waiting: parked([want(named("ann"))]).waiting.map(|waiting| {
            let group_wants = vec![mark(named("ann")), mark(named("bob"))];
            Arc::new(lockgate_core::park::Waiting { group_wants, ..(*waiting).clone() })
        }),
        ..parked([])
    };
    let id = bench.submit_standing("a", standing.clone());
    bench.write(vec![insert(&user(1, "bob"))]);
    assert_eq!(bench.due("a"), [(id, Due::Group)]);
    bench.write(vec![insert(&user(2, "ann"))]);
    assert_eq!(bench.due("a"), [(id, Due::Alone)], "it waits for ann itself, too");
    bench.write(vec![delete(&user(1, "bob"))]);
    assert_eq!(bench.due("a"), [(id, Due::Alone)]);
    bench.store().make_due(&[id], Due::Group).expect("make_due");
    assert_eq!(bench.due("a"), [(id, Due::Alone)]);
    bench.stand(id, standing);
    assert_eq!(bench.due("a"), []);
}

pub(super) fn who_parks_stirs_others_and_not_itself(bench: &mut Bench<'_>) {
    let waits = bench.submit_standing("a", parked_for("ann"));
    let with_a_group = bench.submit_standing("b", parked_for_group([mark(named("ann"))]));
    let other = bench.submit_standing("b", parked_for("bob"));
    let end = super::bench::not_made(9, "ann");
    bench.write(vec![Change::Loose(None, Some(Arc::new(end)))]);
    let all = bench.submit("a", &["1", "2", "3"]);
    let stirs = vec![mark(named("ann"))];
    let tasks = vec![
        stays(all[0], parked_for("ann")),
        stays(all[1], set_aside([want(named("ann"))])),
        stays(all[2], Standing { waiting: parked_for("ann").waiting, ..standing(ProcessType::SkipOnError, TaskState::Queued) }),
    ];
    bench.commit(&bench.claim("a"), &Commit { tasks, stirs, ..Commit::default() }).expect("commit");
    assert_eq!(bench.due("a"), [(waits, Due::Group)], "those that this commit parks are not meant");
    assert_eq!(bench.due("b"), [(with_a_group, Due::Group)]);
    assert!(bench.task(other).stands_apart());
    assert_eq!(bench.loose_due("a"), [], "nothing has come that would mend a loose end");
    let again = Commit { stirs: vec![mark(named("ann"))], ..Commit::default() };
    bench.commit(&bench.claim("b"), &again).expect("commit");
    assert_eq!(bench.due("a"), [waits, all[0], all[1]].map(|id| (id, Due::Group)), "those of before are meant by another's");
}

pub(super) fn who_was_looked_at_is_not_due(bench: &mut Bench<'_>) {
    let ids = ["ann", "bob", "cat"].map(|name| bench.submit_standing("a", parked_for(name)));
    bench.write(vec![insert(&user(1, "ann")), insert(&user(2, "bob")), insert(&user(3, "cat"))]);
    assert_eq!(bench.due("a"), alone(&ids));
    bench.stand(ids[0], parked_for("dan"));
    bench.stand(ids[1], set_aside([want(named("bob"))]));
    bench.end(&bench.claim("a"), &bench.task(ids[2]), Vec::new());
    assert_eq!((bench.due("a"), bench.stirred()), (Vec::new(), Vec::new()));
    bench.write(vec![delete(&user(1, "ann")), delete(&user(2, "bob"))]);
    assert_eq!(bench.due("a"), alone(&ids[1..2]), "it waits for what it waits for now, and that alone");
}

pub(super) fn an_operators_change_leaves_who_is_due_due(bench: &mut Bench<'_>) {
    let ids = ["ann", "ann"].map(|name| bench.submit_standing("a", parked_for(name)));
    bench.write(vec![insert(&user(1, "ann"))]);
    let other = Standing { process_type: ProcessType::SkipOnError, ..parked_for("ann") };
    assert!(bench.store().stand_now(ids[0], &other).expect("stand"));
    assert_eq!(bench.due("a"), alone(&ids), "nobody has looked at it");
    let again = standing(ProcessType::Default, TaskState::Queued);
    assert!(bench.store().stand_now(ids[0], &again).expect("stand"));
    assert_eq!(bench.due("a"), alone(&ids[1..]), "a pass comes to it anyway");
    assert!(bench.store().stand_now(ids[0], &parked_for("ann")).expect("stand"));
    assert_eq!(bench.due("a"), alone(&ids[1..]));
    bench.write(vec![delete(&user(1, "ann"))]);
    assert_eq!(bench.due("a"), alone(&ids), "what an operator lets wait is woken");
}

pub(super) fn those_in_the_queue_are_not_woken(bench: &mut Bench<'_>) {
    let waiting = parked_for("ann").waiting;
    let queued = Standing { waiting: waiting.clone(), ..standing(ProcessType::Default, TaskState::Queued) };
    let at_the_head = Standing { waiting, ..failed() };
    let ids = [queued, at_the_head].map(|standing| bench.submit_standing("a", standing));
    bench.write(vec![insert(&user(1, "ann"))]);
    bench.store().make_due(&ids, Due::Alone).expect("make_due");
    assert_eq!((bench.due("a"), bench.stirred()), (Vec::new(), Vec::new()));
    bench.stand(ids[0], parked_for("bob"));
    assert_eq!(bench.due("a"), []);
}

pub(super) fn one_that_failed_is_woken_by_the_wants_that_it_keeps(bench: &mut Bench<'_>) {
    let too_long = bench.submit_standing("a", set_aside([want(named("ann"))]));
    let by_its_data = bench.submit_standing("a", set_aside([]));
    bench.write(vec![insert(&user(1, "ann"))]);
    assert_eq!(bench.due("a"), alone(&[too_long]));
    bench.store().make_due(&[by_its_data], Due::Alone).expect("make_due");
    assert_eq!(bench.due("a"), alone(&[too_long, by_its_data]), "who changes what it failed by makes it due");
}

pub(super) fn the_due_come_ascending_and_in_pages(bench: &mut Bench<'_>) {
    let body = "x".repeat(1_000);
    let ids = bench.submit("a", &[&body, &body, &body]);
    for id in ids.iter().rev() {
        bench.stand(*id, parked_for("ann"));
    }
    bench.store().make_due(&[ids[2], TaskId(u64::MAX), ids[0], ids[0]], Due::Group).expect("make_due");
    bench.store().make_due(&[ids[1]], Due::Alone).expect("make_due");
    let due = |after, tasks_max, bytes_max| {
        let due = bench.store().due(&connector("a"), after, tasks_max, bytes_max).expect("due");
        due.into_iter().map(|due| (due.task.id, due.how)).collect::<Vec<_>>()
    };
    let all = [(ids[0], Due::Group), (ids[1], Due::Alone), (ids[2], Due::Group)];
    assert_eq!(due(None, 9, usize::MAX), all);
    assert_eq!(due(Some(ids[0]), 9, usize::MAX), all[1..]);
    assert_eq!(due(Some(ids[2]), 9, usize::MAX), []);
    assert_eq!(due(None, 2, usize::MAX), all[..2]);
    assert_eq!(due(None, 9, 0), all[..1], "one at least");
    assert_eq!(due(None, 9, 2_500), all[..2]);
    let first = bench.store().due(&connector("a"), None, 1, 0).expect("due").remove(0);
    assert_eq!(first.task, bench.task(ids[0]));
    assert!(bench.store().due(&connector("nobody"), None, 9, 9).expect("due").is_empty());
}

pub(super) fn a_refused_commit_wakes_nobody(bench: &mut Bench<'_>) {
    let id = bench.submit_standing("a", parked_for("ann"));
    let gone = bench.submit("b", &["1"])[0];
    let old = bench.claim("b");
    let new = bench.claim("b");
    let changes = vec![insert(&user(1, "ann"))];
    let commit = Commit { changes, stirs: vec![mark(named("ann"))], ..Commit::default() };
    let outcome = bench.commit(&old, &commit);
    assert!(matches!(outcome, Err(StoreError::Fenced(_))), "{outcome:?}");
    let task = bench.task(gone);
    bench.end(&new, &task, Vec::new());
    let outcome = bench.commit(&new, &Commit { tasks: vec![removed(&task, Vec::new())], ..commit.clone() });
    assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
    assert_eq!((bench.due("a"), bench.stirred()), (Vec::new(), Vec::new()));
    bench.commit(&new, &commit).expect("commit");
    assert_eq!(bench.due("a"), alone(&[id]));
}
