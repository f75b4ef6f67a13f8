//! Pages of the naive model (§5, §7.3).

use std::collections::BTreeMap;

use lockgate_core::task::TaskType;

use super::naive::{Code, Id, Naive, Page, Val, key};
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
        let under_itself = matches!(doc.parent, Parent::Guid(n) if doc.guid == Some(n));
        if upserts && under_itself && parent.is_err() {
            return Err("cycle");
        }
        if upserts {
            parent?;
        }
        if moves && guid.is_none() {
            return Err("invalid-object");
        }
        let found = match (&guid, &parent) {
            (Some(guid), _) => self.pages.iter().find(|page| page.site == site && page.guid.as_ref() == Some(guid)),
            (None, Ok(parent)) => {
                let parent = parent.flatten();
                self.pages.iter().find(|page| page.site == site && page.parent == parent && key(&page.alias) == key(doc.alias))
            }
            (None, Err(_)) => None,
        };
        let found = found.cloned();
        let mut page = match (found, upserts) {
            (Some(page), _) => page,
            (None, false) => return if deletes { Ok(()) } else { Err("page-missing") },
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
            while let Some(id) = above {
                if id == page.id {
                    return Err("cycle");
                }
                above = self.pages.iter().find(|page| page.id == id).and_then(|page| page.parent);
            }
            page.parent = to;
        }
        if self.pages.iter().any(|o| o.id != page.id && o.site == site && o.parent == page.parent && key(&o.alias) == key(&page.alias)) {
            return Err("path-taken");
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
            return Err("page-has-children");
        }
        self.pages.retain(|other| other.id != page.id);
        self.detach(|val| *val == Val::Page(page.id))
    }
}
