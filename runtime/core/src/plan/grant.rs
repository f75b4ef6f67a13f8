//! The one check of what is written (promise 3): every change of a plan passes it on its way into the
//! plan, by type, subtree and site, where the row was and where it will be.
//!
//! Two things follow from a granted delete by the content model, and are not asked for again: an
//! optional reference to what goes is cleared, and a binding of what goes is deleted, wherever they
//! are. Children are rows of their own: they are asked for.

use crate::change::Change;
use crate::failure::{Code, Failure};
use crate::key::{ObjectKey, PageKey};
use crate::names::{CodeName, SiteName, TypeName};
use crate::plan::{Step, Stop};
use crate::rows::{ObjectId, PageRow, Scope, Target};

/// Parents of parents of an object or a page. What lies deeper is not written to: where it is was not
/// found out, and what is not known to be granted is not.
const DEPTH_MAX: usize = 1_000;

fn too_deep() -> Stop {
    Failure::new(Code::WriteDenied, format!("the connector may not write there: more than {DEPTH_MAX} parents lie above it")).into()
}

/// Why a row changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Because {
    /// The task says so: it must be granted.
    Asked,
    /// It follows from a granted delete by the content model.
    GrantedDelete,
}

impl Step<'_, '_> {
    /// Whether the change is granted: the row as it was and as it will be.
    pub(super) fn may_change(&mut self, change: &Change) -> Result<(), Stop> {
        match change {
            Change::Object(before, after) => {
                if let Some(row) = before {
                    self.may_write_object(&row.object_type, &row.scope)?;
                }
                if let Some(row) = after
                    && before.as_ref().is_none_or(|before| before.scope != row.scope)
                {
                    self.may_write_object(&row.object_type, &row.scope)?;
                }
                match (before, after) {
                    (Some(before), Some(after)) => self.may_bind_to(before.sites.symmetric_difference(&after.sites)),
                    (None, Some(row)) => self.may_bind_to(row.sites.iter()),
                    // A global object is in no site: its type is granted as a whole.
                    _ => Ok(()),
                }
            }
            Change::Page(before, after) => {
                if let Some(row) = before {
                    self.may_write_page(row)?;
                }
                match after {
                    Some(row) if !before.as_ref().is_some_and(|before| before.parent == row.parent && before.alias == row.alias) => {
                        self.may_write_page(row)
                    }
                    _ => Ok(()),
                }
            }
            // What follows from rows that are granted.
            Change::Loose(..) | Change::Former(..) | Change::Tomb(..) => Ok(()),
            // What a binding binds never changes.
            Change::Binding(before, after) => match after.as_ref().or(before.as_ref()) {
                Some(row) => self.may_write_binding(&row.binding_type, &row.binds),
                None => Ok(()),
            },
        }
    }

    /// Whether objects or bindings of this type may be written at all.
    pub(super) fn may_write_type(&self, name: &TypeName) -> Result<(), Stop> {
        Ok(self.limits.write.object_type(name)?)
    }

    /// Whether an object of this type may be written in this scope: it is in its own site or, without
    /// one, in that of its parent.
    pub(super) fn may_write_object(&mut self, object_type: &TypeName, scope: &Scope) -> Result<(), Stop> {
        self.may_write_type(object_type)?;
        if let Some(site) = &scope.site {
            return Ok(self.limits.write.site(site)?);
        }
        let mut above = scope.parent;
        for _ in 0..DEPTH_MAX {
            let Some(parent) = above else { return Ok(()) };
            let scope = self.scope_of(parent)?;
            if let Some(site) = &scope.site {
                return Ok(self.limits.write.site(site)?);
            }
            above = scope.parent;
        }
        Err(too_deep())
    }

    pub(super) fn scope_of(&mut self, id: ObjectId) -> Result<Scope, Stop> {
        Ok(self.ask(&ObjectKey::Id(id))?.map(|row| row.scope.clone()).unwrap_or_default())
    }

    fn may_bind_to<'n>(&self, sites: impl Iterator<Item = &'n SiteName>) -> Result<(), Stop> {
        for site in sites {
            self.limits.write.site(site)?;
        }
        Ok(())
    }

    /// Whether a binding of this type may be written: it is wherever something is that it binds.
    pub(super) fn may_write_binding(&mut self, binding_type: &TypeName, binds: &[Target]) -> Result<(), Stop> {
        self.may_write_type(binding_type)?;
        for target in binds {
            match target {
                Target::Object(id) => {
                    let scope = self.scope_of(*id)?;
                    self.may_write_object(binding_type, &scope)?;
                }
                Target::Page(id) => {
                    if let Some(row) = self.ask(&PageKey::Id(*id))? {
                        self.may_write_page(&row)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether the page may be written where it is. The pages below it are below whatever it is below.
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
            let Some(above) = self.ask(&PageKey::Id(id))? else { break };
            path.push(above.alias.clone());
            parent = above.parent;
        }
        path.reverse();
        Ok(path)
    }
}
