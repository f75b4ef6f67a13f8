//! The checks of waiting (21 to 32 of the semantics, where `orders.rs` has 21 and `fidelity.rs` 29), on the real store and
//! with a real component. Passes begin by themselves: nobody helps.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests' code: a failure here is a failed test"
)]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use lockgate_core::failure::Code;
use lockgate_core::grants::Grant;
use lockgate_core::settings::{BusSettings, ConnectorSettings};
use lockgate_core::task::{DataType, TaskId, TaskState, TaskType};
use lockgate_system_tests::built::guest;
use lockgate_system_tests::program::{Server, path};
use lockgate_system_tests::{Rig, connector};
use serde_json::{Value, json};

/// Longest that a task may take to go on by itself.
const WAIT: Duration = Duration::from_secs(30);

const MODEL: &str = r#"
[[object_type]]
name = "w.node"
fields = [
    { name = "handle", kind = "text", unique = true },
    { name = "next", kind = "reference", to = "w.node", need = "required" },
    { name = "perhaps", kind = "reference", to = "w.node", need = "optional" },
    { name = "number", kind = "integer" },
]

[[page_type]]
name = "w.page"
fields = [{ name = "number", kind = "integer" }]
"#;

/// A rig whose passes begin by themselves.
fn awake() -> Rig {
    let rig = Rig::new();
    rig.apply("waiting.toml", MODEL);
    rig.bus.start().unwrap();
    rig
}

/// A node. Nodes are called by their names.
fn node(name: &str, fields: Value) -> Value {
    let known: serde_json::Map<String, Value> = (b'a'..=b'z')
        .map(|letter| char::from(letter).to_string())
        .flat_map(|letter| [letter.clone(), format!("{letter}{}", name.trim_start_matches(|c: char| c.is_ascii_lowercase()))])
        .map(|name| (name.clone(), json!({ "code_name": name })))
        .collect();
    json!({
        "prepare": { "object": { "object_type": "w.node", "code_name": name, "fields": fields } },
        "objects": { "w.node": known },
    })
}

fn to(name: &str) -> Value {
    json!({ "reference": name })
}

