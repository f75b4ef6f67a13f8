//! `lockgate serve`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use anyhow::Result;
use clap::Args;
use lockgate::SystemClock;
use lockgate_bus::JoinError;
use lockgate_core::audit::AuditAction;
use lockgate_core::ports::Clock as _;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::client::{ServerFile, remove_server_file, write_server_file};
use crate::config::{Settings, StorePlace, Values};
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::signals::{self, Stop};
use crate::{logs, out, reload, wire};

/// Run the bus and its HTTP API
///
/// A store of an older format is brought up to date, and kept as it was as FILE.format-N.bak. Warns
/// when other users of the machine can read the store or replace it.
///
/// Stops on SIGTERM, SIGQUIT or Ctrl-C after the tasks in hand, and when the terminal goes that it
/// runs on; a second signal stops at once. Other signals do not end it: without a terminal SIGHUP
/// lets it read the configuration again, as `lockgate reload` does. The log goes to stderr; when that
/// cannot be written, lines are lost and the work goes on.
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
    pub fn run(self, context: Context) -> Result<()> {
        let context = Arc::new(context);
        let mut settings = context.settings.clone();
        settings.bus.dry_run_egress = self.dry_run_egress;
        settings.secret_values = Values::Needed;
        let settings = &settings;
        logs::start(settings.log_format, &settings.log_level);
        let mut options = settings.server.clone();
        options.listen = self.listen.unwrap_or(options.listen);
        let reloading = reload::of(&context, &Settings { server: options.clone(), ..settings.clone() });
        options.reload = Some(reloading.clone());
        wire::check_options(&options)?;
        // The port first: a second `serve` should not wait for the store.
        let listener = bind(options.listen)?;
        let address = listener.local_addr()?;
        let runtime =
            tokio::runtime::Builder::new_multi_thread().max_blocking_threads(options.blocking_threads_max()).enable_all().build()?;
        runtime.block_on(async { signals::note_others() })?;
        let bus = wire::open(settings, wire::Upgrade::KeepCopy)?;
        runtime.block_on(async { on_hangup(bus.clone(), reloading) })?;
        for exposed in settings.store.file().iter().flat_map(|path| wire::exposed(path)) {
            tracing::warn!("{exposed}");
        }
        let served = runtime.block_on(async {
            let listener = TcpListener::from_std(listener)?;
            let signals = Stop::new()?;
            let file = Announced::new(&settings.store, address)?;
            if self.dry_run_egress {
                tracing::warn!("dry run: nothing that connectors call is sent; their tasks' logs say what would have been");
            }
            let about = format!("{} {}", env!("CARGO_PKG_VERSION"), file.url);
            let joining = bus.clone();
            let joined = tokio::task::spawn_blocking(move || joining.join(&about)).await?;
            joined.map_err(|error| cannot_join(&error))?;
            if let Err(error) = announce(&context, &file.url) {
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

/// SIGHUP without a terminal: the configuration is read again, as it is by `lockgate reload`.
fn on_hangup(bus: wire::Bus, reload: wire::Reload) -> Result<()> {
    let Some(mut hangup) = signals::hangup_without_a_terminal()? else { return Ok(()) };
    let by = lockgate_core::audit::Actor { who: "SIGHUP".into(), from: "signal".into() };
    let bus = bus.signed_by(by);
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            tracing::info!("SIGHUP: the configuration is read again");
            let (bus, reload) = (bus.clone(), reload.clone());
            let done = tokio::task::spawn_blocking(move || {
                reload(&bus).map(|reloaded| bus.note(AuditAction::Reload, "configuration", Some(&json!(reloaded.changed).to_string())))
            });
            match done.await {
                Ok(Ok(Ok(()))) => {}
                Ok(Ok(Err(error))) => tracing::warn!("that the configuration was read again could not be written down: {error}"),
                Ok(Err(why)) => tracing::error!("SIGHUP: the configuration is not read again, and the old one holds: {why}"),
                Err(error) => tracing::error!(%error, "SIGHUP: reading the configuration broke off"),
            }
        }
    });
    Ok(())
}

fn cannot_join(error: &JoinError) -> Failure {
    let code = match error {
        JoinError::NameTaken(_) => "node-name-taken",
        JoinError::Store(error) => error.code(),
    };
    let problem = json!({"code": code, "detail": error.to_string()});
    let failure = Failure { problem: Some(Box::new(problem)), ..Failure::new(Exit::Unreachable, format!("{error} [{code}]")) };
    failure.hint(crate::advice::of_code(code).unwrap_or_default())
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
    store: &'a StorePlace,
    url: String,
}

impl<'a> Announced<'a> {
    fn new(store: &'a StorePlace, address: SocketAddr) -> Result<Self> {
        let url = format!("http://{}", reachable(address));
        let started = now_text();
        if let Some(path) = store.file() {
            write_server_file(path, &ServerFile { url: url.clone(), pid: std::process::id(), started })?;
        }
        Ok(Self { store, url })
    }
}

impl Drop for Announced<'_> {
    fn drop(&mut self) {
        forget(self.store);
    }
}

/// The file beside a store's file goes.
fn forget(store: &StorePlace) {
    if let Some(path) = store.file() {
        remove_server_file(path);
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
    let store = context.settings.store.to_string();
    tracing::info!(url, store, "listening");
    if context.json {
        out::json_line(&json!({"url": url, "pid": std::process::id(), "store": store}))?;
    } else {
        out::line(format!("listening on {url}"))?;
    }
    Ok(())
}

/// The first signal stops the server, the second the process.
async fn watch(mut signals: Stop, stop: oneshot::Sender<()>, store: StorePlace) {
    let signal = signals.next().await;
    tracing::info!(signal, "stopping");
    let _ = stop.send(());
    let signal = signals.next().await;
    tracing::warn!(signal, "stopped at once; tasks in hand stay queued");
    forget(&store);
    std::process::exit(1);
}

/// Now, in RFC 3339.
fn now_text() -> String {
    jiff::Timestamp::from_millisecond(SystemClock::new().now_ms()).unwrap_or_default().to_string()
}
