//! Who waits, and who is due, before and after a restart (§11.7, §11.8).

use std::sync::Arc;

use super::bench::{
    Bench, a_page, behind, connector, delete, insert, key_of, mark, named, not_made, parked, parked_for, parked_for_group, removed,
    set_aside, standing, stays, type_name, user, waits, want, want_end,
};
use crate::new_task;
use crate::short::{Commit, Short};
use lockgate_core::change::Change;
use lockgate_core::key::{FormerKey, LineKey, LooseKey, LooseOf, Tomb, TombBy, TombKey};
use lockgate_core::mark::{Mark, ended};
use lockgate_core::newer::Version;
use lockgate_core::park::{Line, LineKind, Waiting};
use lockgate_core::ports::{Due, TaskFilter};
use lockgate_core::rows::{LooseId, ObjectId, Owner, Scope, Target};
use lockgate_core::task::{ProcessType, TaskId, TaskState};

const LINE: Line = Line { kind: LineKind::Subject, mark: Mark(7) };

fn former() -> FormerKey {
    FormerKey(type_name("cms.user"), Scope::default(), key_of("eve"))
}

fn tomb() -> TombKey {
    TombKey { type_name: type_name("cms.user"), culture: None, by: TombBy::Guid(uuid::Uuid::from_u128(7)) }
}

/// Everything that a store can tell of who waits, as text.
fn everything(bench: &Bench<'_>) -> Vec<String> {
    let store = bench.store();
    let missing = store.missing(None, 99).expect("missing");
    let mut all = vec![
        format!("{:?}", super::operator::without_zeros(store.counts().expect("counts"))),
        format!("{:?}", store.tasks(&TaskFilter::default(), None, 99).expect("tasks")),
        format!("{missing:?}"),
        format!("{:?}", store.stirred().expect("stirred")),
        format!("{:?}", store.bringing(&[Mark(8)], 99).expect("bringing")),
        format!("{:?} {:?}", bench.ask(&former()), bench.ask(&tomb())),
        format!("{:?}", bench.ask(&LooseKey(LooseId(21)))),
        format!("{:?}", bench.ask(&LooseOf(type_name("cms.user-role"), Owner::Row(Target::Object(ObjectId(1)))))),
    ];
    for line in missing {
        all.push(format!("{:?}", store.waiters(line.want.mark, 99).expect("waiters")));
    }
    for name in ["a", "b"] {
        let name = connector(name);
        all.push(format!("{:?}", store.fetch(&name, None, 99, usize::MAX).expect("fetch")));
        all.push(format!("{:?}", store.due(&name, None, 99, usize::MAX).expect("due")));
        all.push(format!("{:?}", store.loose_due(&name, 99).expect("loose_due")));
        all.push(format!("{:?}", store.in_lines(&name).expect("in_lines")));
        all.push(format!("{:?}", store.line(&name, &[LINE], 99).expect("line")));
        all.push(format!("{:?}", bench.ask(&LineKey { connector: name.clone(), line: LINE, before: TaskId(u64::MAX) })));
        all.push(format!("{:?}", store.parked_before(&name, i64::MAX, 99).expect("parked_before")));
        for state in [TaskState::Parked, TaskState::Behind, TaskState::Failed] {
            all.push(format!("{:?}", store.standing(&name, state, None, 99).expect("standing")));
        }
    }
    all
}

pub(super) fn who_waits_is_known_after_a_restart(bench: &mut Bench<'_>) {
    let all = bench.submit("a", &["1", "2", "3", "4", "5", "6"]);
    let waiting = Waiting {
        since_ms: 5,
        lines: vec![LINE],
        brings: vec![Mark(8)],
        wants: vec![want(named("ann")), want(named("bob"))],
        helpers: vec![Mark(12)],
        group_wants: vec![mark(named("cat"))],
        behind: None,
    };
    bench.stand(all[0], waits(TaskState::Parked, waiting.clone()));
    bench.stand(all[1], behind(all[0]));
    bench.stand(all[2], set_aside([want(named("cat"))]));
    bench.stand(all[3], parked_for("dan"));
    bench.stand(all[4], waits(TaskState::Queued, Waiting { wants: Vec::new(), ..waiting }));
    let of_b = bench.submit_standing("b", parked_for_group([ended(all[5]), mark(named("dan"))]));
    let tomb_of = Some(Arc::new(Tomb { version: Version::Instant(7), until_ms: 9 }));
    let ends = [not_made(21, "dan"), not_made(22, "ann")].map(|end| Change::Loose(None, Some(Arc::new(end))));
    let mut changes = vec![Change::Former(former(), None, Some(uuid::Uuid::max())), Change::Tomb(tomb(), None, tomb_of)];
    changes.extend(ends);
    bench.write(changes);
    let before = everything(bench);
    for _ in 0..2 {
        bench.reopen();
        assert_eq!(everything(bench), before);
    }
    bench.write(vec![insert(&user(1, "ann")), insert(&user(2, "cat"))]);
    assert_eq!(bench.due("a"), [(all[0], Due::Alone), (all[2], Due::Alone)]);
    assert_eq!(bench.loose_due("a"), [LooseId(22)]);
    bench.reopen();
    bench.end(&bench.claim("a"), &bench.task(all[0]), Vec::new());
    bench.end(&bench.claim("a"), &bench.task(all[5]), Vec::new());
    assert_eq!(bench.due("a"), [(all[1], Due::Alone), (all[2], Due::Alone)]);
    assert_eq!(bench.due("b"), [(of_b, Due::Group)]);
}

