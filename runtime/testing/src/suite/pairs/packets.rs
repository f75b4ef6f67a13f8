//! Commits as packets that a network may lose, repeat or hold up: written whole or not at all, once, and
//! by the newest owner alone.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::owner::{Owner, ends, remains};
use super::table::{EVERY, LEASE_MS, NOW_MS, Table, both};
use crate::suite::bench::{a_page, failed, insert, line, update, user, writes};
use lockgate_core::effects::{Effects, EffectsParts, TaskEnd};
use lockgate_core::key::{Key, ObjectKey};
use lockgate_core::ports::{Claim, Claimed, Counts, HistoryFilter, Lease, Stand, Store, StoreError};
use lockgate_core::rows::{ObjectId, ObjectRow};
use lockgate_core::task::{Task, TaskHead};

/// A connection that loses the answer to a commit. The packet may have come in, or come in later.
struct Lossy {
    store: Arc<dyn Store>,
    on_its_way: Mutex<Option<(Lease, Effects)>>,
}

impl Lossy {
    fn new(store: Arc<dyn Store>) -> Self {
        Self { store, on_its_way: Mutex::default() }
    }

    /// The packet comes in, the answer does not come back.
    fn commit_without_answer(&self, lease: &Lease, effects: &Effects) -> Result<(), StoreError> {
        self.store.commit(lease, effects).expect("the packet is carried out");
        Err(StoreError::Unknown("the connection was lost".to_owned()))
    }

    /// The packet is held up.
    fn commit_late(&self, lease: &Lease, effects: &Effects) -> Result<(), StoreError> {
        *self.on_its_way.lock().unwrap_or_else(PoisonError::into_inner) = Some((lease.clone(), effects.clone()));
        Err(StoreError::Unknown("the connection was lost".to_owned()))
    }

    /// The packet that was held up comes in.
    fn arrives(&self) -> Result<(), StoreError> {
        let packet = self.on_its_way.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (lease, effects) = packet.expect("a packet is on its way");
        self.store.commit(&lease, &effects)
    }
}

fn is_unknown(outcome: &Result<(), StoreError>) -> bool {
    matches!(outcome, Err(StoreError::Unknown(_)))
}

/// Everything that a commit could write.
#[derive(Debug, PartialEq)]
struct Everything {
    objects: Vec<Arc<ObjectRow>>,
    pages: usize,
    tasks: Vec<TaskHead>,
    counts: Counts,
    keys: usize,
    lines: usize,
}

fn everything(owner: &Owner, tasks: &[Task]) -> Everything {
    let store = &owner.store;
    let ids: Vec<_> = tasks.iter().map(|task| task.id).collect();
    Everything {
        objects: store.objects(None, None, EVERY).expect("objects"),
        pages: store.pages(None, EVERY).expect("pages").len(),
        tasks: store.heads(&ids).expect("heads"),
        counts: store.counts().expect("counts"),
        keys: store.state(owner.connector()).expect("state").len(),
        lines: ids.iter().map(|id| store.log(*id, 9).expect("log").len()).sum(),
    }
}

/// Effects of every kind: the rows changed, a page and a row more, the state, tasks that end and stay.
fn of_every_kind(owner: &Owner, rows: &[ObjectRow], tasks: &[Task], n: u64) -> Effects {
    let keys: Vec<Key> = rows.iter().map(|row| ObjectKey::Id(row.id).into()).collect();
    let log = vec![line("written")];
    let tasks: Vec<TaskEnd> = tasks
        .iter()
        .enumerate()
        .map(|(at, task)| TaskEnd { log: log.clone(), ..if at % 2 == 0 { ends(task) } else { remains(task, failed()) } })
        .collect();
    let effects = owner.plan_with(tasks, |look| {
        let now = look.ask_all(&keys);
        let now = rows.iter().map(|row| now.get(&ObjectKey::Id(row.id)).cloned().flatten().expect("it is there"));
        let changed = now.map(|row| update(&*row, &ObjectRow { modified_ms: row.modified_ms + 1, ..(*row).clone() }));
        let more = [insert(&user(owner.new_id(), &format!("more {n}"))), insert(&a_page(owner.new_id(), None, &format!("more{n}")))];
        changed.chain(more).collect()
    });
    EffectsParts { state: writes([("key", Some(&b"value"[..]))]), ..EffectsParts::from(effects) }.into()
}

