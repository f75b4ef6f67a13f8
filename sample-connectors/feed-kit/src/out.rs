//! The file of `--out`: made under another name beside it, and given its own when it is whole. A link that
//! has the name is replaced itself, and only when that is asked for.

use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A file that goes unless it is finished.
pub(crate) struct OutFile {
    making: BufWriter<NamedTempFile>,
    path: PathBuf,
    force: bool,
}

impl OutFile {
    /// Looks first whether the name may be used. `AlreadyExists` if it may not without `--force`.
    pub(crate) fn begin(path: &Path, force: bool) -> io::Result<Self> {
        match path.symlink_metadata() {
            Ok(found) if !found.is_file() && !found.is_symlink() => return Err(io::Error::other("it is there and is not a file")),
            Ok(_) if !force => return Err(ErrorKind::AlreadyExists.into()),
            _ => {}
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let making = builder.prefix(".feed-").tempfile_in(folder)?;
        Ok(Self { making: BufWriter::new(making), path: path.to_owned(), force })
    }

    /// It gets its name.
    pub(crate) fn finish(self) -> io::Result<()> {
        let made = self.making.into_inner().map_err(io::IntoInnerError::into_error)?;
        let named = if self.force { made.persist(&self.path) } else { made.persist_noclobber(&self.path) };
        named.map(drop).map_err(|error| error.error)
    }
}

impl Write for OutFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.making.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.making.flush()
    }
}
