//! Opening a database: what the server must be, and that the schema is this program's.

use std::path::Path;

use lockgate_core::mark::RULE;
use lockgate_core::ports::StoreError;
use tokio_postgres::error::SqlState;

use crate::convert;
use crate::fault::{Fault, told};
use crate::packet::Statement;
use crate::params::params;
use crate::pool::{Link, Pool};
use crate::store::{PgStore, get};
use crate::tls::Tls;
use crate::{passfile, url};

/// The oldest server that is known to do.
const SERVER_MIN: i32 = 150_000;
/// Migrations, in order; the number of the last is the schema's version. One that was released is never changed. A
/// new rule of marks (`lockgate_core::mark::RULE`) comes with one that makes them anew.
const MIGRATIONS: &[&str] = &[include_str!("sql/0001.sql"), include_str!("sql/0002.sql"), include_str!("sql/0003.sql")];
/// The lock under which the schema is changed: one program at a time. Any number that others do not use.
const LOCK: i64 = 0x6c6f_636b_6761_7465;

/// Why a database cannot be the store. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL is none, or says something that is not known.
    #[error("the store's URL is wrong: {0}; write it as postgres://user:password@host:5432/database?sslmode=require")]
    Url(String),
    /// Certificates cannot be read, or are no good.
    #[error("TLS cannot be used: {0}")]
    Tls(String),
    /// No server answers there.
    #[error("{0}; check host and port, that the server runs, and that the network lets the connection through")]
    Unreachable(String),
    /// The server does not take the user or the password.
    #[error("PostgreSQL does not let this user in: {0}; check user and password in the URL, and the server's pg_hba.conf")]
    NotLetIn(String),
    /// There is no such database.
    #[error("PostgreSQL has no such database: {0}; create it, for example with: createdb --owner=lockgate lockgate")]
    NoDatabase(String),
    /// The user may not make tables, or not use them.
    #[error("the user has too few rights in the database: {0}; make it the database's owner")]
    NoRights(String),
    /// The server is too old.
    #[error("the server is PostgreSQL {0}; Lockgate needs version 15 or newer")]
    TooOld(String),
    /// The server only reads.
    #[error("the server is a standby, which cannot be written; give the primary, or all servers with target_session_attrs=read-write")]
    Standby,
    /// The database is in another encoding.
    #[error("the database is encoded in {0}; create one with: createdb --encoding=UTF8 --template=template0 lockgate")]
    Encoding(String),
    /// A newer version of the program has been here.
    #[error("the database has schema {there}, which a newer version of Lockgate has made; this one knows schemas up to {known}")]
    Newer {
        /// The schema's version.
        there: i32,
        /// The newest one that this program knows.
        known: i32,
    },
    /// Something else is in the database.
    #[error("the database holds tables of another program ({0}); give Lockgate a database of its own")]
    Foreign(String),
    /// What the schema holds was made by another rule.
    #[error("the marks in the database were made by rule {0}, which this version does not know")]
    Marks(i64),
    /// Nothing is in it yet.
    #[error("the database holds no store yet; `lockgate serve` makes one in it")]
    Empty,
    /// Another version of the program has been here, and nobody has brought the schema up to date.
    #[error("the database has schema {there}, which is older than {known}; `lockgate serve` of this version brings it up to date")]
    Older {
        /// The schema's version.
        there: i32,
        /// The one of this program.
        known: i32,
    },
    /// Anything that may happen later as well.
    #[error("{0}")]
    Store(#[from] StoreError),
}

impl OpenError {
    /// Stable.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Url(_) => "store-url",
            Self::Tls(_) => "store-tls",
            Self::Unreachable(_) => "store-unreachable",
            Self::NotLetIn(_) => "store-not-let-in",
            Self::NoDatabase(_) => "store-no-database",
            Self::NoRights(_) => "store-no-rights",
            Self::TooOld(_) => "store-server-too-old",
            Self::Standby => "store-standby",
            Self::Encoding(_) => "store-encoding",
            Self::Newer { .. } | Self::Marks(_) => "store-newer-format",
            Self::Older { .. } => "store-older-format",
            Self::Foreign(_) => "store-unknown-file",
            Self::Empty => "store-empty",
            Self::Store(error) => error.code(),
        }
    }
}

