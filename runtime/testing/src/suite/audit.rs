//! Who has changed what (§14), and edits (§13).

use std::sync::Arc;

use super::bench::{Bench, connector, entry, failed, parked_for, removed, standing};
use crate::short::{Commit, Short};
use lockgate_core::audit::{Actor, AuditAction, AuditRow};
use lockgate_core::edit::{EDITS_KEPT_MAX, Edit, Edits};
use lockgate_core::operation::{NewOperation, OperationState, TaskAction};
use lockgate_core::ports::{AuditFilter, Force, Order, Ordered, Removal, Removed, Stand, Stood, StoreError, Switches, TaskFilter};
use lockgate_core::task::{ExternalObject, ProcessType, TaskId, TaskState, TaskVersion};

fn row(at_ms: i64, who: &str, action: AuditAction) -> AuditRow {
    let actor = Actor { who: who.into(), from: "127.0.0.1".into() };
    AuditRow::new(at_ms, &actor, action, format!("thing {at_ms}")).of(&connector("a")).before("{\"n\":1}").after("{\"n\":2}")
}

fn audited(bench: &Bench<'_>) -> Vec<AuditRow> {
    let rows = bench.store().audit(&AuditFilter::default(), None, 100).expect("audit");
    assert!(rows.windows(2).all(|two| two[0].0 > two[1].0), "numbers descend");
    rows.into_iter().map(|(_, row)| row).collect()
}

pub(super) fn an_order_and_its_row_are_written_together(bench: &mut Bench<'_>) {
    let ids = bench.submit("a", &["1", "2", "3"]);
    let store = bench.store();
    let mut signed = Vec::new();
    let mut sign = |order: Order| {
        let row = row(signed.len() as i64, "ops", AuditAction::TaskSkip);
        let ordered = store.signed(&order, &row).expect("signed");
        signed.insert(0, row);
        ordered
    };
    let stand = Stand { id: ids[0], version: TaskVersion::default(), standing: standing(ProcessType::SkipOnError, TaskState::Queued) };
    assert_eq!(sign(Order::Stand(vec![stand])), Ordered::Stood(vec![Stood::Done]));
    assert_eq!(bench.task(ids[0]).process_type, ProcessType::SkipOnError);
    let removal = Removal { version: TaskVersion::default(), entry: entry(&bench.task(ids[1])) };
    assert_eq!(sign(Order::Remove(vec![removal])), Ordered::Stood(vec![Stood::Done]));
    assert!(!bench.is_queued(ids[1]));
    let new = NewOperation {
        action: TaskAction::Delete,
        filter: TaskFilter::default(),
        tasks: [(connector("a"), vec![ids[2]])].into(),
        started_ms: 1,
    };
    let Ordered::Begun(operation) = sign(Order::Begin(Box::new(new), 10)) else { panic!("it began") };
    assert_eq!(sign(Order::End(operation, OperationState::Cancelled, 2)), Ordered::Ended(true));
    assert_eq!(store.operation(operation).expect("operation").expect("it is there").state, OperationState::Cancelled);
    let generation = store.generation().expect("generation");
    let off = Switches { logging: false, ..Switches::default() };
    assert_eq!(sign(Order::PutSwitches(generation, off)), Ordered::Done);
    assert_eq!(store.configuration().expect("configuration").switches, off);
    assert_eq!(sign(Order::Nothing), Ordered::Done);
    assert_eq!(sign(Order::RemoveConnector(connector("a"), Force::Yes)), Ordered::Removed(Removed::Gone(2)));
    assert_eq!(audited(bench), signed);
    bench.reopen();
    assert_eq!(audited(bench), signed);
}

