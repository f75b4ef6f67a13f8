//! `lockgate serve`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

use anyhow::Result;
use clap::Args;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

use crate::client::{ServerFile, remove_server_file, write_server_file};
use crate::config::Values;
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::{logs, out, wire};

/// Run the bus and its HTTP API
///
/// Stops on SIGTERM or Ctrl-C after the tasks in hand; a second signal stops at once.
///
/// Example: lockgate serve --listen 127.0.0.1:8080
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Serve {
    /// Address; port 0 takes a free one [default: from the configuration, else 127.0.0.1:7070]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Send nothing that connectors call: each call is written into its task's log and refused
    #[arg(long)]
    dry_run_egress: bool,
}

impl Serve {
    pub fn run(self, context: &Context) -> Result<()> {
        let mut settings = context.settings.clone();
        settings.bus.dry_run_egress = self.dry_run_egress;
        settings.secret_values = Values::Needed;
        let settings = &settings;
        logs::start(settings.log_format, &settings.log_level)?;
        let mut options = settings.server.clone();
        options.listen = self.listen.unwrap_or(options.listen);
        wire::check_options(&options)?;
        // The port first: a second `serve` should not wait for the store.
        let listener = bind(options.listen)?;
        let address = listener.local_addr()?;
        let bus = wire::open(settings)?;
        let runtime =
            tokio::runtime::Builder::new_multi_thread().max_blocking_threads(options.blocking_threads_max()).enable_all().build()?;
        let served = runtime.block_on(async {
            let listener = TcpListener::from_std(listener)?;
            let signals = Signals::new()?;
            let file = Announced::new(&settings.store, address)?;
            if self.dry_run_egress {
                tracing::warn!("dry run: nothing that connectors call is sent; their tasks' logs say what would have been");
            }
            bus.start()?;
            if let Err(error) = announce(context, &file.url) {
                tracing::warn!("where the server listens could not be printed: {error:#}");
            }
            let (stop, stopped) = oneshot::channel();
            tokio::spawn(watch(signals, stop, settings.store.clone()));
            let shutdown = async move {
                // Gone without a word: stop as well.
                let _ = stopped.await;
            };
            let served = wire::serve(bus.clone(), &options, listener, shutdown).await;
            tracing::info!("finishing the tasks in hand");
            let stopping = bus.clone();
            tokio::task::spawn_blocking(move || stopping.stop()).await?;
            drop(file);
            Ok(served?)
        });
        runtime.shutdown_background();
        served
    }
}

fn bind(address: SocketAddr) -> Result<std::net::TcpListener> {
    let listener = std::net::TcpListener::bind(address).map_err(|error| {
        Failure::new(Exit::Unreachable, format!("cannot listen on {address}: {error}"))
            .hint("another program may use the port: choose another with --listen, or 127.0.0.1:0 for a free one")
    })?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// The file beside the store, as long as this lives.
struct Announced<'a> {
    store: &'a Path,
    url: String,
}

impl<'a> Announced<'a> {
    fn new(store: &'a Path, address: SocketAddr) -> Result<Self> {
        let url = format!("http://{}", reachable(address));
        let started = jiff::Timestamp::now().to_string();
        write_server_file(store, &ServerFile { url: url.clone(), pid: std::process::id(), started })?;
        Ok(Self { store, url })
    }
}

impl Drop for Announced<'_> {
    fn drop(&mut self) {
        remove_server_file(self.store);
    }
}

/// Where the same machine reaches a server that listens everywhere.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

fn announce(context: &Context, url: &str) -> Result<()> {
    let store = &context.settings.store;
    if context.json {
        use std::io::Write as _;
        // One line, so that a reader knows when it is whole.
        writeln!(std::io::stdout().lock(), "{}", json!({"url": url, "pid": std::process::id(), "store": store}))?;
    } else {
        out::line(format!("listening on {url}"))?;
    }
    tracing::info!(url, store = %store.display(), "listening");
    Ok(())
}

/// What asks the process to end.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// The first signal stops the server, the second the process.
async fn watch(mut signals: Signals, stop: oneshot::Sender<()>, store: std::path::PathBuf) {
    signals.next().await;
    tracing::info!("stopping");
    let _ = stop.send(());
    signals.next().await;
    tracing::warn!("stopped at once; tasks in hand stay queued");
    remove_server_file(&store);
    std::process::exit(1);
}
