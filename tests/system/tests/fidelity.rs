//! The twenty checks of fidelity (`bus-semantics` §10), against the real store and a real component.
//! Each test's name begins with the number of its check.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests' code: a failure here is a failed test"
)]

use lockgate_core::failure::Code;
use lockgate_core::history::{Action, Outcome};
use lockgate_core::ports::Switches;
use lockgate_core::settings::{BusSettings, ConnectorSettings};
use lockgate_core::task::{DataType, ProcessType, TaskState, TaskType};
use lockgate_system_tests::{Rig, connector, site};
use serde_json::{Value, json};

fn object(object_type: &str, code_name: &str, fields: Value) -> Value {
    json!({"prepare": {"object": {"object_type": object_type, "code_name": code_name, "fields": fields}}})
}

fn maker(name: &str) -> Value {
    object("shop.maker", name, json!({}))
}

fn refused() -> Value {
    json!({"prepare": {"error": {"kind": "invalid", "message": "no good", "path": "items[3]"}}})
}

/// A product that refers to `m1` and `m2` by external id, which the guest knows as makers.
fn product(name: &str, fields: Value, children: Value) -> Value {
    json!({
        "prepare": {"object": {"object_type": "shop.product", "code_name": name, "fields": fields, "children": children}},
        "objects": {
            "shop.maker": {"m1": {"code_name": "acme"}, "m2": {"code_name": "zenith"}},
            "shop.tag": {"t1": {"code_name": "red"}, "t2": {"code_name": "blue"}},
            "shop.leaf": {
                "l1": {"code_name": "leaf", "parent": "m1"},
                "l2": {"code_name": "leaf", "parent": "m2"},
                "l3": {"code_name": "leaf", "parent": "m9"},
                "any": {"code_name": "leaf"},
            },
            "cms.role": {"r": {"code_name": "editor"}, "r-main": {"code_name": "editor", "site": "main"}},
        },
    })
}

fn reference(id: &str) -> Value {
    json!({"reference": id})
}

fn page(guid: &str, alias: &str) -> Value {
    json!({"class_name": "cms.page", "node_guid": guid, "culture": "en-US", "name": alias, "alias": alias, "fields": {"text": "hello"}})
}

const GUID_1: &str = "00000000-0000-4000-8000-000000000001";
const GUID_2: &str = "00000000-0000-4000-8000-000000000002";

#[test]
fn check_01_a_failed_default_task_stops_the_pass_and_later_passes_add_no_log_line() {
    let rig = Rig::new();
    let first = rig.task(maker("acme")).submit();
    let second = rig.task(refused()).submit();
    let third = rig.task(maker("zenith")).submit();
    rig.pass("a");
    for _ in 0..2 {
        assert_eq!(rig.queue().iter().map(|task| task.id).collect::<Vec<_>>(), [second, third]);
        let failed = rig.queued(second);
        assert_eq!((failed.state, failed.attempts), (TaskState::Failed, 1));
        let failure = failed.head.failure.unwrap();
        assert_eq!((failure.code, &*failure.message, failure.path.as_deref()), (Code::Invalid, "no good", Some("items[3]")));
        assert_eq!(rig.host_log(second).len(), 1, "{:?}", rig.host_log(second));
        let waiting = rig.queued(third);
        assert_eq!((waiting.state, waiting.attempts), (TaskState::Queued, 0));
        assert!(rig.host_log(third).is_empty());
        rig.pass("a");
    }
    assert_eq!(rig.entry(first).outcome, Outcome::Stored);
    assert!(rig.objects("shop.maker", "zenith").is_empty());
}

