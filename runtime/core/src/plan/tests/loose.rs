//! §11.4: loose ends, and what mends them.

use serde_json::json;

use super::world::{World, page, to, x};
use crate::grants::WriteGrant;
use crate::history::Action;
use crate::task::{DataType, TaskType};

use TaskType::{CreateDocument, CreateObject, DeleteDocument, DeleteObject, UpdateObject};

#[test]
fn an_optional_reference_is_mended_when_its_target_arrives() {
    let mut world = World::new();
    let planned = world.put(CreateObject, &x(2, "b", &json!({"o": to("a")})));
    assert_eq!(planned.changes.len(), 2, "the row once, and the loose end");
    assert_eq!(planned.warnings.iter().map(|warning| &*warning.code).collect::<Vec<_>>(), ["unresolved-reference"]);
    assert_eq!(world.loose_lines(), ["b.o: t.x 'a'"]);
    let end = world.ends()[0].clone();
    assert_eq!((end.connector.as_str(), end.task.0, end.stated.len()), ("a", 1, 1));
    world.put(CreateObject, &x(1, "a", &json!({})));
    assert_eq!((world.lines(), world.ends()), (vec!["t.x a #1".to_owned(), "t.x b #2 o=a".to_owned()], vec![]));
}

#[test]
fn a_mend_tells_what_it_wrote() {
    let mut world = World::new();
    let target = world.make(CreateObject, &x(1, "a", &json!({})));
    world.put(CreateObject, &x(2, "b", &json!({"o": to("a")})));
    // Looked at too early, it waits on, and is told to have been looked at.
    let end = world.end(world.ends()[0].id);
    let (mended, planned) = world.mend(&end);
    assert!(!mended);
    assert!(matches!(planned.changes.as_slice(), [crate::change::Change::Loose(Some(before), Some(after))] if before == after));
    let planned = world.plan(&target).unwrap();
    assert!(planned.written.iter().all(|written| &*written.name == "a"), "who arrives does not write it");
    world.run(&target).unwrap();
    assert_eq!(world.ends(), []);
    // It is ended by now: that is found out, too.
    let (mended, planned) = world.mend(&end);
    assert_eq!((mended, planned.changes.len()), (false, 0));
}

#[test]
fn what_is_written_since_is_left_alone() {
    for later in [json!({"o": null}), json!({"o": to("#1")}), json!({"o": to("?")})] {
        let mut world = World::new();
        world.put(CreateObject, &x(1, "a", &json!({})));
        world.put(CreateObject, &x(2, "b", &json!({"o": to("#3")})));
        world.put(UpdateObject, &x(2, "b", &later));
        assert_eq!(world.ends(), [], "{later}");
        world.put(CreateObject, &x(3, "c", &json!({})));
        assert!(!world.lines().contains(&"t.x b #2 o=c".to_owned()), "{later}");
    }
    // Another question takes the place of the first.
    let mut world = World::new();
    world.put(CreateObject, &x(2, "b", &json!({"o": to("#3")})));
    let first = world.ends()[0].id;
    world.put(UpdateObject, &x(2, "b", &json!({"o": to("#4")})));
    let ends = world.ends();
    assert_eq!(ends.len(), 1);
    assert_ne!(ends[0].id, first);
    // What is deleted has none.
    world.put(DeleteObject, &x(2, "b", &json!({})));
    assert_eq!(world.ends(), []);
}

#[test]
fn a_default_stands_in_until_the_target_comes_and_again_when_it_goes() {
    let mut world = World::new();
    world.put(CreateObject, &x(9, "dflt", &json!({})));
    let planned = world.put(CreateObject, &x(2, "b", &json!({"d": to("#1")})));
    assert_eq!(&*planned.warnings[0].code, "default-used");
    assert!(world.lines().contains(&"t.x b #2 d=dflt".to_owned()));
    world.put(CreateObject, &x(1, "a", &json!({})));
    assert!(world.lines().contains(&"t.x b #2 d=a".to_owned()));
    assert_eq!(world.ends(), []);
    // It never refuses the delete.
    let planned = world.put(DeleteObject, &x(1, "a", &json!({})));
    assert!(planned.written.iter().any(|row| &*row.name == "b" && row.action == Action::Updated), "the history shows it");
    assert!(world.lines().contains(&"t.x b #2 d=dflt".to_owned()));
    world.put(CreateObject, &x(1, "a2", &json!({})));
    assert!(world.lines().contains(&"t.x b #2 d=a2".to_owned()));
}

