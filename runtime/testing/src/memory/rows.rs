//! Objects, pages and bindings. `Change::touched` says under which keys a row is found; the index
//! is nothing but that, turned round.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::assert_possible;
use super::loose::{Beside, row_of};
use lockgate_core::change::Change;
use lockgate_core::key::{ANSWER_IDS_MAX, ANSWER_ROWS_MAX, Answers, BindingKey, Key, ObjectKey, ObjectsKey, PageKey};
use lockgate_core::model::ContentModel;
use lockgate_core::names::FieldName;
use lockgate_core::park::{LooseAt, LooseEnd};
use lockgate_core::ports::Counts;
use lockgate_core::rows::{BindingId, BindingRow, NodeId, ObjectId, ObjectRow, PageRow, Referrer, RowId, Target};

#[derive(Debug, Default)]
pub(super) struct Rows {
    objects: BTreeMap<ObjectId, Arc<ObjectRow>>,
    pages: BTreeMap<NodeId, Arc<PageRow>>,
    bindings: BTreeMap<BindingId, Arc<BindingRow>>,
    found_by: HashMap<Key, BTreeSet<RowId>>,
    /// The keys of each row in `found_by`.
    keys: HashMap<RowId, Vec<Key>>,
    pub(super) beside: Beside,
}

impl Rows {
    /// Carries out changes in order. Panics when one does not fit what is stored, or when two rows
    /// have the same identity in the end: no correct plan does either.
    pub(super) fn apply(&mut self, changes: &[Change], model: &ContentModel) {
        for change in changes {
            assert_possible(change);
            match change {
                Change::Object(before, after) => {
                    let id = after.as_ref().or(before.as_ref()).expect("one of the two").id;
                    put(&mut self.objects, id, before, after);
                    self.index(RowId::Object(id), after.clone().map(|row| Change::Object(None, Some(row))), model);
                }
                Change::Page(before, after) => {
                    let id = after.as_ref().or(before.as_ref()).expect("one of the two").id;
                    put(&mut self.pages, id, before, after);
                    self.index(RowId::Page(id), after.clone().map(|row| Change::Page(None, Some(row))), model);
                }
                Change::Binding(before, after) => {
                    let id = after.as_ref().or(before.as_ref()).expect("one of the two").id;
                    put(&mut self.bindings, id, before, after);
                    self.index(RowId::Binding(id), after.clone().map(|row| Change::Binding(None, Some(row))), model);
                }
                Change::Loose(..) | Change::Former(..) | Change::Tomb(..) => self.beside.apply(change),
            }
        }
        for key in changes.iter().flat_map(|change| change.touched(model)) {
            let identifies = matches!(
                key,
                Key::Object(ObjectKey::Name(..) | ObjectKey::Guid(..))
                    | Key::Page(PageKey::Guid(..) | PageKey::Alias(..))
                    | Key::Binding(BindingKey::Binds(..))
            );
            let found = self.found(&key).count();
            assert!(!identifies || found <= 1, "{found} rows are {key:?}");
        }
        for row in changes.iter().filter_map(changed_row) {
            for end in self.beside.at(row) {
                assert!(self.is_linked(end), "no field says that it is loose: {end:?}");
            }
        }
    }

    /// Whether every row is as the first change of it says.
    pub(super) fn fit(&self, changes: &[Change]) -> bool {
        let mut seen = BTreeSet::new();
        changes.iter().all(|change| match change {
            Change::Object(before, after) => {
                let id = before.as_ref().or(after.as_ref()).expect("one of the two").id;
                !seen.insert((0, id.0)) || self.objects.get(&id) == before.as_ref()
            }
            Change::Page(before, after) => {
                let id = before.as_ref().or(after.as_ref()).expect("one of the two").id;
                !seen.insert((1, id.0)) || self.pages.get(&id) == before.as_ref()
            }
            Change::Binding(before, after) => {
                let id = before.as_ref().or(after.as_ref()).expect("one of the two").id;
                !seen.insert((2, id.0)) || self.bindings.get(&id) == before.as_ref()
            }
            Change::Loose(before, after) => {
                let id = before.as_ref().or(after.as_ref()).expect("one of the two").id;
                !seen.insert((3, id.0)) || self.beside.end(id).as_ref() == before.as_ref()
            }
            Change::Former(..) | Change::Tomb(..) => true,
        })
    }

    /// Whether the field at which an end is knows it.
    fn is_linked(&self, end: &LooseEnd) -> bool {
        let (links, field) = match &end.at {
            LooseAt::Object(id, field) => (self.objects.get(id).map(|row| &row.links), field),
            LooseAt::Page(id, culture, field) => {
                (self.pages.get(id).and_then(|row| row.cultures.get(culture)).map(|version| &version.links), field)
            }
            LooseAt::Binding(id, field) => (self.bindings.get(id).map(|row| &row.links), field),
            LooseAt::NotMade(_) => return true,
        };
        links.and_then(|links| links.get(field)).is_some_and(|link| link.loose == Some(end.id))
    }

    fn index(&mut self, row: RowId, inserted: Option<Change>, model: &ContentModel) {
        for key in self.keys.remove(&row).unwrap_or_default() {
            if let Some(rows) = self.found_by.get_mut(&key) {
                rows.remove(&row);
                if rows.is_empty() {
                    self.found_by.remove(&key);
                }
            }
        }
        if let Some(inserted) = inserted {
            let keys = inserted.touched(model);
            for key in &keys {
                self.found_by.entry(key.clone()).or_default().insert(row);
            }
            self.keys.insert(row, keys);
        }
    }

