//! Images: the file as of one moment, while the engine goes on writing to it. What is about to be
//! overwritten is put aside first, so that an image stays what the file was when it was taken, byte
//! for byte: what a process that was killed at that moment would have left behind.
//!
//! A backup is made from one, because the engine verifies its checksums only in a file that it has to
//! itself: read through the engine at work, a changed letter would go into the backup as it is.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::ops::Bound;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak};

use redb::{BackendError, StorageBackend};

use crate::overlay::Source;

/// What is put aside together.
const BLOCK_BYTES: u64 = 4_096;

/// Shared by all that open the same file one after the other.
#[derive(Debug, Default)]
pub(crate) struct Images {
    /// Read-locked while something is written, so that no write is half in an image.
    taken: RwLock<Option<Arc<Aside>>>,
    /// Where the file is read from: what was opened last. It is closed when the engine lets go of it.
    file: Mutex<Option<Weak<dyn StorageBackend>>>,
    /// Held by whoever has the one image (promise 5).
    one: Mutex<()>,
}

/// What the engine writes through.
#[derive(Debug)]
pub(crate) struct Watched {
    file: Arc<dyn StorageBackend>,
    images: Arc<Images>,
}

/// Blocks as they were, in the order in which they were put aside.
#[derive(Debug)]
struct Aside {
    /// Length of the file when the image was taken.
    bytes: u64,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    places: BTreeMap<u64, u64>,
    content: File,
    /// Why the image is none any more.
    failed: Option<io::Error>,
}

/// An image that can be read, also several times at once.
#[derive(Debug, Clone)]
pub(crate) struct Image {
    file: Arc<dyn StorageBackend>,
    aside: Arc<Aside>,
}

impl Images {
    /// Everything that is written to `file` from now on goes through what is returned.
    pub(crate) fn watch(self: &Arc<Self>, file: impl StorageBackend) -> Watched {
        let file: Arc<dyn StorageBackend> = Arc::new(file);
        *lock(&self.file) = Some(Arc::downgrade(&file));
        Watched { file, images: self.clone() }
    }

    /// Takes an image, and gives it up when `run` has done with it. Another one waits for that. What
    /// is put aside goes into a file without a name in `folder`, as much as is overwritten meanwhile.
    pub(crate) fn with<T>(&self, folder: &Path, run: impl FnOnce(Image, u64) -> T) -> io::Result<T> {
        let _one = lock(&self.one);
        let file = lock(&self.file).as_ref().and_then(Weak::upgrade).ok_or_else(|| io::Error::other("the file is closed"))?;
        let content = tempfile::tempfile_in(folder)?;
        let aside = {
            let mut taken = self.taken.write().unwrap_or_else(PoisonError::into_inner);
            let inner = Mutex::new(Inner { places: BTreeMap::new(), content, failed: None });
            let aside = Arc::new(Aside { bytes: file.len()?, inner });
            *taken = Some(aside.clone());
            aside
        };
        let _given_up = GivenUp(&self.taken);
        let bytes = aside.bytes;
        Ok(run(Image { file, aside }, bytes))
    }
}

struct GivenUp<'a>(&'a RwLock<Option<Arc<Aside>>>);

impl Drop for GivenUp<'_> {
    fn drop(&mut self) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Aside {
    /// Puts aside what lies in this range. The write goes on when it cannot: the image is lost.
    fn put(&self, file: &dyn StorageBackend, from: u64, to: u64) {
        let mut inner = lock(&self.inner);
        let to = to.min(self.bytes);
        if from >= to || inner.failed.is_some() {
            return;
        }
        for block in from / BLOCK_BYTES..to.div_ceil(BLOCK_BYTES) {
            if let Err(error) = inner.put(file, block, self.bytes) {
                inner.failed = Some(error);
                return;
            }
        }
    }
}

impl Inner {
    fn put(&mut self, file: &dyn StorageBackend, block: u64, bytes: u64) -> io::Result<()> {
        if self.places.contains_key(&block) {
            return Ok(());
        }
        let start = block * BLOCK_BYTES;
        let mut content = vec![0; usize::try_from(BLOCK_BYTES.min(bytes - start)).map_err(io::Error::other)?];
        file.read(start, &mut content)?;
        let place = self.places.len() as u64;
        self.content.seek(SeekFrom::Start(place * BLOCK_BYTES))?;
        self.content.write_all(&content)?;
        self.places.insert(block, place);
        Ok(())
    }

