//! Connectors that are closures.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lockgate_core::failure::{Code, Failure};
use lockgate_core::names::{CodeName, Culture, ExternalId, SiteName, TypeName};
use lockgate_core::ports::{Compiled, Granted, InstallError, Instance, NotStarted, Run, Sandbox, StateMap, TaskView, Translator, Usage};
use lockgate_core::prepared::{DocumentParams, ObjectParams, Prepared};
use lockgate_core::task::{DataType, TaskType};

/// What a component must begin with to be accepted. What follows its first line is its manifest.
const MAGIC: &[u8] = b"scripted";

/// Answers a question with two parts.
type Answers<P> = Box<dyn Fn(&ExternalId, &TypeName) -> Result<P, Failure> + Send + Sync>;
/// Answers with a prepared object.
type Prepares = Box<dyn Fn(&TaskView<'_>) -> Result<Prepared, Failure> + Send + Sync>;

/// What a task writes to the connector's state, given what is stored.
type Keeps = Box<dyn Fn(&StateMap, &TaskView<'_>) -> BTreeMap<Arc<str>, Option<Arc<[u8]>>> + Send + Sync>;

/// What a connector answers.
pub struct Script {
    /// Answers `prepare-internal-object`. May block, for example on a barrier.
    pub prepare: Prepares,
    /// Answers `get-internal-object-params`.
    pub object_params: Answers<ObjectParams>,
    /// Answers `get-internal-document-params`.
    pub document_params: Answers<DocumentParams>,
    /// What `prepare` writes to the state.
    pub keeps: Keeps,
    /// What every instance says that it used.
    pub usage: Usage,
}

impl Default for Script {
    /// Reads the body as an internal object. An external id is the code name of a global object,
    /// or the GUID of a page of site `main` in `en-US`.
    fn default() -> Self {
        Self {
            prepare: Box::new(|task| {
                lockgate_core::internal::read(&task.external.body).map_err(|error| Failure::new(Code::Invalid, error))
            }),
            object_params: Box::new(|id, _| {
                let code_name = CodeName::new(id.as_str()).map_err(|error| Failure::new(Code::Invalid, error.to_string()))?;
                Ok(ObjectParams { guid: None, code_name, site: None, parent: None, group: None })
            }),
            document_params: Box::new(|id, _| {
                let node_guid = id.as_str().parse().map_err(|_| Failure::new(Code::NotFound, "not a GUID"))?;
                let culture = Some(Culture::new("en-US").expect("a culture"));
                Ok(DocumentParams { node_guid, culture, site: SiteName::new("main").expect("a site") })
            }),
            keeps: Box::new(|_, _| BTreeMap::new()),
            usage: Usage::default(),
        }
    }
}

/// One call into a connector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Which component: [`ScriptedSandbox::digest_of`] its bytes.
    pub digest: Arc<str>,
    /// What it was asked.
    pub asked: Asked,
}

/// What a run got of time and randomness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Begun {
    /// When it began, in ms since 1970.
    pub now_ms: i64,
    /// What its randomness is made from.
    pub seed: [u8; 32],
}

/// What a connector was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// `prepare-internal-object`, with the body.
    Prepare(TaskType, DataType, Arc<[u8]>),
    /// `get-internal-object-params`.
    ObjectParams(ExternalId, TypeName),
    /// `get-internal-document-params`.
    DocumentParams(ExternalId, TypeName),
}

/// A sandbox whose components are [`Script`]s: the one set for the component's digest, else the
/// one set for all.
#[derive(Default)]
pub struct ScriptedSandbox {
    scripts: Arc<Mutex<Scripts>>,
}

#[derive(Default)]
struct Scripts {
    for_all: Arc<Script>,
    by_digest: HashMap<Arc<str>, Arc<Script>>,
    calls: Vec<Call>,
    begun: Vec<Begun>,
    not_loading: bool,
}

impl ScriptedSandbox {
    /// Every component answers as `Script::default()`.
    pub fn new() -> Self {
        Self::default()
    }

    /// The digest of a component: its bytes in hexadecimal digits.
    pub fn digest_of(component: &[u8]) -> Arc<str> {
        component.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
    }

    /// From the next call on, every component without a script of its own answers so.
    pub fn set(&self, script: Script) {
        lock(&self.scripts).for_all = Arc::new(script);
    }

