//! Deleting objects with what belongs to them (§5).

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::failure::{Code, Failure};
use crate::history::Action;
use crate::key::{BindingKey, Key, ObjectKey, ObjectsKey, PageKey, ReferrersOf};
use crate::model::{Need, ObjectType};
use crate::names::{FieldName, TypeName};
use crate::plan::grant::Because;
use crate::plan::resolve::{Sought, reference_of};
use crate::plan::{Step, Stop};
use crate::prepared::InfoObject;
use crate::rows::{ObjectRow, Referrer, RowId, Target, group_field};
use crate::validate::invalid;

impl Step<'_, '_> {
    pub(super) fn delete_object_task(&mut self, declared: &ObjectType, object: &InfoObject) -> Result<(), Stop> {
        match self.found(declared, object)? {
            Some(row) => self.delete_object(row),
            None => Ok(()),
        }
    }

    pub(super) fn remove_from_site_task(&mut self, declared: &ObjectType, object: &InfoObject) -> Result<(), Stop> {
        let Some(site) = self.task.site.clone() else {
            return Err(invalid("a remove-from-site task needs a site").at("site").into());
        };
        let Some(before) = self.found(declared, object)? else { return Ok(()) };
        self.limits.write.site(&site)?;
        let mut after = (*before).clone();
        after.sites.remove(&site);
        self.put_object(Some(before), after, Because::Asked).map(|_| ())
    }

    /// The object that a delete means; what is not there is a success and is said so (§5).
    fn found(&mut self, declared: &ObjectType, object: &InfoObject) -> Result<Option<Arc<ObjectRow>>, Stop> {
        let row = match self.scope(declared, object)? {
            Sought::Found(scope) => {
                // Before it is found out whether there is such an object.
                self.may_write_object(&declared.name, &scope)?;
                self.existing(declared, &object.row, &scope)?
            }
            Sought::Missing(_) => None,
        };
        if row.is_none() {
            let name = object.row.code_name.as_ref().map_or("", |name| name.as_str());
            self.written(declared.name.as_str(), name, Action::Absent);
        }
        Ok(row)
    }

    /// Deletes an object with its children, all the way down, each of which must be granted, and every
    /// binding of them. Refused while a required reference from outside points to any; optional ones
    /// are cleared.
    pub(super) fn delete_object(&mut self, main: Arc<ObjectRow>) -> Result<(), Stop> {
        let rows = self.with_descendants(main)?;
        // All of them before anything says who points to them.
        for row in &rows {
            self.may_write_object(&row.object_type, &row.scope)?;
        }
        let going: BTreeSet<RowId> = rows.iter().map(|row| RowId::Object(row.id)).collect();
        self.detach(rows.iter().map(|row| (Target::Object(row.id), row.object_type.clone(), row.code_name.to_string())), &going)?;
        for row in rows.into_iter().rev() {
            // A row may have been changed since, by the clearing of an optional reference.
            let Some(row) = self.ask(&ObjectKey::Id(row.id))? else { continue };
            self.drop_object(row, Because::Asked)?;
        }
        Ok(())
    }

    fn with_descendants(&mut self, main: Arc<ObjectRow>) -> Result<Vec<Arc<ObjectRow>>, Stop> {
        let mut rows = vec![main];
        let mut at = 0;
        while let Some(row) = rows.get(at).cloned() {
            let types: Vec<TypeName> = self.model.child_types(&row.object_type).map(|t| t.name.clone()).collect();
            for child_type in types {
                rows.extend(self.ask(&ObjectsKey::Children(row.id, child_type))?);
                self.bounded(rows.len())?;
            }
            at += 1;
        }
        // All that is asked next, at once.
        let keys: Vec<Key> =
            rows.iter().flat_map(|row| [ObjectKey::Id(row.id).into(), ReferrersOf(Target::Object(row.id)).into()]).collect();
        self.want(&keys)?;
        Ok(rows)
    }