/// Where a database is, and what opens it.
#[derive(Clone, Copy)]
pub struct Place<'p> {
    /// As PostgreSQL's own programs take it.
    pub url: &'p str,
    /// Goes before the one in the URL.
    pub password: Option<&'p str>,
    /// Where a password stands when there is none else.
    pub passfile: Option<&'p Path>,
}

/// What happens to the tables of a database that has none, or older ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tables {
    /// They are made, or brought up to date. Waits for whoever does the same.
    Make,
    /// They stay as they are, and the database is not opened.
    AsTheyAre,
}

impl PgStore {
    /// Opens a database by a URL that says everything, whose tables are made or brought up to date.
    pub fn open(url: &str) -> Result<Self, OpenError> {
        Self::open_at(&Place { url, password: None, passfile: None }, Tables::Make)
    }

    /// Opens a database.
    pub fn open_at(place: &Place<'_>, tables: Tables) -> Result<Self, OpenError> {
        let url::Parsed { mut config, more_roots } = url::read(place.url).map_err(OpenError::Url)?;
        if let Some(password) = place.password {
            config.password(password);
        } else if config.get_password().is_none()
            && let Some(password) = place.passfile.and_then(|file| passfile::password(file, &config))
        {
            config.password(password);
        }
        let tls = Tls::new(more_roots.as_deref()).map_err(|error| OpenError::Tls(error.to_string()))?;
        let pool = Pool::new(config, tls).map_err(|error| StoreError::Unavailable(format!("no threads: {error}")))?;
        pool.run(async {
            let link = pool.link().await.map_err(why_not)?;
            check_server(&link).await?;
            migrate(&link, tables).await?;
            link.give_back();
            Ok::<_, OpenError>(())
        })?;
        Ok(Self::with_pool(pool))
    }
}

fn known() -> i32 {
    i32::try_from(MIGRATIONS.len()).unwrap_or(i32::MAX)
}

/// What a fault means while a database is opened.
fn why_not(fault: Fault) -> OpenError {
    let Fault::Server(error) = &fault else {
        return match fault {
            Fault::Unreachable(why) if why.contains("certificate") || why.contains("TLS") => OpenError::Tls(why),
            Fault::Unreachable(why) => OpenError::Unreachable(why),
            fault => StoreError::from(fault).into(),
        };
    };
    let why = told(error);
    match error.code() {
        Some(state) if *state == SqlState::INVALID_PASSWORD || *state == SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
            OpenError::NotLetIn(why)
        }
        Some(state) if *state == SqlState::INVALID_CATALOG_NAME => OpenError::NoDatabase(why),
        Some(state) if *state == SqlState::INSUFFICIENT_PRIVILEGE => OpenError::NoRights(why),
        Some(state) if *state == SqlState::READ_ONLY_SQL_TRANSACTION => OpenError::Standby,
        Some(state) if *state == SqlState::DUPLICATE_TABLE || *state == SqlState::DUPLICATE_OBJECT => OpenError::Foreign(why),
        _ => StoreError::from(fault).into(),
    }
}

async fn ask<T: for<'r> tokio_postgres::types::FromSql<'r>>(link: &Link<'_>, sql: &'static str) -> Result<Option<T>, OpenError> {
    let answers = link.send(&[Statement::new(sql, Vec::new())]).await.map_err(why_not)?;
    let row = answers.first().and_then(|rows| rows.first());
    row.map(|row| get(row, 0)).transpose().map_err(why_not)
}

