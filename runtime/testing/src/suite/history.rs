//! What remains of tasks: entries, logs, trimming.

use super::bench::{Bench, connector, entry, failed, line, stays};
use crate::short::{AS_STORED, Commit, Short};
use lockgate_core::effects::{Fate, TaskEnd};
use lockgate_core::failure::{Code, Failure};
use lockgate_core::history::{Entry, Level, LogLine, Outcome, Source};
use lockgate_core::ports::HistoryFilter;
use lockgate_core::task::TaskId;

fn listed(bench: &Bench<'_>, filter: &HistoryFilter, before: Option<u64>, limit: usize) -> Vec<TaskId> {
    let history = bench.store().history(filter, before, limit).expect("history");
    history.into_iter().map(|(_, entry)| entry.task).collect()
}

/// Ends each task with a line of log.
fn end_all(bench: &Bench<'_>, name: &str, tasks: &[TaskId]) {
    let lease = bench.claim(name);
    for id in tasks {
        bench.end(&lease, &bench.task(*id), vec![line(&format!("task {id}"))]);
    }
}

pub(super) fn entries_come_newest_first_and_whole(bench: &mut Bench<'_>) {
    let ids = bench.submit("a", &["1", "2", "3", "4", "5"]);
    let lease = bench.claim("a");
    let failure = failed().failure.expect("a failure");
    let outcomes = [
        Outcome::Stored,
        Outcome::Skipped("nothing to do".into()),
        Outcome::Failed(failure.clone()),
        Outcome::Deleted(Some(failure)),
        Outcome::Deleted(None),
    ];
    let mut entries = Vec::new();
    for (id, outcome) in ids.iter().zip(outcomes) {
        let entry = Entry { outcome, ..entry(&bench.task(*id)) };
        let task = TaskEnd {
            id: *id,
            connector: entry.connector.clone(),
            version: AS_STORED,
            fate: Fate::Removed(Box::new(entry.clone())),
            log: Vec::new(),
        };
        bench.commit(&lease, &Commit { tasks: vec![task], ..Commit::default() }).expect("commit");
        entries.insert(0, entry);
    }
    let history = bench.store().history(&HistoryFilter::default(), None, 9).expect("history");
    assert!(history.windows(2).all(|two| two[0].0 > two[1].0), "numbers descend");
    assert_eq!(history.into_iter().map(|(_, entry)| entry).collect::<Vec<_>>(), entries);
}

pub(super) fn entries_are_listed_in_pages(bench: &mut Bench<'_>) {
    let ids = bench.submit("a", &["1", "2", "3", "4"]);
    end_all(bench, "a", &ids);
    let newest: Vec<TaskId> = ids.into_iter().rev().collect();
    let any = HistoryFilter::default();
    let first = bench.store().history(&any, None, 2).expect("history");
    assert_eq!(first.iter().map(|(_, entry)| entry.task).collect::<Vec<_>>(), newest[..2]);
    assert_eq!(listed(bench, &any, Some(first[1].0), 10), newest[2..]);
    assert_eq!(listed(bench, &any, Some(first[0].0), 1), newest[1..2]);
    assert_eq!(listed(bench, &any, Some(0), 10), []);
    assert_eq!(listed(bench, &any, None, 0), []);
}

pub(super) fn entries_are_filtered(bench: &mut Bench<'_>) {
    let of_a = bench.submit("a", &["1", "2"]);
    let of_b = bench.submit("b", &["3"]);
    end_all(bench, "a", &of_a[..1]);
    end_all(bench, "b", &of_b);
    let deleted = Entry { outcome: Outcome::Deleted(None), ..entry(&bench.task(of_a[1])) };
    bench.store().remove_now(vec![deleted]).expect("remove");
    let any = HistoryFilter::default();
    assert_eq!(listed(bench, &HistoryFilter { connector: Some(connector("a")), ..any.clone() }, None, 9), [of_a[1], of_a[0]]);
    assert_eq!(listed(bench, &HistoryFilter { task: Some(of_b[0]), ..any.clone() }, None, 9), of_b);
    assert_eq!(listed(bench, &HistoryFilter { task: Some(TaskId(u64::MAX)), ..any.clone() }, None, 9), []);
    assert_eq!(listed(bench, &HistoryFilter { task: Some(of_b[0]), connector: Some(connector("a")), ..any.clone() }, None, 9), []);
    assert_eq!(listed(bench, &HistoryFilter { outcome: Some("stored".into()), ..any.clone() }, None, 9), [of_b[0], of_a[0]]);
    assert_eq!(listed(bench, &HistoryFilter { outcome: Some("stored".into()), ..any }, None, 1), of_b);
}

