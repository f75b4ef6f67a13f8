//! What a delete takes along, and whether that was granted.

use lockgate_core::history::Action;
use lockgate_core::names::SiteName;

use super::*;

/// Lists with items that belong to sites, parts of items, and links between lists, items and pages.
const MODEL: &str = r#"
[[object_type]]
name = "t.list"
children = [{ type = "t.item", mode = "complete" }, { type = "t.link", mode = "complete" }]

[[object_type]]
name = "t.item"
scope = "site"
parent = "t.list"
fields = [{ name = "list", kind = "reference", to = "t.list", need = "optional" }]
children = [{ type = "t.part", mode = "complete" }, { type = "u.part", mode = "complete" }]

[[object_type]]
name = "t.part"
parent = "t.item"
parent_required = true

[[object_type]]
name = "u.part"
parent = "t.item"
parent_required = true

[[binding_type]]
name = "t.link"
binds = ["list", "item"]
fields = [
    { name = "list", kind = "reference", to = "t.list", need = "required" },
    { name = "item", kind = "reference", to = "t.item", need = "required" },
]

[[binding_type]]
name = "u.link"
binds = ["item", "list"]
fields = [
    { name = "item", kind = "reference", to = "t.item", need = "required" },
    { name = "list", kind = "reference", to = "t.list", need = "required" },
]

[[binding_type]]
name = "t.mark"
binds = ["list", "page"]
fields = [
    { name = "list", kind = "reference", to = "t.list", need = "required" },
    { name = "page", kind = "reference", to = "cms.page", need = "required" },
]
"#;

/// Connector `a` may write `t.*` in site `main` and the pages of `/news`; external ids of items are
/// `site/name`.
fn bus_with_lists() -> TestBus {
    let test = bus(grant(&["t.*"], &["/news"], &["main"]));
    test.bus.apply_model(&BTreeMap::from([("lists.toml".to_owned(), MODEL.to_owned())])).unwrap();
    test.sandbox.set(Script {
        object_params: Box::new(|id, _| {
            let (site, name) = id.as_str().split_once('/').map_or((None, id.as_str()), |(site, name)| (Some(site), name));
            Ok(lockgate_core::prepared::ObjectParams {
                guid: None,
                code_name: lockgate_core::names::CodeName::new(name).unwrap(),
                site: site.map(|site| SiteName::new(site).unwrap()),
                parent: None,
                group: None,
            })
        }),
        ..Script::default()
    });
    test
}

/// What connector `b`, who may write everything, stores in a site.
fn by_b(test: &TestBus, site: &str, task_type: TaskType, body: &str) {
    let site = Some(SiteName::new(site).unwrap());
    let id = test.submit(Submission { site, ..TestBus::submission("b", task_type, body) });
    test.process("b");
    assert!(matches!(entry(test, id).outcome, Outcome::Stored), "{:?}", entry(test, id));
}

