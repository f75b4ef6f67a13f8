//! Waiting, as far as it is this store's own: many waiters, files that are opened again, and what nobody
//! pays for who waits for nothing.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use common::*;
use lockgate_core::effects::{Fate, TaskEnd};
use lockgate_core::history::{Entry, Outcome};
use lockgate_core::key::{Key, ObjectsKey};
use lockgate_core::mark::{Mark, ended};
use lockgate_core::park::{Line, Waiting};
use lockgate_core::ports::{Due, Force, HistoryFilter, Lease, Removed, Stand, Standing, Stood};
use lockgate_core::rows::{ObjectId, Owner, Target};
use lockgate_core::task::{TaskId, TaskState, TaskVersion};
use lockgate_store_redb::{Depth, RedbStore, check};

/// Who waits for an object of this name.
fn mark(name: &str) -> Mark {
    Key::from(ObjectsKey::AnyNamed(type_name("cms.user"), None, name.into())).mark()
}

fn park(store: &dyn Store, lease: &Lease, ids: &[TaskId], wants: &[Mark]) {
    let name = lease.connector.as_str();
    let tasks: Vec<TaskEnd> = ids.iter().map(|id| ends(name, *id, 0, Fate::Stays(parked(7, wants)))).collect();
    store.commit_now(lease, &Commit { tasks, ..Commit::default() }, &model(&[])).unwrap();
}

fn comes(store: &dyn Store, lease: &Lease, name: &str) {
    let row = object(store.reserve_ids(1).unwrap(), name);
    change(store, lease, vec![objects(None, Some(&row))], &model(&[])).unwrap();
}

fn due(store: &dyn Store, name: &str) -> Vec<(TaskId, Due)> {
    let due = store.due(&connector(name), None, usize::MAX, usize::MAX).unwrap();
    due.into_iter().map(|due| (due.task.id, due.how)).collect()
}

fn alone(ids: &[TaskId]) -> Vec<(TaskId, Due)> {
    ids.iter().map(|id| (*id, Due::Alone)).collect()
}

fn file() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store");
    (dir, path)
}

fn assert_whole(path: &Path) {
    assert_eq!(check(path, Depth::References, &mut |_| {}).unwrap().findings, []);
}

/// §11.9.
#[test]
fn where_nobody_waits_nothing_is_looked_up() {
    let store = memory();
    let ids = submit(&store, "a", 20);
    let lease = claim(&store, "a");
    for id in &ids[..10] {
        let row = object(store.reserve_ids(1).unwrap(), &format!("o{id}"));
        let commit = Commit { tasks: vec![removed("a", *id)], changes: vec![objects(None, Some(&row))], ..Commit::default() };
        store.commit_now(&lease, &commit, &model(&[])).unwrap();
    }
    assert_eq!(store.looked_for_waiters(), 0);
    park(&store, &lease, &ids[10..11], &[mark("ann")]);
    comes(&store, &lease, "bob");
    comes(&store, &lease, "ann");
    assert_eq!(due(&store, "a"), alone(&ids[10..11]));
    let looked = store.looked_for_waiters();
    assert!(looked > 0 && looked < 4, "others are told apart from what is waited for: {looked}");
    store
        .commit_now(
            &lease,
            &Commit { tasks: vec![ends("a", ids[10], 1, Fate::Removed(Box::new(entry("a", ids[10]))))], ..Commit::default() },
            &model(&[]),
        )
        .unwrap();
    let looked = store.looked_for_waiters();
    comes(&store, &lease, "ann");
    assert_eq!(store.looked_for_waiters(), looked, "nobody waits any more");
}

/// §11.8.
#[test]
fn many_waiters_are_worked_off_in_bounded_steps_also_after_the_file_was_opened_again() {
    let (_dir, path) = file();
    let store = RedbStore::open(&path, small()).unwrap();
    let ids = submit(&store, "a", 700);
    let others = submit(&store, "b", 2);
    let lease = claim(&store, "a");
    park(&store, &lease, &ids[..600], &[mark("ann")]);
    park(&store, &claim(&store, "b"), &others, &[mark("ann")]);
    comes(&store, &lease, "ann");
    assert_eq!((due(&store, "a"), due(&store, "b")), (Vec::new(), Vec::new()), "the commit itself is small");
    assert_eq!(store.stirred().unwrap(), [connector("a"), connector("b")]);
    assert!(store.work_off(&lease, 250).unwrap());
    assert_eq!(due(&store, "a"), alone(&ids[..250]));
    drop(store);
    assert_whole(&path);

    let store = RedbStore::open(&path, small()).unwrap();
    assert_eq!(store.stirred().unwrap(), [connector("a"), connector("b")]);
    let lease = claim(&store, "a");
    // Who is looked at meanwhile and goes on waiting is not woken by what came before.
    let again = Commit { tasks: vec![ends("a", ids[0], 1, Fate::Stays(parked(7, &[mark("ann")])))], ..Commit::default() };
    store.commit_now(&lease, &again, &model(&[])).unwrap();
    assert!(store.work_off(&lease, 250).unwrap());
    assert!(!store.work_off(&lease, 250).unwrap());
    assert_eq!(due(&store, "a"), alone(&ids[1..600]));
    assert!(!store.work_off(&claim(&store, "b"), 1_000).unwrap());
    assert_eq!(due(&store, "b"), alone(&others));
    // It goes before everything that it woke was looked at: from the start again.
    let ann = store.objects(None, None, 9).unwrap().remove(0);
    change(&store, &lease, vec![objects(Some(&ann), None)], &model(&[])).unwrap();
    assert!(store.work_off(&lease, 1).unwrap());
    assert_eq!(due(&store, "a").len(), 600);
    drop(store);
    assert_whole(&path);
}

