//! Pages: upsert of one culture version, publishing, moving (§5, §7.3).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::failure::{Code, Failure};
use crate::key::PageKey;
use crate::model::PageType;
use crate::names::{CodeName, SiteName};
use crate::plan::grant::Because;
use crate::plan::resolve::Sought;
use crate::plan::{Step, Stop, shared};
use crate::prepared::{PageParent, TreeNode};
use crate::rows::{CultureVersion, Links, Newer, NodeId, PageRow};
use crate::task::TaskType;
use crate::validate::invalid;

impl Step<'_, '_> {
    pub(super) fn page_task(&mut self, page: &TreeNode) -> Result<(), Stop> {
        let Some(declared) = self.model.page_type(&page.class_name) else {
            return Err(invalid(format!("the content model declares no page type {}", page.class_name)).into());
        };
        let site = match self.site(page.site.as_ref())? {
            Some(site) => site,
            None => match self.task_site() {
                Some(site) => site.clone(),
                None => return Err(invalid("a page belongs to a site, and neither the task nor the page names one").at("site").into()),
            },
        };
        self.limits.write.site(&site)?;
        let cultures = self.model.sites.get(&site).map(|site| site.cultures.as_slice()).unwrap_or_default();
        if !cultures.contains(&page.culture) {
            return Err(invalid(format!("site {site} declares no culture {}", page.culture)).at("culture").into());
        }
        match self.task.task_type {
            TaskType::DeleteDocument | TaskType::DeleteAllCultures => self.delete_page_task(&site, page),
            TaskType::ArchiveDocument => self.archive(&site, page),
            TaskType::MoveDocument => self.move_page(&site, page),
            _ => self.upsert_page(declared, &site, page),
        }
    }

    /// The page that exists for this: by node GUID, else by alias path.
    pub(super) fn existing_page(&mut self, site: &SiteName, page: &TreeNode) -> Result<Option<Arc<PageRow>>, Stop> {
        if let Some(guid) = page.node_guid {
            return self.ask(&PageKey::Guid(site.clone(), guid));
        }
        let Some(alias) = page.alias.clone().or_else(|| alias_of(&page.name)) else { return Ok(None) };
        match self.parent(site, page.parent.as_ref())? {
            Sought::Found(parent) => self.ask(&PageKey::Alias(site.clone(), parent.flatten(), shared(alias.key()))),
            Sought::Missing(_) => Ok(None),
        }
    }

    fn upsert_page(&mut self, declared: &PageType, site: &SiteName, page: &TreeNode) -> Result<(), Stop> {
        let parent = match self.parent(site, page.parent.as_ref())? {
            Sought::Found(parent) => parent,
            Sought::Missing(why) => return Err(Failure::new(Code::ParentMissing, why).at("parent").into()),
        };
        let before = self.existing_page(site, page)?;
        let mut after = match &before {
            Some(row) => (**row).clone(),
            None => self.new_page(site, page, parent.flatten())?,
        };
        if after.class_name != page.class_name {
            return Err(invalid(format!("the page is a {} and cannot become a {}", after.class_name, page.class_name))
                .at("class_name")
                .into());
        }
        if let Some(alias) = &page.alias {
            after.alias = alias.clone();
        }
        if let Some(parent) = parent {
            if before.is_none() || parent != after.parent {
                self.may_go_under(after.id, before.as_ref(), parent)?;
            }
            after.parent = parent;
        }
        self.path_is_free(&after)?;
        if page.order.is_some() {
            after.order = page.order;
        }
        let mut version = after.cultures.remove(&page.culture).unwrap_or_else(|| CultureVersion {
            name: page.name.clone(),
            published: false,
            archived: false,
            fields: BTreeMap::new(),
            links: Links::new(),
            newer: Newer::default(),
        });
        version.name = page.name.clone();
        if let Some(published) = page.published {
            version.published = published;
        }
        if self.task.task_type == TaskType::PublishDocument {
            version.published = true;
        }
        version.archived &= !version.published;
        self.merge(&mut version.fields, &page.fields, &declared.fields, None, "")?;
        after.cultures.insert(page.culture.clone(), version);
        self.put_page(before, after, Some(&page.culture), Because::Asked)
    }

    fn new_page(&mut self, site: &SiteName, page: &TreeNode, parent: Option<NodeId>) -> Result<PageRow, Stop> {
        let id = NodeId(self.new_id()?);
        let alias = match page.alias.clone().or_else(|| alias_of(&page.name)) {
            Some(alias) => alias,
            None => return Err(invalid("a new page needs an alias, or a name that one can be made from").at("alias").into()),
        };
        Ok(PageRow {
            id,
            site: site.clone(),
            class_name: page.class_name.clone(),
            guid: page.node_guid.unwrap_or_else(|| self.new_guid()),
            guid_given: page.node_guid.is_some(),
            parent,
            alias,
            order: None,
            cultures: BTreeMap::new(),
            created_ms: self.now_ms,
            modified_ms: self.now_ms,
        })
    }

