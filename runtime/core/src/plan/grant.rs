//! The one check of what is written (promise 3): every change of a plan passes it on its way into the
//! plan, by type, subtree and site, where the row was and where it will be. Where a row that comes or moves
//! will be is known when all tasks have acted: it is checked then.
//!
//! What follows from a granted delete by the content model is not asked for again: an optional reference to
//! what goes is cleared, one by a name finds another row, and a binding of what goes is deleted, wherever they
//! are. Children are rows of their own: they are asked for.

use std::sync::Arc;

use crate::change::Change;
use crate::failure::{Code, Failure};
use crate::key::{ObjectKey, PageKey};
use crate::names::{CodeName, SiteName, TypeName};
use crate::plan::open::Open;
use crate::plan::{Step, Stop};
use crate::rows::{NodeId, ObjectId, PageRow, Scope, Target};

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
    /// It follows, by the content model, from what was granted.
    Follows,
}

/// As of when a place is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AsOf {
    /// As it is stored: what tasks of the group did meanwhile does not count.
    Before,
    /// As it is planned.
    Now,
}

impl Step<'_, '_> {
    /// Whether the change is granted: the row as it was, and what does not depend on its place as it will be.
    pub(super) fn may_change(&mut self, change: &Change) -> Result<(), Stop> {
        match change {
            Change::Object(before, after) => {
                if let Some(row) = before {
                    let stored = self.notes.objects_before.get(&row.id).cloned().unwrap_or_else(|| Some(row.clone()));
                    if let Some(stored) = stored {
                        self.may_lie_in(&stored.object_type, &stored.scope, AsOf::Before)?;
                    }
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
                    self.may_touch(row)?;
                }
                // Its path is judged when all have acted.
                match after {
                    Some(row) => Ok(self.about.limits.write.site(&row.site)?),
                    None => Ok(()),
                }
            }
            // What follows from rows that are granted.
            Change::Loose(..) | Change::Former(..) | Change::Tomb(..) => Ok(()),
            Change::Binding(before, after) => {
                for row in before.iter().chain(after) {
                    self.may_write_binding(&row.binding_type, &row.binds)?;
                }
                Ok(())
            }
        }
    }

    /// Whether objects or bindings of this type may be written at all.
    pub(super) fn may_write_type(&self, name: &TypeName) -> Result<(), Stop> {
        Ok(self.about.limits.write.object_type(name)?)
    }

    /// Whether an object of this type may be written in this scope: it is in its own site or, without
    /// one, in that of its parent.
    pub(super) fn may_write_object(&mut self, object_type: &TypeName, scope: &Scope) -> Result<(), Stop> {
        self.may_lie_in(object_type, scope, AsOf::Now)
    }

    fn may_lie_in(&mut self, object_type: &TypeName, scope: &Scope, as_of: AsOf) -> Result<(), Stop> {
        self.may_write_type(object_type)?;
        if let Some(site) = &scope.site {
            return Ok(self.about.limits.write.site(site)?);
        }
        let mut above = scope.parent;
        let mut seen = Vec::new();
        for _ in 0..DEPTH_MAX {
            let Some(parent) = above else { return Ok(()) };
            // While tasks act, a row may lie below itself: that is judged when all have acted.
            if seen.contains(&parent) {
                return Ok(());
            }
            seen.push(parent);
            let scope = self.scope_of(parent, as_of)?;
            if let Some(site) = &scope.site {
                return Ok(self.about.limits.write.site(site)?);
            }
            above = scope.parent;
        }
        Err(too_deep())
    }

    fn scope_of(&mut self, id: ObjectId, as_of: AsOf) -> Result<Scope, Stop> {
        if as_of == AsOf::Before
            && let Some(stored) = self.notes.objects_before.get(&id)
        {
            return Ok(stored.as_ref().map(|row| row.scope.clone()).unwrap_or_default());
        }
        Ok(self.ask(&ObjectKey::Id(id))?.map(|row| row.scope.clone()).unwrap_or_default())
    }

    fn may_bind_to<'n>(&self, sites: impl Iterator<Item = &'n SiteName>) -> Result<(), Stop> {
        for site in sites {
            self.about.limits.write.site(site)?;
        }
        Ok(())
    }

    /// Whether a binding of this type may be written: it is wherever something is that it binds.
    pub(super) fn may_write_binding(&mut self, binding_type: &TypeName, binds: &[Target]) -> Result<(), Stop> {
        self.may_write_type(binding_type)?;
        for target in binds {
            match target {
                Target::Object(id) => {
                    let scope = self.scope_of(*id, AsOf::Now)?;
                    self.may_write_object(binding_type, &scope)?;
                }
                Target::Page(id) => {
                    if let Some(row) = self.ask(&PageKey::Id(*id))? {
                        self.may_lie(&row)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether the page may be written where it is stored. One that is new lies nowhere yet.
    pub(super) fn may_touch(&mut self, row: &PageRow) -> Result<(), Stop> {
        match self.notes.pages_before.get(&row.id).cloned() {
            Some(Some(stored)) => self.may_be_at(&stored, AsOf::Before),
            Some(None) => Ok(()),
            None => self.may_be_at(row, AsOf::Before),
        }
    }

    /// Whether the page may be written where it is planned to be. The pages below it are below whatever it is
    /// below.
    pub(super) fn may_lie(&mut self, row: &PageRow) -> Result<(), Stop> {
        self.may_be_at(row, AsOf::Now)
    }

    fn may_be_at(&mut self, row: &PageRow, as_of: AsOf) -> Result<(), Stop> {
        self.about.limits.write.site(&row.site)?;
        // While a group acts, a page may lie below itself: that is judged before this is.
        let Some(up) = self.up_from(row, as_of)? else {
            return if self.is_group() && as_of == AsOf::Now { Ok(()) } else { Err(too_deep()) };
        };
        let path: Vec<CodeName> = up.iter().rev().map(|row| row.alias.clone()).chain([row.alias.clone()]).collect();
        let Err(failure) = self.about.limits.write.page(&row.site, &path) else { return Ok(()) };
        // Below the root its own alias decides, and nothing else.
        if up.is_empty() {
            return Err(failure.into());
        }
        let mut open = Open::new(failure);
        for row in &up {
            let words = self.page_words(row)?;
            open.want(PageKey::Id(row.id), &format!("{words} to lie where it is granted"), None);
            open.changed_page(row);
        }
        Err(open.into())
    }

    /// The pages above, the nearest first; `None`: itself is among them, or more than there may be.
    fn up_from(&mut self, row: &PageRow, as_of: AsOf) -> Result<Option<Vec<Arc<PageRow>>>, Stop> {
        let mut up = Vec::new();
        let mut parent = row.parent;
        while let Some(id) = parent {
            // While a group acts, a new page whose parent is not there lies under itself: it is judged in the end.
            if id == row.id || up.len() >= DEPTH_MAX {
                return Ok(None);
            }
            let Some(above) = self.page_at(id, as_of)? else { break };
            parent = above.parent;
            up.push(above);
        }
        Ok(Some(up))
    }

    fn page_at(&mut self, id: NodeId, as_of: AsOf) -> Result<Option<Arc<PageRow>>, Stop> {
        match self.notes.pages_before.get(&id) {
            Some(stored) if as_of == AsOf::Before => Ok(stored.clone()),
            _ => self.ask(&PageKey::Id(id)),
        }
    }
}