#[test]
fn many_that_park_at_once_are_not_stirred_by_themselves() {
    let store = memory();
    let ids = submit(&store, "a", 600);
    let lease = claim(&store, "a");
    park(&store, &lease, &ids[..300], &[mark("ann")]);
    let parks = |ids: &[TaskId]| {
        let tasks = ids.iter().map(|id| ends("a", *id, 0, Fate::Stays(parked(7, &[mark("ann")])))).collect();
        Commit { tasks, stirs: vec![mark("ann")], ..Commit::default() }
    };
    store.commit_now(&lease, &parks(&ids[300..500]), &model(&[])).unwrap();
    while store.work_off(&lease, 100).unwrap() {}
    let group = |ids: &[TaskId]| ids.iter().map(|id| (*id, Due::Group)).collect::<Vec<_>>();
    assert_eq!(due(&store, "a"), group(&ids[..300]));
    // Two arrivals become one: those of the first commit are meant by the second.
    store.commit_now(&lease, &parks(&ids[500..600]), &model(&[])).unwrap();
    while store.work_off(&lease, 100).unwrap() {}
    assert_eq!(due(&store, "a"), group(&ids[..500]));
}

#[test]
fn who_stands_behind_a_task_that_has_ended_meanwhile_is_due() {
    let store = memory();
    let ids = submit(&store, "a", 3);
    let lease = claim(&store, "a");
    assert_eq!(store.remove(vec![removal("a", ids[0])]).unwrap(), [Stood::Done]);
    let behind = |head: TaskId| {
        let waiting = Waiting { wants: vec![want(&ended(head))], behind: Some(head), ..Waiting::default() };
        Standing { waiting: Some(Arc::new(waiting)), ..standing(TaskState::Behind) }
    };
    let tasks = vec![ends("a", ids[1], 0, Fate::Stays(behind(ids[0]))), ends("a", ids[2], 0, Fate::Stays(behind(ids[1])))];
    store.commit_now(&lease, &Commit { tasks, ..Commit::default() }, &model(&[])).unwrap();
    assert_eq!(due(&store, "a"), alone(&ids[1..2]));
}

#[test]
fn marks_of_another_rule_make_everything_that_waits_due_once() {
    let (_dir, path) = file();
    let store = RedbStore::open(&path, small()).unwrap();
    let ids = submit(&store, "a", 3);
    let lease = claim(&store, "a");
    park(&store, &lease, &ids[..2], &[mark("ann")]);
    let owner = Owner::Row(Target::Object(ObjectId(1)));
    let end = not_made(9, "a", owner.clone(), &[mark("ann")]);
    store.reserve_ids(10).unwrap();
    change(&store, &lease, vec![loose_ends(None, Some(&end))], &model(&[])).unwrap();
    drop(store);
    {
        let db = redb::Database::open(&path).unwrap();
        let txn = db.begin_write().unwrap();
        txn.open_table(redb::TableDefinition::<&str, u64>::new("numbers")).unwrap().insert("mark-rule", 0).unwrap();
        txn.open_table(redb::TableDefinition::<(u64, u64), ()>::new("loose-ends-of")).unwrap().retain(|_, ()| false).unwrap();
        txn.commit().unwrap();
    }
    let store = RedbStore::open(&path, small()).unwrap();
    assert_eq!(due(&store, "a"), alone(&ids[..2]));
    assert_eq!(store.loose_due(&connector("a"), 9).unwrap(), [Arc::new(end.clone())]);
    let of = lockgate_core::key::LooseOf(type_name("cms.userrole"), owner);
    assert_eq!(answer(&store, of), [Arc::new(end)], "it is found by its owner again");
    assert_eq!(store.stirred().unwrap(), [connector("a")]);
    let lease = claim(&store, "a");
    let tasks = ids[..2].iter().map(|id| ends("a", *id, 1, Fate::Stays(parked(7, &[mark("ann")])))).collect();
    store.commit_now(&lease, &Commit { tasks, ..Commit::default() }, &model(&[])).unwrap();
    drop(store);
    let store = RedbStore::open(&path, small()).unwrap();
    assert_eq!(due(&store, "a"), [], "once");
    drop(store);
    assert_whole(&path);
}

