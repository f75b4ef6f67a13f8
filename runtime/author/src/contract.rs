//! The contract that this program was built with.

/// Its text: `wit/connector.wit`.
pub const WIT: &str = include_str!("../../../wit/connector.wit");
/// The file's name, in messages and in an author's `wit` folder.
pub const FILE: &str = "connector.wit";
/// The world that a connector is of.
pub const WORLD: &str = "connector";
/// What of `wasi:http` a connector may import beside it, to call its application; a component imports of it what its core
/// module does.
pub const CALLS: &str = include_str!("../adapter/calls.wit");
/// The world of those calls alone.
pub const CALLS_WORLD: &str = "lockgate:calls/calls";
