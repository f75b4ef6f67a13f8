//! What survives a restart: everything that was answered with `Ok`.

use super::bench::{
    Bench, QUEUE_MAX, a_full_task, a_page, a_version, connector, culture, delete, failed, fields, insert, line, removed, stays, text,
    update, user, user_role, version, writes,
};
use crate::new_task_with_key;
use crate::short::{Commit, Short};
use lockgate_core::effects::TaskEnd;
use lockgate_core::key::ObjectKey;
use lockgate_core::ports::{ConnectorRecord, HistoryFilter, StoreError, Submitted, Switches, TaskFilter, Version};
use lockgate_core::rows::{ObjectId, ObjectRow, Target};
use lockgate_core::task::TaskId;

/// Everything that a store can tell, as text.
fn everything(bench: &Bench<'_>, tasks: &[TaskId]) -> Vec<String> {
    let store = bench.store();
    let mut all = vec![
        format!("{:?}", super::operator::without_zeros(store.counts().expect("counts"))),
        format!("{:?}", store.tasks(&TaskFilter::default(), None, 99).expect("tasks")),
        format!("{:?}", store.history(&HistoryFilter::default(), None, 99).expect("history")),
        format!("{:?}", store.connectors().expect("connectors")),
        format!("{:?}", store.component("d1").expect("component")),
        format!("{:?}", store.component("d2").expect("component")),
        format!("{:?}", bench.state("a")),
        format!("{:?}", store.secret_key().expect("secret_key")),
        format!("{:?}", store.model_files().expect("model")),
        format!("{:?}", store.switches().expect("switches")),
        format!("{:?}", store.objects(None, None, 99).expect("objects")),
        format!("{:?}", store.pages(None, 99).expect("pages")),
        format!("{:?}", store.bindings(None, 99).expect("bindings")),
        format!("{:?}", bench.referrers(Target::Object(ObjectId(1)))),
        format!("{:?}", bench.object(&ObjectKey::Unique(user(1, "x").object_type, super::bench::field("email"), "ta@b.c".into()))),
    ];
    all.extend(tasks.iter().map(|id| format!("{:?}", store.log(*id, 99).expect("log"))));
    all
}

pub(super) fn everything_survives(bench: &mut Bench<'_>) {
    let mut ids = bench.submit("a", &["1", "2", "3"]);
    ids.extend(bench.submit_tasks(vec![a_full_task("b")]));
    let mut page = a_page(2, None, "p");
    page.cultures.insert(culture("cs-CZ"), a_version("s", [("author", super::bench::to_object(1))]));
    let ann = ObjectRow { fields: fields([("email", text("A@b.c"))]), ..user(1, "ann") };
    let commit = Commit {
        tasks: vec![removed(&bench.task(ids[0]), vec![line("one")]), TaskEnd { log: vec![line("two")], ..stays(ids[1], failed()) }],
        changes: vec![insert(&ann), insert(&page), insert(&user_role(3, 1, 1)), insert(&user(4, "gone")), delete(&user(4, "gone"))],
        state: writes([("token", Some(&b"\0\xff"[..])), ("", Some(b"")), ("gone", None)]),
        ..Commit::default()
    };
    bench.commit(&bench.claim("a"), &commit).expect("commit");
    let first = ConnectorRecord {
        name: connector("a"),
        digest: "d1".into(),
        enabled: false,
        paused: true,
        installed_ms: -5,
        versions: vec![Version { manifest: Some("description = \"ž\"".into()), ..version("d1", -5) }],
    };
    bench.store().put_connector_now(&first, Some(b"bytes")).expect("put_connector");
    let waits = Version { approved: false, ..version("d2", i64::MAX) };
    let both = ConnectorRecord { versions: vec![waits, first.versions[0].clone()], ..first };
    bench.store().put_connector_now(&both, Some(b"newer bytes")).expect("put_connector");
    bench.store().put_switches_now(Switches { bus: true, logging: false, processing: true }).expect("put_switches");
    let before = everything(bench, &ids);
    for _ in 0..2 {
        bench.reopen();
        assert_eq!(everything(bench, &ids), before);
    }
    bench.write(vec![update(&ann, &user(1, "ann"))]);
    bench.reopen();
    assert_eq!(bench.object(&ObjectKey::Id(ObjectId(1))), Some(user(1, "ann")), "and can be written to");
}

