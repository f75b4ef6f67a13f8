//! Files that commands write. Each is made under another name in its folder and gets its own when it
//! is whole and on the disk: a reader finds the old one or the new one. Its name is never followed:
//! a link that is there is replaced, not what it points to.

use std::fs::{File, Metadata};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::exit::{Exit, Failure};
use crate::input::open_regular;
use crate::wire::{Making, Rights};

/// What happens to a file that has the name already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// It stays, and the command fails.
    Kept,
    /// It goes; a folder or a device stays, too.
    Replaced,
}

/// Who may read a file that is new. One that replaces a file has the owner of that one, and its mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// Only its owner: it may hold content.
    Owner,
    /// Only its owner, whoever may read the file that it replaces: it holds a key.
    OwnerAlways,
    /// Whoever the user's umask lets.
    Everybody,
}

/// A file that has no lasting name yet. Goes unless it is given its name.
pub struct NewFile {
    making: Making,
    path: PathBuf,
    existing: Existing,
    rights: Rights,
}

impl NewFile {
    /// Looks first whether the name may be used, so that nothing is made in vain.
    pub fn begin(path: &Path, existing: Existing, readers: Readers) -> Result<Self, Failure> {
        before(path, existing)?;
        let (making, rights) = match readers {
            Readers::Owner => (Making::beside(path), Rights::AsBefore),
            Readers::OwnerAlways => (Making::beside(path), Rights::Private),
            Readers::Everybody => (Making::plain_beside(path), Rights::AsBefore),
        };
        Ok(Self { making: making.map_err(|error| cannot_write(path, &error))?, path: path.to_owned(), existing, rights })
    }

    pub fn file(&self) -> &File {
        self.making.file()
    }

    /// Its name until it has its own.
    pub fn path(&self) -> &Path {
        self.making.path()
    }

    /// Everything is on the disk before the name is.
    pub fn finish(self) -> Result<(), Failure> {
        let Self { making, path, existing, rights } = self;
        let named = match before(&path, existing)? {
            None => making.name(&path),
            Some(link) if link.is_symlink() => making.name_over(&path),
            Some(file) => making.replace_like(&path, &file, rights),
        };
        named.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => is_there(&path),
            _ => cannot_write(&path, &error),
        })
    }
}

/// The file or the link that has the name and may be replaced, if there is one. No link is followed.
fn before(path: &Path, existing: Existing) -> Result<Option<Metadata>, Failure> {
    match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(cannot_write(path, &error)),
        Ok(_) if existing == Existing::Kept => Err(is_there(path)),
        Ok(found) if found.is_file() || found.is_symlink() => Ok(Some(found)),
        Ok(_) => Err(Failure::invalid(format!("{} is there and is not a file", path.display())).hint("name another file")),
    }
}

/// A whole file that everybody may read.
pub fn write(path: &Path, content: &[u8], existing: Existing) -> Result<(), Failure> {
    let new = NewFile::begin(path, existing, Readers::Everybody)?;
    new.file().write_all(content).map_err(|error| cannot_write(path, &error))?;
    new.finish()
}

/// Whether a regular file begins with these bytes. A command may replace what it has made itself.
pub fn begins_with(path: &Path, bytes: &[u8]) -> bool {
    let read = |file: File| {
        let mut begin = Vec::new();
        file.take(bytes.len() as u64).read_to_end(&mut begin).is_ok_and(|_| begin == bytes)
    };
    open_regular(path).is_ok_and(read)
}

/// A file must not be replaced without being asked.
fn is_there(path: &Path) -> Failure {
    Failure::invalid(format!("{} is there already", path.display())).hint("name another file, or replace it with --force")
}

pub fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    let hint = match error.kind() {
        io::ErrorKind::PermissionDenied => "do it as the user to whom the folder and the file in it belong, or as root",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => "make room for the file",
        _ => "see that the folder exists, may be written and has room",
    };
    Failure::new(Exit::Failed, format!("cannot write {}: {error}", path.display())).hint(hint)
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).map_or(0, |found| found.permissions().mode() & 0o777)
    }

    fn content(path: &Path) -> String {
        std::fs::read_to_string(path).unwrap_or_default()
    }

    /// A link under the name of the unfinished file had its target emptied, and so had one under the
    /// name itself.
    #[test]
    fn a_link_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let [target, link] = ["target", "link"].map(|name| folder.path().join(name));
        std::fs::write(&target, "precious").unwrap();
        symlink(&target, &link).unwrap();
        assert!(write(&link, b"new", Existing::Kept).is_err());
        assert_eq!((content(&link), content(&target)), ("precious".into(), "precious".into()));
        write(&link, b"new", Existing::Replaced).unwrap();
        assert_eq!((content(&link), content(&target)), ("new".into(), "precious".into()));
        // One that leads nowhere is there, too.
        std::fs::remove_file(&link).unwrap();
        symlink(folder.path().join("nothing"), &link).unwrap();
        assert!(write(&link, b"new", Existing::Kept).is_err());
        assert!(!folder.path().join("nothing").exists());
    }

    #[test]
    fn a_file_is_replaced_when_asked_and_a_folder_or_device_never() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        write(&path, b"one", Existing::Kept).unwrap();
        assert_eq!(write(&path, b"two", Existing::Kept).unwrap_err().exit, Exit::Invalid);
        write(&path, b"three", Existing::Replaced).unwrap();
        assert_eq!(content(&path), "three");
        assert!(write(folder.path(), b"", Existing::Replaced).is_err());
        assert!(write(Path::new("/dev/null"), b"", Existing::Replaced).unwrap_err().message.contains("not a file"));
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["a"], "nothing unfinished is left");
    }

    #[test]
    fn somebody_else_may_come_first() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let new = NewFile::begin(&path, Existing::Kept, Readers::Owner).unwrap();
        std::fs::write(&path, "theirs").unwrap();
        assert!(new.finish().unwrap_err().message.ends_with("is there already"));
        assert_eq!(content(&path), "theirs");
    }

    /// An export could be read by everybody, and took the rights of the file that it replaced away.
    #[test]
    fn content_is_its_owners_and_a_file_that_is_replaced_keeps_its_rights() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let make = |existing| NewFile::begin(&path, existing, Readers::Owner).unwrap();
        make(Existing::Kept).finish().unwrap();
        assert_eq!(mode(&path), 0o600);
        std::fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        make(Existing::Replaced).finish().unwrap();
        assert_eq!(mode(&path), 0o640);
        NewFile::begin(&path, Existing::Replaced, Readers::OwnerAlways).unwrap().finish().unwrap();
        assert_eq!(mode(&path), 0o600);
    }

    /// A link that is put there while the file is written gives it neither its place nor its rights.
    #[test]
    fn a_link_that_is_planted_meanwhile_decides_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let [path, target] = ["a", "target"].map(|name| folder.path().join(name));
        std::fs::write(&target, "precious").unwrap();
        std::fs::set_permissions(&target, Permissions::from_mode(0o666)).unwrap();
        let new = NewFile::begin(&path, Existing::Replaced, Readers::Owner).unwrap();
        symlink(&target, &path).unwrap();
        new.file().write_all(b"new").unwrap();
        new.finish().unwrap();
        assert_eq!((content(&path), content(&target)), ("new".into(), "precious".into()));
        assert_eq!(mode(&path), 0o600);
    }
}
