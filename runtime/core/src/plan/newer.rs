//! What is newer stays (§7.4): a task writes what nothing newer has written, and what a delete has buried does not
//! come back.

use std::sync::Arc;

use crate::change::Change;
use crate::key::{FormerKey, PageKey, Tomb, TombBy, TombKey};
use crate::model::ObjectType;
use crate::names::{Culture, FieldName, SiteName, TypeName};
use crate::newer::Version;
use crate::plan::grant::Because;
use crate::plan::{Step, Stop};
use crate::prepared::{InfoRow, TreeNode};
use crate::rows::{Newer, ObjectRow, PageRow, Scope};
use crate::value::Given;

/// Under what the version of something stands that is no declared field. No field's name begins with a dot.
pub(super) const DISPLAY_NAME: &str = ".display-name";
/// The same of a page.
pub(super) const ALIAS: &str = ".alias";
/// The same.
pub(super) const PARENT: &str = ".parent";
/// The same.
pub(super) const ORDER: &str = ".order";
/// The same of a culture.
pub(super) const PUBLISHED: &str = ".published";
/// The same of an object's binding to a site; the site's name follows.
const SITE: &str = ".site ";

/// The site to which an object is bound, as something that has a version.
pub(super) fn bound_to(site: &SiteName) -> String {
    format!("{SITE}{site}")
}

/// The site, if it is one.
pub(super) fn is_bound_to(what: &str) -> Option<SiteName> {
    SiteName::new(what.strip_prefix(SITE)?).ok()
}

/// How new a task is beside the row that it writes.
#[derive(Debug, Default)]
pub(super) struct Age {
    version: Option<Version>,
    /// Something newer has written the row.
    older: bool,
    /// It has something to write nevertheless.
    writes: bool,
}

impl Age {
    /// Of a task that states this version, beside what has written the row.
    pub(super) fn new(version: Option<Version>, newer: Option<&Newer>) -> Self {
        let older = matches!((&version, newer.and_then(|newer| newer.row.as_ref())), (Some(version), Some(row)) if version < row);
        Self { version, older, writes: false }
    }

    /// Whether something newer has written the row: then it has its name and its place from that.
    pub(super) fn is_older(&self) -> bool {
        self.older
    }

    /// Whether nothing newer has written anything that the task says.
    pub(super) fn is_superseded(&self) -> bool {
        self.older && !self.writes
    }

    /// The row is as new as the task, which is not older.
    pub(super) fn writes_row(&self, newer: &mut Newer) {
        if let Some(version) = self.version.as_ref().filter(|_| !self.older) {
            newer.row = Some(version.clone());
        }
    }

    /// Whether the task writes this: nothing newer has. Then it is as new as the task. Of two that are equally
    /// new the later one writes. What has no version is written as it comes.
    pub(super) fn writes(&mut self, newer: &mut Newer, what: &str) -> bool {
        let Some(version) = &self.version else { return true };
        if newer.fields.get(what).is_some_and(|wrote| wrote > version) {
            return false;
        }
        newer.fields.insert(what.into(), version.clone());
        self.writes = true;
        true
    }

    /// Those of the given fields that the task writes.
    pub(super) fn fields(&mut self, newer: &mut Newer, given: &[(FieldName, Given)]) -> Vec<(FieldName, Given)> {
        given.iter().filter(|(name, _)| self.writes(newer, name.as_str())).cloned().collect()
    }
}

/// What is older than a version; it is not written by anything any more.
pub(super) fn take_older(newer: &mut Newer, version: &Version) -> Vec<Arc<str>> {
    let older: Vec<Arc<str>> = newer.fields.iter().filter(|(_, wrote)| *wrote < version).map(|(what, _)| what.clone()).collect();
    for what in &older {
        newer.fields.remove(what);
    }
    older
}

/// The version that a prepared object or page states.
pub(super) fn stated(newer_by: Option<&FieldName>, given: &[(FieldName, Given)]) -> Option<Version> {
    let by = newer_by?;
    match given.iter().find(|(name, _)| name == by).map(|(_, value)| value)? {
        Given::Plain(value) => Version::of(value),
        Given::Null | Given::Reference(_) | Given::References(_) => None,
    }
}

impl Step<'_, '_> {
    /// The tombstone of an object that states a GUID: it is found by that alone.
    pub(super) fn tomb_of_guid(declared: &ObjectType, given: &InfoRow) -> Option<TombKey> {
        given.guid.map(|guid| object_tomb(&declared.name, TombBy::Guid(guid)))
    }

    /// The tombstone of an object that states none.
    pub(super) fn tomb_of_name(&self, declared: &ObjectType, given: &InfoRow, scope: &Scope) -> Option<TombKey> {
        let name = given.code_name.as_ref().filter(|_| given.guid.is_none())?;
        let FormerKey(_, scope, name) = self.former_key(&declared.name, scope, name);
        Some(object_tomb(&declared.name, TombBy::Name(scope, name)))
    }

    /// The tombstone of a stored object.
    pub(super) fn tomb_of_row(&self, row: &ObjectRow) -> TombKey {
        if row.guid_given {
            return object_tomb(&row.object_type, TombBy::Guid(row.guid));
        }
        let FormerKey(_, scope, name) = self.former_key(&row.object_type, &row.scope, &row.code_name);
        object_tomb(&row.object_type, TombBy::Name(scope, name))
    }

    /// Whether a delete that was at least as new has buried what a task of this version would write.
    pub(super) fn is_buried(&mut self, tomb: Option<TombKey>, version: Option<&Version>) -> Result<bool, Stop> {
        let (Some(key), Some(version)) = (tomb, version) else { return Ok(false) };
        let now_ms = self.now_ms;
        Ok(self.ask(&key)?.is_some_and(|tomb| tomb.until_ms > now_ms && *version <= tomb.version))
    }

    /// Remembers a delete.
    pub(super) fn bury(&mut self, key: TombKey, version: &Version) -> Result<(), Stop> {
        let before = self.ask(&key)?;
        let standing = before.as_ref().filter(|tomb| tomb.until_ms > self.now_ms);
        let version = match standing {
            Some(tomb) if tomb.version > *version => tomb.version.clone(),
            _ => version.clone(),
        };
        let until_ms = self.now_ms.saturating_add(self.about.limits.tombstone_ms);
        self.change(Change::Tomb(key, before, Some(Arc::new(Tomb { version, until_ms }))), Because::Follows)
    }
}

fn object_tomb(object_type: &TypeName, by: TombBy) -> TombKey {
    TombKey { type_name: object_type.clone(), culture: None, by }
}

/// The tombstone of a culture of a page: by its node GUID, else by its path, as far as that is known.
pub(super) fn page_tomb(page: &TreeNode, culture: &Culture, site: &SiteName, path: Option<PageKey>) -> Option<TombKey> {
    let by = match (page.node_guid, path) {
        (Some(guid), _) => TombBy::Page(site.clone(), guid),
        (None, Some(PageKey::Alias(site, parent, alias))) => TombBy::Alias(site, parent, alias),
        (None, _) => return None,
    };
    Some(TombKey { type_name: page.class_name.clone(), culture: Some(culture.clone()), by })
}

/// The same of a stored page.
pub(super) fn tomb_of_page(row: &PageRow, culture: &Culture) -> TombKey {
    let by = if row.guid_given {
        TombBy::Page(row.site.clone(), row.guid)
    } else {
        TombBy::Alias(row.site.clone(), row.parent, row.alias.key().into())
    };
    TombKey { type_name: row.class_name.clone(), culture: Some(culture.clone()), by }
}
