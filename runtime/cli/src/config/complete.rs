//! The file that would say the same with every key written out, for `config show`.

use std::num::NonZeroU64;

use lockgate_core::settings::{ConnectorSettings, OnFailure, Processing};

use super::connector::SCHEDULE;
use super::file::{
    BusSection, ConnectorSection, File, GrantSection, LogSection, NodeSection, OnFailureWord, ProcessingWord, SandboxSection,
    ServerSection, StoreSection, Switch,
};
use super::networks::Networks;
use super::resolve::{LEASE_MS, Settings};
use super::store::StorePlace;
use super::word::{Word, words};

/// Secrets stay what they are in the file: the places of their values.
pub fn complete(settings: &Settings, file: &File) -> File {
    let Settings { server, sandbox, bus, .. } = settings;
    File {
        server: ServerSection {
            listen: Some(server.listen),
            tokens: Some(server.tokens.clone()),
            requests_max: server.requests_max.try_into().ok(),
            connections_max: server.connections_max.try_into().ok(),
            connections_without_token_max: server.connections_without_token_max.try_into().ok(),
            header_read_timeout_ms: server.header_read_timeout_ms.try_into().ok(),
            header_read_timeout_without_token_ms: server.header_read_timeout_without_token_ms.try_into().ok(),
            body_read_timeout_ms: server.body_read_timeout_ms.try_into().ok(),
            shutdown_grace_ms: Some(server.shutdown_grace_ms),
        },
        store: StoreSection {
            path: settings.store.file().map(Into::into),
            cache_bytes: settings.cache_bytes.try_into().ok(),
            // Without its password.
            url: Some(match &settings.store {
                StorePlace::Database(database) => database.to_string(),
                StorePlace::File(_) => String::new(),
            }),
            password_file: Some(file.store.password_file.clone().unwrap_or_default()),
        },
        node: NodeSection {
            name: Some(settings.node_name.clone().unwrap_or_default()),
            lease_ms: file.node.lease_ms.or(NonZeroU64::new(LEASE_MS)),
        },
        sandbox: SandboxSection {
            artefact_dir: Some(sandbox.artefact_dir.clone()),
            artefact_bytes_max: sandbox.artefact_bytes_max.try_into().ok(),
            compile_memory_bytes_max: sandbox.compile_memory_bytes_max.try_into().ok(),
            compile_cpu_seconds_max: sandbox.compile_cpu_seconds_max.try_into().ok(),
            compile_wall_ms_max: sandbox.compile_wall_ms_max.try_into().ok(),
            instances_max: sandbox.instances_max.try_into().ok(),
            memory_bytes_max: sandbox.memory_bytes_max.try_into().ok(),
            component_bytes_max: sandbox.component_bytes_max.try_into().ok(),
            tick_ms: u64::try_from(sandbox.tick.as_millis()).ok().and_then(NonZeroU64::new),
        },
        bus: BusSection {
            payload_bytes_max: bus.payload_bytes_max.try_into().ok(),
            queue_tasks_max: bus.queue_tasks_max.try_into().ok(),
            history_entries_max: bus.history_entries_max.try_into().ok(),
            batch_tasks_max: bus.batch_tasks_max.try_into().ok(),
            batch_bytes_max: bus.batch_bytes_max.try_into().ok(),
            batch_ms_max: bus.batch_ms_max.try_into().ok(),
            rows_per_task_max: bus.rows_per_task_max.try_into().ok(),
            deletes_per_task_max: Some(bus.deletes_per_task_max),
            reference_depth_max: bus.reference_depth_max.try_into().ok(),
            waiting_tasks_max: Some(bus.waiting_tasks_max),
            tombstone_days: bus.tombstone_days.try_into().ok(),
            operations_kept_max: Some(bus.operations_kept_max),
            audit_rows_max: bus.audit_rows_max.try_into().ok(),
        },
        log: LogSection { format: Some(settings.log_format), level: Some(Word(settings.log_level.clone())) },
        defaults: connector(&bus.defaults, &ConnectorSection { schedule: file.defaults.schedule.clone(), ..Default::default() }),
        tokens: file.tokens.clone(),
        connectors: bus
            .connectors
            .iter()
            .map(|(name, settings)| {
                let own = file.connectors.get(name.as_str()).cloned().unwrap_or_default();
                let schedule = own.schedule.or_else(|| file.defaults.schedule.clone());
                (name.as_str().to_owned(), connector(settings, &ConnectorSection { schedule, ..own }))
            })
            .collect(),
    }
}

/// `own` gives what settings do not keep.
fn connector(settings: &ConnectorSettings, own: &ConnectorSection) -> ConnectorSection {
    let ConnectorSettings { limits, http, grant, .. } = settings;
    ConnectorSection {
        processing: Some(match settings.processing {
            Processing::Auto => ProcessingWord::Auto,
            Processing::OnRequest => ProcessingWord::OnRequest,
            Processing::Schedule(_) => ProcessingWord::Schedule,
        }),
        schedule: Some(own.schedule.clone().unwrap_or_else(|| SCHEDULE.to_owned())),
        translators: settings.translators.try_into().ok(),
        deadline_ms: limits.deadline_ms.try_into().ok(),
        deadline_ms_per_mib: Some(limits.deadline_ms_per_mib),
        memory_bytes_max: limits.memory_bytes_max.try_into().ok(),
        table_elements_max: limits.table_elements_max.try_into().ok(),
        core_instances_max: limits.core_instances_max.try_into().ok(),
        output_bytes_max: limits.output_bytes_max.try_into().ok(),
        log_lines_max: Some(limits.log_lines_max),
        log_bytes_max: Some(limits.log_bytes_max),
        state_bytes_max: limits.state_bytes_max.try_into().ok(),
        http_calls_max: Some(http.calls_max),
        http_bytes_max: Some(http.bytes_max),
        http_call_ms_max: http.call_ms_max.try_into().ok(),
        http_header_bytes_max: http.header_bytes_max.try_into().ok(),
        http_concurrent_max: http.concurrent_max.try_into().ok(),
        on_failure: Some(match settings.on_failure {
            OnFailure::Stop => OnFailureWord::Stop,
            OnFailure::SetAside => OnFailureWord::SetAside,
        }),
        attempts_max: Some(settings.attempts_max.unwrap_or(0)),
        backoff_ms: Some(settings.backoff_ms.unwrap_or(0)),
        waiting: Some(if settings.waiting { Switch::On } else { Switch::Off }),
        wait_ms_max: settings.wait_ms_max.try_into().ok(),
        loose_ends_max: Some(settings.loose_ends_max),
        settings: Some(settings.settings.clone()),
        grant: Some(GrantSection {
            objects: Some(words(&grant.objects)),
            pages: Some(words(&grant.pages)),
            sites: Some(words(&grant.sites)),
            hosts: Some(words(&grant.hosts)),
            state: Some(grant.state),
            networks: Some(Networks::of(&grant.networks)),
        }),
        secrets: own.secrets.clone(),
        webhook: own.webhook.clone(),
    }
}
