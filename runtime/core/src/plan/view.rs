//! What is loaded, with the changes planned so far on top.

use std::ops::Range;
use std::sync::Arc;

use crate::change::{Change, unique_values};
use crate::key::{
    Answers, BindingKey, BindingsOf, FormerKey, Key, Loaded, LooseKey, LooseOf, ObjectKey, ObjectsKey, PageKey, PagesUnder, Question,
    ReferrersOf, TombBy, TombKey,
};
use crate::maps::{HashMap, HashSet};
use crate::model::ContentModel;
use crate::park::{LooseAt, LooseEnd};
use crate::plan::Stop;
use crate::rows::{BindingRow, NodeId, ObjectRow, Owner, PageRow, Referrer, RowId, Target};

/// Answers as they will be when everything planned so far is committed.
#[derive(Debug, Clone, Default)]
pub struct View {
    as_of: Option<u64>,
    answers: Answers,
    /// Of these the one row that the store gave is going; whether there is another only the store
    /// knows, after a commit.
    after_commit: HashSet<Key>,
    applied: Vec<Change>,
    /// For each key, which of the first `indexed` of `applied` touched it.
    touched: HashMap<Key, Vec<usize>>,
    /// Most batches load everything before the first change, and need no index.
    indexed: usize,
    /// Questions whose answers were relied on and are to be asked again.
    forgotten: Vec<Key>,
    /// Row ids that are reserved for this batch. No store has anything under them yet.
    reserved: Vec<Range<u64>>,
    /// Questions whose answer was assumed to be that nothing is there; `None`: nothing is assumed.
    assumed: Option<Vec<Key>>,
}

impl View {
    /// The store's counter when the first answer was loaded.
    pub fn as_of(&self) -> u64 {
        self.as_of.unwrap_or(0)
    }

    /// Every question whose answer was relied on.
    pub fn into_relied(self) -> Vec<Key> {
        self.answers.keys().chain(self.after_commit).chain(self.forgotten).collect()
    }

    /// Takes in that these row ids are reserved for this batch.
    pub fn reserve(&mut self, ids: Range<u64>) {
        self.reserved.push(ids);
    }

    /// A copy to plan ahead on. What it does not know it assumes not to be there, and remembers that.
    /// The plans are for nothing but these questions, and have these row ids.
    pub fn ahead(&self, ids: Range<u64>) -> Self {
        let mut ahead = Self { assumed: Some(Vec::new()), ..self.clone() };
        ahead.reserve(ids);
        ahead
    }

    /// Questions whose answers were assumed.
    pub fn assumed(&self) -> &[Key] {
        self.assumed.as_deref().unwrap_or_default()
    }

