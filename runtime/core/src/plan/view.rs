//! What is loaded, with the changes planned so far on top.

use std::sync::Arc;

use crate::change::{Change, unique_values};
use crate::key::{Answer, Key, Loaded};
use crate::maps::{HashMap, HashSet};
use crate::model::ContentModel;
use crate::plan::Stop;
use crate::rows::{BindingRow, NodeId, ObjectRow, PageRow, Referrer, RowId, Target};

/// Answers as they will be when everything planned so far is committed.
#[derive(Debug, Default)]
pub struct View {
    as_of: Option<u64>,
    answers: HashMap<Key, Seen>,
    applied: Vec<Change>,
    /// For each key, which of the first `indexed` of `applied` touched it.
    touched: HashMap<Key, Vec<usize>>,
    /// Most batches load everything before the first change, and need no index.
    indexed: usize,
    /// Questions whose answers were relied on and are to be asked again.
    forgotten: Vec<Key>,
}

#[derive(Debug)]
enum Seen {
    Known(Answer),
    /// The one row that the store gave is going; whether there is another only the store knows,
    /// after a commit.
    AfterCommit,
}

impl View {
    /// The store's counter when the first answer was loaded.
    pub fn as_of(&self) -> u64 {
        self.as_of.unwrap_or(0)
    }

    /// Every question whose answer was relied on.
    pub fn into_relied(self) -> Vec<Key> {
        self.answers.into_keys().chain(self.forgotten).collect()
    }

