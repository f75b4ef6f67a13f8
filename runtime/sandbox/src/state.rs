//! What belongs to one instance on the host's side.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chacha20::ChaCha20Rng;
use lockgate_core::history::Level;
use lockgate_core::ports::{Granted, Run, TaskInfo};
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::guest_random::{Purpose, random};
use crate::guest_time::GuestTime;
use crate::http::{self, Client, Hooks, TaskHttp};
use crate::keep::Keep;
use crate::limiter::Limiter;
use crate::said::{Said, Warned};
use crate::secrets::Secrets;
use crate::task_log::TaskLog;
use crate::wasi::{self, OutputLines};

/// Resources (streams, pollables) that a guest may hold at a time.
const RESOURCES_MAX: usize = 1_000;

/// The state of a store: one instance, one task.
pub struct State {
    /// Counts memory.
    pub limiter: Limiter,
    /// When the call that runs must have ended.
    pub deadline: Instant,
    log: Arc<Mutex<TaskLog>>,
    output: Vec<Arc<OutputLines>>,
    granted: Arc<Granted>,
    time: Arc<GuestTime>,
    /// For the contract's `random`.
    pub random: ChaCha20Rng,
    /// The connector's state.
    pub keep: Keep,
    /// What it has said beside the answer that it is making.
    pub said: Said,
    /// What it has warned of, in this call and those before.
    pub warned: Warned,
    /// What it may ask about its task.
    pub task: TaskInfo,
    /// What stands in the guest's hands for secrets.
    pub secrets: Arc<Secrets>,
    hooks: Hooks,
    http: WasiHttpCtx,
    wasi: WasiCtx,
    table: ResourceTable,
}

impl State {
    /// For a task, whose first deadline starts now. Its calls go through the connector's client.
    pub fn new(granted: &Arc<Granted>, run: &Run, client: Arc<Client>) -> Self {
        let limits = &granted.limits;
        let time = Arc::new(GuestTime::new(run.now_ms));
        let secrets = Arc::new(Secrets::new(Arc::clone(granted), run.seed));
        let log = TaskLog::new(limits.log_lines_max, limits.log_bytes_max, Arc::clone(&time)).masking(Arc::clone(&secrets));
        let log = Arc::new(Mutex::new(log));
        let calls = TaskHttp::new(client, Arc::clone(granted), Arc::clone(&secrets), Arc::clone(&log));
        let deadline = Instant::now() + Duration::from_millis(run.deadline_ms);
        let stdout = OutputLines::new(Level::Info, Arc::clone(&log));
        let stderr = OutputLines::new(Level::Warn, Arc::clone(&log));
        let mut table = ResourceTable::new();
        table.set_max_capacity(RESOURCES_MAX);
        Self {
            limiter: Limiter::new(limits),
            deadline,
            log,
            wasi: wasi::context(&stdout, &stderr, &time, run.seed),
            time,
            random: random(run.seed, Purpose::Contract),
            output: vec![stdout, stderr],
            keep: Keep::new(granted.state, Arc::clone(&run.state), limits.state_bytes_max),
            said: Said::default(),
            warned: Warned::default(),
            task: run.task.clone(),
            secrets,
            hooks: Hooks { task: calls, deadline },
            http: http::context(granted),
            granted: Arc::clone(granted),
            table,
        }
    }

    /// The task's log. Not to be held across a call into the guest.
    pub fn log_mut(&mut self) -> MutexGuard<'_, TaskLog> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The operator's setting, if there is one.
    pub fn setting(&self, key: &str) -> Option<String> {
        self.granted.settings.get(key).cloned()
    }

    /// The time that the guest sees.
    pub fn time(&self) -> Arc<GuestTime> {
        Arc::clone(&self.time)
    }

    /// Writes lines that the guest began and did not end.
    pub fn flush_output(&mut self) {
        for output in &self.output {
            output.flush();
        }
    }

    /// What the guest said last on stderr.
    pub fn last_stderr(&self) -> Option<String> {
        self.output.last().and_then(|stderr| stderr.tail())
    }

    /// The task's outbound calls.
    pub fn calls(&self) -> &TaskHttp {
        &self.hooks.task
    }

    /// Time left until the deadline.
    pub fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// The table, for `wasi:io/poll`.
    pub fn table_mut(&mut self) -> &mut ResourceTable {
        &mut self.table
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        self.hooks.deadline = self.deadline;
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.hooks }
    }
}
