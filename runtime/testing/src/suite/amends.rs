//! What an operator orders of stored content, under no lease: loose ends that are given up (§11.10).

use std::sync::Arc;

use super::bench::{Bench, connector, field, insert, type_name, user};
use crate::short::{Commit, Short};
use lockgate_core::change::Change;
use lockgate_core::effects::{Effects, let_go, row_of};
use lockgate_core::key::{Key, LooseKey, LooseOf, ObjectKey};
use lockgate_core::mark::Mark;
use lockgate_core::names::CodeName;
use lockgate_core::park::{LooseAt, LooseEnd, NotMade, Want};
use lockgate_core::ports::StoreError;
use lockgate_core::rows::{Fields, Link, Links, LooseId, ObjectId, ObjectRow, Owner, Stated, StatedObject};
use lockgate_core::task::TaskId;

const WANTED: Mark = Mark(77);

fn stated() -> Arc<Stated> {
    let name = CodeName::new("boss").expect("a code name");
    Arc::new(Stated::Object(StatedObject::Named { object_type: type_name("cms.user"), name, site: None, parent: None, group: None }))
}

fn end(id: u64, at: LooseAt) -> Arc<LooseEnd> {
    let wants = vec![Want { mark: WANTED, what: "cms.user 'boss'".into(), external: Some("17".into()) }];
    let (connector, since_ms) = (connector("a"), 5);
    Arc::new(LooseEnd { id: LooseId(id), connector, task: TaskId(3), since_ms, at, stated: vec![stated()], wants })
}

/// A user whose manager is not there, and a binding that is not made.
fn loose(bench: &mut Bench<'_>) -> (ObjectRow, Vec<Arc<LooseEnd>>) {
    let link = Link { stated: stated(), external: "17".into(), by: connector("a"), loose: Some(LooseId(100)) };
    let row = ObjectRow { links: Links::from([(field("manager"), link)]), ..user(1, "ann") };
    let not_made =
        NotMade { binding_type: type_name("cms.user-role"), owner: Owner::Stated(stated()), fields: Fields::new(), links: Links::new() };
    let ends = vec![end(100, LooseAt::Object(row.id, field("manager"))), end(101, LooseAt::NotMade(not_made))];
    let lease = bench.claim("a");
    let changes = std::iter::once(insert(&row)).chain(ends.iter().map(|end| Change::Loose(None, Some(end.clone())))).collect();
    bench.commit(&lease, &Commit { changes, ..Commit::default() }).expect("commit");
    (row, ends)
}

/// The order that these are given up, as of now.
fn order(bench: &Bench<'_>, ends: &[Arc<LooseEnd>]) -> Effects {
    let keys: Vec<Key> = ends.iter().filter_map(|end| row_of(end)).collect();
    let rows = bench.store().load(&keys).expect("load").answers;
    let_go(Arc::new(bench.model.clone()), bench.store().now(), ends, &rows)
}

pub(super) fn loose_ends_are_given_up_and_their_questions_forgotten(bench: &mut Bench<'_>) {
    let (row, ends) = loose(bench);
    assert_eq!(bench.store().missing(None, 9).expect("missing")[0].loose_ends, 2);
    bench.store().amend(&connector("a"), &order(bench, &ends)).expect("amend");
    bench.reopen();
    assert_eq!(bench.object(&ObjectKey::Id(row.id)), Some(ObjectRow { links: Links::new(), ..row }));
    for id in [100, 101] {
        assert_eq!(bench.ask(&LooseKey(LooseId(id))), None);
    }
    assert!(bench.ask(&LooseOf(type_name("cms.user-role"), Owner::Stated(stated()))).is_empty());
    assert_eq!(bench.store().missing(None, 9).expect("missing"), []);
    let counts = bench.store().counts().expect("counts");
    assert!(counts.loose_ends.is_empty() && counts.waits_for == 0, "{counts:?}");
}

pub(super) fn an_order_about_a_row_that_is_another_by_now_changes_nothing(bench: &mut Bench<'_>) {
    let (row, ends) = loose(bench);
    let ordered = order(bench, &ends);
    let renamed = ObjectRow { display_name: "Ann".into(), ..row.clone() };
    bench.write(vec![super::bench::update(&row, &renamed)]);
    for _ in 0..2 {
        assert!(matches!(bench.store().amend(&connector("a"), &ordered), Err(StoreError::Conflict)));
    }
    assert_eq!(bench.object(&ObjectKey::Id(row.id)), Some(renamed));
    bench.store().amend(&connector("a"), &order(bench, &ends)).expect("amend");
    assert!(matches!(bench.store().amend(&connector("a"), &ordered), Err(StoreError::Conflict)), "they are gone");
}

pub(super) fn an_order_conflicts_with_every_pass(bench: &mut Bench<'_>) {
    let (row, ends) = loose(bench);
    let (a, b) = (bench.claim("a"), bench.claim("b"));
    let as_of = bench.as_of();
    bench.store().amend(&connector("a"), &order(bench, &ends)).expect("amend");
    for lease in [&a, &b] {
        let relying = Commit { as_of, relied: vec![ObjectKey::Id(ObjectId(row.id.0)).into()], ..Commit::default() };
        assert!(matches!(bench.commit(lease, &relying), Err(StoreError::Conflict)), "{lease:?}");
    }
}

pub(super) fn an_order_about_a_connector_that_is_gone_is_stale(bench: &mut Bench<'_>) {
    let (_, ends) = loose(bench);
    let ordered = order(bench, &ends);
    bench.store().delete_connector(&connector("a")).expect("delete");
    assert!(matches!(bench.store().amend(&connector("a"), &ordered), Err(StoreError::Stale)));
}
