//! Reads SCIM documents (RFC 7643 and 7644) and makes tasks of what they say has changed.
//!
//! Knows SCIM and the form of a task; nothing of what the connector makes of a resource. The
//! external object of a task names the resource and carries no data of it: the connector asks the
//! application, which is the only one that knows what a PATCH made of it.

mod change;
mod document;
mod error;
mod path;
mod tasks;

pub use change::{Change, Changes, Deed, changes};
pub use error::{InputError, Problem};
pub use path::{Kind, Path};
pub use tasks::tasks;
