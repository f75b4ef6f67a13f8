//! `lockgate backup`.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use serde_json::json;

use super::check::{bytes_bar, read_every_row};
use crate::advice::of_code;
use crate::client::no_store;
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::file::{Existing, NewFile, Readers, cannot_write};
use crate::out;
use crate::request::Request;
use crate::wire;

/// Copy everything into a file, also while the server runs
///
/// The backup is the store as of one moment: content, queue, history, logs, connectors with their
/// components and state, the content model, the switches. It holds the key of the compiled
/// connectors, so it is readable by its owner only. Submitting and processing go on meanwhile;
/// beside the store there must be room for one copy, and for what they overwrite.
///
/// Every page of the store is verified against its checksum before it is copied, and every row of
/// the copy is read back before the file gets its name. A damaged store is refused
/// (`store-damaged`), with the tables that are damaged, and no file is left: earlier backups are
/// what to restore from.
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
        let new = NewFile::begin(&self.file, existing, Readers::OwnerAlways)?;
        copy(context, new.file(), &self.file)?;
        let report = read_every_row(new.path(), &self.file, "what was to become the backup")
            .map_err(|failure| failure.hint(of_code("store-damaged").unwrap_or_default()))?;
        let bytes = new.file().metadata()?.len();
        new.finish()?;
        let answer = json!({"file": self.file, "bytes": bytes, "rows": report.rows, "format": report.format});
        context.show(&answer, |_| {
            out::line(format!("backed up to {}: {}, {} rows, each read back", self.file.display(), out::bytes(bytes), report.rows))
        })
    }
}

/// By the server that has the store open; without one, of the file itself.
fn copy(context: &Context, new: &File, file: &Path) -> Result<()> {
    let bar = bytes_bar("copying");
    match context.client_of_server()? {
        Some(server) => server.download(Request::post(&["v1", "backup"]), &mut bar.wrap_write(new))?,
        None => {
            let store = context.store_file()?;
            if !store.exists() {
                return Err(no_store(&context.settings.store).into());
            }
            let to = new.try_clone().map_err(|error| cannot_write(file, &error))?;
            // It was opened, and is refused.
            wire::copy_store(store, to).map_err(|failure| Failure { exit: Exit::Failed, ..failure })?;
        }
    }
    bar.finish_and_clear();
    Ok(())
}
