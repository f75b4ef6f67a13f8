//! `lockgate test`: the author's harness.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Result;
use clap::Args;
use lockgate_author::harness::{self, CaseError, Finding, Report, Rig, Status, Updated};
use lockgate_author::watch::{Watch, Watched};

use crate::exit::{self, Exit, Failure};
use crate::file::{self, Existing, NewFile, Readers};
use crate::wire::ThrowAway;
use crate::{input, out};

/// How a report for a CI server begins.
const REPORT_BEGINS: &[u8] = b"<?xml";

/// Judge a component with golden cases and built-in checks; no server, no source
///
/// A case is a folder with task.toml, the payload in payload.json (or .xml, .csv, …), and expect.json
/// with the whole answer, or error.txt with the code of the expected failure and its message. http.toml
/// holds what the external application answers. --update writes the expectations: read them before you
/// keep them. With a content model references are asked for as in service.
///
/// Keys of task.toml: task-type (needed), data-type, process-type, media-type, site, payload (a file's
/// name), now (what the clock shows), [settings], and [[ask]] with type, id and page: further questions.
/// A folder of files without cases is taken as payloads: shown is what comes of each, and a crash fails.
/// What was compiled is kept in the user's cache.
///
/// Examples:
///   lockgate test shop.wasm cases --model model.toml
///   lockgate test shop.wasm exports/
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Test {
    /// The component
    #[arg(value_name = "FILE.wasm")]
    component: PathBuf,
    /// Folder of cases, or one case [default: ./cases if there is one]
    cases: Option<PathBuf>,
    /// Content model [default: model.toml in the folder of the cases or up to two folders above]
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Write what came of the cases as what is expected
    #[arg(long)]
    update: bool,
    /// Write the report for a CI server, too; a file that begins with `<?xml` is replaced
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Replace the file of --junit whatever it is
    #[arg(long, requires = "junit")]
    force: bool,
    /// Run again whenever the component or a case changes
    #[arg(long)]
    watch: bool,
    /// Command that builds the component, run in this folder when something in it changes; what changes
    /// while it builds and runs is not seen
    #[arg(long, value_name = "COMMAND", requires = "watch")]
    build: Option<String>,
}

impl Test {
    pub fn run(self, json: bool) -> Result<()> {
        let sandbox = ThrowAway::new()?;
        if !self.watch {
            return self.once(&sandbox, json);
        }
        let cases = self.cases_folder();
        let mut watched: Vec<Watched> = cases.map(Watched::Folder).into_iter().collect();
        watched.extend(self.model.clone().map(Watched::File));
        watched.push(match &self.build {
            Some(_) => Watched::Folder(PathBuf::from(".")),
            None => Watched::File(self.component.clone()),
        });
        let watch = Watch::new(&watched).map_err(|error| Failure::invalid(format!("nothing can be watched: {error}")))?;
        loop {
            if self.build.as_deref().is_none_or(build)
                && let Err(error) = self.once(&sandbox, json)
            {
                exit::report(&error, json);
            }
            if self.build.is_some() {
                // What the build and the report have written into the folder is no reason to build again.
                watch.forget();
            }
            if watch.next().is_none() {
                return Ok(());
            }
        }
    }

    fn once(&self, sandbox: &ThrowAway, json: bool) -> Result<()> {
        // Begun first: a name that may not be used is refused before anything runs.
        let junit = self.junit.as_deref().map(|path| self.begin_junit(path)).transpose()?;
        let report = self.judge(sandbox, json)?;
        if let (Some(new), Some(path)) = (junit, &self.junit) {
            let text = report.junit(&self.component.display().to_string());
            new.file().write_all(text.as_bytes()).map_err(|error| file::cannot_write(path, &error))?;
            new.finish()?;
        }
        out::show(json, &report.json(), |_| print(&report))?;
        match report.count(Status::Failed) {
            0 => Ok(()),
            failed => Err(Failure::new(Exit::Failed, format!("{failed} of {} failed", report.findings.len())).into()),
        }
    }

    /// Reports are written anew and anew; something else under this name was not made by this command.
    fn begin_junit(&self, path: &Path) -> Result<NewFile, Failure> {
        let existing = if self.force || file::begins_with(path, REPORT_BEGINS) { Existing::Replaced } else { Existing::Kept };
        NewFile::begin(path, existing, Readers::Everybody)
    }

    fn judge(&self, sandbox: &ThrowAway, json: bool) -> Result<Report> {
        let component = input::read_file(&self.component)?;
        let folder = self.cases_folder();
        let cases = folder.as_deref().map_or(Ok(Vec::new()), harness::read_cases).map_err(|error| unreadable(&error))?;
        let model = harness::model_file(self.model.as_deref(), folder.as_deref()).map_err(|error| unreadable(&error))?;
        let model = model.as_deref().map(harness::read_model).transpose().map_err(|error| unreadable(&error))?;
        let rig = match out::waiting(out::COMPILING, || Rig::new(&sandbox.sandbox, &component, model, sandbox.server_compile_seconds_max)) {
            Ok(rig) => rig,
            Err(error) => return Ok(harness::refused(&error)),
        };
        if self.update {
            let write = |path: &Path, text: &[u8]| file::write(path, text, Existing::Replaced);
            let written = harness::update(&rig, &cases, write).map_err(|error| unreadable(&error))?;
            for Updated { path, refused } in &written {
                if !json {
                    out::line(format!("wrote {}", path.display()))?;
                }
                if let Some(failure) = refused {
                    // Not a result, and never without a word: what is written there is a mistake.
                    exit::warn(&format!(
                        "{} now expects that this task fails, which is a mistake of the connector: {failure}",
                        path.display()
                    ));
                }
            }
        }
        Ok(harness::run(&rig, &cases))
    }

    fn cases_folder(&self) -> Option<PathBuf> {
        let default = Path::new("cases");
        self.cases.clone().or_else(|| default.is_dir().then(|| default.to_owned()))
    }
}

/// Whether the component could be built; why not, the command itself has said.
fn build(command: &str) -> bool {
    // What it says goes to stderr: stdout is the report's.
    let command = format!("exec 1>&2; {command}");
    let status = Command::new("sh").args(["-c", &command]).stdin(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

fn unreadable(error: &CaseError) -> Failure {
    Failure::invalid(error.to_string()).hint("`lockgate test --help` says what a case consists of")
}

fn print(report: &Report) -> std::io::Result<()> {
    for finding in &report.findings {
        let Finding { group, name, status, message, .. } = finding;
        let word = match status {
            Status::Passed => "ok  ",
            Status::Failed => "FAIL",
            Status::Skipped => "skip",
        };
        let mut lines = message.lines();
        match (status, lines.next()) {
            (Status::Failed, first) => {
                out::line(format!("{word} {group} {name}"))?;
                first.into_iter().chain(lines).try_for_each(|line| out::line(format!("       {line}")))?;
            }
            (_, Some(first)) => out::line(format!("{word} {group} {name}: {first}"))?,
            (_, None) => out::line(format!("{word} {group} {name}"))?,
        }
    }
    let count = |status| report.count(status);
    out::line(format!("{} passed, {} failed, {} skipped", count(Status::Passed), count(Status::Failed), count(Status::Skipped)))
}
