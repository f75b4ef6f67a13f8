//! `lockgate backup`.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use serde_json::json;

use super::check::{bytes_bar, read_every_row};
use crate::context::Context;
use crate::file::{Existing, NewFile, Readers};
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
        let existing = if self.force { Existing::Replaced } else { Existing::Kept };
        let new = NewFile::begin(&self.file, existing, Readers::Owner)?;
        let client = context.client()?;
        let bar = bytes_bar("copying");
        client.download(Request::post(&["v1", "backup"]), &mut bar.wrap_write(new.file()))?;
        bar.finish_and_clear();
        let report = read_every_row(new.part(), &self.file, "the backup")?;
        let bytes = new.file().metadata()?.len();
        new.finish()?;
        let answer = json!({"file": self.file, "bytes": bytes, "rows": report.rows, "format": report.format});
        context.show(&answer, |_| {
            out::line(format!("backed up to {}: {}, {} rows, each read back", self.file.display(), out::bytes(bytes), report.rows))
        })
    }
}
