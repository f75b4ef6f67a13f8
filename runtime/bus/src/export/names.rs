//! Names of rows for an export: a row is named by its ancestors, so that a name says the same in every
//! store. The length of a name is bounded, and so is the memory for the names in use (promise 5).

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::ask::ask;
use lockgate_core::key::{ObjectKey, PageKey};
use lockgate_core::ports::{Store, StoreError};
use lockgate_core::rows::Target;

/// Longest text of what lies above a row. A longer one is written as `#` and the SHA-256 of it, so that
/// two rows never get one name: no other name begins with `#`. A page that is a hundred steps deep still
/// has its path written out, if the steps have about the length of words.
const ABOVE_BYTES_MAX: usize = 4_096;
/// Memory for names that are kept, because other rows are likely to need them, too.
const KEPT_BYTES_MAX: usize = 32 << 20;
/// What a kept name takes besides its text, about.
const KEPT_OVERHEAD_BYTES: usize = 80;

/// Makes names, and keeps some of them.
pub(super) struct Names<'s> {
    store: &'s dyn Store,
    kept: Kept,
}

/// A row on the way to its name.
struct Step {
    target: Target,
    /// Where its path begins: empty, a site, or `site:`.
    root: String,
    /// What it adds to the name of what is above.
    own: String,
    parent: Above,
    group: Above,
}

enum Above {
    None,
    Unnamed(Target),
    Named(Arc<str>),
}

impl<'s> Names<'s> {
    pub(super) fn new(store: &'s dyn Store) -> Self {
        Self { store, kept: Kept::default() }
    }

    /// An object is `site/parent/type:code name`, with the code name as it compares and a group in
    /// brackets after the parent; a page is `site:/path`; a row that is gone is `?object 7`.
    pub(super) fn of(&mut self, target: Target) -> Result<Arc<str>, StoreError> {
        if let Some(name) = self.kept.get(target) {
            return Ok(name);
        }
        // A loop instead of calls within calls: chains of parents may be longer than a stack is deep.
        let (mut way, mut on_the_way) = (Vec::new(), HashSet::new());
        let mut next = Some(target);
        loop {
            let name = match next.take() {
                Some(target) => match self.kept.get(target) {
                    Some(name) => name,
                    None if on_the_way.contains(&target) => "?circle".into(),
                    None => match self.step(target)? {
                        None => gone(target),
                        Some(step) => {
                            on_the_way.insert(target);
                            next = step.unnamed();
                            way.push(step);
                            if next.is_some() {
                                continue;
                            }
                            self.finish(&mut way, &mut on_the_way)
                        }
                    },
                },
                None => self.finish(&mut way, &mut on_the_way),
            };
            let Some(below) = way.last_mut() else { return Ok(name) };
            below.take(name);
            next = below.unnamed();
        }
    }

    /// Names the last row of the way, of which everything above is named.
    fn finish(&mut self, way: &mut Vec<Step>, on_the_way: &mut HashSet<Target>) -> Arc<str> {
        let Some(step) = way.pop() else { return "".into() };
        on_the_way.remove(&step.target);
        let target = step.target;
        let name = step.name();
        self.kept.put(target, name.clone());
        name
    }

    fn step(&self, target: Target) -> Result<Option<Step>, StoreError> {
        Ok(match target {
            Target::Object(id) => ask(self.store, ObjectKey::Id(id))?.map(|row| Step {
                target,
                root: row.scope.site.as_ref().map_or(String::new(), |site| site.to_string()),
                own: format!("/{}:{}", row.object_type, row.code_name.key()),
                parent: Above::of(row.scope.parent.map(Target::Object)),
                group: Above::of(row.scope.group.map(Target::Object)),
            }),
            Target::Page(id) => ask(self.store, PageKey::Id(id))?.map(|row| Step {
                target,
                root: format!("{}:", row.site),
                own: format!("/{}", row.alias.key()),
                parent: Above::of(row.parent.map(Target::Page)),
                group: Above::None,
            }),
        })
    }
}

fn gone(target: Target) -> Arc<str> {
    match target {
        Target::Object(id) => format!("?object {id}").into(),
        Target::Page(id) => format!("?page {id}").into(),
    }
}

impl Above {
    fn of(target: Option<Target>) -> Self {
        target.map_or(Self::None, Self::Unnamed)
    }
}

impl Step {
    /// What must be named before this row.
    fn unnamed(&self) -> Option<Target> {
        [&self.parent, &self.group].into_iter().find_map(|above| match above {
            Above::Unnamed(target) => Some(*target),
            _ => None,
        })
    }

    /// The name of what `unnamed` said.
    fn take(&mut self, name: Arc<str>) {
        let above = if matches!(self.parent, Above::Unnamed(_)) { &mut self.parent } else { &mut self.group };
        *above = Above::Named(name);
    }

    fn name(self) -> Arc<str> {
        let mut name = match self.parent {
            Above::Named(parent) => parent.to_string(),
            _ => self.root,
        };
        if let Above::Named(group) = self.group {
            name.extend(["[", &group, "]"]);
        }
        if name.len() > ABOVE_BYTES_MAX {
            name = format!("#{:x}", Sha256::digest(&name));
        }
        name.push_str(&self.own);
        name.into()
    }
}

/// The names that were made last: those of two generations, of which the older one goes when the newer
/// one is full.
#[derive(Default)]
struct Kept {
    newer: HashMap<Target, Arc<str>>,
    older: HashMap<Target, Arc<str>>,
    newer_bytes: usize,
}

impl Kept {
    fn get(&mut self, target: Target) -> Option<Arc<str>> {
        if let Some(name) = self.newer.get(&target) {
            return Some(name.clone());
        }
        let name = self.older.remove(&target)?;
        self.put(target, name.clone());
        Some(name)
    }

    fn put(&mut self, target: Target, name: Arc<str>) {
        self.newer_bytes += name.len() + KEPT_OVERHEAD_BYTES;
        self.newer.insert(target, name);
        if self.newer_bytes > KEPT_BYTES_MAX / 2 {
            self.older = std::mem::take(&mut self.newer);
            self.newer_bytes = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lockgate_core::rows::ObjectId;

    #[test]
    fn names_that_are_kept_take_bounded_memory_and_those_in_use_stay() {
        let mut kept = Kept::default();
        let name: Arc<str> = "x".repeat(1_000_000).into();
        let in_use = Target::Object(ObjectId(0));
        kept.put(in_use, "in use".into());
        for id in 1..1_000 {
            kept.put(Target::Object(ObjectId(id)), name.clone());
            assert_eq!(kept.get(in_use).as_deref(), Some("in use"));
            let bytes: usize = kept.newer.values().chain(kept.older.values()).map(|name| name.len()).sum();
            assert!(bytes <= KEPT_BYTES_MAX + name.len(), "{bytes} after {id}");
        }
    }
}
