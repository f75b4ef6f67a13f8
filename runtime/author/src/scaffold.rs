//! A new project that builds, and passes the harness, as it stands.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::templates::{self, File, Vendored};
use crate::vendored;

/// Longest name of a project.
const NAME_BYTES_MAX: usize = 60;

/// Languages of which there are projects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    /// `wasm32-wasip2`.
    Rust,
    /// QuickJS or StarlingMonkey.
    TypeScript,
    /// CPython.
    Python,
    /// The standard toolchain.
    Go,
    /// clang.
    C,
}

/// Why there is no project.
#[derive(Debug, thiserror::Error)]
pub enum NotWritten {
    /// The name does not suit every tool that gets to see it.
    #[error("{0:?} is no name for a project: small letters, digits and single hyphens, a letter first, at most {NAME_BYTES_MAX}")]
    Name(String),
    /// The folder has something in it.
    #[error("{} is there already and not empty", .0.display())]
    Taken(PathBuf),
    /// The folder of the SDK is none.
    #[error("{} is no SDK for {lang}: {cause}", path.display())]
    Sdk {
        /// What cannot be read.
        path: PathBuf,
        /// The language, as it is named in `guest-sdk/`.
        lang: &'static str,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// The system says no.
    #[error("cannot write {}: {cause}", path.display())]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
}

impl Lang {
    /// As it is named in `guest-sdk/`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::TypeScript => "typescript",
            Self::Python => "python",
            Self::Go => "go",
            Self::C => "c",
        }
    }

    fn files(self) -> impl Iterator<Item = &'static File> {
        templates::SHARED.iter().chain(self.own_files())
    }

    fn packages(self) -> &'static [Vendored] {
        match self {
            Self::TypeScript => templates::TYPESCRIPT_PACKAGES,
            Self::Python => templates::PYTHON_PACKAGES,
            Self::Rust | Self::Go | Self::C => &[],
        }
    }

    fn own_files(self) -> &'static [File] {
        match self {
            Self::Rust => templates::RUST,
            Self::TypeScript => templates::TYPESCRIPT,
            Self::Python => templates::PYTHON,
            Self::Go => templates::GO,
            Self::C => templates::C,
        }
    }
}

/// Where the SDK of a language is: in `guest-sdk/` of the next folder above one of these that has it.
pub fn find_sdk<'a>(lang: Lang, from: impl IntoIterator<Item = &'a Path>) -> Option<PathBuf> {
    let above = from.into_iter().flat_map(Path::ancestors);
    above.map(|folder| folder.join("guest-sdk").join(lang.as_str())).find(|folder| folder.is_dir())
}

/// Writes a project into a folder, with the SDK's packages where the language takes them along. Returns the paths of its own files.
pub fn write(folder: &Path, name: &str, lang: Lang, sdk: &Path) -> Result<Vec<&'static str>, NotWritten> {
    if !is_name(name) {
        return Err(NotWritten::Name(name.to_owned()));
    }
    if std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(NotWritten::Taken(folder.to_owned()));
    }
    let packages = vendored::read(sdk, lang.packages()).map_err(|(path, cause)| NotWritten::Sdk { path, lang: lang.as_str(), cause })?;
    for (path, content) in packages {
        let path = folder.join(path);
        write_file(&path, &content).map_err(|cause| NotWritten::Io { path, cause })?;
    }
    for (path, text) in lang.files() {
        let text = text.replace("{{name}}", name).replace("{{sdk}}", &sdk.to_string_lossy());
        let path = folder.join(path);
        write_file(&path, text.as_bytes()).map_err(|cause| NotWritten::Io { path, cause })?;
    }
    Ok(lang.files().map(|(path, _)| *path).collect())
}

