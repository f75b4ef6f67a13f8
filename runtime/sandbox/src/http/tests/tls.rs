//! Who is trusted, and as whom.

use std::sync::Arc;

use lockgate_core::egress::Egress;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use wasmtime_wasi_http::Error;

use super::server::{Task, granted};
use crate::http::Clients;
use crate::http::client::Net;
use crate::http::net::System;
use crate::http::tls::Roots;

struct Authority {
    root: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = params.self_signed(&key).unwrap().der().clone();
        Self { root, issuer: Issuer::new(params, key) }
    }

    /// The port of a server with a certificate for this name.
    async fn server(&self, name: &str) -> u16 {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &self.issuer).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
            .unwrap();
        let (acceptor, listener) = (TlsAcceptor::from(Arc::new(config)), TcpListener::bind("127.0.0.1:0").await.unwrap());
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
            }
        });
        port
    }

    async fn get(&self, port: u16) -> Result<String, Error> {
        let mut roots = RootCertStore::empty();
        roots.add(self.root.clone()).unwrap();
        let net = Net { resolver: Box::new(System), dial: Box::new(System), roots: Roots::of(roots) };
        let url = format!("https://127.0.0.1:{port}");
        let egress = Egress { ..granted(&[url.parse().unwrap()]) };
        Ok(Task::of(Clients::on(net).of(&"shop".into()), egress).get(&format!("{url}/")).await?.text())
    }
}

#[tokio::test]
async fn a_trusted_certificate_for_the_host_is_accepted() {
    let authority = Authority::new();
    assert_eq!(authority.get(authority.server("127.0.0.1").await).await.unwrap(), "ok");
}

#[tokio::test]
async fn a_certificate_for_another_host_is_refused() {
    let authority = Authority::new();
    assert!(matches!(authority.get(authority.server("127.0.0.2").await).await, Err(Error::TlsCertificateError)));
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_refused() {
    let port = Authority::new().server("127.0.0.1").await;
    assert!(matches!(Authority::new().get(port).await, Err(Error::TlsCertificateError)));
}
