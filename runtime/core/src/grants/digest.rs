//! One number for everything that an operator grants: processes whose numbers differ do not work on one
//! store at the same time.

use std::fmt::Write;

use crate::ports::GrantsDigest;
use crate::settings::{BusSettings, ConnectorSettings};

/// A digest of what these settings grant; of secrets only which there are and where they may go.
pub fn digest(settings: &BusSettings) -> GrantsDigest {
    let mut text = String::new();
    granted(&mut text, "", &settings.defaults);
    for (name, of) in &settings.connectors {
        granted(&mut text, name.as_str(), of);
    }
    // A name-based UUID is a well-mixed 122 bits; 0 is kept for "nobody has said".
    GrantsDigest(uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, text.as_bytes()).as_u128())
}

fn granted(text: &mut String, connector: &str, of: &ConnectorSettings) {
    let ConnectorSettings { grant, settings, secrets, .. } = of;
    // Writing to a text does not fail.
    let _ = writeln!(text, "{connector:?} {grant:?} {settings:?} {secrets:?}");
}
