//! The content model, and what is stored.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::Bus;
use crate::ask::ask;
use crate::known::Known;
use lockgate_core::audit::AuditAction;
use lockgate_core::key::{ObjectKey, ObjectsKey, PageKey, Question, Uuid};
use lockgate_core::model::{ContentModel, ModelChange, ModelError, diff, parse, unused};
use lockgate_core::names::{CodeName, SiteName, TypeName};
use lockgate_core::ports::{ModelPut, Order, Ordered, StoreError};
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

impl ApplyError {
    /// Stable.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid-model",
            Self::InUse(_) => "model-in-use",
            Self::Store(error) => error.code(),
        }
    }
}

/// Which object is meant.
#[derive(Debug, Clone)]
pub enum ObjectQuery {
    /// By id.
    Id(ObjectId),
    /// By code name within a site (`None`: global), whichever its parent.
    Named(TypeName, Option<SiteName>, CodeName),
    /// By GUID, in whatever site.
    Guid(TypeName, Uuid),
}

impl Bus {
    /// The model's source files by name.
    pub fn model_files(&self) -> Result<BTreeMap<String, String>, StoreError> {
        Ok(self.inner.current()?.files.clone())
    }

    /// What applying these files (added to those that are there, by name) would change.
    pub fn plan_model(&self, files: &BTreeMap<String, String>) -> Result<ModelPlan, ApplyError> {
        let known = self.inner.current()?;
        Ok(self.planned(&known, files)?.2)
    }

    /// Applies files: those with the same name are replaced, others stay. Whole or not at all: that
    /// nothing which would go is used is checked in the transaction that replaces the model.
    pub fn apply_model(&self, files: &BTreeMap<String, String>) -> Result<ModelPlan, ApplyError> {
        self.inner.decide(|known| {
            let (all, model, plan) = self.planned(known, files)?;
            let unused = unused(&known.model, &model);
            let order = Order::PutModel(known.generation, all, Box::new(model), unused);
            let row = self.row(AuditAction::ModelApply, "model").filter(|_| !plan.changes.is_empty());
            let told = plan.changes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
            Ok(match self.order(&order, row.map(|row| row.after(&told))) {
                // Stored since it was counted: counted anew, it is named.
                Ok(Ordered::Put(ModelPut::InUse)) => Err(StoreError::Stale),
                Ok(_) => Ok(plan),
                Err(error) => Err(error),
            })
        })
    }

    fn planned(
        &self,
        known: &Known,
        files: &BTreeMap<String, String>,
    ) -> Result<(BTreeMap<String, String>, ContentModel, ModelPlan), ApplyError> {
        let mut all = known.files.clone();
        all.extend(files.clone());
        let model = parse(&all).map_err(ApplyError::Invalid)?;
        let in_use = lockgate_core::model::still_used(&known.model, &model, &self.counts()?);
        if !in_use.is_empty() {
            return Err(ApplyError::InUse(in_use));
        }
        let plan = ModelPlan { changes: diff(&known.model, &model) };
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
        Ok(match query {
            ObjectQuery::Id(id) => self.answer(ObjectKey::Id(*id))?.into_iter().collect(),
            ObjectQuery::Guid(object_type, guid) => self.answer(ObjectKey::Guid(object_type.clone(), *guid))?.into_iter().collect(),
            ObjectQuery::Named(object_type, site, name) => {
                let known = self.inner.current()?;
                let name = match known.model.object_type(object_type) {
                    Some(declared) => declared.named(name.clone()),
                    None => name.clone(),
                };
                self.answer(ObjectsKey::AnyNamed(object_type.clone(), site.clone(), name.key().into()))?
            }
        })
    }

    /// The page at a path: the steps from the root. An empty path is the root, which has no row.
    pub fn page_at(&self, site: &SiteName, path: &[CodeName]) -> Result<Option<Arc<PageRow>>, StoreError> {
        let mut page: Option<Arc<PageRow>> = None;
        for step in path {
            let parent = page.as_ref().map(|page| page.id);
            match self.answer(PageKey::Alias(site.clone(), parent, step.key().into()))? {
                Some(found) => page = Some(found),
                None => return Ok(None),
            }
        }
        Ok(page)
    }

    /// One page by id.
    pub fn page(&self, id: NodeId) -> Result<Option<Arc<PageRow>>, StoreError> {
        self.answer(PageKey::Id(id))
    }

    /// Pages directly under a page (`None`: the root), in order of the tree.
    pub fn pages_under(&self, site: &SiteName, parent: Option<NodeId>) -> Result<Vec<Arc<PageRow>>, StoreError> {
        self.inner.parts.store.pages_under(site, parent)
    }

    fn answer<Q: Question>(&self, question: Q) -> Result<Q::Answer, StoreError>
    where
        Q::Answer: Default,
    {
        ask(&*self.inner.parts.store, question)
    }
}
