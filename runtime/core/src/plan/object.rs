//! Inserting and updating objects, with their children (§5, §6, §7.3).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::change::unique_values;
use crate::failure::{Code, Failure};
use crate::key::{ANSWER_ROWS_MAX, BindingsOf, Key, ObjectKey, ObjectsKey};
use crate::model::{Completeness, ObjectType};
use crate::names::{CodeName, ExternalId};
use crate::plan::grant::Because;
use crate::plan::resolve::Sought;
use crate::plan::{Step, Stop, shared};
use crate::prepared::{InfoObject, InfoRow};
use crate::rows::{BindingId, Links, Newer, ObjectId, ObjectRow, Scope, Target};
use crate::task::{DataType, TaskType};
use crate::validate::invalid;

impl Step<'_, '_> {
    pub(super) fn upsert_object_task(&mut self, declared: &ObjectType, object: &InfoObject) -> Result<(), Stop> {
        let scope = match self.scope(declared, object)? {
            Sought::Found(scope) => scope,
            Sought::Missing(why) => {
                return Err(Failure::new(Code::UnresolvedReference, why).at("parent").into());
            }
        };
        let bind_to = match self.task.task_type {
            TaskType::AddToSite => self.task.site.clone(),
            _ => None,
        };
        let row = self.upsert(declared, &object.row, scope, bind_to, "")?;
        if self.task.data_type == DataType::Snapshot {
            self.children(declared, &row, object)?;
        }
        Ok(())
    }

    /// Site, parent and group of the main object, resolved in this order (§7.1).
    pub(super) fn scope(&mut self, declared: &ObjectType, object: &InfoObject) -> Result<Sought<Scope>, Stop> {
        let named = self.site(object.site.as_ref())?;
        let site = match (declared.site_bound, named) {
            (true, Some(site)) => Some(site),
            (true, None) => match self.task_site() {
                Some(site) => Some(site.clone()),
                None => {
                    return Err(invalid(format!(
                        "objects of type {} belong to a site, and neither the task nor the object names one",
                        declared.name
                    ))
                    .at("site")
                    .into());
                }
            },
            (false, None) => None,
            (false, Some(_)) => {
                return Err(invalid(format!("objects of type {} are global and have no site", declared.name)).at("site").into());
            }
        };
        let mut scope = Scope { site, ..Scope::default() };
        for (what, of, given, place) in
            [("parent", &declared.parent, &object.parent, &mut scope.parent), ("group", &declared.group, &object.group, &mut scope.group)]
        {
            match self.relative(what, declared, of.as_ref(), given.as_ref())? {
                Sought::Found(found) => *place = found,
                Sought::Missing(why) => return Ok(Sought::Missing(why)),
            }
        }
        if declared.parent_required && scope.parent.is_none() {
            return Err(invalid(format!("an object of type {} needs a parent", declared.name)).at("parent").into());
        }
        Ok(Sought::Found(scope))
    }

    fn relative(
        &mut self,
        what: &str,
        declared: &ObjectType,
        of: Option<&crate::names::TypeName>,
        given: Option<&ExternalId>,
    ) -> Result<Sought<Option<ObjectId>>, Stop> {
        match (of, given) {
            (_, None) => Ok(Sought::Found(None)),
            (None, Some(_)) => Err(invalid(format!("objects of type {} have no {what}", declared.name)).at(what).into()),
            (Some(of), Some(id)) => Ok(match self.seek_object(of, id, 0)? {
                Sought::Found(found) => {
                    self.planned.references_resolved += 1;
                    Sought::Found(Some(found))
                }
                Sought::Missing(why) => {
                    Sought::Missing(format!("field {what} refers to {of} {:?}, which is not stored ({why})", id.as_str()))
                }
            }),
        }
    }

