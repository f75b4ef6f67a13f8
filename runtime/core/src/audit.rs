//! Who has changed what (§14): a row for each change that a person or a program ordered, kept apart from the history,
//! and written in the transaction of the change.

use std::sync::Arc;

use crate::names::ConnectorName;

/// Longest text before or after a change, in bytes; longer ones are cut.
pub const AUDIT_TEXT_BYTES_MAX: usize = 4_096;

/// Who orders something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The name of the token that was shown, or what stands for who needs none.
    pub who: Arc<str>,
    /// From where: an address, or the command line.
    pub from: Arc<str>,
}

words!(
    /// What was ordered.
    AuditAction, "audited action" {
        /// One task was tried out of turn.
        TaskRetry = "task-retry",
        /// One task was passed over.
        TaskSkip = "task-skip",
        /// One task behaves in another way when it fails.
        TaskProcessType = "task-process-type",
        /// One task was deleted.
        TaskDelete = "task-delete",
        /// The external object of one task was replaced.
        TaskEdit = "task-edit",
        /// Tasks were tried without writing anything.
        TaskTry = "task-try",
        /// An operation over many tasks began.
        OperationBegin = "operation-begin",
        /// One was cancelled.
        OperationCancel = "operation-cancel",
        /// A component was installed.
        ConnectorAdd = "connector-add",
        /// A waiting version was approved.
        ConnectorApprove = "connector-approve",
        /// A connector went back to an older version.
        ConnectorRollback = "connector-rollback",
        /// A connector takes and processes tasks.
        ConnectorEnable = "connector-enable",
        /// It does neither.
        ConnectorDisable = "connector-disable",
        /// It processes none.
        ConnectorPause = "connector-pause",
        /// It processes again.
        ConnectorResume = "connector-resume",
        /// It is gone.
        ConnectorRemove = "connector-remove",
        /// What a connector kept is forgotten.
        StateClear = "state-clear",
        /// The content model was changed.
        ModelApply = "model-apply",
        /// The bus, the taking in of tasks or their processing was switched.
        Switches = "switches",
        /// What is missing was given up.
        MissingIgnore = "missing-ignore",
        /// The configuration was read again.
        Reload = "reload",
        /// A node gives its connectors to others.
        NodeDrain = "node-drain",
        /// It takes part again.
        NodeResume = "node-resume",
    }
);

/// One change, and who ordered it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// When, in ms since 1970.
    pub at_ms: i64,
    /// Who.
    pub actor: Actor,
    /// What.
    pub action: AuditAction,
    /// Whose task or which connector it was about.
    pub connector: Option<ConnectorName>,
    /// What it was about, such as `task 17`; for people, may be empty.
    pub subject: Arc<str>,
    /// How it was, as JSON; `None`: there was nothing, or it does not matter.
    pub before: Option<Arc<str>>,
    /// How it is.
    pub after: Option<Arc<str>>,
}

impl AuditRow {
    /// One with nothing before and after.
    pub fn new(at_ms: i64, actor: &Actor, action: AuditAction, subject: impl Into<Arc<str>>) -> Self {
        Self { at_ms, actor: actor.clone(), action, connector: None, subject: subject.into(), before: None, after: None }
    }

    /// About this connector, or a task of it.
    #[must_use]
    pub fn of(self, connector: &ConnectorName) -> Self {
        Self { connector: Some(connector.clone()), ..self }
    }

    /// With what was before; cut where it is too long.
    #[must_use]
    pub fn before(self, text: &str) -> Self {
        Self { before: Some(cut(text).into()), ..self }
    }

    /// With what is now; cut where it is too long.
    #[must_use]
    pub fn after(self, text: &str) -> Self {
        Self { after: Some(cut(text).into()), ..self }
    }
}

fn cut(text: &str) -> &str {
    text.get(..text.floor_char_boundary(AUDIT_TEXT_BYTES_MAX)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_between_characters() {
        let actor = Actor { who: "ops".into(), from: "cli".into() };
        let row = AuditRow::new(0, &actor, AuditAction::TaskEdit, "task 1").before(&"é".repeat(4_000)).after("short");
        assert_eq!(row.before.unwrap().len(), AUDIT_TEXT_BYTES_MAX);
        assert_eq!(row.after.as_deref(), Some("short"));
    }
}
