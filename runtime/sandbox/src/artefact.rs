//! Compiled components on disk, each with a MAC: wasmtime runs whatever machine code an artefact
//! holds, so that only bytes that this installation wrote may be loaded.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use hmac::{Hmac, Mac};
use rustix::fs::OFlags;
use sha2::Sha256;

use crate::artefact_dir;

const MAC_BYTES: usize = 32;
/// End of the names of artefacts.
const EXTENSION: &str = "cwasm";

/// The private directory.
pub struct Artefacts {
    dir: PathBuf,
    key: [u8; 32],
    /// Of engine version and settings: artefacts of another are not seen at all.
    compatibility: String,
    artefact_bytes_max: u64,
    temporaries: AtomicU64,
}

impl Artefacts {
    /// Opens or makes the directory, and removes what other versions of the engine and crashed
    /// processes left in it.
    pub fn open(dir: &Path, key: [u8; 32], compatibility: String, artefact_bytes_max: u64) -> io::Result<Self> {
        artefact_dir::open(dir)?;
        artefact_dir::remove_leftovers(dir)?;
        let artefacts = Self { dir: dir.to_owned(), key, compatibility, artefact_bytes_max, temporaries: AtomicU64::new(0) };
        artefacts.remove_if(|digest| digest.is_none())?;
        Ok(artefacts)
    }

    /// The artefact, if it is there and exactly as it was written.
    pub fn read(&self, digest: &str) -> Option<Vec<u8>> {
        let mut file = OpenOptions::new().read(true).custom_flags(OFlags::NOFOLLOW.bits().cast_signed()).open(self.path(digest)).ok()?;
        let about = file.metadata().ok()?;
        if !about.is_file() || about.len() > self.artefact_bytes_max.saturating_add(MAC_BYTES as u64) {
            return None;
        }
        let mut bytes = Vec::new();
        (&mut file).take(about.len()).read_to_end(&mut bytes).ok()?;
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
        // Over a link, too: the name changes, not what it points to.
        fs::rename(&temporary, self.path(digest)).inspect_err(|_error| {
            let _ = fs::remove_file(&temporary);
        })?;
        File::open(&self.dir)?.sync_all()
    }

    /// Removes the artefacts of components that are not needed. Returns how many.
    pub fn keep_only(&self, is_needed: impl Fn(&str) -> bool) -> io::Result<u64> {
        self.remove_if(|digest| !digest.is_some_and(&is_needed))
    }

    /// `condition` gets the digest of an artefact of this engine, `None` for one of another.
    fn remove_if(&self, condition: impl Fn(Option<&str>) -> bool) -> io::Result<u64> {
        let ours = format!("-{}.{EXTENSION}", self.compatibility);
        let mut removed = 0;
        for entry in fs::read_dir(&self.dir)? {
            let path = entry?.path();
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
            if path.extension().is_some_and(|extension| extension == EXTENSION) && condition(name.strip_suffix(&ours)) {
                fs::remove_file(&path)?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    fn path(&self, digest: &str) -> PathBuf {
        self.dir.join(format!("{digest}-{}.{EXTENSION}", self.compatibility))
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

    fn write_temporary(&self, parts: &[&[u8]]) -> io::Result<PathBuf> {
        let number = self.temporaries.fetch_add(1, Ordering::Relaxed);
        let path = self.dir.join(artefact_dir::temporary_name(number));
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
