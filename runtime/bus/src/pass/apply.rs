//! Applies a translated batch: load, plan, commit (§7.3: one task is all or nothing).

use std::sync::PoisonError;

use crate::pass::{PassContext, PassEnd};
use lockgate_core::decide::{AfterFailure, after_failure};
use lockgate_core::failure::{Code, Failure};
use lockgate_core::history::{Entry, Level, LogLine, Outcome, Source, Used, WARNINGS_MAX, WRITTEN_MAX};
use lockgate_core::key::Key;
use lockgate_core::plan::{PlanLimits, Planned, Sources, Stop, View, hints, plan};
use lockgate_core::ports::{Commit, Fate, Lease, Standing, StoreError, TaskCommit, Usage};
use lockgate_core::prepared::Prepared;
use lockgate_core::task::{ProcessType, Task, TaskId};
use lockgate_core::translate::Translated;

/// Row ids reserved at a time.
const IDS_RESERVED: u64 = 4_096;
/// How often a batch is planned again because of other connectors, before the store is asked to
/// say that it cannot be used.
const CONFLICTS_MAX: u32 = 1_000;

/// Tasks of one commit, in order.
#[derive(Default)]
pub(super) struct Batch {
    pub items: Vec<Item>,
    /// The last task that was looked at.
    pub last: Option<TaskId>,
    /// When a task that was passed over is due.
    pub due_ms: Option<i64>,
    /// The pass ends after this batch.
    pub end: Option<PassEnd>,
    /// A translation failed and ends the pass; what follows was not translated.
    pub broken_off: bool,
    /// How many changes operators had made to queued tasks before these were fetched.
    pub standing_changes: u64,
    /// How much the guests have handed over, in bytes.
    pub bytes: u64,
}

impl Batch {
    /// Whether nothing may follow in it.
    pub fn ends(&self) -> bool {
        self.end.is_some() || self.broken_off
    }

    /// Takes in what comes next in order.
    pub fn append(&mut self, mut next: Self) {
        // The older standing: what was fetched since is looked at again, for nothing.
        self.standing_changes = match self.items.is_empty() {
            true => next.standing_changes,
            false => self.standing_changes.min(next.standing_changes),
        };
        self.items.append(&mut next.items);
        self.last = next.last.or(self.last);
        self.due_ms = [self.due_ms, next.due_ms].into_iter().flatten().min();
        self.end = next.end.or(self.end);
        self.broken_off |= next.broken_off;
        self.bytes += next.bytes;
    }
}

/// One task of a batch.
pub(super) struct Item {
    pub task: Task,
    pub work: Work,
}

/// What is to be done with it.
pub(super) enum Work {
    PassOver(Standing),
    Processed { result: Result<Box<Translated>, Failure>, usage: Usage },
}

impl Item {
    /// Whether its translation alone ends the pass.
    pub fn translation_stops(&self) -> bool {
        self.task.process_type == ProcessType::Default && matches!(&self.work, Work::Processed { result: Err(_), .. })
    }

    /// What its guest has handed over, in bytes.
    pub fn output_bytes(&self) -> u64 {
        match &self.work {
            Work::PassOver(_) => 0,
            Work::Processed { usage, .. } => usage.output_bytes,
        }
    }

    /// Whether it would change the connector's state.
    pub fn writes_state(&self) -> bool {
        matches!(&self.work, Work::Processed { result: Ok(_), usage } if !usage.state.is_empty())
    }
}

