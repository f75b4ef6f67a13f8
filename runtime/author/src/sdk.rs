//! The SDKs, as they travel in this program (`build.rs` packs them).

use std::path::PathBuf;

use crate::scaffold::Lang;
use crate::templates::Vendored;
use crate::vendored;

/// A file of an SDK: the language, the path in the SDK with `/`, and what it holds.
type Packed = (&'static str, &'static str, &'static [u8]);

const ALL: &[Packed] = include!(concat!(env!("OUT_DIR"), "/sdks.rs"));

/// What a project takes along: each file's path in the project, and what is in it. Of a language that has packages, those; else
/// the whole SDK.
pub fn carried(lang: Lang, packages: &[Vendored]) -> Vec<(PathBuf, Vec<u8>)> {
    let own = vendored::folder_of(vendored::SDK);
    let all = files(lang).filter_map(|(path, bytes)| {
        let to = if packages.is_empty() { own.join(path) } else { packages.iter().find_map(|package| vendored::place(package, path))? };
        Some((to, bytes.to_vec()))
    });
    all.collect()
}

/// The files of a language's SDK.
fn files(lang: Lang) -> impl Iterator<Item = (&'static str, &'static [u8])> {
    ALL.iter().filter(move |(language, ..)| *language == lang.as_str()).map(|(_, path, bytes)| (*path, *bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sdk_is_whole_and_has_no_tests_and_nothing_that_tools_made() {
        for (lang, needed) in [
            (Lang::Rust, &["Cargo.toml", "README.md", "src/lib.rs", "wit/connector.wit"][..]),
            (Lang::TypeScript, &["package.json", "README.md", "tsconfig.base.json"]),
            (Lang::Python, &["pyproject.toml", "README.md", "src/lockgate_guest/__init__.py"]),
            (Lang::Go, &["go.mod", "README.md", "export.go"]),
            (Lang::C, &["README.md", "include/lockgate.h", "src/lockgate.c", "flags"]),
        ] {
            let paths: Vec<&str> = files(lang).map(|(path, _)| path).collect();
            for needed in needed {
                assert!(paths.contains(needed), "{}: {needed} is not among {paths:?}", lang.as_str());
            }
            assert!(paths.iter().all(|path| !path.contains("node_modules") && !path.contains("__pycache__")), "{paths:?}");
            let bytes: usize = files(lang).map(|(_, bytes)| bytes.len()).sum();
            assert!(bytes < 1_000_000, "{} has {bytes} bytes", lang.as_str());
        }
    }

    #[test]
    fn the_manifest_of_the_sdk_for_rust_stands_alone() {
        let (_, manifest) = files(Lang::Rust).find(|(path, _)| *path == "Cargo.toml").unwrap();
        let manifest: toml::Table = std::str::from_utf8(manifest).unwrap().parse().unwrap();
        assert!(!manifest.to_string().contains("workspace"), "{manifest}");
        assert_eq!(manifest["package"]["edition"].as_str(), Some("2024"));
        assert_eq!(manifest["dependencies"]["wit-bindgen"]["default-features"].as_bool(), Some(false));
    }
}
