//! A fixed sequence of steps that uses every table, and everything that can be read.

use std::fmt::Write;

use lockgate_core::effects::{Fate, TaskEnd};
use lockgate_core::key::{LineKey, LooseKey, LooseOf, ObjectKey, ObjectsKey, PageKey, Question, ReferrersOf};
use lockgate_core::mark::{Mark, ended};
use lockgate_core::park::{Line, LineKind, Waiting};
use lockgate_core::ports::{HistoryFilter, Lease, NodeName, Stand, Standing, Stood, Store, StoreError, Switches, TaskFilter};
use lockgate_core::rows::{NodeId, ObjectId, Target};
use lockgate_core::task::{NewTask, TaskId, TaskState, TaskVersion};

use super::disk::Disk;
use super::*;

/// How many steps there are.
pub const STEPS: usize = 20;

/// A body that does not fit a page.
fn long(n: u8) -> Vec<u8> {
    vec![n; 9_000]
}

fn held(epoch: u64) -> Lease {
    Lease { connector: connector("a"), node: NodeName::new("test"), epoch }
}

fn commit(
    store: &dyn Store,
    epoch: u64,
    tasks: Vec<TaskEnd>,
    changes: Vec<Change>,
    state: &[(&str, Option<&[u8]>)],
) -> Result<(), StoreError> {
    let state = state.iter().map(|(key, value)| ((*key).into(), value.map(Into::into))).collect();
    store.commit_now(&held(epoch), &Commit { tasks, changes, state, ..Commit::default() }, &model(&[("mail", true)]))
}

fn with_mail(id: u64, name: &str, mail: &str) -> ObjectRow {
    ObjectRow { fields: BTreeMap::from([(field("mail"), text(mail))]), ..object(id, name) }
}

/// What many loose ends want, one more than a commit wakes at once, and others that wait.
pub fn wanted() -> Mark {
    Key::from(ObjectsKey::AnyNamed(type_name("cms.user"), None, "come".into())).mark()
}

/// Three tasks stand apart from now on, and rows leave things behind.
fn waits(store: &dyn Store) -> Result<(), StoreError> {
    let Some(waiting) = parked(7, &[wanted()]).waiting else { unreachable!("it waits") };
    let known = Waiting {
        lines: vec![Line::submitted("x"), Line { kind: LineKind::List, mark: Mark(5) }],
        brings: vec![Mark(6)],
        group_wants: vec![Mark(8)],
        ..Waiting::clone(&waiting)
    };
    let parks = Standing { waiting: Some(Arc::new(known.clone())), ..parked(7, &[]) };
    let behind = Waiting { wants: vec![want(&ended(TaskId(9)))], behind: Some(TaskId(9)), ..known.clone() };
    let behind = Standing { waiting: Some(Arc::new(behind)), ..standing(TaskState::Behind) };
    let aside = Standing { aside: true, failed_by: Some(Mark(9)), ..standing(TaskState::Failed) };
    let tasks = vec![
        ends("a", TaskId(9), 0, Fate::Stays(parks)),
        ends("a", TaskId(10), 0, Fate::Stays(behind)),
        ends("a", TaskId(11), 0, Fate::Stays(aside)),
    ];
    let owner = Owner::Row(Target::Object(ObjectId(1)));
    let mut changes: Vec<Change> = (0..258)
        .map(|n| match n {
            0 => loose(100, "a", &[wanted(), Mark(1)]),
            n => not_made(100 + n, "a", owner.clone(), &[wanted()]),
        })
        .map(|end| loose_ends(None, Some(&end)))
        .collect();
    changes.push(Change::Former(former("user"), None, Some(Uuid::from_u128(1_001))));
    changes.push(Change::Tomb(tomb_key(1), None, Some(tomb("7", 1))));
    changes.push(Change::Tomb(tomb_key(2), None, Some(tomb("8", 9))));
    store.commit_now(&held(2), &Commit { tasks, changes, stirs: vec![Mark(8)], ..Commit::default() }, &model(&[("mail", true)]))
}

