//! What the child tells its parent on stdout: a header, then the artefact. The parent bounds both.

use std::io::{self, Read, Write};

use lockgate_core::ports::InstallError;
use serde::{Deserialize, Serialize};

/// Longest header: a manifest and a list of imports, escaped.
const HEADER_BYTES_MAX: u32 = 1 << 20;

/// What came of a compilation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Header {
    /// The component is a connector.
    Compiled(Report),
    /// It is not, or cannot be compiled.
    Refused {
        /// An `InstallError`'s code.
        code: String,
        /// An `InstallError`'s message.
        message: String,
    },
}

/// What was found out about a connector.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The child's `engine::compatibility`.
    pub compatibility: String,
    /// Imports that are not of the contract, sorted.
    pub foreign_imports: Vec<String>,
    /// The manifest's text.
    pub manifest: Option<String>,
    /// How long the artefact is.
    pub artefact_bytes: u64,
}

/// Why an answer cannot be read.
#[derive(Debug)]
pub enum ReadError {
    /// It ends too early: whoever wrote it has ended.
    Incomplete,
    /// It is something else.
    Malformed,
    /// The artefact has so many bytes, too many.
    TooLarge(u64),
}

impl From<InstallError> for Header {
    fn from(error: InstallError) -> Self {
        Self::Refused { code: error.code.to_owned(), message: error.message }
    }
}

/// Writes an answer. `artefact` is empty if the component was refused.
pub fn write(mut to: impl Write, header: &Header, artefact: &[u8]) -> io::Result<()> {
    let header = serde_json::to_vec(header)?;
    let length = u32::try_from(header.len()).map_err(io::Error::other)?;
    to.write_all(&length.to_le_bytes())?;
    to.write_all(&header)?;
    to.write_all(artefact)?;
    to.flush()
}

/// Reads an answer, and no more than is allowed.
pub fn read(mut from: impl Read, artefact_bytes_max: u64) -> Result<(Header, Vec<u8>), ReadError> {
    let mut length = [0; 4];
    from.read_exact(&mut length).map_err(|_error| ReadError::Incomplete)?;
    let length = u32::from_le_bytes(length);
    if length > HEADER_BYTES_MAX {
        return Err(ReadError::Malformed);
    }
    let header = bytes(&mut from, length.into())?;
    let header: Header = serde_json::from_slice(&header).map_err(|_error| ReadError::Malformed)?;
    let artefact = match &header {
        Header::Compiled(report) if report.artefact_bytes > artefact_bytes_max => {
            return Err(ReadError::TooLarge(report.artefact_bytes));
        }
        Header::Compiled(report) => bytes(&mut from, report.artefact_bytes)?,
        Header::Refused { .. } => Vec::new(),
    };
    Ok((header, artefact))
}

/// Exactly so many. The buffer grows with what arrives, not with what is announced.
fn bytes(from: &mut impl Read, count: u64) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    match from.take(count).read_to_end(&mut bytes) {
        Ok(read) if read as u64 == count => Ok(bytes),
        _ => Err(ReadError::Incomplete),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compiled(artefact_bytes: u64) -> Header {
        Header::Compiled(Report { artefact_bytes, ..Report::default() })
    }

    #[test]
    fn an_answer_is_read_as_it_was_written() {
        let mut pipe = Vec::new();
        write(&mut pipe, &compiled(3), b"abc").unwrap();
        assert_eq!(read(&*pipe, 3).unwrap(), (compiled(3), b"abc".to_vec()));
        assert!(matches!(read(&*pipe, 2), Err(ReadError::TooLarge(3))));
        assert!(matches!(read(&pipe[..pipe.len() - 1], 3), Err(ReadError::Incomplete)));
    }

    #[test]
    fn what_is_no_answer_is_told_from_what_ends_too_early() {
        for bytes in [&b""[..], b"abc", b"\x03\0\0\0{}"] {
            assert!(matches!(read(bytes, 100), Err(ReadError::Incomplete)), "{bytes:?}");
        }
        for bytes in [&b"running 0 tests\n"[..], &[0; 100], b"\x02\0\0\0{}"] {
            assert!(matches!(read(bytes, 100), Err(ReadError::Malformed)), "{bytes:?}");
        }
    }
}
