use super::*;
use crate::workload::SYNTHETIC;

const CONNECTOR: &str = SYNTHETIC[0];

fn sent(key: &str) -> Sent {
    Sent { key: key.to_owned(), connector: CONNECTOR.to_owned(), expect: Expect::Stored }
}

fn send(request: u64, keys: &[&str]) -> Event {
    Event::Send { request, tasks: keys.iter().map(|key| sent(key)).collect() }
}

fn accepted(request: u64, tasks: &[u64]) -> Event {
    let outcomes = tasks.iter().map(|task| Outcome::Accepted { task: *task, repeated: false }).collect();
    Event::Answer { request, outcomes }
}

fn ended(number: u64, task: u64, title: &str) -> Ended {
    Ended {
        number,
        task,
        connector: CONNECTOR.to_owned(),
        title: title.to_owned(),
        outcome: "stored".to_owned(),
        actions: vec!["inserted".to_owned()],
    }
}

/// Tasks 1 to 3, `a` to `c`, acknowledged and stored in their order.
fn right() -> (Vec<Event>, Observed) {
    let record = vec![send(1, &["a"]), accepted(1, &[1]), send(2, &["b", "c"]), accepted(2, &[2, 3])];
    let observed = Observed {
        history: vec![ended(1, 1, "a"), ended(2, 2, "b"), ended(3, 3, "c")],
        reports: BTreeMap::from([("a".into(), None), ("b".into(), Some("a".into())), ("c".into(), Some("b".into()))]),
        ..Observed::default()
    };
    (record, observed)
}

fn kinds(record: Vec<Event>, observed: &Observed) -> BTreeSet<&'static str> {
    check(&[record], observed, &BTreeSet::new()).into_iter().map(|violation| violation.kind).collect()
}

#[test]
fn what_is_right_has_no_violations() {
    let (record, observed) = right();
    assert_eq!(check(&[record], &observed, &BTreeSet::new()), []);
}

#[test]
fn an_acknowledged_task_that_is_nowhere_is_lost() {
    let (record, mut observed) = right();
    observed.history.pop();
    observed.reports.remove("c");
    assert_eq!(kinds(record, &observed), BTreeSet::from(["lost"]));
}

#[test]
fn a_task_whose_object_is_gone_is_lost() {
    let (record, mut observed) = right();
    observed.reports.remove("c");
    assert_eq!(kinds(record, &observed), BTreeSet::from(["lost"]));
}

#[test]
fn an_id_that_is_given_to_another_task_is_a_lost_task() {
    let (record, mut observed) = right();
    observed.history[2] = ended(3, 3, "d");
    assert!(kinds(record, &observed).contains("lost"));
}

#[test]
fn a_task_that_ends_twice_is_found() {
    let (record, mut observed) = right();
    observed.history.push(ended(4, 3, "c"));
    assert!(kinds(record, &observed).contains("twice"));
}

#[test]
fn a_task_that_is_applied_twice_is_found_by_its_object_alone() {
    let (record, mut observed) = right();
    // Applied, forgotten, applied again: the second time it saw itself.
    observed.reports.insert("c".into(), Some("c".into()));
    assert_eq!(kinds(record, &observed), BTreeSet::from(["chain"]));
    let (record, mut observed) = right();
    observed.history[2].actions = vec!["updated".to_owned()];
    assert_eq!(kinds(record, &observed), BTreeSet::from(["twice"]));
}

#[test]
fn one_key_is_one_task() {
    let (mut record, mut observed) = right();
    record.extend([send(3, &["c"]), accepted(3, &[4])]);
    observed.history.push(ended(4, 4, "c"));
    assert!(kinds(record, &observed).is_superset(&BTreeSet::from(["key-forgotten", "twice"])));
}

