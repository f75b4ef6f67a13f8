//! Fields and their values: each is what it says it is, or refused.

use std::collections::HashSet;

use lockgate_core::failure::Failure;
use lockgate_core::forms;
use lockgate_core::names::{ExternalId, FieldName};
use lockgate_core::value::{Given, Plain};

use super::place::Place;
use super::{FIELDS_MAX, bad, guid, named};
use crate::bindings::lockgate::connector::types as wit;

/// Fewer fields than this are compared one by one.
const FEW_FIELDS: usize = 32;

/// The fields of a row; no name twice.
pub fn fields(row: &Place<'_>, given: Vec<wit::Field>) -> Result<Vec<(FieldName, Given)>, Failure> {
    let list = row.member("fields");
    if given.len() > FIELDS_MAX {
        return Err(bad(&list, format!("{} fields, at most {FIELDS_MAX} are allowed", given.len())));
    }
    let mut seen = HashSet::new();
    let mut fields: Vec<(FieldName, Given)> = Vec::with_capacity(given.len());
    let given_max = given.len();
    for field in given {
        let place = list.named(&field.name);
        let name = named(&place, FieldName::new(&field.name))?;
        // Looking through a few is quicker than hashing them.
        let again = if given_max > FEW_FIELDS { !seen.insert(name.clone()) } else { fields.iter().any(|(other, _)| *other == name) };
        if again {
            return Err(bad(&place, "the field is given twice"));
        }
        fields.push((name, value(&place, field.value)?));
    }
    Ok(fields)
}

fn value(place: &Place<'_>, value: wit::Value) -> Result<Given, Failure> {
    let plain = match value {
        wit::Value::Null => return Ok(Given::Null),
        wit::Value::Reference(id) => return named(place, ExternalId::new(&id)).map(Given::Reference),
        wit::Value::Boolean(value) => Ok(Plain::Boolean(value)),
        wit::Value::Integer(text) => forms::integer(&text),
        wit::Value::Decimal(text) => forms::decimal(&text),
        wit::Value::Real(value) => forms::real(value),
        wit::Value::Text(text) => Ok(Plain::Text(text.into())),
        wit::Value::Timestamp(text) => forms::timestamp(&text),
        wit::Value::Guid(text) => Ok(Plain::Guid(guid(place, &text)?)),
        wit::Value::Binary(bytes) => Ok(Plain::Binary(bytes.into())),
        wit::Value::Json(text) => forms::json(&text),
    };
    plain.map(Given::Plain).map_err(|problem| bad(place, problem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_value_is_named_by_its_field() {
        let field = |name: &str| wit::Field { name: name.into(), value: wit::Value::Integer("x".into()) };
        let failure = fields(&Place::Root, vec![field("qty")]).unwrap_err();
        assert_eq!(failure.path.as_deref(), Some("fields[qty]"));
    }

    #[test]
    fn a_field_given_twice_is_refused() {
        let field = || wit::Field { name: "a".into(), value: wit::Value::Null };
        assert!(fields(&Place::Root, vec![field(), field()]).is_err());
    }
}
