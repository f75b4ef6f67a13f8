//! `[connectors.NAME.secrets.KEY]`: where a secret's value comes from. The value itself is read when
//! the bus opens, and stands in no other place: not in `config show`, in no message and no `Debug`.

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use lockgate_core::egress::{Origin, SecretGrant, SecretText};
use lockgate_core::names::ConnectorName;
use lockgate_core::settings::BusSettings;
use serde::{Deserialize, Serialize};

use super::word::{Word, plain};
use crate::exit::Failure;
use crate::input::open_regular;

/// Longest value, in bytes: certificates have some thousand.
const VALUE_BYTES_MAX: usize = 64 << 10;
/// Longest file: a value and a line end.
const FILE_BYTES_MAX: usize = VALUE_BYTES_MAX + 2;

/// One secret, as the file names it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Keys", into = "Keys")]
pub struct SecretSection {
    pub source: Source,
    pub hosts: Vec<Word<Origin>>,
}

/// Where the value is.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// In this environment variable.
    Env(String),
    /// In this regular file, whole; a line end at its end is not of the value.
    File(PathBuf),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "the environment variable {name}"),
            Self::File(path) => write!(f, "the file {}", path.display()),
        }
    }
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    #[serde(skip_serializing_if = "Option::is_none")]
    env: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<PathBuf>,
    #[serde(default)]
    hosts: Vec<Word<Origin>>,
}

impl TryFrom<Keys> for SecretSection {
    type Error = &'static str;

    fn try_from(keys: Keys) -> Result<Self, Self::Error> {
        let source = match (keys.env, keys.file) {
            (Some(name), None) if !name.is_empty() => Source::Env(name),
            (None, Some(path)) if !path.as_os_str().is_empty() => Source::File(path),
            _ => return Err("a secret has exactly one of `env = \"VARIABLE\"` and `file = \"path\"`"),
        };
        if keys.hosts.is_empty() {
            return Err("a secret has `hosts = [\"https://…\"]`: where it may be sent");
        }
        Ok(Self { source, hosts: keys.hosts })
    }
}

impl From<SecretSection> for Keys {
    fn from(section: SecretSection) -> Self {
        let (env, file) = match section.source {
            Source::Env(name) => (Some(name), None),
            Source::File(path) => (None, Some(path)),
        };
        Self { env, file, hosts: section.hosts }
    }
}

impl SecretSection {
    /// With a path that does not depend on where the program was started.
    pub fn in_folder(&self, folder: &Path) -> Self {
        let source = match &self.source {
            Source::File(path) => Source::File(folder.join(path)),
            env => env.clone(),
        };
        Self { source, hosts: self.hosts.clone() }
    }
}

/// A secret of a connector whose value is not read yet.
#[derive(Debug, Clone)]
pub struct Unread {
    pub connector: ConnectorName,
    pub key: String,
    pub section: SecretSection,
    /// Where it stands: `lockgate.toml:12:1`.
    pub place: String,
}

/// Whether a value that is not there ends the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values {
    /// It does: tasks are translated.
    Needed,
    /// It stays empty: the command only looks, or takes in.
    IfThere,
}

