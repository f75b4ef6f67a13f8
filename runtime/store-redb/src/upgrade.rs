//! Files of older formats: who brings them up to date, what is kept of them, and that it is said.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lockgate_core::mark::RULE;
use lockgate_core::task::TaskState;
use redb::{Database, Durability, Key, ReadableDatabase, ReadableTable, TableDefinition, TableHandle, Value, WriteTransaction};

use crate::counters::Counted;
use crate::disk::words::Word;
use crate::fault::{Fault, guarded};
use crate::making::{Making, Rights};
use crate::open::{self, FORMAT, OpenError, Options};
use crate::overlay::Overlay;
use crate::tables::{EachTable, OLD_GUIDS, Tables, each_table, key, number};
use crate::{disk, generation};

/// Copies of one store in one format that are kept beside each other, at most (promise 5).
const COPIES_MAX: u32 = 99;

/// Memory to look at a file's format with.
const CACHE_BYTES: usize = 1 << 20;

/// What is done with a file of an older format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upgrade {
    /// It is brought up to date, and the file as it was is kept beside it as `STORE.format-N.bak`.
    KeepCopy,
    /// It is brought up to date; somebody has another copy.
    WithoutCopy,
    /// It is refused.
    Refuse,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upgraded {
    /// The file's format before.
    pub from: u64,
    /// Its format now.
    pub to: u64,
    /// Where the file is kept as it was before.
    pub kept: Option<PathBuf>,
}

/// Brings a file that no store has open up to date; `None`: it is up to date already. Blocks for as
/// long as copying the file takes.
pub fn upgrade(path: &Path, options: Options) -> Result<Option<Upgraded>, OpenError> {
    let Some(upgrading) = before_opening(path, options)? else { return Ok(None) };
    let db = open::open_there(path, options, &Arc::default())?;
    let upgraded = upgrading.carry_out(&db)?;
    guarded(|| db.close()).map_err(OpenError::Damaged)??;
    Ok(Some(upgraded))
}

/// A file that is to be brought up to date, and is kept as it was.
pub(crate) struct Upgrading {
    from: u64,
    kept: Option<PathBuf>,
}

/// Looks what format a file has, and keeps it if that is asked for, before it is opened for writing:
/// the engine writes to a file that it opens. `None`: there is nothing to do.
pub(crate) fn before_opening(path: &Path, options: Options) -> Result<Option<Upgrading>, OpenError> {
    let Some(from) = format_now(path)?.filter(|format| open::is_older(*format)) else { return Ok(None) };
    let kept = match options.upgrade {
        Upgrade::Refuse => return Err(OpenError::OldFormat { found: from, known: FORMAT }),
        Upgrade::WithoutCopy => None,
        Upgrade::KeepCopy => Some(keep_copy(path, from)?),
    };
    Ok(Some(Upgrading { from, kept }))
}

impl Upgrading {
    pub(crate) fn carry_out(self, db: &Database) -> Result<Upgraded, OpenError> {
        let Self { from, kept } = self;
        // Another process may have done it meanwhile.
        if open::format(db)? == Some(from) {
            bring_up_to_date(db)?;
        }
        let copy = kept.as_deref().map(|kept| tracing::field::display(kept.display()));
        tracing::warn!(from, to = FORMAT, copy, "the store was brought up to date; older versions can no longer open it");
        Ok(Upgraded { from, to: FORMAT, kept })
    }
}

/// Nothing is written.
fn format_now(path: &Path) -> Result<Option<u64>, OpenError> {
    let overlay = Overlay::open(path)?;
    let db = guarded(|| Database::builder().set_cache_size(CACHE_BYTES).create_with_backend(overlay)).map_err(OpenError::Damaged)??;
    guarded(|| open::format(&db)).map_err(OpenError::Damaged)?
}

/// Locked meanwhile, so that nobody writes to it.
fn keep_copy(path: &Path, format: u64) -> Result<PathBuf, OpenError> {
    let failed = |source| OpenError::NoCopy { path: path.to_owned(), format, source };
    let mut file = open::regular_locked(path)?;
    let making = Making::beside(path).map_err(failed)?;
    io::copy(&mut file, &mut making.file()).map_err(failed)?;
    let before = file.metadata().map_err(failed)?;
    making.become_like(&before, Rights::AsBefore).map_err(failed)?;
    making.name_one_of(names(path, format)).map_err(failed)
}

/// `STORE.format-1.bak`, then `STORE.format-1.2.bak`, and so on.
fn names(path: &Path, format: u64) -> impl Iterator<Item = PathBuf> {
    (1..=COPIES_MAX).map(move |n| {
        let mut name = path.as_os_str().to_owned();
        name.push(if n == 1 { format!(".format-{format}.bak") } else { format!(".format-{format}.{n}.bak") });
        PathBuf::from(name)
    })
}

