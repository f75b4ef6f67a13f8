//! The SCIM connector against a real SCIM application: what is stored is what the application has.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests' code: a failure here is a failed test"
)]

mod application;
mod bus;
mod relay;

use std::collections::BTreeSet;
use std::path::PathBuf;

use application::{Application, TOKEN, free_port, sample};
use bus::Bus;
use lockgate_system_tests::arrival::Feed;
use lockgate_system_tests::program::shared_data;
use relay::Relay;
use serde_json::{Value, json};

/// Ids that the RFCs use; the application gives its own.
const BABS: &str = "2819c223-7f76-453a-919d-413861904646";
const MANDY: &str = "902c246b-6245-4190-8e05-00816be7344a";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

fn samples() -> Option<PathBuf> {
    shared_data("scim/samples")
}

fn id(resource: &Value) -> &str {
    resource["id"].as_str().unwrap()
}

/// The members that the application says a group has, as [`Bus::members`] has them.
fn expected_members(application: &Application) -> BTreeSet<(String, String, String)> {
    let users: BTreeSet<String> = application.all("/Users").iter().map(|user| id(user).to_owned()).collect();
    let groups = application.all("/Groups");
    let members = groups.iter().flat_map(|group| {
        group["members"].as_array().into_iter().flatten().map(move |member| (id(group), member["value"].as_str().unwrap()))
    });
    members
        .map(|(group, member)| {
            let binding = if users.contains(member) { "scim.user-member" } else { "scim.group-member" };
            (binding.to_owned(), group.to_owned(), member.to_owned())
        })
        .collect()
}

/// Users and groups of the RFCs: two users, a group of them, and two groups in each other.
fn filled(application: &Application, samples: &std::path::Path) {
    let babs = application.done("POST", "/Users", &sample(samples, "rfc7643-8.2-user-full", &[]));
    let mandy = [("bjensen@example.com", "mandy@example.com")];
    let mandy = application.done("POST", "/Users", &sample(samples, "rfc7643-8.1-user-minimal", &mandy));
    let group = sample(samples, "rfc7643-8.4-group", &[(BABS, id(&babs)), (MANDY, id(&mandy))]);
    application.done("POST", "/Groups", &group);
    let list = sample(samples, "rfc7644-3.7.1-list_response-circular_reference", &[]);
    let group = |at: usize, members: Value| {
        let group = &list["Resources"][at];
        json!({ "schemas": group["schemas"], "displayName": group["displayName"], "members": members })
    };
    let a = application.done("POST", "/Groups", &group(0, json!([])));
    let b = application.done("POST", "/Groups", &group(1, json!([{ "value": id(&a), "type": "Group" }])));
    let add = json!({ "op": "add", "path": "members", "value": [{ "value": id(&b), "type": "Group" }] });
    application.done("PATCH", &format!("/Groups/{}", id(&a)), &json!({ "schemas": [PATCH], "Operations": [add] }));
}

#[test]
fn users_and_groups_are_stored_as_the_application_has_them_circles_included() {
    let (Some(samples), Some(application)) = (samples(), Application::start()) else { return };
    filled(&application, &samples);
    let bus = Bus::new(&application.address, TOKEN);
    bus.feed(&[&application.get("/Groups"), &application.get("/Users")], &[]);
    assert_eq!(bus.failures(), Vec::<Value>::new());
    // Groups came first: members that were not there yet were bound when they came.
    let status = bus.server.wait_idle();
    assert_eq!((&status["objects"]["scim.user"], &status["objects"]["scim.group"]), (&json!(2), &json!(3)));
    let members = bus.members();
    assert_eq!(members.len(), 4, "{members:?}");
    assert_eq!(members, expected_members(&application));
    let entries = bus.server.history();
    let mended = entries.iter().filter(|entry| entry["outcome"] == "mended").count();
    let warned: usize = entries.iter().flat_map(|entry| entry["warnings"].as_array()).map(Vec::len).sum();
    assert_eq!((mended > 0, mended), (true, warned), "each member that was not there yet was bound later: {entries:?}");
    assert_eq!(status["loose_ends"], json!({}), "{status}");
    assert!(entries.iter().all(|entry| ["stored", "unchanged", "mended"].map(Value::from).contains(&entry["outcome"])), "{entries:?}");
    for user in application.all("/Users") {
        let stored = bus.stored("scim.user", id(&user)).unwrap();
        assert_eq!((&stored["code_name"], &stored["fields"]["user_name"]), (&user["userName"], &user["userName"]));
        assert_eq!(stored["fields"]["version"], user["meta"]["version"]);
    }
    let before = bus.server.run(&["export", "--canonical"]);
    bus.feed(&[&application.get("/Users"), &application.get("/Groups")], &[]);
    assert!(bus.server.run(&["export", "--canonical"]) == before, "everything carried in twice leaves the same store");
    bus.end();
}

