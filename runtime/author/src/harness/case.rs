//! A case: a folder with a task, its payload and what is expected.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};

use lockgate_core::egress::Recording;
use lockgate_core::media::media_type_of;
use lockgate_core::names::{ExternalId, SiteName, TypeName};
use lockgate_core::task::{DataType, ProcessType, TaskType};
use serde::Deserialize;

use super::exchanges;

/// The task's file.
const TASK: &str = "task.toml";
/// What the guest's clock shows when nothing is said: 2026-01-01T00:00:00Z.
const NOW_MS: i64 = 1_767_225_600_000;

/// What is wrong with a case, and where.
#[derive(Debug, thiserror::Error)]
#[error("{}: {message}", path.display())]
pub struct CaseError {
    /// File or folder.
    pub path: PathBuf,
    /// What is wrong.
    pub message: String,
}

impl CaseError {
    pub(super) fn new(path: &Path, message: impl fmt::Display) -> Self {
        Self { path: path.to_owned(), message: message.to_string() }
    }
}

/// A task to be translated, as its author wrote it down.
#[derive(Debug, Clone)]
pub struct Case {
    /// The folder's name.
    pub name: String,
    /// Where `expect.json` or `error.txt` is.
    pub folder: PathBuf,
    /// What is to be done.
    pub task_type: TaskType,
    /// How much is meant.
    pub data_type: DataType,
    /// What happens when it fails; for `lockgate dev`.
    pub process_type: Option<ProcessType>,
    /// Whether it is a payload without a task of its own: then nothing is expected of it.
    pub raw: bool,
    /// Where.
    pub site: Option<SiteName>,
    /// Of the payload.
    pub media_type: String,
    /// The external object.
    pub payload: Vec<u8>,
    /// What the guest's clocks show, in ms since 1970.
    pub now_ms: i64,
    /// What `settings.get` answers.
    pub settings: BTreeMap<String, String>,
    /// Asked when everything else has been.
    pub asks: Vec<Ask>,
    /// What the external application answers.
    pub recording: Recording,
}

impl Case {
    /// For a component without cases: an empty JSON object.
    pub(super) fn bare() -> Self {
        Self {
            name: "(none)".to_owned(),
            folder: PathBuf::new(),
            task_type: TaskType::CreateObject,
            data_type: DataType::Snapshot,
            process_type: None,
            raw: true,
            site: None,
            media_type: "application/json".to_owned(),
            payload: b"{}".to_vec(),
            now_ms: NOW_MS,
            settings: BTreeMap::new(),
            asks: Vec::new(),
            recording: Recording::default(),
        }
    }
}

