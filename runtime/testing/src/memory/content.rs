//! Rows, and the commits that change them.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use lockgate_core::effects::{Effects, Fate, StateWrites};
use lockgate_core::key::{Key, Loaded};
use lockgate_core::names::{ConnectorName, SiteName, TypeName};
use lockgate_core::ports::{Content, Lease, StoreError};
use lockgate_core::rows::{BindingId, BindingRow, NodeId, ObjectId, ObjectRow, PageRow};

use super::{MemoryStore, State};

impl State {
    fn commit(&mut self, lease: &Lease, effects: &Effects) -> Result<(), StoreError> {
        let connector = &lease.connector;
        self.waiters.begin();
        if !self.leases.has(lease) {
            return Err(StoreError::Fenced(connector.clone()));
        }
        self.configured.check(connector, effects.generation())?;
        for task in effects.tasks() {
            self.configured.check(&task.connector, effects.generation())?;
        }
        assert!(effects.tasks().is_sorted_by(|one, other| one.id < other.id), "each task once, ascending");
        let as_they_were = effects.tasks().iter().all(|task| self.queues.version(&task.connector, task.id) == Some(task.version));
        if !as_they_were || self.touches.conflict(effects.relied(), effects.as_of(), connector) {
            return Err(StoreError::Conflict);
        }
        if effects.step().is_some_and(|step| !self.operations.fits(step)) {
            return Err(StoreError::Conflict);
        }
        if !effects.changes().is_empty() {
            self.commits += 1;
            self.touches.touch(effects.touched(), self.commits, connector);
            self.rows.apply(effects.changes(), effects.model());
            self.loosen(effects.changes());
        }
        self.keep(connector, effects.state());
        for task in effects.tasks() {
            self.past.append(task.id, &task.log);
            match &task.fate {
                Fate::Removed(entry) => self.end(&task.connector, (**entry).clone()),
                Fate::Stays(standing) if effects.regroups() => self.regroup(&task.connector, task.id, standing),
                Fate::Stays(standing) => self.stand(&task.connector, task.id, standing),
            }
        }
        for mend in effects.mends() {
            self.past.add(mend.clone());
        }
        if let Some(step) = effects.step() {
            self.operations.step(step);
        }
        self.wake(effects);
        Ok(())
    }

    fn amend(&mut self, connector: &ConnectorName, effects: &Effects) -> Result<(), StoreError> {
        self.configured.check(connector, effects.generation())?;
        assert!(effects.tasks().is_empty() && effects.mends().is_empty(), "an operator changes rows here");
        if !self.rows.fit(effects.changes()) {
            return Err(StoreError::Conflict);
        }
        self.commits += 1;
        self.touches.touch_all(self.commits);
        self.rows.apply(effects.changes(), effects.model());
        self.loosen(effects.changes());
        self.wake(effects);
        Ok(())
    }

    fn keep(&mut self, connector: &ConnectorName, writes: &StateWrites) {
        let mut kept = self.kept.remove(connector).unwrap_or_default();
        for (key, value) in writes {
            match value {
                Some(value) => drop(kept.insert(key.clone(), value.clone())),
                None => drop(kept.remove(key)),
            }
        }
        if !kept.is_empty() {
            self.kept.insert(connector.clone(), kept);
        }
    }
}

impl Content for MemoryStore {
    fn load(&self, keys: &[Key]) -> Result<Loaded, StoreError> {
        self.loads.fetch_add(1, Ordering::SeqCst);
        let state = self.lock();
        let mut loaded = Loaded { as_of: state.commits, ..Loaded::default() };
        for key in keys {
            state.rows.answer(key, &mut loaded.answers);
            if let Key::Line(question) = key {
                loaded.answers.insert(question.clone(), state.lines.before(question));
            }
        }
        Ok(loaded)
    }

    fn reserve_ids(&self, count: u64) -> Result<u64, StoreError> {
        let mut state = self.lock();
        let first = state.last_id + 1;
        state.last_id += count;
        Ok(first)
    }

    fn commit(&self, lease: &Lease, effects: &Effects) -> Result<(), StoreError> {
        let mut rows = self.audit.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        self.lock().commit(lease, effects)?;
        if let Some(row) = effects.signed() {
            rows.push(row);
        }
        Ok(())
    }

    fn amend(&self, connector: &ConnectorName, effects: &Effects) -> Result<(), StoreError> {
        self.lock().amend(connector, effects)
    }

    fn objects(&self, object_type: Option<&TypeName>, after: Option<ObjectId>, limit: usize) -> Result<Vec<Arc<ObjectRow>>, StoreError> {
        let state = self.lock();
        let rows = state.rows.objects().filter(|row| after.is_none_or(|after| row.id > after));
        Ok(rows.filter(|row| object_type.is_none_or(|t| row.object_type == *t)).take(limit).cloned().collect())
    }

    fn pages_under(&self, site: &SiteName, parent: Option<NodeId>) -> Result<Vec<Arc<PageRow>>, StoreError> {
        let state = self.lock();
        let mut pages: Vec<_> = state.rows.pages().filter(|row| row.site == *site && row.parent == parent).cloned().collect();
        pages.sort_by(|one, other| {
            let place = |row: &PageRow| (row.order.is_none(), row.order);
            place(one).cmp(&place(other)).then_with(|| one.alias.key().cmp(other.alias.key()))
        });
        Ok(pages)
    }

    fn pages(&self, after: Option<NodeId>, limit: usize) -> Result<Vec<Arc<PageRow>>, StoreError> {
        let state = self.lock();
        Ok(state.rows.pages().filter(|row| after.is_none_or(|after| row.id > after)).take(limit).cloned().collect())
    }

    fn bindings(&self, after: Option<BindingId>, limit: usize) -> Result<Vec<Arc<BindingRow>>, StoreError> {
        let state = self.lock();
        Ok(state.rows.bindings().filter(|row| after.is_none_or(|after| row.id > after)).take(limit).cloned().collect())
    }
}
