//! Commits: whole or not at all (promise 1, §7.3).

use super::bench::{
    Bench, a_page, code_name, connector, delete, failed, insert, line, removed, role, standing, stays, stood, tree, update, user,
    user_role, writes,
};
use crate::short::Commit;
use lockgate_core::change::Change;
use lockgate_core::effects::TaskEnd;
use lockgate_core::key::{BindingKey, ObjectKey, ObjectsKey, PageKey};
use lockgate_core::ports::{Counts, HistoryFilter, StateMap, StoreError};
use lockgate_core::rows::{BindingId, NodeId, ObjectId, ObjectRow};
use lockgate_core::task::{ProcessType, Task, TaskHead, TaskId, TaskState};

pub(super) fn one_row_may_change_several_times(bench: &mut Bench<'_>) {
    let names = ["one", "two", "three"].map(|name| user(1, name));
    bench.write(vec![insert(&names[0]), update(&names[0], &names[1]), update(&names[1], &names[2])]);
    let by_name = |row: &ObjectRow| ObjectKey::Name(row.object_type.clone(), row.scope.clone(), row.code_name.key().into());
    assert_eq!(bench.object(&by_name(&names[0])), None);
    assert_eq!(bench.object(&by_name(&names[1])), None);
    assert_eq!(bench.object(&by_name(&names[2])), Some(names[2].clone()));
    bench.write(vec![update(&names[2], &names[0]), delete(&names[0]), insert(&names[1])]);
    assert_eq!(bench.object(&ObjectKey::Id(ObjectId(1))), Some(names[1].clone()));
    assert_eq!(bench.object(&by_name(&names[2])), None);
    bench.write(vec![update(&names[1], &names[2]), update(&names[2], &names[1])]);
    assert_eq!(bench.object(&by_name(&names[1])), Some(names[1].clone()), "away and back");
    assert_eq!(bench.object(&by_name(&names[2])), None);
    assert_eq!(bench.store().counts().expect("counts").objects.values().sum::<u64>(), 1);
    let pages = [a_page(5, None, "p"), a_page(5, None, "q"), a_page(5, Some(6), "q")];
    bench.write(vec![insert(&pages[0]), update(&pages[0], &pages[1]), update(&pages[1], &pages[2])]);
    assert_eq!(bench.page(&PageKey::ChildOf(NodeId(6))), Some(pages[2].clone()));
    assert_eq!(bench.page(&PageKey::Alias(pages[0].site.clone(), None, "q".into())), None);
}

pub(super) fn a_row_may_come_and_go_in_one_commit(bench: &mut Bench<'_>) {
    let (object, page, binding) = (user(1, "x"), a_page(2, None, "x"), user_role(3, 1, 9));
    bench.write(vec![insert(&object), insert(&page), insert(&binding), delete(&binding), delete(&page), delete(&object)]);
    assert_eq!(bench.object(&ObjectKey::Id(ObjectId(1))), None);
    assert!(bench.objects(&ObjectsKey::AnyNamed(object.object_type.clone(), None, "x".into())).is_empty());
    assert_eq!(bench.page(&PageKey::Alias(page.site.clone(), None, "x".into())), None);
    assert_eq!(bench.binding(&BindingKey::Id(BindingId(3))), None);
    assert!(bench.referrers(lockgate_core::rows::Target::Object(ObjectId(9))).is_empty());
    let counts = bench.store().counts().expect("counts");
    assert!(counts.objects.values().chain(counts.pages.values()).chain(counts.bindings.values()).all(|count| *count == 0), "{counts:?}");
    // A name that one row gives up, another may take in the same commit.
    let heir = ObjectRow { code_name: code_name("x"), ..user(2, "x") };
    bench.write(vec![insert(&object)]);
    bench.write(vec![delete(&object), insert(&heir)]);
    assert_eq!(bench.objects(&ObjectsKey::AnyNamed(heir.object_type.clone(), None, "x".into())), [heir.id]);
}

