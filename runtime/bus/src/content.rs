//! The content model, and what is stored.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::Bus;
use lockgate_core::key::{Answer, Key};
use lockgate_core::model::{ContentModel, ModelChange, ModelError, diff, parse};
use lockgate_core::names::{CodeName, SiteName, TypeName};
use lockgate_core::ports::StoreError;
use lockgate_core::rows::{NodeId, ObjectId, ObjectRow, PageRow};

/// What applying a model would change, or did.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelPlan {
    /// Additions, changes and removals; empty: nothing to do.
    pub changes: Vec<ModelChange>,
}

/// Why a model was not applied. The old one holds.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ApplyError {
    /// The files cannot be read or contradict each other.
    #[error("the content model is not applied; mistakes in it: {}", .0.len())]
    Invalid(Vec<ModelError>),
    /// Something that would go is still used by stored rows.
    #[error("{}", .0.join("; "))]
    InUse(Vec<String>),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Which object is meant.
#[derive(Debug, Clone)]
pub enum ObjectQuery {
    /// By id.
    Id(ObjectId),
    /// By code name within a site (`None`: global), whichever its parent.
    Named(TypeName, Option<SiteName>, CodeName),
}

impl Bus {
    /// The model's source files by name.
    pub fn model_files(&self) -> Result<BTreeMap<String, String>, StoreError> {
        self.inner.parts.store.model()
    }

    /// What applying these files (added to those that are there, by name) would change.
    pub fn plan_model(&self, files: &BTreeMap<String, String>) -> Result<ModelPlan, ApplyError> {
        Ok(self.planned(files)?.2)
    }

    /// Applies files: those with the same name are replaced, others stay. Whole or not at all.
    pub fn apply_model(&self, files: &BTreeMap<String, String>) -> Result<ModelPlan, ApplyError> {
        let _changing = self.inner.lock_changing();
        let (all, model, plan) = self.planned(files)?;
        // The bus has it first: a pass that loads rows after the store has the new model must see
        // that its own is old (`PassContext::stale`).
        let model = Arc::new(model);
        let before = std::mem::replace(&mut self.inner.write_state().model, model.clone());
        if let Err(error) = self.inner.parts.store.put_model(&all, &model) {
            self.inner.write_state().model = before;
            return Err(error.into());
        }
        Ok(plan)
    }

    fn planned(&self, files: &BTreeMap<String, String>) -> Result<(BTreeMap<String, String>, ContentModel, ModelPlan), ApplyError> {
        let mut all = self.model_files()?;
        all.extend(files.clone());
        let model = parse(&all).map_err(ApplyError::Invalid)?;
        let before = self.model();
        let counts = self.counts()?;
        let in_use = lockgate_core::model::still_used(&before, &model, &counts);
        if !in_use.is_empty() {
            return Err(ApplyError::InUse(in_use));
        }
        let plan = ModelPlan { changes: diff(&before, &model) };
        Ok((all, model, plan))
    }

    /// Objects after an id, ascending id.
    pub fn objects(
        &self,
        object_type: Option<&TypeName>,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<Arc<ObjectRow>>, StoreError> {
        self.inner.parts.store.objects(object_type, after, limit)
    }

    /// Objects that are meant: one, none, or two when the name is not enough to tell.
    pub fn object(&self, query: &ObjectQuery) -> Result<Vec<Arc<ObjectRow>>, StoreError> {
        let key = match query {
            ObjectQuery::Id(id) => Key::Object(*id),
            ObjectQuery::Named(object_type, site, name) => Key::AnyNamed(object_type.clone(), site.clone(), name.key().into()),
        };
        Ok(match self.answer(key)? {
            Some(Answer::Object(row)) => row.into_iter().collect(),
            Some(Answer::Objects(rows)) => rows,
            _ => Vec::new(),
        })
    }

    /// The page at a path: the steps from the root. An empty path is the root, which has no row.
    pub fn page_at(&self, site: &SiteName, path: &[CodeName]) -> Result<Option<Arc<PageRow>>, StoreError> {
        let mut page: Option<Arc<PageRow>> = None;
        for step in path {
            let parent = page.as_ref().map(|page| page.id);
            match self.answer(Key::PageAlias(site.clone(), parent, step.key().into()))? {
                Some(Answer::Page(Some(found))) => page = Some(found),
                _ => return Ok(None),
            }
        }
        Ok(page)
    }

    /// One page by id.
    pub fn page(&self, id: NodeId) -> Result<Option<Arc<PageRow>>, StoreError> {
        Ok(match self.answer(Key::Page(id))? {
            Some(Answer::Page(page)) => page,
            _ => None,
        })
    }

    /// Pages directly under a page (`None`: the root), in order of the tree.
    pub fn pages_under(&self, site: &SiteName, parent: Option<NodeId>) -> Result<Vec<Arc<PageRow>>, StoreError> {
        self.inner.parts.store.pages_under(site, parent)
    }

    fn answer(&self, key: Key) -> Result<Option<Answer>, StoreError> {
        Ok(self.inner.parts.store.load(std::slice::from_ref(&key))?.answers.remove(&key))
    }
}
