//! What stands beside the rows: loose ends (§11.4), former names (§7.2) and what deletes left behind (§7.4).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use uuid::Uuid;

use lockgate_core::change::Change;
use lockgate_core::key::{ANSWER_ROWS_MAX, FormerKey, LooseOf, Tomb, TombKey};
use lockgate_core::names::ConnectorName;
use lockgate_core::park::{LooseAt, LooseEnd};
use lockgate_core::ports::Counts;
use lockgate_core::rows::{LooseId, RowId};

#[derive(Debug, Default)]
pub(super) struct Beside {
    ends: BTreeMap<LooseId, Arc<LooseEnd>>,
    at: BTreeMap<RowId, BTreeSet<LooseId>>,
    formers: HashMap<FormerKey, Uuid>,
    tombs: HashMap<TombKey, Arc<Tomb>>,
    /// Tombstones that were to be kept until before then are gone, in ms since 1970.
    swept_ms: Option<i64>,
}

impl Beside {
    /// Carries out a change of something that is here. Panics when it does not fit what is stored.
    pub(super) fn apply(&mut self, change: &Change) {
        match change {
            Change::Loose(before, after) => {
                let end = after.as_ref().or(before.as_ref()).expect("one of the two");
                assert!(!end.wants.is_empty(), "nothing would ever wake {end:?}");
                let stored = match after {
                    Some(after) => self.ends.insert(end.id, after.clone()),
                    None => self.ends.remove(&end.id),
                };
                assert_eq!(&stored, before, "the stored loose end (left) is not what the plan changed (right)");
                if let Some(row) = before.as_ref().and_then(|end| row_of(end)) {
                    self.at.entry(row).or_default().remove(&end.id);
                }
                if let Some(row) = after.as_ref().and_then(|end| row_of(end)) {
                    self.at.entry(row).or_default().insert(end.id);
                }
            }
            Change::Former(key, before, after) => {
                let stored = match after {
                    Some(after) => self.formers.insert(key.clone(), *after),
                    None => self.formers.remove(key),
                };
                assert_eq!(&stored, before, "who had the name (left) is not whom the plan changed (right): {key:?}");
            }
            Change::Tomb(key, before, after) => {
                let stored = match after {
                    Some(after) => self.tombs.insert(key.clone(), after.clone()),
                    None => self.tombs.remove(key),
                };
                let swept = before.as_ref().is_some_and(|before| self.swept_ms.is_some_and(|at_ms| before.until_ms < at_ms));
                let fits = stored == *before || stored.is_none() && swept;
                assert!(fits, "a delete left {stored:?}, and the plan changed {before:?}: {key:?}");
            }
            Change::Object(..) | Change::Page(..) | Change::Binding(..) => {}
        }
    }

    pub(super) fn end(&self, id: LooseId) -> Option<Arc<LooseEnd>> {
        self.ends.get(&id).cloned()
    }

    pub(super) fn ends_of(&self, question: &LooseOf) -> Vec<Arc<LooseEnd>> {
        let of = self.ends.values().filter(|end| match &end.at {
            LooseAt::NotMade(not_made) => not_made.binding_type == question.0 && not_made.owner == question.1,
            LooseAt::Object(..) | LooseAt::Page(..) | LooseAt::Binding(..) => false,
        });
        of.take(ANSWER_ROWS_MAX + 1).cloned().collect()
    }

    pub(super) fn former(&self, key: &FormerKey) -> Option<Uuid> {
        self.formers.get(key).copied()
    }

    pub(super) fn tomb(&self, key: &TombKey) -> Option<Arc<Tomb>> {
        self.tombs.get(key).cloned()
    }

    /// Removes tombstones that are kept no longer.
    pub(super) fn trim(&mut self, now_ms: i64) {
        self.tombs.retain(|_, tomb| tomb.until_ms >= now_ms);
    }

    /// Loose ends at the fields of a row.
    pub(super) fn at(&self, row: RowId) -> impl Iterator<Item = &Arc<LooseEnd>> {
        self.at.get(&row).into_iter().flatten().filter_map(|id| self.ends.get(id))
    }

    /// Forgets tombstones that are kept no longer.
    pub(super) fn sweep(&mut self, now_ms: i64) {
        self.tombs.retain(|_, tomb| tomb.until_ms >= now_ms);
        self.swept_ms = self.swept_ms.max(Some(now_ms));
    }

    /// Forgets the loose ends of a connector; tells which.
    pub(super) fn forget(&mut self, connector: &ConnectorName) -> Vec<LooseId> {
        let gone: Vec<LooseId> = self.ends.values().filter(|end| end.connector == *connector).map(|end| end.id).collect();
        self.ends.retain(|_, end| end.connector != *connector);
        self.at.values_mut().for_each(|at| at.retain(|id| !gone.contains(id)));
        gone
    }

    pub(super) fn count(&self, counts: &mut Counts) {
        for end in self.ends.values() {
            *counts.loose_ends.entry(end.connector.clone()).or_default() += 1;
        }
    }
}

/// The row at whose field an end is.
pub(super) fn row_of(end: &LooseEnd) -> Option<RowId> {
    match &end.at {
        LooseAt::Object(id, _) => Some(RowId::Object(*id)),
        LooseAt::Page(id, ..) => Some(RowId::Page(*id)),
        LooseAt::Binding(id, _) => Some(RowId::Binding(*id)),
        LooseAt::NotMade(_) => None,
    }
}
