//! An installed connector in the file. Its name stands in its key.

use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{ConnectorRecord, Version};
use serde::{Deserialize, Serialize};

use super::{FORMAT_1, FORMAT_2, FORMAT_3};
use crate::Fault;

const WHAT: &str = "connector";

/// Format 1: one version, without a manifest.
#[derive(Serialize, Deserialize)]
struct DiskConnector1<'a> {
    digest: &'a str,
    enabled: bool,
    installed_ms: i64,
}

/// Format 2: none was paused.
#[derive(Serialize, Deserialize)]
struct DiskConnector2<'a> {
    digest: &'a str,
    enabled: bool,
    installed_ms: i64,
    #[serde(borrow)]
    versions: Vec<DiskVersion<'a>>,
}

/// Format 3.
#[derive(Serialize, Deserialize)]
struct DiskConnector3<'a> {
    #[serde(borrow)]
    before: DiskConnector2<'a>,
    paused: bool,
}

#[derive(Serialize, Deserialize)]
struct DiskVersion<'a> {
    digest: &'a str,
    #[serde(borrow)]
    manifest: Option<&'a str>,
    installed_ms: i64,
    approved: bool,
}

/// A connector's bytes.
pub fn encode(record: &ConnectorRecord) -> Vec<u8> {
    let versions = record.versions.iter().map(|version| DiskVersion {
        digest: &version.digest,
        manifest: version.manifest.as_deref(),
        installed_ms: version.installed_ms,
        approved: version.approved,
    });
    let before =
        DiskConnector2 { digest: &record.digest, enabled: record.enabled, installed_ms: record.installed_ms, versions: versions.collect() };
    super::encode_as(FORMAT_3, &DiskConnector3 { before, paused: record.paused })
}

/// The connector in these bytes.
pub fn decode(name: &str, bytes: &[u8]) -> Result<ConnectorRecord, Fault> {
    let name = ConnectorName::new(name).map_err(|error| Fault::row(WHAT, error))?;
    match super::split(WHAT, bytes)? {
        (FORMAT_1, fields) => {
            let DiskConnector1 { digest, enabled, installed_ms } = super::decode_fields(WHAT, fields)?;
            let versions = vec![DiskVersion { digest, manifest: None, installed_ms, approved: true }];
            Ok(record(name, DiskConnector2 { digest, enabled, installed_ms, versions }, false))
        }
        (FORMAT_2, fields) => Ok(record(name, super::decode_fields(WHAT, fields)?, false)),
        (FORMAT_3, fields) => {
            let DiskConnector3 { before, paused } = super::decode_fields(WHAT, fields)?;
            Ok(record(name, before, paused))
        }
        (format, _) => Err(super::unknown(WHAT, format)),
    }
}

fn record(name: ConnectorName, disk: DiskConnector2<'_>, paused: bool) -> ConnectorRecord {
    let versions = disk.versions.into_iter().map(|version| Version {
        digest: version.digest.into(),
        manifest: version.manifest.map(Into::into),
        installed_ms: version.installed_ms,
        approved: version.approved,
    });
    ConnectorRecord {
        name,
        digest: disk.digest.into(),
        enabled: disk.enabled,
        paused,
        installed_ms: disk.installed_ms,
        versions: versions.collect(),
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
    #[test]
    fn a_record_of_format_2_is_not_paused() {
        let versions = vec![DiskVersion { digest: "00ff", manifest: Some("m"), installed_ms: 5, approved: false }];
        let old = DiskConnector2 { digest: "00ff", enabled: true, installed_ms: 5, versions };
        let read = decode("shop", &super::super::encode_as(FORMAT_2, &old)).unwrap();
        assert!(!read.paused && read.enabled);
        let paused = ConnectorRecord { paused: true, ..read };
        assert_eq!(decode("shop", &encode(&paused)).unwrap(), paused);
    }
}
