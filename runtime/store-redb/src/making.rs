//! Making a file that holds a store: under a name that nobody can guess, in the folder where it will
//! lie, for its owner only; then under its own name, whole or not at all.

use std::fs::{File, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use redb::StorageBackend;
use redb::backends::FileBackend;
use tempfile::NamedTempFile;

use crate::open::folder;

/// What a file is called while it is being made: `.lockgate-`, so many letters and digits, `.part`.
const PREFIX: &str = ".lockgate-";
const RANDOM_CHARS: usize = 6;
const SUFFIX: &str = ".part";

/// Who may read a file that replaces another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rights {
    /// Only the owner may read the new file, whatever holds of the one that it replaces.
    Private,
    /// Who may read the file that it replaces may read the new one.
    AsBefore,
}

/// A file that has no lasting name yet. It goes when this is dropped. What a process that was killed
/// has left behind is never used again: the next one that makes a file in the folder removes it.
#[derive(Debug)]
pub struct Making(NamedTempFile);

impl Making {
    /// Begins a file that will lie at `path`: empty, new (`O_EXCL`), readable by its owner only.
    pub fn beside(path: &Path) -> io::Result<Self> {
        Self::begin(path, &mut tempfile::Builder::new())
    }

    /// The same of a file that is no store: with the rights that new files have (`umask`).
    pub fn plain_beside(path: &Path) -> io::Result<Self> {
        Self::begin(path, tempfile::Builder::new().permissions(Permissions::from_mode(0o666)))
    }

    fn begin(path: &Path, builder: &mut tempfile::Builder<'_, '_>) -> io::Result<Self> {
        let folder = folder(path);
        remove_leftovers(folder);
        let made = builder.prefix(PREFIX).rand_bytes(RANDOM_CHARS).suffix(SUFFIX).tempfile_in(folder)?;
        // Says that somebody is at it; where files cannot be locked, nothing is removed either.
        let _ = made.as_file().try_lock_shared();
        Ok(Self(made))
    }

    /// To write to.
    pub fn file(&self) -> &File {
        self.0.as_file()
    }

    /// For the engine to make a store in.
    pub(crate) fn backend(&self) -> io::Result<Unsynced> {
        Unsynced::over(self.file().try_clone()?)
    }

    /// Its name until it has its own.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Gives it its name; what lies there is not replaced (`AlreadyExists`). Made by root, it belongs
    /// to whom the folder belongs to. Returns when file and name are durable.
    pub fn name(self, path: &Path) -> io::Result<()> {
        let own = self.file().metadata()?;
        let folder_of = std::fs::metadata(folder(path))?;
        // Only root may give files away; what others make is theirs.
        give(self.file(), &own, &folder_of)?;
        self.file().sync_all()?;
        self.0.persist_noclobber(path).map_err(|error| error.error)?;
        sync_folder(path)
    }

    /// Gives it the first of these names that is free, and leaves owner and rights as they are.
    pub(crate) fn name_one_of(self, names: impl Iterator<Item = PathBuf>) -> io::Result<PathBuf> {
        self.file().sync_all()?;
        let mut made = self.0;
        for name in names {
            match made.persist_noclobber(&name) {
                Ok(_) => return sync_folder(&name).map(|()| name),
                Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => made = error.file,
                Err(error) => return Err(error.error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// Gives it its name, whether or not something has it, and leaves owner and rights as they are.
    pub fn name_over(self, path: &Path) -> io::Result<()> {
        self.file().sync_all()?;
        self.0.persist(path).map_err(|error| error.error)?;
        sync_folder(path)
    }

    /// Puts it in the place of the file that lies there, with its owner and group. `PermissionDenied`
    /// when that file belongs to another user, and this one may not give files away.
    pub fn replace(self, path: &Path, rights: Rights) -> io::Result<()> {
        let before = std::fs::metadata(path)?;
        self.replace_like(path, &before, rights)
    }

    /// The same, with the owner and the rights of a file that the caller has looked at. The name is
    /// not looked up again, so a link that comes there meanwhile decides nothing.
    pub fn replace_like(self, path: &Path, before: &Metadata, rights: Rights) -> io::Result<()> {
        self.become_like(before, rights)?;
        self.file().sync_all()?;
        self.0.persist(path).map_err(|error| error.error)?;
        sync_folder(path)
    }

    /// Gives it the owner and the group of another file.
    pub(crate) fn become_like(&self, before: &Metadata, rights: Rights) -> io::Result<()> {
        let own = self.file().metadata()?;
        let given = give(self.file(), &own, before)?;
        if !given && own.uid() != before.uid() {
            let why = "the file belongs to another user: do it as that user, or as root";
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
        }
        match rights {
            Rights::Private => set_mode(self.file(), 0o600),
            Rights::AsBefore if given => set_mode(self.file(), mode(before)),
            // Another group must not get what that one had.
            Rights::AsBefore => set_mode(self.file(), mode(before) & !0o070),
        }
    }
}

/// What the engine makes a store in: a file that is of no use before it is whole. Whoever gives it a
/// name syncs it then. The engine does not lock it either: all clones of a file share one lock, so the
/// engine would give up the lock of a `Making` when it closes the store.
#[derive(Debug)]
pub(crate) struct Unsynced(FileBackend);

impl Unsynced {
    pub(crate) fn over(file: File) -> io::Result<Self> {
        FileBackend::new(file).map(Self).map_err(io::Error::other)
    }
}

impl StorageBackend for Unsynced {
    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.0.write(offset, data)
    }
}

/// Promise 1: a file that was renamed must be found after power loss, too.
fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(folder(path))?.sync_all()
}

/// Those of killed processes: nobody has them locked any more. One that is empty may have been made
/// a moment ago and not be locked yet.
fn remove_leftovers(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let ours = entry.file_name().to_str().is_some_and(is_made) && entry.file_type().is_ok_and(|t| t.is_file());
        let left = || File::open(entry.path()).is_ok_and(|file| file.metadata().is_ok_and(|m| m.len() > 0) && file.try_lock().is_ok());
        if ours && left() {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Whether a file that is being made has such a name. Everything else is somebody's own.
fn is_made(name: &str) -> bool {
    let random = name.strip_prefix(PREFIX).and_then(|rest| rest.strip_suffix(SUFFIX));
    random.is_some_and(|random| random.len() == RANDOM_CHARS && random.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// Whether it has the owner and the group of `like` afterwards.
fn give(file: &File, own: &Metadata, like: &Metadata) -> io::Result<bool> {
    if (own.uid(), own.gid()) == (like.uid(), like.gid()) {
        return Ok(true);
    }
    match fchown(file, Some(like.uid()), Some(like.gid())) {
        Ok(()) => Ok(true),
        // `Unsupported`: file systems without owners.
        Err(error) if matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::Unsupported) => Ok(false),
        Err(error) => Err(error),
    }
}

fn mode(of: &Metadata) -> u32 {
    of.mode() & 0o777
}

fn set_mode(file: &File, mode: u32) -> io::Result<()> {
    file.set_permissions(Permissions::from_mode(mode))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_that_is_made_and_has_no_name_yet_is_no_leftover() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store");
        let making = Making::beside(&path).unwrap();
        redb::Database::builder().create_with_backend(making.backend().unwrap()).unwrap().close().unwrap();
        assert!(making.file().metadata().unwrap().len() > 0);
        drop(Making::beside(&dir.path().join("other")).unwrap());
        assert!(making.path().exists(), "it was removed while it was being made");
        making.name(&path).unwrap();
    }
}
