//! What a change does to the answer of a question.

use std::sync::Arc;

use crate::change::{Change, unique_values};
use crate::key::{Answers, BindingKey, BindingsOf, Key, LooseOf, ObjectKey, ObjectsKey, PageKey, PagesUnder, Question};
use crate::maps::{HashMap, HashSet};
use crate::model::ContentModel;
use crate::park::{LooseAt, LooseEnd};
use crate::rows::{BindingRow, NodeId, ObjectRow, PageRow, Referrer, RowId, Target};

/// Rows that answer a question for one row, beside the one that was written last.
#[derive(Debug, Clone, Default)]
pub(super) struct Others {
    pub(super) objects: HashMap<ObjectKey, Vec<Arc<ObjectRow>>>,
    pub(super) pages: HashMap<PageKey, Vec<Arc<PageRow>>>,
}

impl Others {
    /// The question is answered anew.
    pub(super) fn forget(&mut self, key: &Key) {
        match key {
            Key::Object(question) if !self.objects.is_empty() => drop(self.objects.remove(question)),
            Key::Page(question) if !self.pages.is_empty() => drop(self.pages.remove(question)),
            _ => {}
        }
    }
}

/// Whether an answer is still one after a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sure {
    Yes,
    /// Only the store can tell, after a commit: the answer was taken out.
    AfterCommit,
}

/// Applies a change to one answer, if it is there.
pub(super) fn patch(
    answers: &mut Answers,
    others: &mut Others,
    cut: &HashSet<ObjectsKey>,
    key: &Key,
    change: &Change,
    model: &ContentModel,
) -> Sure {
    match key {
        Key::Object(question) => patched(answers, question, |current| object(question, current, others, change, model)),
        Key::Objects(question) => patched(answers, question, |rows| objects(question, rows, cut, change)),
        Key::Page(question) => patched(answers, question, |current| page(question, current, others, change)),
        Key::PageIds(question) => patched(answers, question, |ids| {
            page_ids(question, ids, change);
            Sure::Yes
        }),
        Key::Binding(question) => patched(answers, question, |current| {
            if let Change::Binding(before, after) = change {
                one(current, before, after, |row| binding_is(question, row), |row| row.id);
            }
            Sure::Yes
        }),
        Key::Bindings(question) => patched(answers, question, |rows| {
            if let Change::Binding(before, after) = change {
                many(rows, before, after, |row| is_of(question, row), |row| row.id);
            }
            Sure::Yes
        }),
        Key::Referrers(question) => patched(answers, question, |referrers| {
            referred(referrers, question.0, change);
            Sure::Yes
        }),
        Key::Former(question) => patched(answers, question, |current| {
            if let Change::Former(key, _, after) = change
                && key == question
            {
                *current = *after;
            }
            Sure::Yes
        }),
        Key::Tomb(question) => patched(answers, question, |current| {
            if let Change::Tomb(key, _, after) = change
                && key == question
            {
                current.clone_from(after);
            }
            Sure::Yes
        }),
        Key::Loose(question) => patched(answers, question, |current| {
            if let Change::Loose(before, after) = change {
                one(current, before, after, |end| end.id == question.0, |end| end.id);
            }
            Sure::Yes
        }),
        Key::LooseEnds(question) => patched(answers, question, |ends| {
            if let Change::Loose(before, after) = change {
                many(ends, before, after, |end| is_not_made(question, end), |end| end.id);
            }
            Sure::Yes
        }),
        // Who waits is not among the rows: the draft knows what it adds and takes away.
        Key::Line(_) => Sure::Yes,
    }
}

fn patched<Q: Question>(answers: &mut Answers, question: &Q, patch: impl FnOnce(&mut Q::Answer) -> Sure) -> Sure {
    let Some(answer) = Q::answers_mut(answers).get_mut(question) else { return Sure::Yes };
    let sure = patch(answer);
    if sure == Sure::AfterCommit {
        answers.remove(question);
    }
    sure
}

