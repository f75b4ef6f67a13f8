use lockgate_core::failure::{Code, Failure};
use lockgate_core::mark::Mark;
use lockgate_core::park::Waiting;
use lockgate_core::task::ProcessType;

use super::*;

fn rest() -> Rest<'static> {
    Rest {
        process_type: 1,
        task_type: 0,
        data_type: 2,
        site: 0,
        attempts: 3,
        submitted_ms: -7,
        not_before_ms: Some(9),
        title: "a title",
        traceparent: None,
        failure: None,
        media_type: "application/json",
        body: b"body",
    }
}

fn read(bytes: &[u8]) -> Task {
    let connector = ConnectorName::new("shop").unwrap();
    Row::read(bytes).unwrap().task(TaskId(5), &connector, &Known::default(), || Ok::<_, Fault>(b"body".as_slice().into())).unwrap()
}

fn standing(state: TaskState) -> Standing {
    Standing {
        process_type: ProcessType::Default,
        state,
        attempts: 4,
        not_before_ms: None,
        failure: None,
        aside: false,
        failed_by: None,
        deletes_allowed: false,
        waiting: None,
    }
}

fn restand(bytes: &[u8], standing: &Standing) -> Vec<u8> {
    let row = Row::read(bytes).unwrap();
    let body = row.body();
    row.restand(standing, body)
}

#[test]
fn a_task_of_an_older_format_is_written_in_todays_when_it_changes() {
    let old = super::super::encode(&DiskTask1 { state: 1, rest: rest() });
    let now = seen(&old).unwrap();
    assert_eq!((now.state, now.version, now.fails, now.waits), (TaskState::Failed, TaskVersion(0), false, false));
    let task = read(&old);
    assert_eq!((&*task.title, &*task.external.body, task.external_bytes), ("a title", b"body".as_slice(), 4));
    let second = super::super::encode_as(FORMAT_2, &DiskTask2 { state: 1, version: 0, rest: rest() });
    assert_eq!(read(&second), task);

    for old in [old, second] {
        let standing = standing(TaskState::Queued);
        let new = restand(&old, &standing);
        assert_eq!(new[0], FORMAT_3);
        assert_eq!(seen(&new).unwrap(), seen(&old).unwrap().after(&standing));
        let head = TaskHead {
            version: TaskVersion(1),
            process_type: ProcessType::Default,
            state: TaskState::Queued,
            attempts: 4,
            not_before_ms: None,
            ..task.head.clone()
        };
        assert_eq!(read(&new), Task { head, external: task.external.clone() });
    }
}

#[test]
fn the_name_of_a_file_stays_with_its_task() {
    let mut task = read(&super::super::encode(&DiskTask1 { state: 0, rest: rest() }));
    task.head.file_name = Some("order.json".into());
    let names = crate::names::Names::default();
    let bytes = encode(&task, &mut names.interner());
    assert_eq!((bytes[0], &read(&bytes)), (FORMAT_4, &task));
    assert_eq!(seen(&bytes).unwrap().version, task.version);
    let stood = restand(&bytes, &standing(TaskState::Failed));
    assert_eq!((read(&stood).head.file_name, read(&stood).head.version), (task.head.file_name.clone(), TaskVersion(1)));
    // Without one a task is written as before there were any.
    task.head.file_name = None;
    assert_eq!(encode(&task, &mut names.interner())[0], FORMAT_3);
}

#[test]
fn a_version_of_many_bytes_is_found_without_the_rest() {
    for version in [0, 1, 127, 128, 1 << 20, u64::MAX] {
        let row = DiskTask3 { state: 1, version, flags: ASIDE, rest: rest(), more: More::default() };
        let now = seen(&super::super::encode_as(FORMAT_3, &row)).unwrap();
        assert_eq!((now.state, now.version, now.aside), (TaskState::Failed, TaskVersion(version), true));
        assert!(now.stands_apart());
    }
}

#[test]
fn a_task_that_waits_comes_back_whole_and_its_body_may_be_elsewhere() {
    let queued = super::super::encode(&DiskTask1 { state: 0, rest: rest() });
    let standing = Standing {
        failure: Some(Failure::new(Code::Trap, "why")),
        aside: true,
        failed_by: Some(Mark(7)),
        deletes_allowed: true,
        waiting: Some(Arc::new(Waiting { since_ms: 5, ..Waiting::default() })),
        ..standing(TaskState::Failed)
    };
    let beside = Row::read(&queued).unwrap().restand(&standing, Body::Beside);
    assert!(!beside.windows(4).any(|bytes| bytes == b"body"));
    let task = read(&beside);
    assert_eq!((task.external_bytes, &*task.external.body), (4, b"body".as_slice()));
    assert_eq!((task.aside, task.failed_by, task.deletes_allowed), (true, Some(Mark(7)), true));
    assert_eq!((&task.waiting, &task.failure), (&standing.waiting, &standing.failure));
    let now = seen(&beside).unwrap();
    assert!(now.stands_apart() && now.fails && now.waits);

    let within = Row::read(&beside).unwrap().restand(&standing, Body::Within(b"body"));
    assert_eq!(read(&within), Task { head: TaskHead { version: TaskVersion(2), ..task.head }, external: task.external });
}