    /// Questions among these that are not loaded yet.
    pub fn missing<'k>(&self, keys: impl IntoIterator<Item = &'k Key>) -> Vec<Key> {
        let mut missing: Vec<Key> = Vec::new();
        let mut seen = HashSet::default();
        for key in keys {
            if !self.knows(key) && seen.insert(key) {
                missing.push(key.clone());
            }
        }
        missing
    }

    fn knows(&self, key: &Key) -> bool {
        self.answers.has(key) || self.after_commit.contains(key)
    }

    /// Takes in answers from the store; what is planned already is applied to them.
    pub fn add(&mut self, loaded: Loaded, model: &ContentModel) {
        self.as_of.get_or_insert(loaded.as_of);
        if self.applied.is_empty() {
            self.answers.extend(loaded.answers);
            return;
        }
        let keys: Vec<Key> = loaded.answers.keys().collect();
        self.answers.extend(loaded.answers);
        self.catch_up(&keys, model);
    }

    /// Has all of these loaded that are not known. About new rows there is nothing to load.
    pub fn want(&mut self, keys: &[Key]) -> Result<(), Stop> {
        let missing: Vec<Key> = self.missing(keys).into_iter().filter(|key| !self.is_about_new(key)).collect();
        // Where answers are assumed, this is done when they are asked.
        if missing.is_empty() || self.assumed.is_some() { Ok(()) } else { Err(Stop::Load(missing)) }
    }

    /// Whether the question names a row id that is reserved for this batch. No store has an answer to
    /// it. Were it loaded, there would be a load for each new row.
    fn is_about_new(&self, key: &Key) -> bool {
        let new = |id: u64| self.reserved.iter().any(|ids| ids.contains(&id));
        let target = |target: &Target| match target {
            Target::Object(id) => new(id.0),
            Target::Page(id) => new(id.0),
        };
        match key {
            Key::Object(ObjectKey::Id(id)) | Key::Objects(ObjectsKey::Children(id, _)) => new(id.0),
            Key::Object(ObjectKey::Name(_, scope, _)) | Key::Former(FormerKey(_, scope, _)) => {
                scope.parent.iter().chain(&scope.group).any(|id| new(id.0))
            }
            Key::Page(PageKey::Id(id) | PageKey::ChildOf(id) | PageKey::Alias(_, Some(id), _)) => new(id.0),
            Key::PageIds(PagesUnder(id)) => new(id.0),
            Key::Binding(BindingKey::Id(id)) => new(id.0),
            Key::Binding(BindingKey::Binds(_, targets)) => targets.iter().any(target),
            Key::Bindings(BindingsOf(_, owner)) => target(owner),
            Key::Referrers(ReferrersOf(to)) => target(to),
            Key::Tomb(TombKey { by, .. }) => match by {
                TombBy::Guid(_) | TombBy::Alias(_, None, _) => false,
                TombBy::Name(scope, _) => scope.parent.iter().chain(&scope.group).any(|id| new(id.0)),
                TombBy::Alias(_, Some(id), _) => new(id.0),
            },
            Key::Loose(LooseKey(id)) => new(id.0),
            Key::LooseEnds(LooseOf(_, Owner::Row(owner))) => target(owner),
            Key::Line(_) | Key::LooseEnds(LooseOf(_, Owner::Stated(_))) => false,
            Key::Object(ObjectKey::Unique(..) | ObjectKey::Guid(..))
            | Key::Objects(ObjectsKey::AnyNamed(..))
            | Key::Page(PageKey::Guid(..) | PageKey::Alias(_, None, _)) => false,
        }
    }

    /// Applies to these answers, which are the store's, what is planned already.
    fn catch_up(&mut self, keys: &[Key], model: &ContentModel) {
        self.index(model);
        for key in keys {
            for at in self.touched.get(key).into_iter().flatten() {
                let Some(change) = self.applied.get(*at) else { continue };
                if patch(&mut self.answers, key, change, model) == Sure::AfterCommit {
                    self.after_commit.insert(key.clone());
                    break;
                }
            }
        }
    }

    /// Remembers which keys the changes so far have touched.
    fn index(&mut self, model: &ContentModel) {
        for (at, change) in self.applied.iter().enumerate().skip(self.indexed) {
            for key in change.touched(model) {
                self.touched.entry(key).or_default().push(at);
            }
        }
        self.indexed = self.applied.len();
    }

    /// Applies a planned change, which touches these keys.
    pub fn apply(&mut self, change: &Change, touched: &[Key], model: &ContentModel) {
        for key in touched {
            if patch(&mut self.answers, key, change, model) == Sure::AfterCommit {
                self.after_commit.insert(key.clone());
            }
        }
        self.applied.push(change.clone());
    }

    /// Takes back the change that was applied last.
    pub fn take_back(&mut self, change: &Change, model: &ContentModel) {
        let inverse = change.clone().inverse();
        self.applied.pop();
        let at = self.applied.len();
        self.indexed = self.indexed.min(at);
        for key in change.touched(model) {
            if let Some(list) = self.touched.get_mut(&key) {
                // A change may touch a key twice; it was applied last, so it stands last.
                while list.last() == Some(&at) {
                    list.pop();
                }
            }
            // What became unsure is asked again.
            if self.after_commit.remove(&key) || patch(&mut self.answers, &key, &inverse, model) == Sure::AfterCommit {
                self.forgotten.push(key);
            }
        }
    }

    /// The answer to a question; it is to be loaded, or to be asked after a commit.
    pub fn ask<Q: Question>(&mut self, question: &Q, model: &ContentModel) -> Result<Q::Answer, Stop> {
        if let Some(answer) = self.answers.get(question) {
            return Ok(answer.clone());
        }
        let key = question.clone().into();
        if self.after_commit.contains(&key) {
            return Err(Stop::Commit);
        }
        if !self.is_about_new(&key) {
            match &mut self.assumed {
                Some(assumed) => assumed.push(key.clone()),
                None => return Err(Stop::Load(vec![key])),
            }
        }
        // Nothing of it is stored; what is planned already is there.
        self.answers.insert(question.clone(), Q::Answer::default());
        self.catch_up(&[key], model);
        self.answers.get(question).cloned().ok_or(Stop::Commit)
    }
}

/// Whether an answer is still one after a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sure {
    Yes,
    /// Only the store can tell, after a commit: the answer was taken out.
    AfterCommit,
}

/// Applies a change to one answer, if it is there.
fn patch(answers: &mut Answers, key: &Key, change: &Change, model: &ContentModel) -> Sure {
    match key {
        Key::Object(question) => patched(answers, question, |current| object(question, current, change, model)),
        Key::Objects(question) => patched(answers, question, |rows| objects(question, rows, change)),
        Key::Page(question) => patched(answers, question, |current| page(question, current, change)),
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

fn object(question: &ObjectKey, current: &mut Option<Arc<ObjectRow>>, change: &Change, model: &ContentModel) -> Sure {
    if let Change::Object(before, after) = change {
        one(current, before, after, |row| object_is(question, row, model), |row| row.id);
    }
    Sure::Yes
}

fn objects(question: &ObjectsKey, rows: &mut Vec<Arc<ObjectRow>>, change: &Change) -> Sure {
    let Change::Object(before, after) = change else { return Sure::Yes };
    let is = |row: &ObjectRow| is_among(question, row);
    // At most two are loaded under a name: when one goes, a third may be there.
    let unsure = matches!(question, ObjectsKey::AnyNamed(..)) && rows.len() >= 2 && loses(before, after, is);
    many(rows, before, after, is, |row| row.id);
    if unsure { Sure::AfterCommit } else { Sure::Yes }
}

fn page(question: &PageKey, current: &mut Option<Arc<PageRow>>, change: &Change) -> Sure {
    let Change::Page(before, after) = change else { return Sure::Yes };
    // One child page is loaded, whichever: when it goes, another may be there.
    let was = current.as_ref().map(|row| row.id);
    let unsure = matches!(question, PageKey::ChildOf(_))
        && before.as_ref().is_some_and(|row| Some(row.id) == was)
        && loses(before, after, |row| page_is(question, row));
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

#[cfg(test)]
mod tests;
