//! The store itself: the same HTTP surface, called inside this process. Nothing is processed unless
//! a command asks for it.

use anyhow::Result;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt as _;
use lockgate_bus::Bus;
use tempfile::TempDir;
use tower::ServiceExt as _;

use crate::client::{Missing, Sinks};
use crate::config::Settings;
use crate::exit::{Exit, Failure};
use crate::wire;

/// A store that this process has opened.
pub struct Local {
    runtime: tokio::runtime::Runtime,
    router: axum::Router,
    bus: Bus,
    // Last: goes when the store is closed.
    _throwaway: Option<TempDir>,
}

impl Local {
    pub fn open(settings: &Settings, missing: Missing) -> Result<Self> {
        let mut settings = settings.clone();
        // Who can open the file needs no token.
        settings.server.tokens.clear();
        let mut throwaway = None;
        if !settings.store.exists() {
            match missing {
                Missing::Create => {}
                Missing::Refuse => {
                    return Err(Failure::new(Exit::Unreachable, format!("no server is running and there is no store {}", settings.store.display()))
                        .hint("name the store with --store or a server with --url; `lockgate serve`, `model apply` and `connector add` make a store")
                        .into());
                }
                Missing::Throwaway => {
                    let folder = tempfile::tempdir()?;
                    settings.store = folder.path().join("throwaway.redb");
                    settings.sandbox.artefact_dir = folder.path().join("artefacts");
                    throwaway = Some(folder);
                }
            }
        }
        let bus = wire::open(&settings)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let router = {
            let _inside = runtime.enter();
            wire::router(bus.clone(), &settings.server)
        };
        Ok(Self { runtime, router, bus, _throwaway: throwaway })
    }

    pub fn transfer(&self, request: Request<Vec<u8>>, sinks: &mut Sinks<'_>) -> Result<u16> {
        let router = self.router.clone();
        self.runtime.block_on(async move {
            let answer = router.oneshot(request.map(Body::from)).await.unwrap_or_else(|never| match never {});
            let (parts, mut body) = answer.into_parts();
            let out = sinks.of(parts.status.is_success());
            while let Some(frame) = body.frame().await {
                let frame = frame.map_err(|error| Failure::new(Exit::Unreachable, format!("the answer broke off: {error}")))?;
                if let Some(bytes) = frame.data_ref() {
                    out.write_all(bytes)?;
                }
            }
            Ok(parts.status.as_u16())
        })
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        self.bus.stop();
    }
}