/// What is wanted comes, with the end of a task that another is behind.
fn comes(store: &dyn Store) -> Result<(), StoreError> {
    let changes = vec![
        objects(None, Some(&object(6, "come"))),
        loose_ends(Some(&loose(100, "a", &[wanted(), Mark(1)])), None),
        Change::Former(former("user"), Some(Uuid::from_u128(1_001)), None),
    ];
    let mended = Entry { outcome: Outcome::Mended, ..entry("a", TaskId(8)) };
    let tasks = vec![ends("a", TaskId(9), 1, Fate::Removed(Box::new(entry("a", TaskId(9)))))];
    store.commit_now(&held(2), &Commit { tasks, changes, mends: vec![mended], ..Commit::default() }, &model(&[("mail", true)]))
}

/// Carries out a step: each is one transaction.
pub fn step(store: &dyn Store, n: usize) -> Result<(), StoreError> {
    let (user, role) = (with_mail(1, "user", "u@x"), with_mail(2, "role", "r@x"));
    let standing = Standing { attempts: 3, not_before_ms: Some(9), ..super::standing(TaskState::Failed) };
    match n {
        0 => store.put_model_now(&BTreeMap::from([("m".into(), "text".into())]), &model(&[("mail", true)])),
        1 => store.put_connector_now(&record("a", "d1"), Some(&long(1))),
        2 | 9 => {
            let tasks: Vec<NewTask> = (0..6).map(|k| new_task_with_key("a", &long(k), &format!("{n} {k}"), 7)).collect();
            store.submit(store.now(), tasks, 1_000).map(|submitted| assert!(submitted.iter().all(|s| matches!(s, Submitted::Queued(_)))))
        }
        3 | 10 => super::lease_of(store, "a").map(drop),
        4 => commit(store, 1, vec![removed("a", TaskId(1))], vec![objects(None, Some(&user)), objects(None, Some(&role))], &[]),
        5 => {
            let child = page(4, Some(3), "child");
            let binds = binding(5, &[Target::Object(ObjectId(1)), Target::Object(ObjectId(2))]);
            let changes = vec![pages(None, Some(&page(3, None, "top"))), pages(None, Some(&child)), bindings(None, Some(&binds))];
            commit(store, 1, vec![removed("a", TaskId(2))], changes, &[("k", Some(b"1")), ("l", Some(b"2"))])
        }
        6 => {
            let mut version = record("a", "d2");
            version.versions.push(super::version("d1"));
            store.put_connector_now(&version, Some(&long(2)))
        }
        7 => store.stand(&[Stand { id: TaskId(3), version: TaskVersion(0), standing }]).map(|stood| assert_eq!(stood, [Stood::Done])),
        8 => store.remove(vec![removal("a", TaskId(4))]).map(|removed| assert_eq!(removed, [Stood::Done])),
        11 => {
            let renamed = with_mail(1, "renamed", "n@x");
            let stays = ends("a", TaskId(5), 0, Fate::Stays(standing));
            commit(
                store,
                2,
                vec![stays, removed("a", TaskId(7))],
                vec![objects(Some(&user), Some(&renamed))],
                &[("k", Some(b"3")), ("l", None)],
            )
        }
        12 => {
            let binds = binding(5, &[Target::Object(ObjectId(1)), Target::Object(ObjectId(2))]);
            commit(store, 2, vec![removed("a", TaskId(8))], vec![bindings(Some(&binds), None), objects(Some(&role), None)], &[])
        }
        13 => store.trim_history(2).map(|trimmed| assert_eq!(trimmed, 3)),
        14 => store.put_switches(store.generation()?, Switches { processing: false, ..Switches::default() }),
        15 => store.clear_state(&connector("a")).map(|cleared| assert_eq!(cleared, 1)),
        16 => waits(store),
        17 => comes(store),
        18 => store.work_off(&held(2), 99).map(|more| assert!(more)),
        // Two entries, and the tombstone that was kept until before the newest.
        19 => store.trim_history(3).map(|trimmed| assert_eq!(trimmed, 1)),
        _ => unreachable!("{n} is not a valid step"),
    }
}

