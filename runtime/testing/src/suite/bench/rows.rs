//! Rows to write, and the changes that write them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use uuid::Uuid;

use super::{code_name, culture, fields, site, to_object, type_name};
use lockgate_core::change::Change;
use lockgate_core::rows::{BindingId, BindingRow, CultureVersion, Newer, NodeId, ObjectId, ObjectRow, PageRow, Scope, Target};
use lockgate_core::value::Stored;

/// A global object of a type, named so.
pub(in crate::suite) fn an_object(id: u64, object_type: &str, name: &str) -> ObjectRow {
    ObjectRow {
        id: ObjectId(id),
        object_type: type_name(object_type),
        scope: Scope::default(),
        code_name: code_name(name),
        guid: Uuid::from_u128(id.into()),
        guid_given: id.is_multiple_of(2),
        display_name: format!("The {name}").into(),
        sites: BTreeSet::new(),
        fields: BTreeMap::new(),
        links: BTreeMap::new(),
        newer: Newer::default(),
        created_ms: 1_000,
        modified_ms: 2_000,
    }
}

pub(in crate::suite) fn user(id: u64, name: &str) -> ObjectRow {
    an_object(id, "cms.user", name)
}

pub(in crate::suite) fn role(id: u64, site_name: &str, name: &str) -> ObjectRow {
    ObjectRow { scope: Scope { site: Some(site(site_name)), ..Scope::default() }, ..an_object(id, "cms.role", name) }
}

/// A node of the test tree, under another or none.
pub(in crate::suite) fn tree(id: u64, parent: Option<u64>, name: &str) -> ObjectRow {
    ObjectRow { scope: Scope { parent: parent.map(ObjectId), ..Scope::default() }, ..an_object(id, "test.tree", name) }
}

/// A page of site `main` in `en-US`, under another or the root.
pub(in crate::suite) fn a_page(id: u64, parent: Option<u64>, alias: &str) -> PageRow {
    PageRow {
        id: NodeId(id),
        site: site("main"),
        class_name: type_name("cms.page"),
        guid: Uuid::from_u128(id.into()),
        guid_given: id.is_multiple_of(2),
        parent: parent.map(NodeId),
        alias: code_name(alias),
        order: None,
        cultures: BTreeMap::from([(culture("en-US"), a_version(alias, []))]),
        created_ms: 1_000,
        modified_ms: 2_000,
    }
}

pub(in crate::suite) fn a_version(name: &str, values: impl IntoIterator<Item = (&'static str, Stored)>) -> CultureVersion {
    CultureVersion {
        name: name.into(),
        published: true,
        archived: false,
        fields: fields(values),
        links: BTreeMap::new(),
        newer: Newer::default(),
    }
}

/// A binding of a user to a role.
pub(in crate::suite) fn user_role(id: u64, user: u64, role: u64) -> BindingRow {
    BindingRow {
        id: BindingId(id),
        binding_type: type_name("cms.user-role"),
        binds: vec![Target::Object(ObjectId(user)), Target::Object(ObjectId(role))],
        fields: fields([("user", to_object(user)), ("role", to_object(role))]),
        links: BTreeMap::new(),
    }
}

/// A row that a change can be made of.
pub(in crate::suite) trait Row: Sized + Clone {
    fn change(before: Option<Self>, after: Option<Self>) -> Change;
}

impl Row for ObjectRow {
    fn change(before: Option<Self>, after: Option<Self>) -> Change {
        Change::Object(before.map(Arc::new), after.map(Arc::new))
    }
}

impl Row for PageRow {
    fn change(before: Option<Self>, after: Option<Self>) -> Change {
        Change::Page(before.map(Arc::new), after.map(Arc::new))
    }
}

impl Row for BindingRow {
    fn change(before: Option<Self>, after: Option<Self>) -> Change {
        Change::Binding(before.map(Arc::new), after.map(Arc::new))
    }
}

pub(in crate::suite) fn insert<R: Row>(row: &R) -> Change {
    R::change(None, Some(row.clone()))
}

pub(in crate::suite) fn update<R: Row>(before: &R, after: &R) -> Change {
    R::change(Some(before.clone()), Some(after.clone()))
}

pub(in crate::suite) fn delete<R: Row>(row: &R) -> Change {
    R::change(Some(row.clone()), None)
}
