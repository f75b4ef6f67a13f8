//! What is newer stays (§7.4): whatever the order in which versions of one object arrive, it ends as if they had come
//! in theirs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests' code: a failure here is a failed test"
)]

use lockgate_bus::export::{Form, export};
use lockgate_core::admit::Submission;
use lockgate_core::history::Entry;
use lockgate_core::ports::HistoryFilter;
use lockgate_core::task::{INTERNAL_MEDIA_TYPE, TaskId, TaskType};
use lockgate_testing::TestBus;
use serde_json::{Value, json};

const MODEL: &str = r#"
[[object_type]]
name = "n.user"

[[object_type]]
name = "n.product"
newer_by = "v"
children = [{ type = "n.image", mode = "complete" }, { type = "n.fan", mode = "complete" }]
fields = [
    { name = "v", kind = "decimal" },
    { name = "a", kind = "text" },
    { name = "b", kind = "text" },
    { name = "c", kind = "text" },
    { name = "owner", kind = "reference", to = "n.user", need = "optional" },
]

[[object_type]]
name = "n.image"
parent = "n.product"
fields = [{ name = "x", kind = "text" }]

[[binding_type]]
name = "n.fan"
binds = ["product", "user"]
fields = [
    { name = "product", kind = "reference", to = "n.product", need = "required" },
    { name = "user", kind = "reference", to = "n.user", need = "binding" },
]

[[page_type]]
name = "n.page"
newer_by = "at"
fields = [{ name = "at", kind = "timestamp" }, { name = "a", kind = "text" }, { name = "b", kind = "text" }]
"#;

struct Rig(TestBus);

impl Rig {
    fn new() -> Self {
        let test = TestBus::new();
        test.bus.apply_model(&[("newer.toml".to_owned(), MODEL.to_owned())].into()).unwrap_or_else(|error| panic!("{error:?}"));
        let rig = Self(test);
        for name in ["ann", "bob"] {
            rig.run(&(TaskType::CreateObject, json!({"object": {"type": "n.user", "code_name": name}})));
        }
        rig
    }

    fn submit(&self, (task_type, body): &(TaskType, Value)) -> TaskId {
        let submission = TestBus::submission("a", *task_type, body.to_string());
        let mut external = submission.external.clone();
        external.media_type = INTERNAL_MEDIA_TYPE.into();
        self.0.submit(Submission { external, ..submission })
    }

    fn run(&self, task: &(TaskType, Value)) -> Entry {
        let id = self.submit(task);
        self.0.process("a");
        self.entry(id)
    }

    fn entry(&self, task: TaskId) -> Entry {
        let filter = HistoryFilter { task: Some(task), ..HistoryFilter::default() };
        self.0.bus.history(&filter, None, 1).unwrap().pop().unwrap_or_else(|| panic!("{task} has ended")).1
    }

