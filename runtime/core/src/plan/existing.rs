//! Which object is meant (§7.3): the one with the GUID, wherever it is; else the one with the code name, unless
//! that was given another GUID.

use std::sync::Arc;

use crate::key::{Key, ObjectKey};
use crate::model::ObjectType;
use crate::names::CodeName;
use crate::plan::gone::GoneRow;
use crate::plan::scope::Lies;
use crate::plan::{Step, Stop};
use crate::prepared::InfoRow;
use crate::rows::{ObjectRow, RowId, Scope};

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Existing {
    /// The object.
    pub(super) row: Option<Arc<ObjectRow>>,
    /// Another object has the name.
    pub(super) taken: bool,
}

impl Step<'_, '_> {
    /// The stored object with this identity.
    pub(super) fn existing(&mut self, declared: &ObjectType, given: &InfoRow, lies: &Lies) -> Result<Existing, Stop> {
        if let Some(guid) = given.guid
            && let Some(row) = self.ask(&ObjectKey::Guid(declared.name.clone(), guid))?
        {
            return Ok(Existing { row: Some(row), taken: false });
        }
        let Some(name) = given.code_name.as_ref().filter(|_| lies.tells_names(declared)) else { return Ok(Existing::default()) };
        Ok(match self.named(&declared.name, &lies.scope, name)? {
            // It is another one: nothing takes it over.
            Some(row) if given.guid.is_some() && row.guid_given => Existing { row: None, taken: true },
            row => Existing { row, taken: false },
        })
    }

    /// Whether another object has the name that this one is to have.
    pub(super) fn is_taken(&mut self, row: &ObjectRow) -> Result<bool, Stop> {
        let other = self.named(&row.object_type, &row.scope, &row.code_name)?;
        Ok(other.is_some_and(|other| other.id != row.id))
    }

    /// A row with this identity that this plan has deleted: it is replaced, and keeps its id.
    pub(super) fn revived(&mut self, declared: &ObjectType, given: &InfoRow, scope: &Scope, name: &CodeName) -> Option<Arc<ObjectRow>> {
        if self.notes.gone.is_empty() {
            return None;
        }
        let by_guid = given.guid.map(|guid| Key::from(ObjectKey::Guid(declared.name.clone(), guid)));
        let by_name = Key::from(self.former_key(&declared.name, scope, name));
        let row = by_guid.into_iter().chain([by_name]).find_map(|key| self.notes.gone_by.remove(&key))?;
        self.revive(row)
    }

    /// Takes an object out of those that are gone.
    fn revive(&mut self, row: RowId) -> Option<Arc<ObjectRow>> {
        match self.notes.gone.remove(&row)?.row {
            GoneRow::Object(row) => {
                self.again = true;
                Some(row)
            }
            GoneRow::Page(_) | GoneRow::Culture(_) => None,
        }
    }
}
