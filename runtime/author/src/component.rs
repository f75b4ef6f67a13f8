//! From a core module to a component, as `wasm-tools component new` does it, with the contract and
//! the adapters that a connector needs built in.

mod adapter;

use wasmparser::{Encoding, Parser, Payload};
use wit_component::{ComponentEncoder, StringEncoding, WitPrinter, decode, embed_component_metadata};
use wit_parser::Resolve;

use crate::contract;

pub use adapter::{Adapter, NotAnAdapter};

/// Sections that say of which world a core module is; binding generators and linkers put them there.
const COMPONENT_TYPE: &str = "component-type";

/// The section in which Go's linker says what it built.
const GO_BUILD_ID: &str = "go:buildid";

/// Why there is no component.
#[derive(Debug, thiserror::Error)]
pub enum NotMade {
    /// Of what is a component, none can be made.
    #[error("this is a component already")]
    Already,
    /// Not WebAssembly, or damaged.
    #[error("this is no core module: {0}")]
    NoModule(String),
    /// Imports from a module that neither the contract nor an adapter has.
    #[error("the module imports from {}, which neither the contract nor an adapter offers", .0.join(", "))]
    Foreign(Vec<String>),
    /// A program, which is run once and ends, and no library whose methods are called.
    #[error("this is a program, with `_start`, and not a library that exports the three methods{}", if *by_go { "; it was built by Go" } else { "" })]
    Program {
        /// Whether Go says that it built it.
        by_go: bool,
    },
    /// It does not have what the contract asks for, or has it otherwise.
    #[error("the module does not fit the contract: {0}")]
    Misfit(String),
}

/// Makes a component of a core module. The contract is put in where the module does not say of which world it
/// is; `adapters` answer what it imports beside the contract, before those that are built in.
pub fn new(core: &[u8], adapters: &[Adapter]) -> Result<Vec<u8>, NotMade> {
    let module = look(core)?;
    if module.is_program {
        return Err(NotMade::Program { by_go: module.by_go });
    }
    let mut core = without_debug(core)?;
    if !module.has_world {
        let caller = format!("world caller {{ include {}; include {}; }}", contract::WORLD, contract::CALLS_WORLD);
        embed(&mut core, &format!("{}\n{}\n{caller}\n", module.contract, contract::CALLS), "caller").map_err(NotMade::Misfit)?;
    }
    let misfit = |error: anyhow::Error| NotMade::Misfit(format!("{error:#}"));
    let mut encoder = ComponentEncoder::default().validate(true).module(&core).map_err(misfit)?;
    let mut foreign = Vec::new();
    for import in module.plain_imports {
        let named = adapters.iter().find(|adapter| adapter.name == import).cloned();
        let built_in = || Adapter::built_in(&import, module.contract).map_err(|error| NotMade::Misfit(error.to_string()));
        match named.map_or_else(built_in, |named| Ok(Some(named)))? {
            Some(adapter) => encoder = encoder.adapter(&import, &adapter.module).map_err(misfit)?,
            None => foreign.push(import),
        }
    }
    if !foreign.is_empty() {
        return Err(NotMade::Foreign(foreign));
    }
    encoder.encode().map_err(misfit)
}

/// What a component imports and exports, as a world in WIT. Of a core module: the world that it says it is of.
pub fn wit(bytes: &[u8]) -> anyhow::Result<String> {
    let is_component = Parser::is_component(bytes);
    let (resolve, package) = if is_component {
        let decoded = decode(bytes)?;
        (decoded.resolve().clone(), decoded.package())
    } else {
        look(bytes)?;
        let (_, found) = wit_component::metadata::decode(bytes)?;
        let package = found.resolve.worlds.get(found.world).and_then(|world| world.package);
        (found.resolve, package.ok_or_else(|| anyhow::anyhow!("the module's world is of no package"))?)
    };
    let others: Vec<_> = resolve.packages.iter().map(|(id, _)| id).filter(|id| *id != package).collect();
    let mut printer = WitPrinter::default();
    printer.emit_docs(false).print(&resolve, package, &others)?;
    Ok(printer.output.to_string())
}

