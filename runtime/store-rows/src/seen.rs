//! A queued task, as it is found by indexes.

use lockgate_core::ports::Standing;
use lockgate_core::task::{TaskState, TaskVersion, stands_apart};

/// A queued task as far as it must fit what was decided about it, and as far as it is found by indexes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// What it waits for.
    pub state: TaskState,
    /// How often it was changed.
    pub version: TaskVersion,
    /// It failed and stands apart.
    pub aside: bool,
    /// Its last try failed.
    pub fails: bool,
    /// Something is known of it since a pass came to it.
    pub waits: bool,
}

impl Seen {
    /// Whether a pass does not come to it on its way.
    pub fn stands_apart(self) -> bool {
        stands_apart(self.state, self.aside)
    }

    /// After it was given another standing.
    pub fn after(self, standing: &Standing) -> Self {
        Self {
            state: standing.state,
            version: self.version.next(),
            aside: standing.aside,
            fails: standing.failure.is_some(),
            waits: standing.waiting.is_some(),
        }
    }
}
