//! The effects of an operator's order that loose ends are given up (§11.10): what their fields hold is what they hold.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::change::Change;
use crate::effects::Effects;
use crate::key::{Answers, BindingKey, Key, ObjectKey, PageKey};
use crate::model::SharedModel;
use crate::park::{LooseAt, LooseEnd};
use crate::ports::Generation;
use crate::rows::{BindingId, BindingRow, Links, NodeId, ObjectId, ObjectRow, PageRow};

/// The row at whose field a loose end is.
pub fn row_of(end: &LooseEnd) -> Option<Key> {
    match &end.at {
        LooseAt::Object(id, _) => Some(ObjectKey::Id(*id).into()),
        LooseAt::Page(id, ..) => Some(PageKey::Id(*id).into()),
        LooseAt::Binding(id, _) => Some(BindingKey::Id(*id).into()),
        LooseAt::NotMade(_) => None,
    }
}

/// Gives these up. `rows`: the answers to their [`row_of`]. Their questions are forgotten, so that nothing looks for what
/// was given up.
pub fn let_go(model: SharedModel, generation: Generation, ends: &[Arc<LooseEnd>], rows: &Answers) -> Effects {
    let mut rows = Rows {
        objects: rows.of::<ObjectKey>().values().flatten().map(|row| (row.id, row.clone())).collect(),
        pages: rows.of::<PageKey>().values().flatten().map(|row| (row.id, row.clone())).collect(),
        bindings: rows.of::<BindingKey>().values().flatten().map(|row| (row.id, row.clone())).collect(),
    };
    let mut changes = Vec::new();
    for end in ends {
        changes.extend(rows.unlinked(end));
        changes.push(Change::Loose(Some(end.clone()), None));
    }
    let touched = changes.iter().flat_map(|change| change.touched(&model)).collect();
    Effects {
        model,
        generation,
        tasks: Vec::new(),
        changes,
        touched,
        stirs: Vec::new(),
        mends: Vec::new(),
        state: BTreeMap::new(),
        as_of: 0,
        relied: Vec::new(),
        step: None,
        signed: None,
        regroups: false,
        #[cfg(feature = "testing")]
        hushed: Vec::new(),
    }
}

/// The rows as they are after the changes so far.
struct Rows {
    objects: BTreeMap<ObjectId, Arc<ObjectRow>>,
    pages: BTreeMap<NodeId, Arc<PageRow>>,
    bindings: BTreeMap<BindingId, Arc<BindingRow>>,
}

impl Rows {
    /// Its row without the question; nothing if the row knows nothing of it.
    fn unlinked(&mut self, end: &LooseEnd) -> Option<Change> {
        let knows = |links: &mut Links, field| {
            let its = links.get(field).is_some_and(|link| link.loose == Some(end.id));
            its && links.remove(field).is_some()
        };
        match &end.at {
            LooseAt::Object(id, field) => {
                let row = self.objects.get_mut(id)?;
                let mut after = (**row).clone();
                let changed = knows(&mut after.links, field);
                changed.then(|| put(row, after, Change::Object))
            }
            LooseAt::Page(id, culture, field) => {
                let row = self.pages.get_mut(id)?;
                let mut after = (**row).clone();
                let changed = after.cultures.get_mut(culture).is_some_and(|version| knows(&mut version.links, field));
                changed.then(|| put(row, after, Change::Page))
            }
            LooseAt::Binding(id, field) => {
                let row = self.bindings.get_mut(id)?;
                let mut after = (**row).clone();
                let changed = knows(&mut after.links, field);
                changed.then(|| put(row, after, Change::Binding))
            }
            LooseAt::NotMade(_) => None,
        }
    }
}

fn put<R>(row: &mut Arc<R>, after: R, change: fn(Option<Arc<R>>, Option<Arc<R>>) -> Change) -> Change {
    let after = Arc::new(after);
    let before = std::mem::replace(row, after.clone());
    change(Some(before), Some(after))
}
