//! Mending loose ends (§11.4).

use std::sync::Arc;

use crate::model::ContentModel;
use crate::park::LooseEnd;
use crate::plan::{PlanLimits, Planned, Sources, Stop, View};

/// Looks whether a loose end's question has an answer by now, and sets the field or makes the binding. `true`:
/// it is mended. `false`: it waits on, or it has ended with the row that it was of; the planned changes say which,
/// and are to be carried out in any case. On `Err` the view is as it was.
pub fn mend(
    _end: &Arc<LooseEnd>,
    _model: &ContentModel,
    _limits: PlanLimits<'_>,
    _view: &mut View,
    _sources: &mut Sources<'_>,
) -> Result<(bool, Planned), Stop> {
    Ok((false, Planned::default()))
}
