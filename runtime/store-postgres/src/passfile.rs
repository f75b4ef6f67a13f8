//! The file of passwords that PostgreSQL's own programs read: `host:port:database:user:password` in each line.

use std::path::Path;

use tokio_postgres::Config;
use tokio_postgres::config::Host;

/// A port that is not named.
const PORT: u16 = 5432;

/// The password of the first line that fits. A file that cannot be read, or that others may read, has none, as there.
pub(crate) fn password(file: &Path, config: &Config) -> Option<String> {
    if !is_private(file) {
        tracing::warn!("{}: not used, because other users of this machine may read it; run: chmod 600 {0}", file.display());
        return None;
    }
    let text = std::fs::read_to_string(file).ok()?;
    let user = config.get_user().unwrap_or_default();
    let database = config.get_dbname().unwrap_or(user);
    let places: Vec<(String, u16)> = config.get_hosts().iter().enumerate().map(|(at, host)| (name(host), port(config, at))).collect();
    let lines = text.lines().filter(|line| !line.starts_with('#')).map(fields);
    let mut of_lines = lines.filter_map(|fields| match fields.as_slice() {
        [host, ports, databases, users, password] => {
            let is = |pattern: &str, value: &str| pattern == "*" || pattern == value;
            let is_there = places.iter().any(|(name, port)| is(host, name) && is(ports, &port.to_string()));
            (is_there && is(databases, database) && is(users, user)).then(|| password.clone())
        }
        _ => None,
    });
    of_lines.next()
}

fn name(host: &Host) -> String {
    match host {
        Host::Tcp(name) => name.clone(),
        #[cfg(unix)]
        Host::Unix(folder) => folder.display().to_string(),
    }
}

/// The port of one of the hosts: its own, or the one of all.
fn port(config: &Config, host: usize) -> u16 {
    let ports = config.get_ports();
    ports.get(host).or(ports.first()).copied().unwrap_or(PORT)
}

/// A line's fields; a backslash takes what it means from what follows.
fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut field, mut chars) = (Vec::new(), String::new(), line.chars());
    while let Some(c) = chars.next() {
        match c {
            '\\' => field.extend(chars.next()),
            // The password may have further ones.
            ':' if fields.len() < 4 => fields.push(std::mem::take(&mut field)),
            c => field.push(c),
        }
    }
    fields.push(field);
    fields
}

#[cfg(unix)]
fn is_private(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    const OF_OTHERS: u32 = 0o077;
    std::fs::metadata(file).is_ok_and(|found| found.is_file() && found.permissions().mode() & OF_OTHERS == 0)
}

#[cfg(not(unix))]
fn is_private(file: &Path) -> bool {
    file.is_file()
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn the_first_line_that_fits_has_the_password() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pgpass");
        std::fs::write(&file, "# all\nother:*:*:*:no\ndb:5433:shop:ann:a\\:b:c\n*:*:*:ann:any\n").unwrap();
        let of = |url: &str| password(&file, &url.parse().unwrap());
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(of("postgres://ann@db:5433/shop"), None, "others may read it");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(of("postgres://ann@db:5433/shop").as_deref(), Some("a:b:c"));
        assert_eq!(of("postgres://ann@db/shop").as_deref(), Some("any"));
        assert_eq!(of("postgres://bob@db/shop"), None);
    }
}
