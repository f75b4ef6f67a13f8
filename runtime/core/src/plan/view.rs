//! What is loaded, with the changes planned so far on top.

mod patch;

use std::ops::Range;
use std::sync::Arc;

use crate::change::Change;
use crate::key::{
    Answers, BindingKey, BindingsOf, FormerKey, Key, Loaded, LooseKey, LooseOf, ObjectKey, ObjectsKey, PageKey, PagesUnder, Question,
    ReferrersOf, TombBy, TombKey,
};
use crate::maps::{HashMap, HashSet};
use crate::model::ContentModel;
use crate::plan::Stop;
use crate::plan::view::patch::{Others, Sure, patch};
use crate::rows::{ObjectRow, Owner, PageRow, Target};

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
    /// While a group acts, two rows may have one name, value or path: those that had it before.
    others: Others,
    /// Lists of two rows as the store gave them: there may be more.
    cut: HashSet<ObjectsKey>,
    /// Loose ends were left or ended.
    has_loose_ends: bool,
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
        for (question, rows) in loaded.answers.of::<ObjectsKey>() {
            if matches!(question, ObjectsKey::AnyNamed(..)) && rows.len() > 1 {
                self.cut.insert(question.clone());
            }
        }
        if self.applied.is_empty() {
            self.answers.extend(loaded.answers);
            return;
        }
        let keys: Vec<Key> = loaded.answers.keys().collect();
        self.answers.extend(loaded.answers);
        self.catch_up(&keys, model);
    }

    /// Whether loose ends were left or ended on it.
    pub fn has_loose_ends(&self) -> bool {
        self.has_loose_ends
    }

    /// Every object that answers a question for one, which must have been asked.
    pub fn every_object(&self, question: &ObjectKey) -> Vec<Arc<ObjectRow>> {
        let first = self.answers.get(question).cloned().flatten();
        first.into_iter().chain(self.others.objects.get(question).into_iter().flatten().cloned()).collect()
    }

    /// The same for pages.
    pub fn every_page(&self, question: &PageKey) -> Vec<Arc<PageRow>> {
        let first = self.answers.get(question).cloned().flatten();
        first.into_iter().chain(self.others.pages.get(question).into_iter().flatten().cloned()).collect()
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
                TombBy::Guid(_) | TombBy::Page(..) | TombBy::Alias(_, None, _) => false,
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
        let Self { answers, others, cut, touched, applied, after_commit, .. } = self;
        for key in keys {
            others.forget(key);
            for at in touched.get(key).into_iter().flatten() {
                let Some(change) = applied.get(*at) else { continue };
                if patch(answers, others, cut, key, change, model) == Sure::AfterCommit {
                    after_commit.insert(key.clone());
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
        self.has_loose_ends |= matches!(change, Change::Loose(..));
        for key in touched {
            if patch(&mut self.answers, &mut self.others, &self.cut, key, change, model) == Sure::AfterCommit {
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
            if self.after_commit.remove(&key)
                || patch(&mut self.answers, &mut self.others, &self.cut, &key, &inverse, model) == Sure::AfterCommit
            {
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

#[cfg(test)]
mod tests;