/// Promise 7: in one transaction, so that a file is of one format whenever the power fails. Its rows
/// stay as they are: each says its own format, and old ones are read for ever.
pub(crate) fn bring_up_to_date(db: &Database) -> Result<(), OpenError> {
    let mut artefacts = [0; 32];
    getrandom::fill(&mut artefacts).map_err(|error| OpenError::Broken(error.into()))?;
    let mut txn = db.begin_write().map_err(Fault::from)?;
    txn.set_durability(Durability::Immediate).map_err(|error| Fault::row("durability", error))?;
    txn.set_quick_repair(true);
    complete_tables(&txn, &artefacts)?;
    txn.commit().map_err(Fault::from)?;
    Ok(())
}

/// A file of this format that was made before a table was added gets it: readers find every table there.
pub(crate) fn add_tables(db: &Database) -> Result<(), OpenError> {
    struct Missing(Vec<String>, bool);
    impl EachTable for Missing {
        type Error = Fault;
        fn table<K: Key + 'static, V: Value + 'static>(&mut self, definition: TableDefinition<'static, K, V>) -> Result<(), Fault> {
            self.1 |= !self.0.iter().any(|name| name == definition.name());
            Ok(())
        }
    }
    let txn = db.begin_read().map_err(Fault::from)?;
    let there = txn.list_tables().map_err(Fault::from)?.map(|table| table.name().to_owned()).collect();
    let mut missing = Missing(there, false);
    each_table(&mut missing)?;
    if missing.1 {
        let txn = db.begin_write().map_err(Fault::from)?;
        Tables::new(&txn).create_all().map_err(Fault::from)?;
        txn.commit().map_err(Fault::from)?;
    }
    Ok(())
}

fn complete_tables(txn: &WriteTransaction, artefacts: &[u8; 32]) -> Result<(), Fault> {
    let mut tables = Tables::new(txn);
    tables.create_all()?;
    if tables.keys()?.get(key::ARTEFACTS)?.is_none() {
        tables.keys()?.insert(key::ARTEFACTS, artefacts)?;
    }
    let numbers = tables.numbers()?;
    numbers.insert(number::FORMAT, FORMAT)?;
    // Formats 1 and 2 did not count them.
    for name in [number::GENERATION, number::BASE] {
        if numbers.get(name)?.is_none() {
            numbers.insert(name, generation::FIRST)?;
        }
    }
    numbers.insert(number::MARK_RULE, RULE)?;
    index_by_guid(txn, &mut tables)?;
    index_states(&mut tables)
}

/// Rows that are read at a time, so that memory stays bounded.
const BATCH: usize = 10_000;

/// Objects are found by type and GUID; up to format 3 they were by their scope as well.
fn index_by_guid(txn: &WriteTransaction, tables: &mut Tables<'_>) -> Result<(), Fault> {
    if !txn.list_tables()?.any(|table| table.name() == OLD_GUIDS.name()) {
        return Ok(());
    }
    let old = txn.open_table(OLD_GUIDS)?;
    let mut rows = old.iter()?;
    loop {
        let mut entries = BTreeSet::new();
        for row in rows.by_ref().take(BATCH) {
            let (key, id) = row?;
            let (object_type, _, guid, ..) = key.value();
            entries.insert((object_type, guid, id.value()));
        }
        if entries.is_empty() {
            break;
        }
        for entry in entries {
            tables.guids()?.insert(entry, ())?;
        }
    }
    drop(rows);
    drop(old);
    txn.delete_table(OLD_GUIDS)?;
    Ok(())
}

/// Failed tasks are found by their state, and those that failed and go on are counted.
fn index_states(tables: &mut Tables<'_>) -> Result<(), Fault> {
    let mut failing: BTreeMap<u32, u64> = BTreeMap::new();
    let mut failed = Vec::new();
    for row in tables.queue()?.iter()? {
        let (key, bytes) = row?;
        let (connector, id) = key.value();
        let seen = disk::task::seen(bytes.value())?;
        match seen.state {
            TaskState::Queued if seen.fails => *failing.entry(connector).or_default() += 1,
            TaskState::Queued => {}
            state => failed.push((connector, state.byte(), id)),
        }
    }
    for entry in failed {
        tables.states()?.insert(entry, ())?;
    }
    for (connector, count) in failing {
        tables.counters()?.insert((Counted::Failing as u8, connector), count)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_pipe_that_came_in_the_place_of_a_store_no_copy_is_made_and_nobody_is_held_up() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store");
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        let (sender, refused) = std::sync::mpsc::channel();
        std::thread::spawn(move || sender.send(keep_copy(&path, 1)));
        let refused = refused.recv_timeout(std::time::Duration::from_secs(20)).unwrap();
        assert!(matches!(refused, Err(OpenError::Unreachable { .. })), "{refused:?}");
    }
}