fn object(question: &ObjectKey, current: &mut Option<Arc<ObjectRow>>, others: &mut Others, change: &Change, model: &ContentModel) -> Sure {
    if let Change::Object(before, after) = change {
        let is = |row: &ObjectRow| object_is(question, row, model);
        one_of_some(current, &mut others.objects, question, before, after, is, |row| row.id);
    }
    Sure::Yes
}

fn objects(question: &ObjectsKey, rows: &mut Vec<Arc<ObjectRow>>, cut: &HashSet<ObjectsKey>, change: &Change) -> Sure {
    let Change::Object(before, after) = change else { return Sure::Yes };
    let is = |row: &ObjectRow| is_among(question, row);
    // At most two are loaded under a name: when one goes, a third may be there.
    let unsure = !cut.is_empty() && cut.contains(question) && loses(before, after, is);
    many(rows, before, after, is, |row| row.id);
    if unsure { Sure::AfterCommit } else { Sure::Yes }
}

fn page(question: &PageKey, current: &mut Option<Arc<PageRow>>, others: &mut Others, change: &Change) -> Sure {
    let Change::Page(before, after) = change else { return Sure::Yes };
    let PageKey::ChildOf(_) = question else {
        one_of_some(current, &mut others.pages, question, before, after, |row| page_is(question, row), |row| row.id);
        return Sure::Yes;
    };
    // One child page is loaded, whichever: when it goes, another may be there.
    let was = current.as_ref().map(|row| row.id);
    let unsure = before.as_ref().is_some_and(|row| Some(row.id) == was) && loses(before, after, |row| page_is(question, row));
    one(current, before, after, |row| page_is(question, row), |row| row.id);
    if unsure { Sure::AfterCommit } else { Sure::Yes }
}

fn page_ids(PagesUnder(parent): &PagesUnder, ids: &mut Vec<NodeId>, change: &Change) {
    let Change::Page(before, after) = change else { return };
    ids.retain(|id| before.as_ref().is_none_or(|row| row.id != *id));
    if let Some(row) = after
        && row.parent == Some(*parent)
        && let Err(at) = ids.binary_search(&row.id)
    {
        ids.insert(at, row.id);
    }
}

fn loses<R>(before: &Option<Arc<R>>, after: &Option<Arc<R>>, is: impl Fn(&R) -> bool) -> bool {
    before.as_ref().is_some_and(|row| is(row)) && !after.as_ref().is_some_and(|row| is(row))
}

/// As [`one`], where several rows may answer for a while: those that do not are kept aside.
fn one_of_some<Q: Question, R, I: PartialEq>(
    current: &mut Option<Arc<R>>,
    others: &mut HashMap<Q, Vec<Arc<R>>>,
    question: &Q,
    before: &Option<Arc<R>>,
    after: &Option<Arc<R>>,
    is: impl Fn(&R) -> bool,
    id: impl Fn(&R) -> I,
) {
    if let (false, Some(before)) = (others.is_empty(), before)
        && let Some(aside) = others.get_mut(question)
    {
        aside.retain(|row| id(row) != id(before));
    }
    match (before, after) {
        (_, Some(after)) if is(after) => {
            if let Some(other) = current.replace(after.clone()).filter(|other| id(other) != id(after)) {
                others.entry(question.clone()).or_default().push(other);
            }
        }
        (Some(before), _) if current.as_ref().is_some_and(|row| id(row) == id(before)) => {
            *current = others.get_mut(question).and_then(Vec::pop);
        }
        _ => {}
    }
}

fn one<R, I: PartialEq>(
    current: &mut Option<Arc<R>>,
    before: &Option<Arc<R>>,
    after: &Option<Arc<R>>,
    is: impl Fn(&R) -> bool,
    id: impl Fn(&R) -> I,
) {
    match (before, after) {
        (_, Some(after)) if is(after) => *current = Some(after.clone()),
        (Some(before), _) if is(before) && current.as_ref().is_some_and(|row| id(row) == id(before)) => *current = None,
        _ => {}
    }
}

