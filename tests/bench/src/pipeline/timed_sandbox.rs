//! A sandbox with a clock beside it. The clocks cost a task about 0.3 µs; rows of whole pipelines are
//! measured without them.

use std::sync::Arc;
use std::time::Instant;

use lockgate_core::failure::Failure;
use lockgate_core::names::{ExternalId, TypeName};
use lockgate_core::ports::{Compiled, Granted, InstallError, Instance, NotStarted, Run, Sandbox, TaskView, Translator, Usage};
use lockgate_core::prepared::{DocumentParams, ObjectParams, Prepared};

use super::spans::Spans;

pub struct TimedSandbox {
    pub inner: Arc<dyn Sandbox>,
    pub spans: Arc<Spans>,
}

impl Sandbox for TimedSandbox {
    fn compile(&self, component: &[u8]) -> Result<Compiled, InstallError> {
        self.inner.compile(component)
    }

    fn load(&self, digest: &str, component: &mut dyn FnMut() -> Option<Vec<u8>>) -> Result<Arc<dyn Translator>, InstallError> {
        let inner = self.inner.load(digest, component)?;
        Ok(Arc::new(TimedTranslator { inner, spans: Arc::clone(&self.spans) }))
    }
}

struct TimedTranslator {
    inner: Arc<dyn Translator>,
    spans: Arc<Spans>,
}

impl Translator for TimedTranslator {
    fn instance(&self, granted: &Arc<Granted>, run: &Run) -> Result<Box<dyn Instance>, Box<NotStarted>> {
        let inner = self.spans.instantiate.of(|| self.inner.instance(granted, run))?;
        Ok(Box::new(TimedInstance { inner: Some(inner), prepare_ns: 0, params_ns: 0, spans: Arc::clone(&self.spans) }))
    }
}

struct TimedInstance {
    inner: Option<Box<dyn Instance>>,
    prepare_ns: u64,
    params_ns: u64,
    spans: Arc<Spans>,
}

impl TimedInstance {
    fn call<R>(&mut self, act: impl FnOnce(&mut dyn Instance) -> Result<R, Failure>) -> (Result<R, Failure>, u64) {
        let begun = Instant::now();
        let result = match &mut self.inner {
            Some(inner) => act(&mut **inner),
            None => Err(Failure::new(lockgate_core::failure::Code::Internal, "the instance is gone")),
        };
        (result, u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX))
    }
}

impl Instance for TimedInstance {
    fn prepare_internal_object(&mut self, task: &TaskView<'_>) -> Result<Prepared, Failure> {
        let (result, ns) = self.call(|inner| inner.prepare_internal_object(task));
        self.prepare_ns += ns;
        result
    }

    fn get_internal_object_params(&mut self, id: &ExternalId, object_type: &TypeName) -> Result<ObjectParams, Failure> {
        let (result, ns) = self.call(|inner| inner.get_internal_object_params(id, object_type));
        self.params_ns += ns;
        result
    }

    fn get_internal_document_params(&mut self, id: &ExternalId, class_name: &TypeName) -> Result<DocumentParams, Failure> {
        let (result, ns) = self.call(|inner| inner.get_internal_document_params(id, class_name));
        self.params_ns += ns;
        result
    }

    fn usage(&mut self) -> Usage {
        let usage = self.spans.drop.of(|| self.inner.as_mut().map(|inner| inner.usage())).unwrap_or_default();
        // The longest call of this connector is always its prepare.
        let guest_ns = (usage.longest_call_us * 1_000).min(self.prepare_ns);
        self.spans.guest.add(guest_ns);
        self.spans.lift.add(self.prepare_ns - guest_ns);
        self.spans.params.add(self.params_ns);
        usage
    }
}

impl Drop for TimedInstance {
    fn drop(&mut self) {
        let inner = self.inner.take();
        self.spans.drop.of(|| drop(inner));
    }
}
