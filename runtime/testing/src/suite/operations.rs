//! Operations over many tasks: what is left of each goes with the transactions that deal with it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::bench::{Bench, connector, entry, failed, removed, standing, stays};
use crate::short::{Commit, Short};
use lockgate_core::failure::Code;
use lockgate_core::mark::Mark;
use lockgate_core::operation::{Came, NewOperation, Operation, OperationId, OperationState, PACKET_TASKS_MAX, Packet, Step, TaskAction};
use lockgate_core::park::{Waiting, Want};
use lockgate_core::ports::{LastOutcome, Removal, Stand, Standing, StoreError, TaskFilter};
use lockgate_core::task::{ProcessType, TaskId, TaskState, TaskVersion};

fn new(action: TaskAction, tasks: &[(&str, &[TaskId])]) -> NewOperation {
    let tasks = tasks.iter().map(|(name, tasks)| (connector(name), tasks.to_vec())).collect();
    NewOperation { action, filter: TaskFilter { attempts_min: Some(1), ..TaskFilter::default() }, tasks, started_ms: -7 }
}

fn begin(bench: &Bench<'_>, action: TaskAction, tasks: &[(&str, &[TaskId])]) -> OperationId {
    bench.store().begin_operation(new(action, tasks), 9).expect("begin_operation")
}

fn one(bench: &Bench<'_>, id: OperationId) -> Operation {
    bench.store().operation(id).expect("operation").expect("it is kept")
}

fn left(bench: &Bench<'_>, id: OperationId, name: Option<&str>) -> Option<Packet> {
    bench.store().packet(id, name.map(connector).as_ref()).expect("packet")
}

/// These tasks of a packet were done.
fn done(id: OperationId, packet: &Packet, tasks: &[TaskId]) -> Step {
    Step {
        operation: id,
        connector: packet.connector.clone(),
        packet: packet.number,
        tasks: tasks.to_vec(),
        came: Came { done: tasks.len() as u64, ..Came::default() },
        together: BTreeMap::new(),
        at_ms: 77,
    }
}

fn as_seen(bench: &Bench<'_>, id: TaskId, process_type: ProcessType) -> Stand {
    Stand { id, version: bench.task(id).version, standing: standing(process_type, TaskState::Queued) }
}

pub(super) fn an_operation_gives_what_is_left_of_it_by_connector(bench: &mut Bench<'_>) {
    let many: Vec<TaskId> = (1_000_000..1_000_000 + 2 * PACKET_TASKS_MAX as u64 + 1).map(TaskId).collect();
    let few = [TaskId(3), TaskId(u64::MAX)];
    // Their names are known, whatever becomes of the connectors.
    for name in ["b", "a"] {
        bench.submit(name, &["x"]);
    }
    let id = begin(bench, TaskAction::Retry, &[("b", &few), ("a", &many)]);
    let operation = one(bench, id);
    assert_eq!((operation.state, operation.meant, operation.left(), operation.ended_ms), (OperationState::Running, 2_003, 2_003, None));
    assert_eq!((operation.action, operation.filter.attempts_min, operation.started_ms), (TaskAction::Retry, Some(1), -7));
    assert_eq!(bench.store().operation_connectors(id).expect("connectors"), [connector("a"), connector("b")]);
    assert_eq!(left(bench, id, Some("b")).expect("it has tasks").tasks, few);
    assert_eq!(left(bench, id, Some("nobody")), None);
    let mut seen = Vec::new();
    while let Some(packet) = left(bench, id, Some("a")) {
        assert!(packet.tasks.len() <= PACKET_TASKS_MAX);
        seen.extend_from_slice(&packet.tasks);
        bench.store().carry_out(&[], Vec::new(), &done(id, &packet, &packet.tasks)).expect("carry_out");
    }
    assert_eq!(seen, many);
    assert_eq!(left(bench, id, None).expect("b is left").connector, connector("b"));
    assert_eq!((one(bench, id).state, one(bench, id).left()), (OperationState::Running, 2));
}