#[test]
fn a_connector_goes_with_everything_that_waited() {
    let (_dir, path) = file();
    let store = RedbStore::open(&path, small()).unwrap();
    let ids = submit(&store, "a", 400);
    let lease = claim(&store, "a");
    park(&store, &lease, &ids[..300], &[mark("ann"), mark("bob")]);
    let known = Waiting { lines: vec![Line::submitted("x")], brings: vec![Mark(7)], ..Waiting::default() };
    let aside = Standing { aside: true, waiting: Some(Arc::new(known)), ..standing(TaskState::Failed) };
    let tasks = ids[300..320].iter().map(|id| ends("a", *id, 0, Fate::Stays(aside.clone()))).collect();
    let first = store.reserve_ids(300).unwrap();
    let owner = Owner::Row(Target::Object(ObjectId(1)));
    let loose = (first..first + 300).map(|id| loose_ends(None, Some(&not_made(id, "a", owner.clone(), &[mark("ann")])))).collect();
    store.commit_now(&lease, &Commit { tasks, changes: loose, ..Commit::default() }, &model(&[])).unwrap();
    comes(&store, &lease, "ann");
    assert!(store.work_off(&lease, 400).unwrap());
    assert_eq!(store.in_lines(&connector("a")).unwrap(), 20);
    assert_eq!(store.remove_connector(&connector("a"), Force::Yes).unwrap(), Removed::Gone(400));
    assert!(store.stirred().unwrap().is_empty() && store.missing(None, 9).unwrap().is_empty());
    assert_eq!(store.in_lines(&connector("a")).unwrap(), 0);
    let counts = store.counts().unwrap();
    assert_eq!((counts.waits_for, counts.loose_ends.len(), counts.parked.len(), counts.failed.len()), (0, 0, 0, 0));
    drop(store);
    assert_whole(&path);
}

#[test]
fn an_entry_about_a_mend_is_found_by_its_task_and_trimmed_by_itself() {
    let (_dir, path) = file();
    let store = RedbStore::open(&path, small()).unwrap();
    let ids = submit(&store, "a", 2);
    let lease = claim(&store, "a");
    let mended = |id: TaskId| Entry { outcome: Outcome::Mended, ..entry("a", id) };
    let commit = |tasks: Vec<TaskEnd>, mends: Vec<Entry>| {
        store.commit_now(&lease, &Commit { tasks, mends, ..Commit::default() }, &model(&[])).unwrap();
    };
    commit(vec![removed("a", ids[0])], vec![mended(ids[0])]);
    commit(vec![removed("a", ids[1])], vec![mended(ids[0]), mended(ids[1])]);
    let of = |id: TaskId, before| {
        let filter = HistoryFilter { task: Some(id), ..HistoryFilter::default() };
        let entries = store.history(&filter, before, 9).unwrap();
        entries.iter().map(|(number, entry)| (*number, entry.outcome.as_str())).collect::<Vec<_>>()
    };
    assert_eq!(of(ids[0], None), [(4, "mended"), (2, "mended"), (1, "stored")]);
    assert_eq!(of(ids[0], Some(4)), [(2, "mended"), (1, "stored")]);
    assert_eq!(of(ids[1], None), [(5, "mended"), (3, "stored")]);
    assert_eq!(store.trim_history(3).unwrap(), 2);
    assert_eq!(of(ids[0], None), [(4, "mended")]);
    assert!(store.log(ids[0], 9).unwrap().is_empty() && !store.log(ids[1], 9).unwrap().is_empty());
    drop(store);
    assert_whole(&path);
}

#[test]
fn bodies_come_back_when_a_task_does() {
    let (_dir, path) = file();
    let store = RedbStore::open(&path, small()).unwrap();
    store.install([&connector("a")]);
    let bodies: Vec<Vec<u8>> = vec![Vec::new(), b"small".to_vec(), vec![7; 100_000]];
    store.submit(store.now(), bodies.iter().map(|body| new_task("a", body)).collect(), 9).unwrap();
    let ids = [TaskId(1), TaskId(2), TaskId(3)];
    let before = store.fetch(&connector("a"), None, 9, usize::MAX).unwrap();
    park(&store, &claim(&store, "a"), &ids, &[mark("ann")]);
    let apart: Vec<_> = ids.iter().map(|id| store.task(*id).unwrap().unwrap()).collect();
    assert!(apart.iter().zip(&before).all(|(apart, before)| apart.external == before.external && apart.stands_apart()));
    assert_eq!(apart[2].external_bytes, 100_000);
    let stands: Vec<Stand> =
        ids.iter().map(|id| Stand { id: *id, version: TaskVersion(1), standing: standing(TaskState::Queued) }).collect();
    assert_eq!(store.stand(&stands).unwrap(), [Stood::Done; 3]);
    let after = store.fetch(&connector("a"), None, 9, usize::MAX).unwrap();
    assert!(after.iter().zip(&before).all(|(after, before)| after.external == before.external));
    drop(store);
    assert_whole(&path);
}
