//! Drafting the mending of loose ends (§11.4).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::change::Change;
use crate::effects::entry::mended;
use crate::effects::{Effects, Ids, Missing, Rounds, Terms};
use crate::history::Entry;
use crate::key::{Key, Loaded, LooseKey};
use crate::park::LooseEnd;
use crate::plan::{Sources, Stop, View, mend};
use crate::task::TaskId;

/// Loose ends of one connector being mended.
pub struct Mending<'a> {
    terms: &'a Terms<'a>,
    ends: &'a [Arc<LooseEnd>],
    /// What the history says of the tasks that left them.
    left_by: &'a BTreeMap<TaskId, Entry>,
    at: usize,
    hinted: bool,
    view: View,
    ids: Ids,
    ids_wanted: u64,
    changes: Vec<Change>,
    touched: Vec<Key>,
    mends: Vec<Entry>,
}

impl<'a> Mending<'a> {
    /// Nothing is looked at yet.
    pub fn new(terms: &'a Terms<'a>, ends: &'a [Arc<LooseEnd>], left_by: &'a BTreeMap<TaskId, Entry>, ids: Ids) -> Self {
        let mut view = View::default();
        view.reserve(ids.next..ids.end);
        Self {
            terms,
            ends,
            left_by,
            at: 0,
            hinted: false,
            view,
            ids,
            ids_wanted: 4_096,
            changes: Vec::new(),
            touched: Vec::new(),
            mends: Vec::new(),
        }
    }

    /// What came of it; how many were looked at; how many of them were mended; what is left of the ids.
    pub fn finish(self) -> (Effects, usize, u64, Ids) {
        let Self { terms, at, view, ids, changes, touched, mends, .. } = self;
        let mended = mends.len() as u64;
        let (model, generation, as_of) = (terms.model.clone(), terms.generation, view.as_of());
        let (tasks, stirs, state) = (Vec::new(), Vec::new(), BTreeMap::new());
        let relied = view.into_relied();
        (
            Effects {
                model,
                generation,
                tasks,
                changes,
                touched,
                stirs,
                mends,
                state,
                as_of,
                relied,
                step: None,
                signed: None,
                regroups: false,
                #[cfg(feature = "testing")]
                hushed: Vec::new(),
            },
            at,
            mended,
            ids,
        )
    }
}

impl Rounds for Mending<'_> {
    fn go_on(&mut self) -> Result<(), Missing> {
        if !std::mem::replace(&mut self.hinted, true) {
            let keys: Vec<Key> = self.ends.iter().map(|end| LooseKey(end.id).into()).collect();
            let missing = self.view.missing(&keys);
            if !missing.is_empty() {
                return Err(Missing::Answers(missing));
            }
        }
        while let Some(end) = self.ends.get(self.at) {
            let Terms { clock, randomness, .. } = *self.terms;
            let mut sources = Sources { next_id: self.ids.next, end_id: self.ids.end, clock, randomness };
            match mend(end, self.terms.model, self.terms.limits(), &mut self.view, &mut sources) {
                Ok((is_mended, mut planned)) => {
                    self.ids.next = sources.next_id;
                    let says_so = |change: &Change| matches!(change, Change::Loose(Some(before), _) if before.id == end.id);
                    if !planned.changes.iter().any(says_so)
                        && let Ok(Some(now)) = self.view.ask(&LooseKey(end.id), self.terms.model)
                    {
                        // It was looked at: else it would be due for ever. One that has ended meanwhile stays so.
                        planned.changes.push(Change::Loose(Some(now.clone()), Some(now)));
                    }
                    self.changes.append(&mut planned.changes);
                    self.touched.append(&mut planned.touched);
                    if is_mended {
                        self.mends.push(mended(self.terms, end, self.left_by.get(&end.task), planned));
                    }
                }
                Err(Stop::Load(keys)) => return Err(Missing::Answers(keys)),
                Err(Stop::Ids) => {
                    let wanted = self.ids_wanted;
                    self.ids_wanted = wanted.saturating_mul(2);
                    return Err(Missing::Ids(wanted));
                }
                // What is left is looked at after what was planned is committed.
                Err(Stop::Commit) if self.at > 0 => return Ok(()),
                // It stays due, and is looked at again with the next that is touched.
                Err(Stop::Commit | Stop::Fail(_) | Stop::Unmet(_)) => {}
            }
            self.at += 1;
        }
        Ok(())
    }

    fn answered(&mut self, loaded: Loaded) {
        self.view.add(loaded, self.terms.model);
    }

    fn reserved(&mut self, first: u64, count: u64) {
        self.ids = Ids { next: first, end: first.saturating_add(count) };
        self.view.reserve(self.ids.next..self.ids.end);
    }
}