    /// Indexes every object by what the model declares unique now.
    pub(super) fn index_again(&mut self, model: &ContentModel) {
        for row in self.objects.values().cloned().collect::<Vec<_>>() {
            self.index(RowId::Object(row.id), Some(Change::Object(None, Some(row))), model);
        }
    }

    pub(super) fn answer(&self, key: &Key, answers: &mut Answers) {
        match key {
            Key::Object(question) => drop(answers.insert(question.clone(), self.found_objects(key).next())),
            Key::Objects(question) => {
                let most = match question {
                    ObjectsKey::AnyNamed(..) => 2,
                    ObjectsKey::Children(..) => ANSWER_ROWS_MAX + 1,
                };
                answers.insert(question.clone(), self.found_objects(key).take(most).collect());
            }
            Key::Page(question) => drop(answers.insert(question.clone(), self.found_pages(key).next())),
            Key::PageIds(question) => {
                let ids = self.found(key).filter_map(|row| if let RowId::Page(id) = row { Some(id) } else { None });
                answers.insert(*question, ids.take(ANSWER_IDS_MAX + 1).collect());
            }
            Key::Binding(question) => drop(answers.insert(question.clone(), self.found_bindings(key).next())),
            Key::Bindings(question) => {
                answers.insert(question.clone(), self.found_bindings(key).take(ANSWER_ROWS_MAX + 1).collect());
            }
            Key::Referrers(question) => {
                let referrers: BTreeSet<Referrer> = self.found(key).flat_map(|row| self.referrers(row, question.0)).collect();
                answers.insert(*question, referrers.into_iter().take(ANSWER_ROWS_MAX + 1).collect());
            }
            Key::Former(question) => drop(answers.insert(question.clone(), self.beside.former(question))),
            Key::Tomb(question) => drop(answers.insert(question.clone(), self.beside.tomb(question))),
            Key::Loose(question) => drop(answers.insert(*question, self.beside.end(question.0))),
            Key::LooseEnds(question) => drop(answers.insert(question.clone(), self.beside.ends_of(question))),
            // Whoever knows the queue answers it.
            Key::Line(_) => {}
        }
    }

    fn found(&self, key: &Key) -> impl Iterator<Item = RowId> {
        self.found_by.get(key).into_iter().flatten().copied()
    }

    fn found_objects(&self, key: &Key) -> impl Iterator<Item = Arc<ObjectRow>> {
        self.found(key).filter_map(|row| if let RowId::Object(id) = row { self.objects.get(&id).cloned() } else { None })
    }

    fn found_pages(&self, key: &Key) -> impl Iterator<Item = Arc<PageRow>> {
        self.found(key).filter_map(|row| if let RowId::Page(id) = row { self.pages.get(&id).cloned() } else { None })
    }

    fn found_bindings(&self, key: &Key) -> impl Iterator<Item = Arc<BindingRow>> {
        self.found(key).filter_map(|row| if let RowId::Binding(id) = row { self.bindings.get(&id).cloned() } else { None })
    }

    fn referrers(&self, row: RowId, target: Target) -> Vec<Referrer> {
        let references: Vec<(&FieldName, Target)> = match row {
            RowId::Object(id) => self.objects.get(&id).into_iter().flat_map(|row| row.references()).collect(),
            RowId::Page(id) => self.pages.get(&id).into_iter().flat_map(|row| row.references()).collect(),
            RowId::Binding(id) => self.bindings.get(&id).into_iter().flat_map(|row| row.references()).collect(),
        };
        references.into_iter().filter(|(_, to)| *to == target).map(|(field, _)| Referrer { row, field: field.clone() }).collect()
    }

    pub(super) fn objects(&self) -> impl Iterator<Item = &Arc<ObjectRow>> {
        self.objects.values()
    }

    pub(super) fn pages(&self) -> impl Iterator<Item = &Arc<PageRow>> {
        self.pages.values()
    }

    pub(super) fn bindings(&self) -> impl Iterator<Item = &Arc<BindingRow>> {
        self.bindings.values()
    }

    pub(super) fn count(&self, counts: &mut Counts) {
        for row in self.objects() {
            *counts.objects.entry(row.object_type.clone()).or_default() += 1;
        }
        for row in self.pages() {
            *counts.pages.entry(row.class_name.clone()).or_default() += 1;
            counts.culture_versions += row.cultures.len() as u64;
        }
        for row in self.bindings() {
            *counts.bindings.entry(row.binding_type.clone()).or_default() += 1;
        }
        self.beside.count(counts);
    }
}

/// The row that a change is of, or at whose field it leaves an end loose.
fn changed_row(change: &Change) -> Option<RowId> {
    match change {
        Change::Object(before, after) => before.as_ref().or(after.as_ref()).map(|row| RowId::Object(row.id)),
        Change::Page(before, after) => before.as_ref().or(after.as_ref()).map(|row| RowId::Page(row.id)),
        Change::Binding(before, after) => before.as_ref().or(after.as_ref()).map(|row| RowId::Binding(row.id)),
        Change::Loose(before, after) => before.as_ref().or(after.as_ref()).and_then(|end| row_of(end)),
        Change::Former(..) | Change::Tomb(..) => None,
    }
}

fn put<I: Ord + Copy + std::fmt::Debug, R: PartialEq + std::fmt::Debug>(
    rows: &mut BTreeMap<I, Arc<R>>,
    id: I,
    before: &Option<Arc<R>>,
    after: &Option<Arc<R>>,
) {
    let stored = match after {
        Some(row) => rows.insert(id, row.clone()),
        None => rows.remove(&id),
    };
    assert_eq!(&stored, before, "what is stored (left) is not what the plan changed (right), row {id:?}");
}
