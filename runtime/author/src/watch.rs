//! Waits until a file changes: the component, a case, or the source.

use std::path::{Component, Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

/// How long nothing must have changed: compilers write in pieces.
const QUIET: Duration = Duration::from_millis(200);
/// Folders that tools write into, at whatever depth: a change there is no change of the source.
const MADE_BY_TOOLS: &[&str] = &["target", "node_modules", "__pycache__", "dist", "gen", "build"];

/// Watched files and folders.
pub struct Watch {
    events: Receiver<PathBuf>,
    _watcher: RecommendedWatcher,
}

/// A file is watched through its folder, so that it is found again after it was replaced.
#[derive(Debug, Clone)]
pub enum Watched {
    /// One file.
    File(PathBuf),
    /// A folder with all that is in it.
    Folder(PathBuf),
}

impl Watch {
    /// Begins to watch.
    pub fn new(watched: &[Watched]) -> notify::Result<Self> {
        let (sender, events) = mpsc::channel();
        let wanted = whole(watched);
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            let Ok(event) = event else { return };
            if matches!(event.kind, EventKind::Access(_)) {
                return;
            }
            for path in event.paths {
                if wanted.iter().any(|wanted| is_wanted(wanted, &path)) {
                    // The other side has gone only when the program ends.
                    let _ = sender.send(path);
                }
            }
        })?;
        for one in whole(watched) {
            match one {
                Watched::File(file) => watcher.watch(file.parent().unwrap_or(Path::new(".")), RecursiveMode::NonRecursive)?,
                Watched::Folder(folder) => watcher.watch(&folder, RecursiveMode::Recursive)?,
            }
        }
        Ok(Self { events, _watcher: watcher })
    }

    /// Waits for a change, and until nothing changes any more. `None`: nothing can be watched any more.
    pub fn next(&self) -> Option<Vec<PathBuf>> {
        let first = self.events.recv().ok()?;
        self.until_quiet(first)
    }

    fn until_quiet(&self, first: PathBuf) -> Option<Vec<PathBuf>> {
        let mut changed = vec![first];
        loop {
            match self.events.recv_timeout(QUIET) {
                Ok(path) => changed.push(path),
                Err(RecvTimeoutError::Timeout) => return Some(changed),
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
    }

    /// The same, and no longer than this for the first change. Empty: nothing has changed.
    pub fn within(&self, wait_max: Duration) -> Option<Vec<PathBuf>> {
        match self.events.recv_timeout(wait_max) {
            Ok(first) => self.until_quiet(first),
            Err(RecvTimeoutError::Timeout) => Some(Vec::new()),
            Err(RecvTimeoutError::Disconnected) => None,
        }
    }

    /// Forgets what has changed until now, for example what a build wrote.
    pub fn forget(&self) {
        while self.events.recv_timeout(QUIET).is_ok() {}
    }
}

fn whole(watched: &[Watched]) -> Vec<Watched> {
    let absolute = |path: &Path| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        path.file_name().map_or_else(|| folder.clone(), |name| folder.join(name))
    };
    let whole = |one: &Watched| match one {
        Watched::File(file) => Watched::File(absolute(file)),
        Watched::Folder(folder) => Watched::Folder(std::fs::canonicalize(folder).unwrap_or_else(|_| folder.clone())),
    };
    watched.iter().map(whole).collect()
}

fn is_wanted(wanted: &Watched, path: &Path) -> bool {
    match wanted {
        Watched::File(file) => path == file,
        Watched::Folder(folder) => path.strip_prefix(folder).is_ok_and(|inside| !inside.components().any(is_made)),
    }
}

fn is_made(part: Component<'_>) -> bool {
    let Component::Normal(name) = part else { return false };
    let name = name.to_string_lossy();
    name.starts_with('.') || MADE_BY_TOOLS.contains(&&*name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tools_write_is_no_change() {
        let folder = Watched::Folder("/a".into());
        assert!(is_wanted(&folder, Path::new("/a/src/lib.rs")));
        for made in ["/a/target/x.wasm", "/a/.git/index", "/a/web/node_modules/b/c.js", "/b/src/lib.rs"] {
            assert!(!is_wanted(&folder, Path::new(made)), "{made}");
        }
        assert!(is_wanted(&Watched::File("/a/target/x.wasm".into()), Path::new("/a/target/x.wasm")));
    }

    #[test]
    fn a_replaced_file_is_a_change() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.wasm");
        std::fs::write(&file, "1").unwrap();
        let watch = Watch::new(&[Watched::File(file.clone())]).unwrap();
        std::fs::write(folder.path().join("other"), "1").unwrap();
        std::fs::write(folder.path().join("new"), "2").unwrap();
        std::fs::rename(folder.path().join("new"), &file).unwrap();
        let changed = watch.next().unwrap();
        assert!(changed.iter().all(|path| path.ends_with("x.wasm")), "{changed:?}");
    }
}
