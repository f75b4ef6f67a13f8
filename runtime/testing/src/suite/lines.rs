//! Who stands in which line, and who would bring what (§11.5, §11.6).

use std::sync::Arc;

use super::bench::{Bench, connector, failed, ids, named, parked_for, set_aside, standing, waits, want};
use crate::short::Short;
use lockgate_core::key::{LINE_IDS_MAX, LineKey};
use lockgate_core::mark::{Mark, brings_guid, brings_name};
use lockgate_core::park::{Line, LineKind, Waiting};
use lockgate_core::ports::Standing;
use lockgate_core::task::{ProcessType, TaskId, TaskState};

const SUBJECT: Line = Line { kind: LineKind::Subject, mark: Mark(7) };
const LIST: Line = Line { kind: LineKind::List, mark: Mark(7) };
const CHILD: Line = Line { kind: LineKind::Child, mark: Mark(7) };
const OTHER: Line = Line { kind: LineKind::Subject, mark: Mark(u64::MAX) };

/// Standing in these lines, whatever else.
fn in_lines(standing: Standing, lines: &[Line]) -> Standing {
    let before = standing.waiting.as_deref().cloned().unwrap_or_default();
    Standing { waiting: Some(Arc::new(Waiting { lines: lines.to_vec(), ..before })), ..standing }
}

fn queued() -> Standing {
    standing(ProcessType::SkipOnError, TaskState::Queued)
}

fn line(bench: &Bench<'_>, name: &str, lines: &[Line], limit: usize) -> Vec<TaskId> {
    ids(bench.store().line(&connector(name), lines, limit))
}

pub(super) fn a_line_gives_its_tasks_ascending(bench: &mut Bench<'_>) {
    let all = bench.submit("a", &["1", "2", "3", "4", "5"]);
    let of_b = bench.submit_standing("b", in_lines(parked_for("ann"), &[SUBJECT]));
    for (id, lines) in all.iter().rev().zip([&[SUBJECT][..], &[LIST], &[CHILD, SUBJECT], &[OTHER], &[]]) {
        bench.stand(*id, in_lines(parked_for("ann"), lines));
    }
    assert_eq!(line(bench, "a", &[SUBJECT], 9), [all[2], all[4]]);
    assert_eq!(line(bench, "a", &[SUBJECT], 1), [all[2]]);
    assert_eq!(line(bench, "a", &[LIST], 9), [all[3]]);
    assert_eq!(line(bench, "a", &[OTHER], 9), [all[1]]);
    assert_eq!(line(bench, "a", &[OTHER, CHILD, LIST, SUBJECT], 9), all[1..], "each once");
    assert_eq!(line(bench, "a", &[OTHER, CHILD, LIST, SUBJECT], 2), all[1..3], "the first of all");
    assert_eq!(line(bench, "b", &[SUBJECT], 9), [of_b]);
    assert_eq!(line(bench, "a", &[], 9), []);
    assert_eq!(line(bench, "nobody", &[SUBJECT], 9), []);
    assert_eq!(bench.store().line(&connector("b"), &[SUBJECT], 1).expect("line"), [bench.task(of_b).head]);
}

pub(super) fn a_task_stands_in_its_lines_until_it_ends(bench: &mut Bench<'_>) {
    let id = bench.submit("a", &["1"])[0];
    assert_eq!((line(bench, "a", &[SUBJECT], 9), bench.store().in_lines(&connector("a")).expect("in_lines")), (Vec::new(), 0));
    let later = Standing { not_before_ms: Some(i64::MAX), ..queued() };
    for standing in [queued(), later, parked_for("ann"), failed(), set_aside([]), set_aside([want(named("ann"))])] {
        bench.stand(id, in_lines(standing.clone(), &[SUBJECT]));
        assert_eq!(line(bench, "a", &[SUBJECT], 9), [id], "{standing:?}");
    }
    bench.stand(id, in_lines(parked_for("ann"), &[OTHER]));
    assert_eq!((line(bench, "a", &[SUBJECT], 9), line(bench, "a", &[OTHER], 9)), (Vec::new(), vec![id]));
    let operated = in_lines(queued(), &[OTHER, LIST]);
    assert!(bench.store().stand_now(id, &operated).expect("stand"));
    assert_eq!(line(bench, "a", &[LIST], 9), [id], "an operator's change leaves it in its lines, or says others");
    bench.end(&bench.claim("a"), &bench.task(id), Vec::new());
    assert_eq!((line(bench, "a", &[OTHER, LIST], 9), bench.store().in_lines(&connector("a")).expect("in_lines")), (Vec::new(), 0));
}