pub(super) fn ids_go_on(bench: &mut Bench<'_>) {
    let before = bench.submit("a", &["1", "2"]);
    let lease = bench.claim("a");
    for id in &before {
        bench.end(&lease, &bench.task(*id), Vec::new());
    }
    let number = bench.store().history(&HistoryFilter::default(), None, 1).expect("history")[0].0;
    bench.store().trim_history(0).expect("trim");
    bench.reopen();
    let after = bench.submit("a", &["3"])[0];
    assert!(after > before[1], "a task's id is never given again, though the task is gone");
    bench.end(&bench.claim("a"), &bench.task(after), Vec::new());
    assert!(bench.store().history(&HistoryFilter::default(), None, 1).expect("history")[0].0 > number);
}

pub(super) fn a_reserved_id_that_was_committed_is_never_given_again(bench: &mut Bench<'_>) {
    let first = bench.store().reserve_ids(10).expect("reserve_ids");
    let used = first + 7;
    bench.write(vec![insert(&user(used, "ann"))]);
    bench.write(vec![delete(&user(used, "ann"))]);
    for _ in 0..2 {
        bench.reopen();
        let next = bench.store().reserve_ids(1).expect("reserve_ids");
        assert!(next > used, "{next} was given again");
    }
}

pub(super) fn an_idempotency_key_survives(bench: &mut Bench<'_>) {
    let task = |digest| new_task_with_key(&connector("a"), b"x", "key ~ 1", digest);
    let id = bench.submit_tasks(vec![task(u128::MAX)])[0];
    bench.reopen();
    let answers = bench.store().submit_now(vec![task(u128::MAX), task(0)], QUEUE_MAX).expect("submit");
    assert_eq!(answers, [Submitted::Repeated(id), Submitted::KeyReused(id)]);
}

pub(super) fn a_fence_survives(bench: &mut Bench<'_>) {
    let old = bench.claim("a");
    bench.claim("a");
    bench.reopen();
    let fenced = bench.commit(&old, &Commit::default());
    assert!(matches!(fenced, Err(StoreError::Fenced(_))), "{fenced:?}");
    let new = bench.claim("a");
    assert!(new.epoch > old.epoch);
    bench.commit(&new, &Commit::default()).expect("the newest lease holds");
}

pub(super) fn conflicts_are_found_afterwards(bench: &mut Bench<'_>) {
    bench.write(vec![insert(&user(1, "ann"))]);
    bench.reopen();
    let (a, b) = (bench.claim("a"), bench.claim("b"));
    let as_of = bench.as_of();
    let relying = |as_of| Commit { as_of, relied: vec![ObjectKey::Id(ObjectId(1)).into()], ..Commit::default() };
    bench.commit(&a, &relying(as_of)).expect("nobody has touched it since");
    bench.commit(&b, &Commit { changes: vec![update(&user(1, "ann"), &user(1, "bob"))], ..Commit::default() }).expect("commit");
    let outcome = bench.commit(&a, &relying(as_of));
    assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
}

pub(super) fn refused_commits_leave_no_trace(bench: &mut Bench<'_>) {
    let ids = bench.submit("a", &["1"]);
    bench.write(vec![insert(&user(1, "ann"))]);
    let (old, task) = (bench.claim("a"), bench.task(ids[0]));
    let new = bench.claim("a");
    let as_of = bench.as_of();
    bench.write(vec![update(&user(1, "ann"), &user(1, "bob"))]);
    let before = everything(bench, &ids);
    let commit = Commit {
        tasks: vec![removed(&task, vec![line("never")])],
        changes: vec![insert(&user(2, "never"))],
        state: writes([("never", Some(&b"x"[..]))]),
        as_of,
        relied: vec![ObjectKey::Id(ObjectId(1)).into()],
        ..Commit::default()
    };
    assert!(bench.commit(&old, &commit).is_err());
    assert!(bench.commit(&new, &commit).is_err());
    bench.reopen();
    assert_eq!(everything(bench, &ids), before);
}
