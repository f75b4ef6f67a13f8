//! From a case's text to a component.
//!
//! A case is a core module with `%MEMORY%` and `%METHODS%` where it wants what most cases have (the
//! files of that name in `connector/` show it) and `%T%` for the name of the translator interface.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};

use crate::case::{Case, Form};

/// The interface that a connector exports.
const TRANSLATOR: &str = "lockgate:connector/translator@1.1.0";

/// A connector that behaves.
pub const GOOD: &str = "(module %MEMORY% %METHODS% (func $attack (result i32) unreachable))";

/// The case's component.
pub fn of(case: &Case) -> Result<Vec<u8>> {
    match case.form {
        Form::Connector => wrapped(&case.text, case.encoding, &case.contract),
        Form::Raw => Ok(wat::parse_str(&case.text)?),
        Form::Rust | Form::Script => anyhow::bail!("a file of this form brings its own component"),
    }
}

/// A connector from a module's text, as the contract is.
pub fn connector(text: &str) -> Result<Vec<u8>> {
    wrapped(text, StringEncoding::UTF8, &[])
}

fn wrapped(text: &str, encoding: StringEncoding, contract_changes: &[(String, String)]) -> Result<Vec<u8>> {
    let mut module = wat::parse_str(expanded(text))?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut contract = std::fs::read_to_string(root.join("wit/connector.wit"))?;
    for (old, new) in contract_changes {
        ensure!(contract.contains(old), "the contract does not have {old:?}");
        contract = contract.replace(old, new);
    }
    let mut resolve = wit_parser::Resolve::default();
    resolve.push_str("connector.wit", &contract)?;
    let package = resolve.push_str("wasi.wit", include_str!("connector/wasi.wit"))?;
    let world = resolve.select_world(&[package], Some("case"))?;
    embed_component_metadata(&mut module, &resolve, world, encoding)?;
    ComponentEncoder::default().validate(true).module(&module)?.encode().context("the module does not fit the contract")
}

fn expanded(text: &str) -> String {
    // Methods that a case does not mention are not called.
    let method = |name: &str| {
        let calls = format!("(call ${name})");
        if text.contains(&format!("(func ${name} ")) { calls } else { "unreachable".to_owned() }
    };
    text.replace("%MEMORY%", include_str!("connector/memory.wat"))
        .replace("%METHODS%", include_str!("connector/methods.wat"))
        .replace("%OBJECT_PARAMS%", &method("object_params"))
        .replace("%DOCUMENT_PARAMS%", &method("document_params"))
        .replace("%T%", TRANSLATOR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connector_without_wasi_imports_none() {
        let component = connector(GOOD).unwrap();
        let text = String::from_utf8_lossy(&component).into_owned();
        assert!(text.contains("lockgate:connector/translator@1.1.0"));
        assert!(!text.contains("wasi:"), "an import of WASI stands in it");
    }
}
