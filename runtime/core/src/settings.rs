//! The operator's settings of the bus: every limit has a name and a default with its reason
//! (promise 5). Where they come from, a file or a test, is not known here.

use std::collections::BTreeMap;

use crate::egress::{HttpLimits, SecretGrant};
use crate::grants::{Grant, Operator};
use crate::names::ConnectorName;
use crate::ports::Limits;

/// Settings of the bus as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct BusSettings {
    /// Largest external object. 1 MiB: ten times the largest page of a large site.
    pub payload_bytes_max: usize,
    /// Most queued tasks of one connector. A million tasks of 1 kB are 1 to 2 GB of file.
    pub queue_tasks_max: u64,
    /// Most history entries, all connectors together; older ones go, with their logs.
    pub history_entries_max: u64,
    /// Most tasks that share a commit while a pass runs.
    pub batch_tasks_max: usize,
    /// Most bytes of external objects in such a batch, and of what guests make of them.
    pub batch_bytes_max: usize,
    /// Longest time that translated tasks wait for a commit, in ms.
    pub batch_ms_max: u64,
    /// Most rows that one task may write or delete.
    pub rows_per_task_max: usize,
    /// Longest chain of parents that a reference may need (§7.1).
    pub reference_depth_max: usize,
    /// How long a process may go on working for a connector without asking the store again, in ms. Of
    /// interest where several processes share a store.
    pub lease_ms: u64,
    /// Most rows that one task may delete, unless an operator allows it more once (§7.5).
    pub deletes_per_task_max: usize,
    /// How long what a delete leaves behind is kept where a type says `newer_by`, in days (§7.4).
    pub tombstone_days: u32,
    /// Most tasks that may wait, all connectors together, in any state but `queued`; one more fails instead.
    pub waiting_tasks_max: u64,
    /// Most operations over many tasks that are kept after they have ended; older ones are forgotten.
    pub operations_kept_max: u64,
    /// Most audit rows; older ones go. Apart from the history: what many tasks do must not push out who changed what.
    pub audit_rows_max: u64,
    /// Whether outbound calls are recorded in the task's log instead of sent.
    pub dry_run_egress: bool,
    /// Settings of connectors that have none of their own.
    pub defaults: ConnectorSettings,
    /// Settings of single connectors.
    pub connectors: BTreeMap<ConnectorName, ConnectorSettings>,
}

impl Default for BusSettings {
    fn default() -> Self {
        Self {
            payload_bytes_max: 1 << 20,
            queue_tasks_max: 1_000_000,
            history_entries_max: 1_000_000,
            batch_tasks_max: 4_000,
            batch_bytes_max: 16 << 20,
            batch_ms_max: 250,
            rows_per_task_max: 20_000,
            deletes_per_task_max: 100,
            tombstone_days: 30,
            waiting_tasks_max: 2_000_000,
            operations_kept_max: 1_000,
            audit_rows_max: 100_000,
            reference_depth_max: 32,
            lease_ms: 30_000,
            dry_run_egress: false,
            defaults: ConnectorSettings::default(),
            connectors: BTreeMap::new(),
        }
    }
}

impl BusSettings {
    /// What holds for a connector.
    pub fn of(&self, connector: &ConnectorName) -> &ConnectorSettings {
        self.connectors.get(connector).unwrap_or(&self.defaults)
    }

    /// What the operator says of every connector without settings of its own.
    pub fn operator_of_any(&self) -> Operator<'_> {
        self.says("", &self.defaults)
    }

    /// What the operator says of a connector, to be put beside its manifest.
    pub fn operator<'a>(&'a self, connector: &'a ConnectorName) -> Operator<'a> {
        self.says(connector.as_str(), self.of(connector))
    }

    fn says<'a>(&self, connector: &'a str, of: &'a ConnectorSettings) -> Operator<'a> {
        let ConnectorSettings { limits, http, grant, settings, secrets, .. } = of;
        Operator { connector, grant, limits, http, settings, secrets, dry_run: self.dry_run_egress }
    }
}

/// Most threads that translate one connector's backlog (promise 5).
pub const TRANSLATORS_MAX: usize = 64;

/// Settings of one connector.
#[derive(Debug, Clone, PartialEq)]
pub struct ConnectorSettings {
    /// When its passes start.
    pub processing: Processing,
    /// Threads that translate its backlog ahead; tasks are applied in order nevertheless. 1: the pass
    /// translates by itself; [`TRANSLATORS_MAX`] at most. Connectors with a state or hosts are never translated ahead.
    pub translators: usize,
    /// How much its guests may use.
    pub limits: Limits,
    /// How much of outbound calls.
    pub http: HttpLimits,
    /// What it may write, call and keep. Nothing by default.
    pub grant: Grant,
    /// What `settings.get` answers, of what the manifest asks for.
    pub settings: BTreeMap<String, String>,
    /// What `secrets.get` knows, of what the manifest asks for.
    pub secrets: BTreeMap<String, SecretGrant>,
    /// Whether a task that fails for the moment waits for what it needs (§11).
    pub waiting: bool,
    /// How long a task waits before it fails, in ms.
    pub wait_ms_max: u64,
    /// Most loose ends; further ones are warnings only.
    pub loose_ends_max: u64,
    /// What a failed `default` task does to those behind it (§12).
    pub on_failure: OnFailure,
    /// After how many tries a `skip-on-error` task stays failed and is set aside. `None`: never.
    pub attempts_max: Option<u32>,
    /// How long a failed `skip-on-error` task waits, doubled with each try; also how long a task waits when the application
    /// did not answer, which then stays queued. `None`: no back-off. A second by default: each submission would try
    /// everything again that fails.
    pub backoff_ms: Option<u64>,
}

impl Default for ConnectorSettings {
    fn default() -> Self {
        Self {
            processing: Processing::default(),
            translators: 2,
            limits: Limits::default(),
            http: HttpLimits::default(),
            grant: Grant::default(),
            settings: BTreeMap::new(),
            secrets: BTreeMap::new(),
            waiting: true,
            wait_ms_max: 24 * 3_600_000,
            loose_ends_max: 100_000,
            on_failure: OnFailure::default(),
            attempts_max: None,
            backoff_ms: Some(1_000),
        }
    }
}

/// What a failed `default` task does to those behind it (§12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnFailure {
    /// They wait.
    #[default]
    Stop,
    /// It is set aside: they go on, except those of its subject.
    SetAside,
}

/// When a connector's passes start (§3).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Processing {
    /// At once on submission.
    #[default]
    Auto,
    /// When requested.
    OnRequest,
    /// By cron, in UTC: five fields.
    Schedule(String),
}

impl Processing {
    /// The word for lists.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::OnRequest => "on-request",
            Self::Schedule(_) => "schedule",
        }
    }
}
