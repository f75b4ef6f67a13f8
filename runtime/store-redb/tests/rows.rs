//! Objects, pages, bindings: every question, through insert, rename and delete.

mod common;

use std::collections::BTreeMap;

use common::*;
use lockgate_core::key::{BindingKey, BindingsOf, Key, ObjectKey, ObjectsKey, PageKey, ReferrersOf};
use lockgate_core::ports::StoreError;
use lockgate_core::rows::{BindingId, NodeId, ObjectId, Referrer, RowId, Scope, Target};
use lockgate_core::value::{Plain, Stored};
use uuid::Uuid;

#[test]
fn objects_are_found_by_every_index_through_insert_rename_and_delete() {
    let store = memory();
    let lease = claim(&store, "a");
    let model = model(&[("email", true)]);
    let parent = object(1, "parent");
    let mut child = object(2, "child");
    child.scope = Scope { site: Some(site("main")), parent: Some(parent.id), group: Some(parent.id) };
    child.fields.insert(field("email"), text("A@B"));
    child.fields.insert(field("manager"), Stored::Reference(Target::Object(parent.id)));
    child.fields.insert(field("photo"), Stored::Plain(Plain::Binary(vec![0, 255].into())));
    child.fields.insert(field("key"), Stored::Plain(Plain::Guid(Uuid::from_u128(7))));
    change(&store, &lease, vec![objects(None, Some(&parent)), objects(None, Some(&child))], &model).unwrap();

    let t = type_name("cms.user");
    let name = |n: &str| ObjectKey::Name(t.clone(), child.scope.clone(), n.into());
    let any = |n: &str| ObjectsKey::AnyNamed(t.clone(), Some(site("main")), n.into());
    let unique = |v: &str| ObjectKey::Unique(t.clone(), field("email"), v.into());
    assert_eq!(answer(&store, ObjectKey::Id(ObjectId(2))), Some(child.clone().into()));
    assert_eq!(found(&store, name("child")), Some(2));
    assert_eq!(found(&store, ObjectKey::Name(t.clone(), Scope::default(), "child".into())), None);
    assert_eq!(found(&store, ObjectKey::Guid(t.clone(), child.guid)), Some(2));
    assert_eq!(found(&store, unique("ta@b")), Some(2));
    assert_eq!(answer(&store, any("child")), vec![child.clone().into()]);
    assert_eq!(answer(&store, ObjectsKey::Children(parent.id, t.clone())), vec![child.clone().into()]);
    // The parent is its group, too.
    let referrer = |name: &str| Referrer { row: RowId::Object(child.id), field: field(name) };
    let both = vec![referrer(".group"), referrer("manager")];
    assert_eq!(answer(&store, ReferrersOf(Target::Object(parent.id))), both);

    let mut renamed = child.clone();
    renamed.code_name = lockgate_core::names::CodeName::new("Renamed").unwrap();
    renamed.fields.remove(&field("manager"));
    renamed.fields.insert(field("email"), text("c@d"));
    // The same row twice in one commit: there and on.
    let mut between = child.clone();
    between.code_name = lockgate_core::names::CodeName::new("between").unwrap();
    let changes = vec![objects(Some(&child), Some(&between)), objects(Some(&between), Some(&renamed))];
    change(&store, &lease, changes, &model).unwrap();
    assert_eq!(found(&store, name("child")), None);
    assert_eq!(found(&store, name("between")), None);
    assert_eq!(found(&store, name("renamed")), Some(2));
    assert_eq!((found(&store, unique("ta@b")), found(&store, unique("tc@d"))), (None, Some(2)));
    assert_eq!(answer(&store, ReferrersOf(Target::Object(parent.id))), vec![referrer(".group")]);
    assert_eq!(store.counts().unwrap().objects[&t], 2);
    assert_eq!(store.objects(Some(&t), Some(ObjectId(1)), 9).unwrap().len(), 1);

    change(&store, &lease, vec![objects(Some(&renamed), None)], &model).unwrap();
    assert_eq!(found(&store, name("renamed")), None);
    assert_eq!(found(&store, ObjectKey::Id(ObjectId(2))), None);
    assert_eq!(answer(&store, ObjectsKey::Children(parent.id, t.clone())), vec![]);
    assert_eq!(store.counts().unwrap().objects[&t], 1);
    assert_eq!(store.objects(None, None, 9).unwrap(), vec![parent.into()]);
}

#[test]
fn two_objects_may_swap_names_in_one_commit() {
    let store = memory();
    let lease = claim(&store, "a");
    let (a, b) = (object(1, "x"), object(2, "y"));
    change(&store, &lease, vec![objects(None, Some(&a)), objects(None, Some(&b))], &model(&[])).unwrap();
    let (a2, b2) = (object(1, "y"), object(2, "x"));
    change(&store, &lease, vec![objects(Some(&a), Some(&a2)), objects(Some(&b), Some(&b2))], &model(&[])).unwrap();
    let name = |n: &str| ObjectKey::Name(type_name("cms.user"), Scope::default(), n.into());
    assert_eq!((found(&store, name("x")), found(&store, name("y"))), (Some(2), Some(1)));
}

