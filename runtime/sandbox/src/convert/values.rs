//! Fields and their values: each is what it says it is, or refused.

use std::collections::HashMap;

use lockgate_core::failure::Failure;
use lockgate_core::forms;
use lockgate_core::names::{ExternalId, FieldName};
use lockgate_core::value::{Given, Plain};

use super::place::Place;
use super::{FIELDS_MAX, bad, guid, named};
use crate::bindings::lockgate::connector::types as wit;

/// Fewer fields than this are compared one by one.
const FEW_FIELDS: usize = 32;
/// References of all lists of one row.
const ELEMENTS_OF_ROW_MAX: usize = 10_000;

/// The fields of a row. A name that comes more than once is a list of references, in order (contract 1.1).
pub fn fields(row: &Place<'_>, given: Vec<wit::Field>) -> Result<Vec<(FieldName, Given)>, Failure> {
    let list = row.member("fields");
    let mut places: HashMap<FieldName, usize> = HashMap::new();
    let few = given.len() <= FEW_FIELDS;
    let mut fields: Vec<(FieldName, Given)> = Vec::with_capacity(given.len().min(FIELDS_MAX));
    let mut elements = 0;
    for field in given {
        let place = list.named(&field.name);
        let name = named(&place, FieldName::new(&field.name))?;
        // Looking through a few is quicker than hashing them.
        let before = if few { fields.iter().position(|(other, _)| *other == name) } else { places.get(&name).copied() };
        let value = value(&place, field.value)?;
        if let Some((_, before)) = before.and_then(|at| fields.get_mut(at)) {
            elements += 1;
            add(&place, before, value)?;
        } else {
            if !few {
                places.insert(name.clone(), fields.len());
            }
            fields.push((name, value));
        }
        if fields.len() > FIELDS_MAX || elements > ELEMENTS_OF_ROW_MAX {
            let message = format!("at most {FIELDS_MAX} fields are allowed, with {ELEMENTS_OF_ROW_MAX} references in lists");
            return Err(bad(&list, message));
        }
    }
    Ok(fields)
}

/// Adds an element to a list of references, which one reference becomes by that.
fn add(place: &Place<'_>, before: &mut Given, value: Given) -> Result<(), Failure> {
    let Given::Reference(Some(id)) = value else { return Err(given_twice(place)) };
    match before {
        Given::References(ids) => ids.push(id),
        Given::Reference(Some(first)) => *before = Given::References(vec![first.clone(), id]),
        _ => return Err(given_twice(place)),
    }
    Ok(())
}

fn given_twice(place: &Place<'_>) -> Failure {
    bad(place, "the field is given twice; only a list of references is, each time with a reference")
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
        let text = || wit::Value::Text("x".into());
        let reference = |id: &str| wit::Value::Reference(id.into());
        for values in [
            [wit::Value::Null, wit::Value::Null],
            [text(), text()],
            [reference("1"), text()],
            [text(), reference("1")],
            [reference(""), reference("1")],
            [reference("1"), reference("")],
        ] {
            let given = values.into_iter().map(|value| wit::Field { name: "a".into(), value }).collect();
            let failure = fields(&Place::Root, given).unwrap_err();
            assert!(failure.message.contains("given twice"), "{failure}");
        }
    }

    #[test]
    fn references_under_one_name_are_a_list_in_their_order() {
        let field = |name: &str, id: &str| wit::Field { name: name.into(), value: wit::Value::Reference(id.into()) };
        let given = vec![field("tags", "b"), field("one", "x"), field("tags", "a"), field("tags", "c")];
        // As many fields as are hashed, too.
        let many = (0..FEW_FIELDS).map(|at| field(&format!("f{at}"), "y"));
        for given in [given.clone(), given.into_iter().chain(many).collect()] {
            let read = fields(&Place::Root, given).unwrap();
            let Given::References(ids) = &read[0].1 else { panic!("{read:?}") };
            assert_eq!(ids.iter().map(ExternalId::as_str).collect::<Vec<_>>(), ["b", "a", "c"]);
            assert!(matches!(&read[1].1, Given::Reference(Some(id)) if id.as_str() == "x"));
        }
    }

    #[test]
    fn fields_and_elements_are_bounded() {
        let field = |name: String| wit::Field { name, value: wit::Value::Reference("x".into()) };
        assert!(fields(&Place::Root, (0..=FIELDS_MAX).map(|at| field(format!("f{at}"))).collect()).is_err());
        assert!(fields(&Place::Root, (0..ELEMENTS_OF_ROW_MAX + 2).map(|_| field("f".into())).collect()).is_err());
    }
}
