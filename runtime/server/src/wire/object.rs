//! Objects and bindings.

use std::sync::Arc;

use lockgate_core::rows::{BindingRow, ObjectRow, Target};
use serde::Serialize;

use super::time;
use super::value::{FieldsWire, ReferenceWire, fields, reference};
use crate::references::References;

/// An object.
#[derive(Serialize)]
pub(crate) struct ObjectWire {
    id: u64,
    r#type: String,
    code_name: String,
    guid: String,
    display_name: Arc<str>,
    site: Option<String>,
    parent: Option<ReferenceWire>,
    group: Option<ReferenceWire>,
    sites: Vec<String>,
    fields: FieldsWire,
    created_at: Option<String>,
    modified_at: Option<String>,
}

impl ObjectWire {
    /// Everything that it points to must be among the references.
    pub(crate) fn new(row: &ObjectRow, references: &References) -> Self {
        let pointed = |id| reference(Target::Object(id), references);
        Self {
            id: row.id.0,
            r#type: row.object_type.to_string(),
            code_name: row.code_name.to_string(),
            guid: row.guid.to_string(),
            display_name: row.display_name.clone(),
            site: row.scope.site.as_ref().map(ToString::to_string),
            parent: row.scope.parent.map(pointed),
            group: row.scope.group.map(pointed),
            sites: row.sites.iter().map(ToString::to_string).collect(),
            fields: fields(&row.fields, &row.links, references),
            created_at: time(row.created_ms),
            modified_at: time(row.modified_ms),
        }
    }
}

/// A binding.
#[derive(Serialize)]
pub(crate) struct BindingWire {
    id: u64,
    r#type: String,
    fields: FieldsWire,
}

impl BindingWire {
    /// Everything that it points to must be among the references.
    pub(crate) fn new(row: &BindingRow, references: &References) -> Self {
        Self { id: row.id.0, r#type: row.binding_type.to_string(), fields: fields(&row.fields, &row.links, references) }
    }
}
