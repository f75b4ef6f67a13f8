//! Former names (§7.2): a name that no object has means the one that was last given it, through renames,
//! moves and a delete, if it has a GUID of its own.

use crate::change::Change;
use crate::plan::grant::Because;
use crate::plan::{Step, Stop};
use crate::rows::ObjectRow;

impl Step<'_, '_> {
    /// Remembers whose the name is, if the object leaves it.
    pub(super) fn leaves_name(&mut self, before: &ObjectRow, after: Option<&ObjectRow>) -> Result<(), Stop> {
        if !before.guid_given || after.is_some_and(|after| self.has_same_name(before, after)) {
            return Ok(());
        }
        let key = self.former_key(&before.object_type, &before.scope, &before.code_name);
        let known = self.ask(&key)?;
        if known == Some(before.guid) {
            return Ok(());
        }
        self.change(Change::Former(key, known, Some(before.guid)), Because::Follows)
    }

    /// The same for an object that leaves, when all have acted, the place in which it is stored. The places in
    /// between were never its own.
    pub(super) fn leaves_stored_name(&mut self, before: &ObjectRow, after: &ObjectRow) -> Result<(), Stop> {
        let stored = match self.notes.objects_before.get(&before.id) {
            Some(Some(stored)) => stored.clone(),
            _ => return Ok(()),
        };
        if self.has_same_name(&stored, before) { self.leaves_name(before, Some(after)) } else { Ok(()) }
    }

    /// Whether two states of an object have one name, in one place.
    pub(super) fn has_same_name(&self, one: &ObjectRow, other: &ObjectRow) -> bool {
        let place = |row: &ObjectRow| self.name_scope(&row.object_type, &row.scope);
        one.code_name == other.code_name && place(one) == place(other)
    }
}
