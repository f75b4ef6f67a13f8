//! Given values onto stored ones: declared fields that are given are overwritten, others stay
//! (§7.3: a missing field is unchanged, an explicit null clears).

use crate::model::Field;
use crate::names::FieldName;
use crate::plan::resolve::{Resolved, reference_of};
use crate::plan::{Step, Stop};
use crate::rows::Fields;
use crate::validate::invalid;
use crate::value::{Given, Stored};

/// Whether the row is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Merged {
    Yes,
    /// A reference of need `binding` did not resolve.
    NotMade,
}

impl Step<'_, '_> {
    /// Merges in declared order. `settled` are fields that are set already (a binding's owner).
    pub(super) fn merge(
        &mut self,
        fields: &mut Fields,
        given: &[(FieldName, Given)],
        declared: &[Field],
        settled: Option<&FieldName>,
        place: &str,
    ) -> Result<Merged, Stop> {
        let mut merged = Merged::Yes;
        let mut to_load = Vec::new();
        for field in declared {
            let value = given.iter().find(|(name, _)| *name == field.name).map(|(_, value)| value);
            match value {
                _ if settled == Some(&field.name) => {}
                None => {}
                Some(Given::Null | Given::Reference(None)) => {
                    fields.remove(&field.name);
                }
                Some(Given::Plain(value)) => {
                    fields.insert(field.name.clone(), Stored::Plain(value.clone()));
                }
                Some(Given::Reference(Some(id))) => {
                    let Some(reference) = reference_of(field) else { continue };
                    match self.reference(field, reference, id, place) {
                        Ok(Resolved::To(target)) => {
                            fields.insert(field.name.clone(), Stored::Reference(target));
                        }
                        Ok(Resolved::Empty) => {
                            fields.remove(&field.name);
                        }
                        Ok(Resolved::NotMade) => merged = Merged::NotMade,
                        // Go on, so that everything that is missing is loaded at once.
                        Err(Stop::Load(keys)) => to_load.extend(keys),
                        Err(stop) => return Err(stop),
                    }
                }
            }
        }
        if !to_load.is_empty() {
            return Err(Stop::Load(to_load));
        }
        if merged == Merged::Yes
            && let Some(field) = declared.iter().find(|field| field.required && !fields.contains_key(&field.name))
        {
            return Err(invalid(format!("field {place}{} is required and has no value", field.name))
                .at(format!("{place}{}", field.name))
                .into());
        }
        Ok(merged)
    }
}
