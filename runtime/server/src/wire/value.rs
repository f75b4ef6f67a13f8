//! Values of fields, and references with what they point to.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lockgate_core::element::{Seen, seen};
use lockgate_core::names::FieldName;
use lockgate_core::rows::{Fields, Link, Links, Stated, Target};
use lockgate_core::value::{Plain, Stored};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::references::References;

/// Integers up to here are the same in every JSON reader; larger ones are written as text.
const INTEGER_EXACT_MAX: u64 = 1 << 53;

/// Fields by name.
pub(crate) type FieldsWire = BTreeMap<String, ValueWire>;

/// A value.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum ValueWire {
    Boolean(bool),
    Integer(i64),
    Real(f64),
    Text(Arc<str>),
    /// Digit by digit as the connector gave it.
    Json(Box<RawValue>),
    Reference(ReferenceWire),
    /// The elements of a list that point to something.
    References(Vec<ReferenceWire>),
}

/// `{"ref": {…}}`.
#[derive(Serialize)]
pub(crate) struct ReferenceWire {
    r#ref: PointedWire,
}

/// What a reference points to; null where it is gone meanwhile.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum PointedWire {
    Object {
        id: u64,
        r#type: Option<String>,
        code_name: Option<String>,
    },
    Page {
        id: u64,
        site: Option<String>,
        path: Option<String>,
        /// The culture that was stated; left out where any is meant.
        #[serde(skip_serializing_if = "Option::is_none")]
        culture: Option<String>,
    },
}

/// All fields of a row, with the questions of its references.
pub(crate) fn fields(fields: &Fields, links: &Links, references: &References) -> FieldsWire {
    let pointed = |name: &FieldName, target: Target| stated(target, links.get(name), references);
    let wire = |seen: Seen<'_>| match seen {
        Seen::One(name, Stored::Reference(target)) => (name.to_string(), ValueWire::Reference(pointed(name, *target))),
        Seen::One(name, Stored::Plain(plain)) => (name.to_string(), plain_value(plain)),
        Seen::List(name, values) => {
            let pointed = values.into_iter().filter_map(|(name, value)| Some(pointed(name, value.target()?)));
            (name.to_owned(), ValueWire::References(pointed.collect()))
        }
    };
    seen(fields).into_iter().map(wire).collect()
}

/// A reference as it was stated: of a page, perhaps in one culture.
fn stated(target: Target, link: Option<&Link>, references: &References) -> ReferenceWire {
    let mut wire = reference(target, references);
    // The default that stands in for what is missing was not stated.
    let question = link.filter(|link| link.loose.is_none()).map(|link| &*link.stated);
    if let (PointedWire::Page { culture, .. }, Some(Stated::Page(page))) = (&mut wire.r#ref, question) {
        *culture = page.culture.as_ref().map(ToString::to_string);
    }
    wire
}

/// A reference.
pub(crate) fn reference(target: Target, references: &References) -> ReferenceWire {
    let r#ref = match target {
        Target::Object(id) => {
            let row = references.object(id);
            PointedWire::Object {
                id: id.0,
                r#type: row.map(|row| row.object_type.to_string()),
                code_name: row.map(|row| row.code_name.to_string()),
            }
        }
        Target::Page(id) => {
            let site = references.page(id).map(|row| row.site.to_string());
            PointedWire::Page { id: id.0, site, path: references.path(id), culture: None }
        }
    };
    ReferenceWire { r#ref }
}

fn plain_value(plain: &Plain) -> ValueWire {
    match plain {
        Plain::Boolean(value) => ValueWire::Boolean(*value),
        Plain::Integer(value) if value.unsigned_abs() <= INTEGER_EXACT_MAX => ValueWire::Integer(*value),
        Plain::Integer(value) => ValueWire::Text(value.to_string().into()),
        Plain::Real(value) => ValueWire::Real(*value),
        Plain::Decimal(text) | Plain::Text(text) | Plain::Timestamp(text) => ValueWire::Text(text.clone()),
        Plain::Guid(guid) => ValueWire::Text(guid.to_string().into()),
        Plain::Binary(bytes) => ValueWire::Text(STANDARD.encode(bytes).into()),
        // One that an older version let in and that not every reader can read spoils no list: it is a text.
        Plain::Json(text) => match lockgate_core::json::check(text).ok().and_then(|()| RawValue::from_string(text.to_string()).ok()) {
            Some(json) => ValueWire::Json(json),
            None => ValueWire::Text(text.clone()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(plain: Plain) -> String {
        serde_json::to_string(&plain_value(&plain)).unwrap()
    }

    #[test]
    fn integers_beyond_what_every_reader_holds_are_text() {
        assert_eq!(written(Plain::Integer(-(1 << 53))), "-9007199254740992");
        assert_eq!(written(Plain::Integer((1 << 53) + 1)), "\"9007199254740993\"");
        assert_eq!(written(Plain::Integer(i64::MIN)), "\"-9223372036854775808\"");
    }

    #[test]
    fn decimals_and_json_keep_every_digit() {
        assert_eq!(written(Plain::Decimal("1.50".into())), "\"1.50\"");
        assert_eq!(
            written(Plain::Json("{\"a\": 1.50, \"b\": 12345678901234567890123}".into())),
            "{\"a\": 1.50, \"b\": 12345678901234567890123}"
        );
    }

    /// One such value in a store made every list that had it unreadable.
    #[test]
    fn json_that_not_every_reader_can_read_is_a_text() {
        let nested = format!("{}{}", "[".repeat(200), "]".repeat(200));
        for document in [nested.as_str(), "1e400", "\"\\ud800\"", "{\"a\": 1, \"a\": 2}", &"1".repeat(100_000)] {
            let list = format!("[{}]", written(Plain::Json(document.into())));
            assert_eq!(serde_json::from_str::<Vec<String>>(&list).unwrap(), [document], "{document:.40}");
        }
    }

    #[test]
    fn bytes_are_base64() {
        assert_eq!(written(Plain::Binary(vec![0, 255].into())), "\"AP8=\"");
    }
}
