//! Connections that are kept for the next call of the same connector to the same origin.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use hyper::client::conn::http1::SendRequest;
use lockgate_core::egress::Origin;
use wasmtime_wasi::runtime::AbortOnDropJoinHandle;
use wasmtime_wasi_http::WasiBody;

/// How long a connection is kept without a call. Shorter than most servers', so that few calls meet a
/// connection that the server is closing.
const IDLE_MAX: Duration = Duration::from_secs(15);
/// Connections that are kept, all origins of a connector together.
const KEPT_MAX: usize = 16;

/// A connection to a vetted address. It ends when it is dropped, whatever the server does.
pub struct Connection {
    /// Sends one request at a time.
    pub sender: SendRequest<WasiBody>,
    /// Whom it leads to.
    pub peer: IpAddr,
    /// Reads and writes, until it is dropped.
    pub _driver: AbortOnDropJoinHandle<()>,
}

struct Kept {
    connection: Connection,
    since: Instant,
}

/// The connections that one connector keeps.
#[derive(Default)]
pub struct Pool {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    kept: HashMap<Origin, Vec<Kept>>,
    sweeping: bool,
}

impl Pool {
    /// A connection that can be used at once, the most recent one.
    pub fn take(&self, origin: &Origin) -> Option<Connection> {
        let mut state = self.lock();
        let kept = state.kept.get_mut(origin)?;
        while let Some(Kept { connection, since }) = kept.pop() {
            if since.elapsed() < IDLE_MAX && connection.sender.is_ready() {
                return Some(connection);
            }
        }
        None
    }

    /// Keeps a connection for later. Called inside the runtime.
    pub fn keep(self: &Arc<Self>, origin: Origin, connection: Connection) {
        let mut state = self.lock();
        if state.kept.values().map(Vec::len).sum::<usize>() >= KEPT_MAX {
            return;
        }
        state.kept.entry(origin).or_default().push(Kept { connection, since: Instant::now() });
        if !state.sweeping {
            state.sweeping = true;
            tokio::spawn(sweep(Arc::downgrade(self)));
        }
    }

    /// Drops what was kept too long; says whether something is left.
    fn drop_old(&self) -> bool {
        let mut state = self.lock();
        state.kept.retain(|_, kept| {
            kept.retain(|it| it.since.elapsed() < IDLE_MAX && !it.connection.sender.is_closed());
            !kept.is_empty()
        });
        state.sweeping = !state.kept.is_empty();
        state.sweeping
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Drops old connections until none is left.
async fn sweep(pool: Weak<Pool>) {
    loop {
        tokio::time::sleep(IDLE_MAX / 3).await;
        let Some(pool) = pool.upgrade() else { return };
        if !pool.drop_old() {
            return;
        }
    }
}