    /// Questions among these that are not loaded yet.
    pub fn missing<'k>(&self, keys: impl IntoIterator<Item = &'k Key>) -> Vec<Key> {
        let mut missing: Vec<Key> = Vec::new();
        let mut seen = HashSet::default();
        for key in keys {
            if !self.answers.contains_key(key) && seen.insert(key) {
                missing.push(key.clone());
            }
        }
        missing
    }

    /// Takes in answers from the store; what is planned already is applied to them.
    pub fn add(&mut self, loaded: Loaded, model: &ContentModel) {
        self.as_of.get_or_insert(loaded.as_of);
        for (key, answer) in loaded.answers {
            self.take(key, answer, model);
        }
    }

    /// Takes the answer to a question about what belongs to a new row, of which no store has anything.
    /// Were it loaded, each new row would shift the ids of those behind it, and with them the
    /// questions: one more plan of the whole task for each.
    pub fn nothing_stored(&mut self, key: Key, nothing: Answer, model: &ContentModel) {
        if !self.answers.contains_key(&key) {
            self.take(key, nothing, model);
        }
    }

    fn take(&mut self, key: Key, answer: Answer, model: &ContentModel) {
        let mut seen = Seen::Known(answer);
        self.index(model);
        for at in self.touched.get(&key).into_iter().flatten() {
            if let Some(change) = self.applied.get(*at) {
                patch(&key, &mut seen, change, model);
            }
        }
        self.answers.insert(key, seen);
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

    /// Applies a planned change.
    pub fn apply(&mut self, change: &Change, model: &ContentModel) {
        for key in change.touched(model) {
            if let Some(seen) = self.answers.get_mut(&key) {
                patch(&key, seen, change, model);
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
            if let Some(seen) = self.answers.get_mut(&key) {
                patch(&key, seen, &inverse, model);
                // What became unsure is asked again.
                if matches!(seen, Seen::AfterCommit) {
                    self.answers.remove(&key);
                    self.forgotten.push(key);
                }
            }
        }
    }

    fn get(&self, key: &Key) -> Result<&Answer, Stop> {
        match self.answers.get(key) {
            Some(Seen::Known(answer)) => Ok(answer),
            Some(Seen::AfterCommit) => Err(Stop::Commit),
            None => Err(Stop::Load(vec![key.clone()])),
        }
    }

    /// The answer to a question about one object.
    pub fn object(&self, key: &Key) -> Result<Option<Arc<ObjectRow>>, Stop> {
        match self.get(key)? {
            Answer::Object(row) => Ok(row.clone()),
            _ => Ok(None),
        }
    }

    /// The answer to a question about objects.
    pub fn objects(&self, key: &Key) -> Result<Vec<Arc<ObjectRow>>, Stop> {
        match self.get(key)? {
            Answer::Objects(rows) => Ok(rows.clone()),
            _ => Ok(Vec::new()),
        }
    }

    /// The answer to a question about one page.
    pub fn page(&self, key: &Key) -> Result<Option<Arc<PageRow>>, Stop> {
        match self.get(key)? {
            Answer::Page(row) => Ok(row.clone()),
            _ => Ok(None),
        }
    }

    /// The answer to a question about pages' ids.
    pub fn page_ids(&self, key: &Key) -> Result<Vec<NodeId>, Stop> {
        match self.get(key)? {
            Answer::PageIds(ids) => Ok(ids.clone()),
            _ => Ok(Vec::new()),
        }
    }

    /// The answer to a question about one binding.
    pub fn binding(&self, key: &Key) -> Result<Option<Arc<BindingRow>>, Stop> {
        match self.get(key)? {
            Answer::Binding(row) => Ok(row.clone()),
            _ => Ok(None),
        }
    }

    /// The answer to a question about bindings.
    pub fn bindings(&self, key: &Key) -> Result<Vec<Arc<BindingRow>>, Stop> {
        match self.get(key)? {
            Answer::Bindings(rows) => Ok(rows.clone()),
            _ => Ok(Vec::new()),
        }
    }

    /// Who points to something.
    pub fn referrers(&self, target: Target) -> Result<Vec<Referrer>, Stop> {
        match self.get(&Key::Referrers(target))? {
            Answer::Referrers(referrers) => Ok(referrers.clone()),
            _ => Ok(Vec::new()),
        }
    }
}

fn patch(key: &Key, seen: &mut Seen, change: &Change, model: &ContentModel) {
    let Seen::Known(answer) = seen else { return };
    let mut unsure = false;
    match (answer, change) {
        (Answer::Object(current), Change::Object(before, after)) => {
            one(current, before, after, |row| object_is(key, row, model), |row| row.id);
        }
        (Answer::Objects(rows), Change::Object(before, after)) => {
            // At most two are loaded under a name: when one goes, a third may be there.
            unsure = matches!(key, Key::AnyNamed(..)) && rows.len() >= 2 && loses(before, after, |row| object_is(key, row, model));
            many(rows, before, after, |row| object_is(key, row, model), |row| row.id);
        }
        (Answer::Page(current), Change::Page(before, after)) => {
            // One child page is loaded, whichever: when it goes, another may be there.
            let was = current.as_ref().map(|row| row.id);
            unsure = matches!(key, Key::PageChild(_))
                && before.as_ref().is_some_and(|row| Some(row.id) == was)
                && loses(before, after, |row| page_is(key, row));
            one(current, before, after, |row| page_is(key, row), |row| row.id);
        }
        (Answer::PageIds(ids), Change::Page(before, after)) => {
            ids.retain(|id| before.as_ref().is_none_or(|row| row.id != *id));
            if let Some(row) = after
                && page_is(key, row)
                && let Err(at) = ids.binary_search(&row.id)
            {
                ids.insert(at, row.id);
            }
        }
        (Answer::Binding(current), Change::Binding(before, after)) => {
            one(current, before, after, |row| binding_is(key, row), |row| row.id);
        }
        (Answer::Bindings(rows), Change::Binding(before, after)) => {
            many(rows, before, after, |row| binding_is(key, row), |row| row.id);
        }
        (Answer::Referrers(referrers), change) => {
            if let Key::Referrers(target) = key {
                referred(referrers, *target, change);
            }
        }
        _ => {}
    }
    if unsure {
        *seen = Seen::AfterCommit;
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

fn object_is(key: &Key, row: &ObjectRow, model: &ContentModel) -> bool {
    match key {
        Key::Object(id) => row.id == *id,
        Key::Name(object_type, scope, name) => row.object_type == *object_type && row.scope == *scope && row.code_name.key() == &**name,
        Key::Guid(object_type, scope, guid) => row.object_type == *object_type && row.scope == *scope && row.guid == *guid,
        Key::AnyNamed(object_type, site, name) => {
            row.object_type == *object_type && row.scope.site == *site && row.code_name.key() == &**name
        }
        Key::Unique(object_type, field, value) => {
            row.object_type == *object_type && unique_values(row, model).iter().any(|(name, key)| name == field && key == value)
        }
        Key::Children(parent, object_type) => row.scope.parent == Some(*parent) && row.object_type == *object_type,
        _ => false,
    }
}

fn page_is(key: &Key, row: &PageRow) -> bool {
    match key {
        Key::Page(id) => row.id == *id,
        Key::PageGuid(site, guid) => row.site == *site && row.guid == *guid,
        Key::PageAlias(site, parent, alias) => row.site == *site && row.parent == *parent && row.alias.key() == &**alias,
        Key::PageChild(parent) | Key::PageChildren(parent) => row.parent == Some(*parent),
        _ => false,
    }
}

fn binding_is(key: &Key, row: &BindingRow) -> bool {
    match key {
        Key::Binding(id) => row.id == *id,
        Key::Binds(binding_type, binds) => row.binding_type == *binding_type && row.binds == *binds,
        Key::BindingsOf(binding_type, owner) => row.binding_type == *binding_type && row.binds.first() == Some(owner),
        _ => false,
    }
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
