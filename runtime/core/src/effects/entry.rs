//! What remains of a task in the history.

use crate::effects::Terms;
use crate::failure::{Code, Failure};
use crate::history::{Action, Counted, Entry, Outcome, Used, WARNINGS_MAX, WRITTEN_MAX};
use crate::park::LooseEnd;
use crate::plan::Planned;
use crate::ports::Usage;
use crate::task::{DataType, ProcessType, Task, TaskHead, TaskType};

/// The entry of a task that ends.
pub(super) fn entry(terms: &Terms<'_>, task: &Task, outcome: Outcome, planned: Planned, usage: &Usage) -> Entry {
    let failed = matches!(outcome, Outcome::Failed(_));
    let bare = Entry {
        attempts: task.attempts.saturating_add(1),
        digest: terms.digest.clone(),
        used: used(terms, task, usage),
        ..bare(task, outcome, terms.clock.now_ms())
    };
    let entry = with(planned, bare);
    if failed { entry } else { warned(usage, entry) }
}

/// The entry with what the connector warned of, before the host's own: it comes from the data, and the host's may
/// follow from it.
fn warned(usage: &Usage, mut entry: Entry) -> Entry {
    entry.warnings_total = entry.warnings_total.saturating_add(usage.warnings_total);
    entry.warnings.splice(..0, usage.warnings.iter().cloned());
    entry.warnings.truncate(WARNINGS_MAX);
    entry
}

/// The entry with what was planned.
fn with(planned: Planned, bare: Entry) -> Entry {
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
    Entry { written, written_total, counted, references_resolved, warnings, warnings_total, ..bare }
}

/// The entry of a loose end that is mended; `left_by`: that of the task which left it, while it is kept.
pub(super) fn mended(terms: &Terms<'_>, end: &LooseEnd, left_by: Option<&Entry>, planned: Planned) -> Entry {
    let head =
        |entry: &Entry| (entry.task_type, entry.data_type, entry.process_type, entry.site.clone(), entry.title.clone(), entry.submitted_ms);
    let (task_type, data_type, process_type, site, title, submitted_ms) = match left_by {
        Some(entry) => head(entry),
        None => (TaskType::UpdateObject, DataType::Snapshot, ProcessType::Default, None, "".into(), end.since_ms),
    };
    let bare = Entry {
        task: end.task,
        together: Vec::new(),
        connector: end.connector.clone(),
        task_type,
        data_type,
        process_type,
        site,
        title,
        outcome: Outcome::Mended,
        attempts: 0,
        digest: terms.digest.clone(),
        submitted_ms,
        ended_ms: terms.clock.now_ms(),
        used: Used::default(),
        written: Vec::new(),
        written_total: 0,
        counted: Counted::default(),
        references_resolved: 0,
        warnings: Vec::new(),
        warnings_total: 0,
    };
    with(planned, bare)
}

/// The entry of a task that an operator takes out of the queue.
pub fn deleted(task: &TaskHead, now_ms: i64) -> Entry {
    bare(task, Outcome::Deleted(task.failure.clone()), now_ms)
}

/// The entry of a task that has waited too long under `delete-on-error`.
pub fn given_up(task: &TaskHead, now_ms: i64) -> Entry {
    let failure = task.failure.clone().unwrap_or_else(|| Failure::new(Code::UnresolvedReference, "what it needs did not come"));
    bare(task, Outcome::Failed(failure), now_ms)
}

fn bare(task: &TaskHead, outcome: Outcome, now_ms: i64) -> Entry {
    Entry {
        task: task.id,
        together: Vec::new(),
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

pub(super) fn used(terms: &Terms<'_>, task: &Task, usage: &Usage) -> Used {
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
