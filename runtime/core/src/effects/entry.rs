//! What remains of a task in the history.

use crate::effects::Terms;
use crate::history::{Action, Counted, Entry, Outcome, Used, WARNINGS_MAX, WRITTEN_MAX};
use crate::plan::Planned;
use crate::ports::Usage;
use crate::task::{Task, TaskHead};

/// The entry of a task that ends.
pub(super) fn entry(terms: &Terms<'_>, task: &Task, outcome: Outcome, planned: Planned, usage: &Usage) -> Entry {
    let Planned { mut written, mut warnings, references_resolved, .. } = planned;
    let of = |action| u32::try_from(written.iter().filter(|row| row.action == action).count()).unwrap_or(u32::MAX);
    let counted = Counted {
        inserted: of(Action::Inserted),
        updated: of(Action::Updated),
        deleted: of(Action::Deleted),
        unchanged: of(Action::Unchanged),
    };
    let warnings_total = u32::try_from(warnings.len()).unwrap_or(u32::MAX);
    let written_total = u32::try_from(written.len()).unwrap_or(u32::MAX);
    written.truncate(WRITTEN_MAX);
    warnings.truncate(WARNINGS_MAX);
    Entry {
        attempts: task.attempts.saturating_add(1),
        digest: terms.digest.clone(),
        used: used(terms, task, usage),
        written,
        written_total,
        counted,
        references_resolved,
        warnings,
        warnings_total,
        ..bare(task, outcome, terms.clock.now_ms())
    }
}

/// The entry of a task that an operator takes out of the queue.
pub fn deleted(task: &TaskHead, now_ms: i64) -> Entry {
    bare(task, Outcome::Deleted(task.failure.clone()), now_ms)
}

fn bare(task: &TaskHead, outcome: Outcome, now_ms: i64) -> Entry {
    Entry {
        task: task.id,
        connector: task.connector.clone(),
        task_type: task.task_type,
        data_type: task.data_type,
        process_type: task.process_type,
        site: task.site.clone(),
        title: task.title.clone(),
        outcome,
        attempts: task.attempts,
        digest: "".into(),
        submitted_ms: task.submitted_ms,
        ended_ms: now_ms,
        used: Used::default(),
        written: Vec::new(),
        written_total: 0,
        counted: Counted::default(),
        references_resolved: 0,
        warnings: Vec::new(),
        warnings_total: 0,
    }
}

fn used(terms: &Terms<'_>, task: &Task, usage: &Usage) -> Used {
    let (limits, http) = (&terms.granted.limits, &terms.granted.egress.limits);
    Used {
        guest_us: usage.guest_us,
        longest_call_us: usage.longest_call_us,
        deadline_ms: limits.deadline_for(task.external.body.len()),
        memory_bytes: usage.memory_bytes,
        memory_bytes_max: limits.memory_bytes_max,
        output_bytes: usage.output_bytes,
        output_bytes_max: limits.output_bytes_max,
        http_calls: usage.http_calls,
        http_calls_max: http.calls_max,
        http_bytes: usage.http_bytes,
        http_bytes_max: http.bytes_max,
    }
}
