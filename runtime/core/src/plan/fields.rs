//! Given values onto stored ones: declared fields that are given are overwritten, others stay
//! (§7.3: a missing field is unchanged, an explicit null clears).

use std::collections::BTreeSet;

use crate::element::{element, is_in, list_of};
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

impl Held<'_> {
    /// Whether a field has a value, or a question that may have an answer in the end. Of a list, any element.
    fn has(&self, field: &Field) -> bool {
        match reference_of(field) {
            Some(reference) if reference.many => self.fields.keys().chain(self.links.keys()).any(|name| is_in(name, &field.name, 0)),
            _ => self.fields.contains_key(&field.name) || self.links.contains_key(&field.name),
        }
    }

    /// Elements of a list from this place on.
    fn elements(&self, list: &FieldName, from: usize) -> Vec<FieldName> {
        let names: BTreeSet<&FieldName> = self.fields.keys().chain(self.links.keys()).filter(|name| is_in(name, list, from)).collect();
        names.into_iter().cloned().collect()
    }
}

impl Step<'_, '_> {
    /// A list of references: each element like a field of its own, and none beyond the last.
    fn refer_many(&mut self, site: &Site<'_>, held: &mut Held<'_>, field: &Field, value: &Given) -> Result<(), Stop> {
        let Some(reference) = reference_of(field) else { return Ok(()) };
        let ids = match value {
            Given::References(ids) => ids.as_slice(),
            Given::Reference(id) => id.as_slice(),
            Given::Null | Given::Plain(_) => &[],
        };
        let mut to_load = Vec::new();
        for (at, id) in ids.iter().enumerate() {
            let Some(name) = element(&field.name, at) else { continue };
            let referred = self.refer(site, held, &Field { name, ..field.clone() }, reference, id);
            gathered(&mut to_load, referred)?;
        }
        // What the field held before it was declared as a list goes, too.
        let mut beyond = held.elements(&field.name, ids.len());
        beyond.push(field.name.clone());
        let cleared = self.clear(held, beyond);
        gathered(&mut to_load, cleared)?;
        all_loaded(to_load)
    }

    /// Takes fields away, with their questions.
    fn clear(&mut self, held: &mut Held<'_>, names: Vec<FieldName>) -> Result<(), Stop> {
        let mut to_load = Vec::new();
        for name in names {
            held.fields.remove(&name);
            let ended = self.unlink(held.links, &name);
            gathered(&mut to_load, ended)?;
        }
        all_loaded(to_load)
    }

    /// Merges in declared order.
    pub(super) fn merge(
        &mut self,
        site: &Site<'_>,
        held: &mut Held<'_>,
        given: &[(FieldName, Given)],
        declared: &[Field],
    ) -> Result<(), Stop> {
        let mut to_load = Vec::new();
        let has_lists = held.fields.keys().chain(held.links.keys()).any(|name| list_of(name).is_some());
        for field in declared {
            let value = given.iter().find(|(name, _)| *name == field.name).map(|(_, value)| value);
            if has_lists && value.is_some() && reference_of(field).is_none_or(|reference| !reference.many) {
                // What the field held while it was declared as a list.
                let cleared = self.clear(held, held.elements(&field.name, 0));
                gathered(&mut to_load, cleared)?;
            }
            match value {
                None => {}
                Some(value) if reference_of(field).is_some_and(|reference| reference.many) => {
                    let referred = self.refer_many(site, held, field, value);
                    gathered(&mut to_load, referred)?;
                }
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
                // What was checked gives a list to a list only.
                Some(Given::References(_)) => {}
            }
        }
        all_loaded(to_load)?;
        // A reference that was stated and is open is judged in the end.
        let lacks = |field: &&Field| field.required && !held.has(field);
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