#[test]
fn beyond_the_limit_there_is_only_a_warning() {
    let mut world = World::new();
    world.loose_ends_left = 1;
    let planned = world.put(CreateObject, &x(2, "b", &json!({"o": to("#1"), "p": to("p1")})));
    let codes: Vec<&str> = planned.warnings.iter().map(|warning| &*warning.code).collect();
    assert_eq!(codes, ["unresolved-reference", "unresolved-reference", "loose-ends-full"]);
    assert_eq!(world.ends().len(), 1);
    world.put(CreateDocument, &page(1, "a", &json!("root")));
    assert!(world.lines().contains(&"t.x b #2".to_owned()));
}

#[test]
fn a_page_has_loose_ends_by_culture_and_waits_for_a_culture() {
    let mut world = World::new();
    let mut referrer = page(2, "b", &json!("root"));
    referrer["page"]["fields"] = json!({"o": to("p1:cs-CZ")});
    world.put(CreateDocument, &referrer);
    world.put(CreateDocument, &page(1, "a", &json!("root")));
    assert_eq!(world.loose_lines(), ["/b.en-US.o: culture cs-CZ of page /a of site main"]);
    let czech = super::world::with(page(1, "a", &json!("root")), "culture", json!("cs-CZ"));
    world.put(CreateDocument, &czech);
    assert!(world.lines().contains(&"t.page /b #2 en-US o=/a".to_owned()), "{:#?}", world.lines());
    // A reference means a culture: when that goes, the page alone is not enough.
    world.put(DeleteDocument, &czech);
    assert!(world.lines().contains(&"t.page /b #2 en-US".to_owned()), "{:#?}", world.lines());
    world.put(CreateDocument, &czech);
    assert!(world.lines().contains(&"t.page /b #2 en-US o=/a".to_owned()), "{:#?}", world.lines());
}

/// Connector `b` deletes what a row of connector `a` points to. It may not write that row.
#[test]
fn a_mend_acts_by_the_grant_of_who_wrote_the_row_as_it_is_now() {
    let mut world = World::new();
    world.put(CreateObject, &x(1, "a", &json!({})));
    world.put(CreateObject, &x(2, "b", &json!({"o": to("#1")})));
    let nothing = WriteGrant::default();
    let made = world.make_for("b", DeleteObject, DataType::Snapshot, &x(1, "a", &json!({})));
    world.run(&made).unwrap();
    let end = world.ends()[0].clone();
    assert_eq!(end.connector.as_str(), "a");
    world.grants.insert("a".to_owned(), nothing);
    let made = world.make_for("b", CreateObject, DataType::Snapshot, &x(1, "a", &json!({})));
    world.run(&made).unwrap();
    assert!(world.lines().contains(&"t.x b #2".to_owned()), "not granted any more: it waits on");
    assert_eq!(world.ends().len(), 1);
    world.grants.clear();
    let (mended, planned) = world.mend(&end);
    assert!(mended);
    assert_eq!(planned.written.len(), 1);
    assert!(world.lines().contains(&"t.x b #2 o=a".to_owned()));
}

#[test]
fn a_loose_end_of_the_same_question_stays_whose_it_was() {
    let mut world = World::new();
    world.put(CreateObject, &x(2, "b", &json!({"o": to("#1")})));
    let made = world.make_for("b", UpdateObject, DataType::Snapshot, &x(2, "b", &json!({"o": to("#1")})));
    world.run(&made).unwrap();
    assert_eq!(world.ends().len(), 1);
    assert_eq!(world.ends()[0].connector.as_str(), "a", "the row is as connector a has written it");
}
