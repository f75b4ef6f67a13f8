//! Pages, alone and as a tree.

use std::collections::BTreeMap;
use std::sync::Arc;

use lockgate_core::rows::PageRow;
use serde::Serialize;

use super::time;
use super::value::{FieldsWire, fields};
use crate::references::References;

/// A page with all its cultures.
#[derive(Serialize)]
pub(crate) struct PageWire {
    id: u64,
    site: String,
    class_name: String,
    guid: String,
    path: Option<String>,
    alias: String,
    order: Option<i32>,
    parent_id: Option<u64>,
    cultures: BTreeMap<String, CultureWire>,
    created_at: Option<String>,
    modified_at: Option<String>,
}

#[derive(Serialize)]
struct CultureWire {
    name: Arc<str>,
    published: bool,
    archived: bool,
    fields: FieldsWire,
}

/// A page with what is under it.
#[derive(Serialize)]
pub(crate) struct BranchWire {
    #[serde(flatten)]
    pub page: PageWire,
    /// Left out where the tree was not looked at further down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub children: Option<Vec<BranchWire>>,
}

/// A part of a site's tree.
#[derive(Serialize)]
pub(crate) struct TreeWire {
    pub page: Option<PageWire>,
    pub children: Vec<BranchWire>,
    /// More pages are there than were looked at.
    pub truncated: bool,
}

impl PageWire {
    /// Everything that it points to must be among the references.
    pub(crate) fn new(row: &PageRow, path: Option<String>, references: &References) -> Self {
        let culture = |version: &lockgate_core::rows::CultureVersion| CultureWire {
            name: version.name.clone(),
            published: version.published,
            archived: version.archived,
            fields: fields(&version.fields, &version.links, references),
        };
        Self {
            id: row.id.0,
            site: row.site.to_string(),
            class_name: row.class_name.to_string(),
            guid: row.guid.to_string(),
            path,
            alias: row.alias.to_string(),
            order: row.order,
            parent_id: row.parent.map(|id| id.0),
            cultures: row.cultures.iter().map(|(name, version)| (name.to_string(), culture(version))).collect(),
            created_at: time(row.created_ms),
            modified_at: time(row.modified_ms),
        }
    }
}
