//! A disk that is full for a while: a small tmpfs where this process may mount one, else a limit to
//! the size of the server's files.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::server::{Place, Server, bytes_of};

/// What the tmpfs may take while the disk is not full.
const ROOMY: &str = "2g";
/// How often it is tried to make it as small as what is in it, and what is added with each try.
const TRIES_MAX: u64 = 20;
const TRY_BYTES: u64 = 64 << 10;

/// The disk that the store is on.
pub enum Disk {
    /// A tmpfs of our own: a full one answers ENOSPC.
    Tmpfs(PathBuf),
    /// `RLIMIT_FSIZE`: what is beyond it answers EFBIG.
    FileSize,
}

impl Disk {
    /// Mounts a tmpfs over a folder. Only in a mount namespace of our own.
    pub fn mount(folder: &Path) -> Result<Self> {
        mount(&["-t", "tmpfs", "-o", &format!("size={ROOMY}"), "tmpfs"], folder)?;
        Ok(Self::Tmpfs(folder.to_owned()))
    }

    /// What stands in for the full disk.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Tmpfs(_) => "tmpfs that is full (ENOSPC)",
            Self::FileSize => "RLIMIT_FSIZE (EFBIG)",
        }
    }

    /// Leaves so many bytes, or a few more while the server goes on writing.
    pub fn fill(&self, server: &Server, place: &Place, left: u64) -> Result<()> {
        let Self::Tmpfs(folder) = self else {
            // The store's file has free space of its own: in its middle is a write that fails.
            return server.limit_files(Some(bytes_of(&place.store) / 2 + left));
        };
        let mut tries = 0;
        loop {
            let disk = rustix::fs::statvfs(folder)?;
            let used = (disk.f_blocks - disk.f_bfree) * disk.f_frsize;
            tries += 1;
            // It cannot be made smaller than what is in it by then.
            match resize(folder, &(used + left + tries * TRY_BYTES).to_string()) {
                Err(error) if tries == TRIES_MAX => return Err(error),
                Err(_) => {}
                Ok(()) => return Ok(()),
            }
        }
    }

    /// There is room again; for a server under a limit, if it still runs.
    pub fn make_room(&self, server: Option<&Server>) -> Result<()> {
        match (self, server) {
            (Self::Tmpfs(folder), _) => resize(folder, ROOMY),
            (Self::FileSize, Some(server)) => server.limit_files(None),
            (Self::FileSize, None) => Ok(()),
        }
    }

    /// The end. What is to be kept was copied.
    pub fn unmount(self) -> Result<()> {
        if let Self::Tmpfs(folder) = self {
            ensure!(Command::new("umount").arg(&folder).status()?.success(), "cannot unmount {}", folder.display());
        }
        Ok(())
    }
}

fn resize(folder: &Path, size: &str) -> Result<()> {
    mount(&["-o", &format!("remount,size={size}")], folder)
}

fn mount(arguments: &[&str], folder: &Path) -> Result<()> {
    let output = Command::new("mount").args(arguments).arg(folder).output().context("cannot run mount")?;
    ensure!(output.status.success(), "mount {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}
