//! Files and standard input that commands read.

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal as _, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::Result;
use rustix::fs::OFlags;

use crate::exit::Failure;

/// Opens a regular file for reading. Anything else is refused: a FIFO would hold the command up until
/// somebody opens its other end. Should one come there meanwhile, this does not wait for it either.
pub fn open_regular(path: &Path) -> io::Result<File> {
    let other = || io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file");
    // Opening a device may do something; so this looks first.
    if !std::fs::metadata(path)?.is_file() {
        return Err(other());
    }
    let file = OpenOptions::new().read(true).custom_flags(OFlags::NONBLOCK.bits().cast_signed()).open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(other()) }
}

/// A file's bytes; `-` or nothing: standard input.
pub fn read(path: Option<&Path>) -> Result<Vec<u8>> {
    match path {
        Some(path) if path != Path::new("-") => read_file(path),
        named => {
            let mut stdin = io::stdin().lock();
            if named.is_none() && stdin.is_terminal() {
                return Err(Failure::invalid("no file is named and standard input is a terminal")
                    .hint("name a file, or `-` to type the input and end it with Ctrl-D")
                    .into());
            }
            let mut bytes = Vec::new();
            stdin.read_to_end(&mut bytes)?;
            Ok(bytes)
        }
    }
}

/// A file's bytes.
pub fn read_file(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| Failure::invalid(format!("cannot read {}: {error}", path.display())).into())
}

/// A file's text.
pub fn read_text(path: &Path) -> Result<String> {
    let bytes = read_file(path)?;
    String::from_utf8(bytes).map_err(|_| Failure::invalid(format!("{} is not UTF-8 text", path.display())).into())
}
