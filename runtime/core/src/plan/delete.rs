//! Deleting objects with what belongs to them (§5). Who else points to them is dealt with when all have acted.

use std::sync::Arc;

use crate::history::Action;
use crate::key::{BindingKey, FormerKey, Key, ObjectKey, ObjectsKey, ReferrersOf, TombKey};
use crate::maps::HashSet;
use crate::model::ObjectType;
use crate::names::TypeName;
use crate::newer::Version;
use crate::plan::binding::{BindingWork, What};
use crate::plan::grant::Because;
use crate::plan::newer::{Age, DISPLAY_NAME, bound_to, is_bound_to, stated, take_older};
use crate::plan::scope::Lies;
use crate::plan::{Step, Stop};
use crate::prepared::InfoObject;
use crate::rows::{ObjectRow, RowId, Target};
use crate::validate::invalid;

impl<'a> Step<'a, '_> {
    pub(super) fn delete_object_task(&mut self, declared: &'a ObjectType, object: &InfoObject) -> Result<(), Stop> {
        let (lies, row) = self.found(declared, object)?;
        if let (Some(row), Some(version)) = (&row, self.buries(declared, object, &lies, row.as_ref())?)
            && row.newer.row.as_ref().is_some_and(|newer| *newer > version)
        {
            return self.clear_older(declared, row.clone(), &version);
        }
        match row {
            Some(row) => self.delete_object(row),
            None => self.is_absent_object(declared, object),
        }
    }

    /// Remembers the delete of an object whose type says `newer_by` (§7.4): as new as it states, or else as what
    /// is stored.
    fn buries(
        &mut self,
        declared: &ObjectType,
        object: &InfoObject,
        lies: &Lies,
        row: Option<&Arc<ObjectRow>>,
    ) -> Result<Option<Version>, Stop> {
        if declared.newer_by.is_none() {
            return Ok(None);
        }
        let stated = stated(declared.newer_by.as_ref(), &object.row.fields);
        let Some(version) = stated.or_else(|| row.and_then(|row| row.newer.row.clone())) else { return Ok(None) };
        let by_name = if lies.tells_names(declared) { self.tomb_of_name(declared, &object.row, &lies.scope) } else { None };
        let own = row.map(|row| self.tomb_of_row(row));
        let mut keys: Vec<TombKey> = Self::tomb_of_guid(declared, &object.row).into_iter().chain(by_name).collect();
        keys.extend(own.filter(|own| !keys.contains(own)));
        for key in keys {
            self.bury(key, &version)?;
        }
        Ok(Some(version))
    }

    /// A delete that is older than what is stored takes only what is older than it (§7.4).
    fn clear_older(&mut self, declared: &'a ObjectType, before: Arc<ObjectRow>, version: &Version) -> Result<(), Stop> {
        let mut after = (*before).clone();
        let older = take_older(&mut after.newer, version);
        if older.is_empty() {
            self.planned.superseded = true;
            return Ok(());
        }
        for what in older {
            if let Some(field) = declared.fields.iter().find(|field| field.name.as_str() == &*what) {
                // An object cannot lose what it needs; what comes after the delete states it.
                if !field.required {
                    after.fields.remove(&field.name);
                    self.unlink(&mut after.links, &field.name)?;
                }
            } else if let Some(site) = is_bound_to(&what) {
                after.sites.remove(&site);
            } else if &*what == DISPLAY_NAME {
                after.display_name = after.code_name.as_str().into();
            } else if let Some(child) = declared.children.iter().find(|child| child.name.as_str() == &*what) {
                self.delete_children(&before, &child.name)?;
            }
        }
        self.put_object(Some(before), after, Because::Asked).map(|_| ())
    }

    /// Deletes all children or bindings of a type.
    fn delete_children(&mut self, owner: &ObjectRow, child_type: &TypeName) -> Result<(), Stop> {
        let Some(child_type) = self.model.object_type(child_type) else { return Ok(()) };
        if child_type.is_binding() {
            let owner = Some(Target::Object(owner.id));
            self.notes.bindings.push(BindingWork { at: self.at, declared: child_type, what: What::List, owner });
            return Ok(());
        }
        for row in self.ask(&ObjectsKey::Children(owner.id, child_type.name.clone()))? {
            self.delete_object(row)?;
        }
        Ok(())
    }

    pub(super) fn remove_from_site_task(&mut self, declared: &ObjectType, object: &InfoObject) -> Result<(), Stop> {
        let Some(site) = self.about.site.cloned() else {
            return Err(invalid("a remove-from-site task needs a site").at("site").into());
        };
        let Some(before) = self.found(declared, object)?.1 else { return self.is_absent_object(declared, object) };
        self.about.limits.write.site(&site)?;
        let mut after = (*before).clone();
        let version = stated(declared.newer_by.as_ref(), &object.row.fields);
        let mut age = Age::new(version, Some(&before.newer));
        if !age.writes(&mut after.newer, &bound_to(&site)) {
            self.planned.superseded = true;
            return Ok(());
        }
        after.sites.remove(&site);
        self.put_object(Some(before), after, Because::Asked).map(|_| ())
    }

    /// The object that a delete means. One that was given another GUID is not meant (§5).
    fn found(&mut self, declared: &ObjectType, object: &InfoObject) -> Result<(Lies, Option<Arc<ObjectRow>>), Stop> {
        let lies = self.lies(declared, object)?;
        if lies.open.is_empty() {
            // Before it is found out whether there is such an object.
            self.may_write_object(&declared.name, &lies.scope)?;
        }
        let row = self.existing(declared, &object.row, &lies)?.row;
        Ok((lies, row))
    }

    /// What is not there is a success, and is said so.
    fn is_absent_object(&mut self, declared: &ObjectType, object: &InfoObject) -> Result<(), Stop> {
        let name = object.row.code_name.as_ref().map_or("", |name| name.as_str());
        self.written(declared.name.as_str(), name, Action::Absent);
        Ok(())
    }

    /// Deletes an object with its children, all the way down, each of which must be granted, and the bindings that
    /// they own.
    pub(super) fn delete_object(&mut self, main: Arc<ObjectRow>) -> Result<(), Stop> {
        let rows = self.with_descendants(main)?;
        // All of them before anything says who points to them.
        for row in &rows {
            self.may_write_object(&row.object_type, &row.scope)?;
        }
        self.want_all(&rows)?;
        for row in rows.into_iter().rev() {
            self.drop_owned_bindings(Target::Object(row.id))?;
            self.end_not_made_of(Target::Object(row.id), &row.object_type)?;
            self.end_all(&row.links)?;
            self.leaves_name(&row, None)?;
            self.drop_object(row.clone(), Because::Asked)?;
            self.has_gone_object(row);
        }
        Ok(())
    }

    pub(super) fn with_descendants(&mut self, main: Arc<ObjectRow>) -> Result<Vec<Arc<ObjectRow>>, Stop> {
        // While a group acts, an object may lie below itself.
        let mut seen = HashSet::default();
        seen.insert(main.id);
        let mut rows = vec![main];
        let mut at = 0;
        while let Some(row) = rows.get(at).cloned() {
            let types: Vec<TypeName> = self.model.child_types(&row.object_type).map(|t| t.name.clone()).collect();
            for child_type in types {
                let children = self.ask(&ObjectsKey::Children(row.id, child_type))?;
                rows.extend(children.into_iter().filter(|child| seen.insert(child.id)));
                self.bounded(rows.len())?;
            }
            at += 1;
        }
        Ok(rows)
    }

    /// All that is asked next, at once.
    fn want_all(&mut self, rows: &[Arc<ObjectRow>]) -> Result<(), Stop> {
        let mut keys: Vec<Key> = Vec::new();
        for row in rows {
            keys.extend([ObjectKey::Id(row.id).into(), ReferrersOf(Target::Object(row.id)).into()]);
            if row.guid_given {
                let former: FormerKey = self.former_key(&row.object_type, &row.scope, &row.code_name);
                keys.push(former.into());
            }
        }
        self.want(&keys)?;
        let mut referrers = Vec::new();
        for row in rows {
            referrers.extend(self.ask(&ReferrersOf(Target::Object(row.id)))?);
            self.bounded(referrers.len())?;
        }
        self.load_referrers(&referrers)
    }

    /// Bindings go with what owns them.
    pub(super) fn drop_owned_bindings(&mut self, owner: Target) -> Result<(), Stop> {
        for referrer in self.ask(&ReferrersOf(owner))? {
            let RowId::Binding(id) = referrer.row else { continue };
            let Some(row) = self.ask(&BindingKey::Id(id))? else { continue };
            if row.binds.first() == Some(&owner) {
                self.drop_binding(row, Because::Follows)?;
            }
        }
        Ok(())
    }
}