fn write_file(path: &Path, content: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    // Made, never found: a link that somebody puts there meanwhile is not followed.
    std::fs::OpenOptions::new().write(true).create_new(true).open(path)?.write_all(content)?;
    #[cfg(unix)]
    if content.starts_with(b"#!") {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

/// A name that cargo, npm, Go and file systems take, and that a connector can have.
fn is_name(name: &str) -> bool {
    name.len() <= NAME_BYTES_MAX
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && !name.ends_with('-')
        && !name.contains("--")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Lang; 5] = [Lang::Rust, Lang::TypeScript, Lang::Python, Lang::Go, Lang::C];

    fn files_in(folder: &Path, root: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files_in(&path, root, found);
            } else {
                found.push(path.strip_prefix(root).unwrap().to_string_lossy().into_owned());
            }
        }
    }

    #[test]
    fn every_file_of_a_template_is_in_the_table() {
        let own = ALL.map(|lang| (lang.as_str(), lang.own_files()));
        for (folder, files) in own.into_iter().chain([("shared", templates::SHARED)]) {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates").join(folder);
            let mut found = Vec::new();
            files_in(&root, &root, &mut found);
            let mut listed: Vec<&str> = files.iter().map(|(path, _)| *path).collect();
            found.sort();
            listed.sort_unstable();
            assert_eq!(listed, found, "{folder}");
        }
    }

    #[test]
    fn a_project_has_its_name_and_nothing_left_to_be_filled_in() {
        for lang in ALL {
            let folder = tempfile::tempdir().unwrap();
            let files = write(folder.path(), "my-teams", lang, &sdk(lang)).unwrap();
            for needed in ["README.md", "manifest.toml", "model.toml"] {
                assert!(files.contains(&needed), "{}: {needed}", lang.as_str());
            }
            for file in files {
                let text = std::fs::read_to_string(folder.path().join(file)).unwrap();
                assert!(!text.contains("{{name}}") && !text.contains("{{sdk}}"), "{}: {file}", lang.as_str());
            }
            crate::harness::read_cases(&folder.path().join("cases")).unwrap();
        }
    }

    /// Projects that take their SDK along build on any machine, so nothing in them names a folder of this one.
    #[test]
    fn projects_in_typescript_and_python_name_no_folder_outside_of_themselves() {
        for lang in [Lang::TypeScript, Lang::Python] {
            let folder = tempfile::tempdir().unwrap();
            write(folder.path(), "my-teams", lang, &sdk(lang)).unwrap();
            let mut found = Vec::new();
            files_in(folder.path(), folder.path(), &mut found);
            assert!(found.iter().any(|file| file == "vendor/lockgate-guest/LICENSE"), "{found:?}");
            let outside = sdk(lang).parent().unwrap().to_string_lossy().into_owned();
            for file in found {
                let text = std::fs::read(folder.path().join(&file)).unwrap();
                assert!(!String::from_utf8_lossy(&text).contains(&outside), "{file}");
            }
        }
    }

    #[test]
    fn git_keeps_neither_the_store_nor_a_file_in_go_or_c_that_names_a_folder_of_this_machine() {
        for lang in ALL {
            let folder = tempfile::tempdir().unwrap();
            let files = write(folder.path(), "my-teams", lang, &sdk(lang)).unwrap();
            let ignored = std::fs::read_to_string(folder.path().join(".gitignore")).unwrap();
            let ignores = |pattern: &str| ignored.lines().any(|line| line == pattern);
            assert!(ignores("*.redb*"), "{}", lang.as_str());
            let sdk = sdk(lang).to_string_lossy().into_owned();
            let naming = files.into_iter().filter(|file| std::fs::read_to_string(folder.path().join(file)).unwrap().contains(&sdk));
            let naming: Vec<&str> = naming.collect();
            match lang {
                Lang::Go => assert_eq!(naming, ["go.work"]),
                Lang::C => assert_eq!(naming, ["sdk-folder"]),
                // Cargo has a place for it in Cargo.toml alone, until the crate is in a registry.
                Lang::Rust => assert_eq!(naming, ["Cargo.toml"]),
                Lang::TypeScript | Lang::Python => assert_eq!(naming, [""; 0]),
            }
            if matches!(lang, Lang::Go | Lang::C) {
                assert!(naming.iter().all(|file| ignores(&format!("/{file}"))), "{}", lang.as_str());
            }
        }
    }

    fn sdk(lang: Lang) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../guest-sdk").canonicalize().unwrap().join(lang.as_str())
    }

    #[test]
    fn what_cannot_be_written_is_refused() {
        let empty = tempfile::tempdir().unwrap();
        let no_sdk = write(&empty.path().join("teams"), "teams", Lang::Python, empty.path());
        assert!(matches!(no_sdk, Err(NotWritten::Sdk { lang: "python", .. })), "{no_sdk:?}");
        assert!(!empty.path().join("teams").exists(), "nothing is written");
        let folder = tempfile::tempdir().unwrap();
        for name in ["", "Teams", "7teams", "my--teams", "teams-", "my_teams", "a/b", "../x"] {
            assert!(matches!(write(folder.path(), name, Lang::C, Path::new("sdk")), Err(NotWritten::Name(_))), "{name}");
        }
        std::fs::write(folder.path().join("mine"), "").unwrap();
        assert!(matches!(write(folder.path(), "teams", Lang::C, Path::new("sdk")), Err(NotWritten::Taken(_))));
    }
}
