//! What a plan changes: values that a store carries out, and that can be taken back.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::key::{BindingKey, BindingsOf, Key, ObjectKey, ObjectsKey, PageKey, PagesUnder, ReferrersOf, unique_key};
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
                    keys.push(BindingKey::Id(row.id).into());
                    keys.push(BindingKey::Binds(row.binding_type.clone(), row.binds.clone()).into());
                    if let Some(owner) = row.binds.first() {
                        keys.push(BindingsOf(row.binding_type.clone(), *owner).into());
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
    keys.push(ObjectKey::Id(row.id).into());
    keys.push(ObjectsKey::AnyNamed(row.object_type.clone(), row.scope.site.clone(), name.clone()).into());
    keys.push(ObjectKey::Name(row.object_type.clone(), row.scope.clone(), name).into());
    keys.push(ObjectKey::Guid(row.object_type.clone(), row.scope.clone(), row.guid).into());
    if let Some(parent) = row.scope.parent {
        keys.push(ObjectsKey::Children(parent, row.object_type.clone()).into());
    }
    for (field, value) in unique_values(row, model) {
        keys.push(ObjectKey::Unique(row.object_type.clone(), field, value).into());
    }
    push_referrers(row.references().map(|(_, target)| target), keys);
}

fn page_keys(row: &PageRow, keys: &mut Vec<Key>) {
    keys.push(PageKey::Id(row.id).into());
    keys.push(PageKey::Guid(row.site.clone(), row.guid).into());
    keys.push(PageKey::Alias(row.site.clone(), row.parent, row.alias.key().into()).into());
    if let Some(parent) = row.parent {
        keys.push(PageKey::ChildOf(parent).into());
        keys.push(PagesUnder(parent).into());
    }
    push_referrers(row.references().map(|(_, target)| target), keys);
}

fn push_referrers(targets: impl Iterator<Item = Target>, keys: &mut Vec<Key>) {
    let targets: BTreeSet<Target> = targets.collect();
    keys.extend(targets.into_iter().map(|target| ReferrersOf(target).into()));
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