    /// The first bytes of `out`, as many as lie together; returns how many.
    fn read_some(&mut self, file: &dyn StorageBackend, offset: u64, out: &mut [u8]) -> io::Result<usize> {
        let (block, within) = (offset / BLOCK_BYTES, offset % BLOCK_BYTES);
        if let Some(place) = self.places.get(&block) {
            let some = out.len().min(usize::try_from(BLOCK_BYTES - within).map_err(io::Error::other)?);
            self.content.seek(SeekFrom::Start(place * BLOCK_BYTES + within))?;
            self.content.read_exact(out.get_mut(..some).unwrap_or_default())?;
            return Ok(some);
        }
        let next = self.places.range(block..).next().map_or(u64::MAX, |(next, _)| next * BLOCK_BYTES);
        let some = usize::try_from(next - offset).unwrap_or(usize::MAX).min(out.len());
        file.read(offset, out.get_mut(..some).unwrap_or_default())?;
        Ok(some)
    }
}

impl Source for Image {
    fn read(&mut self, mut offset: u64, mut out: &mut [u8]) -> io::Result<()> {
        while !out.is_empty() {
            // Locked while the file is read: what is overwritten meanwhile was put aside before or waits.
            let mut inner = lock(&self.aside.inner);
            if let Some(failed) = &inner.failed {
                return Err(io::Error::new(failed.kind(), format!("what was overwritten could not be put aside: {failed}")));
            }
            let some = inner.read_some(&*self.file, offset, out)?;
            offset += some as u64;
            out = out.get_mut(some..).unwrap_or_default();
        }
        Ok(())
    }
}

impl StorageBackend for Watched {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let taken = self.images.taken.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(aside) = &*taken {
            aside.put(&*self.file, len, aside.bytes);
        }
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let taken = self.images.taken.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(aside) = &*taken {
            aside.put(&*self.file, offset, offset.saturating_add(data.len() as u64));
        }
        self.file.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.query_lock_range(start, end)
    }
}

#[cfg(test)]
#[path = "../tests/common/random.rs"]
mod random;

#[cfg(test)]
mod tests {
    use redb::backends::InMemoryBackend;

    use super::random::random;
    use super::*;

    /// Writes, and changes of the length, anywhere.
    fn disturb(file: &Watched, seed: &mut u64) {
        let len = file.len().unwrap();
        if random(seed).is_multiple_of(8) {
            return file.set_len(random(seed) % 100_000).unwrap();
        }
        let offset = random(seed) % len.max(1);
        let bytes = (random(seed) % 9_000).min(len - offset);
        file.write(offset, &vec![(random(seed) % 256) as u8; bytes as usize]).unwrap();
    }

    #[test]
    fn an_image_stays_what_the_file_was() {
        let (images, folder) = (Arc::new(Images::default()), tempfile::tempdir().unwrap());
        let file = images.watch(InMemoryBackend::new());
        file.set_len(50_000).unwrap();
        let mut seed = 0x1_3a6e;
        for round in 0..50 {
            (0..20).for_each(|_| disturb(&file, &mut seed));
            let mut was = vec![0; file.len().unwrap() as usize];
            file.read(0, &mut was).unwrap();
            let read = |mut image: Image, bytes: u64| {
                assert_eq!(bytes, was.len() as u64);
                for _ in 0..60 {
                    disturb(&file, &mut seed);
                    let from = random(&mut seed) as usize % (was.len() + 1);
                    let to = from + random(&mut seed) as usize % (was.len() - from + 1);
                    let mut out = vec![0; to - from];
                    image.read(from as u64, &mut out).unwrap();
                    assert!(out == was[from..to], "round {round}: {from} to {to}");
                }
            };
            images.with(folder.path(), read).unwrap();
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left behind");
    }

    #[test]
    fn a_closed_file_has_no_image_and_the_file_that_follows_has() {
        let (images, folder) = (Arc::new(Images::default()), tempfile::tempdir().unwrap());
        drop(images.watch(InMemoryBackend::new()));
        assert!(images.with(folder.path(), |_, _| ()).is_err());
        let _file = images.watch(InMemoryBackend::new());
        images.with(folder.path(), |_, bytes| assert_eq!(bytes, 0)).unwrap();
    }
}
