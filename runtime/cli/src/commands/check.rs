//! `lockgate check`, and checking for other verbs.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::out::{self, Table, number, text};
use crate::wire::{self, Depth, Progress, Report, exposed_file};

/// Read a store's file to the last row and see that everything in it agrees
///
/// Looks at the engine's checksums, at every row, at every index, reference, counter and number.
/// The file is never written: what opening it would repair is repaired in memory. It must not be
/// open: of a running server's store, make a backup, which is refused when a page of the store is
/// damaged. Ends with 1 when something was found, with 3 when a page is damaged: then it says in
/// which tables.
///
/// Example: lockgate check shop.backup
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Check {
    /// File to check: a store or a backup [default: the store]
    file: Option<PathBuf>,
}

impl Check {
    pub fn run(self, context: &Context) -> Result<()> {
        let file = match self.file {
            Some(file) => file,
            None => context.store_file()?.to_owned(),
        };
        refuse_if_in_use(&file, "stop the server; or make a backup, which verifies every page of the store, and check that for the rest")?;
        let report = with_progress("checking", |progress| wire::check_store(&file, Depth::References, progress))?;
        let findings: Vec<Value> = report.findings.iter().map(|f| json!({"code": f.code, "message": f.message})).collect();
        let total = report.findings_total;
        let warnings: Vec<String> = exposed_file(&file).iter().map(ToString::to_string).collect();
        let answer = json!({"file": file, "format": report.format, "rows": report.rows, "findings": findings, "findings_total": total, "warnings": warnings});
        context.show(&answer, print)?;
        if total > 0 {
            return Err(Failure::new(Exit::Failed, format!("{}: {total} findings", file.display()))
                .hint("restore a backup from before with `lockgate restore`, checked with `lockgate check FILE` first; one that is made now has the \
                       same findings. Keep this file, so that it can be looked at")
                .into());
        }
        Ok(())
    }
}

fn print(answer: &Value) -> std::io::Result<()> {
    for warning in out::list(answer, "warnings") {
        out::line(format!("warning: {}", warning.as_str().unwrap_or_default()))?;
    }
    let findings = out::list(answer, "findings");
    if findings.is_empty() {
        return out::line(format!("{}: {} rows, all is well", text(answer, "file"), number(answer, "rows")));
    }
    let mut table = Table::new(&["CODE", "WHAT"]);
    for finding in findings {
        table.row([text(finding, "code"), text(finding, "message")]);
    }
    table.print("")?;
    let left_out = number(answer, "findings_total").saturating_sub(findings.len() as u64);
    if left_out > 0 { out::line(format!("and {left_out} more")) } else { Ok(()) }
}

/// A file that a process has open is neither checked nor replaced.
pub fn refuse_if_in_use(file: &Path, hint: &str) -> Result<(), Failure> {
    if crate::client::in_use(file) {
        return Err(Failure::new(Exit::Unreachable, format!("{} is in use by another process", file.display())).hint(hint));
    }
    Ok(())
}

/// Reads every row of a copy of `file`; anything found is a failure that names `file`.
pub fn read_every_row(copy: &Path, file: &Path, what: &str) -> Result<Report, Failure> {
    let report = with_progress("reading every row", |progress| wire::check_store(copy, Depth::Rows, progress));
    let (why, problem) = match report {
        Ok(report) => match report.findings.first() {
            None => return Ok(report),
            Some(first) => {
                let why = format!("{} findings, the first: {} [store-damaged]", report.findings_total, first.message);
                (why, Some(Box::new(json!({"code": "store-damaged"}))))
            }
        },
        // It speaks of the copy.
        Err(failure) => (failure.message.replace(&copy.display().to_string(), &file.display().to_string()), failure.problem),
    };
    Err(Failure { problem, ..Failure::new(Exit::Failed, format!("{what} {} is damaged: {why}", file.display())) })
}

/// A bar on a terminal, nothing elsewhere.
pub fn with_progress<T>(what: &'static str, work: impl FnOnce(&mut dyn FnMut(Progress)) -> T) -> T {
    let style =
        ProgressStyle::with_template("{msg} {wide_bar} {human_pos}/{human_len} rows").unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(0).with_style(style).with_message(what);
    let done = work(&mut |progress: Progress| {
        bar.set_length(progress.rows_total);
        bar.set_position(progress.rows);
    });
    bar.finish_and_clear();
    done
}

/// The same for bytes of which it is not known how many come.
pub fn bytes_bar(what: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} {msg} {binary_bytes}").unwrap_or_else(|_| ProgressStyle::default_spinner());
    ProgressBar::new_spinner().with_style(style).with_message(what)
}
