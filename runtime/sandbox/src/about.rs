//! What is kept of a compilation beside the machine code: what it found out.

use std::sync::Arc;

use lockgate_core::ports::Compiled;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct About {
    foreign_imports: Vec<String>,
    manifest: Option<String>,
}

/// For a file of its own.
pub fn write(compiled: &Compiled) -> Vec<u8> {
    let about = About { foreign_imports: compiled.foreign_imports.clone(), manifest: compiled.manifest.as_deref().map(str::to_owned) };
    // Texts can always be written; what is empty is not read, and the component is compiled again.
    serde_json::to_vec(&about).unwrap_or_default()
}

/// Back from it. `None`: a version of this program wrote it that has kept something else.
pub fn read(digest: &str, bytes: &[u8]) -> Option<Compiled> {
    let About { foreign_imports, manifest } = serde_json::from_slice(bytes).ok()?;
    Some(Compiled { digest: digest.into(), foreign_imports, manifest: manifest.map(Arc::from) })
}
