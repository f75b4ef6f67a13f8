//! Values of fields: as a connector gives them, and as they are stored.

use std::sync::Arc;

use uuid::Uuid;

use crate::names::ExternalId;
use crate::rows::Target;

/// A value as a connector gives it, already checked for its own form (a decimal is a decimal).
#[derive(Debug, Clone, PartialEq)]
pub enum Given {
    /// Clears the field.
    Null,
    /// An external id to be resolved. `None` is "no reference".
    Reference(Option<ExternalId>),
    /// A list of external ids, in order.
    References(Vec<ExternalId>),
    /// A finished value.
    Plain(Plain),
}

/// A value that means the same outside and inside.
#[derive(Debug, Clone, PartialEq)]
pub enum Plain {
    /// True or false.
    Boolean(bool),
    /// 64 bits with sign.
    Integer(i64),
    /// An exact decimal number, in digits as given: `-?digits[.digits]`.
    Decimal(Arc<str>),
    /// Finite.
    Real(f64),
    /// Byte for byte as given.
    Text(Arc<str>),
    /// RFC 3339 with an offset, as given.
    Timestamp(Arc<str>),
    /// A GUID.
    Guid(Uuid),
    /// Bytes.
    Binary(Arc<[u8]>),
    /// One JSON document, as given.
    Json(Arc<str>),
}

/// A value as it is stored. A field without a value has no entry at all.
#[derive(Debug, Clone, PartialEq)]
pub enum Stored {
    /// A finished value.
    Plain(Plain),
    /// An internal object or page.
    Reference(Target),
}

impl Stored {
    /// What it points to, if it is a reference.
    pub fn target(&self) -> Option<Target> {
        match self {
            Self::Reference(target) => Some(*target),
            Self::Plain(_) => None,
        }
    }
}
