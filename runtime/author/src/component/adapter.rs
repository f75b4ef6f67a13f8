//! Adapters: core modules that answer a core module's imports which are no interfaces.

use super::{embed, look};
use crate::contract;

/// Core module whose exports stand in for an import module.
#[derive(Debug, Clone)]
pub struct Adapter {
    /// Import module that it answers: `wasi_snapshot_preview1`.
    pub name: String,
    /// The adapter itself, binary, with the world of its own imports.
    pub module: Vec<u8>,
}

/// Why a file is no adapter.
#[derive(Debug, thiserror::Error)]
#[error("this is no adapter: {0}")]
pub struct NotAnAdapter(String);

/// What is built in: the import module, and the adapter's text.
const BUILT_IN: &[(&str, &str)] = &[("wasi_snapshot_preview1", include_str!("../../adapter/preview1.wat"))];

/// The version of the contract that they import from.
const WRITTEN_FOR: &str = "@1.0.0\"";

impl Adapter {
    /// From a core module, binary or text. One that does not say of which world it is may import what the contract offers.
    pub fn new(name: impl Into<String>, module: &[u8]) -> Result<Self, NotAnAdapter> {
        let module = wat::parse_bytes(module).map_err(|error| NotAnAdapter(error.to_string()))?;
        let mut module = module.into_owned();
        let looked = look(&module).map_err(|error| NotAnAdapter(error.to_string()))?;
        if !looked.has_world {
            // A world that exports nothing: the translator is the main module's.
            let wit = format!("{}\nworld adapter {{ import log; import clock; import random; }}\n", looked.contract);
            embed(&mut module, &wit, "adapter").map_err(NotAnAdapter)?;
        }
        Ok(Self { name: name.into(), module })
    }

    /// The built-in one for this import module, if there is one. It imports what it needs of the contract that the module is of, so
    /// that a component has one version of each interface.
    pub fn built_in(name: &str, contract: &str) -> Result<Option<Self>, NotAnAdapter> {
        let Some((name, text)) = BUILT_IN.iter().find(|(known, _)| *known == name) else { return Ok(None) };
        let version = contract::version(contract);
        Self::new(*name, text.replace(WRITTEN_FOR, &format!("@{version}\"")).as_bytes()).map(Some)
    }
}
