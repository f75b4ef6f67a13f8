//! The file that a server leaves beside its store, so that commands find it.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::config::beside;
use crate::input::open_regular;

/// Enough for a server on the same machine.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// Longest file that is read: a server's own has a tenth of it.
const FILE_BYTES_MAX: u64 = 4_096;

/// What it says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ServerFile {
    /// Where the server listens, as seen from the same machine.
    pub url: String,
    /// Its process.
    pub pid: u32,
    /// Since when, RFC 3339.
    pub started: String,
}

/// The server of a store, if its file is there, something listens, and the store is in use. A
/// crashed server leaves the file behind: whoever listens there now must not get its token.
pub fn running(store: &Path) -> Option<ServerFile> {
    if !in_use(store) {
        return None;
    }
    let mut text = String::new();
    open_regular(&path(store)).ok()?.take(FILE_BYTES_MAX).read_to_string(&mut text).ok()?;
    let found: ServerFile = serde_json::from_str(&text).ok()?;
    let address: SocketAddr = found.url.strip_prefix("http://")?.parse().ok()?;
    TcpStream::connect_timeout(&address, CONNECT_TIMEOUT).ok()?;
    Some(found)
}

/// Whether a process holds the lock on the store's file.
pub fn in_use(store: &Path) -> bool {
    open_regular(store).is_ok_and(|file| matches!(file.try_lock_shared(), Err(std::fs::TryLockError::WouldBlock)))
}

/// Leaves the file, readable by its owner only.
pub fn write(store: &Path, content: &ServerFile) -> io::Result<()> {
    let path = path(store);
    // A file left by a crashed server may have another mode.
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(&serde_json::to_vec(content)?)
}

/// Takes it away; a missing one is no matter.
pub fn remove(store: &Path) {
    let _ = std::fs::remove_file(path(store));
}

fn path(store: &Path) -> PathBuf {
    beside(store, ".server")
}