pub(super) fn who_is_due_is_due_after_a_restart(bench: &mut Bench<'_>) {
    let alone = bench.submit_standing("a", parked_for("ann"));
    let group = bench.submit_standing("b", parked_for_group([mark(named("ann"))]));
    let looked_at = bench.submit_standing("a", parked_for("ann"));
    let made_due = bench.submit_standing("a", set_aside([]));
    bench.write(vec![Change::Loose(None, Some(Arc::new(not_made(21, "ann"))))]);
    bench.write(vec![insert(&user(1, "ann"))]);
    bench.stand(looked_at, parked_for("ann"));
    bench.store().make_due(&[made_due], Due::Group).expect("make_due");
    for _ in 0..2 {
        bench.reopen();
        assert_eq!(bench.stirred(), ["a", "b"]);
        assert_eq!(bench.due("a"), [(alone, Due::Alone), (made_due, Due::Group)]);
        assert_eq!(bench.due("b"), [(group, Due::Group)]);
        assert_eq!(bench.loose_due("a"), [LooseId(21)]);
    }
    bench.stand(alone, standing(ProcessType::Default, TaskState::Queued));
    bench.end(&bench.claim("a"), &bench.task(made_due), Vec::new());
    bench.write(vec![Change::Loose(Some(Arc::new(not_made(21, "ann"))), None)]);
    bench.reopen();
    assert_eq!(bench.stirred(), ["b"]);
}

/// More than any store wakes at once.
const MANY: usize = 700;

pub(super) fn what_is_to_be_worked_off_is_worked_off_after_a_restart(bench: &mut Bench<'_>) {
    let ids = bench.submit_tasks((0..MANY).map(|_| new_task(&connector("a"), b"x")).collect());
    let tasks = ids.iter().map(|id| stays(*id, parked([want(named("ann")), want(named("bob"))]))).collect();
    bench.commit(&bench.claim("a"), &Commit { tasks, ..Commit::default() }).expect("commit");
    bench.write(vec![insert(&user(1, "ann"))]);
    bench.reopen();
    assert_eq!(bench.stirred(), ["a"]);
    let lease = bench.claim("a");
    assert!(bench.store().work_off(&lease, 100).expect("work_off"));
    let before = bench.due_now("a");
    bench.reopen();
    assert_eq!(bench.due_now("a"), before, "as far as it was worked off");
    assert_eq!(bench.due("a"), ids.iter().map(|id| (*id, Due::Alone)).collect::<Vec<_>>());
    bench.reopen();
    assert!(!bench.store().work_off(&bench.claim("a"), 100).expect("work_off"), "once");
    let tasks = ids.iter().map(|id| stays(*id, parked_for("bob"))).collect();
    bench.commit(&bench.claim("a"), &Commit { tasks, ..Commit::default() }).expect("commit");
    bench.reopen();
    assert_eq!(bench.stirred(), Vec::<String>::new());
    bench.write(vec![delete(&user(1, "ann")), insert(&user(2, "bob"))]);
    bench.reopen();
    assert_eq!(bench.due("a").len(), MANY);
}

pub(super) fn who_waits_for_nothing_any_more_is_forgotten_for_good(bench: &mut Bench<'_>) {
    let first = bench.submit("a", &["1"])[0];
    let second = bench.submit_standing("a", behind(first));
    let third = bench.submit_standing("a", parked([want(named("ann")), want_end(first)]));
    bench.commit(&bench.claim("a"), &Commit { tasks: vec![removed(&bench.task(third), Vec::new())], ..Commit::default() }).expect("commit");
    bench.stand(second, standing(ProcessType::Default, TaskState::Queued));
    bench.submit_standing("b", parked_for("ann"));
    bench.store().delete_connector(&connector("b")).expect("delete");
    bench.reopen();
    assert!(bench.store().missing(None, 9).expect("missing").is_empty());
    bench.write(vec![insert(&user(1, "ann")), insert(&a_page(2, None, "p"))]);
    bench.end(&bench.claim("a"), &bench.task(first), Vec::new());
    assert_eq!((bench.stirred(), bench.store().counts().expect("counts").waits_for), (Vec::new(), 0));
}
