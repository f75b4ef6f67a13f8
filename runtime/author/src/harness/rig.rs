//! What a component is run in: the sandbox as it is in service, with everything granted that the
//! manifest asks for, and no network.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use lockgate_core::egress::{Egress, HttpLimits, Origin, SecretGrant, SecretText};
use lockgate_core::failure::{Code, Failure};
use lockgate_core::grants::{Hosts, Manifest};
use lockgate_core::model::{ContentModel, parse};
use lockgate_core::names::{ConnectorName, TypeName};
use lockgate_core::ports::{Granted, InstallError, Instance, Limits, NotStarted, Run, Sandbox, TaskInfo, TaskView, Translator, Usage};
use lockgate_core::prepared::Prepared;
use lockgate_core::settings::BusSettings;
use lockgate_core::task::{ExternalObject, ProcessType, Task, TaskHead, TaskId, TaskState, TaskVersion};
use lockgate_core::translate::{Guest, translate};

use super::case::{Ask, Case, CaseError};
use super::watched::{Further, Seen, Watched};

/// How many folders up a model is looked for.
const FOLDERS_UP_MAX: usize = 2;

/// A component, ready to run cases.
pub struct Rig {
    translator: Arc<dyn Translator>,
    model: Option<ContentModel>,
    /// What it asks for.
    pub(super) manifest: Manifest,
    /// Imports beyond the contract.
    pub(super) foreign_imports: Vec<String>,
    /// As an operator grants them who sets none.
    pub(super) limits: Limits,
    /// How long its compilation took.
    pub(super) compiled_in: Duration,
    /// Processor time in s that a server gives a compilation where nothing is set.
    pub(super) server_compile_seconds_max: u64,
    /// How many runs there were: each has another seed, as in service.
    runs: AtomicU64,
}

/// What came of a case.
pub struct Ran {
    /// Why it failed, if it did.
    pub failure: Option<Failure>,
    /// What was asked and answered.
    pub seen: Seen,
    /// What it used and said.
    pub usage: Usage,
}

impl Rig {
    /// Compiles the component. Without a model no references are asked for. `server_compile_seconds_max`: processor time
    /// that a server gives a compilation where nothing is set, to compare with.
    pub fn new(
        sandbox: &dyn Sandbox,
        component: &[u8],
        model: Option<ContentModel>,
        server_compile_seconds_max: u64,
    ) -> Result<Self, InstallError> {
        let begun = Instant::now();
        let compiled = sandbox.compile(component)?;
        let compiled_in = begun.elapsed();
        let manifest = Manifest::of(compiled.manifest.as_deref())
            .map_err(|error| InstallError { code: "invalid-manifest", message: error.to_string() })?;
        let translator = sandbox.load(&compiled.digest, &mut || Some(component.to_vec()))?;
        Ok(Self {
            translator,
            model,
            manifest,
            foreign_imports: compiled.foreign_imports,
            limits: Limits::default(),
            compiled_in,
            server_compile_seconds_max,
            runs: AtomicU64::new(0),
        })
    }

    /// Translates the case's task on a fresh instance, as the bus does it.
    pub fn run(&self, case: &Case) -> Ran {
        let watched = Watched::new(Arc::clone(&self.translator), self.further(case));
        let granted = Arc::new(self.granted(case));
        let (failure, usage) = match &self.model {
            Some(model) => {
                let mut guest = Guest::new(&watched, &granted, self.run_of(case));
                let translated = match task(case) {
                    Ok(task) => translate(&task, model, BusSettings::default().reference_depth_max, &mut guest),
                    Err(failure) => Err(failure),
                };
                (translated.err(), guest.finish())
            }
            None => match watched.instance(&granted, &self.run_of(case)) {
                Ok(mut instance) => (prepare(&mut *instance, case).err(), instance.usage()),
                Err(not_started) => (Some(not_started.failure), not_started.usage),
            },
        };
        Ran { failure, seen: watched.take(), usage }
    }

    /// A fresh instance for a case.
    pub(super) fn instance(&self, case: &Case) -> Result<Box<dyn Instance>, Box<NotStarted>> {
        self.translator.instance(&Arc::new(self.granted(case)), &self.run_of(case))
    }

    /// Whether a type is one of pages, as far as that is known.
    fn is_page_type(&self, name: &TypeName) -> bool {
        self.model.as_ref().is_some_and(|model| model.page_type(name).is_some())
    }

    /// Types of objects and pages that the model declares.
    pub(super) fn types(&self) -> Vec<TypeName> {
        let Some(model) = &self.model else { return Vec::new() };
        model.object_types.keys().chain(model.page_types.keys()).cloned().collect()
    }

