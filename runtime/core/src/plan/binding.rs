//! Bindings: rows that are identified by what they bind (§7.2).

use std::collections::BTreeMap;

use crate::history::Action;
use crate::key::BindingKey;
use crate::model::ObjectType;
use crate::plan::fields::Merged;
use crate::plan::grant::Because;
use crate::plan::resolve::{Sought, reference_of};
use crate::plan::{Step, Stop};
use crate::prepared::{InfoObject, InfoRow};
use crate::rows::{BindingId, BindingRow, Fields, Links, Target};
use crate::validate::invalid;
use crate::value::{Given, Stored};

impl Step<'_, '_> {
    pub(super) fn binding_task(&mut self, declared: &ObjectType, object: &InfoObject) -> Result<(), Stop> {
        self.no_scope(declared, object)?;
        self.upsert_binding(declared, &object.row, None, "").map(|_| ())
    }

    /// Makes or updates a binding; `None` when it is not made because something it binds is missing.
    pub(super) fn upsert_binding(
        &mut self,
        declared: &ObjectType,
        given: &InfoRow,
        owner: Option<Target>,
        place: &str,
    ) -> Result<Option<BindingId>, Stop> {
        let owner_field = declared.binds.first().filter(|_| owner.is_some());
        let mut fields: Fields = BTreeMap::new();
        if let (Some(name), Some(owner)) = (owner_field, owner) {
            fields.insert(name.clone(), Stored::Reference(owner));
        }
        // What it binds comes first: it says which row is meant.
        let key_fields: Vec<_> = declared.fields.iter().filter(|f| declared.binds.contains(&f.name)).cloned().collect();
        let warned = self.planned.warnings.len();
        if self.merge(&mut fields, &given.fields, &key_fields, owner_field, place)? == Merged::NotMade {
            // One warning for one binding.
            self.planned.warnings.truncate(warned + 1);
            return Ok(None);
        }
        let mut binds = Vec::with_capacity(declared.binds.len());
        for name in &declared.binds {
            match fields.get(name).and_then(Stored::target) {
                Some(target) => binds.push(target),
                None => {
                    return Err(invalid(format!("a binding of type {} needs field {name}", declared.name))
                        .at(format!("{place}{name}"))
                        .into());
                }
            }
        }
        self.may_write_binding(&declared.name, &binds)?;
        let before = self.ask(&BindingKey::Binds(declared.name.clone(), binds.clone()))?;
        let mut after = match &before {
            Some(row) => (**row).clone(),
            None => BindingRow { id: BindingId(self.new_id()?), binding_type: declared.name.clone(), binds, fields, links: Links::new() },
        };
        let rest: Vec<_> = declared.fields.iter().filter(|f| !declared.binds.contains(&f.name)).cloned().collect();
        if self.merge(&mut after.fields, &given.fields, &rest, None, place)? == Merged::NotMade {
            return Ok(None);
        }
        self.put_binding(before, after, Because::Asked).map(Some)
    }

    pub(super) fn delete_binding_task(&mut self, declared: &ObjectType, object: &InfoObject) -> Result<(), Stop> {
        self.no_scope(declared, object)?;
        let mut binds = Vec::with_capacity(declared.binds.len());
        for name in &declared.binds {
            let given = object.row.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value);
            let (Some(field), Some(Given::Reference(Some(id)))) = (declared.field(name), given) else {
                return Err(invalid(format!("a binding of type {} is found by field {name}", declared.name)).at(name.as_str()).into());
            };
            let Some(reference) = reference_of(field) else { continue };
            let target = if reference.to_page {
                match self.seek_page(&reference.to, id)? {
                    Sought::Found(page) => Some(Target::Page(page)),
                    Sought::Missing(_) => None,
                }
            } else {
                match self.seek_object(&reference.to, id, 0)? {
                    Sought::Found(object) => Some(Target::Object(object)),
                    Sought::Missing(_) => None,
                }
            };
            match target {
                Some(target) => binds.push(target),
                // What is not stored is not bound either.
                None => {
                    self.written(declared.name.as_str(), format!("{name} {:?}", id.as_str()), Action::Absent);
                    return Ok(());
                }
            }
        }
        self.may_write_binding(&declared.name, &binds)?;
        match self.ask(&BindingKey::Binds(declared.name.clone(), binds))? {
            Some(row) => self.drop_binding(row, Because::Asked),
            None => {
                self.written(declared.name.as_str(), "", Action::Absent);
                Ok(())
            }
        }
    }

    fn no_scope(&self, declared: &ObjectType, object: &InfoObject) -> Result<(), Stop> {
        for (what, given) in [("site", &object.site), ("parent", &object.parent), ("group", &object.group)] {
            if given.is_some() {
                return Err(invalid(format!("a binding of type {} has no {what}", declared.name)).at(what).into());
            }
        }
        Ok(())
    }
}
