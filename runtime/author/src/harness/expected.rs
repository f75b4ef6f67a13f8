//! What a case expects: `expect.json`, or `error.txt` for a task that is to fail.

use std::fmt;
use std::path::{Path, PathBuf};

use lockgate_core::failure::{Code, Failure};
use lockgate_core::history::Source;
use similar::TextDiff;

use crate::exact::Exact;

use super::answer;
use super::case::{Case, CaseError};
use super::rig::{Ran, Rig};

/// Lines around a difference that are shown.
const CONTEXT_LINES: usize = 3;

/// Levels of an answer around a JSON value of a field: the answer, `prepared`, `object`, `children`, the child,
/// `fields`, the field.
const LEVELS: usize = 7;

/// Fine, or what is different, with what the host has said meanwhile: of a call that was refused, for example.
pub fn compare(case: &Case, ran: &Ran) -> Result<(), String> {
    differs(case, ran).map_err(|difference| {
        let said = ran.usage.log.iter().filter(|line| line.source == Source::Host);
        let lines: String = said.map(|line| format!("\nhost {}", answer::said(line))).collect();
        difference.trim_end().to_owned() + &lines
    })
}

fn differs(case: &Case, ran: &Ran) -> Result<(), String> {
    let (answer_path, error_path) = paths(case);
    let actual = Actual::of(ran);
    let name = if answer_path.is_file() {
        if error_path.is_file() {
            return Err("the case has both expect.json and error.txt: remove the one that is not meant".to_owned());
        }
        "expect.json"
    } else if error_path.is_file() {
        "error.txt"
    } else if case.raw {
        return of_raw(ran);
    } else {
        return Err(format!("the case expects nothing yet; --update would write {}:\n{}", actual.file(), actual.text()));
    };
    let expected = std::fs::read_to_string(case.folder.join(name)).map_err(|error| format!("{name} cannot be read: {error}"))?;
    match (&actual, name) {
        (Actual::Answer(answer), "expect.json") => {
            let unreadable = |error: &dyn fmt::Display| format!("expect.json cannot be read as JSON: {error}");
            lockgate_core::json::check_nested(&expected, LEVELS).map_err(|error| unreadable(&error))?;
            let expected = Exact::read(&expected).map_err(|error| unreadable(&error))?;
            if expected == *answer { Ok(()) } else { Err(difference(name, &pretty(&expected), &pretty(answer))) }
        }
        (Actual::Error(error), "error.txt") => {
            if expected.trim_end() == error.trim_end() {
                Ok(())
            } else {
                Err(difference(name, &expected, error))
            }
        }
        (Actual::Error(error), _) => Err(format!("an answer is expected, and the task failed:\n{error}{}", log(ran))),
        (Actual::Answer(answer), _) => {
            Err(format!("the task is to fail with {:?}, and it answered:\n{}", expected.lines().next().unwrap_or_default(), pretty(answer)))
        }
    }
}

/// Of a payload alone nothing is expected but an answer: an object, a page, nothing to do, or an error of the connector's own.
fn of_raw(ran: &Ran) -> Result<(), String> {
    match &ran.failure {
        Some(failure) if !is_own(failure.code) => Err(format!("{}{}", answer::error(failure), log(ran))),
        _ => Ok(()),
    }
}

/// Whether the connector itself said so, and not the host of it.
fn is_own(code: Code) -> bool {
    matches!(code, Code::Invalid | Code::NotFound | Code::Unavailable | Code::Unsupported)
}

/// What came of a payload alone, in a line.
pub fn in_a_line(ran: &Ran) -> String {
    match &ran.failure {
        Some(failure) => failure.to_string(),
        None => serde_json::to_string(&answer::answer(ran)).unwrap_or_default(),
    }
}

/// Makes the present results of the cases their expectations. `write` writes a file and replaces an older
/// one. Returns the files that are new or different, each with what an author must know about it: an expectation that the
/// host refuses is no good one, though it is what is so.
pub fn update<E: fmt::Display>(
    rig: &Rig,
    cases: &[Case],
    write: impl Fn(&Path, &[u8]) -> Result<(), E>,
) -> Result<Vec<Updated>, CaseError> {
    let mut written = Vec::new();
    for case in cases.iter().filter(|case| !case.raw) {
        let ran = rig.run(case);
        if compare(case, &ran).is_ok() {
            continue;
        }
        let actual = Actual::of(&ran);
        let path = case.folder.join(actual.file());
        write(&path, actual.text().as_bytes()).map_err(|error| CaseError::new(&path, error))?;
        for other in <[PathBuf; 2]>::from(paths(case)) {
            if other != path && other.is_file() {
                std::fs::remove_file(&other).map_err(|error| CaseError::new(&other, error))?;
            }
        }
        written.push(Updated { path, refused: ran.failure.filter(|failure| !is_own(failure.code)) });
    }
    Ok(written)
}

/// A file that was written as an expectation.
pub struct Updated {
    /// Which.
    pub path: PathBuf,
    /// Why the host would not take what the connector makes of this case: the expectation is a mistake of the connector.
    pub refused: Option<Failure>,
}

fn paths(case: &Case) -> (PathBuf, PathBuf) {
    (case.folder.join("expect.json"), case.folder.join("error.txt"))
}

enum Actual {
    Answer(Exact),
    Error(String),
}

impl Actual {
    fn of(ran: &Ran) -> Self {
        match &ran.failure {
            Some(failure) => Self::Error(answer::error(failure)),
            None => Self::Answer(answer::answer(ran)),
        }
    }

    fn file(&self) -> &'static str {
        match self {
            Self::Answer(_) => "expect.json",
            Self::Error(_) => "error.txt",
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Answer(answer) => pretty(answer),
            Self::Error(error) => error.clone(),
        }
    }
}

fn pretty(value: &Exact) -> String {
    // A value in memory can always be written.
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

fn difference(name: &str, expected: &str, actual: &str) -> String {
    let diff = TextDiff::from_lines(expected, actual);
    format!("what came is different:\n{}", diff.unified_diff().context_radius(CONTEXT_LINES).header(name, "actual"))
}

fn log(ran: &Ran) -> String {
    let said = ran.usage.log.iter().filter(|line| line.source == Source::Guest);
    said.map(|line| format!("  log {}\n", answer::said(line))).collect()
}
