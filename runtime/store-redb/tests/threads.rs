//! Many callers at once.

mod common;

use common::*;
use lockgate_core::key::ObjectKey;
use lockgate_core::ports::StoreError;
use lockgate_core::rows::Scope;
use lockgate_core::task::TaskId;

#[test]
fn tasks_of_many_threads_are_all_queued_once_and_each_threads_in_its_order() {
    let store = memory();
    store.install(["a", "b"].map(connector).iter());
    let threads = 8;
    let submit_all = |n: u64| (0..50).flat_map(|_| submit(&store, if n.is_multiple_of(2) { "a" } else { "b" }, 3)).collect::<Vec<_>>();
    let ids: Vec<Vec<TaskId>> = std::thread::scope(|scope| {
        let submit_all = &submit_all;
        let handles: Vec<_> = (0..threads).map(|n| scope.spawn(move || submit_all(n))).collect();
        handles.into_iter().map(|handle| handle.join().unwrap()).collect()
    });
    assert!(ids.iter().all(|ids| ids.is_sorted()));
    let mut all: Vec<u64> = ids.into_iter().flatten().map(|id| id.0).collect();
    all.sort_unstable();
    assert_eq!(all, (1..=threads * 150).collect::<Vec<_>>());
    let counts = store.counts().unwrap();
    assert_eq!(counts.queued.values().sum::<u64>(), threads * 150);
}

/// Two connectors insert under the same names as long as nobody has: without conflicts both would.
#[test]
fn of_two_connectors_that_insert_the_same_name_one_plans_again() {
    let store = memory();
    std::thread::scope(|scope| {
        for name in ["a", "b"] {
            let store = &store;
            scope.spawn(move || {
                let lease = claim(store, name);
                for n in 0..200 {
                    let code_name = format!("n{n}");
                    let key = ObjectKey::Name(type_name("cms.user"), Scope::default(), code_name.as_str().into());
                    loop {
                        let loaded = store.load(&[key.clone().into()]).unwrap();
                        if loaded.answers.get(&key) != Some(&None) {
                            break;
                        }
                        let row = object(store.reserve_ids(1).unwrap(), &code_name);
                        let changes = vec![objects(None, Some(&row))];
                        let commit = Commit { changes, as_of: loaded.as_of, relied: vec![key.clone().into()], ..Commit::default() };
                        match store.commit_now(&lease, &commit, &model(&[])) {
                            Ok(()) => break,
                            Err(StoreError::Conflict) => {}
                            Err(other) => panic!("{other:?}"),
                        }
                    }
                }
            });
        }
    });
    assert_eq!(store.objects(None, None, 1_000).unwrap().len(), 200);
}
