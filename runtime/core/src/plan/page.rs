//! Pages: upsert of one culture version, publishing, moving (§5, §7.3).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::failure::{Code, Failure};
use crate::key::{Key, PageKey};
use crate::mark::brings_guid;
use crate::model::PageType;
use crate::names::{CodeName, SiteName};
use crate::plan::fields::{Held, Site};
use crate::plan::gone::GoneRow;
use crate::plan::grant::Because;
use crate::plan::identity::any_page;
use crate::plan::newer::{ALIAS, Age, ORDER, PARENT, PUBLISHED, page_tomb, stated};
use crate::plan::open::Open;
use crate::plan::page_place::Under;
use crate::plan::{Step, Stop, shared};
use crate::prepared::TreeNode;
use crate::rows::{CultureVersion, Links, Newer, NodeId, PageRow, RowId};
use crate::task::TaskType;
use crate::validate::invalid;

/// The page that a task means.
#[derive(Default)]
pub(super) struct ExistingPage {
    pub(super) row: Option<Arc<PageRow>>,
    /// Another page has the path.
    pub(super) taken: bool,
}

impl<'a> Step<'a, '_> {
    pub(super) fn page_task(&mut self, page: &'a TreeNode) -> Result<(), Stop> {
        let Some(declared) = self.model.page_type(&page.class_name) else {
            return Err(invalid(format!("the content model declares no page type {}", page.class_name)).into());
        };
        let site = match self.site(page.site.as_ref())? {
            Some(site) => site,
            None => match self.about.site {
                Some(site) => site.clone(),
                None => return Err(invalid("a page belongs to a site, and neither the task nor the page names one").at("site").into()),
            },
        };
        self.about.limits.write.site(&site)?;
        let cultures = self.model.sites.get(&site).map(|site| site.cultures.as_slice()).unwrap_or_default();
        if !cultures.contains(&page.culture) {
            return Err(invalid(format!("site {site} declares no culture {}", page.culture)).at("culture").into());
        }
        match self.about.task_type {
            TaskType::DeleteDocument | TaskType::DeleteAllCultures => self.delete_page_task(declared, &site, page),
            TaskType::ArchiveDocument => self.archive(declared, &site, page),
            TaskType::MoveDocument => self.move_page(declared, &site, page),
            _ => self.upsert_page(declared, &site, page),
        }
    }

    /// The page that exists for this: by node GUID, else by alias path, unless the page there was given another
    /// GUID (§7.3).
    pub(super) fn existing_page(&mut self, site: &SiteName, page: &TreeNode, under: &Under) -> Result<ExistingPage, Stop> {
        if let Some(guid) = page.node_guid
            && let Some(row) = self.ask(&PageKey::Guid(site.clone(), guid))?
        {
            return Ok(ExistingPage { row: Some(row), taken: false });
        }
        let Some(key) = alias_key(site, page, under) else { return Ok(ExistingPage::default()) };
        Ok(match self.ask(&key)? {
            Some(row) if page.node_guid.is_some() && row.guid_given => ExistingPage { row: None, taken: true },
            row => ExistingPage { row, taken: false },
        })
    }

    fn upsert_page(&mut self, declared: &'a PageType, site: &SiteName, page: &'a TreeNode) -> Result<(), Stop> {
        let under = self.under(site, page.parent.as_ref())?;
        let version = stated(declared.newer_by.as_ref(), &page.fields);
        // What was deleted since does not come back (§7.4).
        if self.is_buried(page_tomb(page, &page.culture, site, alias_key(site, page, &under)), version.as_ref())? {
            self.planned.superseded = true;
            return Ok(());
        }
        let existing = self.existing_page(site, page, &under)?;
        let under = match under {
            // By its path alone nobody knows which page is meant.
            Under::Open(open) if page.node_guid.is_none() => return Err((*open).into()),
            under => under,
        };
        let before = existing.row;
        let mut age = Age::new(version, before.as_ref().and_then(|row| row.cultures.get(&page.culture)).map(|version| &version.newer));
        let mut after = match &before {
            Some(row) => (**row).clone(),
            None => self.new_page(site, page, &under)?,
        };
        if after.class_name != page.class_name {
            return Err(invalid(format!("the page is a {} and cannot become a {}", after.class_name, page.class_name))
                .at("class_name")
                .into());
        }
        if let Some(guid) = page.node_guid {
            after.guid = guid;
            after.guid_given = true;
        }
        let mut version = after.cultures.remove(&page.culture).unwrap_or_else(|| CultureVersion {
            name: page.name.clone(),
            published: false,
            archived: false,
            fields: BTreeMap::new(),
            links: Links::new(),
            newer: Newer::default(),
        });
        age.writes_row(&mut version.newer);
        if !age.is_older() {
            version.name = page.name.clone();
        }
        if let Some(alias) = page.alias.as_ref().filter(|_| age.writes(&mut version.newer, ALIAS)) {
            after.alias = alias.clone();
        }
        // What is not known yet is put right when all have acted.
        let moves = page.parent.is_some() && age.writes(&mut version.newer, PARENT);
        let under = if moves { under } else { Under::Unsaid };
        if let Under::Known(parent) = under {
            after.parent = parent;
        }
        if page.order.is_some() && age.writes(&mut version.newer, ORDER) {
            after.order = page.order;
        }
        let published = if self.about.task_type == TaskType::PublishDocument { Some(true) } else { page.published };
        if let Some(published) = published.filter(|_| age.writes(&mut version.newer, PUBLISHED)) {
            version.published = published;
            version.archived &= !published;
        }
        let given = age.fields(&mut version.newer, &page.fields);
        if age.is_superseded() {
            self.planned.superseded = true;
            return Ok(());
        }
        let fields = Site { row: RowId::Page(after.id), culture: Some(&page.culture), place: "" };
        let mut held = Held { fields: &mut version.fields, links: &mut version.links };
        self.merge(&fields, &mut held, &given, &declared.fields)?;
        after.cultures.insert(page.culture.clone(), version);
        if moves {
            self.note_under(after.id, &under, page.parent.as_ref());
        }
        self.goes_to(&after, before.as_ref(), existing.taken, &under)?;
        self.put_page(before, after, Some(&page.culture), Because::Asked)
    }

    /// A page that comes or goes elsewhere: its place and its path are judged when all have acted.
    pub(super) fn goes_to(&mut self, after: &PageRow, before: Option<&Arc<PageRow>>, taken: bool, under: &Under) -> Result<(), Stop> {
        let stays = before.is_some_and(|before| before.parent == after.parent && before.alias == after.alias);
        if !stays || matches!(under, Under::Open(_)) {
            self.note_placed_page(after, before);
        }
        if let (Under::Open(_), Some(before)) = (under, before) {
            let path = PageKey::Alias(before.site.clone(), before.parent, shared(before.alias.key()));
            let child = before.parent.map(PageKey::ChildOf);
            let leaves = [PageKey::Id(before.id), path].into_iter().chain(child).map(|key| Key::from(key).mark());
            self.notes.leaves.extend(leaves.map(|mark| (self.at, mark)));
        }
        let taken = taken || (!stays && self.is_path_taken(after)?);
        if taken || self.is_group() {
            self.notes.named.push((RowId::Page(after.id), self.at));
        }
        Ok(())
    }

    fn is_path_taken(&mut self, row: &PageRow) -> Result<bool, Stop> {
        let other = self.ask(&PageKey::Alias(row.site.clone(), row.parent, shared(row.alias.key())))?;
        Ok(other.is_some_and(|other| other.id != row.id))
    }

    fn new_page(&mut self, site: &SiteName, page: &TreeNode, under: &Under) -> Result<PageRow, Stop> {
        let Some(alias) = alias_of(page) else {
            return Err(invalid("a new page needs an alias, or a name that one can be made from").at("alias").into());
        };
        // A delete followed by a create of the same identity is a replacement (§5).
        let revived = self.revived_page(site, page, under);
        let (id, made_up, created_ms) = match &revived {
            Some(row) => (row.id, Some(row.guid), row.created_ms),
            None => (NodeId(self.new_id()?), None, self.now_ms),
        };
        Ok(PageRow {
            id,
            site: site.clone(),
            class_name: page.class_name.clone(),
            guid: page.node_guid.or(made_up).unwrap_or_else(|| self.new_guid()),
            guid_given: page.node_guid.is_some(),
            parent: match under {
                Under::Known(parent) => *parent,
                Under::Unsaid => None,
                // Under a page that never is: nobody finds it by a path before it is known where it lies, itself included.
                Under::Open(_) => Some(NodeId(self.new_id()?)),
            },
            alias,
            order: None,
            cultures: BTreeMap::new(),
            created_ms,
            modified_ms: self.now_ms,
        })
    }

    fn revived_page(&mut self, site: &SiteName, page: &TreeNode, under: &Under) -> Option<Arc<PageRow>> {
        if self.notes.gone.is_empty() {
            return None;
        }
        let by_guid = page.node_guid.map(|guid| PageKey::Guid(site.clone(), guid));
        let keys = by_guid.into_iter().chain(alias_key(site, page, under)).map(Key::from);
        let row = keys.into_iter().find_map(|key| self.notes.gone_by.remove(&key))?;
        match self.notes.gone.remove(&row)?.row {
            GoneRow::Page(row) => {
                self.again = true;
                // It comes back without some of its cultures.
                self.has_gone_culture(row.clone());
                Some(row)
            }
            GoneRow::Object(_) | GoneRow::Culture(_) => None,
        }
    }

    fn move_page(&mut self, declared: &PageType, site: &SiteName, page: &'a TreeNode) -> Result<(), Stop> {
        let Some(guid) = page.node_guid else {
            return Err(invalid("a page that is to be moved is found by its node GUID").at("node_guid").into());
        };
        if page.parent.is_none() {
            return Err(invalid("a move names the parent under which the page is to go").at("parent").into());
        }
        let version = stated(declared.newer_by.as_ref(), &page.fields);
        if self.is_buried(page_tomb(page, &page.culture, site, None), version.as_ref())? {
            self.planned.superseded = true;
            return Ok(());
        }
        let Some(before) = self.ask(&PageKey::Guid(site.clone(), guid))? else {
            return Err(page_missing(site, page).into());
        };
        let under = self.under(site, page.parent.as_ref())?;
        let mut after = (*before).clone();
        let mut none = Newer::default();
        let newer = after.cultures.get_mut(&page.culture).map_or(&mut none, |version| &mut version.newer);
        let mut age = Age::new(version, Some(newer));
        if !age.writes(newer, PARENT) {
            self.planned.superseded = true;
            return Ok(());
        }
        let orders = page.order.is_some() && age.writes(newer, ORDER);
        if let Under::Known(parent) = under {
            after.parent = parent;
        }
        if orders {
            after.order = page.order;
        }
        self.note_under(after.id, &under, page.parent.as_ref());
        self.goes_to(&after, Some(&before), false, &under)?;
        self.put_page(Some(before), after, Some(&page.culture), Because::Asked)
    }

    fn archive(&mut self, declared: &PageType, site: &SiteName, page: &TreeNode) -> Result<(), Stop> {
        let under = self.under(site, page.parent.as_ref())?;
        let stated = stated(declared.newer_by.as_ref(), &page.fields);
        if self.is_buried(page_tomb(page, &page.culture, site, alias_key(site, page, &under)), stated.as_ref())? {
            self.planned.superseded = true;
            return Ok(());
        }
        let Some(before) = self.existing_page(site, page, &under)?.row else {
            if let (Under::Open(open), None) = (under, page.node_guid) {
                return Err((*open).into());
            }
            return Err(page_missing(site, page).into());
        };
        let mut after = (*before).clone();
        let Some(version) = after.cultures.get_mut(&page.culture) else {
            return Err(page_missing(site, page).into());
        };
        let mut age = Age::new(stated, Some(&version.newer));
        if !age.writes(&mut version.newer, PUBLISHED) {
            self.planned.superseded = true;
            return Ok(());
        }
        version.published = false;
        version.archived = true;
        self.put_page(Some(before), after, Some(&page.culture), Because::Asked)
    }
}

