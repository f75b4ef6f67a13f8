//! The packages of an SDK, as a project takes them along.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use crate::templates::Vendored;

/// Folder of a project that they are in.
const FOLDER: &str = "vendor";
/// The package that every language has.
pub const SDK: &str = "lockgate-guest";
/// What running a package leaves in its folders.
const LEFT_BEHIND: [&str; 2] = ["__pycache__", "node_modules"];

/// A file of a project: its path, and what is in it.
type Taken = (PathBuf, Vec<u8>);

/// Every file of the packages, under its path in the project; else what cannot be read, and why.
pub fn read(sdk: &Path, packages: &[Vendored]) -> Result<Vec<Taken>, (PathBuf, io::Error)> {
    let mut taken = Vec::new();
    for (name, folder, parts) in packages {
        for part in *parts {
            read_into(&mut taken, sdk.join(folder).join(part), folder_of(name).join(part))?;
        }
    }
    Ok(taken)
}

/// Where a package is in a project.
pub fn folder_of(package: &str) -> PathBuf {
    Path::new(FOLDER).join(package)
}

/// Where a file of an SDK, by its path there, is in a project that takes this package along; `None`: it is no part of it.
pub fn place((name, folder, parts): &Vendored, path: &str) -> Option<PathBuf> {
    let inside = if folder.is_empty() { path } else { path.strip_prefix(folder)?.strip_prefix('/')? };
    let is_part = |part: &&str| inside.strip_prefix(*part).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    parts.iter().any(is_part).then(|| folder_of(name).join(inside))
}

fn read_into(taken: &mut Vec<Taken>, from: PathBuf, to: PathBuf) -> Result<(), (PathBuf, io::Error)> {
    if !from.is_dir() {
        let content = std::fs::read(&from).map_err(|cause| (from, cause))?;
        taken.push((to, content));
        return Ok(());
    }
    for name in names(&from).map_err(|cause| (from.clone(), cause))? {
        if !LEFT_BEHIND.iter().any(|left| name == OsStr::new(left)) {
            read_into(taken, from.join(&name), to.join(&name))?;
        }
    }
    Ok(())
}

fn names(folder: &Path) -> io::Result<Vec<std::ffi::OsString>> {
    std::fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name())).collect()
}
