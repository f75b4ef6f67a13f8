//! The server of `lockgate dev`: in this process, on a store that goes with it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;
use lockgate_bus::Bus;
use lockgate_core::grants::{Grant, TypePattern, WordPattern};
use lockgate_core::names::ConnectorName;
use lockgate_core::settings::ConnectorSettings;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::config::{LogLevel, Settings, StorePlace, Values};
use crate::exit::{Exit, Failure};
use crate::signals::Stop;
use crate::{logs, wire};

/// A running bus with its HTTP API.
pub struct Host {
    pub url: String,
    pub settings: Settings,
    stopped: Arc<AtomicBool>,
    bus: Bus,
    runtime: Option<Runtime>,
    // Last: goes when the store is closed.
    _folder: TempDir,
}

impl Host {
    /// With what the configuration says of this connector, and every write if it says nothing.
    pub fn start(settings: &Settings, connector: &ConnectorName, listen: SocketAddr) -> Result<Self> {
        logs::start(settings.log_format, &LogLevel::of_commands());
        let folder = tempfile::tempdir()?;
        let mut settings = settings.clone();
        settings.store = StorePlace::File(folder.path().join("dev.redb"));
        settings.sandbox.artefact_dir = folder.path().join("artefacts");
        settings.server.tokens.clear();
        settings.secrets.retain(|secret| secret.connector == *connector);
        settings.secret_values = Values::Needed;
        let defaults = settings.bus.defaults.clone();
        for name in [Some(connector.clone()), ConnectorName::new(super::seed::CONNECTOR).ok()].into_iter().flatten() {
            let defaults = defaults.clone();
            settings.bus.connectors.entry(name).or_insert_with(|| ConnectorSettings { grant: every_write(), ..defaults });
        }
        let mut options = settings.server.clone();
        let listener = std::net::TcpListener::bind(listen).map_err(|error| {
            Failure::new(Exit::Unreachable, format!("cannot listen on {listen}: {error}")).hint("choose another port with --listen")
        })?;
        listener.set_nonblocking(true)?;
        options.listen = listener.local_addr()?;
        wire::check_options(&options)?;
        let url = format!("http://{}", options.listen);
        let bus = wire::open(&settings, wire::Upgrade::Refuse)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let stopped = Arc::new(AtomicBool::new(false));
        let (listener, mut signals) = {
            let _inside = runtime.enter();
            (TcpListener::from_std(listener)?, Stop::new()?)
        };
        bus.start()?;
        let (serving, stop) = (bus.clone(), Arc::clone(&stopped));
        runtime.spawn(async move {
            let asked_to_end = async {
                signals.next().await;
                // Before the port is closed: then requests of this process fail, too.
                stop.store(true, Ordering::Relaxed);
            };
            if let Err(error) = wire::serve(serving, &options, listener, asked_to_end).await {
                tracing::error!(%error, "the server has ended");
            }
        });
        Ok(Self { url, settings, stopped, bus, runtime: Some(runtime), _folder: folder })
    }

    /// Whether it was asked to end.
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.bus.stop();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn every_write() -> Grant {
    Grant {
        objects: vec![TypePattern::Any],
        pages: "/".parse().into_iter().collect(),
        sites: vec![WordPattern::Any],
        state: true,
        ..Grant::default()
    }
}
