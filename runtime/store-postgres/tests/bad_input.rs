//! What an operator may give that is no store: each is told what it is and what to do, and nothing is changed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod common;

use std::fs;

use common::Server;
use lockgate_store_postgres::{OpenError, PgStore};

/// Why a database cannot be opened.
fn why(url: &str) -> OpenError {
    PgStore::open(url).err().unwrap_or_else(|| panic!("{url} was opened"))
}

macro_rules! assert_is {
    ($error:expr, $pattern:pat, $says:literal) => {{
        let error = $error;
        assert!(matches!(error, $pattern), "{error:?}");
        assert!(error.to_string().contains($says), "{error}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }};
}

/// How many tables are in a database.
fn assert_untouched(server: &Server, database: &str) {
    let sql = "DO $$ BEGIN IF to_regclass('schema_version') IS NOT NULL OR to_regclass('clock') IS NOT NULL THEN \
         RAISE EXCEPTION 'tables were made'; END IF; END $$";
    server.execute(database, sql);
}

#[test]
fn a_url_that_is_none_is_named() {
    for url in ["lockgate.redb", "", "postgres:/x", "mysql://ann:secret@db/shop", "postgres://ann:secret@db/shop?sslmode=perhaps"] {
        assert_is!(why(url), OpenError::Url(_), "postgres://user:password@host");
    }
}

#[test]
fn a_server_that_is_not_there_is_named() {
    assert_is!(why("postgres://ann:secret@127.0.0.1:1/shop"), OpenError::Unreachable(_), "check host and port");
    assert_is!(why("postgres://ann:secret@no-such-host.invalid/shop"), OpenError::Unreachable(_), "check host and port");
    assert_is!(why("postgres://ann:secret@%2Fno%2Fsuch%2Ffolder/shop"), OpenError::Unreachable(_), "check host and port");
}

#[test]
fn a_database_that_is_not_there_is_named() {
    assert_is!(why(&Server::get().url("no_such_database")), OpenError::NoDatabase(_), "createdb");
}

#[test]
fn who_is_not_let_in_or_may_not_make_tables_is_told() {
    let server = Server::start("", |data| {
        let trusting = fs::read_to_string(data.join("pg_hba.conf")).unwrap();
        fs::write(data.join("pg_hba.conf"), format!("local all ann scram-sha-256\n{trusting}")).unwrap();
    });
    server.execute("postgres", "CREATE ROLE ann LOGIN PASSWORD 'right'");
    let database = server.bare();
    let as_ann = |password: &str| server.url(&database).replace("lockgate@", &format!("ann:{password}@"));
    assert_is!(why(&as_ann("secret")), OpenError::NotLetIn(_), "check user and password");
    assert_is!(why(&as_ann("right")), OpenError::NoRights(_), "make it the database's owner");
    assert_untouched(&server, &database);
    server.execute("postgres", &format!("ALTER DATABASE {database} OWNER TO ann"));
    PgStore::open(&as_ann("right")).expect("the owner may");
}

#[test]
fn a_schema_of_a_newer_program_is_refused() {
    let server = Server::get();
    let database = server.bare();
    PgStore::open(&server.url(&database)).unwrap();
    server.execute(&database, "INSERT INTO schema_version (version) VALUES (99)");
    assert_is!(why(&server.url(&database)), OpenError::Newer { there: 99, .. }, "a newer version of Lockgate");
}

#[test]
fn marks_of_another_rule_are_refused() {
    let server = Server::get();
    let database = server.bare();
    PgStore::open(&server.url(&database)).unwrap();
    server.execute(&database, "UPDATE settings SET mark_rule = 99");
    assert_is!(why(&server.url(&database)), OpenError::Marks(99), "rule 99");
}

#[test]
fn a_database_of_another_program_or_encoding_is_refused() {
    let server = Server::get();
    let database = server.bare();
    server.execute(&database, "CREATE TABLE task (what text)");
    assert_is!(why(&server.url(&database)), OpenError::Foreign(_), "a database of its own");
    assert_untouched(server, &database);
    server.execute("postgres", "CREATE DATABASE odd ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0");
    assert_is!(why(&server.url("odd")), OpenError::Encoding(_), "SQL_ASCII");
    assert_untouched(server, "odd");
}

#[test]
fn a_standby_is_refused() {
    let server = Server::start("", |data| fs::write(data.join("standby.signal"), "").unwrap());
    assert_is!(why(&server.url("postgres")), OpenError::Standby, "give the primary");
}

#[test]
fn those_who_open_an_empty_database_at_once_make_its_tables_once() {
    let server = Server::get();
    let database = server.bare();
    let url = server.url(&database);
    std::thread::scope(|scope| {
        let openers: Vec<_> = (0..8).map(|_| scope.spawn(|| PgStore::open(&url).map(drop))).collect();
        openers.into_iter().for_each(|opener| opener.join().unwrap().unwrap());
    });
    server.execute(&database, "DO $$ BEGIN ASSERT (SELECT count(*) = max(version) FROM schema_version); END $$");
}

#[test]
fn a_server_that_is_too_old_is_refused() {
    let server = Server::get();
    let database = server.bare();
    // A server that says of itself that it is one.
    server.execute(
        &database,
        "CREATE FUNCTION public.current_setting(text) RETURNS text LANGUAGE sql AS $$ SELECT CASE $1 \
         WHEN 'server_version_num' THEN '140011' WHEN 'server_version' THEN '14.11' ELSE pg_catalog.current_setting($1) END $$",
    );
    server.execute(&database, &format!("ALTER DATABASE {database} SET search_path = public, pg_catalog"));
    assert_is!(why(&server.url(&database)), OpenError::TooOld(_), "PostgreSQL 14.11; Lockgate needs version 15");
    assert_untouched(server, &database);
}