/// What applying a batch came to.
#[derive(Default)]
pub(super) struct Applied {
    pub done: u64,
    pub failed: u64,
    /// A task failed and the pass ends behind it.
    pub stopped_at: Option<TaskId>,
    /// The content model changed; what is left of the batch was not applied.
    pub stale: bool,
    /// Outcome of the last task, for a retry.
    pub last: Option<(&'static str, Option<Failure>)>,
}

/// Applies everything in the batch, in as few commits as possible.
pub(super) fn apply(context: &PassContext<'_>, lease: &Lease, batch: &mut Batch) -> Result<Applied, StoreError> {
    let mut applied = Applied::default();
    let mut conflicts = 0;
    let mut ids = Ids { next: 0, end: 0 };
    while !batch.items.is_empty() && applied.stopped_at.is_none() {
        let changes = context.standing_changes();
        if changes != batch.standing_changes {
            batch.standing_changes = changes;
            refresh(context, batch)?;
        }
        let mut run = Run { context, ids: &mut ids, view: View::default(), commit: Commit::default(), applied: Applied::default() };
        let taken = run.plan_items(&batch.items)?;
        let Run { view, mut commit, applied: step, .. } = run;
        if (context.stale)() {
            applied.stale = true;
            return Ok(applied);
        }
        if !commit.changes.is_empty() {
            commit.as_of = view.as_of();
            commit.relied = view.into_relied();
        }
        let standing = context.standing.read().unwrap_or_else(PoisonError::into_inner);
        if *standing != batch.standing_changes {
            continue;
        }
        let committed = context.store.commit(lease, &commit, &context.model);
        drop(standing);
        match committed {
            Ok(()) => {
                batch.items.drain(..taken);
                applied.done += step.done;
                applied.failed += step.failed;
                applied.stopped_at = step.stopped_at;
                applied.last = step.last.or(applied.last);
            }
            Err(StoreError::Conflict) if conflicts < CONFLICTS_MAX => {
                conflicts += 1;
                refresh(context, batch)?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(applied)
}

/// What an operator has taken away or changed meanwhile is taken over.
fn refresh(context: &PassContext<'_>, batch: &mut Batch) -> Result<(), StoreError> {
    let mut kept = Vec::with_capacity(batch.items.len());
    for mut item in batch.items.drain(..) {
        if let Some(now) = context.store.task(item.task.id)? {
            item.task.process_type = now.process_type;
            item.task.state = now.state;
            item.task.attempts = now.attempts;
            // One that is not to be passed over any more waits for the next pass.
            if matches!(item.work, Work::Processed { .. }) || now.process_type == ProcessType::SkipOnce {
                kept.push(item);
            }
        }
    }
    batch.items = kept;
    Ok(())
}

struct Ids {
    next: u64,
    end: u64,
}

/// One commit in the making.
struct Run<'a, 'c> {
    context: &'a PassContext<'c>,
    ids: &'a mut Ids,
    view: View,
    commit: Commit,
    applied: Applied,
}

impl Run<'_, '_> {
    /// Plans items in order; returns how many the commit has.
    fn plan_items(&mut self, items: &[Item]) -> Result<usize, StoreError> {
        self.preload(items)?;
        for (at, item) in items.iter().enumerate() {
            match &item.work {
                Work::PassOver(standing) => self.stays(&item.task, standing.clone(), Vec::new()),
                Work::Processed { result: Err(failure), usage } => self.failed(&item.task, failure, usage),
                Work::Processed { result: Ok(translated), usage } => match self.plan_one(&item.task, translated)? {
                    Ok(planned) => self.done(&item.task, translated, planned, usage),
                    Err(Stop::Commit) if at > 0 => return Ok(at),
                    Err(Stop::Fail(failure)) => self.failed(&item.task, &failure, usage),
                    Err(stop) => {
                        let failure = Failure::new(Code::Internal, format!("the plan did not come to an end: {stop:?}"));
                        self.failed(&item.task, &failure, usage);
                    }
                },
            }
            if self.applied.stopped_at.is_some() {
                return Ok(at + 1);
            }
        }
        Ok(items.len())
    }

    fn preload(&mut self, items: &[Item]) -> Result<(), StoreError> {
        let mut keys: Vec<Key> = Vec::new();
        for item in items {
            if let Work::Processed { result: Ok(translated), .. } = &item.work {
                keys.extend(hints(&item.task, translated, &self.context.model));
            }
        }
        self.load(&keys)
    }

    fn load(&mut self, keys: &[Key]) -> Result<(), StoreError> {
        let missing = self.view.missing(keys);
        if !missing.is_empty() {
            let loaded = self.context.store.load(&missing)?;
            self.view.add(loaded, &self.context.model);
        }
        Ok(())
    }

    /// Plans one task, loading what it asks for.
    fn plan_one(&mut self, task: &Task, translated: &Translated) -> Result<Result<Planned, Stop>, StoreError> {
        let limits = PlanLimits {
            rows_max: self.context.settings.rows_per_task_max,
            depth_max: self.context.settings.reference_depth_max,
            write: &self.context.write,
        };
        let mut reserve = IDS_RESERVED;
        loop {
            let mut sources =
                Sources { next_id: self.ids.next, end_id: self.ids.end, clock: self.context.clock, randomness: self.context.randomness };
            let result = plan(task, translated, &self.context.model, limits, &mut self.view, &mut sources);
            if result.is_ok() {
                self.ids.next = sources.next_id;
            }
            match result {
                Err(Stop::Load(keys)) => self.load(&keys)?,
                Err(Stop::Ids) => {
                    self.ids.next = self.context.store.reserve_ids(reserve)?;
                    self.ids.end = self.ids.next.saturating_add(reserve);
                    reserve = reserve.saturating_mul(2);
                }
                result => return Ok(result),
            }
        }
    }

    fn done(&mut self, task: &Task, translated: &Translated, mut planned: Planned, usage: &Usage) {
        self.commit.changes.append(&mut planned.changes);
        if self.context.granted.state {
            self.commit.state.extend(usage.state.iter().map(|(key, value)| (key.clone(), value.clone())));
        }
        self.applied.done += 1;
        let outcome = match &translated.prepared {
            Prepared::Skip(reason) => Outcome::Skipped(lockgate_core::failure::sanitised(reason).into()),
            _ => Outcome::Stored,
        };
        self.applied.last = Some((outcome.as_str(), None));
        let entry = entry(self.context, task, outcome, planned, usage);
        self.goes(task, entry, usage.log.clone());
    }

    fn failed(&mut self, task: &Task, failure: &Failure, usage: &Usage) {
        self.applied.failed += 1;
        self.applied.last = Some(("failed", Some(failure.clone())));
        let now_ms = self.context.clock.now_ms();
        let mut log = usage.log.clone();
        log.push(LogLine { at_ms: now_ms, level: Level::Error, source: Source::Host, message: failure.to_string().into() });
        tracing::warn!(connector = %task.connector, task = task.id.0, code = failure.code.as_str(), "task {} failed: {failure}", task.id);
        match after_failure(task, failure, self.context.connector_settings(), now_ms) {
            AfterFailure::Stays(standing) => self.stays(task, standing, log),
            AfterFailure::StaysAndStops(standing) => {
                self.applied.stopped_at = Some(task.id);
                self.stays(task, standing, log);
            }
            AfterFailure::Goes => {
                let entry = entry(self.context, task, Outcome::Failed(failure.clone()), Planned::default(), usage);
                self.goes(task, entry, log);
            }
        }
    }

    fn stays(&mut self, task: &Task, standing: Standing, log: Vec<LogLine>) {
        self.commit.tasks.push(TaskCommit { id: task.id, fate: Fate::Stays(standing), log });
    }

    fn goes(&mut self, task: &Task, entry: Entry, log: Vec<LogLine>) {
        self.commit.tasks.push(TaskCommit { id: task.id, fate: Fate::Removed(Box::new(entry)), log });
    }
}

fn entry(context: &PassContext<'_>, task: &Task, outcome: Outcome, planned: Planned, usage: &Usage) -> Entry {
    let Planned { mut written, mut warnings, references_resolved, .. } = planned;
    let written_total = u32::try_from(written.len()).unwrap_or(u32::MAX);
    written.truncate(WRITTEN_MAX);
    warnings.truncate(WARNINGS_MAX);
    Entry {
        task: task.id,
        connector: task.connector.clone(),
        task_type: task.task_type,
        data_type: task.data_type,
        process_type: task.process_type,
        site: task.site.clone(),
        title: task.title.clone(),
        outcome,
        attempts: task.attempts.saturating_add(1),
        digest: context.digest.clone(),
        submitted_ms: task.submitted_ms,
        ended_ms: context.clock.now_ms(),
        used: used(context, task, usage),
        written,
        written_total,
        references_resolved,
        warnings,
    }
}

fn used(context: &PassContext<'_>, task: &Task, usage: &Usage) -> Used {
    let (limits, http) = (&context.granted.limits, &context.granted.egress.limits);
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
