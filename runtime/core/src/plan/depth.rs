//! How deep trees may be: pages under pages, and objects of a type that nests. Whoever walks up to a
//! root, or down from one, ends.

use std::sync::Arc;

use crate::failure::{Code, Failure};
use crate::key::{ANSWER_IDS_MAX, Key, PageKey, PagesUnder};
use crate::model::ObjectType;
use crate::plan::{Step, Stop};
use crate::rows::{NodeId, PageRow, Scope};

/// Deepest tree of pages, and of objects.
const DEPTH_MAX: usize = 100;

fn cycle(message: String) -> Stop {
    Failure::new(Code::Cycle, message).at("parent").into()
}

impl Step<'_, '_> {
    /// Whether a page may go under a parent with everything below it: not under itself or its own
    /// descendant, and not so deep that a page would lie deeper than the deepest may (`cycle`).
    pub(super) fn may_go_under(&mut self, page: NodeId, before: Option<&Arc<PageRow>>, parent: Option<NodeId>) -> Result<(), Stop> {
        let mut depth = 1;
        let mut at = parent;
        while let Some(id) = at {
            if id == page {
                return Err(cycle("the page cannot go under itself or its own descendant".to_owned()));
            }
            depth += 1;
            if depth > DEPTH_MAX {
                return Err(cycle(format!("the page would lie deeper than {DEPTH_MAX} steps")));
            }
            at = self.ask(&PageKey::Id(id))?.and_then(|row| row.parent);
        }
        match before {
            Some(before) => self.tree_fits(before, depth),
            None => Ok(()),
        }
    }

    /// Whether everything below a stored page still fits when the page itself lies so deep.
    fn tree_fits(&mut self, page: &PageRow, depth: usize) -> Result<(), Stop> {
        // What does not go deeper need not be looked at: it fits now.
        let mut was = 1;
        let mut at = page.parent;
        while let Some(id) = at
            && was < depth
        {
            was += 1;
            at = self.ask(&PageKey::Id(id))?.and_then(|row| row.parent);
        }
        if was >= depth {
            return Ok(());
        }
        let mut level = vec![page.id];
        let mut looked_at = 0;
        for _ in depth..=DEPTH_MAX {
            let keys: Vec<Key> = level.iter().map(|id| PagesUnder(*id).into()).collect();
            self.want(&keys)?;
            for above in std::mem::take(&mut level) {
                level.extend(self.ask(&PagesUnder(above))?);
            }
            if level.is_empty() {
                return Ok(());
            }
            looked_at += level.len();
            if looked_at > ANSWER_IDS_MAX {
                let message = format!("more than {ANSWER_IDS_MAX} pages lie below the page, and all would go deeper: move it in parts");
                return Err(Failure::new(Code::TooManyRows, message).into());
            }
        }
        Err(cycle(format!("pages below the page would lie deeper than {DEPTH_MAX} steps")))
    }

    /// Whether a new object may go under its parent (`cycle`).
    pub(super) fn may_nest(&mut self, declared: &ObjectType, scope: &Scope) -> Result<(), Stop> {
        // Types that do not nest end by themselves.
        if scope.parent.is_none() || !self.nests(declared) {
            return Ok(());
        }
        let mut depth = 1;
        let mut at = scope.parent;
        while let Some(id) = at {
            depth += 1;
            if depth > DEPTH_MAX {
                return Err(cycle(format!("the object would lie deeper than {DEPTH_MAX} parents")));
            }
            at = self.scope_of(id)?.parent;
        }
        Ok(())
    }

    /// Whether the parent types above a type come round to one of them again.
    fn nests(&self, declared: &ObjectType) -> bool {
        let mut above = Some(declared);
        for _ in 0..=self.model.object_types.len() {
            let Some(declared) = above else { return false };
            above = declared.parent.as_ref().and_then(|name| self.model.object_type(name));
        }
        true
    }
}