pub(super) fn rows_of_one_commit_may_point_at_each_other(bench: &mut Bench<'_>) {
    // Children first: the order of the changes is the plan's affair.
    bench.write(vec![
        insert(&tree(2, Some(1), "child")),
        insert(&user_role(5, 3, 4)),
        insert(&tree(1, None, "root")),
        insert(&user(3, "u")),
        insert(&role(4, "main", "r")),
    ]);
    assert_eq!(bench.objects(&ObjectsKey::Children(ObjectId(1), tree(1, None, "x").object_type)), [ObjectId(2)]);
    assert_eq!(bench.referrers(lockgate_core::rows::Target::Object(ObjectId(4))).len(), 1);
}

/// Three tasks of connector `a`, which has a state.
fn three(bench: &Bench<'_>) -> Vec<Task> {
    let state = writes([("token", Some(&b"1"[..])), ("page", Some(b"2"))]);
    bench.commit(&bench.claim("a"), &Commit { state, ..Commit::default() }).expect("commit");
    bench.submit("a", &["1", "2", "3"]).into_iter().map(|id| bench.task(id)).collect()
}

pub(super) fn effects_and_the_end_of_the_task_come_together(bench: &mut Bench<'_>) {
    let tasks = three(bench);
    let lease = bench.claim("a");
    let commit = Commit {
        tasks: vec![removed(&tasks[0], vec![line("done")]), removed(&tasks[1], Vec::new())],
        changes: vec![insert(&user(1, "ann"))],
        ..Commit::default()
    };
    bench.commit(&lease, &commit).expect("commit");
    assert_eq!(bench.fetch_all("a"), [tasks[2].id]);
    assert_eq!(bench.object(&ObjectKey::Id(ObjectId(1))), Some(user(1, "ann")));
    let history = bench.store().history(&HistoryFilter::default(), None, 9).expect("history");
    assert_eq!(history.iter().map(|(_, entry)| entry.task).collect::<Vec<_>>(), [tasks[1].id, tasks[0].id]);
    assert_eq!(bench.store().log(tasks[0].id, 9).expect("log"), [line("done")]);
}

pub(super) fn a_task_may_stay(bench: &mut Bench<'_>) {
    let tasks = three(bench);
    let commit = Commit { tasks: vec![TaskEnd { log: vec![line("failed")], ..stays(tasks[1].id, failed()) }], ..Commit::default() };
    bench.commit(&bench.claim("a"), &commit).expect("commit");
    assert_eq!(bench.task(tasks[1].id), Task { head: stood(&tasks[1].head, tasks[1].version.next(), failed()), ..tasks[1].clone() });
    assert_eq!(bench.store().log(tasks[1].id, 9).expect("log"), [line("failed")]);
    assert!(bench.store().history(&HistoryFilter::default(), None, 9).expect("history").is_empty());
    let counts = bench.store().counts().expect("counts");
    assert_eq!((counts.queued[&connector("a")], counts.failed[&connector("a")]), (2, 1));
}

pub(super) fn a_task_may_stay_with_effects_of_others(bench: &mut Bench<'_>) {
    let tasks = three(bench);
    let skipped = standing(ProcessType::Default, TaskState::Queued);
    let commit = Commit {
        tasks: vec![removed(&tasks[0], Vec::new()), stays(tasks[1].id, skipped), removed(&tasks[2], Vec::new())],
        changes: vec![insert(&user(1, "ann")), insert(&user(2, "bob"))],
        ..Commit::default()
    };
    bench.commit(&bench.claim("a"), &commit).expect("commit");
    assert_eq!(bench.fetch_all("a"), [tasks[1].id]);
    assert_eq!(bench.store().counts().expect("counts").objects.values().sum::<u64>(), 2);
}

/// Everything that a commit could have changed.
type Everything = (
    Counts,
    Vec<TaskHead>,
    Vec<(u64, lockgate_core::history::Entry)>,
    Vec<lockgate_core::history::LogLine>,
    Option<ObjectRow>,
    Vec<u64>,
    [StateMap; 2],
);