#[test]
fn check_02_skip_on_error_goes_on_and_is_tried_again_in_each_pass() {
    let rig = Rig::new();
    rig.task(maker("acme")).process(ProcessType::SkipOnError).submit();
    let second = rig.task(refused()).process(ProcessType::SkipOnError).submit();
    rig.task(maker("zenith")).process(ProcessType::SkipOnError).submit();
    for pass in 1..=3 {
        rig.pass("a");
        assert_eq!(rig.queue().len(), 1);
        let task = rig.queued(second);
        assert_eq!((task.state, task.attempts, task.process_type), (TaskState::Queued, pass, ProcessType::SkipOnError));
        assert_eq!(rig.host_log(second).len(), pass as usize);
        // Every wait is over.
        rig.clock.advance(3_600_000);
    }
    rig.object("shop.maker", "acme");
    rig.object("shop.maker", "zenith");
}

#[test]
fn check_03_delete_on_error_goes_and_the_history_says_so() {
    let rig = Rig::new();
    rig.task(maker("acme")).process(ProcessType::DeleteOnError).submit();
    let second = rig.task(refused()).process(ProcessType::DeleteOnError).submit();
    rig.task(maker("zenith")).process(ProcessType::DeleteOnError).submit();
    rig.pass("a");
    assert!(rig.queue().is_empty());
    let entry = rig.entry(second);
    assert!(matches!(&entry.outcome, Outcome::Failed(failure) if failure.code == Code::Invalid));
    assert_eq!(rig.host_log(second).len(), 1);
    rig.object("shop.maker", "zenith");
}

#[test]
fn check_04_skip_once_is_passed_over_once_and_later_tasks_go_first() {
    let rig = Rig::new();
    let first = rig.task(maker("acme")).process(ProcessType::SkipOnce).submit();
    rig.task(maker("zenith")).submit();
    rig.pass("a");
    let passed_over = rig.queued(first);
    assert_eq!((passed_over.process_type, passed_over.attempts), (ProcessType::Default, 0));
    rig.object("shop.maker", "zenith");
    assert!(rig.objects("shop.maker", "acme").is_empty());
    rig.pass("a");
    assert!(rig.queue().is_empty());
    rig.object("shop.maker", "acme");
}

#[test]
fn check_05_simple_never_calls_the_params_methods_and_takes_internal_ids() {
    let rig = Rig::new();
    rig.task(maker("acme")).data(DataType::Simple).submit();
    rig.pass("a");
    let acme = rig.object("shop.maker", "acme").id.to_string();
    let by_id = rig.task(product("by-id", json!({"maker": reference(&acme)}), json!([]))).data(DataType::Simple).submit();
    let by_external = rig.task(product("by-external", json!({"maker": reference("m1")}), json!([]))).data(DataType::Simple).submit();
    rig.pass("a");
    assert!(rig.guest_log(by_id).iter().chain(&rig.guest_log(by_external)).all(|line| !line.starts_with("params")));
    rig.object("shop.product", "by-id");
    assert_eq!(rig.queued(by_external).head.failure.unwrap().code, Code::UnresolvedReference);
}

#[test]
fn check_06_simple_snapshot_ignores_children_and_asks_for_the_main_object_only() {
    let rig = Rig::new();
    rig.task(maker("acme")).submit();
    let children = json!([{"object_type": "shop.variant", "code_name": "v1", "fields": {"maker": reference("m2")}}]);
    let task = rig.task(product("p", json!({"maker": reference("m1")}), children)).submit();
    rig.pass("a");
    assert_eq!(rig.guest_log(task), ["params object shop.maker m1"]);
    rig.object("shop.product", "p");
    assert!(rig.objects("shop.variant", "v1").is_empty());
}

