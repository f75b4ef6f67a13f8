//! The sandbox, as the bus sees it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::egress::Egress;
use crate::failure::Failure;
use crate::history::{LogLine, Warning};
use crate::names::{ExternalId, SiteName, TypeName};
use crate::prepared::{DocumentParams, ObjectParams, Prepared};
use crate::task::{DataType, ExternalObject, TaskHead, TaskType};

/// How much of everything one task's instance may use (promise 5). From the operator's configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Time for one call into the guest.
    pub deadline_ms: u64,
    /// What the deadline grows by with each MiB of the external object.
    pub deadline_ms_per_mib: u64,
    /// Linear memory, all memories of an instance together.
    pub memory_bytes_max: u64,
    /// Elements of all tables of an instance together.
    pub table_elements_max: u64,
    /// Core instances that a component may consist of.
    pub core_instances_max: u32,
    /// What the guest may hand to the host in one call.
    pub output_bytes_max: u64,
    /// Log lines of one task.
    pub log_lines_max: usize,
    /// Bytes of log of one task.
    pub log_bytes_max: usize,
    /// Keys and values of the connector's state together.
    pub state_bytes_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // Ten times what the slowest language needs for a payload of 100 kB.
            deadline_ms: 5_000,
            // The slowest language needs about 160 ms for 100 kB.
            deadline_ms_per_mib: 5_000,
            // Python and StarlingMonkey need 16 to 50 MiB for large payloads.
            memory_bytes_max: 64 << 20,
            // StarlingMonkey needs 7,700.
            table_elements_max: 20_000,
            // Python needs dozens.
            core_instances_max: 64,
            output_bytes_max: 8 << 20,
            log_lines_max: 200,
            log_bytes_max: 64 << 10,
            // A few sync tokens, not a database.
            state_bytes_max: 64 << 10,
        }
    }
}

impl Limits {
    /// The deadline of one call for an external object of this size.
    pub fn deadline_for(&self, external_bytes: usize) -> u64 {
        let more = u64::try_from(external_bytes).unwrap_or(u64::MAX).saturating_mul(self.deadline_ms_per_mib) >> 20;
        self.deadline_ms.saturating_add(more)
    }
}

/// What the guests of one connector may use: what its manifest asks for and its operator grants
/// (promise 3). Made by [`crate::grants`], once for a pass.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Granted {
    /// How much.
    pub limits: Limits,
    /// What `settings.get` answers.
    pub settings: BTreeMap<String, String>,
    /// Where it may call, with which secrets.
    pub egress: Egress,
    /// Whether it has a state.
    pub state: bool,
}

/// What a connector keeps from task to task.
pub type StateMap = BTreeMap<Arc<str>, Arc<[u8]>>;

/// What differs from task to task. A component that is given the same of everything, [`Granted`], this and answers from
/// outside, does the same, to the bit: nothing else that it can see changes (bus-semantics §13).
#[derive(Debug, Clone)]
pub struct Run {
    /// Time for one call into the guest.
    pub deadline_ms: u64,
    /// The connector's state as of this task; empty when it has none.
    pub state: Arc<StateMap>,
    /// When the run begins, in ms since 1970: what the guest's clocks show. Its time is the sandbox's own from there on.
    pub now_ms: i64,
    /// What all of the guest's randomness is made from, placeholders of secrets included. Fresh for each run, and not to be
    /// guessed.
    pub seed: [u8; 32],
    /// What the guest may ask about its task.
    pub task: TaskInfo,
}

/// What a connector may be told of its task beside the external object (contract 1.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskInfo {
    /// Absent: it was given none.
    pub title: Option<Arc<str>>,
    /// Of the file that the external object was read from, without folders.
    pub file_name: Option<Arc<str>>,
    /// Absent: a task for global objects.
    pub site: Option<SiteName>,
}

impl TaskInfo {
    /// Of this task.
    pub fn of(task: &TaskHead) -> Self {
        let title = (!task.title.is_empty()).then(|| Arc::clone(&task.title));
        Self { title, file_name: task.file_name.clone(), site: task.site.clone() }
    }
}

