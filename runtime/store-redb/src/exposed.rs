//! Who else can get at a store: it holds everything that was submitted, and the key of what runs.

use std::fmt;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::open::folder;

/// Where upgrades and restores leave what was there before: the store's name with one of these.
const KEPT: [&str; 2] = [".format-", ".before-restore"];
/// Rights of users that are neither the owner nor in the group.
const OTHERS_READ: u32 = 0o004;
const OTHERS_WRITE: u32 = 0o002;
/// In such a folder users replace and remove their own files only.
const STICKY: u32 = 0o1000;

/// Something that other users of the machine can do, and should not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposed {
    /// The file, or the folder.
    pub path: PathBuf,
    /// Its permissions.
    pub mode: u32,
    what: &'static str,
    chmod: &'static str,
}

impl fmt::Display for Exposed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, mode, what, chmod } = self;
        write!(f, "{what} {} (mode {mode:03o}): `chmod {chmod} {}`", path.display(), path.display())
    }
}

/// What others can do to a store, to what was kept of it beside it, and to its folder. What cannot be
/// looked at is passed over. A folder that others can read, as most are, shows them names and lengths
/// only; one in which they can write lets them put another store in the place of this one.
pub fn exposed(store: &Path) -> Vec<Exposed> {
    let mut found = exposed_file(store);
    let folder = folder(store);
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if is_kept_of(store, &entry.file_name().to_string_lossy()) {
            found.extend(exposed_file(&entry.path()));
        }
    }
    if let Ok(metadata) = std::fs::metadata(folder)
        && metadata.mode() & (OTHERS_WRITE | STICKY) == OTHERS_WRITE
    {
        found.push(Exposed { what: "others may replace files in", chmod: "o-w", ..new(folder, &metadata) });
    }
    found
}

/// The same of one file: a backup.
pub fn exposed_file(path: &Path) -> Vec<Exposed> {
    let Ok(metadata) = std::fs::metadata(path) else { return Vec::new() };
    let what = match metadata.mode() & (OTHERS_READ | OTHERS_WRITE) {
        0 => return Vec::new(),
        OTHERS_READ => "others may read",
        OTHERS_WRITE => "others may write to",
        _ => "others may read and write to",
    };
    vec![Exposed { what, ..new(path, &metadata) }]
}

fn new(path: &Path, metadata: &Metadata) -> Exposed {
    Exposed { path: path.to_owned(), mode: metadata.mode() & 0o7777, what: "", chmod: "o-rwx" }
}

fn is_kept_of(store: &Path, name: &str) -> bool {
    let rest = store.file_name().and_then(|store| name.strip_prefix(&*store.to_string_lossy()));
    rest.is_some_and(|rest| KEPT.iter().any(|kept| rest.starts_with(kept)))
}
