//! The URL of a database, as PostgreSQL's own programs take it.

use std::path::PathBuf;

use tokio_postgres::Config;

/// Where the store is, and which certificates are trusted besides the system's.
pub(crate) struct Parsed {
    pub(crate) config: Config,
    pub(crate) more_roots: Option<PathBuf>,
}

/// Reads a URL. What it says of verification is met by all that this program does: it always verifies.
pub(crate) fn read(url: &str) -> Result<Parsed, String> {
    let (before, query) = url.split_once('?').unwrap_or((url, ""));
    if !before.starts_with("postgres://") && !before.starts_with("postgresql://") {
        return Err("it begins with neither postgres:// nor postgresql://".to_owned());
    }
    let (mut kept, mut more_roots) = (Vec::new(), None);
    for part in query.split('&').filter(|part| !part.is_empty()) {
        match part.split_once('=') {
            Some(("sslrootcert", path)) => more_roots = Some(PathBuf::from(path.replace("%2F", "/").replace("%2f", "/"))),
            Some(("sslmode", "verify-full" | "verify-ca")) => kept.push("sslmode=require"),
            Some(("sslmode", "allow")) => kept.push("sslmode=prefer"),
            _ => kept.push(part),
        }
    }
    let whole = if kept.is_empty() { before.to_owned() } else { format!("{before}?{}", kept.join("&")) };
    let config: Config = whole.parse().map_err(|error: tokio_postgres::Error| crate::fault::told(&error))?;
    Ok(Parsed { config, more_roots })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio_postgres::config::SslMode;

    #[test]
    fn a_url_says_what_other_programs_understand() {
        let place =
            read("postgres://ann:secret@db.example:5433/shop?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem&connect_timeout=3").unwrap();
        assert_eq!(place.more_roots, Some("/etc/ca.pem".into()));
        assert_eq!(place.config.get_ssl_mode(), SslMode::Require);
        assert_eq!((place.config.get_dbname(), place.config.get_ports()), (Some("shop"), [5433].as_slice()));
    }

    #[test]
    fn a_wrong_url_is_named_without_its_password() {
        for url in [
            "lockgate.redb",
            "mysql://ann:secret@db/shop",
            "postgres://ann:secret@db/shop?sslmode=perhaps",
            "postgres://ann:secret@db:port/x",
        ] {
            let why = read(url).err().expect("it is wrong");
            assert!(!why.contains("secret"), "{why}");
        }
    }
}