/// What the sandbox found out about a component when it was compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compiled {
    /// Hexadecimal SHA-256 of the component's bytes.
    pub digest: Arc<str>,
    /// Imports that are not of the contract (WASI), sorted; none means strict.
    pub foreign_imports: Vec<String>,
    /// The text of its manifest section, if it has one.
    pub manifest: Option<Arc<str>>,
}

/// Why a component was refused. Nothing was installed.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{code}: {message}")]
pub struct InstallError {
    /// Stable. Of the component: `invalid-component`, `invalid-manifest`, `missing-export`, `import-denied`,
    /// `incompatible-contract`, `compile-limit` (a limit, which the message names). Of the machine: `no-executable-memory` (the
    /// process may not run compiled code), `compiler-not-started`, `compiler-killed` (from outside), `compile-failed` (the
    /// compiler itself), `artefact-unwritable`.
    pub code: &'static str,
    /// What is wrong and what to do.
    pub message: String,
}

impl InstallError {
    /// Whether the component may well be loaded at another time: the machine refused, and may be short of
    /// something.
    pub fn may_pass(&self) -> bool {
        matches!(self.code, "compiler-not-started" | "compiler-killed" | "artefact-unwritable")
    }
}

/// Compiles and loads components.
pub trait Sandbox: Send + Sync {
    /// Checks and compiles a component and keeps the artefact. Takes seconds for large ones; never
    /// called for a task.
    fn compile(&self, component: &[u8]) -> Result<Compiled, InstallError>;

    /// Loads a kept artefact; compiles only if it is missing or was made by another version (the
    /// `component` closure gives the bytes then).
    fn load(&self, digest: &str, component: &mut dyn FnMut() -> Option<Vec<u8>>) -> Result<Arc<dyn Translator>, InstallError>;
}

/// What one call needs to know of its task.
#[derive(Debug, Clone)]
pub struct TaskView<'a> {
    /// The external object.
    pub external: &'a ExternalObject,
    /// What is to be done.
    pub task_type: TaskType,
    /// How much is meant.
    pub data_type: DataType,
    /// Where.
    pub site: Option<&'a SiteName>,
}

/// A loaded component. Shared by threads.
pub trait Translator: Send + Sync {
    /// A fresh instance for one task.
    fn instance(&self, granted: &Arc<Granted>, run: &Run) -> Result<Box<dyn Instance>, Box<NotStarted>>;
}

/// Why there is no instance, and what the attempt used and said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotStarted {
    /// Why.
    pub failure: Failure,
    /// A start function may have run, and printed.
    pub usage: Usage,
}

/// One instance, for one task. After an error other than one that the connector itself answered,
/// every further call fails.
pub trait Instance {
    /// Translates the external object.
    fn prepare_internal_object(&mut self, task: &TaskView<'_>) -> Result<Prepared, Failure>;

    /// Where the object with this external id is. `not-found` means: unresolved.
    fn get_internal_object_params(&mut self, id: &ExternalId, object_type: &TypeName) -> Result<ObjectParams, Failure>;

    /// Where the page with this external id is. `not-found` means: unresolved.
    fn get_internal_document_params(&mut self, id: &ExternalId, class_name: &TypeName) -> Result<DocumentParams, Failure>;

    /// What it used and said, bounded. Called once, last, after failures too.
    fn usage(&mut self) -> Usage;
}

/// What an instance used and said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usage {
    /// Time in the guest, all calls, in µs.
    pub guest_us: u64,
    /// Longest single call, in µs.
    pub longest_call_us: u64,
    /// Most linear memory it had, in bytes.
    pub memory_bytes: u64,
    /// Most that it handed to the host in one call, in bytes, as the engine counts them.
    pub output_bytes: u64,
    /// Outbound calls, denied ones too.
    pub http_calls: u32,
    /// Bytes of their bodies, both ways.
    pub http_bytes: u64,
    /// What it wrote to its state, by key; `None`: deleted. To be stored with the task's effects.
    pub state: BTreeMap<Arc<str>, Option<Arc<[u8]>>>,
    /// Its log lines; a last line says how many were dropped.
    pub log: Vec<LogLine>,
    /// What it warned of, the first so many. Dropped if the task fails.
    pub warnings: Vec<Warning>,
    /// Warnings, all of them.
    pub warnings_total: u32,
}
