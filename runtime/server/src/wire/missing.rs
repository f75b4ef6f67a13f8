//! What is waited for and not there.

use std::sync::Arc;

use lockgate_bus::{Ignored, MissingThing, Waits};
use lockgate_core::park::Want;
use lockgate_core::task::TaskHead;
use serde::Serialize;

use super::time;

/// One thing that a task waits for.
#[derive(Serialize)]
pub(crate) struct WantWire {
    mark: String,
    what: Arc<str>,
    external: Option<Arc<str>>,
}

impl From<&Want> for WantWire {
    fn from(want: &Want) -> Self {
        Self { mark: want.mark.to_string(), what: want.what.clone(), external: want.external.clone() }
    }
}

/// A task that waits itself and would help.
#[derive(Serialize)]
pub(crate) struct HelperWire {
    task: u64,
    connector: String,
    state: &'static str,
    title: Arc<str>,
}

impl From<TaskHead> for HelperWire {
    fn from(head: TaskHead) -> Self {
        Self { task: head.id.0, connector: head.connector.to_string(), state: head.state.as_str(), title: head.title }
    }
}

/// One thing that is missing.
#[derive(Serialize)]
pub(crate) struct MissingWire {
    #[serde(flatten)]
    want: WantWire,
    tasks: u64,
    loose_ends: u64,
    connectors: Vec<String>,
    since: Option<String>,
    first: Vec<WaitsWire>,
    helped_by: Vec<HelperWire>,
}

impl From<MissingThing> for MissingWire {
    fn from(thing: MissingThing) -> Self {
        let MissingThing { missing, first, helped_by } = thing;
        Self {
            want: (&missing.want).into(),
            tasks: missing.tasks,
            loose_ends: missing.loose_ends,
            connectors: missing.connectors.iter().map(ToString::to_string).collect(),
            since: time(missing.since_ms),
            first: first.into_iter().map(Into::into).collect(),
            helped_by: helped_by.into_iter().map(Into::into).collect(),
        }
    }
}

/// A task that waits, or a loose end of one.
#[derive(Serialize)]
struct WaitsWire {
    task: u64,
    connector: String,
    title: Arc<str>,
    loose_end: Option<String>,
}

impl From<Waits> for WaitsWire {
    fn from(waits: Waits) -> Self {
        Self { task: waits.task.0, connector: waits.connector.to_string(), title: waits.title, loose_end: waits.place }
    }
}

/// What was given up.
#[derive(Serialize)]
pub(crate) struct IgnoredWire {
    what: Arc<str>,
    tasks: u64,
    loose_ends: u64,
}

impl From<Ignored> for IgnoredWire {
    fn from(ignored: Ignored) -> Self {
        Self { what: ignored.what, tasks: ignored.tasks, loose_ends: ignored.loose_ends }
    }
}
