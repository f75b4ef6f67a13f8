//! Tries (§13): a task, or another object in its place, through translation, resolution and plan, and nothing written.

use std::sync::Arc;

use crate::Bus;
use crate::desk::turn::{may_wait, rights_of};
use crate::known::Known;
use crate::pass::by;
use crate::tasks::TaskError;
use crate::trouble::Trouble;
use lockgate_core::audit::AuditAction;
use lockgate_core::change::Change;
use lockgate_core::edit::{Edit, Edits, may_edit};
use lockgate_core::effects::{Draft, Fate, Ids, Item, Missing, Rounds as _, Terms, Work};
use lockgate_core::failure::Failure;
use lockgate_core::history::{LogLine, Used, Warning};
use lockgate_core::park::Want;
use lockgate_core::ports::{ConnectorRecord, InstallError, Order, Run, StateMap, Stood, StoreError, TaskFilter, TaskInfo, Translator};
use lockgate_core::task::{ExternalObject, Task, TaskHead, TaskId};
use lockgate_core::translate::{Guest, translate};

/// Row ids for rows that are never written. No store gets so far.
const IDS: u64 = 1 << 62;
/// Tasks of a group that are tried, at most (promise 5): each is translated while the caller waits.
pub const TRIED_MAX: usize = 1_000;

/// By which component a try translates.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum TryWith {
    /// The one that runs.
    #[default]
    Active,
    /// A kept or a waiting version, by the first digits of its digest.
    Version(String),
    /// One that is not installed: its bytes.
    Component(Arc<[u8]>),
}

/// What would become of a task.
#[derive(Debug, Clone, PartialEq)]
pub struct Tried {
    /// Which task.
    pub task: TaskId,
    /// Hexadecimal SHA-256 of the component that translated.
    pub digest: Arc<str>,
    /// As in the history; `parked` when it would wait.
    pub outcome: &'static str,
    /// Why it would fail or wait.
    pub failure: Option<Failure>,
    /// What it would wait for.
    pub wants: Vec<Want>,
    /// What would be stored beside what is, in order; the same row may be changed more than once.
    pub changes: Vec<Change>,
    /// References that were resolved.
    pub references_resolved: u32,
    /// What would go less well than asked.
    pub warnings: Vec<Warning>,
    /// What the connector logged.
    pub log: Vec<LogLine>,
    /// What was used of what may be.
    pub used: Used,
}