#[test]
fn pages_are_found_by_alias_guid_and_parent_and_come_in_order_of_the_tree() {
    let store = memory();
    let lease = claim(&store, "a");
    let root = page(1, None, "Blog");
    let mut last = page(2, Some(1), "a");
    let mut first = page(3, Some(1), "z");
    first.order = Some(1);
    last.order = None;
    let other = page(4, Some(1), "b");
    let rows = [&root, &last, &first, &other];
    change(&store, &lease, rows.iter().map(|row| pages(None, Some(row))).collect(), &model(&[])).unwrap();
    assert_eq!(found(&store, PageKey::Alias(site("main"), None, "blog".into())), Some(1));
    assert_eq!(found(&store, PageKey::Alias(site("main"), Some(NodeId(1)), "z".into())), Some(3));
    assert_eq!(found(&store, PageKey::Guid(site("main"), root.guid)), Some(1));
    assert!(found(&store, PageKey::ChildOf(NodeId(1))).is_some());
    assert_eq!(found(&store, PageKey::ChildOf(NodeId(2))), None);
    let under = store.pages_under(&site("main"), Some(NodeId(1))).unwrap();
    assert_eq!(under.iter().map(|p| p.id.0).collect::<Vec<_>>(), [3, 2, 4]);
    assert_eq!(*store.pages(None, 1).unwrap()[0], root);
    let moved = page(4, None, "b");
    change(&store, &lease, vec![pages(Some(&other), Some(&moved)), pages(Some(&last), None)], &model(&[])).unwrap();
    assert_eq!(found(&store, PageKey::Alias(site("main"), Some(NodeId(1)), "b".into())), None);
    assert_eq!(store.pages_under(&site("main"), None).unwrap().len(), 2);
    let counts = store.counts().unwrap();
    assert_eq!((counts.pages[&type_name("blog.post")], counts.culture_versions), (3, 3));
}

#[test]
fn bindings_are_found_by_what_they_bind_by_owner_and_as_referrers() {
    let store = memory();
    let lease = claim(&store, "a");
    let (user, role) = (Target::Object(ObjectId(1)), Target::Page(NodeId(2)));
    let row = binding(9, &[user, role]);
    change(&store, &lease, vec![bindings(None, Some(&row))], &model(&[])).unwrap();
    let t = type_name("cms.userrole");
    assert_eq!(found(&store, BindingKey::Binds(t.clone(), vec![user, role])), Some(9));
    assert_eq!(found(&store, BindingKey::Binds(t.clone(), vec![role, user])), None);
    assert_eq!(answer(&store, BindingKey::Id(BindingId(9))), Some(row.clone().into()));
    assert_eq!(answer(&store, BindingsOf(t.clone(), user)), vec![row.clone().into()]);
    let referrer = Referrer { row: RowId::Binding(BindingId(9)), field: field("role") };
    assert_eq!(answer(&store, ReferrersOf(role)), vec![referrer]);
    assert_eq!(store.bindings(None, 9).unwrap().len(), 1);
    change(&store, &lease, vec![bindings(Some(&row), None)], &model(&[])).unwrap();
    assert_eq!(answer(&store, BindingsOf(t.clone(), user)), vec![]);
    assert_eq!(answer(&store, ReferrersOf(user)), vec![]);
    assert!(store.counts().unwrap().bindings.is_empty());
}

#[test]
fn a_touch_by_another_connector_is_a_conflict_and_ones_own_is_not() {
    let store = memory();
    let (a, b) = (claim(&store, "a"), claim(&store, "b"));
    let key = ObjectKey::Name(type_name("cms.user"), Scope::default(), "x".into());
    let key: Key = key.into();
    let as_of = store.load(std::slice::from_ref(&key)).unwrap().as_of;
    let row = object(store.reserve_ids(1).unwrap(), "x");
    change(&store, &a, vec![objects(None, Some(&row))], &model(&[])).unwrap();
    let other = object(store.reserve_ids(1).unwrap(), "y");
    let commit = Commit { changes: vec![objects(None, Some(&other))], as_of, relied: vec![key.clone()], ..Commit::default() };
    assert!(matches!(store.commit_now(&b, &commit, &model(&[])), Err(StoreError::Conflict)));
    assert_eq!(found(&store, ObjectKey::Id(other.id)), None);
    let as_of = store.load(&[key]).unwrap().as_of;
    store.commit_now(&b, &Commit { as_of, ..commit.clone() }, &model(&[])).unwrap();
    let more = Commit { changes: vec![objects(Some(&row), None)], ..commit };
    store.commit_now(&a, &more, &model(&[])).unwrap();
}

#[test]
fn a_model_with_other_unique_fields_rebuilds_their_index() {
    let store = memory();
    let lease = claim(&store, "a");
    let mut row = object(1, "x");
    row.fields.insert(field("email"), text("A"));
    row.fields.insert(field("phone"), text("1"));
    let first = model(&[("email", true), ("phone", false)]);
    let files = BTreeMap::from([("model.toml".to_owned(), "text".to_owned())]);
    assert!(store.model_files().unwrap().is_empty());
    store.put_model_now(&files, &first).unwrap();
    change(&store, &lease, vec![objects(None, Some(&row))], &first).unwrap();
    let unique = |f: &str, v: &str| ObjectKey::Unique(type_name("cms.user"), field(f), v.into());
    assert_eq!((found(&store, unique("email", "ta")), found(&store, unique("phone", "t1"))), (Some(1), None));
    store.put_model_now(&files, &model(&[("email", false), ("phone", true)])).unwrap();
    assert_eq!((found(&store, unique("email", "ta")), found(&store, unique("phone", "t1"))), (None, Some(1)));
    assert_eq!(store.model_files().unwrap(), files);
}