    fn path_is_free(&mut self, row: &PageRow) -> Result<(), Stop> {
        match self.ask(&PageKey::Alias(row.site.clone(), row.parent, shared(row.alias.key())))? {
            Some(other) if other.id != row.id => {
                let message = format!(
                    "the path of page {} ends in {:?}, as that of page {} with node GUID {} under the same parent",
                    row.guid,
                    row.alias.as_str(),
                    other.id,
                    other.guid
                );
                Err(Failure::new(Code::PathTaken, message).at("alias").into())
            }
            _ => Ok(()),
        }
    }

    /// Where the page is to be: `None` when it does not say; `Some(None)` is the root.
    #[expect(clippy::option_option, reason = "said or not, and root or not, are different things")]
    fn parent(&mut self, site: &SiteName, parent: Option<&PageParent>) -> Result<Sought<Option<Option<NodeId>>>, Stop> {
        Ok(match parent {
            None => Sought::Found(None),
            Some(PageParent::Root) => Sought::Found(Some(None)),
            Some(PageParent::External(id, class_name)) => match self.seek_page(class_name, id)? {
                Sought::Found(found) => {
                    // In its own site only: a tree does not reach into another.
                    match self.ask(&PageKey::Id(found))? {
                        Some(row) if row.site == *site => {
                            self.planned.references_resolved += 1;
                            Sought::Found(Some(Some(found)))
                        }
                        _ => Sought::Missing(format!("the parent page {class_name} {:?} is not in site {site}", id.as_str())),
                    }
                }
                Sought::Missing(why) => Sought::Missing(format!("the parent page {class_name} {:?} is not stored ({why})", id.as_str())),
            },
            Some(PageParent::Guid(guid)) => match self.ask(&PageKey::Guid(site.clone(), *guid))? {
                Some(row) => Sought::Found(Some(Some(row.id))),
                None => Sought::Missing(format!("the parent page with node GUID {guid} is not stored in site {site}")),
            },
            Some(PageParent::Path(steps)) => {
                let mut at: Option<NodeId> = None;
                for step in steps {
                    match self.ask(&PageKey::Alias(site.clone(), at, shared(step.key())))? {
                        Some(row) => at = Some(row.id),
                        None => return Ok(Sought::Missing(format!("the parent path has a step {step} that is not stored in site {site}"))),
                    }
                }
                Sought::Found(Some(at))
            }
        })
    }

    fn move_page(&mut self, site: &SiteName, page: &TreeNode) -> Result<(), Stop> {
        let Some(guid) = page.node_guid else {
            return Err(invalid("a page that is to be moved is found by its node GUID").at("node_guid").into());
        };
        let Some(before) = self.ask(&PageKey::Guid(site.clone(), guid))? else {
            return Err(page_missing(site, page).into());
        };
        let parent = match self.parent(site, page.parent.as_ref())? {
            Sought::Found(Some(parent)) => parent,
            Sought::Found(None) => return Err(invalid("a move names the parent under which the page is to go").at("parent").into()),
            Sought::Missing(why) => return Err(Failure::new(Code::ParentMissing, why).at("parent").into()),
        };
        self.may_go_under(before.id, Some(&before), parent)?;
        let mut after = (*before).clone();
        after.parent = parent;
        if page.order.is_some() {
            after.order = page.order;
        }
        self.path_is_free(&after)?;
        self.put_page(Some(before), after, Some(&page.culture), Because::Asked)
    }

    fn archive(&mut self, site: &SiteName, page: &TreeNode) -> Result<(), Stop> {
        let Some(before) = self.existing_page(site, page)? else {
            return Err(page_missing(site, page).into());
        };
        let mut after = (*before).clone();
        let Some(version) = after.cultures.get_mut(&page.culture) else {
            return Err(page_missing(site, page).into());
        };
        version.published = false;
        version.archived = true;
        self.put_page(Some(before), after, Some(&page.culture), Because::Asked)
    }
}

fn page_missing(site: &SiteName, page: &TreeNode) -> Failure {
    let which = page
        .node_guid
        .map_or_else(|| format!("alias {:?}", page.alias.as_ref().map_or("", |alias| alias.as_str())), |guid| format!("node GUID {guid}"));
    Failure::new(Code::PageMissing, format!("no page with {which} and culture {} is stored in site {site}", page.culture))
}

/// An alias from a page's name: letters and digits of any script, the rest as single hyphens.
fn alias_of(name: &str) -> Option<CodeName> {
    let mut alias = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            alias.push(c);
        } else if !alias.is_empty() && !alias.ends_with('-') {
            alias.push('-');
        }
    }
    CodeName::new(alias.trim_end_matches('-')).ok()
}