#[test]
fn check_07_a_snapshot_deletes_stored_children_that_it_does_not_have() {
    let rig = Rig::new();
    let variants = |names: &[&str]| {
        let all: Vec<Value> =
            names.iter().map(|name| json!({"object_type": "shop.variant", "code_name": name, "fields": {"sku": name}})).collect();
        product("p", json!({}), json!(all))
    };
    rig.task(variants(&["v1", "v2"])).data(DataType::Snapshot).submit();
    rig.pass("a");
    let kept = rig.object("shop.variant", "v2").id;
    let second = rig.task(variants(&["v2", "v3"])).data(DataType::Snapshot).submit();
    rig.pass("a");
    assert!(rig.objects("shop.variant", "v1").is_empty());
    assert_eq!(rig.object("shop.variant", "v2").id, kept);
    rig.object("shop.variant", "v3");
    let deleted: Vec<_> = rig.entry(second).written.into_iter().filter(|row| row.action == Action::Deleted).collect();
    assert_eq!(deleted.len(), 1);
    assert_eq!(&*deleted[0].name, "v1");
}

#[test]
fn check_07_incremental_bindings_of_a_snapshot_stay() {
    let rig = Rig::new();
    for tag in ["red", "blue"] {
        rig.task(object("shop.tag", tag, json!({}))).submit();
    }
    let tagged = |tag: &str| {
        product("p", json!({}), json!([{"object_type": "shop.product-tag", "code_name": "", "fields": {"tag": reference(tag)}}]))
    };
    rig.task(tagged("t1")).data(DataType::Snapshot).submit();
    rig.task(tagged("t2")).data(DataType::Snapshot).submit();
    rig.pass("a");
    assert!(rig.queue().is_empty(), "{:?}", rig.queue());
    let bindings = rig.bus.store().bindings(None, 10).unwrap();
    assert_eq!(bindings.len(), 2);
}

#[test]
fn check_08_a_page_snapshot_is_a_simple_snapshot() {
    let rig = Rig::new();
    rig.task(object("cms.user", "ann", json!({}))).submit();
    let mut both = Vec::new();
    for (data, guid, alias) in [(DataType::SimpleSnapshot, GUID_1, "one"), (DataType::Snapshot, GUID_2, "two")] {
        let mut page = page(guid, alias);
        page["fields"]["owner"] = reference("u1");
        let script = json!({"prepare": {"page": page}, "objects": {"cms.user": {"u1": {"code_name": "Ann"}}}});
        both.push(rig.task(script).of(TaskType::CreateDocument).data(data).submit());
    }
    rig.pass("a");
    assert!(rig.queue().is_empty(), "{:?}", rig.queue());
    for task in both {
        assert_eq!(rig.guest_log(task), ["params object cms.user u1"]);
    }
    let (one, two) = (rig.page("/one").unwrap(), rig.page("/two").unwrap());
    assert_eq!(one.cultures, {
        let mut same = two.cultures.clone();
        same.values_mut().for_each(|v| v.name = "one".into());
        same
    });
}

#[test]
fn check_09_needs_of_references_when_they_do_not_resolve() {
    needs_of_references(&Rig::new(), (TaskState::Parked, 0));
}

/// The original's behaviour.
#[test]
fn check_29_where_nobody_waits_a_required_reference_fails() {
    let defaults = ConnectorSettings { waiting: false, ..ConnectorSettings::default() };
    needs_of_references(&Rig::with(BusSettings { defaults, ..BusSettings::default() }), (TaskState::Queued, 1));
}

