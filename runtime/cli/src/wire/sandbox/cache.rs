//! Where an author's compiled components lie between runs: a private folder in the user's cache, with a key beside it.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// Components that are kept: the ones that were compiled last.
const KEPT_MAX: usize = 32;

/// A folder, and the key of the MAC over what lies in it.
pub struct Place {
    pub key: [u8; 32],
    pub folder: PathBuf,
}

/// The user's, made if it is missing. `None`: there is none, or it cannot be used; nothing is kept then.
pub fn place() -> Option<Place> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache")))?;
    in_folder(&cache.join("lockgate"))
}

fn in_folder(own: &Path) -> Option<Place> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(own).ok()?;
    let key = key(&own.join("test.key"))?;
    let folder = own.join("compiled");
    forget_old(&folder);
    Some(Place { key, folder })
}

fn key(path: &Path) -> Option<[u8; 32]> {
    if let Ok(there) = fs::read(path) {
        return there.try_into().ok();
    }
    let mut key = [0; 32];
    getrandom::fill(&mut key).ok()?;
    match fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(mut file) => file.write_all(&key).ok().map(|()| key),
        // Another command has made it meanwhile.
        Err(_) => fs::read(path).ok()?.try_into().ok(),
    }
}

/// Removes all but the newest. What cannot be removed stays.
fn forget_old(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let code = entries.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "cwasm"));
    let mut made: Vec<_> = code.filter_map(|path| Some((fs::metadata(&path).ok()?.modified().ok()?, path))).collect();
    made.sort_unstable_by(|one, other| other.cmp(one));
    for (_, path) in made.into_iter().skip(KEPT_MAX) {
        let _ = fs::remove_file(path.with_extension("about"));
        let _ = fs::remove_file(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_stays_and_only_the_newest_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("lockgate");
        let first = in_folder(&own).unwrap();
        fs::create_dir_all(&first.folder).unwrap();
        for n in 0..KEPT_MAX + 3 {
            fs::write(first.folder.join(format!("{n}.cwasm")), "").unwrap();
            fs::write(first.folder.join(format!("{n}.about")), "").unwrap();
        }
        assert_eq!(in_folder(&own).unwrap().key, first.key);
        assert_eq!(fs::read_dir(&first.folder).unwrap().count(), 2 * KEPT_MAX);
    }
}