pub(super) fn log_lines_come_in_order_over_several_tries(bench: &mut Bench<'_>) {
    let id = bench.submit("a", &["1"])[0];
    let lease = bench.claim("a");
    let mut expected = Vec::new();
    for at in 0..3 {
        let log: Vec<LogLine> = Level::ALL
            .into_iter()
            .map(|level| LogLine {
                at_ms: -at,
                level,
                source: if at == 1 { Source::Host } else { Source::Guest },
                message: format!("{at} {level:?}").into(),
            })
            .collect();
        expected.extend(log.clone());
        let commit = Commit { tasks: vec![TaskEnd { log, ..stays(id, failed()) }], ..Commit::default() };
        bench.commit(&lease, &commit).expect("commit");
    }
    bench.end(&lease, &bench.task(id), vec![line("last")]);
    expected.push(line("last"));
    assert_eq!(bench.store().log(id, 99).expect("log"), expected);
    assert_eq!(bench.store().log(id, 7).expect("log"), expected[..7]);
    assert!(bench.store().log(TaskId(id.0 + 1), 99).expect("log").is_empty());
}

pub(super) fn a_log_outlives_its_task(bench: &mut Bench<'_>) {
    let ids = bench.submit("a", &["1", "2"]);
    end_all(bench, "a", &ids[..1]);
    let lease = bench.claim("a");
    let commit = Commit { tasks: vec![TaskEnd { log: vec![line("tried")], ..stays(ids[1], failed()) }], ..Commit::default() };
    bench.commit(&lease, &commit).expect("commit");
    bench.store().remove_now(vec![entry(&bench.task(ids[1]))]).expect("remove");
    assert_eq!(bench.store().log(ids[0], 9).expect("log").len(), 1);
    assert_eq!(bench.store().log(ids[1], 9).expect("log"), [line("tried")]);
}

pub(super) fn a_log_keeps_its_newest_lines(bench: &mut Bench<'_>) {
    let id = bench.submit("a", &["1"])[0];
    let lease = bench.claim("a");
    let kept = lockgate_core::history::LOG_LINES_KEPT_MAX as usize;
    let lines: Vec<LogLine> = (0..kept + 250).map(|at| line(&at.to_string())).collect();
    for try_lines in lines.chunks(kept / 3) {
        let commit = Commit { tasks: vec![TaskEnd { log: try_lines.to_vec(), ..stays(id, failed()) }], ..Commit::default() };
        bench.commit(&lease, &commit).expect("commit");
    }
    let log = bench.store().log(id, usize::MAX).expect("log");
    assert_eq!((log.len(), log.first(), log.last()), (kept, lines.get(250), lines.last()));
}

pub(super) fn trimming_takes_the_oldest_with_their_logs(bench: &mut Bench<'_>) {
    let ids = bench.submit("a", &["1", "2", "3", "4", "5"]);
    // Not in the order of their ids: the oldest entry is the one that was written first.
    let ended = [ids[3], ids[0], ids[2], ids[1]];
    end_all(bench, "a", &ended);
    assert_eq!(bench.store().trim_history(2).expect("trim"), 2);
    assert_eq!(listed(bench, &HistoryFilter::default(), None, 9), [ids[1], ids[2]]);
    assert_eq!(bench.store().counts().expect("counts").history, 2);
    for id in &ended[..2] {
        assert!(bench.store().log(*id, 9).expect("log").is_empty());
        assert_eq!(listed(bench, &HistoryFilter { task: Some(*id), ..HistoryFilter::default() }, None, 9), []);
    }
    for id in &ended[2..] {
        assert_eq!(bench.store().log(*id, 9).expect("log").len(), 1);
    }
    assert_eq!(bench.fetch_all("a"), [ids[4]]);
    assert_eq!(bench.store().trim_history(0).expect("trim"), 2);
    assert_eq!(bench.store().counts().expect("counts").history, 0);
}

pub(super) fn trimming_below_the_limit_takes_nothing(bench: &mut Bench<'_>) {
    assert_eq!(bench.store().trim_history(0).expect("trim"), 0);
    let ids = bench.submit("a", &["1", "2"]);
    end_all(bench, "a", &ids);
    for entries_max in [2, 3, u64::MAX] {
        assert_eq!(bench.store().trim_history(entries_max).expect("trim"), 0);
    }
    assert_eq!(listed(bench, &HistoryFilter::default(), None, 9).len(), 2);
}

pub(super) fn numbers_go_on_after_trimming(bench: &mut Bench<'_>) {
    let ids = bench.submit("a", &["1", "2", "3"]);
    end_all(bench, "a", &ids[..2]);
    let before = bench.store().history(&HistoryFilter::default(), None, 1).expect("history")[0].0;
    bench.store().trim_history(0).expect("trim");
    let failure = Failure::new(Code::Trap, "unreachable");
    let failed = Entry { outcome: Outcome::Failed(failure), ..entry(&bench.task(ids[2])) };
    bench.store().remove_now(vec![failed.clone()]).expect("remove");
    let history = bench.store().history(&HistoryFilter::default(), None, 9).expect("history");
    assert_eq!(history.len(), 1);
    assert_eq!(history[0].1, failed);
    assert!(history[0].0 > before, "a number is never given again: {} after {before}", history[0].0);
}