/// One further question to a params method.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Type asked for.
    pub type_name: TypeName,
    /// External id asked for.
    pub id: ExternalId,
    /// Whether it is a page type; absent: the content model says so.
    pub page: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct TaskFile {
    // The words in front are those of the command line and the API; the others are older.
    #[serde(alias = "type")]
    task_type: String,
    #[serde(alias = "data")]
    data_type: Option<String>,
    process_type: Option<String>,
    site: Option<String>,
    media_type: Option<String>,
    payload: Option<String>,
    now: Option<toml::Value>,
    #[serde(default)]
    settings: BTreeMap<String, String>,
    #[serde(default)]
    ask: Vec<AskFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskFile {
    r#type: String,
    id: String,
    page: Option<bool>,
}

/// The cases in a folder, by name; or the one that the folder is itself. A folder of files, or a file, is raw payloads: each
/// is a case of which nothing is expected.
pub fn read_cases(folder: &Path) -> Result<Vec<Case>, CaseError> {
    if folder.join(TASK).is_file() {
        return Ok(vec![read(folder)?]);
    }
    if folder.is_file() {
        return Ok(vec![raw(folder)?]);
    }
    let (mut folders, mut files) = (Vec::new(), Vec::new());
    for entry in std::fs::read_dir(folder).map_err(|error| CaseError::new(folder, error))? {
        let path = entry.map_err(|error| CaseError::new(folder, error))?.path();
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        match (hidden, path.is_dir()) {
            (true, _) => {}
            (false, true) => folders.push(path),
            (false, false) => files.push(path),
        }
    }
    folders.sort();
    files.sort();
    // A folder of cases may have a README beside them.
    if !folders.iter().any(|folder| folder.join(TASK).is_file()) && !files.is_empty() {
        return files.iter().map(|file| raw(file)).collect();
    }
    if folders.is_empty() {
        return Err(CaseError::new(
            folder,
            format!("there is no case: a case is a folder with {TASK}, a payload and what is expected; a folder of payloads will do, too"),
        ));
    }
    folders.iter().map(|folder| read(folder)).collect()
}

fn read(folder: &Path) -> Result<Case, CaseError> {
    let path = folder.join(TASK);
    let at = |message: &dyn fmt::Display| CaseError::new(&path, message);
    let text = std::fs::read_to_string(&path).map_err(|error| at(&error))?;
    let file: TaskFile = toml::from_str(&text).map_err(|error| at(&error))?;
    let payload_path = payload(folder, file.payload.as_deref())?;
    let payload = std::fs::read(&payload_path).map_err(|error| CaseError::new(&payload_path, error))?;
    let now_ms = match &file.now {
        None => NOW_MS,
        Some(now) => {
            let text = now.as_str().map_or_else(|| now.to_string(), str::to_owned);
            let parsed = text.parse::<jiff::Timestamp>();
            parsed.map_err(|error| at(&format!("now {text:?} is no time as RFC 3339 writes it: {error}")))?.as_millisecond()
        }
    };
    Ok(Case {
        name: folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        folder: folder.to_owned(),
        task_type: file.task_type.parse().map_err(|error| at(&error))?,
        data_type: file.data_type.as_deref().unwrap_or("snapshot").parse().map_err(|error| at(&error))?,
        process_type: file.process_type.map(|word| word.parse()).transpose().map_err(|error| at(&error))?,
        raw: false,
        site: file.site.map(SiteName::new).transpose().map_err(|error| at(&error))?,
        media_type: file.media_type.unwrap_or_else(|| media_type_of(payload_path.extension().and_then(OsStr::to_str)).to_owned()),
        payload,
        now_ms,
        settings: file.settings,
        asks: file.ask.iter().map(|asked| ask(asked).map_err(|error| at(&error))).collect::<Result<_, _>>()?,
        recording: exchanges::read(folder)?,
    })
}

/// A payload alone: what a task of it says that says nothing.
fn raw(path: &Path) -> Result<Case, CaseError> {
    let payload = std::fs::read(path).map_err(|error| CaseError::new(path, error))?;
    Ok(Case {
        name: path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        folder: path.parent().unwrap_or(path).to_owned(),
        media_type: media_type_of(path.extension().and_then(OsStr::to_str)).to_owned(),
        payload,
        ..Case::bare()
    })
}

fn ask(file: &AskFile) -> Result<Ask, String> {
    let type_name = TypeName::new(&file.r#type).map_err(|error| error.to_string())?;
    let id = ExternalId::new(&file.id).map_err(|error| error.to_string())?;
    Ok(Ask { type_name, id: id.ok_or("an empty id is no reference, and is never asked for")?, page: file.page })
}

/// The file that is named, else the one that is called `payload.` and something.
fn payload(folder: &Path, named: Option<&str>) -> Result<PathBuf, CaseError> {
    if let Some(named) = named {
        return Ok(folder.join(named));
    }
    let entries = std::fs::read_dir(folder).map_err(|error| CaseError::new(folder, error))?;
    let files = entries.filter_map(Result::ok).map(|entry| entry.path());
    let is_payload = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("payload."));
    let mut found: Vec<PathBuf> = files.filter(is_payload).collect();
    match (found.pop(), found.len()) {
        (Some(path), 0) => Ok(path),
        (None, _) => Err(CaseError::new(
            folder,
            "there is no payload: name the file payload.json (or .xml, …), or say `payload = \"FILE\"` in task.toml",
        )),
        (Some(_), _) => Err(CaseError::new(folder, "there are several files payload.*: say `payload = \"FILE\"` in task.toml")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        folder
    }

    #[test]
    fn a_task_of_one_key_has_defaults_for_the_rest() {
        let folder = folder(&[("a/task.toml", "type = 'create-object'"), ("a/payload.vcf", "BEGIN:VCARD")]);
        let case = read_cases(folder.path()).unwrap().remove(0);
        assert_eq!((case.name.as_str(), case.task_type, case.data_type), ("a", TaskType::CreateObject, DataType::Snapshot));
        assert_eq!((case.media_type.as_str(), case.now_ms, &*case.payload), ("text/vcard", NOW_MS, &b"BEGIN:VCARD"[..]));
    }

    #[test]
    fn payloads_alone_are_cases() {
        let folder = folder(&[("b.ics", "BEGIN:VCALENDAR"), ("a.json", "{}"), (".hidden", "")]);
        let cases = read_cases(folder.path()).unwrap();
        let shown: Vec<_> = cases.iter().map(|case| (case.name.as_str(), case.media_type.as_str(), case.raw)).collect();
        assert_eq!(shown, [("a.json", "application/json", true), ("b.ics", "text/calendar", true)]);
        assert_eq!(read_cases(&folder.path().join("b.ics")).unwrap().len(), 1);
    }

    #[test]
    fn older_words_of_a_task_are_still_read() {
        for (task, said) in
            [("type = 'create-object'\ndata = 'simple'", "old"), ("task-type = 'create-object'\ndata-type = 'simple'", "new")]
        {
            let folder = folder(&[("a/task.toml", task), ("a/payload.json", "{}")]);
            let case = read_cases(folder.path()).unwrap().remove(0);
            assert_eq!((case.task_type, case.data_type), (TaskType::CreateObject, DataType::Simple), "{said}");
        }
    }

    #[test]
    fn an_unknown_key_is_told_with_those_that_are_known() {
        let folder = folder(&[("a/task.toml", "task-type = 'create-object'\ndatatype = 'simple'"), ("a/payload.json", "{}")]);
        let error = read_cases(folder.path()).unwrap_err().to_string();
        for key in ["datatype", "data-type", "process-type", "media-type", "site", "now", "settings", "ask"] {
            assert!(error.contains(key), "{key}: {error}");
        }
    }

    #[test]
    fn every_key_is_read() {
        let task = "task-type = 'create-document'\ndata-type = 'simple'\nprocess-type = 'skip-on-error'\nsite = 'main'\nmedia-type = 'a/b'\npayload = 'x.bin'\nnow = 2026-02-03T04:05:06Z\n\
                    [settings]\ncurrency = 'EUR'\n[[ask]]\ntype = 'cms.user'\nid = '7'\n";
        let exchange = "[[exchange]]\nmethod = 'GET'\nurl = 'https://a.example/'\nstatus = 404\nheaders = { a = 'b' }\nbody = 'gone'\n";
        let folder = folder(&[("task.toml", task), ("x.bin", "x"), ("http.toml", exchange)]);
        let case = read_cases(folder.path()).unwrap().remove(0);
        assert_eq!((case.now_ms, case.process_type), (1_770_091_506_000, Some(ProcessType::SkipOnError)));
        assert_eq!((case.media_type.as_str(), case.settings["currency"].as_str()), ("a/b", "EUR"));
        assert_eq!((case.asks[0].type_name.as_str(), case.asks[0].id.as_str()), ("cms.user", "7"));
        assert_eq!((case.recording.0[0].status, &*case.recording.0[0].body), (404, &b"gone"[..]));
    }

    #[test]
    fn mistakes_are_named_with_their_place() {
        for (files, said) in [
            (&[("a/task.toml", "typ = 'x'")][..], "task.toml: TOML parse error at line 1"),
            (&[("a/task.toml", "type = 'eat'"), ("a/payload.json", "")], "unknown task type \"eat\""),
            (&[("a/task.toml", "type = 'create-object'")], "there is no payload"),
            (&[("a/task.toml", "type = 'create-object'"), ("a/payload.a", ""), ("a/payload.b", "")], "several files payload.*"),
            (&[("a/task.toml", "type = 'create-object'\nnow = 'noon'"), ("a/payload.a", "")], "is no time as RFC 3339 writes it"),
            (&[("a/other.txt", "")], "task.toml: "),
            (&[][..], "there is no case"),
            (
                &[("a/task.toml", "task-type = 'create-object'\nprocess-type = 'soon'"), ("a/payload.a", "")],
                "unknown process type \"soon\"",
            ),
        ] {
            let error = read_cases(folder(files).path()).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