pub(super) fn an_order_that_changes_nothing_leaves_no_row(bench: &mut Bench<'_>) {
    let ids = bench.submit("a", &["1"]);
    let store = bench.store();
    let row = row(1, "ops", AuditAction::TaskDelete);
    let old = TaskVersion(7);
    let stand = Stand { id: ids[0], version: old, standing: failed() };
    assert_eq!(store.signed(&Order::Stand(vec![stand]), &row).expect("signed"), Ordered::Stood(vec![Stood::Changed]));
    let removal = Removal { version: old, entry: entry(&bench.task(ids[0])) };
    assert_eq!(store.signed(&Order::Remove(vec![removal]), &row).expect("signed"), Ordered::Stood(vec![Stood::Changed]));
    let kept = Order::RemoveConnector(connector("a"), Force::No);
    assert_eq!(store.signed(&kept, &row).expect("signed"), Ordered::Removed(Removed::HasTasks(1)));
    assert_eq!(store.signed(&Order::ClearState(connector("a")), &row).expect("signed"), Ordered::Cleared(0));
    let older = store.generation().expect("generation");
    store.put_switches(older, Switches { bus: false, ..Switches::default() }).expect("put_switches");
    let refused = store.signed(&Order::PutSwitches(older, Switches::default()), &row);
    assert!(matches!(refused, Err(StoreError::Stale)), "{refused:?}");
    assert_eq!(audited(bench), []);
}

pub(super) fn a_commit_that_somebody_ordered_has_a_row(bench: &mut Bench<'_>) {
    let ids = bench.submit("a", &["1", "2"]);
    let lease = bench.claim("a");
    let row = row(1, "ops", AuditAction::TaskRetry);
    for id in ids {
        let commit = Commit { tasks: vec![removed(&bench.task(id), Vec::new())], ..Commit::default() };
        let effects = bench.effects(&commit).signed_by(row.clone());
        bench.store().commit(&lease, &effects).expect("commit");
        // Twice the same: the task is gone.
        assert!(matches!(bench.store().commit(&lease, &effects), Err(StoreError::Conflict)));
    }
    assert_eq!(audited(bench), [row.clone(), row]);
}

pub(super) fn audit_rows_are_filtered_paged_and_trimmed(bench: &mut Bench<'_>) {
    let store = bench.store();
    for at in 0..10 {
        let who = if at % 2 == 0 { "even" } else { "odd" };
        let action = if at < 5 { AuditAction::TaskTry } else { AuditAction::Reload };
        let row = if at == 3 { AuditRow { connector: None, ..row(at, who, action) } } else { row(at, who, action) };
        store.signed(&Order::Nothing, &row).expect("signed");
    }
    let times = |filter: AuditFilter, before: Option<u64>, limit: usize| {
        let rows = store.audit(&filter, before, limit).expect("audit");
        rows.into_iter().map(|(_, row)| row.at_ms).collect::<Vec<_>>()
    };
    let any = AuditFilter::default;
    assert_eq!(times(any(), None, 3), [9, 8, 7]);
    let third = store.audit(&any(), None, 3).expect("audit")[2].0;
    assert_eq!(times(any(), Some(third), 2), [6, 5]);
    assert_eq!(times(AuditFilter { who: Some("odd".to_owned()), ..any() }, None, 3), [9, 7, 5]);
    assert_eq!(times(AuditFilter { action: Some(AuditAction::TaskTry), ..any() }, None, 2), [4, 3]);
    assert_eq!(times(AuditFilter { connector: Some(connector("a")), until_ms: Some(5), ..any() }, None, 9), [4, 2, 1, 0]);
    assert_eq!(times(AuditFilter { since_ms: Some(8), ..any() }, None, 9), [9, 8]);
    assert_eq!(store.trim_audit(4).expect("trim_audit"), 6);
    assert_eq!(times(any(), None, 9), [9, 8, 7, 6]);
    assert_eq!(store.trim_audit(4).expect("trim_audit"), 0);
    assert_eq!(store.trim_history(0).expect("trim_history"), 0);
    assert_eq!(times(any(), None, 9), [9, 8, 7, 6], "what goes of the history is no matter of theirs");
    store.signed(&Order::Nothing, &row(10, "even", AuditAction::Reload)).expect("signed");
    assert_eq!(times(any(), None, 2), [10, 9]);
}

fn edit(id: TaskId, version: u64, body: &str, at_ms: i64) -> Edit {
    let external = ExternalObject { media_type: "text/plain".into(), body: body.as_bytes().into() };
    Edit { id, version: TaskVersion(version), external, at_ms, who: format!("ops {at_ms}").into() }
}