/// Without DWARF, which may be thirty times as large as the rest and which no verdict reads. The names of functions stay.
fn without_debug(bytes: &[u8]) -> Result<Vec<u8>, NotMade> {
    let mut kept = Vec::with_capacity(bytes.len());
    let mut from = 0;
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload.map_err(|error| NotMade::NoModule(error.to_string()))?;
        let end = match &payload {
            Payload::Version { range, .. } => range.end,
            payload => match payload.as_section() {
                Some((_, range)) => range.end,
                None => continue,
            },
        };
        let is_debug = matches!(&payload, Payload::CustomSection(section) if section.name().starts_with(".debug_"));
        if !is_debug {
            kept.extend_from_slice(bytes.get(from..end).unwrap_or_default());
        }
        from = end;
    }
    Ok(kept)
}

/// Says in the module of which world it is.
fn embed(module: &mut Vec<u8>, wit: &str, world: &str) -> Result<(), String> {
    let embedded = (|| {
        let mut resolve = Resolve::default();
        let package = resolve.push_str(contract::FILE, wit)?;
        let world = resolve.select_world(&[package], Some(world))?;
        embed_component_metadata(module, &resolve, world, StringEncoding::UTF8)
    })();
    embedded.map_err(|error: anyhow::Error| format!("{error:#}"))
}

/// What is known of a core module before anything is made of it.
struct Module {
    /// Whether it says of which world it is.
    has_world: bool,
    /// Whether it is run by `_start`, as a command: what initialises itself runs out of `main` and ends.
    is_program: bool,
    /// Whether Go built it.
    by_go: bool,
    /// Modules that it imports from and that are no WIT interfaces.
    plain_imports: Vec<String>,
    /// The contract of the version that its imports and exports name: today's, unless they name another.
    contract: &'static str,
}

/// The published contract whose version a core module's import or export names.
fn named_contract(name: &str) -> Option<&'static str> {
    let (_, version) = name.split_once("lockgate:connector/")?.1.split_once('@')?;
    let version = version.split_once('#').map_or(version, |(version, _)| version);
    contract::PUBLISHED.iter().find(|(known, _)| *known == version).map(|(_, text)| *text)
}

fn look(bytes: &[u8]) -> Result<Module, NotMade> {
    let no_module = |error: wasmparser::BinaryReaderError| NotMade::NoModule(error.to_string());
    let mut module = Module { has_world: false, is_program: false, by_go: false, plain_imports: Vec::new(), contract: contract::WIT };
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(no_module)? {
            Payload::Version { encoding: Encoding::Component, .. } => return Err(NotMade::Already),
            Payload::CustomSection(section) => {
                module.has_world |= section.name().starts_with(COMPONENT_TYPE);
                module.by_go |= section.name() == GO_BUILD_ID;
            }
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let from = import.map_err(no_module)?.module;
                    module.contract = named_contract(from).unwrap_or(module.contract);
                    if is_plain(from) && !module.plain_imports.iter().any(|known| known == from) {
                        module.plain_imports.push(from.to_owned());
                    }
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let name = export.map_err(no_module)?.name;
                    module.contract = named_contract(name).unwrap_or(module.contract);
                    module.is_program |= name == "_start";
                }
            }
            _ => {}
        }
    }
    Ok(module)
}

