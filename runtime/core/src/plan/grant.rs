//! What is about to be written is granted, or the task fails (promise 3). What follows from a granted
//! delete by the content model, rows that belong to it and references to it, is not asked for again.

use std::sync::Arc;

use crate::failure::{Code, Failure};
use crate::key::{ObjectKey, PageKey};
use crate::model::ObjectType;
use crate::names::CodeName;
use crate::plan::{Step, Stop};
use crate::rows::{ObjectId, PageRow, Scope, Target};

/// Parents of parents of an object or a page. What lies deeper is not written to: where it is was not
/// found out, and what is not known to be granted is not.
const DEPTH_MAX: usize = 1_000;

fn too_deep() -> Stop {
    Failure::new(Code::WriteDenied, format!("the connector may not write there: more than {DEPTH_MAX} parents lie above it")).into()
}

impl Step<'_, '_> {
    /// Whether objects or bindings of this type may be written at all.
    pub(super) fn may_write_type(&self, declared: &ObjectType) -> Result<(), Stop> {
        Ok(self.limits.write.object_type(&declared.name)?)
    }

    /// Whether an object of this type may be written in this scope: it is in its own site or, without
    /// one, in that of its parent.
    pub(super) fn may_write_object(&mut self, declared: &ObjectType, scope: &Scope) -> Result<(), Stop> {
        self.may_write_type(declared)?;
        self.may_write_scope(scope.clone())
    }

    fn may_write_scope(&mut self, mut scope: Scope) -> Result<(), Stop> {
        for _ in 0..DEPTH_MAX {
            if let Some(site) = &scope.site {
                return Ok(self.limits.write.site(site)?);
            }
            match scope.parent {
                None => return Ok(()),
                Some(parent) => scope = self.scope_of(parent)?,
            }
        }
        Err(too_deep())
    }

    fn scope_of(&mut self, id: ObjectId) -> Result<Scope, Stop> {
        if self.is_new(id) {
            self.view.nothing_stored(ObjectKey::Id(id), None, self.model);
        }
        Ok(self.view.ask(&ObjectKey::Id(id))?.map(|row| row.scope.clone()).unwrap_or_default())
    }

    /// Whether a binding of this type may be written: it is in the site of its owner.
    pub(super) fn may_write_binding(&mut self, declared: &ObjectType, owner: Option<&Target>) -> Result<(), Stop> {
        self.may_write_type(declared)?;
        match owner {
            Some(Target::Object(id)) => {
                let scope = self.scope_of(*id)?;
                self.may_write_scope(scope)
            }
            Some(Target::Page(id)) => match self.view.ask(&PageKey::Id(*id))? {
                Some(row) => Ok(self.limits.write.site(&row.site)?),
                None => Ok(()),
            },
            None => Ok(()),
        }
    }

    /// Whether the page may be written where it is.
    pub(super) fn may_write_page(&mut self, row: &PageRow) -> Result<(), Stop> {
        let path = self.path_of(row)?;
        Ok(self.limits.write.page(&row.site, &path)?)
    }

    /// The steps from the root to the page, its own alias last.
    fn path_of(&mut self, row: &PageRow) -> Result<Vec<CodeName>, Stop> {
        let mut path = vec![row.alias.clone()];
        let mut parent = row.parent;
        while let Some(id) = parent {
            if path.len() >= DEPTH_MAX {
                return Err(too_deep());
            }
            let Some(above) = self.view.ask(&PageKey::Id(id))? else { break };
            path.push(above.alias.clone());
            parent = above.parent;
        }
        path.reverse();
        Ok(path)
    }

    /// Whether a page may be written where it was and where it will be.
    pub(super) fn may_write_pages(&mut self, before: Option<&Arc<PageRow>>, after: &PageRow) -> Result<(), Stop> {
        if let Some(before) = before {
            self.may_write_page(before)?;
            if before.parent == after.parent && before.alias == after.alias {
                return Ok(());
            }
        }
        self.may_write_page(after)
    }
}
