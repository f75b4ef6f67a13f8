//! What a case expects: `expect.json`, or `error.txt` for a task that is to fail.

use std::fmt;
use std::path::{Path, PathBuf};

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

/// Makes the present results of the cases their expectations. `write` writes a file and replaces an older
/// one. Returns the files that are new or different.
pub fn update<E: fmt::Display>(
    rig: &Rig,
    cases: &[Case],
    write: impl Fn(&Path, &[u8]) -> Result<(), E>,
) -> Result<Vec<PathBuf>, CaseError> {
    let mut written = Vec::new();
    for case in cases {
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
        written.push(path);
    }
    Ok(written)
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
