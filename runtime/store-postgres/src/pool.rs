//! Connections to the server, and the small runtime that serves them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio_postgres::{Client, Config, Connection, Row, Socket};

use crate::fault::{Fault, told};
use crate::packet::{Statement, send};
use crate::tls::{Secret, Tls};

/// Connections of one store at the same time, at most: threads beyond wait.
pub(crate) const CONNECTIONS_MAX: usize = 8;
/// A thread waits so long for one.
const WAIT_MAX: Duration = Duration::from_secs(30);
/// Making one may take so long, unless the URL says otherwise.
pub(crate) const CONNECT_MAX: Duration = Duration::from_secs(5);

/// A network that swallows everything is noticed after so long, unless the URL says otherwise.
const SILENCE_MAX: Duration = Duration::from_secs(15);
/// A connection that is silent so long is asked whether it is there still; again after as long a third.
const SILENCE: Duration = Duration::from_secs(6);

/// What is to be driven so that a connection lives.
pub(crate) type Apart = Connection<Socket, Secret<Socket>>;

/// Connections that are made when they are needed and kept for the next.
pub(crate) struct Pool {
    /// `None` only while it is dropped.
    runtime: Option<Runtime>,
    config: Config,
    tls: Tls,
    permits: Semaphore,
    idle: Mutex<Vec<Client>>,
    /// Packets that were sent and answered.
    trips: AtomicU64,
}

/// A connection that goes back when it is given back, and is closed when it is dropped.
pub(crate) struct Link<'p> {
    pool: &'p Pool,
    client: Client,
    _permit: SemaphorePermit<'p>,
}

impl std::ops::Deref for Link<'_> {
    type Target = Client;
    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Link<'_> {
    /// Sends statements together, and takes their answers: one round trip.
    pub(crate) async fn send(&self, statements: &[Statement]) -> Result<Vec<Vec<Row>>, Fault> {
        self.pool.trips.fetch_add(1, Ordering::Relaxed);
        send(&self.client, statements).await
    }

    /// It is between transactions, and may serve the next.
    pub(crate) fn give_back(self) {
        let Self { pool, client, _permit } = self;
        if !client.is_closed() {
            pool.idle.lock().unwrap_or_else(PoisonError::into_inner).push(client);
        }
    }
}

impl Pool {
    pub(crate) fn new(mut config: Config, tls: Tls) -> std::io::Result<Self> {
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_MAX);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(SILENCE_MAX);
        }
        if config.get_keepalives_interval().is_none() && config.get_keepalives_retries().is_none() {
            config.keepalives_idle(SILENCE).keepalives_interval(SILENCE / 3).keepalives_retries(3);
        }
        if config.get_application_name().is_none() {
            config.application_name("lockgate");
        }
        let runtime = Builder::new_multi_thread().worker_threads(1).thread_name("postgres").enable_all().build()?;
        Ok(Self {
            runtime: Some(runtime),
            config,
            tls,
            permits: Semaphore::new(CONNECTIONS_MAX),
            idle: Mutex::default(),
            trips: AtomicU64::default(),
        })
    }

    /// Carries out what needs connections or timers, on the caller's thread.
    pub(crate) fn run<T>(&self, future: impl Future<Output = T>) -> T {
        let _inside = self.runtime.as_ref().map(Runtime::enter);
        crate::block::on(future)
    }

    /// Packets that were sent since the beginning.
    pub(crate) fn trips(&self) -> u64 {
        self.trips.load(Ordering::Relaxed)
    }

    /// A connection that is not used by anybody else.
    pub(crate) async fn link(&self) -> Result<Link<'_>, Fault> {
        let waited = tokio::time::timeout(WAIT_MAX, self.permits.acquire()).await;
        let permit = waited
            .map_err(|_| Fault::Unreachable(format!("all {CONNECTIONS_MAX} connections are used for {} s", WAIT_MAX.as_secs())))?
            .map_err(|error| Fault::Unreachable(error.to_string()))?;
        loop {
            let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            match kept {
                Some(client) if client.is_closed() => {}
                Some(client) => return Ok(Link { pool: self, client, _permit: permit }),
                None => return Ok(Link { pool: self, client: self.connect().await?, _permit: permit }),
            }
        }
    }

    /// Connections that stand idle may all be dead when one was found so.
    pub(crate) fn forget_idle(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    async fn connect(&self) -> Result<Client, Fault> {
        let (client, connection) = self.connect_apart().await?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(error = %told(&error), "a connection to PostgreSQL has ended");
            }
        });
        Ok(client)
    }

    /// A connection that is none of the pool's, and is driven by who asks for it.
    pub(crate) async fn connect_apart(&self) -> Result<(Client, Apart), Fault> {
        let (config, tls) = (self.config.clone(), self.tls.clone());
        let connecting = config.connect(tls).await;
        connecting.map_err(|error| match error.code() {
            // The server has answered, and says why not.
            Some(_) => Fault::Server(error),
            None => Fault::Unreachable(format!("PostgreSQL cannot be reached: {}", told(&error))),
        })
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.forget_idle();
        if let Some(runtime) = self.runtime.take() {
            // Whoever drops it may be a task of another runtime, which must not block.
            runtime.shutdown_background();
        }
    }
}
