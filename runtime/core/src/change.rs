//! What a plan changes: values that a store carries out, and that can be taken back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use uuid::Uuid;

use crate::key::{
    BindingKey, BindingsOf, FormerKey, Key, LooseKey, LooseOf, ObjectKey, ObjectsKey, PageKey, PagesUnder, ReferrersOf, Tomb, TombKey,
    unique_key,
};
use crate::mark::Mark;
use crate::model::ContentModel;
use crate::names::FieldName;
use crate::park::{LooseAt, LooseEnd};
use crate::rows::{BindingRow, ObjectRow, PageRow, RowId, Target};
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
    /// A loose end. To put one that is the same says that it was looked at: it is not due any more.
    Loose(Option<Arc<LooseEnd>>, Option<Arc<LooseEnd>>),
    /// Whom a name that no object has means: its former holder.
    Former(FormerKey, Option<Uuid>, Option<Uuid>),
    /// What a delete left behind.
    Tomb(TombKey, Option<Arc<Tomb>>, Option<Arc<Tomb>>),
}

impl Change {
    /// Whether it is of a row: an object, a page or a binding.
    pub fn is_row(&self) -> bool {
        matches!(self, Self::Object(..) | Self::Page(..) | Self::Binding(..))
    }

    /// Which row it is of.
    pub fn row(&self) -> Option<RowId> {
        match self {
            Self::Object(before, after) => after.as_ref().or(before.as_ref()).map(|row| RowId::Object(row.id)),
            Self::Page(before, after) => after.as_ref().or(before.as_ref()).map(|row| RowId::Page(row.id)),
            Self::Binding(before, after) => after.as_ref().or(before.as_ref()).map(|row| RowId::Binding(row.id)),
            Self::Loose(..) | Self::Former(..) | Self::Tomb(..) => None,
        }
    }

    /// Whether a row goes.
    pub fn is_delete(&self) -> bool {
        matches!(self, Self::Object(_, None) | Self::Page(_, None) | Self::Binding(_, None))
    }

    /// The change that takes this one back.
    pub fn inverse(self) -> Self {
        match self {
            Self::Object(before, after) => Self::Object(after, before),
            Self::Page(before, after) => Self::Page(after, before),
            Self::Binding(before, after) => Self::Binding(after, before),
            Self::Loose(before, after) => Self::Loose(after, before),
            Self::Former(key, before, after) => Self::Former(key, after, before),
            Self::Tomb(key, before, after) => Self::Tomb(key, after, before),
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
            Self::Loose(before, after) => {
                for end in before.iter().chain(after) {
                    keys.push(LooseKey(end.id).into());
                    if let LooseAt::NotMade(not_made) = &end.at {
                        keys.push(LooseOf(not_made.binding_type.clone(), not_made.owner.clone()).into());
                    }
                }
            }
            Self::Former(key, ..) => keys.push(key.clone().into()),
            Self::Tomb(key, ..) => keys.push(key.clone().into()),
        }
        keys
    }

    /// The marks of what this change gives to another, takes away or makes free (§11): names, GUIDs, unique
    /// values and places that a row has now or had before, and not both; what its references point to now or
    /// did; the row itself when its place is another; former names. Whoever waits is found by them.
    pub fn wakes(&self, model: &ContentModel) -> Vec<Mark> {
        let (mut before, mut after) = (Vec::new(), Vec::new());
        let mut marks = Vec::new();
        match self {
            Self::Object(was, is) => {
                was.iter().for_each(|row| object_keys(row, model, &mut before));
                is.iter().for_each(|row| object_keys(row, model, &mut after));
                let place = |row: &Option<Arc<ObjectRow>>| row.as_ref().map(|row| (row.scope.clone(), row.code_name.clone()));
                if let (Some(row), true) = (is.as_ref().or(was.as_ref()), place(was) != place(is)) {
                    marks.push(Key::from(ObjectKey::Id(row.id)).mark());
                }
            }
            Self::Page(was, is) => {
                was.iter().for_each(|row| page_keys(row, &mut before));
                is.iter().for_each(|row| page_keys(row, &mut after));
                let Some(row) = is.as_ref().or(was.as_ref()) else { return marks };
                let place = |row: &Option<Arc<PageRow>>| row.as_ref().map(|row| (row.parent, row.alias.clone()));
                if place(was) != place(is) {
                    marks.push(Key::from(PageKey::Id(row.id)).mark());
                }
                // A reference to a page wants one of its cultures.
                let has = |row: &Option<Arc<PageRow>>| row.as_ref().map(|row| row.cultures.keys().cloned().collect::<Vec<_>>());
                if has(was) != has(is) {
                    marks.push(Key::from(PageKey::Guid(row.site.clone(), row.guid)).mark());
                }
            }
            // Who looked for the name wants the name.
            Self::Former(key, ..) => {
                let FormerKey(object_type, scope, name) = key.clone();
                marks.push(Key::from(ObjectsKey::AnyNamed(object_type.clone(), scope.site.clone(), name.clone())).mark());
                marks.push(Key::from(ObjectKey::Name(object_type, scope, name)).mark());
            }
            Self::Binding(..) | Self::Loose(..) | Self::Tomb(..) => {}
        }
        let gone = before.iter().filter(|key| !after.contains(key));
        let come = after.iter().filter(|key| !before.contains(key));
        marks.extend(gone.chain(come).map(Key::mark));
        // One field may point elsewhere while another points there still.
        let [before, after] = self.pointing();
        let other = |(target, fields): &(&Target, &Vec<&FieldName>), others: &BTreeMap<Target, Vec<&FieldName>>| {
            others.get(*target) != Some(*fields)
        };
        let gone = before.iter().filter(|pair| other(pair, &after));
        let come = after.iter().filter(|pair| other(pair, &before));
        marks.extend(gone.chain(come).map(|(target, _)| Key::from(ReferrersOf(*target)).mark()));
        marks
    }

    /// The fields that point to each target, before and after.
    fn pointing(&self) -> [BTreeMap<Target, Vec<&FieldName>>; 2] {
        fn by_target<'r>(references: impl Iterator<Item = (&'r FieldName, Target)>) -> BTreeMap<Target, Vec<&'r FieldName>> {
            let mut fields: BTreeMap<Target, Vec<&FieldName>> = BTreeMap::new();
            references.for_each(|(field, target)| fields.entry(target).or_default().push(field));
            fields
        }
        match self {
            Self::Object(was, is) => [was, is].map(|row| by_target(row.iter().flat_map(|row| row.references()))),
            Self::Page(was, is) => [was, is].map(|row| by_target(row.iter().flat_map(|row| row.references()))),
            Self::Binding(was, is) => [was, is].map(|row| by_target(row.iter().flat_map(|row| row.references()))),
            Self::Loose(..) | Self::Former(..) | Self::Tomb(..) => Default::default(),
        }
    }
}

fn object_keys(row: &ObjectRow, model: &ContentModel, keys: &mut Vec<Key>) {
    let name: Arc<str> = row.code_name.key().into();
    keys.push(ObjectKey::Id(row.id).into());
    keys.push(ObjectsKey::AnyNamed(row.object_type.clone(), row.scope.site.clone(), name.clone()).into());
    keys.push(ObjectKey::Name(row.object_type.clone(), row.scope.clone(), name).into());
    keys.push(ObjectKey::Guid(row.object_type.clone(), row.guid).into());
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