async fn check_server(link: &Link<'_>) -> Result<(), OpenError> {
    let number = ask::<i32>(link, "SELECT current_setting('server_version_num')::int4").await?.unwrap_or(0);
    if number < SERVER_MIN {
        let version = ask::<String>(link, "SELECT current_setting('server_version')").await?;
        return Err(OpenError::TooOld(version.unwrap_or_default()));
    }
    if ask::<bool>(link, "SELECT pg_is_in_recovery()").await? != Some(false) {
        return Err(OpenError::Standby);
    }
    match ask::<String>(link, "SELECT current_setting('server_encoding')").await? {
        Some(encoding) if encoding != "UTF8" => Err(OpenError::Encoding(encoding)),
        _ => Ok(()),
    }
}

const HAS_SCHEMA: &str = "SELECT to_regclass('schema_version') IS NOT NULL";
const VERSION: &str = "SELECT max(version) FROM schema_version";

async fn migrate(link: &Link<'_>, tables: Tables) -> Result<(), OpenError> {
    if tables == Tables::AsTheyAre {
        check_tables(link).await?;
    } else if ask::<bool>(link, HAS_SCHEMA).await? != Some(true) || ask::<Option<i32>>(link, VERSION).await?.flatten() != Some(known()) {
        let migrated = bring_up_to_date(link).await;
        let end = if migrated.is_ok() { "COMMIT" } else { "ROLLBACK" };
        let ended = link.batch_execute(end).await;
        migrated?;
        ended.map_err(|error| why_not(error.into()))?;
    }
    match ask::<i64>(link, "SELECT mark_rule FROM settings").await? {
        Some(rule) if rule != convert::bound(RULE) => Err(OpenError::Marks(rule)),
        _ => Ok(()),
    }
}

/// Whether the tables are this program's.
async fn check_tables(link: &Link<'_>) -> Result<(), OpenError> {
    if ask::<bool>(link, HAS_SCHEMA).await? != Some(true) {
        return Err(OpenError::Empty);
    }
    let there = ask::<Option<i32>>(link, VERSION).await?.flatten().unwrap_or(0);
    match there.cmp(&known()) {
        std::cmp::Ordering::Less => Err(OpenError::Older { there, known: known() }),
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Greater => Err(OpenError::Newer { there, known: known() }),
    }
}

/// Within a transaction, which the caller ends.
async fn bring_up_to_date(link: &Link<'_>) -> Result<(), OpenError> {
    let begin = [Statement::new("BEGIN", Vec::new()), Statement::new("SELECT pg_advisory_xact_lock($1)", params![LOCK])];
    link.send(&begin).await.map_err(why_not)?;
    if ask::<bool>(link, HAS_SCHEMA).await? != Some(true) {
        let sql = "CREATE TABLE schema_version (version int PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())";
        link.send(&[Statement::new(sql, Vec::new())]).await.map_err(why_not)?;
    }
    let there = ask::<Option<i32>>(link, VERSION).await?.flatten().unwrap_or(0);
    if there > known() {
        return Err(OpenError::Newer { there, known: known() });
    }
    for (number, migration) in (1i32..).zip(MIGRATIONS).filter(|(number, _)| *number > there) {
        link.batch_execute(migration).await.map_err(|error| why_not(error.into()))?;
        if number == 1 {
            begin_empty(link).await?;
        }
        let sql = "INSERT INTO schema_version (version) SELECT $1::int8::int4";
        link.send(&[Statement::new(sql, params![i64::from(number)])]).await.map_err(why_not)?;
    }
    Ok(())
}

/// What a new store has that no script can make.
async fn begin_empty(link: &Link<'_>) -> Result<(), OpenError> {
    let mut secret = vec![0; 32];
    getrandom::fill(&mut secret).map_err(|error| StoreError::Unavailable(format!("no randomness: {error}")))?;
    let sql = "INSERT INTO settings (mark_rule, secret) VALUES ($1, $2)";
    link.send(&[Statement::new(sql, params![convert::bound(RULE), secret])]).await.map_err(why_not)?;
    Ok(())
}
