//! Versions of a connector beside each other: which one runs, and which may.

use std::sync::Arc;

use crate::grants::{Manifest, ManifestError};
use crate::names::ConnectorName;
use crate::ports::{Compiled, ConnectorRecord, VERSIONS_KEPT_MAX, Version};

/// The record with a further version, and what that asks for beyond the active one: if anything, it
/// is not active until the operator has approved it.
pub fn with(
    before: Option<&ConnectorRecord>,
    name: &ConnectorName,
    compiled: &Compiled,
    now_ms: i64,
) -> Result<(ConnectorRecord, Vec<String>), ManifestError> {
    let manifest = Manifest::of(compiled.manifest.as_deref())?;
    let approved_before = before.and_then(|before| before.version(&compiled.digest)).is_some_and(|version| version.approved);
    let beyond = match before.and_then(ConnectorRecord::active) {
        Some(active) if !approved_before => manifest.beyond(&Manifest::of(active.manifest.as_deref())?),
        _ => Vec::new(),
    };
    let version =
        Version { digest: compiled.digest.clone(), manifest: compiled.manifest.clone(), installed_ms: now_ms, approved: beyond.is_empty() };
    let Some(before) = before else {
        let (digest, installed_ms) = (version.digest.clone(), version.installed_ms);
        return Ok((
            ConnectorRecord { name: name.clone(), digest, enabled: true, paused: false, installed_ms, versions: vec![version] },
            beyond,
        ));
    };
    let mut record = before.clone();
    // One waits at a time: the newest.
    record.versions.retain(|other| other.approved && other.digest != version.digest);
    if version.approved {
        record.digest = version.digest.clone();
        record.installed_ms = version.installed_ms;
    }
    record.versions.insert(0, version);
    while record.versions.len() > VERSIONS_KEPT_MAX {
        let Some(oldest) = record.versions.iter().rposition(|version| version.digest != record.digest) else { break };
        record.versions.remove(oldest);
    }
    Ok((record, beyond))
}

/// The record with the waiting version approved and active; none if no version waits, or another than
/// the one whose digest begins so.
pub fn approved(record: &ConnectorRecord, digest: Option<&str>) -> Option<ConnectorRecord> {
    let mut record = record.clone();
    let is_meant = |version: &Version| digest.is_none_or(|digest| !digest.is_empty() && version.digest.starts_with(digest));
    let waiting = record.versions.iter_mut().find(|version| !version.approved && is_meant(version))?;
    waiting.approved = true;
    let digest = waiting.digest.clone();
    Some(active(record, digest))
}

/// The record with an earlier version active: the one before the active one, or the one whose digest
/// begins so.
pub fn rolled_back(record: &ConnectorRecord, to: Option<&str>) -> Option<ConnectorRecord> {
    let found = match to {
        Some(prefix) => {
            let mut found = record.versions.iter().filter(|version| version.approved && version.digest.starts_with(prefix));
            let first = found.next();
            first.filter(|_| found.next().is_none() && !prefix.is_empty())
        }
        None => {
            let mut versions = record.versions.iter().skip_while(|version| version.digest != record.digest).skip(1);
            versions.find(|version| version.approved)
        }
    };
    found.map(|version| active(record.clone(), version.digest.clone()))
}

/// What the waiting version asks for beyond the active one.
pub fn beyond(record: &ConnectorRecord) -> Vec<String> {
    let (Some(active), Some(waiting)) = (record.active(), record.pending()) else { return Vec::new() };
    let both = (Manifest::of(active.manifest.as_deref()), Manifest::of(waiting.manifest.as_deref()));
    if let (Ok(active), Ok(waiting)) = both { waiting.beyond(&active) } else { Vec::new() }
}

fn active(mut record: ConnectorRecord, digest: Arc<str>) -> ConnectorRecord {
    record.installed_ms = record.version(&digest).map_or(record.installed_ms, |version| version.installed_ms);
    record.digest = digest;
    record
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compiled(digest: &str, manifest: &str) -> Compiled {
        Compiled { digest: digest.into(), foreign_imports: Vec::new(), manifest: Some(manifest.into()) }
    }

    fn added(before: Option<&ConnectorRecord>, digest: &str, manifest: &str) -> (ConnectorRecord, Vec<String>) {
        with(before, &ConnectorName::new("shop").unwrap(), &compiled(digest, manifest), 7).unwrap()
    }

    #[test]
    fn a_version_that_asks_for_more_waits() {
        let (first, _) = added(None, "d1", "objects = ['shop.*']");
        let (second, beyond) = added(Some(&first), "d2", "objects = ['shop.*', 'cms.user']");
        assert_eq!((&*second.digest, beyond), ("d1", vec!["objects cms.user".to_owned()]));
        assert_eq!(super::beyond(&second), ["objects cms.user"]);
        for other in ["d1", "d3", ""] {
            assert!(approved(&second, Some(other)).is_none(), "{other} does not wait");
        }
        assert_eq!(approved(&second, Some("d2")), approved(&second, None));
        let approved = approved(&second, None).unwrap();
        assert_eq!(&*approved.digest, "d2");
        assert!(super::approved(&approved, None).is_none());
        let back = rolled_back(&approved, None).unwrap();
        assert_eq!(&*back.digest, "d1");
        assert!(rolled_back(&back, None).is_none());
        assert_eq!(&*rolled_back(&back, Some("d2")).unwrap().digest, "d2");
        assert!(rolled_back(&back, Some("d")).is_none(), "two begin so");
    }

    #[test]
    fn what_was_approved_once_may_come_again_and_a_waiting_one_gives_way() {
        let (record, _) = added(None, "d1", "state = true");
        let (record, _) = added(Some(&record), "d2", "");
        assert_eq!(&*record.digest, "d2");
        let (record, beyond) = added(Some(&record), "d1", "state = true");
        assert!(beyond.is_empty() && &*record.digest == "d1");
        let (record, _) = added(Some(&record), "d3", "objects = ['*']");
        let (record, _) = added(Some(&record), "d4", "pages = ['/']");
        let digests: Vec<&str> = record.versions.iter().map(|version| &*version.digest).collect();
        assert_eq!(digests, ["d4", "d1", "d2"]);
        assert!(rolled_back(&record, Some("d4")).is_none(), "not approved");
    }

    #[test]
    fn few_are_kept_and_the_active_one_always() {
        let (mut record, _) = added(None, "d0", "");
        for n in 1..9 {
            record = added(Some(&record), &format!("d{n}"), "").0;
        }
        assert_eq!(record.versions.len(), VERSIONS_KEPT_MAX);
        let old = rolled_back(&record, Some("d4")).unwrap();
        let (record, _) = added(Some(&old), "d9", "state = true");
        assert_eq!(record.versions.len(), VERSIONS_KEPT_MAX);
        assert_eq!(&*record.active().unwrap().digest, "d4");
    }
}