    /// From the next call on, the component with this digest answers so.
    pub fn set_for(&self, digest: &str, script: Script) {
        lock(&self.scripts).by_digest.insert(digest.into(), Arc::new(script));
    }

    /// Whether components that are not loaded yet fail to load from now on.
    pub fn set_not_loading(&self, not_loading: bool) {
        lock(&self.scripts).not_loading = not_loading;
    }

    /// Every call so far, in order.
    pub fn calls(&self) -> Vec<Call> {
        lock(&self.scripts).calls.clone()
    }

    /// What was asked so far, whichever component.
    pub fn asked(&self) -> Vec<Asked> {
        self.calls().into_iter().map(|call| call.asked).collect()
    }

    /// Every run so far, in order.
    pub fn begun(&self) -> Vec<Begun> {
        lock(&self.scripts).begun.clone()
    }

    /// Forgets the calls so far.
    pub fn forget_calls(&self) {
        lock(&self.scripts).calls.clear();
    }
}

fn lock(scripts: &Mutex<Scripts>) -> MutexGuard<'_, Scripts> {
    scripts.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Sandbox for ScriptedSandbox {
    fn compile(&self, component: &[u8]) -> Result<Compiled, InstallError> {
        if !component.starts_with(MAGIC) {
            return Err(InstallError { code: "invalid-component", message: "a scripted component begins with \"scripted\"".to_owned() });
        }
        let manifest = std::str::from_utf8(component).ok().and_then(|text| text.split_once('\n')).map(|(_, manifest)| manifest.into());
        Ok(Compiled { digest: Self::digest_of(component), foreign_imports: Vec::new(), manifest })
    }

    fn load(&self, digest: &str, component: &mut dyn FnMut() -> Option<Vec<u8>>) -> Result<Arc<dyn Translator>, InstallError> {
        if lock(&self.scripts).not_loading || component().is_none() {
            return Err(InstallError { code: "invalid-component", message: "the component does not load".to_owned() });
        }
        Ok(Arc::new(Scripted { digest: digest.into(), scripts: self.scripts.clone(), state: Arc::default(), written: BTreeMap::new() }))
    }
}

/// A loaded component, and an instance of it.
#[derive(Clone)]
struct Scripted {
    digest: Arc<str>,
    scripts: Arc<Mutex<Scripts>>,
    state: Arc<StateMap>,
    written: BTreeMap<Arc<str>, Option<Arc<[u8]>>>,
}

impl Scripted {
    /// Records the call. The lock is not held while the script runs: it may block.
    fn called(&self, asked: Asked) -> Arc<Script> {
        let mut scripts = lock(&self.scripts);
        scripts.calls.push(Call { digest: self.digest.clone(), asked });
        self.script(&scripts)
    }

    fn script(&self, scripts: &Scripts) -> Arc<Script> {
        scripts.by_digest.get(&self.digest).unwrap_or(&scripts.for_all).clone()
    }
}

impl Translator for Scripted {
    fn instance(&self, _granted: &Arc<Granted>, run: &Run) -> Result<Box<dyn Instance>, Box<NotStarted>> {
        lock(&self.scripts).begun.push(Begun { now_ms: run.now_ms, seed: run.seed });
        Ok(Box::new(Self { state: run.state.clone(), ..self.clone() }))
    }
}

impl Instance for Scripted {
    fn prepare_internal_object(&mut self, task: &TaskView<'_>) -> Result<Prepared, Failure> {
        let script = self.called(Asked::Prepare(task.task_type, task.data_type, task.external.body.clone()));
        self.written = (script.keeps)(&self.state, task);
        (script.prepare)(task)
    }

    fn get_internal_object_params(&mut self, id: &ExternalId, object_type: &TypeName) -> Result<ObjectParams, Failure> {
        let script = self.called(Asked::ObjectParams(id.clone(), object_type.clone()));
        (script.object_params)(id, object_type)
    }

    fn get_internal_document_params(&mut self, id: &ExternalId, class_name: &TypeName) -> Result<DocumentParams, Failure> {
        let script = self.called(Asked::DocumentParams(id.clone(), class_name.clone()));
        (script.document_params)(id, class_name)
    }

    fn usage(&mut self) -> Usage {
        let scripts = lock(&self.scripts);
        Usage { state: std::mem::take(&mut self.written), ..self.script(&scripts).usage.clone() }
    }
}
