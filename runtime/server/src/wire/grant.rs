//! What an operator's configuration says of a connector.

use std::collections::BTreeMap;

use lockgate_core::settings::ConnectorSettings;
use serde::Serialize;

/// What is granted. Settings and secrets by name only: their values may be nobody's business.
#[derive(Serialize)]
pub(crate) struct GrantWire {
    objects: Vec<String>,
    pages: Vec<String>,
    sites: Vec<String>,
    hosts: Vec<String>,
    networks: BTreeMap<String, Vec<String>>,
    state: bool,
    settings: Vec<String>,
    secrets: Vec<SecretWire>,
}

#[derive(Serialize)]
struct SecretWire {
    name: String,
    hosts: Vec<String>,
}

impl From<&ConnectorSettings> for GrantWire {
    fn from(settings: &ConnectorSettings) -> Self {
        let grant = &settings.grant;
        Self {
            objects: texts(&grant.objects),
            pages: texts(&grant.pages),
            sites: texts(&grant.sites),
            hosts: texts(&grant.hosts),
            networks: grant.networks.iter().map(|(host, networks)| (host.to_string(), texts(networks))).collect(),
            state: grant.state,
            settings: settings.settings.keys().cloned().collect(),
            secrets: settings
                .secrets
                .iter()
                .map(|(name, secret)| SecretWire { name: name.clone(), hosts: texts(&secret.origins) })
                .collect(),
        }
    }
}

fn texts<T: ToString>(items: &[T]) -> Vec<String> {
    items.iter().map(ToString::to_string).collect()
}

/// How much its guests may use, under the names of the configuration.
#[derive(Serialize)]
pub(crate) struct LimitsWire {
    deadline_ms: u64,
    deadline_ms_per_mib: u64,
    memory_bytes_max: u64,
    table_elements_max: u64,
    core_instances_max: u32,
    output_bytes_max: u64,
    log_lines_max: usize,
    log_bytes_max: usize,
    state_bytes_max: u64,
    http_calls_max: u32,
    http_bytes_max: u64,
    http_call_ms_max: u64,
    http_header_bytes_max: usize,
    http_concurrent_max: u32,
}

impl From<&ConnectorSettings> for LimitsWire {
    fn from(settings: &ConnectorSettings) -> Self {
        let (limits, http) = (&settings.limits, &settings.http);
        Self {
            deadline_ms: limits.deadline_ms,
            deadline_ms_per_mib: limits.deadline_ms_per_mib,
            memory_bytes_max: limits.memory_bytes_max,
            table_elements_max: limits.table_elements_max,
            core_instances_max: limits.core_instances_max,
            output_bytes_max: limits.output_bytes_max,
            log_lines_max: limits.log_lines_max,
            log_bytes_max: limits.log_bytes_max,
            state_bytes_max: limits.state_bytes_max,
            http_calls_max: http.calls_max,
            http_bytes_max: http.bytes_max,
            http_call_ms_max: http.call_ms_max,
            http_header_bytes_max: http.header_bytes_max,
            http_concurrent_max: http.concurrent_max,
        }
    }
}
