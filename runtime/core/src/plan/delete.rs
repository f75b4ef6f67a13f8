//! Deleting objects with what belongs to them (§5). Who else points to them is dealt with when all have acted.

use std::sync::Arc;

use crate::history::Action;
use crate::key::{BindingKey, FormerKey, Key, ObjectKey, ObjectsKey, ReferrersOf};
use crate::model::ObjectType;
use crate::names::TypeName;
use crate::plan::grant::Because;
use crate::plan::{Step, Stop};
use crate::prepared::InfoObject;
use crate::rows::{ObjectRow, RowId, Target};
use crate::validate::invalid;

impl Step<'_, '_> {
    pub(super) fn delete_object_task(&mut self, declared: &ObjectType, object: &InfoObject) -> Result<(), Stop> {
        // A tombstone of what is deleted (§7.4), and how many rows a task deletes (§7.5), belong here.
        match self.found(declared, object)? {
            Some(row) => self.delete_object(row),
            None => Ok(()),
        }
    }

    pub(super) fn remove_from_site_task(&mut self, declared: &ObjectType, object: &InfoObject) -> Result<(), Stop> {
        let Some(site) = self.about.site.cloned() else {
            return Err(invalid("a remove-from-site task needs a site").at("site").into());
        };
        let Some(before) = self.found(declared, object)? else { return Ok(()) };
        self.about.limits.write.site(&site)?;
        let mut after = (*before).clone();
        after.sites.remove(&site);
        self.put_object(Some(before), after, Because::Asked).map(|_| ())
    }

    /// The object that a delete means; what is not there is a success and is said so. One that was given another
    /// GUID is not meant (§5).
    fn found(&mut self, declared: &ObjectType, object: &InfoObject) -> Result<Option<Arc<ObjectRow>>, Stop> {
        let lies = self.lies(declared, object)?;
        if lies.open.is_empty() {
            // Before it is found out whether there is such an object.
            self.may_write_object(&declared.name, &lies.scope)?;
        }
        let row = self.existing(declared, &object.row, &lies)?.row;
        if row.is_none() {
            let name = object.row.code_name.as_ref().map_or("", |name| name.as_str());
            self.written(declared.name.as_str(), name, Action::Absent);
        }
        Ok(row)
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
