//! Whether a component is a connector, and what it wants: at install, not at the first task.

use lockgate_core::failure::sanitised;
use lockgate_core::ports::InstallError;
use wasmtime::Engine;
use wasmtime::component::types::{self, ComponentInstance, ComponentItem};
use wasmtime::component::{Component, ComponentNamedList, Lift, Linker, Lower};

use crate::bindings::exports::lockgate::connector::translator as wit;
use crate::exports::Exports;
use crate::http;
use crate::state::State;
use crate::wasi;

/// The contract's package.
const PACKAGE: &str = "lockgate:connector/";
/// The contract's version that this host offers.
const VERSION: &str = "1.1.0";
/// An older one, of other connectors than today's, which it offers beside it.
const VERSION_BEFORE: &str = "0.1.0";
/// The versions of both that components may name. Before 1.0, the minor version is the compatible one.
const SERIES: [&str; 2] = ["1.", "0.1."];
/// The interface that a connector exports.
const TRANSLATOR: &str = "translator";
/// The contract's interfaces that a connector may import, of every served version.
const IMPORTS: &[&str] = &["types", "log", "clock", "random", "settings", "secrets", "state"];
/// Those that came with version 1.1.
const IMPORTS_1_1: &[&str] = &["children", "identity", "warnings", "task"];

/// Exports that a message names.
const NAMES_SHOWN_MAX: usize = 20;

/// A component that is a connector.
pub struct Checked {
    /// Ready to be instantiated.
    pub exports: Exports,
    /// Imports that are not of the contract, sorted.
    pub foreign_imports: Vec<String>,
}

/// Checks names and versions, which needs no compiled component.
pub fn check_names(imports: &[&str], exports: &[&str]) -> Result<(), InstallError> {
    check_exports(exports)?;
    check_imports(imports)
}

/// Checks names, versions and types.
pub fn check(engine: &Engine, linker: &Linker<State>, component: &Component) -> Result<Checked, InstallError> {
    let component_type = component.component_type();
    let exports: Vec<(&str, ComponentItem)> = component_type.exports(engine).map(|(name, e)| (name, e.ty)).collect();
    let imports: Vec<&str> = component_type.imports(engine).map(|(name, _)| name).collect();
    let names: Vec<&str> = exports.iter().map(|(name, _)| *name).collect();
    check_names(&imports, &names)?;
    check_types(engine, translator(&exports)?, &component_type)?;
    let pre = linker.instantiate_pre(component).map_err(|error| refused("import-denied", format!("an import does not fit: {error:#}")))?;
    let exports = Exports::of(pre).map_err(|error| refused("incompatible-contract", format!("{error:#}")))?;
    let mut foreign_imports: Vec<String> =
        imports.iter().filter(|name| !name.starts_with(PACKAGE)).map(|name| (*name).to_owned()).collect();
    foreign_imports.sort();
    Ok(Checked { exports, foreign_imports })
}

/// Whether the translator is exported, in a version that this host offers.
fn check_exports(exports: &[&str]) -> Result<(), InstallError> {
    let found = exports.iter().find_map(|name| {
        let (interface, version) = contract_name(name)?;
        (interface == TRANSLATOR).then_some((name, version))
    });
    match found {
        Some((_, version)) if is_served(version) => Ok(()),
        Some((name, _)) => Err(other_version(name)),
        None => {
            let names: Vec<&str> = exports.iter().copied().take(NAMES_SHOWN_MAX).collect();
            let instead = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
            Err(missing_translator(&format!("this component exports {instead} instead")))
        }
    }
}

fn missing_translator(instead: &str) -> InstallError {
    refused("missing-export", format!("a connector exports {PACKAGE}{TRANSLATOR}@{VERSION}; {instead}"))
}

fn other_version(name: &str) -> InstallError {
    let message = format!("the component needs {name}, this host offers {VERSION} and {VERSION_BEFORE}: rebuild it with a current SDK");
    refused("incompatible-contract", message)
}

fn is_served(version: &str) -> bool {
    SERIES.iter().any(|series| version.starts_with(series))
}

fn check_imports(imports: &[&str]) -> Result<(), InstallError> {
    let of_another = imports
        .iter()
        .find(|name| contract_name(name).is_some_and(|(interface, version)| IMPORTS.contains(&interface) && !is_served(version)));
    if let Some(name) = of_another {
        return Err(other_version(name));
    }
    let mut denied: Vec<&str> = imports.iter().copied().filter(|name| !is_offered(name)).collect();
    denied.sort_unstable();
    if denied.is_empty() {
        return Ok(());
    }
    Err(refused("import-denied", format!("the component imports what no connector is granted: {}", denied.join(", "))))
}

