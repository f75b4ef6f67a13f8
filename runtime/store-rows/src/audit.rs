//! Audit rows. Actions are words: they are never renamed.

use lockgate_core::audit::{Actor, AuditRow};
use lockgate_core::names::ConnectorName;
use serde::{Deserialize, Serialize};

use crate::Fault;

const WHAT: &str = "audit row";

#[derive(Serialize, Deserialize)]
struct DiskAudit<'a> {
    at_ms: i64,
    who: &'a str,
    from: &'a str,
    action: &'a str,
    connector: Option<&'a str>,
    subject: &'a str,
    before: Option<&'a str>,
    after: Option<&'a str>,
}

/// A row's bytes.
pub fn encode(row: &AuditRow) -> Vec<u8> {
    super::encode(&DiskAudit {
        at_ms: row.at_ms,
        who: &row.actor.who,
        from: &row.actor.from,
        action: row.action.as_str(),
        connector: row.connector.as_ref().map(ConnectorName::as_str),
        subject: &row.subject,
        before: row.before.as_deref(),
        after: row.after.as_deref(),
    })
}

/// The reverse of [`encode`].
pub fn decode(bytes: &[u8]) -> Result<AuditRow, Fault> {
    let DiskAudit { at_ms, who, from, action, connector, subject, before, after } = super::decode(WHAT, bytes)?;
    Ok(AuditRow {
        at_ms,
        actor: Actor { who: who.into(), from: from.into() },
        action: action.parse().map_err(|error| Fault::row(WHAT, error))?,
        connector: connector.map(ConnectorName::new).transpose().map_err(|error| Fault::row(WHAT, error))?,
        subject: subject.into(),
        before: before.map(Into::into),
        after: after.map(Into::into),
    })
}
