//! Answers of questions as they were stated (§7.2). A question can be asked at any time: when its task acts,
//! when all have acted, when what it points to goes, when what it misses comes.

use std::sync::Arc;

use crate::key::{FormerKey, Key, ObjectKey, ObjectsKey, PageKey};
use crate::mark::{brings_guid, brings_name};
use crate::model::{ObjectType, Within};
use crate::names::{CodeName, SiteName, TypeName};
use crate::plan::identity::any_page;
use crate::plan::open::Open;
use crate::plan::stated::is_of;
use crate::plan::{Step, Stop, shared};
use crate::rows::{ObjectId, ObjectRow, Scope, Stated, StatedObject, StatedPage, Target};

/// An answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) target: Target,
    /// No row has the name: this is the one that was last given it. One that comes takes its place.
    pub(super) by_former: bool,
}

impl Step<'_, '_> {
    /// What a question means now.
    pub(super) fn resolve(&mut self, stated: &Stated) -> Result<Option<Hit>, Stop> {
        match stated {
            Stated::Object(object) => self.resolve_object(object),
            Stated::Page(page) => {
                let found = self.ask(&PageKey::Guid(page.site.clone(), page.guid))?;
                let fits = found.filter(|row| {
                    let has_culture = page.culture.as_ref().is_none_or(|culture| row.cultures.contains_key(culture));
                    has_culture && is_of(&page.class_name, &row.class_name)
                });
                Ok(fits.map(|row| Hit { target: Target::Page(row.id), by_former: false }))
            }
        }
    }

    pub(super) fn resolve_object(&mut self, object: &StatedObject) -> Result<Option<Hit>, Stop> {
        let (object_type, name, site) = match object {
            StatedObject::Guid(object_type, guid) => {
                let found = self.ask(&ObjectKey::Guid(object_type.clone(), *guid))?;
                return Ok(found.map(|row| Hit { target: Target::Object(row.id), by_former: false }));
            }
            StatedObject::Named { object_type, name, site, .. } => (object_type, name, site),
        };
        let Some((scope, scope_by_former)) = self.scope_of_stated(object, site.as_ref())? else { return Ok(None) };
        if let Some(row) = self.named(object_type, &scope, name)? {
            return Ok(Some(Hit { target: Target::Object(row.id), by_former: scope_by_former }));
        }
        let Some(guid) = self.ask(&self.former_key(object_type, &scope, name))? else { return Ok(None) };
        let found = self.ask(&ObjectKey::Guid(object_type.clone(), guid))?;
        Ok(found.map(|row| Hit { target: Target::Object(row.id), by_former: true }))
    }

    /// The scope that a name is looked for in; `None` while its parent or group is not known.
    fn scope_of_stated(&mut self, object: &StatedObject, site: Option<&SiteName>) -> Result<Option<(Scope, bool)>, Stop> {
        let StatedObject::Named { object_type, parent, group, .. } = object else { return Ok(None) };
        let mut scope = Scope { site: site.cloned(), ..Scope::default() };
        let mut by_former = false;
        if self.within(object_type) == Within::Scope {
            for (above, place) in [(parent, &mut scope.parent), (group, &mut scope.group)] {
                let Some(above) = above else { continue };
                match self.resolve_object(above)? {
                    Some(Hit { target: Target::Object(id), by_former: former }) => {
                        *place = Some(id);
                        by_former |= former;
                    }
                    _ => return Ok(None),
                }
            }
        }
        Ok(Some((scope, by_former)))
    }

    /// The object of this name, within what names of its type are unique.
    pub(super) fn named(&mut self, object_type: &TypeName, scope: &Scope, name: &CodeName) -> Result<Option<Arc<ObjectRow>>, Stop> {
        let key = shared(name.key());
        match self.within(object_type) {
            Within::Scope => self.ask(&ObjectKey::Name(object_type.clone(), scope.clone(), key)),
            Within::Site | Within::All => {
                for site in self.sites_of(object_type, scope) {
                    let found = self.ask(&ObjectsKey::AnyNamed(object_type.clone(), site, key.clone()))?;
                    if let Some(row) = found.first() {
                        return Ok(Some(row.clone()));
                    }
                }
                Ok(None)
            }
        }
    }

    /// Every object of this name: while tasks act, two may have it.
    pub(super) fn all_named(&mut self, object_type: &TypeName, scope: &Scope, name: &CodeName) -> Result<Vec<Arc<ObjectRow>>, Stop> {
        let key = shared(name.key());
        if self.within(object_type) == Within::Scope {
            let question = ObjectKey::Name(object_type.clone(), scope.clone(), key);
            self.ask(&question)?;
            return Ok(self.view.every_object(&question));
        }
        let mut rows = Vec::new();
        for site in self.sites_of(object_type, scope) {
            rows.extend(self.ask(&ObjectsKey::AnyNamed(object_type.clone(), site, key.clone()))?);
        }
        Ok(rows)
    }

    /// The questions that ask for an object of this name.
    pub(super) fn name_keys(&self, object_type: &TypeName, scope: &Scope, name: &CodeName) -> Vec<Key> {
        let key = shared(name.key());
        match self.within(object_type) {
            Within::Scope => vec![ObjectKey::Name(object_type.clone(), scope.clone(), key).into()],
            Within::Site | Within::All => self
                .sites_of(object_type, scope)
                .into_iter()
                .map(|site| ObjectsKey::AnyNamed(object_type.clone(), site, key.clone()).into())
                .collect(),
        }
    }

