//! The contract in an author's language, as `wit-bindgen` writes it.

use wit_bindgen_core::wit_parser::Resolve;
use wit_bindgen_core::{Files, WorldGenerator};

use crate::contract;

/// Languages for which bindings are written here. The others bring a tool of their own, which reads the WIT text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lang {
    /// A header, a source and an object file with the contract.
    C,
    /// Go files.
    Go {
        /// A package's path, for bindings that are a library; else they are part of `main`.
        package: Option<String>,
        /// Whether to write empty functions for the exports, too.
        stubs: bool,
    },
}

/// Of what there are to be bindings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum World {
    /// The contract.
    Connector,
    /// What of `wasi:http` a connector needs to call its application.
    Calls,
}

/// The bindings: each file's path, with `/`, and its content.
pub fn bindings(lang: &Lang, world: World) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let mut generator: Box<dyn WorldGenerator> = match lang {
        Lang::C => wit_bindgen_c::Opts::default().build(),
        Lang::Go { package, stubs } => {
            // Formatting needs `gofmt`, which need not be there.
            let format = wit_bindgen_go::Format::False;
            wit_bindgen_go::Opts { format, generate_stubs: *stubs, pkg_name: package.clone(), ..Default::default() }.build()
        }
    };
    let mut resolve = Resolve::default();
    let (wit, world) = match world {
        World::Connector => (contract::WIT.to_owned(), contract::WORLD),
        World::Calls => (format!("{}\n{}", contract::WIT, contract::CALLS), contract::CALLS_WORLD),
    };
    let package = resolve.push_str(contract::FILE, &wit)?;
    let world = resolve.select_world(&[package], Some(world))?;
    let mut files = Files::default();
    generator.generate(&mut resolve, world, &mut files)?;
    Ok(files.iter().map(|(path, content)| (path.to_owned(), content.to_vec())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(lang: &Lang, file: &str) -> String {
        let files = bindings(lang, World::Connector).unwrap();
        let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        let (_, content) = files.iter().find(|(name, _)| name == file).unwrap_or_else(|| panic!("{file} is not among {names:?}"));
        String::from_utf8_lossy(content).into_owned()
    }

    #[test]
    fn c_gets_a_header_with_the_three_methods() {
        let header = text(&Lang::C, "connector.h");
        for method in ["prepare_internal_object", "get_internal_object_params", "get_internal_document_params"] {
            assert!(header.contains(&format!("exports_lockgate_connector_translator_{method}(")), "{method}");
        }
    }

    #[test]
    fn calls_are_apart_from_the_contract() {
        let files = bindings(&Lang::C, World::Calls).unwrap();
        let (_, header) = files.iter().find(|(name, _)| name == "calls.h").unwrap();
        let header = String::from_utf8_lossy(header);
        assert!(header.contains("wasi_http_outgoing_handler_handle(") && !header.contains("prepare_internal_object"));
    }

    #[test]
    fn go_gets_the_types_of_the_contract() {
        let files = bindings(&Lang::Go { package: None, stubs: true }, World::Connector).unwrap();
        assert!(files.iter().any(|(name, _)| name == "go.mod"));
        assert!(files.iter().any(|(_, content)| String::from_utf8_lossy(content).contains("type InfoObject struct")));
    }
}
