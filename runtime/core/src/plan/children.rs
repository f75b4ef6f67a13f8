//! Children and bindings of a `snapshot` (§6).

use std::collections::{BTreeMap, BTreeSet};

use crate::key::ObjectsKey;
use crate::model::{Completeness, ObjectType};
use crate::names::TypeName;
use crate::plan::binding::{BindingWork, What};
use crate::plan::object::{Beside, Put};
use crate::plan::scope::{Lies, Parent};
use crate::plan::{Step, Stop, all_loaded, gathered};
use crate::prepared::{Child, InfoObject, Lists};
use crate::rows::{ObjectId, ObjectRow, Scope, Target};
use crate::task::DataType;
use crate::validate::invalid;

impl<'a> Step<'a, '_> {
    /// Objects are written, then what is declared `complete` and missing from the data is deleted. Bindings wait
    /// until all have acted, so that they may point to whatever is written.
    pub(super) fn children(&mut self, declared: &'a ObjectType, main: Put<'a>, object: &'a InfoObject) -> Result<(), Stop> {
        let model = self.model;
        let stated = object.lists();
        let mut owners: Vec<(&'a ObjectType, Put<'a>)> = vec![(declared, main.clone())];
        let mut rows: BTreeMap<usize, Option<(&'a ObjectType, Put<'a>)>> = BTreeMap::new();
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
                    // What is newer stays (§7.4).
                    Some(completeness) if completeness == Completeness::None || !owner.lists.contains(&&child_type.name) => {
                        rows.insert(at, None);
                    }
                    Some(_) if wants_binding => {
                        let what = What::Put { row: &child.row, in_list: true, place };
                        let owner = Some(Target::Object(owner.row.id));
                        self.notes.bindings.push(BindingWork { at: self.at, declared: child_type, what, owner });
                    }
                    Some(_) => {
                        let lists = self.lists(child_type, &stated, u32::try_from(at).ok());
                        let row = self.child(child_type, child, &owner.row, Beside { lists, place: &place, ..Beside::default() });
                        let row = gathered(&mut to_load, row)?.map(|row| (child_type, row));
                        kept.extend(row.iter().map(|(_, put)| put.row.id));
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

    /// Types of which the task states the children of one of its rows (`None`: of the main one). What is not
    /// stated is left alone (§7.5).
    pub(super) fn lists(&self, declared: &'a ObjectType, lists: &Lists<'_>, row: Option<u32>) -> Vec<&'a TypeName> {
        if self.about.data_type != DataType::Snapshot {
            return Vec::new();
        }
        let listed = declared.children.iter().filter(|child| child.completeness != Completeness::None);
        listed.map(|child| &child.name).filter(|child_type| lists.state(row, child_type)).collect()
    }

    /// Tells how many children and bindings the data type leaves unread (§6).
    pub(super) fn leaves_unread(&mut self, object: &InfoObject) {
        let is_binding = |child: &&Child| self.model.object_type(&child.row.object_type).is_some_and(ObjectType::is_binding);
        let bindings = object.children.iter().filter(is_binding).count();
        let children = object.children.len() - bindings;
        let counted = |count: usize, one: &str, many: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            count => Some(format!("{count} {many}")),
        };
        let parts = [counted(children, "child", "children"), counted(bindings, "binding", "bindings")];
        let unread = parts.into_iter().flatten().collect::<Vec<_>>().join(" and ");
        if !unread.is_empty() {
            let data_type = self.about.data_type;
            self.warn(
                "children-unread",
                format!("the data type {data_type} leaves {unread} unread: submit a snapshot to have them written"),
            );
        }
    }

    fn child(&mut self, child_type: &'a ObjectType, child: &'a Child, owner: &ObjectRow, beside: Beside<'a, '_>) -> Result<Put<'a>, Stop> {
        let site = if child_type.site_bound { owner.scope.site.clone().or_else(|| self.about.site.cloned()) } else { None };
        let scope = Scope { site, parent: Some(owner.id), group: None };
        self.upsert(child_type, &child.row, Lies { scope, parent: Parent::Row(owner.id), ..Lies::default() }, beside)
    }

    /// Deletes children that a complete list does not state; bindings when all have acted.
    fn delete_missing(&mut self, owner_type: &'a ObjectType, owner: &Put<'a>, kept: &BTreeSet<ObjectId>) -> Result<(), Stop> {
        let complete = owner_type.children.iter().filter(|child| child.completeness == Completeness::Complete);
        for child in complete.filter(|child| owner.lists.contains(&&child.name)) {
            let Some(child_type) = self.model.object_type(&child.name) else { continue };
            if child_type.is_binding() {
                let owner = Some(Target::Object(owner.row.id));
                self.notes.bindings.push(BindingWork { at: self.at, declared: child_type, what: What::List, owner });
                continue;
            }
            let stored = self.ask(&ObjectsKey::Children(owner.row.id, child.name.clone()))?;
            self.bounded(stored.len())?;
            for row in stored.into_iter().filter(|row| !kept.contains(&row.id)) {
                self.delete_object(row)?;
            }
        }
        Ok(())
    }
}
