//! Where in the tree a page is to be: its parent, by GUID, path or external id, in whatever cultures it exists
//! (§7.3).

use std::sync::Arc;

use crate::failure::{Code, Failure};
use crate::key::PageKey;
use crate::maps::HashSet;
use crate::mark::brings_guid;
use crate::names::{CodeName, SiteName};
use crate::plan::grant::Because;
use crate::plan::identity::any_page;
use crate::plan::judge::Placed;
use crate::plan::open::Open;
use crate::plan::stated::{Means, is_of};
use crate::plan::{Step, Stop, all_loaded, gathered, shared};
use crate::prepared::PageParent;
use crate::rows::{NodeId, PageRow, Stated};

/// Where a page is to be.
pub(super) enum Under {
    /// It does not say.
    Unsaid,
    /// Under this page; `None`: the root.
    Known(Option<NodeId>),
    /// Under a page that is not there.
    Open(Box<Open>),
}

/// A parent that is to be judged in the end.
#[derive(Debug, Clone)]
pub(super) struct NotedPage<'a> {
    pub(super) row: NodeId,
    pub(super) at: usize,
    pub(super) parent: &'a PageParent,
}

fn missing(message: &str) -> Failure {
    Failure::new(Code::ParentMissing, message).at("parent")
}

impl<'a> Step<'a, '_> {
    /// Where the page is to be.
    pub(super) fn under(&mut self, site: &SiteName, parent: Option<&PageParent>) -> Result<Under, Stop> {
        match parent {
            None => Ok(Under::Unsaid),
            Some(PageParent::Root) => Ok(Under::Known(None)),
            Some(PageParent::External(id, class_name)) if self.is_simple() => {
                let found = match id.as_str().parse() {
                    Ok(number) => self.ask(&PageKey::Id(NodeId(number)))?,
                    Err(_) => None,
                };
                Ok(match found.filter(|row| is_of(class_name, &row.class_name) && row.site == *site) {
                    Some(row) => self.is_under(row.id),
                    None => {
                        let mut open = Open::new(missing(&format!("no page {class_name} of site {site} has the internal id {id}")));
                        if let Ok(number) = id.as_str().parse() {
                            open.want(
                                PageKey::Id(NodeId(number)),
                                &format!("{class_name} with the internal id {number}"),
                                Some(id.as_str()),
                            );
                        }
                        Under::Open(Box::new(open))
                    }
                })
            }
            Some(PageParent::External(id, class_name)) => {
                let what = format!("the parent page {class_name} {:?}", id.as_str());
                match self.means(class_name, true, id, 0)? {
                    Means::Stated(stated) => match &*stated {
                        // In its own site only: a tree does not reach into another.
                        Stated::Page(page) if page.site == *site => {
                            self.under_guid(site, page.guid, Some(class_name), &what, Some(id.as_str()))
                        }
                        _ => Err(missing(&format!("{what} is not in site {site}")).into()),
                    },
                    Means::Nothing(why) => Err(missing(&format!("{what} is not stored ({why})")).into()),
                }
            }
            Some(PageParent::Guid(guid)) => self.under_guid(site, *guid, None, &format!("the parent page with node GUID {guid}"), None),
            Some(PageParent::Path(steps)) => self.under_path(site, steps),
        }
    }

    fn is_under(&mut self, parent: NodeId) -> Under {
        self.planned.references_resolved += 1;
        Under::Known(Some(parent))
    }

    fn under_guid(
        &mut self,
        site: &SiteName,
        guid: uuid::Uuid,
        class_name: Option<&crate::names::TypeName>,
        what: &str,
        external: Option<&str>,
    ) -> Result<Under, Stop> {
        let key = PageKey::Guid(site.clone(), guid);
        let found = self.ask(&key)?;
        if let Some(row) = &found
            && class_name.is_none_or(|class_name| is_of(class_name, &row.class_name))
        {
            return Ok(self.is_under(row.id));
        }
        let why = match found {
            Some(row) => format!("is a {}", row.class_name),
            None => format!("is not stored in site {site}"),
        };
        let mut open = Open::new(missing(&format!("{what} {why}")));
        open.want(key, what, external);
        if let Some(page) = any_page() {
            open.helper(brings_guid(page, guid));
        }
        Ok(Under::Open(Box::new(open)))
    }

    fn under_path(&mut self, site: &SiteName, steps: &[CodeName]) -> Result<Under, Stop> {
        let mut at: Option<NodeId> = None;
        let mut up: Vec<Arc<PageRow>> = Vec::new();
        for step in steps {
            let key = PageKey::Alias(site.clone(), at, shared(step.key()));
            let Some(row) = self.ask(&key)? else {
                let path = steps.iter().map(CodeName::as_str).collect::<Vec<_>>().join("/");
                let message = format!("the parent path /{path} has a step {step} that is not stored in site {site}");
                let mut open = Open::new(missing(&message));
                // Where its beginning lies may change, too.
                for row in &up {
                    let words = self.page_words(row)?;
                    open.want(PageKey::Id(row.id), &words, None);
                }
                open.want(key, &format!("page /{path} of site {site}"), None);
                open.brings_alias(step.key());
                return Ok(Under::Open(Box::new(open)));
            };
            at = Some(row.id);
            up.push(row);
        }
        Ok(match at {
            Some(parent) => self.is_under(parent),
            None => Under::Known(None),
        })
    }

    /// Notes what was stated of a page's parent, if this plan may still change the answer.
    pub(super) fn note_under(&mut self, row: NodeId, under: &Under, parent: Option<&'a PageParent>) {
        let unsure = self.is_group() || matches!(under, Under::Open(_));
        if let Some(parent) = parent.filter(|_| unsure) {
            self.notes.page_parents.push(NotedPage { row, at: self.at, parent });
        }
    }

    /// A page lies elsewhere than before.
    pub(super) fn note_placed_page(&mut self, after: &PageRow, before: Option<&Arc<PageRow>>) {
        self.notes.placed.push((Placed::Page(after.id, before.cloned()), self.at));
    }

    /// Puts every page under the parent that was stated for it last.
    pub(super) fn judge_page_parents(&mut self) -> Result<(), Stop> {
        let noted = std::mem::take(&mut self.notes.page_parents);
        let mut seen = HashSet::default();
        let mut to_load = Vec::new();
        for NotedPage { row, at, parent } in noted.iter().rev().filter(|noted| seen.insert(noted.row)) {
            self.turn(*at);
            let judged = self.judge_page_parent(*row, *at, parent);
            gathered(&mut to_load, judged)?;
        }
        all_loaded(to_load)
    }

    fn judge_page_parent(&mut self, id: NodeId, at: usize, parent: &PageParent) -> Result<(), Stop> {
        let Some(row) = self.ask(&PageKey::Id(id))? else { return Ok(()) };
        let resolved = self.planned.references_resolved;
        let above = match self.under(&row.site, Some(parent))? {
            Under::Known(above) => above,
            Under::Unsaid => return Ok(()),
            Under::Open(open) => {
                self.is_open(at, *open);
                return Ok(());
            }
        };
        if row.parent == above {
            self.planned.references_resolved = resolved;
            return Ok(());
        }
        self.again = true;
        let mut after = (*row).clone();
        after.parent = above;
        self.note_placed_page(&after, Some(&row));
        self.write_page(Some(row), after, None, Because::Follows, false)
    }
}
