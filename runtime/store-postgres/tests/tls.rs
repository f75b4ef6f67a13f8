//! Connections that nobody else reads, and servers that are not whom they say.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod common;

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use common::Server;
use lockgate_core::ports::Registry as _;
use lockgate_store_postgres::{OpenError, PgStore};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

/// A server that is reached over TCP, and has a certificate for `localhost` by an authority of its own, whose
/// certificate lies in the data folder as `ca.pem`.
fn server() -> (Server, u16) {
    // Free a moment ago: nobody else takes it meanwhile, or the server does not start.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let settings =
        format!("listen_addresses = '127.0.0.1'\nport = {port}\nssl = on\nssl_cert_file = 'server.pem'\nssl_key_file = 'server.key'\n");
    let server = Server::start_at(&settings, port, |data| {
        write_certificates(data);
        let hba = "local all all trust\nhostssl all all 127.0.0.1/32 trust\n";
        fs::write(data.join("pg_hba.conf"), hba).unwrap();
    });
    (server, port)
}

fn write_certificates(data: &Path) {
    let ca_key = KeyPair::generate().unwrap();
    let mut ca = CertificateParams::new(Vec::new()).unwrap();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca_certificate = ca.self_signed(&ca_key).unwrap();
    let key = KeyPair::generate().unwrap();
    let issuer = Issuer::new(ca, ca_key);
    let certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    fs::write(data.join("ca.pem"), ca_certificate.pem()).unwrap();
    fs::write(data.join("server.pem"), certificate.pem()).unwrap();
    fs::write(data.join("server.key"), key.serialize_pem()).unwrap();
    fs::set_permissions(data.join("server.key"), fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn a_server_is_spoken_to_over_tls_when_its_certificate_is_trusted() {
    let (server, port) = server();
    let database = server.bare();
    let url = |host: &str, more: &str| format!("postgres://lockgate@{host}:{port}/{database}?{more}");
    let roots = format!("sslrootcert={}", server.folder().join("data/ca.pem").display());

    // The server takes no connection over TCP that others can read.
    PgStore::open(&url("localhost", &format!("sslmode=verify-full&{roots}"))).unwrap().generation().unwrap();
    let untrusted = PgStore::open(&url("localhost", "sslmode=require")).expect_err("nobody vouches for it");
    assert!(matches!(untrusted, OpenError::Tls(_)), "{untrusted:?}");
    let other_name = PgStore::open(&url("127.0.0.1", &format!("sslmode=require&{roots}"))).expect_err("it is somebody else's");
    assert!(matches!(other_name, OpenError::Tls(_)), "{other_name:?}");
    let in_the_open = PgStore::open(&url("localhost", "sslmode=disable")).expect_err("it is refused by the server");
    assert!(matches!(in_the_open, OpenError::NotLetIn(_)), "{in_the_open:?}");
    let no_roots = PgStore::open(&url("localhost", "sslmode=require&sslrootcert=/no/such/file")).expect_err("it is not there");
    assert!(matches!(no_roots, OpenError::Tls(_)), "{no_roots:?}");
    server.execute(&database, "DO $$ BEGIN ASSERT (SELECT count(*) = max(version) FROM schema_version); END $$");
}