/// The page that is to be archived or moved is not there: the task waits for it.
fn page_missing(site: &SiteName, page: &TreeNode) -> Open {
    let alias = page.alias.as_ref().map_or(&*page.name, CodeName::as_str);
    let message = match page.node_guid {
        Some(guid) => format!("no page '{alias}' with node GUID {guid} and culture {} is stored in site {site}", page.culture),
        None => format!("no page '{alias}' with culture {} is stored in site {site}", page.culture),
    };
    let mut open = Open::new(Failure::new(Code::PageMissing, message));
    let what = format!("page '{alias}' in culture {} of site {site}", page.culture);
    if let Some(guid) = page.node_guid {
        open.want(PageKey::Guid(site.clone(), guid), &what, None);
        if let Some(any) = any_page() {
            open.helper(brings_guid(any, guid));
        }
    } else if let Some(alias) = alias_of(page) {
        open.brings_alias(alias.key());
    }
    open
}

/// The page's path, as far as it is known.
pub(super) fn alias_key(site: &SiteName, page: &TreeNode, under: &Under) -> Option<PageKey> {
    let parent = match under {
        Under::Unsaid => None,
        Under::Known(parent) => *parent,
        Under::Open(_) => return None,
    };
    Some(PageKey::Alias(site.clone(), parent, shared(alias_of(page)?.key())))
}

/// The page's alias, or one from its name: letters and digits of any script, the rest as single hyphens.
pub(super) fn alias_of(page: &TreeNode) -> Option<CodeName> {
    if let Some(alias) = &page.alias {
        return Some(alias.clone());
    }
    let mut alias = String::new();
    for c in page.name.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            alias.push(c);
        } else if !alias.is_empty() && !alias.ends_with('-') {
            alias.push('-');
        }
    }
    CodeName::new(alias.trim_end_matches('-')).ok()
}
