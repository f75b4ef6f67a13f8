//! An installed connector in the file. Its name stands in its key.

use lockgate_core::names::ConnectorName;
use lockgate_core::ports::ConnectorRecord;
use serde::{Deserialize, Serialize};

use crate::fault::Fault;

#[derive(Serialize, Deserialize)]
struct DiskConnector<'a> {
    digest: &'a str,
    enabled: bool,
    installed_ms: i64,
}

pub(crate) fn encode(record: &ConnectorRecord) -> Vec<u8> {
    super::encode(&DiskConnector { digest: &record.digest, enabled: record.enabled, installed_ms: record.installed_ms })
}

pub(crate) fn decode(name: &str, bytes: &[u8]) -> Result<ConnectorRecord, Fault> {
    let disk: DiskConnector<'_> = super::decode("connector", bytes)?;
    Ok(ConnectorRecord {
        name: ConnectorName::new(name).map_err(|error| Fault::row("connector", error))?,
        digest: disk.digest.into(),
        enabled: disk.enabled,
        installed_ms: disk.installed_ms,
    })
}