fn fifty(owner: &Owner) -> Vec<ObjectRow> {
    let rows: Vec<ObjectRow> = (0..50).map(|n| user(owner.new_id(), &format!("u{n}"))).collect();
    owner.write(rows.iter().map(insert).collect());
    rows
}

pub(super) fn one_old_row_among_many_and_nothing_is_written(table: &Table) {
    let (owner, other) = (table.owner("a"), table.owner("b"));
    let rows = fifty(&owner);
    for n in table.rounds().take(50) {
        let tasks = table.queue("a", 4);
        let effects = of_every_kind(&owner, &rows, &tasks, n);
        let one = ObjectKey::Id(rows[table.roll(rows.len())].id);
        other.change(|look| {
            let now = look.ask(&one).expect("it is there");
            vec![update(&*now, &ObjectRow { modified_ms: now.modified_ms + 1, ..(*now).clone() })]
        });
        let before = everything(&owner, &tasks);
        let committed = owner.commit(&effects);
        assert!(matches!(committed, Err(StoreError::Conflict)), "round {n}: {committed:?}");
        assert_eq!(everything(&owner, &tasks), before, "round {n}: refused, and written in part");
    }
}

pub(super) fn one_old_task_among_many_and_nothing_is_written(table: &Table) {
    let (owner, operator) = (table.owner("a"), table.handle());
    let rows = fifty(&owner);
    for n in table.rounds().take(50) {
        let tasks = table.queue("a", 4);
        let effects = of_every_kind(&owner, &rows, &tasks, n);
        let old = &tasks[table.roll(tasks.len())];
        operator.stand(&[Stand { id: old.id, version: old.version, standing: failed() }]).expect("stand");
        let before = everything(&owner, &tasks);
        let committed = owner.commit(&effects);
        assert!(matches!(committed, Err(StoreError::Conflict)), "round {n}: {committed:?}");
        assert_eq!(everything(&owner, &tasks), before, "round {n}: refused, and written in part");
    }
}

pub(super) fn a_replay_with_other_content_writes_nothing(table: &Table) {
    let owner = table.owner("a");
    let rows = fifty(&owner);
    for n in table.rounds().take(50) {
        let tasks = table.queue("a", 1 + (n % 3) as usize);
        let (first, second) = (of_every_kind(&owner, &rows[..2], &tasks, 2 * n), of_every_kind(&owner, &rows[2..], &tasks, 2 * n + 1));
        owner.commit(&first).expect("the first one");
        let before = everything(&owner, &tasks);
        let replayed = owner.commit(&second);
        assert!(matches!(replayed, Err(StoreError::Conflict)), "round {n}: {replayed:?}");
        assert_eq!(everything(&owner, &tasks), before, "round {n}: refused, and written in part");
    }
}

/// Takes the connector over, as another life of the same node.
fn taken_over(table: &Table, owner: &Owner) -> Owner {
    let store = table.handle();
    let (connector, node) = (owner.connector(), &owner.lease.node);
    let claim = Claim { connector, node, held: &BTreeSet::new(), lease_ms: LEASE_MS, now_ms: NOW_MS };
    match store.claim(&claim).expect("claim") {
        Claimed::Yes(lease) => Owner::new(store, lease, table.model.clone()),
        Claimed::HeldBy(node, _) => panic!("{node} holds it"),
    }
}

pub(super) fn an_older_epoch_writes_nothing(table: &Table) {
    let mut owner = table.owner("a");
    let rows = fifty(&owner);
    for n in table.rounds().take(50) {
        let tasks = table.queue("a", 3);
        let effects = of_every_kind(&owner, &rows, &tasks, n);
        let newer = taken_over(table, &owner);
        let before = everything(&owner, &tasks);
        let committed = owner.commit(&effects);
        assert!(matches!(committed, Err(StoreError::Fenced(_))), "round {n}: {committed:?}");
        assert_eq!(everything(&owner, &tasks), before, "round {n}: refused, and written in part");
        owner = newer;
        owner.commit(&of_every_kind(&owner, &rows, &tasks, n)).expect("the newer owner's");
    }
}