    /// Whom a name means that no object has.
    pub(super) fn former_key(&self, object_type: &TypeName, scope: &Scope, name: &CodeName) -> FormerKey {
        FormerKey(object_type.clone(), self.name_scope(object_type, scope), shared(name.key()))
    }

    /// As much of a scope as tells names of this type apart.
    pub(super) fn name_scope(&self, object_type: &TypeName, scope: &Scope) -> Scope {
        match self.within(object_type) {
            Within::Scope => scope.clone(),
            Within::Site => Scope { site: scope.site.clone(), ..Scope::default() },
            Within::All => Scope::default(),
        }
    }

    pub(super) fn within(&self, object_type: &TypeName) -> Within {
        self.model.object_type(object_type).map_or(Within::Scope, |declared| declared.unique_within)
    }

    /// The sites in which a name of a type is looked for.
    fn sites_of(&self, object_type: &TypeName, scope: &Scope) -> Vec<Option<SiteName>> {
        let everywhere = |declared: &ObjectType| declared.unique_within == Within::All;
        match self.model.object_type(object_type) {
            Some(declared) if everywhere(declared) && declared.site_bound => {
                // One that was stored while the type was global is found, too.
                self.model.sites.keys().cloned().map(Some).chain(std::iter::once(None)).collect()
            }
            Some(declared) if everywhere(declared) => vec![None],
            _ => vec![scope.site.clone()],
        }
    }

    /// What a question without an answer waits for, and who would help. `name`: as the connector knows it.
    pub(super) fn lacking(&mut self, stated: &Stated, name: Option<&str>, external: Option<&str>, open: &mut Open) -> Result<(), Stop> {
        match stated {
            Stated::Object(object) => self.lacking_object(object, name, external, open).map(|_| ()),
            Stated::Page(page) => {
                let what = self.words_of_stated_page(page)?;
                open.want(PageKey::Guid(page.site.clone(), page.guid), &what, external);
                if let Some(any) = any_page() {
                    open.helper(brings_guid(any, page.guid));
                }
                Ok(())
            }
        }
    }

    /// The object, if it is there after all.
    fn lacking_object(
        &mut self,
        object: &StatedObject,
        known: Option<&str>,
        external: Option<&str>,
        open: &mut Open,
    ) -> Result<Option<ObjectId>, Stop> {
        let what = words_of_stated(object, known);
        match object {
            StatedObject::Guid(object_type, guid) => {
                let key = ObjectKey::Guid(object_type.clone(), *guid);
                let words = self.notes.words.get(&Key::from(key.clone()).mark()).filter(|_| known.is_none());
                let what = words.map_or(&*what, |words| words);
                open.want(key, what, external);
                open.helper(brings_guid(object_type, *guid));
            }
            StatedObject::Named { object_type, name, site, parent, group } => {
                let mut scope = Scope { site: site.clone(), ..Scope::default() };
                if self.within(object_type) == Within::Scope {
                    let mut known = true;
                    for (above, place) in [(parent, &mut scope.parent), (group, &mut scope.group)] {
                        let Some(above) = above else { continue };
                        *place = self.lacking_object(above, None, external, open)?;
                        known &= place.is_some();
                    }
                    if !known {
                        return Ok(None);
                    }
                }
                for key in self.name_keys(object_type, &scope, name) {
                    open.want(key, &what, external);
                }
                open.helper(brings_name(object_type, name.key()));
                if let Some(guid) = self.ask(&self.former_key(object_type, &scope, name))? {
                    open.want(ObjectKey::Guid(object_type.clone(), guid), &what, external);
                    open.helper(brings_guid(object_type, guid));
                }
            }
        }
        Ok(match self.resolve_object(object)? {
            Some(Hit { target: Target::Object(id), .. }) => Some(id),
            _ => None,
        })
    }

    fn words_of_stated_page(&mut self, page: &StatedPage) -> Result<String, Stop> {
        Ok(match self.ask(&PageKey::Guid(page.site.clone(), page.guid))? {
            Some(row) if !is_of(&page.class_name, &row.class_name) => {
                format!("a page of type {} with the node GUID of {}", page.class_name, self.page_words(&row)?)
            }
            Some(row) => match &page.culture {
                Some(culture) => format!("culture {culture} of {}", self.page_words(&row)?),
                None => self.page_words(&row)?,
            },
            None => match self.notes.words.get(&Key::from(PageKey::Guid(page.site.clone(), page.guid)).mark()) {
                Some(words) => words.to_string(),
                None => {
                    let culture = page.culture.as_ref().map_or("any culture".to_owned(), |culture| format!("culture {culture}"));
                    format!("the page with node GUID {} in {culture} of site {}", page.guid, page.site)
                }
            },
        })
    }
}

/// A question for an object, in the operator's words.
pub(super) fn words_of_stated(object: &StatedObject, known: Option<&str>) -> String {
    match (object, known) {
        (StatedObject::Guid(object_type, _), Some(name)) => format!("{object_type} '{name}'"),
        (StatedObject::Guid(object_type, guid), None) => format!("{object_type} with GUID {guid}"),
        (StatedObject::Named { object_type, name, site, parent, group }, _) => {
            let mut words = format!("{object_type} '{name}'");
            if let Some(parent) = parent {
                words = format!("{words} under {}", words_of_stated(parent, None));
            }
            if let Some(group) = group {
                words = format!("{words} of group {}", words_of_stated(group, None));
            }
            match site {
                Some(site) => format!("{words} in site {site}"),
                None => words,
            }
        }
    }
}
