//! Submits all tasks, or writes them to a file.

use std::io::{ErrorKind, IsTerminal, Write, stderr, stdout};
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};

use crate::batch::{Batch, batches};
use crate::http::{Answer, Client, TaskAnswer};
use crate::out::OutFile;
use crate::{Args, Refusal, Summary, Task, keys};

/// Why sending stopped before the end.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// No connection, or none that lasted.
    #[error("cannot reach Lockgate at {url}: {cause}; is `lockgate serve` running there?")]
    Unreachable {
        /// What was asked.
        url: String,
        /// What went wrong.
        cause: ureq::Error,
    },
    /// Something that does not answer as Lockgate does.
    #[error("the answer of {url} is not Lockgate's: {cause}")]
    Answer {
        /// What was asked.
        url: String,
        /// What went wrong.
        cause: serde_json::Error,
    },
    /// The server failed.
    #[error("Lockgate answered {status}: {said}")]
    Server {
        /// HTTP status.
        status: u16,
        /// What it said.
        said: String,
    },
    /// A wrong token, or none.
    #[error("Lockgate answered {status}: {said}; give a token that may submit with --token or LOCKGATE_TOKEN")]
    Token {
        /// HTTP status.
        status: u16,
        /// What it said.
        said: String,
    },
    /// A whole request was refused.
    #[error("Lockgate answered {status}: {said}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// What it said.
        said: String,
    },
    /// `--out` cannot be written.
    #[error("cannot write {path}: {cause}")]
    Write {
        /// Where to.
        path: String,
        /// What went wrong.
        cause: std::io::Error,
    },
    /// The file of `--out` is there, and may not be replaced.
    #[error("{path} is there already; name another file, or replace it with --force")]
    IsThere {
        /// Where to.
        path: String,
    },
    /// A task that cannot be written as JSON.
    #[error("cannot write a task as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl SendError {
    /// 1 refused, 2 usage, 3 cannot reach.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Refused { .. } => 1,
            Self::Token { .. } | Self::Write { .. } | Self::IsThere { .. } | Self::Json(_) => 2,
            Self::Unreachable { .. } | Self::Answer { .. } | Self::Server { .. } => 3,
        }
    }
}

/// Submits all tasks in their order, or writes them where `--out` says. What was done until an error
/// stands in the summary.
pub fn send(mut tasks: Vec<Task>, args: &Args, summary: &mut Summary) -> Result<(), SendError> {
    if args.repeatable {
        keys::set(&mut tasks);
    }
    match &args.out {
        Some(path) => write(&tasks, args, path, summary),
        None => submit(&tasks, args, summary),
    }
}

fn submit(tasks: &[Task], args: &Args, summary: &mut Summary) -> Result<(), SendError> {
    let client = Client::new(args);
    let bar = progress(tasks.len());
    for batch in batches(tasks, &args.process_type) {
        let batch = batch?;
        let answer = client.submit(&batch.body)?;
        count(tasks, &batch, &answer, summary);
        bar.inc(batch.count as u64);
    }
    bar.finish_and_clear();
    Ok(())
}

fn count(tasks: &[Task], batch: &Batch, answer: &Answer, summary: &mut Summary) {
    let sent = tasks.iter().skip(batch.start).take(batch.count);
    let mut results = answer.results.iter();
    for task in sent {
        match results.next() {
            Some(TaskAnswer::Accepted { .. }) => summary.submitted(&task.kind),
            Some(TaskAnswer::Refused { error }) => {
                summary.refused(Refusal { title: task.title.clone(), code: error.code.clone(), detail: error.detail.clone() })
            }
            None => summary.refused(Refusal {
                title: task.title.clone(),
                code: "no-answer".to_owned(),
                detail: "the server says nothing about this task".to_owned(),
            }),
        }
    }
}

fn write(tasks: &[Task], args: &Args, path: &Path, summary: &mut Summary) -> Result<(), SendError> {
    let failed = |cause: std::io::Error| {
        let path = path.display().to_string();
        match cause.kind() {
            ErrorKind::AlreadyExists => SendError::IsThere { path },
            _ => SendError::Write { path, cause },
        }
    };
    if path == Path::new("-") {
        let mut out = stdout().lock();
        write_all(tasks, args, &mut out, &failed, summary)?;
        return out.flush().map_err(failed);
    }
    let mut file = OutFile::begin(path, args.force).map_err(failed)?;
    write_all(tasks, args, &mut file, &failed, summary)?;
    file.finish().map_err(failed)
}

fn write_all(
    tasks: &[Task],
    args: &Args,
    out: &mut impl Write,
    failed: &impl Fn(std::io::Error) -> SendError,
    summary: &mut Summary,
) -> Result<(), SendError> {
    for task in tasks {
        out.write_all(&task.line(&args.process_type)?).map_err(failed)?;
        summary.submitted(&task.kind);
    }
    Ok(())
}

/// Shown on a terminal only.
fn progress(tasks: usize) -> ProgressBar {
    if !stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(tasks as u64);
    match ProgressStyle::with_template("{bar:40} {human_pos} of {human_len} tasks, {eta} left") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