/// Whether a core import's module is no name of the component model: neither an interface (`a:b/c`) nor
/// one of its built-ins (`$root`, `[export]a:b/c`, `cm32p2|…`).
fn is_plain(from: &str) -> bool {
    !from.contains([':', '$', '[', '|'])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The least that the contract asks of a core module; its methods trap. One of 1.0.
    const METHODS: &str = r#"
        (memory (export "memory") 1)
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
        (func (export "lockgate:connector/translator@1.0.0#prepare-internal-object")
            (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32) unreachable)
        (func (export "lockgate:connector/translator@1.0.0#get-internal-object-params") (param i32 i32 i32 i32) (result i32) unreachable)
        (func (export "lockgate:connector/translator@1.0.0#get-internal-document-params") (param i32 i32 i32 i32) (result i32) unreachable)"#;

    fn module(imports: &str) -> Vec<u8> {
        wat::parse_str(format!("(module {imports} {METHODS})")).unwrap()
    }

    #[test]
    fn a_module_that_knows_no_world_becomes_a_connector() {
        let log = r#"(import "lockgate:connector/log@1.0.0" "log" (func (param i32 i32 i32)))"#;
        let wit = wit(&new(&module(log), &[]).unwrap()).unwrap();
        assert!(wit.contains("import lockgate:connector/log@1.0.0;"), "{wit}");
        assert!(wit.contains("export lockgate:connector/translator@1.0.0;"), "{wit}");
        assert!(!wit.contains("import lockgate:connector/state"), "what it does not use it does not import: {wit}");
    }

    #[test]
    fn a_module_stays_of_the_version_that_it_names() {
        for (version, _) in contract::PUBLISHED {
            let text = format!("(module {METHODS})").replace("@1.0.0", &format!("@{version}"));
            let wit = wit(&new(&wat::parse_str(text).unwrap(), &[]).unwrap()).unwrap();
            assert!(wit.contains(&format!("export lockgate:connector/translator@{version};")), "{wit}");
        }
    }

    #[test]
    fn preview_1_is_answered_without_wasi() {
        let imports = r#"(import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))"#;
        let wit = wit(&new(&module(imports), &[]).unwrap()).unwrap();
        assert!(wit.contains("import lockgate:connector/log@1.0.0;") && !wit.contains("wasi"), "{wit}");
    }

    #[test]
    fn an_adapter_of_the_authors_own_goes_before_the_built_in_one() {
        let imports = r#"(import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))"#;
        let own = br#"(module (func (export "fd_write") (param i32 i32 i32 i32) (result i32) i32.const 0))"#;
        let adapter = Adapter::new("wasi_snapshot_preview1", own).unwrap();
        let wit = wit(&new(&module(imports), &[adapter]).unwrap()).unwrap();
        assert!(!wit.contains("import lockgate:connector/log"), "{wit}");
    }

    #[test]
    fn debug_information_is_left_out_and_names_stay() {
        let text = format!(
            r#"(module (@custom ".debug_info" "x") (func $kept_name) (@custom ".debug_line" "x") (@custom "other" "x") {METHODS})"#
        );
        let made = new(&wat::parse_str(text).unwrap(), &[]).unwrap();
        let has = |name: &[u8]| made.windows(name.len()).any(|at| at == name);
        assert!(!has(b".debug_") && has(b"other") && has(b"kept_name"));
    }

    #[test]
    fn a_program_is_told_from_a_library_and_goes_own_is_known() {
        for (section, by_go) in [("", false), (r#"(@custom "go:buildid" "x")"#, true)] {
            let program = wat::parse_str(format!(r#"(module {section} (memory (export "memory") 1) (func (export "_start")))"#)).unwrap();
            assert!(matches!(new(&program, &[]), Err(NotMade::Program { by_go: found }) if found == by_go));
        }
    }

    #[test]
    fn what_cannot_be_made_is_said() {
        let foreign = module(r#"(import "env" "puts" (func))"#);
        assert!(matches!(new(&foreign, &[]), Err(NotMade::Foreign(from)) if from == ["env"]));
        let component = new(&module(""), &[]).unwrap();
        assert!(matches!(new(&component, &[]), Err(NotMade::Already)));
        assert!(matches!(new(b"nonsense", &[]), Err(NotMade::NoModule(_))));
        let empty = wat::parse_str("(module)").unwrap();
        assert!(matches!(new(&empty, &[]), Err(NotMade::Misfit(why)) if why.contains("translator")), "the missing export is named");
    }
}
