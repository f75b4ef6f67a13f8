//! Parameters of statements, each with its type: no round trip asks for it.

use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

/// One parameter.
#[derive(Debug, Clone)]
pub(crate) enum Param {
    Bool(bool),
    Small(i16),
    Big(i64),
    Text(String),
    Bytes(Vec<u8>),
    Guid(Uuid),
    MaybeBig(Option<i64>),
    Bools(Vec<bool>),
    Smalls(Vec<i16>),
    Bigs(Vec<i64>),
    MaybeBigs(Vec<Option<i64>>),
    Texts(Vec<String>),
    ByteLists(Vec<Vec<u8>>),
    MaybeByteLists(Vec<Option<Vec<u8>>>),
    Guids(Vec<Uuid>),
    /// No list of numbers.
    Null,
}

impl Param {
    pub(crate) fn typed(&self) -> (&(dyn ToSql + Sync), Type) {
        match self {
            Self::Bool(value) => (value, Type::BOOL),
            Self::Small(value) => (value, Type::INT2),
            Self::Big(value) => (value, Type::INT8),
            Self::Text(value) => (value, Type::TEXT),
            Self::Bytes(value) => (value, Type::BYTEA),
            Self::Guid(value) => (value, Type::UUID),
            Self::MaybeBig(value) => (value, Type::INT8),
            Self::Bools(value) => (value, Type::BOOL_ARRAY),
            Self::Smalls(value) => (value, Type::INT2_ARRAY),
            Self::Bigs(value) => (value, Type::INT8_ARRAY),
            Self::MaybeBigs(value) => (value, Type::INT8_ARRAY),
            Self::Texts(value) => (value, Type::TEXT_ARRAY),
            Self::ByteLists(value) => (value, Type::BYTEA_ARRAY),
            Self::MaybeByteLists(value) => (value, Type::BYTEA_ARRAY),
            Self::Guids(value) => (value, Type::UUID_ARRAY),
            Self::Null => (&None::<Vec<i64>>, Type::INT8_ARRAY),
        }
    }
}

macro_rules! from {
    ($($of:ty => $variant:ident),* $(,)?) => {
        $(impl From<$of> for Param {
            fn from(value: $of) -> Self {
                Self::$variant(value)
            }
        })*
    };
}

from! {
    bool => Bool, i16 => Small, i64 => Big, String => Text, Vec<u8> => Bytes, Uuid => Guid, Option<i64> => MaybeBig,
    Vec<bool> => Bools, Vec<i16> => Smalls, Vec<i64> => Bigs, Vec<Option<i64>> => MaybeBigs, Vec<String> => Texts,
    Vec<Vec<u8>> => ByteLists, Vec<Option<Vec<u8>>> => MaybeByteLists, Vec<Uuid> => Guids,
}

impl From<&str> for Param {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

macro_rules! params {
    ($($value:expr),* $(,)?) => { vec![$($crate::params::Param::from($value)),*] };
}
pub(crate) use params;
