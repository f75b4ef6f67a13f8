//! One write transaction at work, and what the writer remembers between them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use redb::WriteTransaction;

use crate::conflict::Touches;
use crate::counters::Counters;
use crate::fault::Fault;
use crate::generation::Generations;
use crate::lease::Leases;
use crate::names::Names;
use crate::tables::{Tables, append, number};
use crate::waits::wanted::Wanted;

/// What the writer alone knows. After a failed transaction it is read anew from the file
/// (`reopen::recall`), so nothing here is ever taken back.
pub(crate) struct Memory {
    pub(crate) names: Arc<Names>,
    pub(crate) touches: Touches,
    pub(crate) counters: Counters,
    /// What somebody waits for.
    pub(crate) wanted: Wanted,
    /// How often it was looked up who waits for something.
    pub(crate) looked_for_waiters: Arc<AtomicU64>,
    /// Newest lease of each connector.
    pub(crate) epochs: BTreeMap<u32, u64>,
    /// Counts the commits that changed rows, since the file was opened.
    pub(crate) commits: u64,
    pub(crate) next_task: Number,
    pub(crate) next_history: Number,
    /// Given out by `reserve_ids`, saved with every transaction.
    pub(crate) next_row: Arc<AtomicU64>,
    pub(crate) saved_row: u64,
    /// Counts the transactions of the file's whole life, and is saved with each: after a commit that
    /// failed, the reopened file says whether it happened.
    pub(crate) transactions: u64,
    /// Which configuration is the newest.
    pub(crate) generations: Generations,
    /// Who holds a lease.
    pub(crate) leases: Arc<Leases>,
    /// Made with the file: tells it from any other.
    pub(crate) secret: [u8; 32],
}

/// A number that is saved when it has changed.
pub(crate) struct Number {
    pub(crate) now: u64,
    saved: u64,
}

impl Number {
    pub(crate) fn new(saved: u64) -> Self {
        Self { now: saved, saved }
    }

    /// This one, and from now on the next.
    pub(crate) fn take(&mut self) -> u64 {
        let this = self.now;
        self.now = this.saturating_add(1);
        this
    }
}

/// One write transaction: its tables, and the memory that goes with it.
pub(crate) struct Work<'a> {
    pub(crate) tables: Tables<'a>,
    pub(crate) memory: &'a mut Memory,
    /// Submitted tasks that are not in the queue's table yet, by connector: many requests' tasks go
    /// in together.
    pub(crate) submitted: BTreeMap<u32, Vec<(u64, Vec<u8>)>>,
}

impl<'a> Work<'a> {
    pub(crate) fn new(txn: &'a WriteTransaction, memory: &'a mut Memory) -> Self {
        Self { tables: Tables::new(txn), memory, submitted: BTreeMap::new() }
    }

    /// Puts submitted tasks into the queue's table. Everything that looks at it calls this first.
    pub(crate) fn flush_submitted(&mut self) -> Result<(), Fault> {
        let submitted = std::mem::take(&mut self.submitted);
        if submitted.is_empty() {
            return Ok(());
        }
        let rows = submitted.iter().flat_map(|(connector, tasks)| tasks.iter().map(|(id, bytes)| ((*connector, *id), bytes.as_slice())));
        append!(self.tables.queue()?, rows.into_iter());
        Ok(())
    }

    /// Last before the commit: names, counters and next ids.
    pub(crate) fn finish(&mut self) -> Result<(), Fault> {
        self.flush_submitted()?;
        for (id, name) in self.memory.names.take_unsaved() {
            self.tables.names()?.insert(id, &*name)?;
        }
        for (key, value) in self.memory.counters.take_changed() {
            self.tables.counters()?.insert(key, value)?;
        }
        for (name, value) in [(number::NEXT_TASK, &mut self.memory.next_task), (number::NEXT_HISTORY, &mut self.memory.next_history)] {
            if value.now != value.saved {
                self.tables.numbers()?.insert(name, value.now)?;
                value.saved = value.now;
            }
        }
        // Every id that a row of this transaction has was given out before.
        let next_row = self.memory.next_row.load(Ordering::SeqCst);
        if next_row != self.memory.saved_row {
            self.tables.numbers()?.insert(number::NEXT_ROW, next_row)?;
            self.memory.saved_row = next_row;
        }
        self.memory.transactions = self.memory.transactions.saturating_add(1);
        self.tables.numbers()?.insert(number::TRANSACTIONS, self.memory.transactions)?;
        Ok(())
    }
}
