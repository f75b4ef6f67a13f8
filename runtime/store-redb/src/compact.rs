//! Giving back what a file has free. The engine keeps it for later and returns nothing on its own.

use std::path::Path;
use std::sync::Arc;

use crate::fault::guarded;
use crate::open::{self, OpenError, Options};

/// Makes a file that no store has open as small as its content allows. Returns its length before
/// and after, in bytes. Blocks: measured were 7 to 30 s for each GiB that stays. It is of no use to
/// break it off: the file is whole then, and opening it takes seconds instead of milliseconds once.
pub fn compact(path: &Path, options: Options) -> Result<(u64, u64), OpenError> {
    let unreachable = |source| OpenError::Unreachable { path: path.to_owned(), source };
    let length = || std::fs::metadata(path).map(|metadata| metadata.len()).map_err(unreachable);
    let before = length()?;
    let mut db = open::open_there(path, options, &Arc::default())?;
    if open::format(&db)?.is_none() {
        return Err(OpenError::NotLockgate);
    }
    guarded(|| db.compact()).map_err(OpenError::Damaged)?.map_err(|error| OpenError::Broken(error.into()))?;
    guarded(|| db.close()).map_err(OpenError::Damaged)??;
    Ok((before, length()?))
}