fn everything(bench: &Bench<'_>, task: TaskId) -> Everything {
    let store = bench.store();
    (
        store.counts().expect("counts"),
        store.tasks(&lockgate_core::ports::TaskFilter::default(), None, 99).expect("tasks"),
        store.history(&HistoryFilter::default(), None, 99).expect("history"),
        store.log(task, 99).expect("log"),
        bench.object(&ObjectKey::Id(ObjectId(1))),
        store.objects(None, None, 99).expect("objects").into_iter().map(|row| row.id.0).collect(),
        ["a", "b"].map(|name| bench.state(name)),
    )
}

/// A commit that would change something of everything.
fn ambitious(tasks: &[Task]) -> Commit {
    let before = user(1, "ann");
    let changes: Vec<Change> =
        vec![update(&before, &user(1, "anna")), insert(&user(2, "bob")), insert(&a_page(3, None, "p")), insert(&user_role(4, 1, 2))];
    let tasks = vec![
        removed(&tasks[0], vec![line("never")]),
        TaskEnd { log: vec![line("never")], ..stays(tasks[1].id, failed()) },
        removed(&tasks[2], Vec::new()),
    ];
    let state = writes([("token", Some(&b"never"[..])), ("page", None), ("new", Some(b"never"))]);
    Commit { tasks, changes, state, ..Commit::default() }
}

pub(super) fn a_fenced_commit_writes_nothing(bench: &mut Bench<'_>) {
    let tasks = three(bench);
    bench.write(vec![insert(&user(1, "ann"))]);
    let old = bench.claim("a");
    bench.claim("a");
    let before = everything(bench, tasks[0].id);
    let outcome = bench.commit(&old, &ambitious(&tasks));
    assert!(matches!(outcome, Err(StoreError::Fenced(_))), "{outcome:?}");
    assert_eq!(everything(bench, tasks[0].id), before);
}

pub(super) fn a_conflicting_commit_writes_nothing(bench: &mut Bench<'_>) {
    let tasks = three(bench);
    let lease = bench.claim("a");
    let as_of = bench.as_of();
    bench.write(vec![insert(&user(1, "ann"))]);
    let before = everything(bench, tasks[0].id);
    let commit = Commit { as_of, relied: vec![ObjectKey::Id(ObjectId(77)).into(), ObjectKey::Id(ObjectId(1)).into()], ..ambitious(&tasks) };
    let outcome = bench.commit(&lease, &commit);
    assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
    assert_eq!(everything(bench, tasks[0].id), before);
    bench.commit(&lease, &Commit { as_of: bench.as_of(), ..commit }).expect("planned again it goes through");
    assert_eq!(bench.fetch_all("a"), [tasks[1].id]);
    assert_eq!(bench.state("a").keys().map(|key| &**key).collect::<Vec<_>>(), ["new", "token"]);
}

pub(super) fn a_commit_without_a_queued_task_writes_nothing(bench: &mut Bench<'_>) {
    let tasks = three(bench);
    bench.write(vec![insert(&user(1, "ann"))]);
    let lease = bench.claim("a");
    for at in [1, 2] {
        bench.end(&lease, &tasks[at], Vec::new());
        let before = everything(bench, tasks[0].id);
        let outcome = bench.commit(&lease, &ambitious(&tasks));
        assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
        assert_eq!(everything(bench, tasks[0].id), before);
    }
}

pub(super) fn a_task_end_that_names_another_connector_writes_nothing(bench: &mut Bench<'_>) {
    let tasks = three(bench);
    bench.write(vec![insert(&user(1, "ann"))]);
    let other = bench.claim("b");
    let before = everything(bench, tasks[0].id);
    let mut commit = ambitious(&tasks);
    for task in &mut commit.tasks {
        task.connector = connector("b");
        task.version = tasks[0].version;
    }
    let outcome = bench.commit(&other, &commit);
    assert!(matches!(outcome, Err(StoreError::Conflict)), "each task is looked for at the connector that is named: {outcome:?}");
    assert_eq!(everything(bench, tasks[0].id), before);
}

pub(super) fn an_empty_commit_is_carried_out(bench: &mut Bench<'_>) {
    let tasks = three(bench);
    let before = everything(bench, tasks[0].id);
    bench.commit(&bench.claim("a"), &Commit::default()).expect("commit");
    assert_eq!(everything(bench, tasks[0].id), before);
}
