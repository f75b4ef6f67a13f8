//! An installed connector in the file. Its name stands in its key.

use std::sync::Arc;

use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{ConnectorRecord, Version};
use serde::{Deserialize, Serialize};

use super::{FORMAT_1, FORMAT_2};
use crate::fault::Fault;

const WHAT: &str = "connector";

/// Format 1: one version, without a manifest.
#[derive(Serialize, Deserialize)]
struct DiskConnector1<'a> {
    digest: &'a str,
    enabled: bool,
    installed_ms: i64,
}

/// Format 2.
#[derive(Serialize, Deserialize)]
struct DiskConnector2<'a> {
    digest: &'a str,
    enabled: bool,
    installed_ms: i64,
    #[serde(borrow)]
    versions: Vec<DiskVersion<'a>>,
}

#[derive(Serialize, Deserialize)]
struct DiskVersion<'a> {
    digest: &'a str,
    #[serde(borrow)]
    manifest: Option<&'a str>,
    installed_ms: i64,
    approved: bool,
}

pub(crate) fn encode(record: &ConnectorRecord) -> Vec<u8> {
    let versions = record.versions.iter().map(|version| DiskVersion {
        digest: &version.digest,
        manifest: version.manifest.as_deref(),
        installed_ms: version.installed_ms,
        approved: version.approved,
    });
    super::encode_as(
        FORMAT_2,
        &DiskConnector2 {
            digest: &record.digest,
            enabled: record.enabled,
            installed_ms: record.installed_ms,
            versions: versions.collect(),
        },
    )
}

pub(crate) fn decode(name: &str, bytes: &[u8]) -> Result<ConnectorRecord, Fault> {
    let name = ConnectorName::new(name).map_err(|error| Fault::row(WHAT, error))?;
    match super::split(WHAT, bytes)? {
        (FORMAT_1, fields) => {
            let disk: DiskConnector1<'_> = super::decode_fields(WHAT, fields)?;
            let digest: Arc<str> = disk.digest.into();
            let version = Version { digest: digest.clone(), manifest: None, installed_ms: disk.installed_ms, approved: true };
            Ok(ConnectorRecord { name, digest, enabled: disk.enabled, installed_ms: disk.installed_ms, versions: vec![version] })
        }
        (FORMAT_2, fields) => {
            let disk: DiskConnector2<'_> = super::decode_fields(WHAT, fields)?;
            let versions = disk.versions.into_iter().map(|version| Version {
                digest: version.digest.into(),
                manifest: version.manifest.map(Into::into),
                installed_ms: version.installed_ms,
                approved: version.approved,
            });
            Ok(ConnectorRecord {
                name,
                digest: disk.digest.into(),
                enabled: disk.enabled,
                installed_ms: disk.installed_ms,
                versions: versions.collect(),
            })
        }
        (format, _) => Err(super::unknown(WHAT, format)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_of_format_1_has_one_approved_version_without_a_manifest() {
        let old = super::super::encode(&DiskConnector1 { digest: "00ff", enabled: false, installed_ms: -7 });
        let record = decode("shop", &old).unwrap();
        let version = Version { digest: "00ff".into(), manifest: None, installed_ms: -7, approved: true };
        assert_eq!((&*record.digest, record.enabled, record.installed_ms), ("00ff", false, -7));
        assert_eq!(record.versions, [version]);
        assert_eq!(decode("shop", &encode(&record)).unwrap(), record, "and is written in today's format");
    }
}
