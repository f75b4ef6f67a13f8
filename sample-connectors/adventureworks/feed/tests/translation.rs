//! Every task of a folder of tables, through the connector: it translates, into what the model
//! declares, and what it refers to came before.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests")]

mod store;

use std::path::{Path, PathBuf};

use serde_json::Value;
use store::{Store, sample, tasks_of};

fn stored(dir: &Path) -> Store {
    let mut store = Store::new();
    for task in tasks_of(dir) {
        store.apply(&task);
    }
    store
}

/// The whole AdventureWorks, where it is there; it is not part of the project.
fn shared_data() -> Option<PathBuf> {
    let dir = sample().join("../../../shared/data");
    if !dir.join("adventureworks").is_dir() {
        eprintln!("notice: no {} here, nothing tested", dir.display());
        return None;
    }
    Some(dir)
}

#[test]
fn the_sample_folder_is_stored_whole() {
    let store = stored(&sample().join("data"));
    for (object_type, count) in [
        ("aw.culture", 5),
        ("aw.unit", 3),
        ("aw.category", 2),
        ("aw.subcategory", 3),
        ("aw.product", 4),
        ("aw.review", 2),
        ("aw.bom", 6),
        ("aw.department", 2),
        ("aw.employee", 3),
    ] {
        assert_eq!(store.count(object_type), count, "{object_type}");
    }
    let cultures: Vec<usize> = store.cultures_by_page().into_values().collect();
    assert_eq!((cultures.len(), cultures.iter().sum::<usize>()), (3, 7));
    assert_eq!(store.bindings.len(), 4);
}

#[test]
fn all_of_adventureworks_is_stored_as_the_oracle_counts_it() {
    let Some(dir) = shared_data() else { return };
    let oracle: Value = serde_json::from_slice(&std::fs::read(dir.join("oracle.json")).unwrap()).unwrap();
    let expected = |name: &str| usize::try_from(oracle["adventureworks"][name].as_u64().unwrap()).unwrap();
    let store = stored(&dir.join("adventureworks"));
    for (object_type, name) in [
        ("aw.category", "category"),
        ("aw.subcategory", "subcategory"),
        ("aw.product", "product"),
        ("aw.review", "reviews"),
        ("aw.bom", "bom"),
        ("aw.employee", "employees"),
        ("aw.culture", "cultures"),
    ] {
        assert_eq!(store.count(object_type), expected(name), "{object_type}");
    }
    let pages = store.cultures_by_page();
    assert_eq!(pages.len(), expected("model"));
    assert_eq!(pages.values().filter(|cultures| **cultures == 6).count(), expected("models_with_6_cultures"));
    let described = store.versions.values().filter(|described| **described).count();
    assert_eq!(described, expected("model_description_culture"));
    assert_eq!(store.versions.len(), described + 1, "one model has no description");
    assert_eq!(store.bindings.len(), 296);
    println!("{} references resolved", store.references);
}

#[test]
fn roots_and_products_without_model_are_as_many_as_the_oracle_counts() {
    let Some(dir) = shared_data() else { return };
    let oracle: Value = serde_json::from_slice(&std::fs::read(dir.join("oracle.json")).unwrap()).unwrap();
    let tasks = tasks_of(&dir.join("adventureworks"));
    for (kind, column, name) in [
        ("aw.bom", "assembly_id", "bom_roots"),
        ("aw.product", "subcategory_id", "products_without_subcategory"),
        ("aw.product", "model_id", "products_without_model"),
    ] {
        let of_kind = tasks.iter().filter(|task| task.kind == kind);
        let documents = of_kind.map(|task| serde_json::from_slice::<Value>(task.body.as_bytes()).unwrap());
        let count = documents.filter(|document| document[column].is_null()).count();
        assert_eq!(Some(count as u64), oracle["adventureworks"][name].as_u64(), "{name}");
    }
}

#[test]
fn applied_twice_nothing_is_added() {
    let dir = sample().join("data");
    let mut store = stored(&dir);
    let (objects, versions) = (store.objects.clone(), store.versions.clone());
    store.bindings.clear();
    for task in tasks_of(&dir) {
        store.apply(&task);
    }
    assert_eq!((store.objects, store.versions), (objects, versions));
}
