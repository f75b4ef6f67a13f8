//! A translator that writes down what its instance is asked and answers.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lockgate_core::failure::{Code, Failure};
use lockgate_core::names::{ExternalId, TypeName};
use lockgate_core::ports::{Granted, Instance, NotStarted, Run, TaskView, Translator, Usage};
use lockgate_core::prepared::{DocumentParams, ObjectParams, Prepared};
use lockgate_core::translate::Params;

/// What was seen of one task.
#[derive(Debug, Default)]
pub struct Seen {
    /// What was prepared.
    pub prepared: Option<Prepared>,
    /// The params methods, in their order.
    pub asked: Vec<Asked>,
}

/// One question to a params method.
#[derive(Debug)]
pub struct Asked {
    /// For which type.
    pub type_name: TypeName,
    /// For which external id.
    pub id: ExternalId,
    /// Which method.
    pub page: bool,
    /// What it answered.
    pub answer: Result<Params, Failure>,
}

/// A further question: the type, the external id, and whether it is one for a page.
pub type Further = (TypeName, ExternalId, bool);

/// Wraps the translator of a component.
pub struct Watched {
    inner: Arc<dyn Translator>,
    further: Arc<[Further]>,
    seen: Arc<Mutex<Seen>>,
}

impl Watched {
    /// Asks the further questions of each instance, last.
    pub fn new(inner: Arc<dyn Translator>, further: Vec<Further>) -> Self {
        Self { inner, further: further.into(), seen: Arc::default() }
    }

    /// What was seen; of the instance that is through.
    pub fn take(&self) -> Seen {
        std::mem::take(&mut lock(&self.seen))
    }
}

impl Translator for Watched {
    fn instance(&self, granted: &Arc<Granted>, run: &Run) -> Result<Box<dyn Instance>, Box<NotStarted>> {
        let inner = self.inner.instance(granted, run)?;
        Ok(Box::new(WatchedInstance { inner, further: Arc::clone(&self.further), seen: Arc::clone(&self.seen), ended: false }))
    }
}

struct WatchedInstance {
    inner: Box<dyn Instance>,
    further: Arc<[Further]>,
    seen: Arc<Mutex<Seen>>,
    /// By a failure; then nothing more is asked.
    ended: bool,
}

impl WatchedInstance {
    fn note(&mut self, type_name: &TypeName, id: &ExternalId, page: bool, answer: Result<Params, Failure>) {
        self.ended |= answer.as_ref().is_err_and(|failure| failure.code != Code::NotFound);
        lock(&self.seen).asked.push(Asked { type_name: type_name.clone(), id: id.clone(), page, answer });
    }
}

impl Instance for WatchedInstance {
    fn prepare_internal_object(&mut self, task: &TaskView<'_>) -> Result<Prepared, Failure> {
        let prepared = self.inner.prepare_internal_object(task);
        self.ended |= prepared.is_err();
        lock(&self.seen).prepared = prepared.as_ref().ok().cloned();
        prepared
    }

    fn get_internal_object_params(&mut self, id: &ExternalId, object_type: &TypeName) -> Result<ObjectParams, Failure> {
        let answer = self.inner.get_internal_object_params(id, object_type);
        self.note(object_type, id, false, answer.clone().map(Params::Object));
        answer
    }

    fn get_internal_document_params(&mut self, id: &ExternalId, class_name: &TypeName) -> Result<DocumentParams, Failure> {
        let answer = self.inner.get_internal_document_params(id, class_name);
        self.note(class_name, id, true, answer.clone().map(Params::Page));
        answer
    }

    /// The task is through: what is asked in addition is asked now, of the same instance.
    fn usage(&mut self) -> Usage {
        for (type_name, id, page) in Arc::clone(&self.further).iter() {
            if self.ended {
                break;
            }
            // The answer has been noted.
            let _ = if *page {
                self.get_internal_document_params(id, type_name).map(drop)
            } else {
                self.get_internal_object_params(id, type_name).map(drop)
            };
        }
        self.inner.usage()
    }
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}
