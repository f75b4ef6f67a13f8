//! The directory of artefacts: ours alone, or refused.

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use rustix::fs::OFlags;
use rustix::process::{Pid, geteuid, test_kill_process};

/// Where the MAC's key lay before the store kept it.
const OLD_KEY: &str = "key";

/// Makes the directory if it is missing, and sees that nobody else can write in it.
pub fn open(dir: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    if fs::symlink_metadata(dir)?.is_symlink() {
        return Err(io::Error::other("it is a symbolic link: name the directory itself"));
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
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
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