pub(super) fn those_in_lines_are_counted(bench: &mut Bench<'_>) {
    let in_lines_of = |bench: &Bench<'_>| ["a", "b"].map(|name| bench.store().in_lines(&connector(name)).expect("in_lines"));
    let all = bench.submit("a", &["1", "2", "3"]);
    bench.stand(all[0], in_lines(parked_for("ann"), &[SUBJECT, LIST]));
    bench.stand(all[1], in_lines(queued(), &[SUBJECT]));
    bench.stand(all[2], parked_for("ann"));
    let of_b = bench.submit_standing("b", in_lines(set_aside([]), &[OTHER]));
    assert_eq!(in_lines_of(bench), [2, 1], "tasks, not lines");
    bench.stand(all[0], in_lines(parked_for("bob"), &[LIST]));
    bench.stand(all[1], queued());
    assert_eq!(in_lines_of(bench), [1, 1]);
    let deleted = super::bench::entry(&bench.task(of_b));
    bench.store().remove_now(vec![deleted]).expect("remove");
    bench.store().delete_connector(&connector("a")).expect("delete");
    assert_eq!(in_lines_of(bench), [0, 0]);
    assert_eq!(line(bench, "a", &[LIST], 9), []);
}

pub(super) fn a_task_asks_who_is_before_it(bench: &mut Bench<'_>) {
    let count = LINE_IDS_MAX + 4;
    let all: Vec<TaskId> = (0..count).map(|_| bench.submit_standing("a", in_lines(parked_for("ann"), &[SUBJECT, CHILD]))).collect();
    bench.submit_standing("b", in_lines(parked_for("ann"), &[SUBJECT]));
    let ask = |name: &str, line, before| bench.ask(&LineKey { connector: connector(name), line, before });
    assert_eq!(ask("a", SUBJECT, all[0]), []);
    assert_eq!(ask("a", SUBJECT, all[1]), all[..1]);
    assert_eq!(ask("a", SUBJECT, all[3]), all[..3]);
    assert_eq!(ask("a", SUBJECT, TaskId(u64::MAX)), all[count - LINE_IDS_MAX..], "the last of them, ascending");
    assert_eq!(ask("a", CHILD, all[2]), all[..2]);
    assert_eq!(ask("a", LIST, all[2]), []);
    assert_eq!(ask("a", OTHER, all[2]), []);
    assert_eq!(ask("nobody", SUBJECT, TaskId(u64::MAX)), []);
    bench.end(&bench.claim("a"), &bench.task(all[1]), Vec::new());
    bench.stand(all[0], queued());
    assert_eq!(ask("a", SUBJECT, all[3]), all[2..3]);
}

pub(super) fn those_who_would_bring_something_are_found(bench: &mut Bench<'_>) {
    let users = super::bench::type_name("cms.user");
    let (name, guid) = (brings_name(&users, "ann"), brings_guid(&users, uuid::Uuid::from_u128(7)));
    let brings = |standing: Standing, brings: &[Mark]| {
        let before = standing.waiting.as_deref().cloned().unwrap_or_default();
        Standing { waiting: Some(Arc::new(Waiting { brings: brings.to_vec(), ..before })), ..standing }
    };
    let head = bench.submit_standing("b", brings(parked_for("x"), &[name, guid]));
    let follower = bench.submit("a", &["1", "2"]);
    bench.stand(follower[1], brings(super::bench::behind(follower[0]), &[guid]));
    let too_long = bench.submit_standing("a", brings(set_aside([want(named("x"))]), &[name]));
    for standing in
        [queued(), failed(), set_aside([]), waits(TaskState::Queued, Waiting { wants: vec![want(named("x"))], ..Waiting::default() })]
    {
        bench.submit_standing("a", brings(standing, &[name, guid]));
    }
    let bringing = |bench: &Bench<'_>, marks: &[Mark], limit| ids(bench.store().bringing(marks, limit));
    assert_eq!(bringing(bench, &[name], 9), [head, too_long], "of whichever connector, those that wait");
    assert_eq!(bringing(bench, &[guid], 9), [head, follower[1]]);
    assert_eq!(bringing(bench, &[guid, name], 9), [head, follower[1], too_long], "each once");
    assert_eq!(bringing(bench, &[guid, name], 2), [head, follower[1]]);
    assert_eq!(bringing(bench, &[], 9), []);
    assert_eq!(bringing(bench, &[Mark(1)], 9), []);
    bench.stand(head, brings(parked_for("x"), &[guid]));
    bench.end(&bench.claim("a"), &bench.task(too_long), Vec::new());
    assert_eq!(bringing(bench, &[name], 9), []);
    bench.store().delete_connector(&connector("b")).expect("delete");
    assert_eq!(bringing(bench, &[guid, name], 9), [follower[1]]);
}
