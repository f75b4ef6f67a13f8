//! A new project that builds, and passes the harness, as it stands.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::templates::{self, File, Vendored};
use crate::{sdk, vendored};

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

/// Where a project's SDK comes from.
#[derive(Debug, Clone, Copy)]
pub enum Sdk<'a> {
    /// From this program, into a folder of the project.
    Carried,
    /// From a folder of the author's, to which the project then refers; packages that a language takes along are copied.
    At(&'a Path),
}

/// Where the SDK of a project is that takes it along, seen from the project; the dot says to every tool that it is a folder.
const OWN_SDK: &str = "./vendor/lockgate-guest";

/// Writes a project into a folder, with its SDK. Returns the paths of its own files.
pub fn write(folder: &Path, name: &str, lang: Lang, sdk: Sdk<'_>) -> Result<Vec<&'static str>, NotWritten> {
    if !is_name(name) {
        return Err(NotWritten::Name(name.to_owned()));
    }
    if std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(NotWritten::Taken(folder.to_owned()));
    }
    let (packages, sdk_path) = match sdk {
        Sdk::Carried => (sdk::carried(lang, lang.packages()), OWN_SDK.to_owned()),
        Sdk::At(path) => {
            let unreadable = |(path, cause)| NotWritten::Sdk { path, lang: lang.as_str(), cause };
            (vendored::read(path, lang.packages()).map_err(unreadable)?, path.to_string_lossy().into_owned())
        }
    };
    let put = |path: PathBuf, bytes: &[u8]| write_file(&path, bytes).map_err(|cause| NotWritten::Io { path, cause });
    for (path, content) in packages {
        put(folder.join(path), &content)?;
    }
    for (path, text) in lang.files() {
        let mut text = text.replace("{{name}}", name).replace("{{sdk}}", &sdk_path);
        if let (".gitignore", Sdk::Carried) = (*path, sdk) {
            text = with_the_way_to_its_sdk(&text);
        }
        put(folder.join(path), text.as_bytes())?;
    }
    Ok(lang.files().map(|(path, _)| *path).collect())
}

/// What says where the SDK is belongs to the author's machine, and is not shared; where the SDK is in the project, it is.
fn with_the_way_to_its_sdk(ignored: &str) -> String {
    let of_a_machine = ["# Where the SDK is on this machine.", "/go.work", "/go.work.sum", "/sdk-folder"];
    ignored.lines().filter(|line| !of_a_machine.contains(line)).flat_map(|line| [line, "\n"]).collect()
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
            let files = write(folder.path(), "my-teams", lang, Sdk::Carried).unwrap();
            for needed in ["README.md", "manifest.toml", "model.toml"] {
                assert!(files.contains(&needed), "{}: {needed}", lang.as_str());
            }
            for file in files {
                let text = std::fs::read_to_string(folder.path().join(file)).unwrap();
                assert!(!text.contains("{{name}}") && !text.contains("{{sdk}}"), "{}: {file}", lang.as_str());
            }
            crate::harness::read_cases(&folder.path().join("cases")).unwrap();
            assert!(folder.path().join("vendor/lockgate-guest/README.md").is_file(), "{}", lang.as_str());
        }
    }

    /// Projects that take their SDK along build on any machine, so nothing in them names a folder of this one.
    #[test]
    fn projects_name_no_folder_outside_of_themselves() {
        let at = [Lang::TypeScript, Lang::Python].map(|lang| (lang, Some(sdk(lang))));
        for (lang, sdk_folder) in ALL.map(|lang| (lang, None)).into_iter().chain(at) {
            let folder = tempfile::tempdir().unwrap();
            write(folder.path(), "my-teams", lang, sdk_folder.as_deref().map_or(Sdk::Carried, Sdk::At)).unwrap();
            let mut found = Vec::new();
            files_in(folder.path(), folder.path(), &mut found);
            assert!(found.iter().any(|file| file == "vendor/lockgate-guest/README.md"), "{found:?}");
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
            let files = write(folder.path(), "my-teams", lang, Sdk::At(&sdk(lang))).unwrap();
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
        let no_sdk = write(&empty.path().join("teams"), "teams", Lang::Python, Sdk::At(empty.path()));
        assert!(matches!(no_sdk, Err(NotWritten::Sdk { lang: "python", .. })), "{no_sdk:?}");
        assert!(!empty.path().join("teams").exists(), "nothing is written");
        let folder = tempfile::tempdir().unwrap();
        for name in ["", "Teams", "7teams", "my--teams", "teams-", "my_teams", "a/b", "../x"] {
            assert!(matches!(write(folder.path(), name, Lang::C, Sdk::Carried), Err(NotWritten::Name(_))), "{name}");
        }
        std::fs::write(folder.path().join("mine"), "").unwrap();
        assert!(matches!(write(folder.path(), "teams", Lang::C, Sdk::Carried), Err(NotWritten::Taken(_))));
    }
}
