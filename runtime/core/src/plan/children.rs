//! Children and bindings of a `snapshot` (§6).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::key::ObjectsKey;
use crate::model::{Completeness, ObjectType};
use crate::plan::binding::{BindingWork, What};
use crate::plan::scope::{Lies, Parent};
use crate::plan::{Step, Stop, all_loaded, gathered};
use crate::prepared::{Child, InfoObject};
use crate::rows::{ObjectId, ObjectRow, Scope, Target};
use crate::validate::invalid;

impl<'a> Step<'a, '_> {
    /// Objects are written, then what is declared `complete` and missing from the data is deleted. Bindings wait
    /// until all have acted, so that they may point to whatever is written.
    pub(super) fn children(&mut self, declared: &'a ObjectType, main: &Arc<ObjectRow>, object: &'a InfoObject) -> Result<(), Stop> {
        let model = self.model;
        let mut owners: Vec<(&'a ObjectType, Arc<ObjectRow>)> = vec![(declared, main.clone())];
        let mut rows: BTreeMap<usize, Option<(&'a ObjectType, Arc<ObjectRow>)>> = BTreeMap::new();
        // What is missing is gathered, level by level, and loaded at once.
        let mut to_load = Vec::new();
        let mut kept: BTreeSet<ObjectId> = BTreeSet::new();
        for wants_binding in [false, true] {
            for (at, child) in object.children.iter().enumerate() {
                let Some(child_type) = model.object_type(&child.row.object_type) else { continue };
                if child_type.is_binding() != wants_binding {
                    continue;
                }
                let place = format!("children[{at}].");
                let owner = match child.parent {
                    None => Some((declared, main.clone())),
                    Some(parent) => match rows.get(&(parent as usize)) {
                        Some(row) => row.clone(),
                        None => return Err(invalid("a child cannot belong to a binding").at(format!("{place}parent")).into()),
                    },
                };
                // Its owner is not written, or not loaded yet: neither is it.
                let Some((owner_type, owner)) = owner else {
                    rows.insert(at, None);
                    continue;
                };
                let completeness = owner_type.children.iter().find(|c| c.name == child_type.name).map(|c| c.completeness);
                match completeness {
                    None => {
                        let message = format!("type {} declares no children of type {}", owner_type.name, child_type.name);
                        return Err(invalid(message).at(place.trim_end_matches('.')).into());
                    }
                    Some(Completeness::None) => {
                        rows.insert(at, None);
                    }
                    Some(_) if wants_binding => {
                        let what = What::Put { row: &child.row, in_list: true, place };
                        let owner = Some(Target::Object(owner.id));
                        self.notes.bindings.push(BindingWork { at: self.at, declared: child_type, what, owner });
                    }
                    Some(_) => {
                        let row = self.child(child_type, child, &owner, &place);
                        let row = gathered(&mut to_load, row)?.map(|row| (child_type, row));
                        kept.extend(row.iter().map(|(_, row)| row.id));
                        owners.extend(row.clone());
                        rows.insert(at, row);
                    }
                }
            }
        }
        all_loaded(to_load)?;
        let mut to_load = Vec::new();
        for (owner_type, owner) in owners {
            let deleted = self.delete_missing(owner_type, &owner, &kept);
            gathered(&mut to_load, deleted)?;
        }
        all_loaded(to_load)
    }

    fn child(&mut self, child_type: &'a ObjectType, child: &'a Child, owner: &ObjectRow, place: &str) -> Result<Arc<ObjectRow>, Stop> {
        let site = if child_type.site_bound { owner.scope.site.clone().or_else(|| self.about.site.cloned()) } else { None };
        let scope = Scope { site, parent: Some(owner.id), group: None };
        self.upsert(child_type, &child.row, Lies { scope, parent: Parent::Row(owner.id), ..Lies::default() }, None, place)
    }

    /// Deletes children that a complete list does not state; bindings when all have acted. What is not stated is
    /// to be left alone (§7.5).
    fn delete_missing(&mut self, owner_type: &'a ObjectType, owner: &ObjectRow, kept: &BTreeSet<ObjectId>) -> Result<(), Stop> {
        for child in owner_type.children.iter().filter(|child| child.completeness == Completeness::Complete) {
            let Some(child_type) = self.model.object_type(&child.name) else { continue };
            if child_type.is_binding() {
                let owner = Some(Target::Object(owner.id));
                self.notes.bindings.push(BindingWork { at: self.at, declared: child_type, what: What::List, owner });
                continue;
            }
            let stored = self.ask(&ObjectsKey::Children(owner.id, child.name.clone()))?;
            self.bounded(stored.len())?;
            for row in stored.into_iter().filter(|row| !kept.contains(&row.id)) {
                self.delete_object(row)?;
            }
        }
        Ok(())
    }
}