pub(super) fn a_packet_that_was_lost_and_comes_late_writes_nothing(table: &Table) {
    let owner = table.owner("a");
    let rows = fifty(&owner);
    for n in table.rounds().take(50) {
        let (network, tasks) = (Lossy::new(owner.store.clone()), table.queue("a", 2));
        assert!(is_unknown(&network.commit_late(&owner.lease, &of_every_kind(&owner, &rows, &tasks, n))));
        // It looks: the tasks are as they were. So it goes on from there.
        assert_eq!(owner.store.heads(&[tasks[0].id]).expect("heads").len(), 1, "round {n}");
        owner.commit(&of_every_kind(&owner, &rows, &tasks, n)).expect("the second try");
        let before = everything(&owner, &tasks);
        let late = network.arrives();
        assert!(matches!(late, Err(StoreError::Conflict)), "round {n}: {late:?}");
        assert_eq!(everything(&owner, &tasks), before, "round {n}: the late packet has written");
    }
}

pub(super) fn a_late_packet_beside_the_second_try_is_carried_out_once(table: &Table) {
    let owner = table.owner("a");
    let counter = user(owner.new_id(), "counter");
    owner.write(vec![insert(&counter)]);
    let other = table.handle();
    for (n, before) in (0..).zip(table.rounds()) {
        let (network, task) = (Lossy::new(other.clone()), table.queue("a", 1).remove(0));
        let increments = || {
            owner.plan_with(vec![ends(&task)], |look| {
                let now = look.ask(&ObjectKey::Id(counter.id)).expect("it is there");
                vec![update(&*now, &ObjectRow { modified_ms: now.modified_ms + 1, ..(*now).clone() })]
            })
        };
        assert!(is_unknown(&network.commit_late(&owner.lease, &increments())));
        let again = increments();
        let (late, second) = both(|| network.arrives(), || owner.commit(&again));
        assert!(
            matches!((&late, &second), (Ok(()), Err(StoreError::Conflict)) | (Err(StoreError::Conflict), Ok(()))),
            "round {n}: one of the two is carried out: {late:?}, {second:?}"
        );
        let now = owner.look().ask(&ObjectKey::Id(counter.id)).expect("it is there");
        assert_eq!(now.modified_ms - counter.modified_ms, before as i64 + 1, "round {n}");
    }
}

pub(super) fn a_commit_that_failed_after_it_was_applied_is_found_by_looking(table: &Table) {
    let owner = table.owner("a");
    let network = Lossy::new(owner.store.clone());
    for n in table.rounds() {
        let tasks = table.queue("a", 2);
        let one = |at: usize| {
            let row = user(owner.new_id(), &format!("{n}-{at}"));
            owner.plan_with(vec![ends(&tasks[at])], |_| vec![insert(&row)])
        };
        assert!(is_unknown(&network.commit_without_answer(&owner.lease, &one(0))));
        let left = owner.store.fetch(owner.connector(), None, 9, usize::MAX).expect("fetch");
        assert_eq!(left.iter().map(|task| task.id).collect::<Vec<_>>(), [tasks[1].id], "round {n}: the first one is done");
        owner.commit(&one(1)).expect("it goes on with the next");
        for task in &tasks {
            let filter = HistoryFilter { task: Some(task.id), ..HistoryFilter::default() };
            assert_eq!(owner.store.history(&filter, None, 9).expect("history").len(), 1, "round {n}");
        }
        let rows = owner.store.objects(None, None, EVERY).expect("objects").len() as u64;
        assert_eq!(rows, 2 * (n + 1), "round {n}: each once");
    }
}

pub(super) fn a_packet_of_a_crashed_owner_is_fenced(table: &Table) {
    let mut owner = table.owner("a");
    for n in table.rounds() {
        let (network, task) = (Lossy::new(table.handle()), table.queue("a", 1).remove(0));
        let row = user(owner.new_id(), &format!("u{n}"));
        let effects = owner.plan_with(vec![ends(&task)], |_| vec![insert(&row)]);
        assert!(is_unknown(&network.commit_late(&owner.lease, &effects)));
        let next = taken_over(table, &owner);
        // It crashes with the packet on its way: nothing is given back.
        owner = next;
        let seen = owner.store.task(task.id).expect("task").expect("it is queued");
        let again = owner.plan_with(vec![ends(&seen)], |_| vec![insert(&row)]);
        let (late, second) = both(|| network.arrives(), || owner.commit(&again));
        assert!(matches!(late, Err(StoreError::Fenced(_))), "round {n}: {late:?}");
        second.expect("the next owner's commit");
        let rows = owner.store.objects(None, Some(ObjectId(row.id.0 - 1)), 9).expect("objects").len();
        assert_eq!(rows, 1, "round {n}: once");
    }
}