/// `standing`: of a task whose required reference does not resolve, and how often it was tried.
fn needs_of_references(rig: &Rig, standing: (TaskState, u32)) {
    let skip = ProcessType::SkipOnError;
    let required = rig.task(product("required", json!({"maker": reference("m1")}), json!([]))).process(skip).submit();
    let unknown = rig.task(product("unknown", json!({"maker": reference("m7")}), json!([]))).process(skip).submit();
    let no_default = rig.task(product("no-default", json!({"third": reference("m1")}), json!([]))).process(skip).submit();
    let optional = rig.task(product("optional", json!({"second": reference("m1"), "price": {"decimal": "1.50"}}), json!([]))).submit();
    let empty = rig.task(product("empty", json!({"maker": reference("")}), json!([]))).submit();
    let binding = rig
        .task(product(
            "binding",
            json!({}),
            json!([{"object_type": "shop.product-tag", "code_name": "", "fields": {"tag": reference("t1")}}]),
        ))
        .data(DataType::Snapshot)
        .submit();
    rig.pass("a");
    for (task, field, looked_for) in [(required, "maker", "'acme'"), (unknown, "maker", "m7"), (no_default, "third", "nobody")] {
        let head = rig.queued(task).head;
        // What the connector does not know will not come: the task fails.
        let standing = if task == unknown { (TaskState::Queued, 1) } else { standing };
        assert_eq!((head.state, head.attempts), standing);
        let failure = head.failure.unwrap();
        assert_eq!(failure.code, Code::UnresolvedReference);
        assert_eq!(failure.path.as_deref(), Some(field));
        for part in [field, "shop.maker", looked_for] {
            assert!(failure.message.contains(part), "{failure} does not name {part}");
        }
    }
    let warnings = |task| rig.entry(task).warnings.iter().map(|w| w.code.to_string()).collect::<Vec<_>>();
    assert_eq!(warnings(optional), ["unresolved-reference"]);
    assert_eq!(rig.object("shop.product", "optional").fields.len(), 1);
    assert!(warnings(empty).is_empty());
    assert_eq!(warnings(binding), ["binding-not-made"]);
    rig.object("shop.product", "binding");
    assert!(rig.bus.store().bindings(None, 10).unwrap().is_empty());

    // It stands behind the task that needs it: where nobody waits, the pass after the next finds it.
    rig.task(maker("nobody")).submit();
    rig.pass("a");
    rig.clock.advance(3_600_000);
    rig.pass("a");
    assert_eq!(warnings(no_default), ["default-used"]);
}

#[test]
fn check_10_the_parent_decides_between_objects_of_one_name() {
    let rig = Rig::new();
    for name in ["acme", "zenith"] {
        rig.task(maker(name)).submit();
    }
    for parent in ["m1", "m2"] {
        let leaf = json!({
            "prepare": {"object": {"object_type": "shop.leaf", "code_name": "leaf", "parent": parent}},
            "objects": {"shop.maker": {"m1": {"code_name": "acme"}, "m2": {"code_name": "zenith"}}},
        });
        rig.task(leaf).submit();
    }
    for id in ["l1", "l2"] {
        rig.task(product(id, json!({"leaf": reference(id)}), json!([]))).submit();
    }
    let unknown = rig.task(product("l3", json!({"leaf": reference("l3")}), json!([]))).process(ProcessType::SkipOnError).submit();
    let ambiguous = rig.task(product("any", json!({"leaf": reference("any")}), json!([]))).process(ProcessType::SkipOnError).submit();
    rig.pass("a");
    let parent_of = |name: &str| {
        let field = lockgate_core::names::FieldName::new("leaf").unwrap();
        let lockgate_core::rows::Target::Object(leaf) = rig.object("shop.product", name).fields[&field].target().unwrap() else {
            panic!("an object")
        };
        let leaf = rig.bus.object(&lockgate_bus::ObjectQuery::Id(leaf)).unwrap().remove(0);
        leaf.scope.parent.unwrap()
    };
    assert_eq!(parent_of("l1"), rig.object("shop.maker", "acme").id);
    assert_eq!(parent_of("l2"), rig.object("shop.maker", "zenith").id);
    for task in [unknown, ambiguous] {
        assert_eq!(rig.queued(task).head.failure.unwrap().code, Code::UnresolvedReference);
    }
}

#[test]
fn check_11_without_a_site_only_global_objects_match() {
    let rig = Rig::new();
    rig.task(object("cms.role", "editor", json!({}))).submit();
    let without = rig.task(product("without", json!({"role": reference("r")}), json!([]))).submit();
    let with = rig.task(product("with", json!({"role": reference("r-main")}), json!([]))).submit();
    rig.pass("a");
    assert_eq!(rig.entry(without).warnings.len(), 1);
    assert!(rig.entry(with).warnings.is_empty());
}

