//! Pages beside what they have in common with objects (§5, §7.3).

use serde_json::json;

use super::world::{World, guid, page, to, under, with, x};
use crate::failure::Code;
use crate::key::{Key, PageKey};
use crate::names::SiteName;
use crate::task::TaskType;

use TaskType::{ArchiveDocument, CreateDocument, CreateObject, DeleteDocument, MoveDocument, UpdateDocument};

#[test]
fn what_is_to_be_archived_is_waited_for() {
    let mut world = World::new();
    let unmet = world.waits(ArchiveDocument, &page(1, "a", &json!("root")));
    let mark = Key::from(PageKey::Guid(SiteName::new("main").unwrap(), guid(1))).mark();
    assert_eq!(
        (unmet.failure.code, unmet.wants[0].mark, &*unmet.wants[0].what),
        (Code::PageMissing, mark, "page 'a' in culture en-US of site main")
    );
    world.put(CreateDocument, &with(page(1, "a", &json!("root")), "culture", json!("cs-CZ")));
    assert_eq!(world.waits(ArchiveDocument, &page(1, "a", &json!("root"))).failure.code, Code::PageMissing);
    let made = world.make(CreateDocument, &page(1, "a", &json!("root")));
    let planned = world.plan(&made).unwrap();
    assert!(planned.changes.iter().flat_map(|change| change.wakes(&world.model)).any(|woken| woken == mark), "a culture arrives");
    world.run(&made).unwrap();
    world.put(ArchiveDocument, &page(1, "a", &json!("root")));
}

#[test]
fn a_page_whose_parent_is_missing_waits_wherever_it_lies() {
    let mut world = World::new();
    world.put(CreateDocument, &page(1, "a", &json!("root")));
    let leaves = Key::from(PageKey::Id(world.page("a").id)).mark();
    for task_type in [UpdateDocument, MoveDocument] {
        let unmet = world.waits(task_type, &page(1, "a", &under(9)));
        assert_eq!((unmet.failure.code, unmet.wants.len()), (Code::ParentMissing, 1));
        assert!(unmet.helpers.len() == 1 && unmet.would.contains(&leaves), "it would leave its place: {unmet:?}");
    }
    assert_eq!(world.lines(), ["t.page /a #1 en-US"]);
    let failure = world.fails(UpdateDocument, &page(1, "a", &json!({"external": "?", "class_name": "t.page"})));
    assert_eq!(failure.code, Code::ParentMissing);
    // What is deleted need not have one.
    world.put(DeleteDocument, &page(7, "a", &under(9)));
    world.put(DeleteDocument, &page(0, "a", &json!({"external": "?", "class_name": "t.page"})));
    world.put(DeleteDocument, &page(1, "a", &under(9)));
    assert_eq!(world.lines(), [""; 0]);
}

#[test]
fn a_required_culture_is_not_deleted() {
    let mut world = World::new();
    let czech = with(page(1, "a", &json!("root")), "culture", json!("cs-CZ"));
    world.put(CreateDocument, &page(1, "a", &json!("root")));
    world.put(CreateDocument, &czech);
    let mut referrer = page(2, "b", &json!("root"));
    referrer["page"]["fields"] = json!({"r": to("p1:cs-CZ")});
    world.put(CreateDocument, &referrer);
    assert_eq!(world.waits(DeleteDocument, &czech).failure.code, Code::StillReferenced);
    world.put(DeleteDocument, &page(1, "a", &json!("root")));
    world.put(CreateObject, &x(1, "o", &json!({"p": to("p1:cs-CZ")})));
    assert!(world.lines().contains(&"t.x o #1 p=/a".to_owned()));
}

#[test]
fn a_required_reference_of_a_page_to_itself_is_the_page_itself() {
    let mut world = World::new();
    let itself = with(page(9, "z", &json!("root")), "fields", json!({"r": to("p9")}));
    world.put(CreateDocument, &itself);
    assert_eq!(world.lines(), ["t.page /z #9 en-US r=/z"]);
    assert_eq!(world.put(CreateDocument, &itself).changes, []);
    // It does not stand in its own way.
    world.put(TaskType::DeleteAllCultures, &page(9, "z", &json!("root")));
    assert_eq!(world.lines(), [""; 0]);
}

#[test]
fn a_reference_in_any_culture_is_found_in_whatever_culture_there_is() {
    let mut world = World::new();
    let any = with(page(2, "b", &json!("root")), "fields", json!({"o": to("p1:*")}));
    world.put(CreateDocument, &any);
    assert_eq!(world.loose_lines().len(), 1);
    let czech = with(page(1, "a", &json!("root")), "culture", json!("cs-CZ"));
    world.put(CreateDocument, &czech);
    assert!(world.lines().contains(&"t.page /b #2 en-US o=/a".to_owned()), "{:#?}", world.lines());
    // It stays while any culture is left, and no longer.
    world.put(CreateDocument, &page(1, "a", &json!("root")));
    world.put(TaskType::DeleteDocument, &czech);
    assert!(world.lines().contains(&"t.page /b #2 en-US o=/a".to_owned()), "{:#?}", world.lines());
    world.put(TaskType::DeleteDocument, &page(1, "a", &json!("root")));
    assert!(world.lines().contains(&"t.page /b #2 en-US".to_owned()), "{:#?}", world.lines());
}
