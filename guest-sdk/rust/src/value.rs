//! Values of fields.

use crate::{Field, Value};

impl Value {
    /// The external id of another object or page; the content model says of which type.
    pub fn reference(external_id: impl Into<String>) -> Self {
        Self::Reference(external_id.into())
    }

    /// An exact decimal number: `"12.50"`.
    pub fn decimal(digits: impl Into<String>) -> Self {
        Self::Decimal(digits.into())
    }

    /// RFC 3339 with an offset: `"2026-01-31T12:00:00Z"`.
    pub fn timestamp(rfc3339: impl Into<String>) -> Self {
        Self::Timestamp(rfc3339.into())
    }

    /// Hexadecimal with hyphens, any case.
    pub fn guid(guid: impl Into<String>) -> Self {
        Self::Guid(guid.into())
    }

    /// One JSON document: at most 50 levels deep, no key twice in one object, no half of a surrogate pair, numbers
    /// in the range of 64-bit floats and of at most 1,100 characters. It is kept as it is, digit by digit.
    pub fn json(document: impl Into<String>) -> Self {
        Self::Json(document.into())
    }

    /// A whole number of 64 bits with sign, in decimal digits, where it is text already.
    pub fn integer(digits: impl Into<String>) -> Self {
        Self::Integer(digits.into())
    }
}

impl Field {
    /// A field and its value.
    pub fn new(name: impl Into<String>, value: impl Into<Value>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

/// The value of the first field with this name.
pub(crate) fn find<'a>(fields: &'a [Field], name: &str) -> Option<&'a Value> {
    fields.iter().find(|field| field.name == name).map(|field| &field.value)
}

macro_rules! value_from {
    ($($from:ty => |$it:ident| $value:expr;)*) => {$(
        impl From<$from> for Value {
            fn from($it: $from) -> Self {
                $value
            }
        }
    )*};
}

value_from! {
    &str => |text| Self::Text(text.to_owned());
    &String => |text| Self::Text(text.clone());
    String => |text| Self::Text(text);
    std::borrow::Cow<'_, str> => |text| Self::Text(text.into_owned());
    bool => |flag| Self::Boolean(flag);
    i32 => |number| Self::Integer(number.to_string());
    i64 => |number| Self::Integer(number.to_string());
    u32 => |number| Self::Integer(number.to_string());
    f64 => |number| Self::Real(number);
    Vec<u8> => |bytes| Self::Binary(bytes);
    &[u8] => |bytes| Self::Binary(bytes.to_vec());
}

/// `None` clears the field; to leave it as it is, use `field_opt`.
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_travel_as_text() {
        assert_eq!(Value::from(i64::MIN), Value::Integer("-9223372036854775808".into()));
        assert_eq!(Value::from(u32::MAX), Value::Integer("4294967295".into()));
        assert_eq!(Value::from(-7), Value::Integer("-7".into()));
    }

    #[test]
    fn none_is_null() {
        assert_eq!(Value::from(None::<&str>), Value::Null);
        assert_eq!(Value::from(Some(true)), Value::Boolean(true));
    }

    #[test]
    fn bytes_are_binary_and_text_is_text() {
        assert_eq!(Value::from(vec![0_u8, 1]), Value::Binary(vec![0, 1]));
        assert_eq!(Value::from("a"), Value::Text("a".into()));
    }
}