    /// The stored object with this identity: the GUID wins over the code name.
    pub(super) fn existing(&mut self, declared: &ObjectType, row: &InfoRow, scope: &Scope) -> Result<Option<Arc<ObjectRow>>, Stop> {
        if let Some(guid) = row.guid
            && let Some(found) = self.ask(&ObjectKey::Guid(declared.name.clone(), guid))?
        {
            return Ok(Some(found));
        }
        match &row.code_name {
            Some(name) => self.ask(&ObjectKey::Name(declared.name.clone(), scope.clone(), shared(name.key()))),
            None => Ok(None),
        }
    }

    fn upsert(
        &mut self,
        declared: &ObjectType,
        given: &InfoRow,
        scope: Scope,
        bind_to: Option<crate::names::SiteName>,
        place: &str,
    ) -> Result<Arc<ObjectRow>, Stop> {
        let Some(code_name) = given.code_name.clone() else {
            return Err(invalid(format!("an object of type {} needs a code name", declared.name)).at(format!("{place}code_name")).into());
        };
        // Before it is found out whether there is such an object.
        self.may_write_object(&declared.name, &scope)?;
        if let Some(site) = &bind_to {
            self.limits.write.site(site)?;
        }
        let before = self.existing(declared, given, &scope)?;
        let mut after = match &before {
            Some(row) => (**row).clone(),
            None => {
                self.may_nest(declared, &scope)?;
                self.new_object(declared, given, scope, &code_name)?
            }
        };
        if let Some(guid) = given.guid {
            after.guid = guid;
            after.guid_given = true;
        }
        if let Some(display_name) = &given.display_name {
            after.display_name = display_name.clone();
        }
        if after.code_name != code_name {
            self.name_is_free(declared, &after, &code_name, place)?;
        }
        after.code_name = code_name;
        after.sites.extend(bind_to);
        self.merge(&mut after.fields, &given.fields, &declared.fields, None, place)?;
        self.unique(&after, place)?;
        self.put_object(before, after, Because::Asked)
    }

    fn new_object(&mut self, declared: &ObjectType, given: &InfoRow, scope: Scope, code_name: &CodeName) -> Result<ObjectRow, Stop> {
        Ok(ObjectRow {
            id: ObjectId(self.new_id()?),
            object_type: declared.name.clone(),
            scope,
            code_name: code_name.clone(),
            guid: given.guid.unwrap_or_else(|| self.new_guid()),
            guid_given: given.guid.is_some(),
            display_name: given.display_name.clone().unwrap_or_else(|| shared(code_name.as_str())),
            sites: BTreeSet::new(),
            fields: BTreeMap::new(),
            links: Links::new(),
            newer: Newer::default(),
            created_ms: self.now_ms,
            modified_ms: self.now_ms,
        })
    }

    fn name_is_free(&mut self, declared: &ObjectType, row: &ObjectRow, name: &CodeName, place: &str) -> Result<(), Stop> {
        let key = ObjectKey::Name(declared.name.clone(), row.scope.clone(), shared(name.key()));
        match self.ask(&key)? {
            Some(other) if other.id != row.id => {
                Err(invalid(format!("the object with GUID {} cannot be named {name}: another one has this name", row.guid))
                    .at(format!("{place}code_name"))
                    .into())
            }
            _ => Ok(()),
        }
    }

    fn unique(&mut self, row: &ObjectRow, place: &str) -> Result<(), Stop> {
        let mut to_load = Vec::new();
        for (field, value) in unique_values(row, self.model) {
            match self.ask(&ObjectKey::Unique(row.object_type.clone(), field.clone(), value)) {
                Ok(Some(other)) if other.id != row.id => {
                    let message = format!("field {field} is unique, and {} {} has this value already", other.object_type, other.code_name);
                    return Err(invalid(message).at(format!("{place}{field}")).into());
                }
                Ok(_) => {}
                Err(Stop::Load(keys)) => to_load.extend(keys),
                Err(stop) => return Err(stop),
            }
        }
        if to_load.is_empty() { Ok(()) } else { Err(Stop::Load(to_load)) }
    }

