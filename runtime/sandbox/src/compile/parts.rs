//! What a component says of itself, read without compiling it: names of its imports and exports, and
//! its manifest.

use lockgate_core::ports::InstallError;
use wasmparser::{Parser, Payload};

/// Custom section with the manifest's text. The component has it, or the core module inside, where
/// `#[link_section]` puts it.
const MANIFEST_SECTION: &str = "lockgate:manifest";
/// Longest manifest: hundreds of entries.
const MANIFEST_BYTES_MAX: usize = 64 << 10;

/// What was read.
#[derive(Debug, Default)]
pub struct Parts<'a> {
    /// Names of the component's imports.
    pub imports: Vec<&'a str>,
    /// Names of the component's exports.
    pub exports: Vec<&'a str>,
    /// The manifest's text, untouched.
    pub manifest: Option<&'a str>,
}

/// Reads it. Every section is seen, so that what was cut off shows here; functions are not.
pub fn read(component: &[u8]) -> Result<Parts<'_>, InstallError> {
    let mut parts = Parts::default();
    let mut manifests = Manifests::default();
    // How many components and modules are open: one is the component itself.
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(component) {
        match payload.map_err(|error| malformed(&error))? {
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::CustomSection(section) if section.name() == MANIFEST_SECTION => manifests.add(section.data(), depth == 1)?,
            Payload::ComponentImportSection(imports) if depth == 1 => {
                for import in imports {
                    parts.imports.push(import.map_err(|error| malformed(&error))?.name.name);
                }
            }
            Payload::ComponentExportSection(exports) if depth == 1 => {
                for export in exports {
                    parts.exports.push(export.map_err(|error| malformed(&error))?.name.name);
                }
            }
            _ => {}
        }
    }
    parts.manifest = manifests.text()?;
    Ok(parts)
}

/// Sections found, each once.
#[derive(Default)]
struct Manifests<'a> {
    own: Option<&'a [u8]>,
    inner: Option<&'a [u8]>,
}

impl<'a> Manifests<'a> {
    fn add(&mut self, section: &'a [u8], is_own: bool) -> Result<(), InstallError> {
        let (place, level) = if is_own { (&mut self.own, "the component itself") } else { (&mut self.inner, "its modules") };
        match place {
            Some(other) if *other != section => Err(refused(
                "invalid-component",
                format!("there are two different `{MANIFEST_SECTION}` sections in {level}: nobody can say which one counts"),
            )),
            _ => {
                *place = Some(section);
                Ok(())
            }
        }
    }

    /// The component's own goes before its modules': who packs it has the last word.
    fn text(&self) -> Result<Option<&'a str>, InstallError> {
        let Some(section) = self.own.or(self.inner) else { return Ok(None) };
        if section.len() > MANIFEST_BYTES_MAX {
            let message = format!("the manifest has {} bytes, at most {MANIFEST_BYTES_MAX} are allowed", section.len());
            return Err(refused("invalid-manifest", message));
        }
        let text = std::str::from_utf8(section);
        text.map(Some).map_err(|error| refused("invalid-manifest", format!("the manifest is not text in UTF-8: {error}")))
    }
}

fn malformed(error: &wasmparser::BinaryReaderError) -> InstallError {
    refused("invalid-component", format!("the component is damaged or incomplete: {error}"))
}

fn refused(code: &'static str, message: String) -> InstallError {
    InstallError { code, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn component(wat: &str) -> Vec<u8> {
        wat::parse_str(wat).unwrap()
    }

    fn manifest(wat: &str) -> Result<Option<String>, &'static str> {
        read(&component(wat)).map(|parts| parts.manifest.map(str::to_owned)).map_err(|error| error.code)
    }

    #[test]
    fn a_component_without_a_manifest_has_none() {
        assert_eq!(manifest("(component (core module))"), Ok(None));
    }

    #[test]
    fn the_manifest_of_the_module_inside_is_found() {
        let wat = r#"(component (core module (@custom "lockgate:manifest" "state = true")))"#;
        assert_eq!(manifest(wat), Ok(Some("state = true".to_owned())));
    }

    #[test]
    fn the_components_own_manifest_goes_before_its_modules() {
        let wat = r#"(component (core module (@custom "lockgate:manifest" "inner")) (@custom "lockgate:manifest" "own"))"#;
        assert_eq!(manifest(wat), Ok(Some("own".to_owned())));
    }

    #[test]
    fn two_manifests_at_one_level_must_be_equal() {
        let twice =
            |a: &str, b: &str| manifest(&format!(r#"(component (@custom "lockgate:manifest" "{a}") (@custom "lockgate:manifest" "{b}"))"#));
        assert_eq!(twice("a", "a"), Ok(Some("a".to_owned())));
        assert_eq!(twice("a", "b"), Err("invalid-component"));
    }

    #[test]
    fn a_manifest_that_is_too_long_or_no_text_is_refused() {
        let long = "x".repeat(MANIFEST_BYTES_MAX + 1);
        assert_eq!(manifest(&format!(r#"(component (@custom "lockgate:manifest" "{long}"))"#)), Err("invalid-manifest"));
        assert_eq!(manifest(r#"(component (@custom "lockgate:manifest" "\ff"))"#), Err("invalid-manifest"));
    }

    #[test]
    fn names_of_nested_components_are_not_its_own() {
        let bytes = component(r#"(component (import "a" (func)) (component (import "b" (func))) (export "c" (func 0)))"#);
        let parts = read(&bytes).unwrap();
        assert_eq!((parts.imports, parts.exports), (vec!["a"], vec!["c"]));
    }
}
