//! Puts a manifest into a component, as a custom section at its top level, so that the digest covers
//! it.

use std::path::Path;

use anyhow::Result;
use lockgate_core::grants::{MANIFEST_SECTION, Manifest};

use crate::exit::Failure;
use crate::input;

/// First eight bytes of a component: magic number, version, layer.
pub const PREAMBLE: &[u8] = b"\0asm\x0d\0\x01\0";
/// Id of custom sections.
const CUSTOM: u8 = 0;

/// The component in a file, with the manifest of another file if one is named. A mistake in the
/// manifest is named with its place before anything is sent.
pub fn component(file: &Path, manifest: Option<&Path>) -> Result<Vec<u8>> {
    with_file(input::read_file(file)?, file, manifest)
}

/// The same for a component that was just made of a file.
pub fn with_file(component: Vec<u8>, file: &Path, manifest: Option<&Path>) -> Result<Vec<u8>> {
    let Some(path) = manifest else { return Ok(component) };
    let text = input::read_text(path)?;
    Manifest::parse(&text).map_err(|error| {
        let place = match (error.line, error.column) {
            (Some(line), Some(column)) => format!("{}:{line}:{column}", path.display()),
            _ => path.display().to_string(),
        };
        Failure::invalid(format!("{place}: {}", error.message))
            .hint("a manifest has description, objects, pages, sites, hosts, settings, secrets and state, all optional")
    })?;
    // What is no component is refused by whoever takes it, which says why.
    if !component.starts_with(PREAMBLE) {
        return Ok(component);
    }
    match own(&component) {
        Some(own) if own == text.as_bytes() => Ok(component),
        Some(_) => Err(Failure::invalid(format!("{} has a manifest of its own, which is not that of {}", file.display(), path.display()))
            .hint("leave out --manifest, or take the component as it was before a manifest was put in")
            .into()),
        None => Ok(with(component, &text)),
    }
}

/// The component's own manifest, at its top level. One in its core module does not count: there it is
/// what the author built in, and one at the top level goes before it.
fn own(component: &[u8]) -> Option<&[u8]> {
    let mut rest = component.get(PREAMBLE.len()..)?;
    while let Some((id, after)) = rest.split_first() {
        let (size, after) = number(after)?;
        let (content, after) = after.split_at_checked(size)?;
        rest = after;
        if *id == CUSTOM {
            let (size, content) = number(content)?;
            let (name, content) = content.split_at_checked(size)?;
            if name == MANIFEST_SECTION.as_bytes() {
                return Some(content);
            }
        }
    }
    None
}

fn with(mut component: Vec<u8>, text: &str) -> Vec<u8> {
    let name = MANIFEST_SECTION.as_bytes();
    let mut content = leb128(name.len());
    content.extend_from_slice(name);
    content.extend_from_slice(text.as_bytes());
    component.push(CUSTOM);
    component.extend(leb128(content.len()));
    component.extend(content);
    component
}

/// As WebAssembly writes sizes: seven bits a byte, the lowest first.
fn leb128(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(value & 0x7f).unwrap_or_default();
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

/// The reverse, and what follows. `None`: not a size of 32 bits.
fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0_usize;
    for (at, byte) in bytes.iter().enumerate().take(5) {
        value |= usize::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((value, bytes.get(at + 1..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(folder: &tempfile::TempDir, name: &str, content: &[u8]) -> std::path::PathBuf {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    #[test]
    fn sizes_are_written_and_read_back() {
        for size in [0, 1, 127, 128, 300, 16_383, 16_384, 1 << 20] {
            let mut bytes = leb128(size);
            bytes.push(7);
            assert_eq!(number(&bytes), Some((size, &[7][..])));
        }
        assert_eq!(leb128(624_485), [0xe5, 0x8e, 0x26]);
        assert_eq!(number(&[0x80; 9]), None);
    }

    #[test]
    fn a_manifest_is_put_in_once() {
        let folder = tempfile::tempdir().unwrap();
        let wasm = file(&folder, "a.wasm", PREAMBLE);
        let text = format!("description = {:?}\nobjects = ['shop.*']\n", "x".repeat(200));
        let manifest = file(&folder, "a.toml", text.as_bytes());
        let made = component(&wasm, Some(&manifest)).unwrap();
        assert_eq!(own(&made).unwrap(), text.as_bytes());
        let again = file(&folder, "b.wasm", &made);
        assert_eq!(component(&again, Some(&manifest)).unwrap(), made, "the same again is no mistake");
        let other = file(&folder, "b.toml", b"state = true\n");
        let error = component(&again, Some(&other)).unwrap_err().to_string();
        assert!(error.contains("b.wasm has a manifest of its own"), "{error}");
        assert_eq!(component(&wasm, None).unwrap(), PREAMBLE);
    }

    #[test]
    fn a_mistake_is_named_with_file_line_and_column() {
        let folder = tempfile::tempdir().unwrap();
        let wasm = file(&folder, "a.wasm", PREAMBLE);
        let manifest = file(&folder, "bad.toml", b"state = true\nobjects = ['sh*p']\n");
        let error = component(&wasm, Some(&manifest)).unwrap_err().to_string();
        assert!(error.contains("bad.toml:2:12: "), "{error}");
    }
}
