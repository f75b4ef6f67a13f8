//! The directory of artefacts: ours alone, or refused.

use std::fs::{self, DirBuilder, FileType, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use rustix::fs::OFlags;
use rustix::process::{Pid, geteuid, test_kill_process};

/// Where the MAC's key lay before the store kept it.
const OLD_KEY: &str = "key";

/// Makes the directory if it is missing, and sees that nobody else can write in it.
pub fn open(dir: &Path) -> io::Result<()> {
    match fs::symlink_metadata(dir) {
        Ok(about) if about.is_symlink() => return Err(io::Error::other("it is a symbolic link: name the directory itself")),
        Ok(about) if !about.is_dir() => return Err(not_a(about.file_type(), "directory")),
        _ => DirBuilder::new().recursive(true).mode(0o700).create(dir)?,
    }
    let flags = (OFlags::DIRECTORY | OFlags::NOFOLLOW).bits().cast_signed();
    let opened = OpenOptions::new().read(true).custom_flags(flags).open(dir)?;
    let (owner, own) = (opened.metadata()?.uid(), geteuid().as_raw());
    if owner != own {
        return Err(io::Error::other(format!("it belongs to user {owner}, and this is user {own}: name another, or change its owner")));
    }
    opened.set_permissions(Permissions::from_mode(0o700))?;
    // Some file systems take the change and forget it.
    let mode = opened.metadata()?.permissions().mode() & 0o777;
    if mode & 0o022 != 0 {
        return Err(io::Error::other(format!("others may write in it (mode {mode:o}) and that cannot be changed: name another")));
    }
    Ok(())
}

/// The name of a file that is being written.
pub fn temporary_name(number: u64) -> String {
    format!(".{}-{number}.tmp", std::process::id())
}

/// Removes files that processes no longer alive were writing, and the key of old versions.
pub fn remove_leftovers(dir: &Path) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name == OLD_KEY || writer(&name).is_some_and(|process| !is_alive(process)) {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

/// Removes what has the name of a file of ours, whatever it is. A directory stays, with a warning: it is nobody's left-over.
/// Says whether it is gone.
pub fn remove(path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(about) if about.is_dir() => {
            tracing::warn!(path = %path.display(), "a directory among the compiled connectors has the name of a file: remove it");
            Ok(false)
        }
        Ok(_) => fs::remove_file(path).map(|()| true).map_err(|error| at(path, &error)),
        // Another process was faster.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(at(path, &error)),
    }
}

/// An error with the path that it is about.
pub fn at(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// Something else stands where a file or directory of ours should be.
pub fn not_a(found: FileType, expected: &str) -> io::Error {
    let what = match found {
        found if found.is_symlink() => "a symbolic link",
        found if found.is_dir() => "a directory",
        found if found.is_fifo() => "a FIFO",
        found if found.is_socket() => "a socket",
        found if found.is_block_device() || found.is_char_device() => "a device",
        found if found.is_file() => "a file",
        _ => "something else",
    };
    io::Error::other(format!("it is {what}, not a {expected}: remove it"))
}

/// The process that a temporary file's name tells.
fn writer(name: &str) -> Option<i32> {
    let (process, _number) = name.strip_prefix('.')?.strip_suffix(".tmp")?.split_once('-')?;
    process.parse().ok()
}

fn is_alive(process: i32) -> bool {
    // Another user's process is alive, too: the question is refused then, not answered.
    Pid::from_raw(process).is_some_and(|process| test_kill_process(process) != Err(rustix::io::Errno::SRCH))
}
