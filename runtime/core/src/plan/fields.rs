//! Given values onto stored ones: declared fields that are given are overwritten, others stay
//! (§7.3: a missing field is unchanged, an explicit null clears).

use crate::model::Field;
use crate::names::{Culture, FieldName};
use crate::plan::references::reference_of;
use crate::plan::{Step, Stop, all_loaded, gathered};
use crate::rows::{Fields, Links, RowId};
use crate::validate::invalid;
use crate::value::{Given, Stored};

/// Where fields are.
pub(super) struct Site<'p> {
    /// Whose they are.
    pub(super) row: RowId,
    /// Of a page, the culture.
    pub(super) culture: Option<&'p Culture>,
    /// What stands before the field's name in a failure's path.
    pub(super) place: &'p str,
}

/// The fields of a row and their questions.
pub(super) struct Held<'r> {
    pub(super) fields: &'r mut Fields,
    pub(super) links: &'r mut Links,
}

impl Step<'_, '_> {
    /// Merges in declared order.
    pub(super) fn merge(
        &mut self,
        site: &Site<'_>,
        held: &mut Held<'_>,
        given: &[(FieldName, Given)],
        declared: &[Field],
    ) -> Result<(), Stop> {
        let mut to_load = Vec::new();
        for field in declared {
            let value = given.iter().find(|(name, _)| *name == field.name).map(|(_, value)| value);
            match value {
                None => {}
                Some(Given::Null | Given::Reference(None)) => {
                    held.fields.remove(&field.name);
                    let ended = self.unlink(held.links, &field.name);
                    gathered(&mut to_load, ended)?;
                }
                Some(Given::Plain(value)) => {
                    held.fields.insert(field.name.clone(), Stored::Plain(value.clone()));
                }
                Some(Given::Reference(Some(id))) => {
                    let Some(reference) = reference_of(field) else { continue };
                    // Go on, so that everything that is missing is loaded at once.
                    let referred = self.refer(site, held, field, reference, id);
                    gathered(&mut to_load, referred)?;
                }
            }
        }
        all_loaded(to_load)?;
        // A reference that was stated and is open is judged in the end.
        let lacks = |field: &&Field| field.required && !held.fields.contains_key(&field.name) && !held.links.contains_key(&field.name);
        match declared.iter().find(lacks) {
            Some(field) => {
                let place = site.place;
                let message = format!("field {place}{} is required and has no value", field.name);
                Err(invalid(message).at(format!("{place}{}", field.name)).into())
            }
            None => Ok(()),
        }
    }
}
