//! TLS towards servers.
//!
//! Trusted are the machine's own root certificates (`SSL_CERT_FILE` names others), not a list built
//! in: whom to trust is the operator's decision, who may have a certificate authority of their own
//! and withdraws one without waiting for a release.

use std::sync::{Arc, OnceLock};

use rustls::{ClientConfig, RootCertStore};

/// The machine's root certificates, read once.
#[derive(Default)]
pub struct Roots(OnceLock<Arc<RootCertStore>>);

impl Roots {
    /// These, instead of the machine's.
    #[cfg(test)]
    pub fn of(store: RootCertStore) -> Self {
        Self(OnceLock::from(Arc::new(store)))
    }

    fn get(&self) -> Arc<RootCertStore> {
        let read = || {
            let found = rustls_native_certs::load_native_certs();
            let mut store = RootCertStore::empty();
            let (added, ignored) = store.add_parsable_certificates(found.certs);
            if added == 0 {
                tracing::warn!(?found.errors, ignored, "no root certificates on this machine: no connector can call https (set SSL_CERT_FILE)");
            }
            Arc::new(store)
        };
        Arc::clone(self.0.get_or_init(read))
    }
}

/// A configuration of its own for each connector, so that no TLS session is resumed by another one.
pub fn config(roots: &Roots) -> Result<Arc<ClientConfig>, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let mut config = versions.with_root_certificates(roots.get()).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
