//! Compiled components on disk, each with a MAC: wasmtime runs whatever machine code an artefact
//! holds, so that only bytes that this installation wrote may be loaded.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::hash::{Hash, Hasher};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use wasmtime::Engine;

const MAC_BYTES: usize = 32;
const KEY_BYTES: usize = 32;

/// The private directory.
pub struct Artefacts {
    dir: PathBuf,
    key: [u8; KEY_BYTES],
    /// Of engine version and settings: artefacts of another are not seen at all.
    compatibility: String,
    temporaries: AtomicU64,
}

impl Artefacts {
    /// Opens or makes the directory and its key.
    pub fn open(dir: &Path, engine: &Engine) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
        fs::set_permissions(dir, fs::Permissions::from_mode(0o700))?;
        let mut artefacts =
            Self { dir: dir.to_owned(), key: [0; KEY_BYTES], compatibility: compatibility(engine), temporaries: AtomicU64::new(0) };
        artefacts.key = artefacts.open_key()?;
        Ok(artefacts)
    }

    /// The artefact, if it is there and exactly as it was written.
    pub fn read(&self, digest: &str) -> Option<Vec<u8>> {
        let mut bytes = fs::read(self.path(digest)).ok()?;
        let artefact_bytes = bytes.len().checked_sub(MAC_BYTES)?;
        let mac = bytes.split_off(artefact_bytes);
        self.mac(digest, &bytes)?.verify_slice(&mac).ok()?;
        Some(bytes)
    }

    /// Keeps an artefact: whole or not at all, also over power loss.
    pub fn write(&self, digest: &str, artefact: &[u8]) -> io::Result<()> {
        let mac = self.mac(digest, artefact).ok_or_else(|| io::Error::other("no MAC with this key"))?;
        let mac = mac.finalize().into_bytes();
        let temporary = self.write_temporary(&[artefact, &mac])?;
        fs::rename(&temporary, self.path(digest)).inspect_err(|_error| {
            let _ = fs::remove_file(&temporary);
        })?;
        File::open(&self.dir)?.sync_all()
    }

    fn path(&self, digest: &str) -> PathBuf {
        self.dir.join(format!("{digest}-{}.cwasm", self.compatibility))
    }

    /// Over the names too, so that one component's artefact cannot be passed off as another's.
    fn mac(&self, digest: &str, artefact: &[u8]) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).ok()?;
        mac.update(self.compatibility.as_bytes());
        mac.update(b"\0");
        mac.update(digest.as_bytes());
        mac.update(b"\0");
        mac.update(artefact);
        Some(mac)
    }

    /// The key, made by whoever comes first.
    fn open_key(&self) -> io::Result<[u8; KEY_BYTES]> {
        let path = self.dir.join("key");
        if !path.exists() {
            let mut key = [0; KEY_BYTES];
            getrandom::fill(&mut key).map_err(io::Error::other)?;
            let temporary = self.write_temporary(&[&key])?;
            // A link fails where a rename would overwrite another process's key.
            let linked = fs::hard_link(&temporary, &path);
            fs::remove_file(&temporary)?;
            match linked {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => File::open(&self.dir)?.sync_all()?,
            }
        }
        fs::read(&path)?.try_into().map_err(|_bytes: Vec<u8>| {
            io::Error::other(format!("{} is damaged: remove it, and all components are compiled again", path.display()))
        })
    }

    fn write_temporary(&self, parts: &[&[u8]]) -> io::Result<PathBuf> {
        let number = self.temporaries.fetch_add(1, Ordering::Relaxed);
        let path = self.dir.join(format!(".{}-{number}.tmp", std::process::id()));
        // One left over by a crashed process with the same id.
        let _ = fs::remove_file(&path);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        let written = parts.iter().try_for_each(|part| file.write_all(part)).and_then(|()| file.sync_all());
        written.inspect_err(|_error| {
            let _ = fs::remove_file(&path);
        })?;
        Ok(path)
    }
}

fn compatibility(engine: &Engine) -> String {
    let mut hasher = Sha256Hasher(Sha256::new());
    engine.precompile_compatibility_hash().hash(&mut hasher);
    hex::encode(hasher.0.finalize()).chars().take(16).collect()
}

struct Sha256Hasher(Sha256);

impl Hasher for Sha256Hasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}