/// The exported translator's type.
fn translator<'a>(exports: &'a [(&str, ComponentItem)]) -> Result<&'a ComponentInstance, InstallError> {
    let found = exports.iter().find_map(|(name, item)| match (contract_name(name), item) {
        (Some((TRANSLATOR, _)), ComponentItem::ComponentInstance(instance)) => Some(instance),
        _ => None,
    });
    found.ok_or_else(|| missing_translator("this component exports something else under that name"))
}

fn is_offered(import: &str) -> bool {
    match contract_name(import) {
        Some((interface, version)) => IMPORTS.contains(&interface) || is_of_1_1(interface, version),
        None => wasi::offers(import) || http::offers(import),
    }
}

/// Whether it came with version 1.1. A component may import it beside interfaces of 1.0.
fn is_of_1_1(interface: &str, version: &str) -> bool {
    IMPORTS_1_1.contains(&interface) && version.starts_with("1.")
}

/// The interface and version of a name of the contract.
fn contract_name(name: &str) -> Option<(&str, &str)> {
    name.strip_prefix(PACKAGE)?.split_once('@')
}

fn check_types(engine: &Engine, translator: &ComponentInstance, component: &types::Component) -> Result<(), InstallError> {
    type Answer<T> = (Result<T, wit::ConnectorError>,);
    let check = Types { engine, translator, component };
    check.function::<(wit::ExternalObject<'_>, wit::TaskType, wit::DataType, Option<&str>), Answer<wit::Prepared>>(
        "prepare-internal-object",
    )?;
    check.function::<(&str, &str), Answer<wit::ObjectParams>>("get-internal-object-params")?;
    check.function::<(&str, &str), Answer<wit::DocumentParams>>("get-internal-document-params")
}

struct Types<'a> {
    engine: &'a Engine,
    translator: &'a ComponentInstance,
    component: &'a types::Component,
}

impl Types<'_> {
    fn function<Params, Answer>(&self, name: &str) -> Result<(), InstallError>
    where
        Params: ComponentNamedList + Lower,
        Answer: ComponentNamedList + Lift,
    {
        let full = format!("{PACKAGE}{TRANSLATOR}@{VERSION}#{name}");
        match self.translator.get_export(self.engine, name).map(|export| export.ty) {
            Some(ComponentItem::ComponentFunc(function)) => function
                .typecheck::<Params, Answer>(&self.component.instance_type())
                .map_err(|error| refused("incompatible-contract", format!("{full} has other types than this host's: {error:#}"))),
            _ => Err(refused("missing-export", format!("the component does not export {full}"))),
        }
    }
}

fn refused(code: &'static str, message: String) -> InstallError {
    InstallError { code, message: sanitised(&message) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_series_of_the_contract_are_served_and_no_other() {
        for (version, served) in [("1.0.0", true), ("1.7.2", true), ("0.1.0", true), ("0.2.0", false), ("2.0.0", false), ("10.0.0", false)]
        {
            let name = format!("lockgate:connector/translator@{version}");
            match check_exports(&[&name]) {
                Ok(()) => assert!(served, "{version}"),
                Err(error) => assert!(!served && error.message.contains("offers 1.1.0 and 0.1.0"), "{version}: {error}"),
            }
        }
    }

    #[test]
    fn only_the_contract_and_wasi_0_2_are_offered() {
        for name in [
            "lockgate:connector/log@1.0.0",
            "lockgate:connector/secrets@1.0.0",
            "lockgate:connector/log@0.1.0",
            "lockgate:connector/children@1.1.0",
            "lockgate:connector/identity@1.1.0",
            "lockgate:connector/warnings@1.1.0",
            "lockgate:connector/task@1.1.3",
            "wasi:cli/stderr@0.2.6",
            "wasi:io/poll@0.2.0",
            "wasi:http/types@0.2.6",
            "wasi:http/outgoing-handler@0.2.0",
        ] {
            assert!(is_offered(name), "{name}");
        }
        for name in [
            "lockgate:connector/files@1.0.0",
            "lockgate:connector/files@0.1.0",
            "lockgate:connector/children@0.1.0",
            "lockgate:connector/warnings@0.1.0",
            "wasi:nn/tensor@0.2.6",
            "wasi:cli/stderr@0.3.0",
            "env",
            "wasi:clix/a@0.2.0",
            "wasi:http/types@0.3.0",
            "wasi:http/incoming-handler@0.2.0",
        ] {
            assert!(!is_offered(name), "{name}");
        }
    }
}
