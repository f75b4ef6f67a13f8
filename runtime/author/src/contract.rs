//! The contract that this program was built with.

/// Its text: `wit/connector.wit`.
pub const WIT: &str = include_str!("../../../wit/connector.wit");
/// The texts that were published, by their versions.
pub const PUBLISHED: &[(&str, &str)] = &[
    ("0.1.0", include_str!("../../../wit/published/0.1.0/connector.wit")),
    ("1.0.0", include_str!("../../../wit/published/1.0.0/connector.wit")),
    ("1.1.0", include_str!("../../../wit/published/1.1.0/connector.wit")),
];
/// The file's name, in messages and in an author's `wit` folder.
pub const FILE: &str = "connector.wit";
/// The world that a connector is of.
pub const WORLD: &str = "connector";