/// Everything that can be read, as text.
pub fn dump(store: &dyn Store) -> Result<String, StoreError> {
    let mut out = String::new();
    let mut put = |what: &str, value: &dyn std::fmt::Debug| writeln!(out, "{what}: {value:?}").unwrap();
    put("counts", &store.counts()?);
    put("configuration", &store.configuration()?);
    put("generation", &store.generation()?);
    put("components", &[store.component("d1")?, store.component("d2")?]);
    put("state", &store.state(&connector("a"))?);
    put("fetched", &store.fetch(&connector("a"), None, 100, 1 << 20)?);
    let a = connector("a");
    let due = store.due(&a, None, 100, 1 << 20)?;
    put("due", &(due, store.loose_due(&a, 1_000)?, store.stirred()?, store.in_lines(&a)?));
    for state in [TaskState::Parked, TaskState::Behind, TaskState::Failed] {
        put("standing", &store.standing(&a, state, None, 100)?);
    }
    put("parked", &store.parked_before(&a, 100, 100)?);
    put("line", &store.line(&a, &[Line::submitted("x")], 100)?);
    put("bringing", &store.bringing(&[Mark(6)], 100)?);
    put("missing", &store.missing(None, 100)?);
    put("waiters", &store.waiters(wanted(), 1_000)?);
    let tasks = store.tasks(&TaskFilter::default(), None, 100)?;
    put("tasks", &tasks);
    let history = store.history(&HistoryFilter::default(), None, 100)?;
    put("history", &history);
    for task in tasks.iter().map(|task| task.id).chain(history.iter().map(|(_, entry)| entry.task)) {
        put("log", &(task, store.log(task, 100)?));
    }
    put("objects", &store.objects(None, None, 100)?);
    put("users", &store.objects(Some(&type_name("cms.user")), None, 100)?);
    put("pages", &store.pages(None, 100)?);
    put("root", &store.pages_under(&site("main"), None)?);
    put("bindings", &store.bindings(None, 100)?);
    let mut ask = Answered { store, out: &mut out };
    for name in ["user", "role", "renamed"] {
        ask.put(ObjectsKey::AnyNamed(type_name("cms.user"), None, name.into()))?;
    }
    for mail in ["u@x", "r@x", "n@x"].map(|mail| lockgate_core::unique::unique_key(&Plain::Text(mail.into()))) {
        ask.put(ObjectKey::Unique(type_name("cms.user"), field("mail"), mail))?;
    }
    for id in [1, 2] {
        ask.put(ReferrersOf(Target::Object(ObjectId(id))))?;
    }
    for guid in [1_001, 1_002] {
        ask.put(ObjectKey::Guid(type_name("cms.user"), Uuid::from_u128(guid)))?;
    }
    ask.put(former("user"))?;
    ask.put(tomb_key(1))?;
    ask.put(tomb_key(2))?;
    ask.put(LooseKey(LooseId(100)))?;
    ask.put(LooseOf(type_name("cms.userrole"), Owner::Row(Target::Object(ObjectId(1)))))?;
    ask.put(LineKey { connector: connector("a"), line: Line::submitted("x"), before: TaskId(11) })?;
    ask.put(PageKey::Alias(site("main"), Some(NodeId(3)), "child".into()))?;
    Ok(out)
}

/// Questions, one after the other.
struct Answered<'a> {
    store: &'a dyn Store,
    out: &'a mut String,
}

impl Answered<'_> {
    fn put<Q: Question>(&mut self, question: Q) -> Result<(), StoreError> {
        let mut loaded = self.store.load(&[question.clone().into()])?;
        writeln!(self.out, "answer: {question:?} {:?}", loaded.answers.remove(&question).unwrap()).unwrap();
        Ok(())
    }
}

/// What is read before the first step, and after each.
pub fn dumps() -> Vec<String> {
    let store = memory();
    let mut dumps = vec![dump(&store).unwrap()];
    for n in 0..STEPS {
        step(&store, n).unwrap();
        dumps.push(dump(&store).unwrap());
    }
    dumps
}

/// The bytes of a closed store after all steps, and what was read from it.
pub fn closed() -> (Vec<u8>, String) {
    let disk = Disk::default();
    let store = RedbStore::with_backend(disk.clone(), small()).unwrap();
    for n in 0..STEPS {
        step(&store, n).unwrap();
    }
    let read = dump(&store).unwrap();
    drop(store);
    (disk.seen(), read)
}

/// Which epoch the next claim has after so many steps.
pub fn next_epoch(steps: usize) -> u64 {
    1 + [3, 10].iter().filter(|claim| **claim < steps).count() as u64
}