#[test]
fn users_and_groups_come_in_any_order() {
    let (Some(samples), Some(application)) = (samples(), Application::start()) else { return };
    filled(&application, &samples);
    let mut first: Option<String> = None;
    let tasks = Bus::new(&application.address, TOKEN).made(&[&application.get("/Groups"), &application.get("/Users")]);
    let feed = Feed { sample: "scim", component: Vec::new(), tasks };
    for (name, order) in feed.orders(3) {
        let bus = Bus::new(&application.address, TOKEN);
        bus.submit(&order.iter().map(|at| &feed.tasks[*at]).collect::<Vec<_>>());
        assert_eq!(bus.members(), expected_members(&application), "{name}");
        assert_eq!(bus.server.json(&["status"])["loose_ends"], json!({}), "{name}");
        let export = bus.server.run(&["export", "--canonical"]);
        assert_eq!(&export, first.get_or_insert_with(|| export.clone()), "{name}");
        bus.end();
    }
}

#[test]
fn a_patch_becomes_what_the_application_made_of_it() {
    let (Some(samples), Some(application)) = (samples(), Application::start()) else { return };
    filled(&application, &samples);
    let bus = Bus::new(&application.address, TOKEN);
    bus.feed(&[&application.get("/Users"), &application.get("/Groups")], &[]);
    let babs = application.all("/Users").into_iter().find(|user| user["userName"] == "bjensen@example.com").unwrap();
    let guides = application.all("/Groups").into_iter().find(|group| group["displayName"] == "Tour Guides").unwrap();
    let (user, group) = (format!("/Users/{}", id(&babs)), format!("/Groups/{}", id(&guides)));
    let to_babs: &[(&str, &str)] = &[(BABS, id(&babs))];
    let (mut carried, mut refused) = (0, Vec::new());
    for (name, path, replaced) in [
        ("rfc7644-3.5.2.1-patch_op-add_emails", &user, &[][..]),
        ("rfc7644-3.5.2.3-patch_op-replace_street_address", &user, &[]),
        ("rfc7644-3.5.2.3-patch_op-replace_user_work_address", &user, &[]),
        ("rfc7644-3.5.2.2-patch_op-remove_multi_complex_value", &user, &[]),
        ("rfc7644-3.5.2.3-patch_op-replace_all_email_values", &user, &[]),
        ("rfc7644-3.5.2.2-patch_op-remove_one_member", &group, &[("2819c223-7f76-...413861904646", id(&babs))]),
        ("rfc7644-3.5.2.1-patch_op-add_members", &group, to_babs),
        ("rfc7644-3.5.2.2-patch_op-remove_all_members", &group, &[]),
        ("rfc7644-3.5.2.3-patch_op-replace_all_members", &group, to_babs),
        ("rfc7644-3.5.2.2-patch_op-remove_and_add_one_member", &group, &[("2819c223...919d-413861904646", id(&babs))]),
    ] {
        let patch = sample(&samples, name, replaced);
        let (status, answer) = application.send("PATCH", path, &patch);
        if !(200..300).contains(&status) {
            refused.push(format!("{name}: {status} {answer}"));
            continue;
        }
        carried += 1;
        bus.feed(&[&patch], &["--path", path]);
        let now = application.get(&user);
        let stored = bus.stored("scim.user", id(&babs)).unwrap();
        assert_eq!(stored["fields"]["addresses"], now["addresses"], "{name}");
        assert_eq!(stored["fields"]["emails"], now["emails"], "{name}");
        let there: BTreeSet<_> = application.all("/Users").iter().map(|user| id(user).to_owned()).collect();
        // The RFC's samples name members that no application knows; those are not bound.
        let mut expected = expected_members(&application);
        expected
            .retain(|(binding, _, member)| binding == "scim.group-member" && group_exists(&application, member) || there.contains(member));
        assert_eq!(bus.members(), expected, "{name}");
    }
    assert!(carried >= 8, "the application took {carried}, and refused {refused:?}");
    bus.end();
}

fn group_exists(application: &Application, member: &str) -> bool {
    application.all("/Groups").iter().any(|group| id(group) == member)
}

