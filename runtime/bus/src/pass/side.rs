//! One connector's side of a pass: its component and what it may. A group has tasks of several connectors, each on
//! its own side (§11.6).

use std::sync::Arc;

use crate::pass::PassContext;
use lockgate_core::effects::{Item, Terms, Work};
use lockgate_core::grants::WriteGrant;
use lockgate_core::mark::{Mark, Marker};
use lockgate_core::model::ContentModel;
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Granted, Run, StateMap, StoreError, TaskInfo, Translator};
use lockgate_core::settings::ConnectorSettings;
use lockgate_core::task::Task;
use lockgate_core::translate::{Guest, translate};

/// One connector's side.
pub struct Side {
    /// Which connector.
    pub connector: ConnectorName,
    /// Its component.
    pub translator: Arc<dyn Translator>,
    /// Its digest, for the history.
    pub digest: Arc<str>,
    /// What its guests may use (promise 3).
    pub granted: Arc<Granted>,
    /// What may be written for it (promise 3).
    pub write: WriteGrant,
    /// By what its tasks fail that fail for their data.
    pub by: Mark,
}

/// By what a connector's tasks fail that fail for their data (§11): component, content model, grants and settings. When
/// it is another, they are due again.
pub(crate) fn by(digest: &str, model: &ContentModel, granted: &Granted, write: &WriteGrant) -> Mark {
    Marker::new("failed-by").text(digest).text(&format!("{model:?}")).text(&format!("{granted:?}")).text(&format!("{write:?}")).mark()
}

impl Side {
    /// By what its tasks are planned.
    pub(super) fn terms<'a>(&'a self, context: &'a PassContext<'_>, in_lines: bool) -> Terms<'a> {
        // Where they cannot be counted, there may be some.
        let counted = context.store.counts().map(|counts| counts.loose_ends).ok();
        let own = counted.as_ref().and_then(|counted| counted.get(&self.connector)).copied().unwrap_or(0);
        Terms {
            model: &context.model,
            generation: context.generation,
            digest: &self.digest,
            granted: &self.granted,
            write: &self.write,
            by: self.by,
            in_lines,
            may_wait: context.may_wait,
            loose_ends_left: self.settings(context).loose_ends_max.saturating_sub(own),
            loose_ends: counted.is_none_or(|counted| counted.values().any(|count| *count > 0)),
            settings: context.settings,
            connector: self.settings(context),
            clock: context.clock,
            randomness: context.randomness,
        }
    }

    /// Its settings.
    pub(super) fn settings<'a>(&self, context: &PassContext<'a>) -> &'a ConnectorSettings {
        context.settings.of(&self.connector)
    }

    /// What the connector keeps, as it is stored now.
    pub(super) fn state(&self, context: &PassContext<'_>) -> Result<Arc<StateMap>, StoreError> {
        Ok(Arc::new(if self.granted.state { context.store.state(&self.connector)? } else { StateMap::new() }))
    }

    /// Translates one task.
    pub(super) fn processed(&self, context: &PassContext<'_>, task: Task, state: &Arc<StateMap>) -> Item {
        let run = Run {
            deadline_ms: self.granted.limits.deadline_for(task.external.body.len()),
            state: state.clone(),
            now_ms: context.clock.now_ms(),
            seed: context.randomness.seed(),
            task: TaskInfo::of(&task),
        };
        let mut guest = Guest::new(&*self.translator, &self.granted, run);
        let result = translate(&task, &context.model, context.settings.reference_depth_max, &mut guest);
        Item { task, work: Work::Processed { result: result.map(Box::new), usage: guest.finish() } }
    }
}