/// Waits until this holds, and tells what does not.
fn until(what: &str, mut holds: impl FnMut() -> Result<(), String>) {
    let begun = Instant::now();
    while let Err(why) = holds() {
        assert!(begun.elapsed() < WAIT, "{what}: {why}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Waits until nobody works.
fn rests(rig: &Rig) {
    until("the connectors rest", || match rig.bus.busy() {
        busy if busy.is_empty() => Ok(()),
        busy => Err(format!("{busy:?}")),
    });
}

/// Waits until all tasks have ended.
fn ends(rig: &Rig) {
    until("all tasks end", || match rig.queue() {
        queue if queue.is_empty() => Ok(()),
        queue => Err(format!("{:?}", queue.iter().map(|task| (task.id, task.state, task.failure.clone())).collect::<Vec<_>>())),
    });
}

fn state(rig: &Rig, task: TaskId) -> TaskState {
    rests(rig);
    rig.queued(task).state
}

/// The field of a node, as the export has it.
fn field(rig: &Rig, name: &str, field: &str) -> Option<Value> {
    let rows = rig.export();
    let rows = rows.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let row = rows.into_iter().find(|row| row["code_name"] == name).unwrap_or_else(|| panic!("no {name}"));
    row["fields"].get(field).cloned()
}

/// All ways to mix sequences of so many steps: whose step comes next, each time.
fn mixed(left: &[usize]) -> Vec<Vec<usize>> {
    if left.iter().all(|steps| *steps == 0) {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for who in (0..left.len()).filter(|who| left[*who] > 0) {
        let mut rest = left.to_vec();
        rest[who] -= 1;
        all.extend(mixed(&rest).into_iter().map(|order| std::iter::once(who).chain(order).collect()));
    }
    all
}

/// Sends what each subject says, in each order that keeps every subject's sequence. `says`: of which subject, its
/// step, and the round, which makes names different from round to round; the task type and the script.
fn in_every_order(rig: &Rig, steps: &[usize], says: impl Fn(usize, usize, usize) -> (TaskType, Value), check: impl Fn(usize, &[usize])) {
    let orders = mixed(steps);
    for (round, order) in orders.iter().enumerate() {
        let mut step = vec![0; steps.len()];
        for who in order {
            let (task_type, script) = says(*who, step[*who], round);
            rig.task(script).of(task_type).submit();
            step[*who] += 1;
        }
        ends(rig);
        check(round, order);
    }
    assert!(orders.len() > 1);
}

#[test]
fn check_22_a_target_arrives_by_another_connector() {
    let rig = awake();
    let waits = rig.task(node("a", json!({ "next": to("b") }))).submit();
    assert_eq!(state(&rig, waits), TaskState::Parked);
    rig.task(node("b", json!({}))).to("b").submit();
    ends(&rig);
    assert_eq!(field(&rig, "a", "next"), Some(json!({ "ref": "/w.node:b" })));
    assert_eq!(rig.entry(waits).attempts, 1, "to wait is no try");
}

#[test]
fn check_23_a_process_that_is_killed_wakes_nobody_for_the_last_time() {
    let folder = tempfile::tempdir().unwrap();
    let grant = "[connectors.a.grant]\nobjects = ['*']\npages = ['/']\nsites = ['*']\n[bus]\nbatch_tasks_max = 20\n";
    std::fs::write(folder.path().join("lockgate.toml"), grant).unwrap();
    let (model, component) = (folder.path().join("waiting.toml"), folder.path().join("a.wasm"));
    std::fs::write(&model, MODEL).unwrap();
    std::fs::write(&component, guest("lockgate_test_guest")).unwrap();
    let mut server = Server::start(folder.path());
    server.run(&["model", "apply", path(&model)]);
    server.run(&["connector", "add", "a", path(&component)]);
    let batch = folder.path().join("tasks.ndjson");
    let submit = |server: &Server, tasks: Vec<Value>| {
        let lines =
            tasks.into_iter().map(|task| json!({ "connector": "a", "data_type": "simple-snapshot", "body_json": task }).to_string());
        std::fs::write(&batch, lines.collect::<Vec<_>>().join("\n")).unwrap();
        server.run(&["submit", "--batch", path(&batch)]);
    };
    const ROUNDS: usize = 6;
    const WAITERS: usize = 100;
    for round in 0..ROUNDS {
        let (target, first, last) = (format!("t{round}"), format!("r{round}"), format!("s{round}"));
        let mut tasks: Vec<Value> = (0..WAITERS).map(|at| waiter(&format!("w{round}-{at}"), &target)).collect();
        tasks.push(waiter(&first, &last));
        submit(&server, tasks);
        server.wait_idle();
        // The target, and what closes a ring; then the end, somewhere on the way.
        submit(&server, vec![json!({ "prepare": { "object": { "object_type": "w.node", "code_name": target } } }), waiter(&last, &first)]);
        std::thread::sleep(Duration::from_millis(7 * round as u64));
        server.kill();
        server = Server::start(folder.path());
        until("what waited goes on", || match server.json(&["status"])["history"].as_u64() {
            Some(ended) if ended == ((round + 1) * (WAITERS + 3)) as u64 => Ok(()),
            ended => Err(format!("{ended:?} have ended")),
        });
    }
    server.stop();
}

/// A node that needs another.
fn waiter(name: &str, target: &str) -> Value {
    json!({
        "prepare": { "object": { "object_type": "w.node", "code_name": name, "fields": { "next": to(target) } } },
        "objects": { "w.node": { target: { "code_name": target } } },
    })
}

#[test]
fn check_24_an_update_does_not_overtake_a_create_that_waits() {
    let rig = awake();
    let create = rig.task(node("a", json!({ "next": to("b"), "number": 1 }))).submit();
    let update = rig.task(node("a", json!({ "number": 2 }))).of(TaskType::UpdateObject).submit();
    assert_eq!((state(&rig, create), state(&rig, update)), (TaskState::Parked, TaskState::Behind));
    rig.task(node("b", json!({}))).submit();
    ends(&rig);
    assert_eq!(field(&rig, "a", "number"), Some(json!({ "integer": "2" })));
}

#[test]
fn check_25_rings_over_two_connectors_are_carried_out_together() {
    let rig = awake();
    for names in [["a", "b"].as_slice(), &["c", "d", "e", "f", "g"]] {
        let tasks: Vec<TaskId> = (0..names.len())
            .map(|at| {
                let next = names[(at + 1) % names.len()];
                rig.task(node(names[at], json!({ "next": to(next) }))).to(["a", "b"][at % 2]).submit()
            })
            .collect();
        ends(&rig);
        let entry = rig.entry(tasks[0]);
        assert_eq!(entry.together.len(), names.len() - 1, "{entry:?}");
    }
}

#[test]
fn check_25_a_ring_with_a_member_that_is_invalid_waits_for_that_member() {
    let rig = awake();
    let good: Vec<TaskId> = [("a", "b"), ("b", "c")].map(|(name, next)| rig.task(node(name, json!({ "next": to(next) }))).submit()).into();
    let bad = rig.task(node("c", json!({ "next": to("a"), "nothing": 1 }))).to("b").submit();
    assert_eq!(state(&rig, bad), TaskState::Failed);
    assert_eq!(rig.queued(bad).head.failure.unwrap().code, Code::InvalidObject);
    assert!(good.iter().all(|task| state(&rig, *task) == TaskState::Parked));
    rig.bus.act(bad, lockgate_bus::TaskAction::Delete).unwrap();
    rig.task(node("c", json!({ "next": to("a") }))).submit();
    ends(&rig);
}

#[test]
fn check_26_a_loose_end_whose_field_was_written_meanwhile_is_let_be() {
    let rig = awake();
    rig.task(node("a", json!({ "perhaps": to("b") }))).submit();
    rig.task(node("c", json!({}))).submit();
    rig.task(node("d", json!({ "perhaps": to("b") }))).submit();
    rig.task(node("a", json!({ "perhaps": to("c") }))).of(TaskType::UpdateObject).submit();
    ends(&rig);
    rig.task(node("b", json!({}))).submit();
    ends(&rig);
    rests(&rig);
    assert_eq!(field(&rig, "a", "perhaps"), Some(json!({ "ref": "/w.node:c" })));
    assert_eq!(field(&rig, "d", "perhaps"), Some(json!({ "ref": "/w.node:b" })), "one that nobody wrote is mended");
}

#[test]
fn check_27_a_target_that_comes_and_goes_at_once_lets_them_wait_on() {
    let rig = Rig::new();
    rig.apply("waiting.toml", MODEL);
    let waits: Vec<TaskId> = ["a", "c"].map(|name| rig.task(node(name, json!({ "next": to("b") }))).submit()).into();
    rig.pass("a");
    rig.task(node("b", json!({}))).submit();
    rig.task(node("b", json!({}))).of(TaskType::DeleteObject).submit();
    rig.pass("a");
    // Whoever was woken in between is stored, and refuses the delete; else both wait on.
    let left = rig.queue();
    assert!(waits.iter().all(|task| left.iter().any(|head| head.id == *task && head.state == TaskState::Parked)), "{left:?}");
    rig.task(node("b", json!({}))).submit();
    rig.pass("a");
    assert!(rig.queue().is_empty());
}

#[test]
fn check_28_many_wait_for_ten_targets() {
    let rig = awake();
    const TASKS: usize = 3_000;
    for at in 0..TASKS {
        rig.task(waiter(&format!("w{at}"), &format!("t{}", at % 10))).submit();
    }
    rests(&rig);
    assert!(rig.queue().iter().all(|task| task.state == TaskState::Parked));
    assert_eq!(rig.bus.missing(None, 100).unwrap().0.len(), 10);
    for at in 0..10 {
        rig.task(json!({ "prepare": { "object": { "object_type": "w.node", "code_name": format!("t{at}") } } })).to("b").submit();
    }
    ends(&rig);
}

#[test]
fn check_30_parents_are_deleted_before_their_children_in_every_order() {
    let rig = awake();
    let page = |guid: usize, alias: String, parent: Value| {
        json!({ "prepare": { "page": {
            "class_name": "w.page", "node_guid": format!("00000000-0000-4000-8000-{guid:012x}"), "culture": "en-US", "name": alias,
            "alias": alias, "parent": parent,
        } } })
    };
    in_every_order(
        &rig,
        &[2, 2, 2],
        |who, step, round| {
            let guid = 3 * round + who + 1;
            let parent =
                if who == 0 { json!("root") } else { json!({ "node_guid": format!("00000000-0000-4000-8000-{:012x}", guid - 1) }) };
            let task_type = if step == 0 { TaskType::CreateDocument } else { TaskType::DeleteAllCultures };
            (task_type, page(guid, format!("p{round}"), parent))
        },
        |_, order| assert!(!rig.export().contains("\"page\":"), "{order:?}"),
    );
}

#[test]
fn check_31_handles_are_swapped_and_swapped_back_in_every_order() {
    let rig = awake();
    in_every_order(
        &rig,
        &[3, 3],
        |who, step, round| {
            let name = format!("{}{round}", ["a", "b"][who]);
            let handle = format!("{}{round}", ["x", "y"][(who + step) % 2]);
            (TaskType::UpdateObject, node(&name, json!({ "handle": handle, "number": step })))
        },
        |round, order| {
            for (name, handle) in [("a", "x"), ("b", "y")] {
                assert_eq!(field(&rig, &format!("{name}{round}"), "handle"), Some(json!(format!("{handle}{round}"))), "{order:?}");
            }
        },
    );
}

#[test]
fn check_31_a_ring_of_three_renames_in_every_order() {
    let rig = awake();
    in_every_order(
        &rig,
        &[2, 2, 2],
        |who, step, round| {
            let guid = format!("00000000-0000-4000-9000-{:012x}", 3 * round + who + 1);
            let name = format!("{}{round}", ["a", "b", "c"][(who + step) % 3]);
            let object = json!({ "object_type": "w.node", "code_name": name, "guid": guid, "fields": { "number": who } });
            (TaskType::UpdateObject, json!({ "prepare": { "object": object } }))
        },
        |round, order| {
            for (name, number) in [("b", 0), ("c", 1), ("a", 2)] {
                let number = json!({ "integer": format!("{number}") });
                assert_eq!(field(&rig, &format!("{name}{round}"), "number"), Some(number), "{order:?}");
            }
        },
    );
}

#[test]
fn check_31_a_name_that_a_later_rename_frees_in_every_order() {
    let rig = awake();
    in_every_order(
        &rig,
        &[2, 1],
        |who, step, round| {
            let guid = format!("00000000-0000-4000-a000-{:012x}", 2 * round + who + 1);
            let name = format!("{}{round}", if step == 0 { "a" } else { "b" });
            let object = json!({ "object_type": "w.node", "code_name": name, "guid": guid, "fields": { "number": who } });
            (TaskType::UpdateObject, json!({ "prepare": { "object": object } }))
        },
        |round, order| {
            assert_eq!(field(&rig, &format!("a{round}"), "number"), Some(json!({ "integer": "1" })), "{order:?}");
            assert_eq!(field(&rig, &format!("b{round}"), "number"), Some(json!({ "integer": "0" })), "{order:?}");
        },
    );
}

#[test]
fn check_31_paths_of_pages_are_swapped_in_every_order() {
    let rig = awake();
    in_every_order(
        &rig,
        &[2, 2],
        |who, step, round| {
            let alias = format!("{}{round}", ["a", "b"][(who + step) % 2]);
            let page = json!({
                "class_name": "w.page", "node_guid": format!("00000000-0000-4000-b000-{:012x}", 2 * round + who + 1), "culture": "en-US",
                "name": alias, "alias": alias, "parent": "root", "fields": { "number": who },
            });
            (TaskType::UpdateDocument, json!({ "prepare": { "page": page } }))
        },
        |round, order| {
            for (alias, number) in [("b", 0), ("a", 1)] {
                let page = rig.page(&format!("/{alias}{round}")).unwrap_or_else(|| panic!("no {alias}{round}: {order:?}"));
                let culture = page.cultures.values().next().unwrap();
                assert!(format!("{:?}", culture.fields).contains(&format!("Integer({number})")), "{order:?}: {culture:?}");
            }
        },
    );
}

#[test]
fn check_32_what_a_model_an_upgrade_or_a_grant_cures_goes_on_by_itself() {
    let mut rig = awake();
    // By a model.
    let failed = rig.task(json!({ "prepare": { "object": { "object_type": "w.later", "code_name": "a" } } })).submit();
    let next = rig.task(node("n", json!({}))).submit();
    assert_eq!((state(&rig, failed), state(&rig, next)), (TaskState::Failed, TaskState::Queued));
    rig.apply("later.toml", "[[object_type]]\nname = \"w.later\"\n");
    ends(&rig);

    // By an upgrade.
    rig.bus.add_connector(&connector("c"), &guest("lockgate_broken_connector")).unwrap();
    let failed = rig.task(node("u", json!({}))).to("c").submit();
    assert_eq!(state(&rig, failed), TaskState::Failed);
    // It asks for more than the version before: an operator lets it in.
    rig.bus.add_connector(&connector("c"), &guest("lockgate_test_guest")).unwrap();
    rig.bus.approve_connector(&connector("c"), None).unwrap();
    ends(&rig);

    // By a grant.
    let none = ConnectorSettings { grant: Grant::default(), ..ConnectorSettings::default() };
    let without = BusSettings { connectors: BTreeMap::from([(connector("b"), none)]), ..BusSettings::default() };
    rig.restart_with(without);
    rig.bus.start().unwrap();
    let failed = rig.task(node("g", json!({}))).to("b").submit();
    assert_eq!(state(&rig, failed), TaskState::Failed);
    assert_eq!(rig.queued(failed).head.failure.unwrap().code, Code::WriteDenied);
    let every = ConnectorSettings { grant: Grant::every_write(), ..ConnectorSettings::default() };
    rig.restart_with(BusSettings { defaults: every, ..BusSettings::default() });
    rig.bus.start().unwrap();
    ends(&rig);
    assert_eq!(rig.entry(failed).attempts, 2, "it was tried once more");
}

#[test]
fn a_child_that_is_stated_where_it_is_not_listed_stays() {
    // A payload without the list says nothing of it (§7.5).
    let rig = awake();
    let product =
        |children: Value| json!({ "prepare": { "object": { "object_type": "shop.product", "code_name": "p", "children": children } } });
    rig.task(product(json!([{ "object_type": "shop.variant", "code_name": "red" }]))).data(DataType::Snapshot).submit();
    rig.task(product(json!([]))).data(DataType::Snapshot).submit();
    ends(&rig);
    assert!(rig.export().contains("\"code_name\":\"red\""));
}
