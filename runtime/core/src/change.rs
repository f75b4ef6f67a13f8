//! What a plan changes: values that a store carries out, and that can be taken back.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::key::{Key, unique_key};
use crate::model::ContentModel;
use crate::rows::{BindingRow, ObjectRow, PageRow, Target};
use crate::value::Stored;

/// One row before and after. `None` before: inserted; `None` after: deleted; never both.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// An object.
    Object(Option<Arc<ObjectRow>>, Option<Arc<ObjectRow>>),
    /// A page.
    Page(Option<Arc<PageRow>>, Option<Arc<PageRow>>),
    /// A binding.
    Binding(Option<Arc<BindingRow>>, Option<Arc<BindingRow>>),
}

impl Change {
    /// The change that takes this one back.
    pub fn inverse(self) -> Self {
        match self {
            Self::Object(before, after) => Self::Object(after, before),
            Self::Page(before, after) => Self::Page(after, before),
            Self::Binding(before, after) => Self::Binding(after, before),
        }
    }

    /// Every key whose answer this change may alter. A store uses it to find conflicts; the plan
    /// to keep what it loaded up to date.
    pub fn touched(&self, model: &ContentModel) -> Vec<Key> {
        let mut keys = Vec::new();
        match self {
            Self::Object(before, after) => {
                for row in before.iter().chain(after) {
                    object_keys(row, model, &mut keys);
                }
            }
            Self::Page(before, after) => {
                for row in before.iter().chain(after) {
                    page_keys(row, &mut keys);
                }
            }
            Self::Binding(before, after) => {
                for row in before.iter().chain(after) {
                    keys.push(Key::Binding(row.id));
                    keys.push(Key::Binds(row.binding_type.clone(), row.binds.clone()));
                    if let Some(owner) = row.binds.first() {
                        keys.push(Key::BindingsOf(row.binding_type.clone(), *owner));
                    }
                    push_referrers(row.references().map(|(_, target)| target), &mut keys);
                }
            }
        }
        keys
    }
}

fn object_keys(row: &ObjectRow, model: &ContentModel, keys: &mut Vec<Key>) {
    let name: Arc<str> = row.code_name.key().into();
    keys.push(Key::Object(row.id));
    keys.push(Key::AnyNamed(row.object_type.clone(), row.scope.site.clone(), name.clone()));
    keys.push(Key::Name(row.object_type.clone(), row.scope.clone(), name));
    keys.push(Key::Guid(row.object_type.clone(), row.scope.clone(), row.guid));
    if let Some(parent) = row.scope.parent {
        keys.push(Key::Children(parent, row.object_type.clone()));
    }
    for (field, value) in unique_values(row, model) {
        keys.push(Key::Unique(row.object_type.clone(), field, value));
    }
    push_referrers(row.references().map(|(_, target)| target), keys);
}

fn page_keys(row: &PageRow, keys: &mut Vec<Key>) {
    keys.push(Key::Page(row.id));
    keys.push(Key::PageGuid(row.site.clone(), row.guid));
    keys.push(Key::PageAlias(row.site.clone(), row.parent, row.alias.key().into()));
    if let Some(parent) = row.parent {
        keys.push(Key::PageChild(parent));
        keys.push(Key::PageChildren(parent));
    }
    push_referrers(row.references().map(|(_, target)| target), keys);
}

fn push_referrers(targets: impl Iterator<Item = Target>, keys: &mut Vec<Key>) {
    let targets: BTreeSet<Target> = targets.collect();
    keys.extend(targets.into_iter().map(Key::Referrers));
}

/// The values of a row's unique fields, as index keys.
pub fn unique_values(row: &ObjectRow, model: &ContentModel) -> Vec<(crate::names::FieldName, Arc<str>)> {
    let Some(declared) = model.object_type(&row.object_type) else { return Vec::new() };
    declared
        .fields
        .iter()
        .filter(|field| field.unique)
        .filter_map(|field| match row.fields.get(&field.name)? {
            Stored::Plain(value) => Some((field.name.clone(), unique_key(value))),
            Stored::Reference(_) => None,
        })
        .collect()
}