pub(super) fn a_part_is_carried_out_with_what_it_counts(bench: &mut Bench<'_>) {
    let ids = bench.submit("a", &["1", "2", "3", "4"]);
    let id = begin(bench, TaskAction::Delete, &[("a", &ids)]);
    let packet = left(bench, id, None).expect("it has tasks");
    let by_code = BTreeMap::from([(Code::Invalid, 3), (Code::Cycle, 1)]);
    let came = Came { done: 2, failed: 3, waiting: 4, passed_over: 5, by_code };
    let removal = Removal { version: bench.task(ids[1]).version, entry: entry(&bench.task(ids[1])) };
    let step = Step { came: came.clone(), ..done(id, &packet, &[ids[0], ids[1]]) };
    bench.store().carry_out(&[as_seen(bench, ids[0], ProcessType::SkipOnce)], vec![removal], &step).expect("carry_out");
    assert_eq!(bench.task(ids[0]).process_type, ProcessType::SkipOnce);
    assert!(!bench.is_queued(ids[1]));
    assert_eq!(one(bench, id).came, came);
    assert_eq!(left(bench, id, None).expect("two are left").tasks, ids[2..]);
    let rest = left(bench, id, None).expect("two are left");
    let together = BTreeMap::from([(ids[0], Some(Code::Cycle)), (ids[1], None)]);
    let step = Step { together, came: Came { passed_over: 2, ..Came::default() }, ..done(id, &rest, &rest.tasks) };
    bench.store().carry_out(&[], Vec::new(), &step).expect("carry_out");
    let ended = one(bench, id);
    let by_code = BTreeMap::from([(Code::Invalid, 3)]);
    assert_eq!(ended.came, Came { done: 4, failed: 3, waiting: 2, passed_over: 7, by_code });
    assert_eq!((ended.state, ended.ended_ms), (OperationState::Done, Some(77)));
    assert_eq!(left(bench, id, None), None);
    assert!(bench.store().running_operations().expect("running").is_empty());
}

pub(super) fn a_part_that_is_not_as_it_was_seen_writes_nothing(bench: &mut Bench<'_>) {
    let ids = bench.submit("a", &["1", "2", "3"]);
    let id = begin(bench, TaskAction::Skip, &[("a", &ids[..2])]);
    let packet = left(bench, id, None).expect("it has tasks");
    let skip = |task| as_seen(bench, task, ProcessType::SkipOnce);
    let old = Stand { version: TaskVersion(9), ..skip(ids[1]) };
    let gone = Removal { version: TaskVersion(9), entry: entry(&bench.task(ids[1])) };
    let before = one(bench, id);
    let store = bench.store();
    for (what, stands, removals, step) in [
        ("another version", vec![skip(ids[0]), old], Vec::new(), done(id, &packet, &ids[..2])),
        ("the same of a removal", vec![skip(ids[0])], vec![gone], done(id, &packet, &ids[..2])),
        ("a task that it does not mean", vec![skip(ids[0])], Vec::new(), done(id, &packet, &[ids[0], ids[2]])),
        ("another packet", vec![skip(ids[0])], Vec::new(), Step { packet: packet.number + 1, ..done(id, &packet, &ids[..1]) }),
        ("another connector", vec![skip(ids[0])], Vec::new(), Step { connector: connector("b"), ..done(id, &packet, &ids[..1]) }),
        ("another operation", vec![skip(ids[0])], Vec::new(), done(OperationId(id.0 + 1), &packet, &ids[..1])),
    ] {
        let refused = store.carry_out(&stands, removals, &step);
        assert!(matches!(refused, Err(StoreError::Conflict)), "{what}: {refused:?}");
        assert_eq!(one(bench, id), before, "{what}");
        assert_eq!(left(bench, id, None).as_ref(), Some(&packet), "{what}");
        assert_eq!(bench.task(ids[0]).process_type, ProcessType::Default, "{what}");
    }
    let twice = done(id, &packet, &ids[..1]);
    store.carry_out(&[skip(ids[0])], Vec::new(), &twice).expect("carry_out");
    let again = store.carry_out(&[], Vec::new(), &twice);
    assert!(matches!(again, Err(StoreError::Conflict)), "each task once: {again:?}");
}

