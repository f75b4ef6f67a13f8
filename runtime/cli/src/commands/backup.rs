//! `lockgate backup`.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Args;
use serde_json::json;
use tempfile::NamedTempFile;

use super::check::{bytes_bar, read_every_row};
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::out;
use crate::request::Request;

/// Copy everything into a file, also while the server runs
///
/// The backup is the store as of one moment: content, queue, history, logs, connectors with their
/// components and state, the content model, the switches. It holds the key of the compiled
/// connectors, so it is readable by its owner only. Every row is read back before the file gets its
/// name. Submitting and processing go on meanwhile. Until the copy is made, space that they free is
/// not used again, so the store's file grows; beside it there must be room for one copy.
///
/// Example: lockgate backup shop.backup
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Backup {
    /// File to write
    file: PathBuf,
    /// Replace the file if it is there
    #[arg(long)]
    force: bool,
}

impl Backup {
    pub fn run(self, context: &Context) -> Result<()> {
        if self.file.exists() && !self.force {
            return Err(Failure::invalid(format!("{} is there already", self.file.display()))
                .hint("name another file, or replace it with --force")
                .into());
        }
        let client = context.client()?;
        let part = beside(&self.file)?;
        let bar = bytes_bar("copying");
        client.download(Request::post(&["v1", "backup"]), &mut bar.wrap_write(part.as_file()))?;
        bar.finish_and_clear();
        part.as_file().sync_all().with_context(|| format!("cannot write {}", self.file.display()))?;
        let report = read_every_row(part.path(), &self.file, "the backup")?;
        let bytes = part.as_file().metadata()?.len();
        let named = if self.force { part.persist(&self.file) } else { part.persist_noclobber(&self.file) };
        named.map_err(|error| cannot_write(&self.file, &error.error))?;
        sync_folder(&self.file)?;
        let answer = json!({"file": self.file, "bytes": bytes, "rows": report.rows, "format": report.format});
        context.show(&answer, |_| {
            out::line(format!("backed up to {}: {}, {} rows, each read back", self.file.display(), out::bytes(bytes), report.rows))
        })
    }
}

/// A file without a lasting name in the folder of `file`, for its owner only. Goes unless it is
/// given its name.
pub fn beside(file: &Path) -> Result<NamedTempFile, Failure> {
    tempfile::Builder::new().prefix(".lockgate-").tempfile_in(folder(file)).map_err(|error| cannot_write(file, &error))
}

pub fn cannot_write(file: &Path, error: &io::Error) -> Failure {
    Failure::new(Exit::Failed, format!("cannot write {}: {error}", file.display()))
        .hint("see that the folder exists, may be written and has room")
}

fn folder(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Promise 1: a file that was renamed must be found after power loss, too.
pub fn sync_folder(file: &Path) -> Result<()> {
    if cfg!(unix) {
        std::fs::File::open(folder(file)).and_then(|folder| folder.sync_all()).map_err(|error| cannot_write(file, &error))?;
    }
    Ok(())
}