#[test]
fn a_bulk_is_carried_in_by_what_the_application_answered() {
    let (Some(samples), Some(application)) = (samples(), Application::start()) else { return };
    let bus = Bus::new(&application.address, TOKEN);
    // Two groups, each a member of the other before either exists: this application refuses both.
    let circular = application.done("POST", "/Bulk", &sample(&samples, "rfc7644-3.7.1-bulk_request-circular_conflict", &[]));
    bus.feed(&[&circular], &[]);
    assert_eq!(bus.server.json(&["status"])["objects"], json!({}), "what was refused has not changed: {circular}");

    let request = sample(&samples, "rfc7644-3.7.2-bulk_request-temporary_identifier", &[]);
    bus.feed(&[&application.done("POST", "/Bulk", &request)], &[]);
    let request = sample(&samples, "rfc7644-3.7.2-bulk_request-enterprise_user", &[("Alice", "Carol")]);
    bus.feed(&[&application.done("POST", "/Bulk", &request)], &[]);
    assert_eq!(bus.failures(), Vec::<Value>::new());
    assert_eq!(bus.members(), expected_members(&application));
    assert_eq!(bus.members().len(), 1, "the tour guides have Alice");
    let user = |name: &str| application.all("/Users").into_iter().find(|user| user["userName"] == name).unwrap();
    let bob = bus.stored("scim.user", id(&user("Bob"))).unwrap();
    let carol = bus.stored("scim.user", id(&user("Carol"))).unwrap();
    assert_eq!(bob["fields"]["manager"]["ref"]["id"], carol["id"], "{bob}");

    // PATCH, and DELETE: the application does not know Alice any more when the task is carried in.
    let alice = user("Alice");
    let operations = json!([
        { "method": "PATCH", "path": format!("/Users/{}", id(&user("Bob"))), "data": {
            "schemas": [PATCH], "Operations": [{ "op": "add", "path": "userName", "value": "Dave" }] } },
        { "method": "DELETE", "path": format!("/Users/{}", id(&alice)) },
    ]);
    let request = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations });
    let before = bob["id"].clone();
    bus.feed(&[&application.done("POST", "/Bulk", &request)], &[]);
    assert_eq!(bus.failures(), Vec::<Value>::new());
    let dave = bus.stored("scim.user", id(&user("Dave"))).unwrap();
    assert_eq!((&dave["id"], &dave["code_name"]), (&before, &json!("Dave")), "a renamed user is the same object");
    assert_eq!(bus.stored("scim.user", id(&alice)), None);
    assert_eq!(bus.members(), BTreeSet::new(), "the deleted user is no member");
    bus.end();
}

#[test]
fn a_manager_whom_the_application_does_not_know_is_an_unresolved_reference() {
    let (Some(samples), Some(application)) = (samples(), Application::start()) else { return };
    let bus = Bus::new(&application.address, TOKEN);
    // The RFC's own sample: its manager 26118915-6090-4610-87e4-49d8ca9f808d exists nowhere.
    let made = application.done("POST", "/Users", &sample(&samples, "rfc7643-8.3-enterprise_user", &[]));
    bus.feed(&[&made], &[]);
    let failures = bus.failures();
    assert_eq!((&failures[0]["code"], &failures[0]["path"]), (&json!("unresolved-reference"), &json!("manager")));
    let message = failures[0]["message"].as_str().unwrap();
    assert!(message.contains("26118915-6090-4610-87e4-49d8ca9f808d") && message.contains("the application has no /Users/"), "{message}");
    assert_eq!(bus.stored("scim.user", id(&made)), None, "nothing of it is stored");

    // The same task succeeds by itself once the application says something else.
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let remove = json!({ "op": "remove", "path": format!("{enterprise}:manager") });
    application.done("PATCH", &format!("/Users/{}", id(&made)), &json!({ "schemas": [PATCH], "Operations": [remove] }));
    bus.comes_to_rest();
    assert_eq!(bus.stored("scim.user", id(&made)).unwrap()["fields"]["department"], "Tour Operations");
    bus.end();
}

#[test]
fn while_the_application_is_down_tasks_wait_and_succeed_afterwards() {
    let (Some(samples), Some(application)) = (samples(), Application::start()) else { return };
    let made = application.done("POST", "/Users", &sample(&samples, "rfc7643-8.2-user-full", &[]));
    let address = format!("127.0.0.1:{}", free_port());
    let bus = Bus::new(&address, TOKEN);
    bus.feed(&[&made], &[]);
    assert_eq!(bus.failures()[0]["code"], "unavailable", "{:?}", bus.failures());
    let relay = Relay::start(&address, &application.address);
    bus.comes_to_rest();
    assert!(bus.stored("scim.user", id(&made)).is_some());
    // What went over the wire: the value itself, where the connector put a placeholder.
    let heads = relay.stop();
    assert!(heads.contains(&format!("authorization: Bearer {TOKEN}").to_ascii_lowercase()), "{heads}");
    bus.end();
}

#[test]
fn a_token_that_the_application_refuses_is_a_clear_failure() {
    let (Some(samples), Some(application)) = (samples(), Application::start()) else { return };
    let made = application.done("POST", "/Users", &sample(&samples, "rfc7643-8.2-user-full", &[]));
    let bus = Bus::new(&application.address, "not-the-token-of-the-application");
    bus.feed(&[&made], &[]);
    let failures = bus.failures();
    let message = failures[0]["message"].as_str().unwrap();
    assert_eq!(failures[0]["code"], "internal");
    assert!(message.contains("answered 401") && message.contains("credentials"), "{message}");
    assert!(!failures[0].to_string().contains("not-the-token"), "{failures:?}");
    bus.end();
}
