//! What connector authors use: scaffold, bindings, harness, and the check of a changed contract.
//!
//! What this crate must not know: any store or server, how a component is compiled or limited (the sandbox
//! does that), and in which language a component was written, beyond the files of `templates`.

pub mod bindings;
pub mod change;
pub mod component;
pub mod contract;
pub mod exact;
pub mod harness;
pub mod scaffold;
pub mod sdk;
mod templates;
mod vendored;
pub mod watch;