/// Reads the values into the settings of their connectors.
pub fn read_all(
    secrets: &[Unread],
    values: Values,
    settings: &mut BusSettings,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<(), Failure> {
    for secret in secrets {
        let Some(of) = settings.connectors.get_mut(&secret.connector) else { continue };
        let read = match (secret.read(variable), values) {
            (Ok(read), _) => read,
            (Err(failure), Values::Needed) => return Err(failure),
            // It is granted all the same, and is shown so.
            (Err(_), Values::IfThere) => SecretGrant { value: SecretText::new(""), origins: plain(&secret.section.hosts) },
        };
        for host in read.origins.iter().filter(|host| !of.grant.hosts.contains(host)) {
            tracing::warn!(
                connector = %secret.connector, key = secret.key,
                "{}: the secret {} is never sent to {host}: [connectors.{}.grant] hosts does not name it", secret.place, secret.key, secret.connector
            );
        }
        of.secrets.insert(secret.key.clone(), read);
    }
    Ok(())
}

impl Unread {
    /// A file that others may read is warned of, and used.
    fn read(&self, variable: &dyn Fn(&str) -> Option<String>) -> Result<SecretGrant, Failure> {
        let source = &self.section.source;
        let refused = |why: &str| {
            let message = format!("{}: the secret {} of connector {}: {source} {why}", self.place, self.key, self.connector);
            Failure::invalid(message).hint(match source {
                Source::Env(_) => "set the variable where lockgate is started, or name a file with `file`",
                Source::File(_) => {
                    "write the secret into the file, readable by the user of lockgate only (chmod 600), or name a variable with `env`"
                }
            })
        };
        let too_long = || refused(&format!("has more than {VALUE_BYTES_MAX} bytes"));
        let value = match source {
            Source::Env(name) => variable(name).ok_or_else(|| refused("is not set, or is not text"))?,
            Source::File(path) => {
                let bytes = self.read_file(path).map_err(|error| refused(&format!("cannot be read: {error}")))?;
                if bytes.len() > FILE_BYTES_MAX {
                    return Err(too_long());
                }
                String::from_utf8(bytes).map_err(|_| refused("is not UTF-8 text"))?
            }
        };
        let text = value.strip_suffix('\n').map_or(&*value, |text| text.strip_suffix('\r').unwrap_or(text));
        match text.len() {
            0 => Err(refused("is empty")),
            length if length > VALUE_BYTES_MAX => Err(too_long()),
            _ => Ok(SecretGrant { value: SecretText::new(text), origins: plain(&self.section.hosts) }),
        }
    }

    /// No more than shows that it is too long.
    fn read_file(&self, path: &Path) -> io::Result<Vec<u8>> {
        let file = open_regular(path)?;
        self.warn_if_open(path, &file);
        let mut bytes = Vec::new();
        file.take(FILE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    #[cfg(unix)]
    fn warn_if_open(&self, path: &Path, file: &File) {
        use std::os::unix::fs::PermissionsExt as _;
        const READ_BY_OTHERS: u32 = 0o044;
        let Ok(found) = file.metadata() else { return };
        let mode = found.permissions().mode() & 0o777;
        if mode & READ_BY_OTHERS != 0 {
            let (path, place, key) = (path.display(), &self.place, &self.key);
            tracing::warn!(
                connector = %self.connector, key,
                "{place}: THE SECRET {key} IS OPEN TO OTHERS: other users of this machine may read {path} (mode {mode:o}); run: chmod 600 {path}"
            );
        }
    }

    #[cfg(not(unix))]
    fn warn_if_open(&self, _: &Path, _: &File) {}
}

#[cfg(test)]
mod tests {
    use lockgate_core::settings::ConnectorSettings;

    use super::*;

    fn unread(source: Source) -> Unread {
        let section = SecretSection { source, hosts: vec![Word("https://shop.example".parse().unwrap())] };
        Unread { connector: ConnectorName::new("shop").unwrap(), key: "token".to_owned(), section, place: "lockgate.toml:2:3".to_owned() }
    }

    #[test]
    fn a_missing_value_ends_only_what_needs_it() {
        let secrets = [unread(Source::Env("NOT_SET".into()))];
        let of_shop = (ConnectorName::new("shop").unwrap(), ConnectorSettings::default());
        let mut settings = BusSettings { connectors: [of_shop].into(), ..BusSettings::default() };
        assert!(read_all(&secrets, Values::Needed, &mut settings, &|_| None).is_err());
        read_all(&secrets, Values::IfThere, &mut settings, &|_| None).unwrap();
        assert!(settings.connectors.values().all(|of| of.secrets["token"].value.expose().is_empty()));
    }

    fn read(source: Source) -> Result<SecretGrant, Failure> {
        unread(source).read(&|name| (name == "SET").then(|| "s3cret".to_owned()))
    }

    #[test]
    fn a_value_is_read_without_its_last_line_end() {
        assert_eq!(read(Source::Env("SET".into())).unwrap().value.expose(), "s3cret");
        let folder = tempfile::tempdir().unwrap();
        for (written, value) in [("a b", "a b"), ("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a\n")] {
            let path = folder.path().join("token");
            std::fs::write(&path, written).unwrap();
            assert_eq!(read(Source::File(path)).unwrap().value.expose(), value);
        }
    }

    #[test]
    fn a_value_that_is_not_there_is_named_by_its_key_and_source() {
        let message = read(Source::Env("NOT_SET".into())).unwrap_err().message;
        assert!(
            message.starts_with("lockgate.toml:2:3: the secret token of connector shop: the environment variable NOT_SET is not set"),
            "{message}"
        );
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        assert!(read(Source::File(path.clone())).unwrap_err().message.contains("token cannot be read: "));
        std::fs::write(&path, "\n").unwrap();
        assert!(read(Source::File(path.clone())).unwrap_err().message.ends_with("is empty"));
        std::fs::write(&path, [0xff]).unwrap();
        assert!(read(Source::File(path.clone())).unwrap_err().message.ends_with("is not UTF-8 text"));
        std::fs::write(&path, [vec![b'x'; VALUE_BYTES_MAX], b"\r\n".to_vec()].concat()).unwrap();
        assert!(read(Source::File(path.clone())).is_ok());
        for too_long in ["x".repeat(VALUE_BYTES_MAX + 1), "ö".repeat(VALUE_BYTES_MAX)] {
            std::fs::write(&path, too_long).unwrap();
            let message = read(Source::File(path.clone())).unwrap_err().message;
            assert!(message.ends_with("has more than 65536 bytes") && !message.contains("xx"), "{message}");
        }
    }
}
