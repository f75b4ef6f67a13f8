//! What all requests share.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use lockgate_bus::Bus;
use tokio::sync::Semaphore;

use crate::doors::Doors;
use crate::gather::Gather;
use crate::options::{Reload, ServerOptions};
use crate::refused::Refused;

/// Most bytes of request bodies in memory at once, all requests together, in KiB.
const BODIES_KIB_MAX: usize = 512 << 10;

/// Shared by all requests; cheap to clone.
#[derive(Clone)]
pub(crate) struct App(Arc<Inner>);

pub(crate) struct Inner {
    /// Every method blocks: only `Caller::work`, `gather` and `health` call it.
    pub bus: Bus,
    /// Single tasks on their way to it.
    pub gather: Gather,
    /// Who may ask.
    pub doors: Doors,
    /// See `ServerOptions`.
    pub reload: Option<Reload>,
    /// One permit for each request at work.
    pub requests: Arc<Semaphore>,
    /// One permit for each KiB of body in memory.
    pub bodies: Arc<Semaphore>,
    /// One permit: a backup at a time.
    pub backups: Arc<Semaphore>,
    /// One permit: an export at a time.
    pub exports: Arc<Semaphore>,
    /// One permit: one asks the store whether it is ready.
    pub readiness: Arc<Semaphore>,
    /// What was refused, by code.
    pub refused: Refused,
    /// See `ServerOptions`.
    pub body_read_timeout: Duration,
    /// See `ServerOptions`.
    pub component_bytes_max: usize,
    /// The server is told to end.
    pub stopping: AtomicBool,
}

impl App {
    pub(crate) fn new(bus: Bus, options: &ServerOptions) -> Self {
        options.doors.replace(options);
        Self(Arc::new(Inner {
            bus,
            reload: options.reload.clone(),
            gather: Gather::default(),
            doors: options.doors.clone(),
            requests: Arc::new(Semaphore::new(options.requests_max.min(Semaphore::MAX_PERMITS))),
            bodies: Arc::new(Semaphore::new(BODIES_KIB_MAX)),
            backups: Arc::new(Semaphore::new(1)),
            exports: Arc::new(Semaphore::new(1)),
            readiness: Arc::new(Semaphore::new(1)),
            refused: Refused::default(),
            body_read_timeout: Duration::from_millis(options.body_read_timeout_ms),
            component_bytes_max: options.component_bytes_max,
            stopping: AtomicBool::new(false),
        }))
    }
}

impl std::ops::Deref for App {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}