/// Why nothing was tried or edited.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TryError {
    /// The task, or its connector.
    #[error(transparent)]
    Task(#[from] TaskError),
    /// The component that was given.
    #[error(transparent)]
    Refused(#[from] InstallError),
    /// No version of the connector has this digest.
    #[error("connector {0} has no version that begins with {1}; `lockgate connector show {0}` lists those that are kept")]
    NoSuchVersion(lockgate_core::names::ConnectorName, String),
    /// It waits, and what for was found out from the object that it has.
    #[error("task {0} waits ({1}); only tasks that are queued or failed can be edited")]
    Waits(TaskId, lockgate_core::task::TaskState),
    /// The object is larger than one may be.
    #[error("the object has {bytes} bytes; {bytes_max} are allowed")]
    TooLarge {
        /// How large it is.
        bytes: usize,
        /// The limit.
        bytes_max: usize,
    },
}

impl From<StoreError> for TryError {
    fn from(error: StoreError) -> Self {
        Self::Task(error.into())
    }
}

/// One component's side of a try.
struct Side {
    translator: Arc<dyn Translator>,
    digest: Arc<str>,
    manifest: Option<Arc<str>>,
}

impl Bus {
    /// Tries one queued task, or another object in its place. Nothing is written but the audit row. The connector's calls
    /// go out as in any other try.
    pub fn try_task(&self, id: TaskId, external: Option<ExternalObject>, with: &TryWith) -> Result<Tried, TryError> {
        self.fits(external.as_ref())?;
        let mut task = self.task(id)?.ok_or(TaskError::NotQueued(id))?;
        if let Some(external) = external {
            task.head.media_type = external.media_type.clone();
            task.head.external_bytes = external.body.len() as u64;
            task.external = external;
        }
        let known = self.inner.current()?;
        let record = self.installed_for(&known, &task)?;
        let side = self.side_with(&record, with)?;
        let tried = self.tried(&known, &side, task)?;
        self.note(AuditAction::TaskTry, &format!("task {id}"), Some(tried.outcome))?;
        Ok(tried)
    }

    /// Tries the first tasks that a filter selects, so many at most, each for itself, and gives each what came of it.
    /// Returns how many are meant.
    pub fn try_tasks(
        &self,
        filter: &TaskFilter,
        limit: usize,
        with: &TryWith,
        mut each: impl FnMut(&TaskHead, Tried),
    ) -> Result<u64, TryError> {
        let meant = self.preview(filter, None)?.meant;
        let known = self.inner.current()?;
        let mut sides: std::collections::HashMap<lockgate_core::names::ConnectorName, Arc<Side>> = Default::default();
        let heads = self.tasks(filter, None, limit.min(TRIED_MAX))?;
        let count = heads.len();
        for head in heads {
            // It may have left the queue meanwhile.
            let Some(task) = self.task(head.id)? else { continue };
            let side = match sides.get(&head.connector) {
                Some(side) => side.clone(),
                None => {
                    let side = Arc::new(self.side_with(&self.installed_for(&known, &task)?, with)?);
                    sides.insert(head.connector.clone(), side.clone());
                    side
                }
            };
            let tried = self.tried(&known, &side, task)?;
            each(&head, tried);
        }
        self.note(AuditAction::TaskTry, &format!("{count} of {meant} tasks"), None)?;
        Ok(meant)
    }

    /// Replaces the external object of a task that is queued or failed. The one that came is kept.
    pub fn edit_task(&self, id: TaskId, external: ExternalObject) -> Result<(), TryError> {
        self.fits(Some(&external))?;
        let who: Arc<str> = self.actor().map_or_else(|| "".into(), |actor| actor.who.clone());
        loop {
            let head = self.heads(&[id])?.pop().ok_or(TaskError::NotQueued(id))?;
            if !may_edit(head.state) {
                return Err(TryError::Waits(id, head.state));
            }
            let of = |media_type: &str, bytes: u64| format!("{{\"media_type\":{},\"bytes\":{bytes}}}", quoted(media_type));
            let row = self.row(AuditAction::TaskEdit, &format!("task {id}"));
            let row = row.map(|row| {
                row.of(&head.connector)
                    .before(&of(&head.media_type, head.external_bytes))
                    .after(&of(&external.media_type, external.body.len() as u64))
            });
            let edit = Edit { id, version: head.version, external: external.clone(), at_ms: self.now_ms(), who: who.clone() };
            match self.order(&Order::Edit(edit), row)?.stood().first() {
                Some(Stood::Done) => return Ok(()),
                // A pass has just tried it: what the operator wants of it is wanted all the same.
                Some(Stood::Changed) => {}
                Some(Stood::Gone) | None => return Err(TaskError::NotQueued(id).into()),
            }
        }
    }

    /// What is remembered of a task that was edited.
    pub fn edits(&self, id: TaskId) -> Result<Option<Edits>, StoreError> {
        self.inner.parts.store.edits(id)
    }

    fn fits(&self, external: Option<&ExternalObject>) -> Result<(), TryError> {
        let bytes_max = self.settings().payload_bytes_max;
        match external.map(|external| external.body.len()) {
            Some(bytes) if bytes > bytes_max => Err(TryError::TooLarge { bytes, bytes_max }),
            _ => Ok(()),
        }
    }

    fn installed_for(&self, known: &Known, task: &Task) -> Result<ConnectorRecord, TaskError> {
        let name = &task.connector;
        known.connectors.get(name).cloned().ok_or_else(|| TaskError::UnknownConnector(name.clone()))
    }

    fn side_with(&self, record: &ConnectorRecord, with: &TryWith) -> Result<Side, TryError> {
        let cannot = |trouble: Trouble| match trouble {
            Trouble::Store(error) => TaskError::Store(error),
            Trouble::Passing(why) | Trouble::Other(why) => TaskError::CannotProcess(record.name.clone(), why),
            Trouble::HeldBy(node, _) => TaskError::CannotProcess(record.name.clone(), node.to_string()),
        };
        let version = match with {
            TryWith::Active => record.active().cloned(),
            TryWith::Version(digits) => {
                let found = record.versions.iter().find(|version| !digits.is_empty() && version.digest.starts_with(digits.as_str()));
                Some(found.cloned().ok_or_else(|| TryError::NoSuchVersion(record.name.clone(), digits.clone()))?)
            }
            TryWith::Component(bytes) => {
                let compiled = self.inner.parts.sandbox.compile(bytes)?;
                let translator = self.inner.parts.sandbox.load(&compiled.digest, &mut || Some(bytes.to_vec()))?;
                return Ok(Side { translator, digest: compiled.digest, manifest: compiled.manifest });
            }
        };
        let digest = version.as_ref().map_or(&record.digest, |version| &version.digest).clone();
        // Kept versions are loaded by their digest, as the active one is.
        let translator = self.inner.translator(&ConnectorRecord { digest: digest.clone(), ..record.clone() }).map_err(cannot)?;
        Ok(Side { translator, digest, manifest: version.and_then(|version| version.manifest) })
    }

    fn tried(&self, known: &Known, side: &Side, task: Task) -> Result<Tried, TryError> {
        let (id, connector) = (task.id, task.connector.clone());
        let settings = self.settings();
        let rights = rights_of(&settings, &connector, side.manifest.as_deref());
        let (granted, write) = rights.map_err(|why| TaskError::CannotProcess(connector.clone(), why))?;
        let granted = Arc::new(granted);
        let parts = &self.inner.parts;
        let state = if granted.state { parts.store.state(&connector)? } else { StateMap::new() };
        let run = Run {
            deadline_ms: granted.limits.deadline_for(task.external.body.len()),
            state: Arc::new(state),
            now_ms: self.now_ms(),
            seed: parts.randomness.seed(),
            task: TaskInfo::of(&task),
        };
        let mut guest = Guest::new(&*side.translator, &granted, run);
        let result = translate(&task, &known.model, settings.reference_depth_max, &mut guest);
        let usage = guest.finish();
        let counts = self.counts()?;
        let own = counts.loose_ends.get(&connector).copied().unwrap_or(0);
        let of_connector = settings.of(&connector);
        let terms = Terms {
            model: &known.model,
            generation: known.generation,
            digest: &side.digest,
            granted: &granted,
            write: &write,
            by: by(&side.digest, &known.model, &granted, &write),
            // Alone, whatever stands before it in its line.
            in_lines: false,
            may_wait: may_wait(self),
            loose_ends_left: of_connector.loose_ends_max.saturating_sub(own),
            loose_ends: counts.loose_ends.values().any(|count| *count > 0),
            settings: &settings,
            connector: of_connector,
            clock: &*parts.clock,
            randomness: &*parts.randomness,
        };
        let used = terms.used(&task, &usage);
        let log = usage.log.clone();
        let items = [Item { task, work: Work::Processed { result: result.map(Box::new), usage } }];
        let mut draft = Draft::new(terms, &items, Ids::default()).out_of_turn();
        let mut next = IDS;
        while let Err(missing) = draft.go_on() {
            match missing {
                Missing::Answers(keys) => draft.answered(parts.store.load(&keys)?),
                Missing::Ids(count) => {
                    draft.reserved(next, count);
                    next = next.saturating_add(count);
                }
            }
        }
        let drafted = draft.finish();
        let (mut outcome, mut failure) = drafted.last.unwrap_or(("parked", None));
        let (mut wants, mut references_resolved, mut warnings) = (Vec::new(), 0, Vec::new());
        match drafted.effects.tasks().first().map(|end| &end.fate) {
            Some(Fate::Removed(entry)) => {
                references_resolved = entry.references_resolved;
                warnings.clone_from(&entry.warnings);
            }
            Some(Fate::Stays(standing)) => {
                outcome = if standing.state == lockgate_core::task::TaskState::Parked { "parked" } else { outcome };
                failure = standing.failure.clone().or(failure);
                wants = standing.waiting.as_ref().map(|waiting| waiting.wants.clone()).unwrap_or_default();
            }
            None => {}
        }
        let changes = drafted.effects.changes().to_vec();
        Ok(Tried { task: id, digest: side.digest.clone(), outcome, failure, wants, changes, references_resolved, warnings, log, used })
    }
}

/// A text in JSON. Media types hold nothing that needs more.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
