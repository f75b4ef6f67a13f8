//! Packs the SDKs of `guest-sdk/` into the program, so that `lockgate new` needs no repository: writes a list of their files
//! that `src/sdk.rs` takes in. The SDK for Rust gets a manifest that stands alone: in the repository it inherits from the
//! workspace.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

const LANGUAGES: [&str; 5] = ["rust", "typescript", "python", "go", "c"];
/// Folders that are no part of what an author needs.
const LEFT_OUT: [&str; 10] =
    ["node_modules", "target", "__pycache__", "tests", "broken", "examples", "example", "toolchain", "build-cache", "dev"];

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(&std::env::var("CARGO_MANIFEST_DIR")?).join("../..").canonicalize()?;
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let mut list = String::from("&[\n");
    for language in LANGUAGES {
        let sdk = root.join("guest-sdk").join(language);
        let mut files = Vec::new();
        walk(&sdk, &mut files)?;
        files.sort();
        for file in files {
            println!("cargo:rerun-if-changed={}", file.display());
            let inside = file.strip_prefix(&sdk)?.to_string_lossy().replace('\\', "/");
            let taken = match (language, inside.as_str()) {
                ("rust", "Cargo.toml") => alone(&root, &file, &out)?,
                _ => file,
            };
            add(&mut list, language, &inside, &taken)?;
        }
    }
    list.push_str("]\n");
    println!("cargo:rerun-if-changed={}", root.join("Cargo.toml").display());
    println!("cargo:rerun-if-changed=build.rs");
    fs::write(out.join("sdks.rs"), list)?;
    Ok(())
}

fn add(list: &mut String, language: &str, inside: &str, file: &Path) -> Result<(), Box<dyn Error>> {
    Ok(writeln!(list, "({language:?}, {inside:?}, include_bytes!({:?})),", file.display().to_string())?)
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_test = name.ends_with("_test.go") || name.ends_with(".test.ts");
        if name.starts_with('.') || LEFT_OUT.contains(&name.as_str()) || is_test {
            continue;
        }
        if path.is_dir() {
            walk(&path, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}

/// The manifest with what it takes from the workspace written out, and without what only the repository needs.
fn alone(root: &Path, manifest: &Path, out: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let workspace: Table = fs::read_to_string(root.join("Cargo.toml"))?.parse()?;
    let workspace = workspace.get("workspace").and_then(Value::as_table).ok_or("the workspace")?;
    let mut table: Table = fs::read_to_string(manifest)?.parse()?;
    for left_out in ["lints", "dev-dependencies", "example"] {
        table.remove(left_out);
    }
    if let (Some(Value::Table(package)), Some(Value::Table(shared))) = (table.get_mut("package"), workspace.get("package")) {
        for (key, value) in package.iter_mut().filter(|(_, value)| inherits(value)) {
            *value = shared.get(key).cloned().ok_or("a key of the workspace")?;
        }
    }
    let shared = workspace.get("dependencies").and_then(Value::as_table).ok_or("the workspace's dependencies")?;
    if let Some(Value::Table(dependencies)) = table.get_mut("dependencies") {
        inherit(dependencies, shared)?;
    }
    for (_, target) in table.get_mut("target").and_then(Value::as_table_mut).into_iter().flatten() {
        if let Some(Value::Table(dependencies)) = target.get_mut("dependencies") {
            inherit(dependencies, shared)?;
        }
    }
    let path = out.join("rust-sdk.toml");
    fs::write(&path, toml::to_string(&table)?)?;
    Ok(path)
}

fn inherits(value: &Value) -> bool {
    value.get("workspace") == Some(&Value::Boolean(true))
}

/// A dependency takes version and features of the workspace's, and adds its own.
fn inherit(dependencies: &mut Table, shared: &Table) -> Result<(), Box<dyn Error>> {
    for (name, value) in dependencies.iter_mut().filter(|(_, value)| inherits(value)) {
        let mut whole = match shared.get(name).cloned().ok_or("a dependency of the workspace")? {
            Value::String(version) => Table::from_iter([("version".to_owned(), Value::String(version))]),
            Value::Table(table) => table,
            _ => return Err("a dependency is a text or a table".into()),
        };
        for (key, own) in value.as_table().into_iter().flatten().filter(|(key, _)| *key != "workspace") {
            match (whole.get_mut(key), own) {
                (Some(Value::Array(features)), Value::Array(more)) => features.extend(more.iter().cloned()),
                _ => {
                    whole.insert(key.clone(), own.clone());
                }
            }
        }
        *value = Value::Table(whole);
    }
    Ok(())
}
