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

use crate::artefact_dir::{self, at};

const MAC_BYTES: usize = 32;

/// What is kept of a component, each in a file of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Its machine code.
    Code,
    /// What was found out when it was compiled.
    About,
}

impl Part {
    const ALL: [Self; 2] = [Self::Code, Self::About];

    /// End of the file's name.
    fn extension(self) -> &'static str {
        match self {
            Self::Code => "cwasm",
            Self::About => "about",
        }
    }

    /// What the MAC begins with, so that one part cannot be passed off as the other.
    fn label(self) -> &'static [u8] {
        match self {
            // As in every artefact that was ever written.
            Self::Code => b"",
            Self::About => b"about\0",
        }
    }
}

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

    /// The artefact, if it is there, exactly as it was written. Waits for nobody: what stands in its place and is no file
    /// is not opened. An error names the path and why it is not taken.
    pub fn read(&self, digest: &str, part: Part) -> io::Result<Option<Vec<u8>>> {
        let path = self.path(digest, part);
        match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(at(&path, &error)),
            Ok(about) if !about.is_file() => return Err(at(&path, &artefact_dir::not_a(about.file_type(), "file"))),
            Ok(_) => {}
        }
        self.read_file(&path, digest, part).map(Some).map_err(|error| at(&path, &error))
    }

    fn read_file(&self, path: &Path, digest: &str, part: Part) -> io::Result<Vec<u8>> {
        // Should another thing have come there meanwhile, this does not wait for its other end either.
        let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
        let mut file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
        let about = file.metadata()?;
        if !about.is_file() {
            return Err(artefact_dir::not_a(about.file_type(), "file"));
        }
        if about.len() > self.artefact_bytes_max.saturating_add(MAC_BYTES as u64) {
            return Err(io::Error::other(format!("it has {} bytes, more than `artefact_bytes_max` and its seal", about.len())));
        }
        let mut bytes = Vec::new();
        (&mut file).take(about.len()).read_to_end(&mut bytes)?;
        let broken = || io::Error::other("it is not as it was written, or was written with the key of another store");
        let mac = bytes.split_off(bytes.len().checked_sub(MAC_BYTES).ok_or_else(broken)?);
        let genuine = self.mac(digest, part, &bytes).is_some_and(|expected| expected.verify_slice(&mac).is_ok());
        if genuine { Ok(bytes) } else { Err(broken()) }
    }

    /// Keeps an artefact: whole or not at all, also over power loss. An error names the path.
    pub fn write(&self, digest: &str, part: Part, artefact: &[u8]) -> io::Result<()> {
        let mac = self.mac(digest, part, artefact).ok_or_else(|| io::Error::other("no MAC with this key"))?;
        let mac = mac.finalize().into_bytes();
        let temporary = self.write_temporary(&[artefact, &mac])?;
        // Over a link, too: the name changes, not what it points to.
        let path = self.path(digest, part);
        fs::rename(&temporary, &path).map_err(|error| {
            let _ = fs::remove_file(&temporary);
            at(&path, &error)
        })?;
        File::open(&self.dir)?.sync_all()
    }

    /// Removes the artefacts of components that are not needed. Returns of how many.
    pub fn keep_only(&self, is_needed: impl Fn(&str) -> bool) -> io::Result<u64> {
        self.remove_if(|digest| !digest.is_some_and(&is_needed))
    }

    /// `condition` gets the digest of an artefact of this engine, `None` for one of another.
    fn remove_if(&self, condition: impl Fn(Option<&str>) -> bool) -> io::Result<u64> {
        let mut removed = 0;
        for entry in fs::read_dir(&self.dir)? {
            let path = entry?.path();
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
            let Some(part) = Part::ALL.into_iter().find(|part| path.extension().is_some_and(|end| end == part.extension())) else {
                continue;
            };
            let ours = format!("-{}.{}", self.compatibility, part.extension());
            if condition(name.strip_suffix(&ours)) {
                let gone = artefact_dir::remove(&path)?;
                removed += u64::from(gone && part == Part::Code);
            }
        }
        Ok(removed)
    }

    fn path(&self, digest: &str, part: Part) -> PathBuf {
        self.dir.join(format!("{digest}-{}.{}", self.compatibility, part.extension()))
    }

    /// Over the names too, so that one component's artefact cannot be passed off as another's.
    fn mac(&self, digest: &str, part: Part, artefact: &[u8]) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).ok()?;
        mac.update(part.label());
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
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).map_err(|error| at(&path, &error))?;
        let written = parts.iter().try_for_each(|part| file.write_all(part)).and_then(|()| file.sync_all());
        written.map_err(|error| {
            let _ = fs::remove_file(&path);
            at(&path, &error)
        })?;
        Ok(path)
    }
}