#[test]
fn the_key_of_what_was_given_up_may_be_used_again() {
    let given_up = |mut event: Event| {
        if let Event::Send { tasks, .. } = &mut event {
            tasks.iter_mut().for_each(|sent| sent.expect = Expect::GivenUp);
        }
        event
    };
    let (mut record, mut observed) = right();
    record.extend([given_up(send(3, &["d"])), accepted(3, &[4]), given_up(send(4, &["d"])), accepted(4, &[5])]);
    let failed = |number, task| Ended { outcome: "failed".to_owned(), actions: Vec::new(), ..ended(number, task, "d") };
    observed.history.extend([failed(4, 4), failed(5, 5)]);
    assert_eq!(kinds(record.clone(), &observed), BTreeSet::new());
    observed.history.push(failed(6, 6));
    assert_eq!(kinds(record, &observed), BTreeSet::from(["twice"]), "more often than it was acknowledged");
}

#[test]
fn tasks_that_end_in_another_order_are_found() {
    let (record, mut observed) = right();
    observed.history = vec![ended(1, 1, "a"), ended(2, 3, "c"), ended(3, 2, "b")];
    observed.reports.insert("c".into(), Some("a".into()));
    observed.reports.insert("b".into(), Some("c".into()));
    assert_eq!(kinds(record, &observed), BTreeSet::from(["order"]));
}

#[test]
fn ids_against_the_order_of_sending_are_found() {
    let (_, observed) = right();
    let record = vec![send(1, &["b"]), accepted(1, &[2]), send(2, &["a"]), accepted(2, &[1]), send(3, &["c"]), accepted(3, &[3])];
    assert_eq!(kinds(record, &observed), BTreeSet::from(["order"]));
}

#[test]
fn an_unanswered_task_may_be_there_once_or_not_at_all() {
    let (mut record, mut observed) = right();
    record.push(send(3, &["d"]));
    assert_eq!(kinds(record.clone(), &observed), BTreeSet::new());
    observed.history.push(ended(4, 4, "d"));
    observed.reports.insert("d".into(), Some("c".into()));
    assert_eq!(kinds(record.clone(), &observed), BTreeSet::new());
    observed.history.push(ended(5, 5, "d"));
    assert!(kinds(record, &observed).contains("twice"));
}

#[test]
fn a_refused_task_must_not_be_there() {
    let (mut record, mut observed) = right();
    record.extend([send(3, &["d"]), Event::Answer { request: 3, outcomes: vec![Outcome::Refused("disk-full".into())] }]);
    assert_eq!(kinds(record.clone(), &observed), BTreeSet::new());
    observed.history.push(ended(4, 4, "d"));
    observed.reports.insert("d".into(), Some("c".into()));
    assert_eq!(kinds(record, &observed), BTreeSet::from(["refused-but-stored"]));
}

#[test]
fn a_failed_task_leaves_nothing_and_a_stuck_one_is_found() {
    let (mut record, mut observed) = right();
    let failing = Sent { expect: Expect::Kept, ..sent("d") };
    record.extend([Event::Send { request: 3, tasks: vec![failing] }, accepted(3, &[4])]);
    let queued = |failed| Queued { task: 4, title: "d".into(), failed };
    observed.queue = vec![queued(true)];
    assert_eq!(kinds(record.clone(), &observed), BTreeSet::new());
    observed.queue = vec![queued(false)];
    assert_eq!(kinds(record.clone(), &observed), BTreeSet::from(["stuck"]));
    // Its state was kept although it failed: the next task saw it.
    observed.queue = vec![queued(true)];
    observed.reports.insert("c".into(), Some("d".into()));
    assert_eq!(kinds(record, &observed), BTreeSet::from(["chain"]));
}

#[test]
fn what_nobody_sent_and_other_content_are_found() {
    let (record, mut observed) = right();
    observed.reports.insert("x".into(), None);
    observed.content.insert("a row".into());
    let found = check(&[record], &observed, &BTreeSet::from(["another row".to_owned()]));
    let kinds: Vec<_> = found.iter().map(|violation| violation.kind).collect();
    assert_eq!(kinds, ["stranger", "chain", "content", "content"]);
}

#[test]
fn the_record_survives_its_own_torn_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("record");
    let (events, _) = right();
    let mut record = crate::record::Record::create(&path).unwrap();
    events.iter().for_each(|event| record.append(event).unwrap());
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.extend_from_slice(b"{\"send\":{\"requ");
    std::fs::write(&path, bytes).unwrap();
    assert_eq!(crate::record::read(&path).unwrap(), events);
}