pub(super) fn an_edit_replaces_the_object_and_keeps_what_came(bench: &mut Bench<'_>) {
    let ids = bench.submit("a", &["one", "two", "three"]);
    let store = bench.store();
    let before = bench.task(ids[1]);
    assert_eq!(store.edit(&edit(ids[1], 0, "another", 5)).expect("edit"), Stood::Done);
    let after = bench.task(ids[1]);
    assert_eq!((&*after.external.body, &*after.external.media_type), (b"another".as_slice(), "text/plain"));
    assert_eq!((after.version, after.external_bytes, &*after.media_type), (TaskVersion(1), 7, "text/plain"));
    assert_eq!((after.state, after.process_type, after.submitted_ms), (before.state, before.process_type, before.submitted_ms));
    assert_eq!(store.edit(&edit(ids[1], 0, "late", 6)).expect("edit"), Stood::Changed, "somebody has changed it");
    assert_eq!(store.edit(&edit(TaskId(999), 0, "x", 6)).expect("edit"), Stood::Gone);
    let row = row(7, "ops", AuditAction::TaskEdit);
    assert_eq!(store.signed(&Order::Edit(edit(ids[1], 1, "", 7)), &row).expect("signed"), Ordered::Stood(vec![Stood::Done]));
    let edits = vec![(5, Arc::from("ops 5")), (7, Arc::from("ops 7"))];
    let kept = Some(Edits { original: before.external.clone(), edits });
    assert_eq!(store.edits(ids[1]).expect("edits"), kept);
    assert_eq!(store.edits(ids[0]).expect("edits"), None);
    assert_eq!(audited(bench), [row]);
    bench.reopen();
    assert_eq!(bench.fetch_all("a"), ids, "its place is the same");
    assert_eq!(&*bench.task(ids[1]).external.body, b"");
    // As long as the log.
    let lease = bench.claim("a");
    bench.end(&lease, &bench.task(ids[1]), Vec::new());
    assert_eq!(bench.store().edits(ids[1]).expect("edits"), kept);
    assert_eq!(bench.store().trim_history(0).expect("trim"), 1);
    assert_eq!(bench.store().edits(ids[1]).expect("edits"), None);
}

pub(super) fn a_failed_task_that_is_set_aside_is_edited_and_one_that_waits_is_not(bench: &mut Bench<'_>) {
    let ids = bench.submit("a", &["one", "two"]);
    let store = bench.store();
    let aside = lockgate_core::ports::Standing { aside: true, ..failed() };
    assert!(store.stand_now(ids[0], &aside).expect("stand"));
    let version = bench.task(ids[0]).version.0;
    assert_eq!(store.edit(&edit(ids[0], version, "a longer text than before", 1)).expect("edit"), Stood::Done);
    let task = bench.task(ids[0]);
    assert_eq!((&*task.external.body, task.aside, task.failure.clone()), (b"a longer text than before".as_slice(), true, failed().failure));
    assert!(store.stand_now(ids[1], &parked_for("anna")).expect("stand"));
    let version = bench.task(ids[1]).version.0;
    assert_eq!(store.edit(&edit(ids[1], version, "x", 1)).expect("edit"), Stood::Changed);
    assert_eq!(store.edits(ids[1]).expect("edits"), None);
    // It comes back whole.
    assert!(store.stand_now(ids[0], &standing(ProcessType::Default, TaskState::Queued)).expect("stand"));
    assert_eq!(&*bench.task(ids[0]).external.body, b"a longer text than before");
}

pub(super) fn many_edits_of_one_task_keep_the_newest_and_what_came(bench: &mut Bench<'_>) {
    let ids = bench.submit("a", &["one"]);
    for at in 0..=EDITS_KEPT_MAX as u64 {
        assert_eq!(bench.store().edit(&edit(ids[0], at, "x", at as i64)).expect("edit"), Stood::Done);
    }
    let edits = bench.store().edits(ids[0]).expect("edits").expect("there are some");
    assert_eq!((edits.edits.len(), edits.edits[0].0, &*edits.original.body), (EDITS_KEPT_MAX, 1, b"one".as_slice()));
    assert_eq!(bench.store().delete_connector(&connector("a")).expect("delete"), 1);
    assert_eq!(bench.store().edits(ids[0]).expect("edits"), None);
}
