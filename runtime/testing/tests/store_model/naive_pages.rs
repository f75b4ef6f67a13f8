//! Pages of the naive model (§5, §7.3).

use std::collections::{BTreeMap, BTreeSet};

use lockgate_core::task::TaskType;

use super::naive::{Code, Id, Naive, Page, key};
use super::ops::{CULTURES, PageDoc, Parent, page_guid};

impl Naive {
    /// Where a page is to be; `None`: it does not say.
    #[expect(clippy::option_option, reason = "said or not, and root or not, are different things")]
    fn parent_of(&self, site: &str, parent: &Parent) -> Result<Option<Option<Id>>, Code> {
        let found = |page: Option<&Page>| page.map(|page| Some(Some(page.id))).ok_or("parent-missing");
        match parent {
            Parent::Unsaid => Ok(None),
            Parent::Root => Ok(Some(None)),
            Parent::Guid(n) => found(self.pages.iter().find(|page| page.site == site && page.guid.as_ref() == Some(&page_guid(*n)))),
            Parent::Path(a) => {
                found(self.pages.iter().find(|page| page.site == site && page.parent.is_none() && key(&page.alias) == key(a)))
            }
        }
    }

    pub(super) fn page_task(&mut self, task_type: TaskType, site: &'static str, doc: &PageDoc) -> Result<(), Code> {
        let culture = CULTURES[doc.culture];
        let guid = doc.guid.map(page_guid);
        let parent = self.parent_of(site, &doc.parent);
        let moves = task_type == TaskType::MoveDocument;
        let deletes = matches!(task_type, TaskType::DeleteDocument | TaskType::DeleteAllCultures);
        let upserts = !moves && !deletes && task_type != TaskType::ArchiveDocument;
        let under_itself = match doc.parent {
            Parent::Guid(n) => doc.guid == Some(n),
            Parent::Path(alias) => key(alias) == key(doc.alias),
            Parent::Unsaid | Parent::Root => false,
        };
        let parent = match parent {
            // It lies where nothing is.
            Err(code) if upserts => {
                self.is_open(code);
                if under_itself {
                    self.is_open("cycle");
                }
                Ok(Some(Some(self.id())))
            }
            parent => parent,
        };
        if moves && guid.is_none() {
            return Err("invalid-object");
        }
        let by_guid = self.pages.iter().find(|page| guid.is_some() && page.site == site && page.guid == guid);
        // A page that was given another GUID has the path for itself.
        let by_path = || {
            let parent = parent.ok()?.flatten();
            let at = self.pages.iter().find(|page| page.site == site && page.parent == parent && key(&page.alias) == key(doc.alias));
            at.filter(|page| guid.is_none() || page.guid.is_none())
        };
        let found = if moves { by_guid } else { by_guid.or_else(by_path) };
        let found = found.cloned();
        let mut page = match (found, upserts) {
            (Some(page), true) => Page { guid: guid.clone().or(page.guid), ..page },
            (Some(page), false) => page,
            (None, false) if deletes => return Ok(()),
            (None, false) => {
                parent.err().into_iter().for_each(|code| self.is_open(code));
                if moves && parent == Ok(None) {
                    self.is_open("invalid-object");
                }
                return Err("page-missing");
            }
            (None, true) => {
                let (id, parent, alias) = (self.id(), parent?.flatten(), doc.alias.to_owned());
                Page { id, site, of: doc.of, guid: guid.clone(), parent, alias, order: None, cultures: BTreeMap::new() }
            }
        };
        if deletes {
            return self.delete_page(page, culture, task_type == TaskType::DeleteAllCultures);
        }
        if task_type == TaskType::ArchiveDocument {
            let version = page.cultures.get_mut(culture).ok_or("page-missing")?;
            (version.published, version.archived) = (false, true);
            return self.put(page);
        }
        if moves && parent == Ok(None) {
            return Err("invalid-object");
        }
        if upserts && page.of != doc.of {
            return Err("invalid-object");
        }
        if upserts {
            page.alias = doc.alias.to_owned();
        }
        if let Some(to) = parent? {
            let mut above = to;
            let mut seen = BTreeSet::from([page.id]);
            while let Some(id) = above {
                if !seen.insert(id) {
                    self.is_open("cycle");
                    break;
                }
                above = self.pages.iter().find(|page| page.id == id).and_then(|page| page.parent);
            }
            page.parent = to;
        }
        if self.pages.iter().any(|o| o.id != page.id && o.site == site && o.parent == page.parent && key(&o.alias) == key(&page.alias)) {
            self.is_open("path-taken");
        }
        page.order = doc.order.or(page.order);
        if upserts {
            let mut version = page.cultures.remove(culture).unwrap_or_default();
            version.name = doc.name.clone();
            version.published = doc.published.unwrap_or(version.published) || task_type == TaskType::PublishDocument;
            version.archived &= !version.published;
            self.merge(doc.of, &mut version.fields, &[("author", doc.author.clone())])?;
            page.cultures.insert(culture, version);
        }
        self.put(page)
    }

    fn put(&mut self, page: Page) -> Result<(), Code> {
        self.pages.retain(|other| other.id != page.id);
        self.pages.push(page);
        Ok(())
    }

    fn delete_page(&mut self, mut page: Page, culture: &str, all: bool) -> Result<(), Code> {
        if !all && (page.cultures.len() > 1 || !page.cultures.contains_key(culture)) {
            page.cultures.remove(culture);
            return self.put(page);
        }
        if self.pages.iter().any(|other| other.parent == Some(page.id)) {
            self.is_open("page-has-children");
        }
        self.pages.retain(|other| other.id != page.id);
        Ok(())
    }
}
