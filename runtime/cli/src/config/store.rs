//! Where the store is: in a file of this machine, or in a database that many machines share.

use std::ffi::OsStr;
use std::fmt;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::exit::Failure;
use crate::input::open_regular;

/// Longest password file that is read: a password and a line end have some hundred bytes.
const PASSWORD_BYTES_MAX: u64 = 4_096;

/// Where the store is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StorePlace {
    /// In this file.
    File(PathBuf),
    /// In this database.
    Database(DatabasePlace),
}

/// A database. Its password stands in no message, no `Debug` and no `config show`.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabasePlace {
    url: String,
    password_file: Option<PathBuf>,
}

/// Where a password is found that the URL does not have.
pub struct Surroundings<'a> {
    /// Environment variables.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
}

impl StorePlace {
    /// What `--store` or `LOCKGATE_STORE` names: a URL or a file.
    pub fn named(text: &OsStr) -> Self {
        match text.to_str().filter(|text| is_url(text)) {
            Some(url) => Self::Database(DatabasePlace { url: url.to_owned(), password_file: None }),
            None => Self::File(text.into()),
        }
    }

    /// The file, if it is one.
    pub fn file(&self) -> Option<&Path> {
        if let Self::File(path) = self { Some(path) } else { None }
    }
}

impl fmt::Display for StorePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Database(database) => database.fmt(f),
        }
    }
}

impl DatabasePlace {
    /// What `[store] url` and `password_file` say.
    pub fn new(url: &str, password_file: Option<PathBuf>) -> Self {
        Self { url: url.to_owned(), password_file }
    }

    /// The whole URL: for the engine alone.
    pub fn secret_url(&self) -> &str {
        &self.url
    }

    /// Whether everybody who sees the URL sees a password.
    pub fn has_password(&self) -> bool {
        without_password(&self.url) != self.url
    }

    /// A password that the URL does not have, from the file that the configuration names, or from `PGPASSWORD`.
    pub fn password(&self, around: &Surroundings<'_>) -> Result<Option<String>, Failure> {
        let Some(path) = &self.password_file else {
            return Ok(if self.has_password() { None } else { (around.variable)("PGPASSWORD") });
        };
        let mut text = String::new();
        let read = open_regular(path).and_then(|file| file.take(PASSWORD_BYTES_MAX).read_to_string(&mut text));
        read.map_err(|error| {
            Failure::invalid(format!("[store] password_file {} cannot be read: {error}", path.display()))
                .hint("write the password into the file, readable by the user of lockgate only (chmod 600)")
        })?;
        let text = text.strip_suffix('\n').unwrap_or(&text);
        Ok(Some(text.strip_suffix('\r').unwrap_or(text).to_owned()))
    }

    /// The file of passwords that PostgreSQL's own programs read.
    pub fn passfile(around: &Surroundings<'_>) -> Option<PathBuf> {
        let named = (around.variable)("PGPASSFILE").map(PathBuf::from);
        named.or_else(|| Some(PathBuf::from((around.variable)("HOME")?).join(".pgpass"))).filter(|path| path.is_file())
    }
}

impl fmt::Display for DatabasePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&without_password(&self.url))
    }
}

impl fmt::Debug for DatabasePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabasePlace({self})")
    }
}

/// Whether a text is a database's URL, and no file's name.
pub fn is_url(text: &str) -> bool {
    text.starts_with("postgres://") || text.starts_with("postgresql://")
}

/// The same URL as everybody may read it.
fn without_password(url: &str) -> String {
    let (before, query) = url.split_once('?').map_or((url, None), |(before, query)| (before, Some(query)));
    let (scheme, rest) = before.split_once("://").unwrap_or(("", before));
    // A password that is not escaped may have a slash: the last `@` ends it.
    let (user, place) = rest.rsplit_once('@').map_or((None, rest), |(user, place)| (Some(user), place));
    let user = user.map(|user| format!("{}@", user.split(':').next().unwrap_or_default())).unwrap_or_default();
    let query = query.map(|query| query.split('&').filter(|part| !part.starts_with("password=")).collect::<Vec<_>>().join("&"));
    let query = query.filter(|query| !query.is_empty()).map(|query| format!("?{query}")).unwrap_or_default();
    format!("{scheme}://{user}{place}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_stands_in_no_text() {
        for (url, shown) in [
            ("postgres://ann:secret@db:5433/shop?sslmode=require", "postgres://ann@db:5433/shop?sslmode=require"),
            ("postgresql://ann@db/shop?password=secret&connect_timeout=3", "postgresql://ann@db/shop?connect_timeout=3"),
            ("postgres://ann:a/secret@x@db/shop", "postgres://ann@db/shop"),
            ("postgres://db/shop?password=secret", "postgres://db/shop"),
            ("postgres://db/shop", "postgres://db/shop"),
        ] {
            let place = StorePlace::named(url.as_ref());
            assert_eq!(place.to_string(), shown);
            assert!(!format!("{place:?}").contains("secret"));
            let StorePlace::Database(database) = place else { panic!("{url} is no file") };
            assert_eq!(database.has_password(), url.contains("secret"), "{url}");
        }
        assert_eq!(StorePlace::named("./a.redb".as_ref()), StorePlace::File("./a.redb".into()));
    }

    #[test]
    fn a_password_comes_from_a_file_or_the_environment() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        std::fs::write(&path, "of the file\n").unwrap();
        let variable = |name: &str| (name == "PGPASSWORD").then(|| "of the environment".to_owned());
        let around = Surroundings { variable: &variable };
        let of = |url: &str, file: Option<&Path>| DatabasePlace::new(url, file.map(Path::to_owned)).password(&around);
        assert_eq!(of("postgres://ann@db/shop", Some(&path)).unwrap().as_deref(), Some("of the file"));
        assert_eq!(of("postgres://ann@db/shop", None).unwrap().as_deref(), Some("of the environment"));
        assert_eq!(of("postgres://ann:own@db/shop", None).unwrap(), None, "the URL's own goes before the environment's");
        assert!(of("postgres://ann@db/shop", Some(&folder.path().join("none"))).unwrap_err().message.contains("password_file"));
    }
}
