//! The content model.

use std::collections::BTreeMap;

use lockgate_core::model::{ChildType, Completeness, ContentModel, Field, Kind, Need, ObjectType, PageType, Site};
use serde::Serialize;

/// The model, as files and as what was read from them.
#[derive(Serialize)]
pub(crate) struct ModelWire {
    files: BTreeMap<String, String>,
    sites: Vec<SiteWire>,
    object_types: Vec<ObjectTypeWire>,
    page_types: Vec<PageTypeWire>,
}

#[derive(Serialize)]
struct SiteWire {
    name: String,
    cultures: Vec<String>,
}

#[derive(Serialize)]
struct ObjectTypeWire {
    name: String,
    site_bound: bool,
    parent: Option<String>,
    parent_required: bool,
    group: Option<String>,
    unique_within: &'static str,
    code_name: &'static str,
    newer_by: Option<String>,
    fields: Vec<FieldWire>,
    children: Vec<ChildWire>,
    binds: Vec<String>,
}

#[derive(Serialize)]
struct PageTypeWire {
    name: String,
    newer_by: Option<String>,
    fields: Vec<FieldWire>,
}

#[derive(Serialize)]
struct ChildWire {
    name: String,
    completeness: &'static str,
}

#[derive(Serialize)]
struct FieldWire {
    name: String,
    kind: &'static str,
    required: bool,
    unique: bool,
    length_max: Option<usize>,
    reference: Option<ReferenceKindWire>,
}

#[derive(Serialize)]
struct ReferenceKindWire {
    to: String,
    to_page: bool,
    need: &'static str,
    default: Option<String>,
}

impl ModelWire {
    pub(crate) fn new(files: BTreeMap<String, String>, model: &ContentModel) -> Self {
        Self {
            files,
            sites: model.sites.values().map(Into::into).collect(),
            object_types: model.object_types.values().map(Into::into).collect(),
            page_types: model.page_types.values().map(Into::into).collect(),
        }
    }
}

impl From<&Site> for SiteWire {
    fn from(site: &Site) -> Self {
        Self { name: site.name.to_string(), cultures: texts(&site.cultures) }
    }
}

impl From<&ObjectType> for ObjectTypeWire {
    fn from(declared: &ObjectType) -> Self {
        Self {
            name: declared.name.to_string(),
            site_bound: declared.site_bound,
            parent: declared.parent.as_ref().map(ToString::to_string),
            parent_required: declared.parent_required,
            group: declared.group.as_ref().map(ToString::to_string),
            unique_within: declared.unique_within.as_str(),
            code_name: declared.names.as_str(),
            newer_by: declared.newer_by.as_ref().map(ToString::to_string),
            fields: declared.fields.iter().map(Into::into).collect(),
            children: declared.children.iter().map(Into::into).collect(),
            binds: texts(&declared.binds),
        }
    }
}

impl From<&PageType> for PageTypeWire {
    fn from(declared: &PageType) -> Self {
        Self {
            name: declared.name.to_string(),
            newer_by: declared.newer_by.as_ref().map(ToString::to_string),
            fields: declared.fields.iter().map(Into::into).collect(),
        }
    }
}

impl From<&ChildType> for ChildWire {
    fn from(child: &ChildType) -> Self {
        let completeness = match child.completeness {
            Completeness::Complete => "complete",
            Completeness::Incremental => "incremental",
            Completeness::None => "none",
        };
        Self { name: child.name.to_string(), completeness }
    }
}

impl From<&Field> for FieldWire {
    fn from(field: &Field) -> Self {
        let reference = match &field.kind {
            Kind::Reference(reference) => {
                let (need, default) = match &reference.need {
                    Need::Required => ("required", None),
                    Need::RequiredWithDefault(default) => ("required-with-default", Some(default.to_string())),
                    Need::Optional => ("optional", None),
                    Need::Binding => ("binding", None),
                };
                Some(ReferenceKindWire { to: reference.to.to_string(), to_page: reference.to_page, need, default })
            }
            _ => None,
        };
        Self {
            name: field.name.to_string(),
            kind: kind(&field.kind),
            required: field.required,
            unique: field.unique,
            length_max: field.length_max,
            reference,
        }
    }
}

fn kind(kind: &Kind) -> &'static str {
    match kind {
        Kind::Boolean => "boolean",
        Kind::Integer => "integer",
        Kind::Decimal => "decimal",
        Kind::Real => "real",
        Kind::Text => "text",
        Kind::Timestamp => "timestamp",
        Kind::Guid => "guid",
        Kind::Binary => "binary",
        Kind::Json => "json",
        Kind::Reference(reference) if reference.many => "references",
        Kind::Reference(_) => "reference",
    }
}

fn texts(names: &[impl ToString]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}
