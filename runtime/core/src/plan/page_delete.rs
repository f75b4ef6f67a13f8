//! Deleting culture versions and pages (§5). Child pages, and who points to the page, are judged when all have
//! acted.

use std::sync::Arc;

use crate::history::Action;
use crate::key::{PageKey, ReferrersOf, TombKey};
use crate::model::PageType;
use crate::names::{Culture, SiteName};
use crate::newer::Version;
use crate::plan::grant::Because;
use crate::plan::newer::{ORDER, PARENT, PUBLISHED, page_tomb, stated, take_older, tomb_of_page};
use crate::plan::page::alias_key;
use crate::plan::page_place::Under;
use crate::plan::{Step, Stop};
use crate::prepared::TreeNode;
use crate::rows::{PageRow, Target};
use crate::task::TaskType;

impl<'a> Step<'a, '_> {
    pub(super) fn delete_page_task(&mut self, declared: &PageType, site: &SiteName, page: &'a TreeNode) -> Result<(), Stop> {
        let all = self.about.task_type == TaskType::DeleteAllCultures;
        let under = match page.node_guid {
            // The path matters only where no GUID finds the page.
            Some(guid) if self.ask(&PageKey::Guid(site.clone(), guid))?.is_some() => Under::Unsaid,
            _ => match self.under(site, page.parent.as_ref()) {
                Ok(under) => under,
                // What the connector does not know is not stored either.
                Err(Stop::Fail(_)) => return self.is_absent(page),
                Err(stop) => return Err(stop),
            },
        };
        let found = self.existing_page(site, page, &under)?.row.filter(|row| all || row.cultures.contains_key(&page.culture));
        if let Some(before) = &found {
            self.may_touch(before)?;
        }
        let newer = self.bury_page(declared, site, page, &under, found.as_deref())?;
        let Some(before) = found else { return self.is_absent(page) };
        if !newer.is_empty() {
            return self.clear_older_cultures(declared, before, page, &newer);
        }
        if all || before.cultures.len() == 1 {
            return self.delete_page(before);
        }
        let mut after = (*before).clone();
        if let Some(version) = after.cultures.remove(&page.culture) {
            self.end_all(&version.links)?;
        }
        self.want(&[ReferrersOf(Target::Page(before.id)).into()])?;
        self.put_page(Some(before.clone()), after, Some(&page.culture), Because::Asked)?;
        self.has_gone_culture(before);
        Ok(())
    }

    /// Remembers the delete where the type says `newer_by` (§7.4): as new as it states, or else as what is stored.
    /// Cultures that are newer than that, and how new the delete is.
    fn bury_page(
        &mut self,
        declared: &PageType,
        site: &SiteName,
        page: &TreeNode,
        under: &Under,
        row: Option<&PageRow>,
    ) -> Result<Vec<(Culture, Version)>, Stop> {
        let mut newer = Vec::new();
        if declared.newer_by.is_none() {
            return Ok(newer);
        }
        let stated = stated(declared.newer_by.as_ref(), &page.fields);
        let cultures = match self.about.task_type {
            TaskType::DeleteAllCultures => self.model.sites.get(site).map(|site| site.cultures.clone()).unwrap_or_default(),
            _ => vec![page.culture.clone()],
        };
        let path = alias_key(site, page, under);
        for culture in cultures {
            let stored = row.and_then(|row| row.cultures.get(&culture)).and_then(|version| version.newer.row.clone());
            let Some(version) = stated.clone().or_else(|| stored.clone()) else { continue };
            let mut keys: Vec<TombKey> = page_tomb(page, &culture, site, path.clone()).into_iter().collect();
            keys.extend(row.map(|row| tomb_of_page(row, &culture)).filter(|own| !keys.contains(own)));
            for key in keys {
                self.bury(key, &version)?;
            }
            if stored.is_some_and(|stored| stored > version) {
                newer.push((culture, version));
            }
        }
        Ok(newer)
    }

    /// A delete that is older than some of the cultures takes the others, and of these only what is older than it
    /// (§7.4).
    fn clear_older_cultures(
        &mut self,
        declared: &PageType,
        before: Arc<PageRow>,
        page: &TreeNode,
        newer: &[(Culture, Version)],
    ) -> Result<(), Stop> {
        let mut after = (*before).clone();
        let mut cleared = false;
        if self.about.task_type == TaskType::DeleteAllCultures {
            for (culture, version) in &before.cultures {
                if newer.iter().all(|(newer, _)| newer != culture) {
                    self.end_all(&version.links)?;
                    after.cultures.remove(culture);
                }
            }
        }
        let loses = after.cultures.len() < before.cultures.len();
        let mut places = Vec::new();
        for (culture, than) in newer {
            let Some(version) = after.cultures.get_mut(culture) else { continue };
            for what in take_older(&mut version.newer, than) {
                cleared = true;
                if [PARENT, ORDER].contains(&&*what) {
                    places.push(what);
                } else if &*what == PUBLISHED {
                    version.published = false;
                    version.archived = false;
                // A culture cannot lose what it needs; what comes after the delete states it.
                } else if let Some(field) = declared.fields.iter().find(|field| field.name.as_str() == &*what && !field.required) {
                    version.fields.remove(&field.name);
                    self.unlink(&mut version.links, &field.name)?;
                }
            }
        }
        if !cleared && !loses {
            self.planned.superseded = true;
            return Ok(());
        }
        if loses {
            self.want(&[ReferrersOf(Target::Page(before.id)).into()])?;
        }
        // Where the page lies is every culture's to say.
        places.retain(|what| after.cultures.values().all(|version| !version.newer.fields.contains_key(what)));
        if places.iter().any(|what| &**what == PARENT) {
            after.parent = None;
            self.notes.page_parents.retain(|noted| noted.row != after.id);
        }
        if places.iter().any(|what| &**what == ORDER) {
            after.order = None;
        }
        self.goes_to(&after, Some(&before), false, &Under::Unsaid)?;
        self.put_page(Some(before.clone()), after, Some(&page.culture), Because::Asked)?;
        if loses {
            self.has_gone_culture(before);
        }
        Ok(())
    }

    fn is_absent(&mut self, page: &TreeNode) -> Result<(), Stop> {
        let name = page.alias.as_ref().map_or(&*page.name, |alias| alias.as_str()).to_owned();
        self.written(page.class_name.as_str(), format!("{name} ({})", page.culture), Action::Absent);
        Ok(())
    }

    /// Deletes a node with all its cultures.
    fn delete_page(&mut self, row: Arc<PageRow>) -> Result<(), Stop> {
        let target = Target::Page(row.id);
        self.want(&[PageKey::Id(row.id).into(), ReferrersOf(target).into()])?;
        let referrers = self.ask(&ReferrersOf(target))?;
        self.bounded(referrers.len())?;
        self.load_referrers(&referrers)?;
        self.drop_owned_bindings(target)?;
        self.end_not_made_of(target, &row.class_name)?;
        for version in row.cultures.values() {
            self.end_all(&version.links)?;
        }
        self.drop_page(row.clone(), Because::Asked)?;
        self.has_gone_page(row);
        Ok(())
    }
}