    fn outcome(&self, task: &(TaskType, Value)) -> &'static str {
        self.run(task).outcome.as_str()
    }

    fn stored(&self) -> Vec<String> {
        let mut lines = Vec::new();
        export(&*self.0.store, Form::Canonical, &mut |line| {
            lines.push(line.to_owned());
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
        lines.sort();
        lines
    }
}

/// A product that is known by its name; `more` has its other members.
fn product(task_type: TaskType, version: &str, fields: Value, more: Value) -> (TaskType, Value) {
    let mut object = json!({"type": "n.product", "code_name": "p", "fields": {"v": {"decimal": version}}});
    object["fields"].as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    object.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    (task_type, json!({"object": object}))
}

fn put(version: &str, fields: Value) -> (TaskType, Value) {
    product(TaskType::UpdateObject, version, fields, json!({}))
}

fn delete(version: &str) -> (TaskType, Value) {
    product(TaskType::DeleteObject, version, json!({}), json!({}))
}

fn page(task_type: TaskType, second: u32, culture: &str, fields: Value) -> (TaskType, Value) {
    let mut page = json!({"class_name": "n.page", "culture": culture, "name": format!("page {second}"), "alias": "page",
        "node_guid": "018f0000-0000-7000-8000-000000000001",
        "fields": {"at": {"timestamp": format!("2026-01-31T00:00:{second:02}Z")}}});
    page["fields"].as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    (task_type, json!({"page": page}))
}

/// Every order of so many.
fn orders(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for shorter in orders(count - 1) {
        for at in 0..=shorter.len() {
            let mut order = shorter.clone();
            order.insert(at, count - 1);
            all.push(order);
        }
    }
    all
}

/// Runs the history in every order, each with a pass for all tasks, and some with a pass for each.
fn ends_the_same_in_every_order(history: &[(TaskType, Value)]) {
    ends_the_same(history, |_| true);
}

fn ends_the_same(history: &[(TaskType, Value)], in_order: impl Fn(&[usize]) -> bool) {
    let in_sequence = Rig::new();
    history.iter().for_each(|task| drop(in_sequence.run(task)));
    let expected = in_sequence.stored();
    for (number, order) in orders(history.len()).into_iter().filter(|order| in_order(order)).enumerate() {
        let rig = Rig::new();
        for at in &order {
            rig.submit(&history[*at]);
            if number % 7 == 0 {
                rig.0.process("a");
            }
        }
        rig.0.process("a");
        assert_eq!(rig.stored(), expected, "in the order {order:?}");
    }
}

#[test]
fn section_7_4_versions_of_an_object_end_the_same_in_every_order() {
    ends_the_same_in_every_order(&[
        put("1", json!({"a": "1", "b": "1", "c": "1"})),
        put("2", json!({"a": "2", "owner": {"reference": "ann"}})),
        put("10.5", json!({"b": "3", "c": null})),
        put("10.75", json!({"b": "4"})),
        put("11", json!({"owner": null})),
    ]);
}

#[test]
fn section_7_4_deletes_and_what_comes_after_them_end_the_same_in_every_order() {
    ends_the_same_in_every_order(&[
        put("1", json!({"a": "1", "b": "1", "owner": {"reference": "ann"}})),
        put("2", json!({"a": "2", "c": "2"})),
        delete("3"),
        put("4", json!({"a": "4", "owner": {"reference": "bob"}})),
        put("5", json!({"b": "5"})),
    ]);
    // Deleted last.
    ends_the_same_in_every_order(&[
        put("1", json!({"a": "1"})),
        delete("2"),
        put("3", json!({"b": "3"})),
        put("4", json!({})),
        delete("5"),
    ]);
}

#[test]
fn section_7_4_lists_of_children_and_bindings_count_as_one_value_each() {
    let list = |version: &str, images: &[&str], fans: &[&str]| {
        let images = images.iter().map(|name| json!({"type": "n.image", "code_name": name, "fields": {"x": version}}));
        let fans = fans.iter().map(|name| json!({"type": "n.fan", "fields": {"user": {"reference": name}}}));
        let children: Vec<Value> = images.chain(fans).collect();
        product(TaskType::UpdateObject, version, json!({}), json!({"children": children}))
    };
    ends_the_same_in_every_order(&[
        list("1", &["i1", "i2"], &["ann"]),
        list("2", &["i2", "i3"], &[]),
        list("3", &[], &["bob", "ann"]),
        delete("4"),
        list("5", &["i4"], &[]),
    ]);
    ends_the_same_in_every_order(&[
        list("1", &["i1", "i2"], &["ann"]),
        product(TaskType::UpdateObject, "2", json!({}), json!({"none_of": ["n.image"]})),
        list("3", &[], &["bob"]),
        put("4", json!({"a": "4"})),
    ]);
}

#[test]
fn section_7_4_each_culture_of_a_page_has_versions_of_its_own() {
    use TaskType::{DeleteDocument, UpdateDocument};
    ends_the_same_in_every_order(&[
        page(UpdateDocument, 1, "en-US", json!({"a": "1", "b": "1"})),
        page(UpdateDocument, 2, "en-US", json!({"a": "2"})),
        page(DeleteDocument, 3, "en-US", json!({})),
        page(UpdateDocument, 4, "en-US", json!({"b": "4"})),
        page(UpdateDocument, 2, "cs-CZ", json!({"a": "d2"})),
    ]);
}

#[test]
fn section_7_4_a_delete_of_all_cultures_takes_those_that_are_not_newer() {
    use TaskType::{DeleteAllCultures, UpdateDocument};
    ends_the_same_in_every_order(&[
        page(UpdateDocument, 1, "en-US", json!({"a": "1", "b": "1"})),
        page(UpdateDocument, 2, "cs-CZ", json!({"a": "d2"})),
        page(DeleteAllCultures, 3, "en-US", json!({})),
        page(UpdateDocument, 4, "en-US", json!({"a": "4"})),
    ]);
}

#[test]
fn section_7_4_publishing_and_archiving_have_their_version() {
    use TaskType::{ArchiveDocument, PublishDocument, UpdateDocument};
    let history = [
        page(UpdateDocument, 1, "en-US", json!({"a": "1"})),
        page(PublishDocument, 2, "en-US", json!({"a": "2"})),
        page(ArchiveDocument, 3, "en-US", json!({})),
        page(UpdateDocument, 4, "en-US", json!({"b": "4"})),
    ];
    // What is to be archived must be there.
    ends_the_same(&history, |order| order[0] != 2);
}

#[test]
fn section_7_4_what_has_nothing_newer_to_say_is_superseded_and_changes_nothing() {
    let rig = Rig::new();
    assert_eq!(rig.outcome(&put("7", json!({"a": "7"}))), "stored");
    let stored = rig.stored();
    assert_eq!(rig.outcome(&put("6", json!({"a": "6"}))), "superseded");
    assert_eq!(rig.stored(), stored);
    // A field that nothing newer wrote.
    assert_eq!(rig.outcome(&put("6", json!({"b": "6"}))), "stored");
    assert_eq!(rig.outcome(&put("5", json!({"a": "5", "b": "5"}))), "superseded");
    // The same again is unchanged; a later task of the same version writes.
    assert_eq!(rig.outcome(&put("7.0", json!({"a": "7"}))), "stored", "the version is spelt otherwise");
    assert_eq!(rig.outcome(&put("7.0", json!({"a": "7"}))), "unchanged");
    assert_eq!(rig.outcome(&put("7", json!({"a": "seven"}))), "stored");
    // Without a version it is written as it comes.
    let unversioned = json!({"object": {"type": "n.product", "code_name": "p", "fields": {"a": "x"}}});
    assert_eq!(rig.outcome(&(TaskType::UpdateObject, unversioned)), "stored");
    assert!(rig.stored().iter().any(|line| line.contains(r#""a":"x""#)), "{:#?}", rig.stored());
}

#[test]
fn section_7_4_a_tombstone_keeps_back_what_is_not_newer_until_its_days_are_over() {
    let rig = Rig::new();
    rig.run(&put("5", json!({"a": "5"})));
    // Without a version of its own a delete is as new as what is stored.
    let unversioned = json!({"object": {"type": "n.product", "code_name": "p"}});
    assert_eq!(rig.outcome(&(TaskType::DeleteObject, unversioned.clone())), "stored");
    for version in ["4", "5"] {
        assert_eq!(rig.outcome(&put(version, json!({"a": "x"}))), "superseded", "{version}");
    }
    // It keeps the greater.
    assert_eq!(rig.outcome(&delete("3")), "absent");
    assert_eq!(rig.outcome(&put("4", json!({"a": "x"}))), "superseded");
    rig.0.clock.advance(30 * 86_400_000);
    assert_eq!(rig.outcome(&put("4", json!({"a": "4"}))), "stored");
    // Nothing is remembered of what never had a version.
    assert_eq!(rig.outcome(&(TaskType::DeleteObject, json!({"object": {"type": "n.user", "code_name": "bob"}}))), "stored");
    assert_eq!(rig.outcome(&(TaskType::CreateObject, json!({"object": {"type": "n.user", "code_name": "bob"}}))), "stored");
}

#[test]
fn section_7_4_a_tombstone_with_a_given_guid_matches_by_it_alone() {
    let rig = Rig::new();
    let of = |guid: u8, name: &str| json!({"guid": format!("018f0000-0000-7000-8000-0000000000{guid:02}"), "code_name": name});
    let put = |version: &str, more: Value| product(TaskType::UpdateObject, version, json!({}), more);
    rig.run(&put("5", of(1, "p")));
    assert_eq!(rig.outcome(&product(TaskType::DeleteObject, "6", json!({}), of(1, "p"))), "stored");
    assert_eq!(rig.outcome(&put("6", of(1, "another name"))), "superseded");
    // The name is free for another, however old.
    assert_eq!(rig.outcome(&put("1", of(2, "p"))), "stored");
    assert_eq!(rig.outcome(&put("7", of(1, "again"))), "stored");
}

#[test]
fn section_7_4_a_delete_that_is_older_clears_what_is_older_than_it() {
    let rig = Rig::new();
    rig.run(&put("1", json!({"a": "1", "b": "1"})));
    rig.run(&put("9", json!({"b": "9"})));
    assert_eq!(rig.outcome(&delete("5")), "stored");
    let product = |rig: &Rig| rig.stored().into_iter().find(|line| line.contains("n.product")).unwrap();
    assert!(product(&rig).contains(r#""b":"9""#) && !product(&rig).contains(r#""a""#), "{}", product(&rig));
    assert_eq!(rig.outcome(&delete("5")), "superseded");
    assert_eq!(rig.outcome(&put("5", json!({"a": "5"}))), "superseded", "it is as old as the delete");
    assert_eq!(rig.outcome(&put("6", json!({"a": "6"}))), "stored");
}
