//! Lists of references. Each element of a list is kept like a field of its own, under a name that no model can declare: so it has
//! its own question, waits, is mended and is let go by itself, and the others keep their places.

use std::borrow::Cow;

use crate::names::{FieldName, NAME_BYTES_MAX};
use crate::rows::Fields;
use crate::value::Stored;

/// Most elements of one list.
pub const ELEMENTS_MAX: usize = 1_000;
/// What an element's name has more than its list's: two dots and four digits.
const MORE_BYTES: usize = 6;
/// Longest name of a list, in bytes.
pub const LIST_NAME_BYTES_MAX: usize = NAME_BYTES_MAX - MORE_BYTES;

/// The name of a list's element. Ascending with its place.
pub fn element(list: &FieldName, at: usize) -> Option<FieldName> {
    if at >= ELEMENTS_MAX {
        return None;
    }
    FieldName::new(format!(".{list}.{at:04}")).ok()
}

/// The list that a name is an element of, and its place there; `None` for other fields.
pub fn list_of(name: &FieldName) -> Option<(&str, usize)> {
    let (list, at) = name.as_str().strip_prefix('.')?.rsplit_once('.')?;
    Some((list, at.parse().ok()?))
}

/// Whether a name is an element of this list, at this place or later.
pub fn is_in(name: &FieldName, list: &FieldName, from: usize) -> bool {
    list_of(name).is_some_and(|(of, at)| of == list.as_str() && at >= from)
}

/// The declared field that a name stands for: its list's for an element.
pub fn declared(name: &FieldName) -> &str {
    list_of(name).map_or(name.as_str(), |(list, _)| list)
}

/// A field's name as people read it: `tags[1]` for an element.
pub fn shown(name: &FieldName) -> Cow<'_, str> {
    match list_of(name) {
        Some((list, at)) => Cow::Owned(format!("{list}[{at}]")),
        None => Cow::Borrowed(name.as_str()),
    }
}

/// A value as readers of content see it.
pub enum Seen<'a> {
    /// Of a field.
    One(&'a FieldName, &'a Stored),
    /// The elements of a list that have a target, in order, each with its own name.
    List(&'a str, Vec<(&'a FieldName, &'a Stored)>),
}

/// Fields as readers of content see them: lists whole, and not their elements.
pub fn seen(fields: &Fields) -> Vec<Seen<'_>> {
    let mut all: Vec<Seen<'_>> = Vec::with_capacity(fields.len());
    for (name, value) in fields {
        match (list_of(name), all.last_mut()) {
            (None, _) => all.push(Seen::One(name, value)),
            // Elements of a list stand together, in order.
            (Some((list, _)), Some(Seen::List(last, elements))) if *last == list => elements.push((name, value)),
            (Some((list, _)), _) => all.push(Seen::List(list, vec![(name, value)])),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::{ObjectId, Target};

    fn name(text: &str) -> FieldName {
        FieldName::new(text).unwrap()
    }

    #[test]
    fn elements_are_told_from_fields_and_come_back() {
        for list in ["tags", "a.b", "a.0001", "group"] {
            let list = name(list);
            let third = element(&list, 3).unwrap();
            assert_eq!(list_of(&third), Some((list.as_str(), 3)));
            assert!(is_in(&third, &list, 3) && !is_in(&third, &list, 4) && !is_in(&list, &list, 0));
            assert_eq!(shown(&third), format!("{list}[3]"));
        }
        for other in ["tags", "a.b", "tags.0001", ".group"] {
            assert_eq!(list_of(&name(other)), None, "{other}");
        }
        assert_eq!(element(&name("tags"), ELEMENTS_MAX), None);
        let longest = name(&"x".repeat(LIST_NAME_BYTES_MAX));
        assert!(element(&longest, ELEMENTS_MAX - 1).is_some());
    }

    #[test]
    fn readers_see_lists_whole_and_in_order() {
        let value = |id| Stored::Reference(Target::Object(ObjectId(id)));
        let mut fields = Fields::from([(name("a"), value(1)), (name("tags"), value(9))]);
        for (at, id) in [(10, 12), (2, 11), (0, 10)] {
            fields.insert(element(&name("b"), at).unwrap(), value(id));
        }
        fields.insert(element(&name("c"), 0).unwrap(), value(13));
        let told: Vec<String> = seen(&fields)
            .iter()
            .map(|seen| match seen {
                Seen::One(name, value) => format!("{name}={:?}", value.target()),
                Seen::List(list, values) => format!("{list}={}", values.len()),
            })
            .collect();
        assert_eq!(told, ["b=3", "c=1", "a=Some(Object(ObjectId(1)))", "tags=Some(Object(ObjectId(9)))"]);
    }
}
