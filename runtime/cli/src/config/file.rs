//! The file's own shape: every key optional, none other allowed. What each means stands in
//! `lockgate.default.toml`.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

use lockgate_core::egress::Origin;
use lockgate_core::grants::{Subtree, TypePattern, WordPattern};
use serde::{Deserialize, Serialize};

use super::level::LogLevel;
use super::networks::Networks;
use super::secret::SecretSection;
use super::token::TokenSection;
use super::webhook::WebhookSection;
use super::word::Word;

macro_rules! sections {
    ($($(#[$doc:meta])* $name:ident { $($key:ident: $type:ty,)* })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
            #[serde(deny_unknown_fields, default)]
            pub struct $name { $(#[serde(skip_serializing_if = "Option::is_none")] pub $key: Option<$type>,)* }

            #[cfg(test)]
            impl $name {
                /// All keys.
                pub const KEYS: &[&str] = &[$(stringify!($key)),*];
            }
        )*
    };
}

/// The whole file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct File {
    pub server: ServerSection,
    pub store: StoreSection,
    pub node: NodeSection,
    pub sandbox: SandboxSection,
    pub bus: BusSection,
    pub log: LogSection,
    pub defaults: ConnectorSection,
    pub tokens: BTreeMap<String, TokenSection>,
    pub connectors: BTreeMap<String, ConnectorSection>,
}

sections! {
    /// `[server]`
    ServerSection {
        listen: SocketAddr,
        tokens: Vec<String>,
        requests_max: NonZeroUsize,
        connections_max: NonZeroUsize,
        connections_without_token_max: NonZeroUsize,
        header_read_timeout_ms: NonZeroU64,
        header_read_timeout_without_token_ms: NonZeroU64,
        body_read_timeout_ms: NonZeroU64,
        shutdown_grace_ms: u64,
    }
    /// `[store]`
    StoreSection {
        path: PathBuf,
        cache_bytes: NonZeroUsize,
        url: String,
        password_file: PathBuf,
    }
    /// `[node]`
    NodeSection {
        name: String,
        lease_ms: NonZeroU64,
    }
    /// `[sandbox]`
    SandboxSection {
        artefact_dir: PathBuf,
        artefact_bytes_max: NonZeroU64,
        compile_memory_bytes_max: NonZeroU64,
        compile_cpu_seconds_max: NonZeroU64,
        compile_wall_ms_max: NonZeroU64,
        instances_max: NonZeroU32,
        memory_bytes_max: NonZeroU64,
        component_bytes_max: NonZeroU64,
        tick_ms: NonZeroU64,
    }
    /// `[bus]`
    BusSection {
        payload_bytes_max: NonZeroUsize,
        queue_tasks_max: NonZeroU64,
        history_entries_max: NonZeroU64,
        batch_tasks_max: NonZeroUsize,
        batch_bytes_max: NonZeroUsize,
        batch_ms_max: NonZeroU64,
        rows_per_task_max: NonZeroUsize,
        deletes_per_task_max: usize,
        reference_depth_max: NonZeroUsize,
        waiting_tasks_max: u64,
        tombstone_days: NonZeroU32,
        operations_kept_max: u64,
        audit_rows_max: NonZeroU64,
    }
    /// `[log]`
    LogSection {
        format: LogFormat,
        level: Word<LogLevel>,
    }
    /// `[defaults]` and `[connectors.NAME]`
    ConnectorSection {
        processing: ProcessingWord,
        schedule: String,
        translators: NonZeroUsize,
        deadline_ms: NonZeroU64,
        deadline_ms_per_mib: u64,
        memory_bytes_max: NonZeroU64,
        table_elements_max: NonZeroU64,
        core_instances_max: NonZeroU32,
        output_bytes_max: NonZeroU64,
        log_lines_max: usize,
        log_bytes_max: usize,
        state_bytes_max: NonZeroU64,
        http_calls_max: u32,
        http_bytes_max: u64,
        http_call_ms_max: NonZeroU64,
        http_header_bytes_max: NonZeroUsize,
        http_concurrent_max: NonZeroU32,
        on_failure: OnFailureWord,
        attempts_max: u32,
        backoff_ms: u64,
        waiting: Switch,
        wait_ms_max: NonZeroU64,
        loose_ends_max: u64,
        settings: BTreeMap<String, String>,
        grant: GrantSection,
        secrets: BTreeMap<String, SecretSection>,
        webhook: WebhookSection,
    }
    /// `[defaults.grant]` and `[connectors.NAME.grant]`
    GrantSection {
        objects: Vec<Word<TypePattern>>,
        pages: Vec<Word<Subtree>>,
        sites: Vec<Word<WordPattern>>,
        hosts: Vec<Word<Origin>>,
        state: bool,
        networks: Networks,
    }
}

/// When a connector's passes start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProcessingWord {
    Auto,
    OnRequest,
    Schedule,
}

/// What a failed `default` task does to those behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnFailureWord {
    Stop,
    SetAside,
}

/// Whether something is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Switch {
    On,
    Off,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    Text,
    Json,
}
