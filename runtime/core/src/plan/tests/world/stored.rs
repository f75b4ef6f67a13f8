//! What is stored, and what every store asks of a plan.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::World;
use crate::change::Change;
use crate::key::{Answers, Key, Loaded, ObjectKey, ObjectsKey};
use crate::park::{LooseAt, LooseEnd};
use crate::rows::{BindingRow, ObjectRow, PageRow, Referrer, RowId, Target};

impl World {
    pub(super) fn apply(&mut self, change: &Change) {
        fn put<R: PartialEq + std::fmt::Debug>(all: &mut BTreeMap<u64, Arc<R>>, id: u64, before: &Option<Arc<R>>, after: &Option<Arc<R>>) {
            let was = match after {
                Some(row) => all.insert(id, row.clone()),
                None => all.remove(&id),
            };
            assert_eq!(&was, before, "what is stored (left) is not what the plan changed (right)");
        }
        match change {
            Change::Object(before, after) => put(&mut self.objects, after.as_ref().or(before.as_ref()).unwrap().id.0, before, after),
            Change::Page(before, after) => put(&mut self.pages, after.as_ref().or(before.as_ref()).unwrap().id.0, before, after),
            Change::Binding(before, after) => put(&mut self.bindings, after.as_ref().or(before.as_ref()).unwrap().id.0, before, after),
            Change::Loose(before, after) => put(&mut self.loose, after.as_ref().or(before.as_ref()).unwrap().id.0, before, after),
            Change::Former(key, before, after) => {
                let name = format!("{key:?}");
                let was = match after {
                    Some(guid) => self.formers.insert(name, (key.clone(), *guid)),
                    None => self.formers.remove(&name),
                };
                assert_eq!(was.map(|(_, guid)| guid), *before);
            }
            Change::Tomb(..) => {}
        }
    }

    /// What every store asks of a plan: no two rows are one, nothing points to what is not there, each loose end
    /// is at a field that says so.
    pub(super) fn check(&self) {
        let mut seen = BTreeSet::new();
        for row in self.objects.values() {
            let key = ObjectKey::Name(row.object_type.clone(), row.scope.clone(), row.code_name.key().into());
            assert!(seen.insert(format!("{key:?}")), "two rows are {key:?}");
            assert!(seen.insert(format!("{} {}", row.object_type, row.guid)), "two rows have GUID {}", row.guid);
            row.references().for_each(|(_, target)| assert!(self.has(target), "{row:?} points to nothing"));
            assert!(row.scope.parent.is_none_or(|parent| self.objects.contains_key(&parent.0)), "{row:?} has no parent");
            row.links.values().filter_map(|link| link.loose).for_each(|id| assert!(self.loose.contains_key(&id.0), "{row:?}"));
        }
        for row in self.pages.values() {
            assert!(seen.insert(format!("{} {:?} {}", row.site, row.parent, row.alias.key())), "two pages have one path: {row:?}");
            row.references().for_each(|(_, target)| assert!(self.has(target), "{row:?} points to nothing"));
            assert!(row.parent.is_none_or(|parent| self.pages.contains_key(&parent.0)), "{row:?} has no parent");
        }
        for row in self.bindings.values() {
            assert!(seen.insert(format!("{} {:?}", row.binding_type, row.binds)), "two bindings are one: {row:?}");
            row.references().for_each(|(_, target)| assert!(self.has(target), "{row:?} points to nothing"));
        }
        for end in self.loose.values() {
            let field = match &end.at {
                LooseAt::Object(id, field) => self.objects.get(&id.0).and_then(|row| row.links.get(field)),
                LooseAt::Page(id, culture, field) => {
                    self.pages.get(&id.0).and_then(|row| row.cultures.get(culture)).and_then(|version| version.links.get(field))
                }
                LooseAt::Binding(id, field) => self.bindings.get(&id.0).and_then(|row| row.links.get(field)),
                LooseAt::NotMade(_) => continue,
            };
            assert_eq!(field.and_then(|link| link.loose), Some(end.id), "{end:?} is at no field");
        }
    }

    fn has(&self, target: Target) -> bool {
        match target {
            Target::Object(id) => self.objects.contains_key(&id.0),
            Target::Page(id) => self.pages.contains_key(&id.0),
        }
    }

    pub(super) fn load(&self, keys: &[Key]) -> Loaded {
        let mut answers = Answers::default();
        for key in keys {
            let object = |row: &&Arc<ObjectRow>| Change::Object(None, Some((*row).clone())).touched(&self.model).contains(key);
            let page = |row: &&Arc<PageRow>| Change::Page(None, Some((*row).clone())).touched(&self.model).contains(key);
            let binding = |row: &&Arc<BindingRow>| Change::Binding(None, Some((*row).clone())).touched(&self.model).contains(key);
            match key {
                Key::Object(question) => drop(answers.insert(question.clone(), self.objects.values().find(object).cloned())),
                Key::Objects(question) => {
                    let most = if matches!(question, ObjectsKey::AnyNamed(..)) { 2 } else { usize::MAX };
                    answers.insert(question.clone(), self.objects.values().filter(object).take(most).cloned().collect());
                }
                Key::Page(question) => drop(answers.insert(question.clone(), self.pages.values().find(page).cloned())),
                Key::PageIds(question) => drop(answers.insert(*question, self.pages.values().filter(page).map(|row| row.id).collect())),
                Key::Binding(question) => drop(answers.insert(question.clone(), self.bindings.values().find(binding).cloned())),
                Key::Bindings(question) => {
                    drop(answers.insert(question.clone(), self.bindings.values().filter(binding).cloned().collect()))
                }
                Key::Referrers(question) => drop(answers.insert(*question, self.referrers(question.0))),
                Key::Former(question) => {
                    answers.insert(question.clone(), self.formers.get(&format!("{question:?}")).map(|(_, guid)| *guid));
                }
                Key::Tomb(question) => drop(answers.insert(question.clone(), None)),
                Key::Loose(question) => drop(answers.insert(*question, self.loose.get(&question.0.0).cloned())),
                Key::LooseEnds(question) => {
                    let of = |end: &&Arc<LooseEnd>| matches!(&end.at, LooseAt::NotMade(at) if at.binding_type == question.0 && at.owner == question.1);
                    answers.insert(question.clone(), self.loose.values().filter(of).cloned().collect());
                }
                Key::Line(question) => drop(answers.insert(question.clone(), Vec::new())),
            }
        }
        Loaded { as_of: 1, answers }
    }

    fn referrers(&self, target: Target) -> Vec<Referrer> {
        let objects = self.objects.values().flat_map(|row| row.references().map(|of| (RowId::Object(row.id), of)));
        let pages = self.pages.values().flat_map(|row| row.references().map(|of| (RowId::Page(row.id), of)));
        let bindings = self.bindings.values().flat_map(|row| row.references().map(|of| (RowId::Binding(row.id), of)));
        let all = objects.chain(pages).chain(bindings).filter(|(_, (_, to))| *to == target);
        let all: BTreeSet<Referrer> = all.map(|(row, (field, _))| Referrer { row, field: field.clone() }).collect();
        all.into_iter().collect()
    }
}
