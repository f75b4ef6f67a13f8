//! The component model's own tests, and random components, against the engine as Lockgate sets it
//! up (promise 3). What both need is here; what must hold is in `tests/`.
#![expect(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests' code: a failure here is a failed test")]

pub mod files;
pub mod script;
pub mod smith;
mod values;
