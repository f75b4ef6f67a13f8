//! The configuration's port.

use std::collections::BTreeMap;

use lockgate_core::model::{ContentModel, Unused};
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{
    Configuration, ConnectorRecord, Force, Generation, GrantsDigest, ModelPut, Registry, Removed, StateMap, StoreError, Switches, Waiter,
};

use super::MemoryStore;

impl Registry for MemoryStore {
    fn generation(&self) -> Result<Generation, StoreError> {
        Ok(self.lock().configured.generation())
    }

    fn configuration(&self) -> Result<Configuration, StoreError> {
        Ok(self.lock().configured.all())
    }

    fn put_connector(&self, as_of: Generation, record: &ConnectorRecord, component: Option<&[u8]>) -> Result<(), StoreError> {
        self.lock().configured.put(as_of, record, component)
    }

    fn remove_connector(&self, name: &ConnectorName, force: Force) -> Result<Removed, StoreError> {
        let mut state = self.lock();
        if !state.configured.has(name) {
            return Ok(Removed::NotThere);
        }
        let tasks = state.queues.len(name);
        if tasks > 0 && force == Force::No {
            return Ok(Removed::HasTasks(tasks));
        }
        state.configured.remove(name);
        // A pass that is still running is fenced.
        state.leases.fence(name);
        state.kept.remove(name);
        for task in state.queues.clear(name) {
            state.past.forget_log(task);
            state.edits.remove(&task);
            state.lines.forget(name, task);
            state.waiters.forget(Waiter::Task(task));
            // Nobody of another connector is behind it; a group may want its end.
            state.wake_for_end(task);
        }
        state.waiters.forget_arrivals(name);
        let ends = state.rows.beside.forget(name);
        if !ends.is_empty() {
            ends.into_iter().for_each(|end| state.waiters.forget(Waiter::Loose(end)));
            // Whoever has planned with one of them plans again.
            state.commits += 1;
            let commits = state.commits;
            state.touches.touch_all(commits);
        }
        Ok(Removed::Gone(tasks))
    }

    fn component(&self, digest: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.lock().configured.component(digest))
    }

    fn put_model(
        &self,
        as_of: Generation,
        files: &BTreeMap<String, String>,
        model: &ContentModel,
        unused: &Unused,
    ) -> Result<ModelPut, StoreError> {
        let mut state = self.lock();
        if state.configured.has_files(files) {
            return Ok(ModelPut::Done);
        }
        state.configured.check_base(as_of)?;
        if !unused.holds(&state.counts()) {
            return Ok(ModelPut::InUse);
        }
        state.configured.put_files(files);
        state.rows.index_again(model);
        // What was planned with the old index must be planned again.
        state.commits += 1;
        let commits = state.commits;
        state.touches.touch_all(commits);
        Ok(ModelPut::Done)
    }

    fn put_switches(&self, as_of: Generation, switches: Switches) -> Result<(), StoreError> {
        self.lock().configured.put_switches(as_of, switches)
    }

    fn put_grants(&self, as_of: Generation, grants: GrantsDigest) -> Result<(), StoreError> {
        self.lock().configured.put_grants(as_of, grants)
    }

    fn state(&self, connector: &ConnectorName) -> Result<StateMap, StoreError> {
        Ok(self.lock().kept.get(connector).cloned().unwrap_or_default())
    }

    fn clear_state(&self, connector: &ConnectorName) -> Result<u64, StoreError> {
        let mut state = self.lock();
        if !state.configured.has(connector) {
            return Err(StoreError::Stale);
        }
        let Some(kept) = state.kept.remove(connector) else { return Ok(0) };
        // A pass that has read it is translated again.
        state.configured.change(connector);
        Ok(kept.len() as u64)
    }

    fn secret_key(&self) -> Result<[u8; 32], StoreError> {
        Ok(self.secret_key)
    }
}