    /// Children and bindings of a `snapshot`: objects first, so that bindings may point to them;
    /// then what is declared `complete` and missing from the data is deleted (§6).
    fn children(&mut self, declared: &ObjectType, main: &Arc<ObjectRow>, object: &InfoObject) -> Result<(), Stop> {
        let model = self.model;
        let mut owners: Vec<(&ObjectType, Arc<ObjectRow>)> = vec![(declared, main.clone())];
        let mut rows: BTreeMap<usize, Option<(&ObjectType, Arc<ObjectRow>)>> = BTreeMap::new();
        // What is missing is gathered, level by level, and loaded at once.
        let mut to_load = Vec::new();
        let mut kept: BTreeSet<ObjectId> = BTreeSet::new();
        let mut kept_bindings: BTreeSet<BindingId> = BTreeSet::new();
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
                        let made = self.upsert_binding(child_type, &child.row, Some(Target::Object(owner.id)), &place);
                        kept_bindings.extend(gathered(&mut to_load, made)?.flatten());
                    }
                    Some(_) => {
                        let scope = Scope {
                            site: if child_type.site_bound { owner.scope.site.clone().or_else(|| self.task.site.clone()) } else { None },
                            parent: Some(owner.id),
                            group: None,
                        };
                        let row = self.upsert(child_type, &child.row, scope, None, &place);
                        let row = gathered(&mut to_load, row)?.map(|row| (child_type, row));
                        kept.extend(row.iter().map(|(_, row)| row.id));
                        owners.extend(row.clone());
                        rows.insert(at, row);
                    }
                }
            }
        }
        if !to_load.is_empty() {
            return Err(Stop::Load(to_load));
        }
        for (owner_type, owner) in owners {
            let deleted = self.delete_missing(owner_type, &owner, &kept, &kept_bindings);
            gathered(&mut to_load, deleted)?;
        }
        if to_load.is_empty() { Ok(()) } else { Err(Stop::Load(to_load)) }
    }

    fn delete_missing(
        &mut self,
        owner_type: &ObjectType,
        owner: &ObjectRow,
        kept: &BTreeSet<ObjectId>,
        kept_bindings: &BTreeSet<BindingId>,
    ) -> Result<(), Stop> {
        for child in owner_type.children.iter().filter(|child| child.completeness == Completeness::Complete) {
            let Some(child_type) = self.model.object_type(&child.name) else { continue };
            if child_type.is_binding() {
                let stored = self.ask(&BindingsOf(child.name.clone(), Target::Object(owner.id)))?;
                self.bounded(stored.len())?;
                for row in stored.into_iter().filter(|row| !kept_bindings.contains(&row.id)) {
                    self.drop_binding(row, Because::Asked)?;
                }
            } else {
                let stored = self.ask(&ObjectsKey::Children(owner.id, child.name.clone()))?;
                self.bounded(stored.len())?;
                for row in stored.into_iter().filter(|row| !kept.contains(&row.id)) {
                    self.delete_object(row)?;
                }
            }
        }
        Ok(())
    }

    /// More rows than an answer holds cannot be dealt with in one task.
    pub(super) fn bounded(&self, rows: usize) -> Result<(), Stop> {
        let max = self.limits.rows_max.min(ANSWER_ROWS_MAX);
        if rows > max {
            return Err(Failure::new(Code::TooManyRows, format!("more than {max} rows would have to be looked at")).into());
        }
        Ok(())
    }
}

/// What a step came to; what it wants loaded goes to the others' wants.
fn gathered<T>(to_load: &mut Vec<Key>, result: Result<T, Stop>) -> Result<Option<T>, Stop> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Stop::Load(keys)) => {
            to_load.extend(keys);
            Ok(None)
        }
        Err(stop) => Err(stop),
    }
}
