//! `lockgate restore`.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use serde_json::json;

use super::check::{bytes_bar, read_every_row, refuse_if_in_use};
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::file::cannot_write;
use crate::input::open_regular;
use crate::wire::{self, Making, Rights, Upgrade, Upgraded, exposed_file};
use crate::{config, out};

/// Put a backup in the place of the store
///
/// The backup is copied, every row of the copy is read, and only then it becomes the store. A store
/// that is there is replaced with --force only, and kept beside it as FILE.before-restore. A server
/// must not be running on it. Done by root, the store belongs to whom the one before it, or its
/// folder, belongs to. A backup of an older format is brought up to date; the backup stays as it is.
///
/// What was submitted after the backup was made is not in it: submit it again. Its idempotency keys
/// are not known either, so a task that was processed after the backup and is submitted again runs
/// again, with the same result: objects are found by their names and updated.
///
/// Example: lockgate restore shop.backup --store shop.redb
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Restore {
    /// File that `lockgate backup` has written
    backup: PathBuf,
    /// Replace the store if it is there, and keep it as FILE.before-restore
    #[arg(long)]
    force: bool,
}

impl Restore {
    pub fn run(self, context: &Context) -> Result<()> {
        let store = context.store_file()?;
        let kept = config::beside(store, ".before-restore");
        let held = self.hold(store, &kept)?;
        let mut backup = open_regular(&self.backup)
            .map_err(|error| Failure::new(Exit::Unreachable, format!("cannot open the backup {}: {error}", self.backup.display())))?;
        let making = Making::beside(store).map_err(|error| cannot_write(store, &error))?;
        let bar = bytes_bar("copying");
        io::copy(&mut backup, &mut bar.wrap_write(making.file())).map_err(|error| cannot_write(store, &error))?;
        bar.finish_and_clear();
        let report = read_every_row(making.path(), &self.backup, "the backup")
            .map_err(|failure| failure.hint("take another one: `lockgate check FILE` says whether a backup is whole"))?;
        let replaced = held.is_some();
        if let Some(before) = &held {
            keep(before, store, &kept).map_err(|error| cannot_write(&kept, &error))?;
            making.replace(store, Rights::AsBefore).map_err(|error| {
                let _ = std::fs::remove_file(&kept);
                cannot_write(store, &error)
            })?;
        } else {
            making.name(store).map_err(|error| cannot_write(store, &error))?;
        }
        drop(held);
        let upgraded = wire::upgrade_store(store, Upgrade::WithoutCopy)?;
        let formats = upgraded.as_ref().map(|upgraded| json!({"from": upgraded.from, "to": upgraded.to}));
        let answer =
            json!({"store": store, "backup": self.backup, "rows": report.rows, "kept": replaced.then_some(&kept), "upgraded": formats});
        context.show(&answer, |_| {
            out::line(format!("restored {} from {}: {} rows", store.display(), self.backup.display(), report.rows))?;
            if let Some(Upgraded { from, to, .. }) = upgraded {
                out::line(format!("the backup has format {from}; the store was brought up to date to format {to}"))?;
            }
            for exposed in exposed_file(&self.backup) {
                out::line(format!("warning: {exposed}"))?;
            }
            if replaced {
                out::line(format!("what was there before is {}", kept.display()))?;
            }
            out::line("what was submitted after the backup is not in it: submit it again; what ran meanwhile runs again and updates")
        })
    }

    /// The store that is there, locked so that no server opens it meanwhile.
    fn hold(&self, store: &Path, kept: &Path) -> Result<Option<File>, Failure> {
        let stop = "stop the server, or restore to another file with --store";
        refuse_if_in_use(store, stop)?;
        let file = match open_regular(store) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Failure::new(Exit::Unreachable, format!("cannot open {}: {error}", store.display()))),
        };
        if !self.force {
            return Err(Failure::invalid(format!("there is a store {} already", store.display()))
                .hint("restore to another file with --store, or replace it with --force: it is kept as FILE.before-restore"));
        }
        if std::fs::symlink_metadata(kept).is_ok() {
            return Err(Failure::invalid(format!("{} is there already, from an earlier restore", kept.display()))
                .hint("move it away if it is needed, else delete it"));
        }
        file.try_lock()
            .map_err(|_| Failure::new(Exit::Unreachable, format!("{} is in use by another process", store.display())).hint(stop))?;
        Ok(Some(file))
    }
}

/// Under a second name first: the store is there under one of them whenever the power fails.
fn keep(before: &File, store: &Path, kept: &Path) -> io::Result<()> {
    match std::fs::hard_link(store, kept) {
        // Not every file system has links.
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            let making = Making::beside(kept)?;
            io::copy(&mut &*before, &mut making.file())?;
            making.name(kept)
        }
        linked => linked,
    }
}