#[test]
fn check_12_two_tasks_that_name_one_external_object_both_resolve() {
    let rig = Rig::new();
    rig.task(maker("acme")).submit();
    for name in ["p1", "p2"] {
        rig.task(product(name, json!({"maker": reference("m1")}), json!([]))).submit();
    }
    rig.pass("a");
    assert!(rig.queue().is_empty());
    assert_eq!(rig.object("shop.product", "p1").fields, rig.object("shop.product", "p2").fields);
    assert_eq!(rig.object("shop.product", "p1").fields.len(), 1);
}

#[test]
fn check_13_two_sites_through_one_connector_stay_apart() {
    let rig = Rig::new();
    for name in ["main", "other"] {
        rig.task(object("cms.role", "editor", json!({}))).site(Some(name)).submit();
        let mut page = page(GUID_1, "home");
        page["name"] = json!(name);
        rig.task(json!({"prepare": {"page": page}})).of(TaskType::CreateDocument).site(Some(name)).submit();
    }
    rig.pass("a");
    assert!(rig.queue().is_empty(), "{:?}", rig.queue());
    let roles = ["main", "other"].map(|name| rig.objects_in("cms.role", Some(name), "editor").remove(0));
    assert_ne!(roles[0].id, roles[1].id);
    for name in ["main", "other"] {
        let pages = rig.bus.pages_under(&site(name), None).unwrap();
        assert_eq!(pages.len(), 1);
        assert!(pages[0].cultures.values().all(|version| &*version.name == name));
    }
}

#[test]
fn check_14_a_looping_or_trapping_connector_does_not_hold_up_another() {
    let mut settings = BusSettings::default();
    let mut slow = ConnectorSettings::default();
    slow.limits.deadline_ms = 3_000;
    settings.connectors.insert(connector("a"), slow);
    let rig = Rig::with(settings);
    let looping = rig.task(json!({"prepare": {"loop": true}})).process(ProcessType::DeleteOnError).submit();
    let trapping = rig.task(json!({"prepare": {"trap": true}})).process(ProcessType::DeleteOnError).submit();
    rig.request("a");
    for at in 0..20 {
        rig.task(maker(&format!("maker-{at}"))).to("b").submit();
    }
    rig.pass("b");
    assert!(rig.is_busy("a"), "b ended while a was still looping");
    rig.object("shop.maker", "maker-19");
    rig.wait("a");
    for (task, code) in [(looping, Code::Deadline), (trapping, Code::Trap)] {
        assert!(matches!(&rig.entry(task).outcome, Outcome::Failed(failure) if failure.code == code), "{:?}", rig.entry(task).outcome);
    }
}

#[test]
fn check_15_delete_of_the_missing_succeeds_and_archive_of_the_missing_fails() {
    let rig = Rig::new();
    let delete = rig.task(maker("nobody")).of(TaskType::DeleteObject).submit();
    let page_script = json!({"prepare": {"page": page(GUID_1, "gone")}});
    let delete_page = rig.task(page_script.clone()).of(TaskType::DeleteDocument).submit();
    let delete_all = rig.task(page_script.clone()).of(TaskType::DeleteAllCultures).submit();
    let remove = rig.task(object("cms.user", "nobody", json!({}))).of(TaskType::RemoveFromSite).submit();
    let archive = rig.task(page_script).of(TaskType::ArchiveDocument).submit();
    rig.pass("a");
    for task in [delete, delete_page, delete_all, remove] {
        let entry = rig.entry(task);
        assert_eq!(entry.outcome, Outcome::Absent);
        assert_eq!(entry.written[0].action, Action::Absent);
    }
    assert_eq!(rig.queued(archive).head.failure.unwrap().code, Code::PageMissing);
}

