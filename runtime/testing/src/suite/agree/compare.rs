//! Everything that two stores can be asked.

use std::fmt::Debug;

use super::act::DIGESTS;
use super::waiting::compare_waiting;
use crate::short::Short;
use crate::suite::bench::{connector, site, type_name};
use crate::suite::operator::without_zeros;
use lockgate_core::key::{Answers, Key, ObjectsKey, PageKey, Question};
use lockgate_core::ports::{HistoryFilter, Store, TaskFilter};
use lockgate_core::rows::ObjectRow;
use lockgate_core::task::{TaskId, TaskState};

/// Compares the answers to these questions, and every list, `limit` rows at a time.
pub(super) fn compare(at: &str, stores: [&dyn Store; 2], questions: &[Key], tasks: &[TaskId], limit: usize) {
    answers(at, stores, questions);
    same(at, "counts", stores, |store| without_zeros(store.counts().expect("counts")));
    let after = tasks.get(limit % tasks.len().max(1)).copied();
    for filter in [
        TaskFilter::default(),
        TaskFilter { state: Some(TaskState::Failed), ..TaskFilter::default() },
        TaskFilter { state: Some(TaskState::Parked), ..TaskFilter::default() },
        TaskFilter { connector: Some(connector("a")), ..TaskFilter::default() },
        TaskFilter { ids: Some(tasks.iter().copied().step_by(3).collect()), ..TaskFilter::default() },
    ] {
        same(at, "tasks", stores, |store| store.tasks(&filter, None, limit).expect("tasks"));
        same(at, "tasks after", stores, |store| store.tasks(&filter, after, limit).expect("tasks"));
    }
    same(at, "fetch", stores, |store| store.fetch(&connector("b"), after, limit.max(1), usize::MAX).expect("fetch"));
    for filter in [
        HistoryFilter::default(),
        HistoryFilter { outcome: Some("deleted".into()), ..HistoryFilter::default() },
        HistoryFilter { outcome: Some("mended".into()), ..HistoryFilter::default() },
        HistoryFilter { task: after, ..HistoryFilter::default() },
    ] {
        same(at, "history", stores, |store| {
            let page = store.history(&filter, None, limit).expect("history");
            let next = page.last().map(|(number, _)| store.history(&filter, Some(*number), limit).expect("history"));
            page.into_iter().chain(next.into_iter().flatten()).map(|(_, entry)| entry).collect::<Vec<_>>()
        });
    }
    for id in tasks.iter().rev().take(limit) {
        same(at, "log", stores, |store| store.log(*id, limit).expect("log"));
    }
    connectors(at, stores);
    compare_waiting(at, stores, tasks, limit);
    rows(at, stores, limit);
}

fn connectors(at: &str, stores: [&dyn Store; 2]) {
    same(at, "connectors", stores, |store| store.connectors().expect("connectors"));
    for digest in DIGESTS {
        same(at, "component", stores, |store| store.component(digest).expect("component"));
    }
    for name in ["a", "b", "c"] {
        same(at, "state", stores, |store| store.state(&connector(name)).expect("state"));
    }
}

fn rows(at: &str, stores: [&dyn Store; 2], limit: usize) {
    for object_type in [None, Some(type_name("cms.user")), Some(type_name("test.tree"))] {
        same(at, "objects", stores, |store| {
            let page = store.objects(object_type.as_ref(), None, limit).expect("objects");
            let next = page.last().map(|row| store.objects(object_type.as_ref(), Some(row.id), limit).expect("objects"));
            page.into_iter().chain(next.into_iter().flatten()).collect::<Vec<_>>()
        });
    }
    same(at, "bindings", stores, |store| store.bindings(None, limit).expect("bindings"));
    let pages = same(at, "pages", stores, |store| store.pages(None, limit).expect("pages"));
    for site in [site("main"), site("other")] {
        for parent in std::iter::once(None).chain(pages.iter().map(|page| Some(page.id))) {
            same(at, "pages under", stores, |store| store.pages_under(&site, parent).expect("pages_under"));
        }
    }
}

pub(super) fn same<T: PartialEq + Debug>(at: &str, what: &str, stores: [&dyn Store; 2], ask: impl Fn(&dyn Store) -> T) -> T {
    let [a, b] = stores.map(ask);
    assert_eq!(a, b, "{at}: {what}");
    a
}

fn answers(at: &str, stores: [&dyn Store; 2], questions: &[Key]) {
    let [a, b] = stores.map(|store| store.load(questions).expect("load").answers);
    for key in questions {
        match key {
            Key::Object(question) => alike(at, question, &a, &b),
            Key::Objects(question) => match (question, a.get(question), b.get(question)) {
                // Any two of many: they need not be the same.
                (ObjectsKey::AnyNamed(_, _, name), Some(a), Some(b)) if a.len() == 2 && b.len() == 2 => {
                    let fits = |row: &ObjectRow| row.code_name.key() == &**name;
                    assert!(a.iter().chain(b).all(|row| fits(row)), "{at}: {key:?}: {a:?}, but {b:?}");
                }
                _ => alike(at, question, &a, &b),
            },
            Key::Page(question) => match (question, a.get(question), b.get(question)) {
                // Any one of many.
                (PageKey::ChildOf(parent), Some(Some(a)), Some(Some(b))) => {
                    assert_eq!((a.parent, b.parent), (Some(*parent), Some(*parent)), "{at}: {key:?}");
                }
                _ => alike(at, question, &a, &b),
            },
            Key::PageIds(question) => alike(at, question, &a, &b),
            Key::Binding(question) => alike(at, question, &a, &b),
            Key::Bindings(question) => alike(at, question, &a, &b),
            Key::Referrers(question) => alike(at, question, &a, &b),
            Key::Former(question) => alike(at, question, &a, &b),
            Key::Tomb(question) => alike(at, question, &a, &b),
            Key::Loose(question) => alike(at, question, &a, &b),
            Key::LooseEnds(question) => alike(at, question, &a, &b),
            Key::Line(question) => alike(at, question, &a, &b),
        }
    }
}

fn alike<Q: Question>(at: &str, question: &Q, a: &Answers, b: &Answers) {
    assert!(a.get(question).is_some(), "{at}: {question:?} was not answered");
    assert_eq!(a.get(question), b.get(question), "{at}: {question:?}");
}
