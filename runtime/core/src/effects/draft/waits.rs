//! Tasks of a draft that wait (§11): parked for the moment, or behind another of their subject.

use std::sync::Arc;

use crate::decide::parked;
use crate::effects::draft::Draft;
use crate::failure::{Failure, sanitised};
use crate::history::{Level, LogLine, Source};
use crate::mark::{Mark, ended};
use crate::park::{Line, Waiting, Want};
use crate::plan::{Unmet, brings, lines};
use crate::ports::Usage;
use crate::task::{Task, TaskId};
use crate::translate::Translated;

impl Draft<'_> {
    /// Other rows than its own stand in its way: it is parked, or fails where nobody waits.
    pub(super) fn unmet(&mut self, at: usize, task: &Task, translated: &Translated, unmet: Unmet, usage: &Usage) {
        let mut lines = self.lines_of(task, Some(translated));
        lines.extend(&unmet.lines);
        lines.sort_unstable();
        lines.dedup();
        if !self.terms.connector.waiting || !self.terms.may_wait {
            return self.failed(task, &unmet.failure, usage, lines);
        }
        let Unmet { failure, wants, helpers, would, lines: _ } = unmet;
        self.made.stirs.extend(would);
        self.made.waiting.insert(task.id, helpers.clone());
        let brings = brings(task, translated, self.terms.model);
        let before = task.waiting.as_deref();
        let waiting = Waiting {
            since_ms: before.map_or_else(|| self.terms.clock.now_ms(), |before| before.since_ms),
            lines,
            brings,
            helpers,
            wants,
            group_wants: before.map(|before| before.group_wants.clone()).unwrap_or_default(),
            behind: None,
        };
        self.waits(at, task, waiting, Some(failure), usage.log.clone());
    }

    /// A task before it has not ended: it waits behind that.
    pub(super) fn behind(&mut self, at: usize, task: &Task, translated: Option<&Translated>, lines: Vec<Line>, ahead: TaskId) {
        let before = task.waiting.as_deref();
        self.made.waiting.insert(task.id, Vec::new());
        let waiting = Waiting {
            since_ms: before.map_or_else(|| self.terms.clock.now_ms(), |before| before.since_ms),
            lines,
            brings: match (translated, before) {
                (Some(translated), _) => brings(task, translated, self.terms.model),
                (None, before) => before.map(|before| before.brings.clone()).unwrap_or_default(),
            },
            helpers: Vec::new(),
            wants: vec![Want { mark: ended(ahead), what: format!("the end of task {ahead}").into(), external: None }],
            group_wants: before.map(|before| before.group_wants.clone()).unwrap_or_default(),
            behind: Some(ahead),
        };
        self.waits(at, task, waiting, None, Vec::new());
    }

    pub(super) fn waits(&mut self, at: usize, task: &Task, waiting: Waiting, failure: Option<Failure>, mut log: Vec<LogLine>) {
        self.lines.waits(at, &waiting.wants);
        let why = match (&failure, waiting.behind) {
            (_, Some(ahead)) => format!("waits behind task {ahead}, which is about the same object and has not ended"),
            (Some(failure), None) => format!("waits: {failure}"),
            (None, None) => String::new(),
        };
        let outcome = if waiting.behind.is_some() { "behind" } else { "parked" };
        self.made.last = Some((outcome, failure.clone()));
        let standing = parked(task, failure, waiting);
        // What is so still is not said again.
        if standing.state != task.state || standing.failure != task.failure {
            let at_ms = self.terms.clock.now_ms();
            log.push(LogLine { at_ms, level: Level::Info, source: Source::Host, message: sanitised(&why).into() });
        }
        self.stays(task, standing, log);
    }

    pub(super) fn lines_of(&self, task: &Task, translated: Option<&Translated>) -> Vec<Line> {
        match (translated, task.waiting.as_deref()) {
            (Some(translated), _) => lines(task, translated, self.terms.model),
            // What an earlier translation said of it.
            (None, Some(waiting)) if !waiting.lines.is_empty() => waiting.lines.clone(),
            (None, _) => task.subject.iter().map(|subject| Line::submitted(subject)).collect(),
        }
    }

    /// What is known of a task that does not wait for rows: its lines, where it has any.
    pub(super) fn known(&self, task: &Task, lines: Vec<Line>, brings: Vec<Mark>) -> Option<Arc<Waiting>> {
        let before = task.waiting.as_deref();
        let lines = match before {
            Some(before) if lines.is_empty() => before.lines.clone(),
            _ => lines,
        };
        if lines.is_empty() {
            return None;
        }
        let since_ms = before.map_or_else(|| self.terms.clock.now_ms(), |before| before.since_ms);
        Some(Arc::new(Waiting { since_ms, lines, brings, ..Waiting::default() }))
    }
}
