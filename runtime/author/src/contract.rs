//! The contract that this program was built with.

/// Its text: `wit/connector.wit`.
pub const WIT: &str = include_str!("../../../wit/connector.wit");
/// The texts that were published, by their versions.
pub const PUBLISHED: &[(&str, &str)] = &[
    ("0.1.0", include_str!("../../../wit/published/0.1.0/connector.wit")),
    ("1.0.0", include_str!("../../../wit/published/1.0.0/connector.wit")),
    ("1.1.0", include_str!("../../../wit/published/1.1.0/connector.wit")),
];
/// The version that a text of the contract says that it is.
pub fn version(wit: &str) -> &str {
    let named = wit.split_once('@').and_then(|(_, rest)| rest.split_once(';'));
    named.map_or("1.0.0", |(version, _)| version)
}

/// The file's name, in messages and in an author's `wit` folder.
pub const FILE: &str = "connector.wit";
/// The world that a connector is of.
pub const WORLD: &str = "connector";
/// What of `wasi:http` a connector may import beside it, to call its application; a component imports of it what its core
/// module does.
pub const CALLS: &str = include_str!("../adapter/calls.wit");
/// The world of those calls alone.
pub const CALLS_WORLD: &str = "lockgate:calls/calls";
