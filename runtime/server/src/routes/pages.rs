//! A site's tree of pages.

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use lockgate_bus::Bus;
use lockgate_core::names::{CodeName, SiteName, path_steps};
use lockgate_core::ports::StoreError;
use lockgate_core::rows::{NodeId, PageRow, Target};

use crate::caller::{Caller, Part};
use crate::references::{self, References};
use crate::state::App;
use crate::wire::page::{BranchWire, PageWire, TreeWire};
use crate::wire::problem::Problem;

/// How far down one request may look.
const DEPTH_MAX: usize = 32;
/// Most pages in one answer.
const PAGES_MAX: usize = 10_000;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/v1/pages/{site}", get(tree))
}

async fn tree(caller: Caller, Part(site): Part<String>) -> Result<Response, Problem> {
    let query = caller.query(&["path", "depth"])?;
    let site = SiteName::new(site).map_err(|error| Problem::not_found("unknown-site", error.to_string()))?;
    let depth = query.read_as("depth", |text| {
        crate::query::up_to(text, DEPTH_MAX).ok_or_else(|| format!("{text:?} is not a whole number from 0 to {DEPTH_MAX}"))
    })?;
    let path = query.read_as("path", path_steps)?.unwrap_or_default();
    caller.json(StatusCode::OK, move |bus| read(bus, &site, &path, depth.unwrap_or(1))).await
}

fn read(bus: &Bus, site: &SiteName, path: &[CodeName], depth: usize) -> Result<TreeWire, Problem> {
    if !bus.model()?.sites.contains_key(site) {
        return Err(Problem::not_found("unknown-site", format!("no site is named {site}")));
    }
    let page = bus.page_at(site, path)?;
    if page.is_none() && !path.is_empty() {
        let path: String = path.iter().flat_map(|step| ["/", step.as_str()]).collect();
        return Err(Problem::not_found("page-not-found", format!("site {site} has no page {path}")));
    }
    let mut look = Look { bus, site, left: PAGES_MAX, truncated: false, targets: Vec::new() };
    let root = page.as_ref().map(|page| page.id);
    look.targets.extend(page.iter().flat_map(|page| references::of_page(page)));
    // The page's own path is written with the aliases as they are stored, not as they were asked.
    look.targets.extend(root.map(Target::Page));
    let branches = look.under(root, depth)?.unwrap_or_default();
    let (truncated, targets) = (look.truncated, look.targets);
    let references = References::load(bus, targets)?;
    let path = root.map_or_else(|| Some(String::new()), |id| references.path(id));
    Ok(TreeWire {
        children: branches.into_iter().map(|branch| branch.wire(path.as_deref(), &references)).collect(),
        page: page.map(|page| PageWire::new(&page, path, &references)),
        truncated,
    })
}

/// A page and what is under it; `None` where nobody looked.
struct Branch {
    page: Arc<PageRow>,
    children: Option<Vec<Branch>>,
}

/// A look into the tree, which ends after so many pages (promise 5).
struct Look<'a> {
    bus: &'a Bus,
    site: &'a SiteName,
    left: usize,
    truncated: bool,
    targets: Vec<Target>,
}

impl Look<'_> {
    /// At most [`DEPTH_MAX`] calls deep.
    fn under(&mut self, parent: Option<NodeId>, depth: usize) -> Result<Option<Vec<Branch>>, StoreError> {
        if depth == 0 {
            return Ok(None);
        }
        if self.left == 0 {
            self.truncated = true;
            return Ok(None);
        }
        let mut pages = self.bus.pages_under(self.site, parent)?;
        if pages.len() > self.left {
            pages.truncate(self.left);
            self.truncated = true;
        }
        self.left -= pages.len();
        let mut branches = Vec::with_capacity(pages.len());
        for page in pages {
            self.targets.extend(references::of_page(&page));
            let children = self.under(Some(page.id), depth - 1)?;
            branches.push(Branch { page, children });
        }
        Ok(Some(branches))
    }
}

impl Branch {
    fn wire(self, above: Option<&str>, references: &References) -> BranchWire {
        let path = above.map(|above| format!("{above}/{}", self.page.alias));
        let children = self.children.map(|branches| branches.into_iter().map(|branch| branch.wire(path.as_deref(), references)).collect());
        BranchWire { page: PageWire::new(&self.page, path, references), children }
    }
}
