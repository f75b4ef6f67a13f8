//! What connectors keep from task to task.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lockgate_core::ports::StateMap;
use serde::Serialize;

/// How much there is.
#[derive(Serialize)]
pub(crate) struct StateSizeWire {
    keys: usize,
    bytes: u64,
}

impl From<&StateMap> for StateSizeWire {
    fn from(state: &StateMap) -> Self {
        Self { keys: state.len(), bytes: state.iter().map(|(key, value)| (key.len() + value.len()) as u64).sum() }
    }
}

/// What there is.
#[derive(Serialize)]
pub(crate) struct StateWire {
    bytes: u64,
    bytes_max: u64,
    keys: Vec<KeptWire>,
}

#[derive(Serialize)]
struct KeptWire {
    key: Arc<str>,
    bytes: usize,
    /// Only where values were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    value_base64: Option<String>,
}

impl StateWire {
    pub(crate) fn new(state: &StateMap, bytes_max: u64, with_values: bool) -> Self {
        let kept = |(key, value): (&Arc<str>, &Arc<[u8]>)| KeptWire {
            key: key.clone(),
            bytes: value.len(),
            value_base64: with_values.then(|| STANDARD.encode(value)),
        };
        Self { bytes: StateSizeWire::from(state).bytes, bytes_max, keys: state.iter().map(kept).collect() }
    }
}
