//! The store itself: the same HTTP surface, called inside this process. Nothing is processed unless
//! a command asks for it.

use anyhow::Result;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt as _;
use lockgate_bus::Bus;
use tempfile::TempDir;
use tower::ServiceExt as _;

use crate::client::{Access, Missing, Sinks};
use crate::config::{Settings, StorePlace};
use crate::exit::{Exit, Failure};
use crate::wire::{self, Compiling, Upgrade};

/// A store that this process has opened.
pub struct Local {
    runtime: tokio::runtime::Runtime,
    router: axum::Router,
    bus: Bus,
    // Last: goes when the store is closed.
    _throwaway: Option<TempDir>,
}

impl Local {
    pub fn open(settings: &Settings, access: Access) -> Result<Self> {
        let mut settings = settings.clone();
        // Who can open the file needs no token.
        settings.server.tokens.clear();
        settings.server.named_tokens.clear();
        let is_missing = wire::is_missing(&settings)?;
        let (bus, throwaway) = match access {
            Access::Read | Access::Change(Missing::Refuse) if is_missing => return Err(no_store(&settings.store).into()),
            Access::Try if is_missing => {
                let folder = tempfile::tempdir()?;
                settings.store = StorePlace::File(folder.path().join("throwaway.redb"));
                settings.sandbox.artefact_dir = folder.path().join("artefacts");
                (wire::open(&settings, Upgrade::Refuse)?, Some(folder))
            }
            Access::Read => (wire::open_to_read(&settings, Compiling::Never)?, None),
            Access::Try => (wire::open_to_read(&settings, Compiling::ThrownAway)?, None),
            Access::Change(_) => (wire::open(&settings, Upgrade::Refuse)?, None),
        };
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let router = {
            let _inside = runtime.enter();
            wire::router(bus.clone(), &settings.server)
        };
        Ok(Self { runtime, router, bus, _throwaway: throwaway })
    }

    /// Operations that an earlier process has left go on in this one.
    pub fn resume_operations(&self) -> Result<()> {
        Ok(self.bus.resume_operations().map_err(|error| Failure::new(Exit::Unreachable, error.to_string()))?)
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

/// Neither a server nor a file, or a database without anything in it.
pub fn no_store(store: &StorePlace) -> Failure {
    if let StorePlace::Database(database) = store {
        return Failure::new(Exit::Unreachable, format!("the database {database} holds no store yet"))
            .hint("`lockgate serve`, `model apply` and `connector add` make one in it");
    }
    Failure::new(Exit::Unreachable, format!("the store {store} does not exist, and no server was found that has it open"))
        .hint("name the store with --store or a server with --url; `lockgate serve`, `model apply` and `connector add` make a store")
}

impl Drop for Local {
    fn drop(&mut self) {
        self.bus.stop();
    }
}
