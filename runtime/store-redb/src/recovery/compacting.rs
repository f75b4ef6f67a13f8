//! Giving back, when nothing is written for a while, what a drained burst has left free in the file.
//!
//! The engine compacts in one go and wants to be alone, so this is done only where it takes a bounded
//! time: writers and readers wait meanwhile, and nobody is refused.

use std::sync::Arc;
use std::time::{Duration, Instant};

use lockgate_core::ports::StoreError;
use redb::{CompactionError, Database, Key, ReadTransaction, ReadableDatabase, ReadableTableMetadata, TableDefinition, Value};

use super::Desk;
use crate::fault::{Fault, guarded};
use crate::open::Options;
use crate::tables::{EachTable, each_table};

/// Content that is moved at most. Measured: 7 to 12 ms for each MiB, so that this takes 1 to 2 s.
const CONTENT_BYTES_MAX: u64 = 128 << 20;
/// Rows that are looked at, to see how much content there is, at most. Measured: 0.1 s a million.
const ROWS_MAX: u64 = 2_000_000;
/// Pause between two looks, in idle times: a store that is written now and then must not be looked at
/// each time.
const PAUSE_IDLE_TIMES: u32 = 60;

/// How long readers that have begun are waited for. Others wait as well, so it is short.
const READERS_WAITED_FOR: Duration = Duration::from_millis(100);
/// How often it is looked whether they have ended.
const READERS_LOOKED_AT: Duration = Duration::from_millis(2);

/// When the file is looked at, and what for.
pub(super) struct Compacting {
    idle: Duration,
    bytes_min: u64,
    /// Something was written since the last look, or somebody read then.
    worth_a_look: bool,
    not_before: Option<Instant>,
}

impl Compacting {
    pub(super) fn new(options: Options) -> Self {
        Self {
            idle: Duration::from_millis(options.compact_idle_ms.max(1)),
            bytes_min: options.compact_bytes_min,
            worth_a_look: false,
            not_before: None,
        }
    }

    pub(super) fn written(&mut self) {
        self.worth_a_look = true;
    }
}

impl Desk {
    /// How long nothing must be written until `compact` is due; `None`: it is not.
    pub(crate) fn compact_after(&self) -> Option<Duration> {
        let paused = self.compacting.not_before.map_or(Duration::ZERO, |moment| moment.saturating_duration_since(Instant::now()));
        (self.compacting.worth_a_look && self.db.is_some()).then_some(self.compacting.idle.max(paused))
    }

    /// Makes the file smaller, if more than half of it is free and that does not take long.
    pub(crate) fn compact(&mut self) {
        self.compacting.worth_a_look = false;
        self.compacting.not_before = Instant::now().checked_add(self.compacting.idle.saturating_mul(PAUSE_IDLE_TIMES));
        let Some(db) = &mut self.db else { return };
        match guarded(|| is_worthwhile(db, self.compacting.bytes_min)) {
            Ok(Ok(true)) => {}
            Ok(Ok(false)) => return,
            Ok(Err(fault)) => return self.gave_up(&fault.to_string()),
            Err(panic) => return self.gave_up(&panic),
        }
        let begun = Instant::now();
        match self.handle.alone(db, |db| guarded(|| after_readers(db))) {
            Some(Ok(Ok(_))) => {
                let ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
                tracing::info!(ms, "the store's file was compacted");
            }
            // Somebody reads, or a backup is being made.
            None | Some(Ok(Err(CompactionError::TransactionInProgress))) => self.compacting.worth_a_look = true,
            Some(Ok(Err(error))) => self.gave_up(&error.to_string()),
            Some(Err(panic)) => self.gave_up(&panic),
        }
    }

    /// As after a failed write (style 21). Nothing was to be written that could be lost.
    fn gave_up(&mut self, why: &str) {
        tracing::error!(why, "the store's file could not be compacted");
        self.recover(&StoreError::Unavailable(format!("compacting failed: {why}")));
    }
}

/// No reader begins meanwhile; those that have begun are waited for, but not those that take long.
fn after_readers(db: &mut Database) -> Result<bool, CompactionError> {
    let deadline = Instant::now() + READERS_WAITED_FOR;
    loop {
        match db.compact() {
            Err(CompactionError::TransactionInProgress) if Instant::now() < deadline => std::thread::sleep(READERS_LOOKED_AT),
            done => return done,
        }
    }
}

/// Costs a walk through all pages, at most `ROWS_MAX` rows of them.
fn is_worthwhile(db: &Arc<Database>, bytes_min: u64) -> Result<bool, Fault> {
    let mut rows = Rows { txn: db.begin_read()?, rows: 0 };
    each_table(&mut rows)?;
    if rows.rows > ROWS_MAX {
        return Ok(false);
    }
    drop(rows);
    let txn = db.begin_write()?;
    let stats = txn.stats()?;
    txn.abort()?;
    let content = stats.allocated_pages().saturating_mul(u64::try_from(stats.page_size()).unwrap_or(u64::MAX));
    let file = stats.stored_bytes().saturating_add(stats.metadata_bytes()).saturating_add(stats.fragmented_bytes());
    Ok(file >= bytes_min && content <= CONTENT_BYTES_MAX && content < file / 2)
}

struct Rows {
    txn: ReadTransaction,
    rows: u64,
}

impl EachTable for Rows {
    type Error = Fault;

    fn table<K: Key + 'static, V: Value + 'static>(&mut self, definition: TableDefinition<'static, K, V>) -> Result<(), Fault> {
        self.rows += self.txn.open_table(definition)?.len()?;
        Ok(())
    }
}