fn list_with(children: &str) -> String {
    format!(r#"{{"object": {{"type": "t.list", "code_name": "l", "children": [{children}]}}}}"#)
}

const LIST: &str = r#"{"object": {"type": "t.list", "code_name": "l"}}"#;
/// It says that there are neither items nor links (§7.5).
const EMPTY: &str = r#"{"object": {"type": "t.list", "code_name": "l", "none_of": ["t.item", "t.link"]}}"#;
const ITEM: &str = r#"{"type": "t.item", "code_name": "i"}"#;

fn item_in(site: &str, more: &str) -> String {
    format!(r#"{{"object": {{"type": "t.item", "code_name": "i", "site": "{site}", "parent": "l"{more}}}}}"#)
}

/// `a` may write lists and items, and the item that its snapshot leaves out is in a site of which it
/// was granted nothing.
#[test]
fn a_snapshot_deletes_no_child_in_a_site_that_was_not_granted() {
    let test = bus_with_lists();
    by_b(&test, "other", TaskType::CreateObject, &list_with(ITEM));
    assert_eq!(create(&test, LIST), None, "it says nothing of items");
    assert_eq!(create(&test, EMPTY), DENIED);
    let test = bus_with_lists();
    by_b(&test, "main", TaskType::CreateObject, &list_with(ITEM));
    assert_eq!(create(&test, EMPTY), None, "in a site that was granted");
    assert!(!stored(&test).iter().any(|line| line.contains("t.item")));
}

#[test]
fn a_delete_takes_no_descendant_along_that_was_not_granted() {
    for (site, parts) in [("other", ""), ("main", r#", "children": [{"type": "u.part", "code_name": "p"}]"#)] {
        let test = bus_with_lists();
        by_b(&test, site, TaskType::CreateObject, LIST);
        by_b(&test, site, TaskType::CreateObject, &item_in(site, parts));
        assert_eq!(code(&test, TaskType::DeleteObject, LIST), DENIED, "{site}{parts}");
        // Nor when a snapshot that leaves the child out would delete it.
        assert_eq!(create(&test, EMPTY), DENIED, "{site}{parts}");
    }
    let test = bus_with_lists();
    by_b(&test, "main", TaskType::CreateObject, LIST);
    by_b(&test, "main", TaskType::CreateObject, &item_in("main", r#", "children": [{"type": "t.part", "code_name": "p"}]"#));
    assert_eq!(code(&test, TaskType::DeleteObject, LIST), None);
    assert!(!stored(&test).iter().any(|line| line.contains("t.part")), "granted, all the way down");
}

#[test]
fn a_delete_does_not_say_whether_a_row_is_in_a_site_that_was_not_granted() {
    let test = bus_with_lists();
    by_b(&test, "other", TaskType::CreateObject, LIST);
    assert_eq!(code(&test, TaskType::DeleteObject, &item_in("other", "")), DENIED, "it is not there");
    by_b(&test, "other", TaskType::CreateObject, &item_in("other", ""));
    assert_eq!(code(&test, TaskType::DeleteObject, &item_in("other", "")), DENIED, "it is there");
}

/// The owner is in no site, the item in one of which nothing was granted.
#[test]
fn a_binding_is_wherever_something_is_that_it_binds() {
    let link = |of: &str, site: &str| {
        format!(r#"{{"object": {{"type": "{of}", "fields": {{"list": {{"reference": "l"}}, "item": {{"reference": "{site}/i"}}}}}}}}"#)
    };
    let test = bus_with_lists();
    for site in ["other", "main"] {
        by_b(&test, site, TaskType::CreateObject, &item_free(site));
    }
    by_b(&test, "main", TaskType::CreateObject, LIST);
    assert_eq!(create(&test, &link("t.link", "other")), DENIED);
    by_b(&test, "main", TaskType::CreateObject, &link("t.link", "other"));
    assert_eq!(code(&test, TaskType::DeleteObject, &link("t.link", "other")), DENIED);
    // The list's snapshot leaves the binding out.
    let none = r#"{"object": {"type": "t.list", "code_name": "l", "none_of": ["t.link"]}}"#;
    assert_eq!(create(&test, none), DENIED);
    by_b(&test, "main", TaskType::DeleteObject, &link("t.link", "other"));
    assert_eq!(create(&test, &link("t.link", "main")), None);
    assert_eq!(create(&test, none), None);
    assert!(!stored(&test).iter().any(|line| line.contains("t.link")));
    assert_eq!(create(&test, &link("u.link", "main")), DENIED, "its type was not granted");
}

/// An item without a parent.
fn item_free(site: &str) -> String {
    format!(r#"{{"object": {{"type": "t.item", "code_name": "i", "site": "{site}", "fields": {{"list": null}}}}}}"#)
}

#[test]
fn a_binding_of_a_page_needs_the_pages_subtree() {
    let test = bus_with_lists();
    by_b(&test, "main", TaskType::CreateObject, LIST);
    for (alias, guid) in [("news", 1), ("about", 2)] {
        let page = format!(
            r#"{{"page": {{"class_name": "cms.page", "culture": "en-US", "name": "x", "alias": "{alias}",
                "node_guid": "00000000-0000-0000-0000-{guid:012}", "parent": "root"}}}}"#
        );
        by_b(&test, "main", TaskType::CreateDocument, &page);
    }
    let mark = |guid: u32| {
        let page = format!("00000000-0000-0000-0000-{guid:012}");
        format!(r#"{{"object": {{"type": "t.mark", "fields": {{"list": {{"reference": "l"}}, "page": {{"reference": "{page}"}}}}}}}}"#)
    };
    assert_eq!(create(&test, &mark(2)), DENIED);
    assert_eq!(create(&test, &mark(1)), None);
    by_b(&test, "main", TaskType::CreateObject, &mark(2));
    assert_eq!(code(&test, TaskType::DeleteObject, &mark(2)), DENIED);
    assert_eq!(code(&test, TaskType::DeleteObject, &mark(1)), None);
}

/// SECURITY.md: an optional reference to a deleted row is cleared and a binding of it goes, wherever
/// they are, since the content model says so. Both stand in the history.
#[test]
fn a_granted_delete_clears_optional_references_and_takes_bindings_along_and_says_so() {
    let test = bus_with_lists();
    by_b(&test, "main", TaskType::CreateObject, LIST);
    let referrer = r#"{"object": {"type": "t.item", "code_name": "i", "site": "other", "fields": {"list": {"reference": "l"}}}}"#;
    by_b(&test, "other", TaskType::CreateObject, referrer);
    let link = r#"{"object": {"type": "u.link", "fields": {"item": {"reference": "other/i"}, "list": {"reference": "l"}}}}"#;
    by_b(&test, "other", TaskType::CreateObject, link);
    let entry = run(&test, "a", TaskType::DeleteObject, LIST);
    assert!(matches!(entry.outcome, Outcome::Stored), "{entry:?}");
    let written: Vec<_> = entry.written.iter().map(|written| (&*written.type_name, written.action)).collect();
    assert_eq!(written.len(), 3, "{written:?}");
    for expected in [("t.item", Action::Updated), ("u.link", Action::Deleted), ("t.list", Action::Deleted)] {
        assert!(written.contains(&expected), "{written:?}");
    }
    assert!(entry.warnings.iter().any(|warning| &*warning.code == "reference-cleared"), "{entry:?}");
    assert!(!stored(&test).iter().any(|line| line.contains("u.link")));
}

/// A page whose reference is cleared is changed as any other.
#[test]
fn a_page_whose_reference_is_cleared_says_when() {
    let test = bus(grant(&["cms.user"], &[], &[]));
    run(&test, "b", TaskType::CreateObject, USER);
    let page = r#"{"page": {"class_name": "cms.page", "culture": "en-US", "name": "x", "alias": "x", "parent": "root",
        "fields": {"author": {"reference": "ann"}}}}"#;
    assert!(matches!(run(&test, "b", TaskType::CreateDocument, page).outcome, Outcome::Stored));
    let main = SiteName::new("main").unwrap();
    let before = test.bus.pages_under(&main, None).unwrap().remove(0);
    test.clock.advance(5_000);
    let entry = run(&test, "a", TaskType::DeleteObject, USER);
    let after = test.bus.pages_under(&main, None).unwrap().remove(0);
    assert!(after.modified_ms >= before.modified_ms + 5_000, "{entry:?}");
    assert!(entry.written.iter().any(|written| &*written.type_name == "cms.page" && written.action == Action::Updated), "{entry:?}");
}

/// SECURITY.md: a global object is in no site; to bind it to one or unbind it, that site is needed.
#[test]
fn a_global_object_is_bound_and_unbound_in_granted_sites_only() {
    let test = bus_with_lists();
    let by_a = |task_type: TaskType, site: &str| {
        let site = Some(SiteName::new(site).unwrap());
        let process_type = ProcessType::DeleteOnError;
        let id = test.submit(Submission { site, process_type, ..TestBus::submission("a", task_type, LIST) });
        test.process("a");
        match entry(&test, id).outcome {
            Outcome::Failed(failure) => Some(failure.code),
            _ => None,
        }
    };
    let bound = || stored(&test).concat().contains("\"other\"");
    by_b(&test, "other", TaskType::AddToSite, LIST);
    assert!(bound());
    assert_eq!(by_a(TaskType::RemoveFromSite, "other"), DENIED);
    assert_eq!((by_a(TaskType::AddToSite, "main"), by_a(TaskType::RemoveFromSite, "main")), (None, None));
    assert!(bound(), "and stays so");
    by_b(&test, "other", TaskType::RemoveFromSite, LIST);
    assert_eq!(by_a(TaskType::AddToSite, "other"), DENIED);
    assert!(!bound());
    by_b(&test, "other", TaskType::AddToSite, LIST);
    assert_eq!(code(&test, TaskType::DeleteObject, LIST), None, "its type is granted as a whole");
}
