//! Values of fields.

use crate::Error;

/// A value of a field. Made with `from` and `into` of Rust's own types, or with the functions here.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// Clears the field. A field that is left out stays as it is.
    Null,
    /// True or false.
    Boolean(bool),
    /// A whole number of 64 bits with sign, in decimal digits.
    Integer(String),
    /// An exact decimal number, in digits.
    Decimal(String),
    /// Finite; NaN and infinities are refused.
    Real(f64),
    /// Text.
    Text(String),
    /// RFC 3339 with an offset.
    Timestamp(String),
    /// Hexadecimal with hyphens, any case.
    Guid(String),
    /// Bytes.
    Binary(Vec<u8>),
    /// One JSON document.
    Json(String),
    /// The external id of an object or page. Empty means no reference.
    Reference(String),
    /// The external ids of a list of references, in order.
    References(Vec<String>),
}

/// A field and its value.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Field {
    /// As the content model declares it.
    pub name: String,
    /// Its value.
    pub value: Value,
}

impl Value {
    /// The external id of another object or page; the content model says of which type.
    pub fn reference(external_id: impl Into<String>) -> Self {
        Self::Reference(external_id.into())
    }

    /// A list of references to objects or pages, in order. An empty one clears the field. The host refuses a list in which an id
    /// stands twice, and says where.
    pub fn references<Id: Into<String>>(external_ids: impl IntoIterator<Item = Id>) -> Self {
        Self::References(external_ids.into_iter().map(Into::into).collect())
    }

    /// An exact decimal number out of text that may be none: `invalid` says what it is instead. Digits, perhaps with a sign and
    /// a fraction: `-12.50`.
    pub fn try_decimal(text: impl Into<String>) -> Result<Self, Error> {
        let text = text.into();
        let unsigned = text.strip_prefix('-').unwrap_or(&text);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if digits(whole) && digits(fraction) {
            Ok(Self::Decimal(text))
        } else {
            let shown: String = text.chars().take(60).collect();
            Err(Error::invalid(format!("{shown:?} is not a decimal number")))
        }
    }

    /// An exact decimal number, of digits that are known to be some: `"12.50"`. See [`Value::try_decimal`].
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

/// The value of the field with this name.
pub(crate) fn find<'a>(fields: &'a [Field], name: &str) -> Option<&'a Value> {
    fields.iter().find(|field| field.name == name).map(|field| &field.value)
}

/// Sets a field: one of the same name takes the new value, in its place.
pub(crate) fn set(fields: &mut Vec<Field>, name: String, value: Value) {
    match fields.iter_mut().find(|field| field.name == name) {
        Some(field) => field.value = value,
        None => fields.push(Field { name, value }),
    }
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
    Box<str> => |text| Self::Text(text.into_string());
    std::rc::Rc<str> => |text| Self::Text(text.as_ref().to_owned());
    std::sync::Arc<str> => |text| Self::Text(text.as_ref().to_owned());
    char => |character| Self::Text(character.to_string());
    bool => |flag| Self::Boolean(flag);
    i8 => |number| Self::Integer(number.to_string());
    i16 => |number| Self::Integer(number.to_string());
    i32 => |number| Self::Integer(number.to_string());
    i64 => |number| Self::Integer(number.to_string());
    i128 => |number| Self::Integer(number.to_string());
    isize => |number| Self::Integer(number.to_string());
    u8 => |number| Self::Integer(number.to_string());
    u16 => |number| Self::Integer(number.to_string());
    u32 => |number| Self::Integer(number.to_string());
    u64 => |number| Self::Integer(number.to_string());
    u128 => |number| Self::Integer(number.to_string());
    usize => |number| Self::Integer(number.to_string());
    f32 => |number| Self::Real(number.into());
    f64 => |number| Self::Real(number);
    Vec<u8> => |bytes| Self::Binary(bytes);
    &[u8] => |bytes| Self::Binary(bytes.to_vec());
}

#[cfg(feature = "json")]
value_from! {
    serde_json::Value => |document| Self::Json(document.to_string());
    &serde_json::Value => |document| Self::Json(document.to_string());
}

#[cfg(feature = "uuid")]
value_from! {
    uuid::Uuid => |guid| Self::Guid(guid.to_string());
}

#[cfg(feature = "jiff")]
value_from! {
    jiff::Timestamp => |instant| Self::Timestamp(instant.to_string());
}

#[cfg(feature = "rust_decimal")]
value_from! {
    rust_decimal::Decimal => |number| Self::Decimal(number.to_string());
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
        assert_eq!([Value::from(7_u64), Value::from(7_usize), Value::from(7_u8)], [const { Value::Null }; 3].map(|_| Value::integer("7")));
        assert_eq!(Value::from(0.5_f32), Value::Real(0.5));
    }

    #[test]
    fn a_decimal_that_is_none_says_what_it_is() {
        for good in ["12.50", "-0.1", "7"] {
            assert_eq!(Value::try_decimal(good), Ok(Value::decimal(good)));
        }
        for bad in ["twelve", "", "-", "1.", ".5", "1e3", "1,5", "+1", "٣"] {
            let error = Value::try_decimal(bad).unwrap_err();
            assert!(error.to_string().contains("is not a decimal number"), "{error}");
        }
    }

    #[cfg(all(feature = "json", feature = "uuid", feature = "jiff", feature = "rust_decimal"))]
    #[test]
    fn values_of_other_crates_become_what_they_are() {
        assert_eq!(Value::from(serde_json::json!({"a": [1]})), Value::json(r#"{"a":[1]}"#));
        assert_eq!(Value::from(uuid::Uuid::nil()), Value::guid("00000000-0000-0000-0000-000000000000"));
        let instant: jiff::Timestamp = "2026-01-31T12:00:00Z".parse().unwrap();
        assert_eq!(Value::from(instant), Value::timestamp("2026-01-31T12:00:00Z"));
        assert_eq!(Value::from(rust_decimal::Decimal::new(1250, 2)), Value::decimal("12.50"));
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
