//! Who begins to wait while another node knows of nobody who waits.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod common;

use std::collections::BTreeSet;
use std::sync::Arc;

use common::Server;
use lockgate_core::change::Change;
use lockgate_core::effects::{Fate, TaskEnd};
use lockgate_core::key::{Key, ObjectKey};
use lockgate_core::names::{CodeName, ConnectorName, TypeName};
use lockgate_core::park::{Waiting, Want};
use lockgate_core::ports::{Content as _, Due, Queue as _, Standing, Submitted};
use lockgate_core::rows::{ObjectId, ObjectRow, Scope};
use lockgate_core::task::{ProcessType, TaskState};
use lockgate_store_postgres::PgStore;
use lockgate_testing::{AS_STORED, Commit, Short as _, model, model_files, new_task};

fn ann() -> ObjectRow {
    ObjectRow {
        id: ObjectId(1),
        object_type: TypeName::new("cms.user").unwrap(),
        scope: Scope::default(),
        code_name: CodeName::new("ann").unwrap(),
        guid: uuid::Uuid::from_u128(1),
        guid_given: true,
        display_name: "".into(),
        sites: BTreeSet::new(),
        fields: Default::default(),
        links: Default::default(),
        newer: Default::default(),
        created_ms: 0,
        modified_ms: 0,
    }
}

/// Parked until there is a user of that name.
fn parked() -> Standing {
    let name: Key = ObjectKey::Name(ann().object_type, Scope::default(), "ann".into()).into();
    let waiting = Waiting { wants: vec![Want { mark: name.mark(), what: "ann".into(), external: None }], ..Waiting::default() };
    Standing {
        process_type: ProcessType::Default,
        state: TaskState::Parked,
        attempts: 1,
        not_before_ms: None,
        failure: None,
        aside: false,
        failed_by: None,
        deletes_allowed: false,
        waiting: Some(Arc::new(waiting)),
    }
}

#[test]
fn who_begins_to_wait_is_woken_by_a_node_that_knew_of_nobody() {
    let database = Server::get().database();
    let (one, other) = (database.open(), database.open());
    one.put_model_now(&model_files(), &model()).unwrap();
    let names = ["a", "b"].map(|name| ConnectorName::new(name).unwrap());
    let [writes, waits] = [(&one, &names[0]), (&other, &names[1])].map(|(store, name): (&PgStore, _)| store.claim_now(name).unwrap());
    let submitted = other.submit_now(vec![new_task(&waits.connector, b"x")], 9).unwrap();
    let [Submitted::Queued(task)] = submitted[..] else { panic!("it was not queued: {submitted:?}") };

    one.load(&[]).unwrap();
    let parks = TaskEnd { id: task, connector: waits.connector.clone(), version: AS_STORED, fate: Fate::Stays(parked()), log: Vec::new() };
    other.commit_now(&waits, &Commit { tasks: vec![parks], ..Commit::default() }, &model()).unwrap();
    let comes = Commit { changes: vec![Change::Object(None, Some(Arc::new(ann())))], ..Commit::default() };
    one.commit_now(&writes, &comes, &model()).expect("it is no conflict that somebody waits");

    let due: Vec<_> = other.due(&waits.connector, None, 9, 99).unwrap().into_iter().map(|due| (due.task.id, due.how)).collect();
    assert_eq!(due, [(task, Due::Alone)]);
    assert_eq!(one.stirred().unwrap(), [waits.connector]);
}