fn many<R, I: Ord>(rows: &mut Vec<Arc<R>>, before: &Option<Arc<R>>, after: &Option<Arc<R>>, is: impl Fn(&R) -> bool, id: impl Fn(&R) -> I) {
    if let Some(before) = before {
        rows.retain(|row| id(row) != id(before));
    }
    if let Some(after) = after
        && is(after)
    {
        rows.retain(|row| id(row) != id(after));
        let at = rows.partition_point(|row| id(row) < id(after));
        rows.insert(at, after.clone());
    }
}

fn object_is(question: &ObjectKey, row: &ObjectRow, model: &ContentModel) -> bool {
    match question {
        ObjectKey::Id(id) => row.id == *id,
        ObjectKey::Name(object_type, scope, name) => {
            row.object_type == *object_type && row.scope == *scope && row.code_name.key() == &**name
        }
        ObjectKey::Guid(object_type, guid) => row.object_type == *object_type && row.guid == *guid,
        ObjectKey::Unique(object_type, field, value) => {
            row.object_type == *object_type && unique_values(row, model).iter().any(|(name, key)| name == field && key == value)
        }
    }
}

fn is_among(question: &ObjectsKey, row: &ObjectRow) -> bool {
    match question {
        ObjectsKey::AnyNamed(object_type, site, name) => {
            row.object_type == *object_type && row.scope.site == *site && row.code_name.key() == &**name
        }
        ObjectsKey::Children(parent, object_type) => row.scope.parent == Some(*parent) && row.object_type == *object_type,
    }
}

fn page_is(question: &PageKey, row: &PageRow) -> bool {
    match question {
        PageKey::Id(id) => row.id == *id,
        PageKey::Guid(site, guid) => row.site == *site && row.guid == *guid,
        PageKey::Alias(site, parent, alias) => row.site == *site && row.parent == *parent && row.alias.key() == &**alias,
        PageKey::ChildOf(parent) => row.parent == Some(*parent),
    }
}

fn binding_is(question: &BindingKey, row: &BindingRow) -> bool {
    match question {
        BindingKey::Id(id) => row.id == *id,
        BindingKey::Binds(binding_type, binds) => row.binding_type == *binding_type && row.binds == *binds,
    }
}

fn is_not_made(LooseOf(binding_type, owner): &LooseOf, end: &LooseEnd) -> bool {
    matches!(&end.at, LooseAt::NotMade(not_made) if not_made.binding_type == *binding_type && not_made.owner == *owner)
}

fn is_of(BindingsOf(binding_type, owner): &BindingsOf, row: &BindingRow) -> bool {
    row.binding_type == *binding_type && row.binds.first() == Some(owner)
}

fn referred(referrers: &mut Vec<Referrer>, target: Target, change: &Change) {
    let (before, after) = match change {
        Change::Object(before, after) => (
            pointing(before.as_deref().map(|row| (RowId::Object(row.id), row.references().collect())), target),
            pointing(after.as_deref().map(|row| (RowId::Object(row.id), row.references().collect())), target),
        ),
        Change::Page(before, after) => (
            pointing(before.as_deref().map(|row| (RowId::Page(row.id), row.references().collect())), target),
            pointing(after.as_deref().map(|row| (RowId::Page(row.id), row.references().collect())), target),
        ),
        Change::Binding(before, after) => (
            pointing(before.as_deref().map(|row| (RowId::Binding(row.id), row.references().collect())), target),
            pointing(after.as_deref().map(|row| (RowId::Binding(row.id), row.references().collect())), target),
        ),
        Change::Loose(..) | Change::Former(..) | Change::Tomb(..) => return,
    };
    referrers.retain(|referrer| !before.contains(referrer) || after.contains(referrer));
    referrers.extend(after);
    referrers.sort();
    referrers.dedup();
}

fn pointing(row: Option<(RowId, Vec<(&crate::names::FieldName, Target)>)>, target: Target) -> Vec<Referrer> {
    let Some((row, references)) = row else { return Vec::new() };
    references.into_iter().filter(|(_, to)| *to == target).map(|(field, _)| Referrer { row, field: field.clone() }).collect()
}