pub(super) fn a_commit_carries_a_step_or_writes_nothing(bench: &mut Bench<'_>) {
    let ids = bench.submit("a", &["1", "2", "3"]);
    let id = begin(bench, TaskAction::Retry, &[("a", &ids)]);
    let (lease, packet) = (bench.claim("a"), left(bench, id, None).expect("it has tasks"));
    let tasks = vec![removed(&bench.task(ids[0]), Vec::new()), stays(ids[1], failed())];
    let commit = Commit { tasks, step: Some(done(id, &packet, &ids[..2])), ..Commit::default() };
    bench.commit(&lease, &commit).expect("commit");
    assert!(!bench.is_queued(ids[0]));
    assert_eq!((one(bench, id).came.done, left(bench, id, None).expect("one is left").tasks), (2, vec![ids[2]]));
    let again = Commit { tasks: vec![removed(&bench.task(ids[1]), Vec::new())], ..commit };
    let refused = bench.commit(&lease, &again);
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    assert!(bench.is_queued(ids[1]), "it was dealt with before");
}

pub(super) fn one_that_is_cancelled_takes_what_was_in_hand(bench: &mut Bench<'_>) {
    let ids = bench.submit("a", &["1", "2", "3"]);
    let id = begin(bench, TaskAction::Delete, &[("a", &ids)]);
    let packet = left(bench, id, None).expect("it has tasks");
    let store = bench.store();
    assert!(store.end_operation(id, OperationState::Cancelled, Some("enough"), 5).expect("end"));
    assert_eq!(left(bench, id, None), None);
    assert!(store.operation_connectors(id).expect("connectors").is_empty());
    store.carry_out(&[], Vec::new(), &done(id, &packet, &ids[..1])).expect("carry_out");
    let ended = one(bench, id);
    assert_eq!((ended.state, ended.ended_ms, ended.came.done, ended.left()), (OperationState::Cancelled, Some(5), 1, 2));
    assert_eq!(ended.why.as_deref(), Some("enough"));
    assert!(!store.end_operation(id, OperationState::Failed, None, 6).expect("end"), "it has ended");
    assert!(!store.end_operation(OperationId(99), OperationState::Failed, None, 6).expect("end"), "there is none");
    assert_eq!(one(bench, id), ended);
}

pub(super) fn one_that_means_nothing_has_ended(bench: &mut Bench<'_>) {
    let id = begin(bench, TaskAction::Retry, &[("a", &[])]);
    let operation = one(bench, id);
    assert_eq!((operation.state, operation.ended_ms, operation.meant), (OperationState::Done, Some(-7), 0));
}

pub(super) fn those_that_ended_are_kept_up_to_a_limit(bench: &mut Bench<'_>) {
    let task = bench.submit("a", &["1"]);
    let runs = begin(bench, TaskAction::Retry, &[("a", &task)]);
    let ended: Vec<OperationId> =
        (0..4).map(|_| bench.store().begin_operation(new(TaskAction::Skip, &[]), 2).expect("begin_operation")).collect();
    let kept = |before, limit| -> Vec<OperationId> {
        bench.store().operations(before, limit).expect("operations").iter().map(|operation| operation.id).collect()
    };
    assert_eq!(kept(None, 9), [ended[3], ended[2], runs]);
    assert_eq!(kept(Some(ended[3]), 1), [ended[2]]);
    assert_eq!(kept(Some(runs), 9), []);
    assert!(bench.store().operation(ended[0]).expect("operation").is_none());
    let next = begin(bench, TaskAction::Retry, &[]);
    assert!(next > ended[3], "no id is given twice");
}

pub(super) fn an_operation_survives(bench: &mut Bench<'_>) {
    let ids = bench.submit("a", &["1", "2", "3"]);
    let id = begin(bench, TaskAction::SetProcessType(ProcessType::DeleteOnError), &[("a", &ids)]);
    let packet = left(bench, id, None).expect("it has tasks");
    bench
        .store()
        .carry_out(&[as_seen(bench, ids[1], ProcessType::SkipOnce)], Vec::new(), &done(id, &packet, &ids[1..2]))
        .expect("carry_out");
    let before = (one(bench, id), left(bench, id, None));
    bench.reopen();
    assert_eq!((one(bench, id), left(bench, id, None)), before);
    assert_eq!(bench.store().running_operations().expect("running"), [before.0]);
    assert!(begin(bench, TaskAction::Retry, &[]) > id);
}