#[test]
fn check_16_a_known_path_with_another_guid_fails() {
    let rig = Rig::new();
    rig.task(json!({"prepare": {"page": page(GUID_1, "about")}})).of(TaskType::CreateDocument).submit();
    let second = rig.task(json!({"prepare": {"page": page(GUID_2, "About")}})).of(TaskType::CreateDocument).submit();
    rig.pass("a");
    assert_eq!(rig.queued(second).head.failure.unwrap().code, Code::PathTaken);
    assert_eq!(rig.page("/about").unwrap().guid.to_string(), GUID_1);
}

#[test]
fn check_17_with_logging_off_the_refusal_is_reported_and_nothing_is_stored() {
    let rig = Rig::new();
    rig.bus.change_switches(|switches| Switches { logging: false, ..switches }).unwrap();
    assert_eq!(rig.task(maker("acme")).try_submit().unwrap_err().code(), "logging-off");
    assert!(rig.queue().is_empty());
    rig.bus.change_switches(|_| Switches::default()).unwrap();
    rig.task(maker("acme")).submit();
    assert_eq!(rig.queue().len(), 1);
}

/// A connector whose tasks loop for a second, so that a test can act during the pass.
fn slow() -> Rig {
    let mut settings = BusSettings::default();
    settings.defaults.limits.deadline_ms = 1_000;
    Rig::with(settings)
}

#[test]
fn check_18_a_task_added_during_a_pass_is_taken_in_it() {
    let rig = slow();
    rig.task(json!({"prepare": {"loop": true}})).process(ProcessType::DeleteOnError).submit();
    rig.request("a");
    assert!(rig.is_busy("a"));
    rig.task(maker("acme")).submit();
    rig.wait("a");
    assert!(rig.queue().is_empty());
    rig.object("shop.maker", "acme");
}

#[test]
fn check_19_a_request_during_a_pass_is_followed_by_a_further_pass() {
    let rig = slow();
    rig.task(json!({"prepare": {"loop": true}})).process(ProcessType::DeleteOnError).submit();
    let once = rig.task(maker("acme")).process(ProcessType::SkipOnce).submit();
    assert!(rig.request("a").at_once);
    while rig.bus.task(once).unwrap().is_some_and(|task| task.process_type == ProcessType::SkipOnce) && !rig.request("a").at_once {
        std::thread::yield_now();
    }
    rig.wait("a");
    assert!(rig.queue().is_empty(), "the second pass took the task that the first had passed over");
}

#[test]
fn check_20_an_undeclared_type_or_field_is_refused_and_nothing_is_written() {
    let rig = Rig::new();
    let skip = ProcessType::SkipOnError;
    let wrong_type = rig.task(object("cms.unknown", "x", json!({}))).process(skip).submit();
    let wrong_field = rig.task(object("cms.user", "x", json!({"email": "a@b", "shoe": "43"}))).process(skip).submit();
    let wrong_kind = rig.task(object("cms.user", "x", json!({"age": "old"}))).process(skip).submit();
    let wrong_child = product("p", json!({}), json!([{"object_type": "shop.variant", "code_name": "v", "fields": {"shoe": "43"}}]));
    let wrong_child = rig.task(wrong_child).data(DataType::Snapshot).process(skip).submit();
    let too_long = rig.task(object("cms.user", "x", json!({"email": "a".repeat(51)}))).process(skip).submit();
    rig.pass("a");
    for (task, path) in [
        (wrong_type, None),
        (wrong_field, Some("shoe")),
        (wrong_kind, Some("age")),
        (wrong_child, Some("children[0].shoe")),
        (too_long, Some("email")),
    ] {
        let failure = rig.queued(task).head.failure.unwrap();
        assert_eq!((failure.code, failure.path.as_deref()), (Code::InvalidObject, path), "{failure}");
    }
    let counts = rig.bus.counts().unwrap();
    assert!(counts.objects.values().all(|count| *count == 0), "{counts:?}");
    assert!(rig.export().is_empty());
}