    fn further(&self, case: &Case) -> Vec<Further> {
        let page = |ask: &Ask| ask.page.unwrap_or_else(|| self.is_page_type(&ask.type_name));
        case.asks.iter().map(|ask| (ask.type_name.clone(), ask.id.clone(), page(ask))).collect()
    }

    fn run_of(&self, case: &Case) -> Run {
        let mut seed = [0; 32];
        let count = self.runs.fetch_add(1, Ordering::Relaxed).to_le_bytes();
        seed.iter_mut().zip(count).for_each(|(to, from)| *to = from);
        let task = TaskInfo { title: Some(case.name.as_str().into()), file_name: None, site: case.site.clone() };
        Run { deadline_ms: self.limits.deadline_for(case.payload.len()), state: Arc::default(), now_ms: case.now_ms, seed, task }
    }

    /// All that the manifest asks for. The network is the case's recording.
    fn granted(&self, case: &Case) -> Granted {
        let origins: BTreeSet<Origin> = case.recording.0.iter().filter_map(|exchange| origin(&exchange.url)).collect();
        let mut origins: Vec<Origin> = origins.into_iter().collect();
        if let Hosts::These(asked) = &self.manifest.hosts {
            origins = asked.clone();
        }
        let secret = |name: &String| SecretGrant { value: SecretText::new(format!("value-of-{name}")), origins: origins.clone() };
        let egress = Egress {
            owner: "test".into(),
            secrets: self.manifest.secrets.iter().map(|name| (name.clone(), secret(name))).collect(),
            origins,
            recorded: Some(Arc::new(case.recording.clone())),
            limits: HttpLimits::default(),
            ..Egress::default()
        };
        let settings = case.settings.iter().filter(|(key, _)| self.manifest.settings.iter().any(|asked| asked.matches(key)));
        Granted {
            limits: self.limits.clone(),
            settings: settings.map(|(key, value)| (key.clone(), value.clone())).collect(),
            egress,
            state: self.manifest.state,
        }
    }
}

/// Asks an instance for the case's internal object.
pub fn prepare(instance: &mut dyn Instance, case: &Case) -> Result<Prepared, Failure> {
    let external = external(case);
    instance.prepare_internal_object(&TaskView {
        external: &external,
        task_type: case.task_type,
        data_type: case.data_type,
        site: case.site.as_ref(),
    })
}

fn external(case: &Case) -> ExternalObject {
    ExternalObject { media_type: case.media_type.as_str().into(), body: case.payload.as_slice().into() }
}

fn task(case: &Case) -> Result<Task, Failure> {
    let connector = ConnectorName::new("test");
    let connector = connector.map_err(|error| Failure::new(Code::Invalid, error.to_string()))?;
    let external = external(case);
    let head = TaskHead {
        id: TaskId(1),
        version: TaskVersion::default(),
        connector,
        external_bytes: external.body.len() as u64,
        media_type: external.media_type.clone(),
        process_type: ProcessType::Default,
        task_type: case.task_type,
        data_type: case.data_type,
        site: case.site.clone(),
        title: case.name.as_str().into(),
        subject: None,
        file_name: None,
        traceparent: None,
        submitted_ms: case.now_ms,
        state: TaskState::Queued,
        attempts: 0,
        not_before_ms: None,
        failure: None,
        aside: false,
        failed_by: None,
        deletes_allowed: false,
        waiting: None,
    };
    Ok(Task { head, external })
}

/// `scheme://host:port` of a URL.
fn origin(url: &str) -> Option<Origin> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    Origin::of(scheme, authority).ok()
}

/// The file of the model to be used: the one that is named, else the next `model.toml` in the folder of the cases or up
/// to two folders above it.
pub fn model_file(named: Option<&Path>, cases: Option<&Path>) -> Result<Option<PathBuf>, CaseError> {
    match (named, cases) {
        (Some(path), _) => Ok(Some(path.to_owned())),
        (None, None) => Ok(None),
        (None, Some(cases)) => {
            let whole = std::fs::canonicalize(cases).map_err(|error| CaseError::new(cases, error))?;
            Ok(whole.ancestors().take(FOLDERS_UP_MAX + 1).map(|folder| folder.join("model.toml")).find(|path| path.is_file()))
        }
    }
}

/// Reads a content model of one file.
pub fn read_model(path: &Path) -> Result<ContentModel, CaseError> {
    let text = std::fs::read_to_string(path).map_err(|error| CaseError::new(path, error))?;
    parse(&BTreeMap::from([("model".to_owned(), text)])).map_err(|errors| {
        let said = errors.iter().map(|error| match error.line {
            Some(line) => format!("line {line}: {}", error.message),
            None => error.message.clone(),
        });
        CaseError::new(path, said.collect::<Vec<_>>().join("; "))
    })
}