pub(super) fn tasks_are_filtered_by_how_they_stand(bench: &mut Bench<'_>) {
    let ids = bench.submit("a", &["1", "2", "3", "4", "5"]);
    let mark = Mark(u64::MAX - 3);
    let want = Want { mark, what: "an object".into(), external: None };
    let waiting = Arc::new(Waiting { since_ms: 1, wants: vec![want], ..Waiting::default() });
    let stand = |id, standing: Standing| assert!(bench.store().stand_now(id, &standing).expect("stand"));
    // Failed; failing; parked by the same code; set aside.
    stand(ids[0], failed());
    stand(ids[1], Standing { state: TaskState::Queued, process_type: ProcessType::SkipOnError, attempts: 4, ..failed() });
    stand(ids[2], Standing { state: TaskState::Parked, waiting: Some(waiting.clone()), ..failed() });
    stand(ids[3], Standing { aside: true, waiting: Some(waiting), ..failed() });
    let any = TaskFilter::default();
    let meant =
        |filter: TaskFilter| -> Vec<TaskId> { bench.store().tasks(&filter, None, 10).expect("tasks").iter().map(|head| head.id).collect() };
    assert_eq!(meant(TaskFilter { last: Some(LastOutcome::Failed), ..any.clone() }), [ids[0], ids[1], ids[3]]);
    assert_eq!(meant(TaskFilter { last: Some(LastOutcome::NotFailed), ..any.clone() }), [ids[2], ids[4]]);
    assert_eq!(meant(TaskFilter { code: Some(Code::Unavailable), ..any.clone() }), ids[..4]);
    assert_eq!(meant(TaskFilter { code: Some(Code::Trap), ..any.clone() }), []);
    assert_eq!(meant(TaskFilter { path: Some("/fields/email".to_owned()), ..any.clone() }), ids[..4]);
    assert_eq!(meant(TaskFilter { path: Some("/fields".to_owned()), ..any.clone() }), []);
    assert_eq!(meant(TaskFilter { process_type: Some(ProcessType::SkipOnError), ..any.clone() }), [ids[1]]);
    assert_eq!(meant(TaskFilter { attempts_min: Some(4), ..any.clone() }), [ids[1]]);
    assert_eq!(meant(TaskFilter { waits_for: Some(mark), ..any.clone() }), ids[2..4]);
    assert_eq!(meant(TaskFilter { waits_for: Some(mark), state: Some(TaskState::Failed), ..any.clone() }), [ids[3]]);
    assert_eq!(meant(TaskFilter { waits_for: Some(mark), state: Some(TaskState::Queued), ..any.clone() }), []);
    assert_eq!(meant(TaskFilter { waits_for: Some(Mark(1)), ..any.clone() }), []);
    assert_eq!(meant(TaskFilter { state: Some(TaskState::Parked), ..any }), [ids[2]]);
}

pub(super) fn these_tasks_are_fetched_whatever_they_wait_for(bench: &mut Bench<'_>) {
    let body = "x".repeat(100);
    let ids = bench.submit("a", &[&body, &body, &body, &body]);
    let other = bench.submit("b", &["y"]);
    let waiting = Arc::new(Waiting { since_ms: 1, ..Waiting::default() });
    assert!(bench.store().stand_now(ids[1], &Standing { state: TaskState::Parked, waiting: Some(waiting), ..failed() }).expect("stand"));
    let these = |wanted: &[TaskId], bytes_max: usize| {
        let (tasks, last) = bench.store().these(&connector("a"), wanted, bytes_max).expect("these");
        assert!(tasks.iter().all(|task| *task.external.body == *body.as_bytes()), "with their bodies");
        (tasks.iter().map(|task| task.id).collect::<Vec<_>>(), last)
    };
    let wanted = [ids[0], ids[1], ids[3], other[0], TaskId(u64::MAX)];
    assert_eq!(these(&wanted, usize::MAX), (vec![ids[0], ids[1], ids[3]], Some(TaskId(u64::MAX))));
    assert_eq!(these(&wanted, 250), (vec![ids[0], ids[1]], Some(ids[1])));
    assert_eq!(these(&wanted, 0), (vec![ids[0]], Some(ids[0])));
    assert_eq!(these(&[], 9), (Vec::new(), None));
}
