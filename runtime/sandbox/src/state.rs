//! What belongs to one instance on the host's side.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use lockgate_core::history::Level;
use lockgate_core::ports::Limits;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use crate::limiter::Limiter;
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
    settings: Arc<BTreeMap<String, String>>,
    wasi: WasiCtx,
    table: ResourceTable,
}

impl State {
    /// For a task with these limits, whose first deadline starts now.
    pub fn new(limits: &Limits) -> Self {
        let log = Arc::new(Mutex::new(TaskLog::new(limits.log_lines_max, limits.log_bytes_max)));
        let stdout = OutputLines::new(Level::Info, Arc::clone(&log));
        let stderr = OutputLines::new(Level::Warn, Arc::clone(&log));
        let mut table = ResourceTable::new();
        table.set_max_capacity(RESOURCES_MAX);
        Self {
            limiter: Limiter::new(limits.memory_bytes_max),
            deadline: Instant::now() + Duration::from_millis(limits.deadline_ms),
            log,
            wasi: wasi::context(&stdout, &stderr),
            output: vec![stdout, stderr],
            settings: Arc::new(limits.settings.clone()),
            table,
        }
    }

    /// The task's log. Not to be held across a call into the guest.
    pub fn log_mut(&mut self) -> MutexGuard<'_, TaskLog> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The operator's setting, if there is one.
    pub fn setting(&self, key: &str) -> Option<String> {
        self.settings.get(key).cloned()
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