    /// Deals with everything that points to rows that are going: bindings go too, optional
    /// references are cleared, required ones refuse.
    pub(super) fn detach(
        &mut self,
        targets: impl Iterator<Item = (Target, TypeName, String)>,
        going: &BTreeSet<RowId>,
    ) -> Result<(), Stop> {
        let mut detached = Vec::new();
        let mut all = Vec::new();
        for (target, type_name, name) in targets {
            let referrers = self.ask(&ReferrersOf(target))?;
            all.extend(referrers.iter().filter(|referrer| !going.contains(&referrer.row)).cloned());
            self.bounded(all.len())?;
            detached.push((target, type_name, name, referrers));
        }
        self.load_referrers(&all)?;
        for (target, type_name, name, referrers) in detached {
            for referrer in referrers {
                if going.contains(&referrer.row) {
                    continue;
                }
                self.detach_one(&referrer, target, &type_name, &name)?;
            }
        }
        Ok(())
    }

    fn load_referrers(&mut self, referrers: &[Referrer]) -> Result<(), Stop> {
        let keys: Vec<Key> = referrers
            .iter()
            .map(|referrer| match referrer.row {
                RowId::Object(id) => ObjectKey::Id(id).into(),
                RowId::Page(id) => PageKey::Id(id).into(),
                RowId::Binding(id) => BindingKey::Id(id).into(),
            })
            .collect();
        self.want(&keys)
    }

    fn detach_one(&mut self, referrer: &Referrer, target: Target, type_name: &TypeName, name: &str) -> Result<(), Stop> {
        match referrer.row {
            RowId::Binding(id) => match self.ask(&BindingKey::Id(id))? {
                Some(row) if row.binds.contains(&target) => self.drop_binding(row, Because::GrantedDelete),
                Some(row) => {
                    self.may_be_cleared(&row.binding_type, &referrer.field, &format!("{} {}", row.binding_type, row.id), type_name, name)?;
                    let mut after = (*row).clone();
                    after.fields.remove(&referrer.field);
                    self.put_binding(Some(row), after, Because::GrantedDelete).map(|_| ())
                }
                None => Ok(()),
            },
            RowId::Object(id) => {
                let Some(row) = self.ask(&ObjectKey::Id(id))? else { return Ok(()) };
                self.may_be_cleared(&row.object_type, &referrer.field, &format!("{} {}", row.object_type, row.code_name), type_name, name)?;
                let mut after = (*row).clone();
                after.fields.remove(&referrer.field);
                self.put_object(Some(row), after, Because::GrantedDelete).map(|_| ())
            }
            RowId::Page(id) => {
                let Some(row) = self.ask(&PageKey::Id(id))? else { return Ok(()) };
                self.may_be_cleared(&row.class_name, &referrer.field, &format!("{} {}", row.class_name, row.alias), type_name, name)?;
                let mut after = (*row).clone();
                for culture in after.cultures.values_mut() {
                    if culture.fields.get(&referrer.field).and_then(crate::value::Stored::target) == Some(target) {
                        culture.fields.remove(&referrer.field);
                    }
                }
                self.put_page(Some(row), after, None, Because::GrantedDelete)
            }
        }
    }

    fn may_be_cleared(
        &mut self,
        holder_type: &TypeName,
        field: &FieldName,
        holder: &str,
        type_name: &TypeName,
        name: &str,
    ) -> Result<(), Stop> {
        if group_field() == Some(field) {
            let message = format!("{holder} belongs to the group {type_name} {name}");
            return Err(Failure::new(Code::StillReferenced, message).at("group").into());
        }
        let declared = self.model.fields_of(holder_type).iter().find(|declared| declared.name == *field);
        let optional =
            declared.is_none_or(|field| !field.required && reference_of(field).is_none_or(|reference| reference.need == Need::Optional));
        if optional {
            self.warn("reference-cleared", format!("field {field} of {holder} pointed to {type_name} {name} and was cleared"));
            return Ok(());
        }
        let message = format!("{holder} needs {type_name} {name} in its field {field}");
        Err(Failure::new(Code::StillReferenced, message).at(field.as_str()).into())
    }
}
