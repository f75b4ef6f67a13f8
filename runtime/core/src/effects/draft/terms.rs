//! What a batch is made of, and by what it is planned.

use std::sync::Arc;

use crate::failure::{Class, Failure};
use crate::grants::WriteGrant;
use crate::history::Used;
use crate::key::Key;
use crate::mark::Mark;
use crate::model::SharedModel;
use crate::plan::PlanLimits;
use crate::ports::{Clock, Generation, Granted, Randomness, Standing, Usage};
use crate::settings::{BusSettings, ConnectorSettings, OnFailure};
use crate::task::{ProcessType, Task, TaskId};
use crate::translate::Translated;

/// A day, in ms.
const DAY_MS: i64 = 86_400_000;

/// By what a batch is planned.
#[derive(Clone, Copy)]
pub struct Terms<'a> {
    /// The content model.
    pub model: &'a SharedModel,
    /// The configuration that it, the connector and its grants are from.
    pub generation: Generation,
    /// Digest of the component that translated, for the history.
    pub digest: &'a Arc<str>,
    /// What its guests may use.
    pub granted: &'a Granted,
    /// What may be written for it (promise 3).
    pub write: &'a WriteGrant,
    /// By what a task fails that fails for its data (`TaskHead::failed_by`).
    pub by: Mark,
    /// Whether anybody stands in the connector's lines (§11.9).
    pub in_lines: bool,
    /// Whether further tasks may wait (`waiting_tasks_max`).
    pub may_wait: bool,
    /// How many loose ends the connector may leave yet.
    pub loose_ends_left: u64,
    /// Whether there is any loose end, of whichever connector.
    pub loose_ends: bool,
    /// Limits.
    pub settings: &'a BusSettings,
    /// Those of its connector.
    pub connector: &'a ConnectorSettings,
    /// The time.
    pub clock: &'a dyn Clock,
    /// Randomness for GUIDs.
    pub randomness: &'a dyn Randomness,
}

impl<'a> Terms<'a> {
    /// What a task's guest used of what it might.
    pub fn used(&self, task: &Task, usage: &Usage) -> Used {
        super::super::entry::used(self, task, usage)
    }

    /// What a plan may do.
    pub(crate) fn limits(&self) -> PlanLimits<'a> {
        let BusSettings { rows_per_task_max, reference_depth_max, deletes_per_task_max, tombstone_days, .. } = *self.settings;
        PlanLimits {
            rows_max: rows_per_task_max,
            depth_max: reference_depth_max,
            loose_ends_left: self.loose_ends_left,
            loose_ends: self.loose_ends,
            deletes_max: deletes_per_task_max,
            tombstone_ms: i64::from(tombstone_days).saturating_mul(DAY_MS),
            write: self.write,
        }
    }
}

/// One task of a batch.
#[derive(Debug)]
pub struct Item {
    /// The task.
    pub task: Task,
    /// What is to be done with it.
    pub work: Work,
}

/// What is to be done with a task.
#[derive(Debug)]
pub enum Work {
    /// It gets this standing.
    PassOver(Standing),
    /// It is of the subject of this task before it, which has not ended: it was not translated.
    Behind(TaskId),
    /// It was translated, or failed in it.
    Processed {
        /// What came of it.
        result: Result<Box<Translated>, Failure>,
        /// What its guest used and said.
        usage: Usage,
    },
}

impl Item {
    /// Whether its translation alone ends the pass.
    pub fn translation_stops(&self, settings: &ConnectorSettings) -> bool {
        let Work::Processed { result: Err(failure), .. } = &self.work else { return false };
        let stops = self.task.process_type == ProcessType::Default && settings.on_failure == OnFailure::Stop;
        stops || failure.code.class() == Class::Application
    }

    /// What its guest has handed over, in bytes.
    pub fn output_bytes(&self) -> u64 {
        match &self.work {
            Work::PassOver(_) | Work::Behind(_) => 0,
            Work::Processed { usage, .. } => usage.output_bytes,
        }
    }

    /// Whether it would change the connector's state.
    pub fn writes_state(&self) -> bool {
        matches!(&self.work, Work::Processed { result: Ok(_), usage } if !usage.state.is_empty())
    }
}

/// Row ids that were reserved and not used.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ids {
    /// The first.
    pub next: u64,
    /// One past the last.
    pub end: u64,
}

/// What a draft wants before it can go on.
#[derive(Debug, Clone, PartialEq)]
pub enum Missing {
    /// Answers to these.
    Answers(Vec<Key>),
    /// More row ids: at least so many.
    Ids(u64),
}
