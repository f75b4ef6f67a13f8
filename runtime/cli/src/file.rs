//! Files that commands write. Each is made under another name in its folder and gets its own when it
//! is whole and on the disk: a reader finds the old one or the new one. Its name is never followed:
//! a link that is there is replaced, not what it points to.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::exit::{Exit, Failure};

/// What happens to a file that has the name already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// It stays, and the command fails.
    Kept,
    /// It goes; a folder or a device stays, too.
    Replaced,
}

/// A file that has no lasting name yet. Goes unless it is given its name.
pub struct NewFile {
    part: NamedTempFile,
    path: PathBuf,
    existing: Existing,
}

impl NewFile {
    /// Looks first whether the name may be used, so that nothing is made in vain.
    pub fn begin(path: &Path, existing: Existing) -> Result<Self, Failure> {
        match std::fs::symlink_metadata(path) {
            Err(_) => {}
            Ok(_) if existing == Existing::Kept => return Err(is_there(path)),
            Ok(found) if found.is_file() || found.is_symlink() => {}
            Ok(_) => return Err(Failure::invalid(format!("{} is there and is not a file", path.display())).hint("name another file")),
        }
        Ok(Self { part: beside(path)?, path: path.to_owned(), existing })
    }

    pub fn file(&self) -> &File {
        self.part.as_file()
    }

    /// Everything is on the disk before the name is.
    pub fn finish(self) -> Result<(), Failure> {
        let Self { part, path, existing } = self;
        part.as_file().sync_all().map_err(|error| cannot_write(&path, &error))?;
        let named = match existing {
            Existing::Replaced => part.persist(&path),
            Existing::Kept => part.persist_noclobber(&path),
        };
        match named {
            Ok(_) => sync_folder(&path),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Err(is_there(&path)),
            Err(error) => Err(cannot_write(&path, &error.error)),
        }
    }
}

/// A whole file that everybody may read.
pub fn write(path: &Path, content: &[u8], existing: Existing) -> Result<(), Failure> {
    let new = NewFile::begin(path, existing)?;
    new.file().write_all(content).map_err(|error| cannot_write(path, &error))?;
    new.finish()
}

/// A file without a lasting name in the folder of `path`. It is made, never found, and no link is followed.
fn beside(path: &Path) -> Result<NamedTempFile, Failure> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".lockgate-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // Less what the user's umask takes away.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder(path)).map_err(|error| cannot_write(path, &error))
}

/// A file must not be replaced without being asked.
pub fn is_there(path: &Path) -> Failure {
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

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Promise 1: a file that was renamed must be found after power loss, too.
fn sync_folder(path: &Path) -> Result<(), Failure> {
    if cfg!(unix) {
        File::open(folder(path)).and_then(|folder| folder.sync_all()).map_err(|error| cannot_write(path, &error))?;
    }
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

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
        let new = NewFile::begin(&path, Existing::Kept).unwrap();
        std::fs::write(&path, "theirs").unwrap();
        assert!(new.finish().is_err());
        assert_eq!(content(&path), "theirs");
    }
}
