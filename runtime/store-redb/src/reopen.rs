//! Opening the file again after a failed write: it must be the same one, and what this process
//! remembers must go with it.

use std::sync::atomic::Ordering;

use lockgate_core::ports::StoreError;
use redb::{Database, ReadableDatabase};

use crate::fault::{Fault, guarded, says_full};
use crate::open::{self, FORMAT, OpenError};
use crate::tables::Snapshot;
use crate::work::Memory;

/// Opens what was open before.
pub(crate) type Reopen = Box<dyn FnMut() -> Result<Database, OpenError> + Send>;

/// Opens the file, and reads anew what the writer keeps in memory. `transactions` is how many the
/// file surely has; the one that failed may have come on top. No other process can have written
/// meanwhile without being noticed here.
pub(crate) fn open(reopen: &mut Reopen, before: &Memory, transactions: u64) -> Result<(Database, Memory), OpenError> {
    // Closing a file that turns out to be damaged is guarded as well.
    let opened = guarded(|| {
        let db = reopen()?;
        let memory = recall(&db, before, transactions)?;
        Ok((db, memory))
    });
    opened.map_err(OpenError::Damaged)?
}

fn recall(db: &Database, before: &Memory, transactions: u64) -> Result<Memory, OpenError> {
    if open::format(db)? != Some(FORMAT) {
        return Err(OpenError::Replaced("it has another format".to_owned()));
    }
    let mut memory = open::read_memory(db)?;
    if memory.secret != before.secret {
        return Err(OpenError::Replaced("it is another store".to_owned()));
    }
    if memory.transactions != transactions && memory.transactions != transactions.saturating_add(1) {
        return Err(OpenError::Replaced(format!("it has {} transactions, {transactions} were written", memory.transactions)));
    }
    let tables = Snapshot::new(db.begin_read().map_err(Fault::from)?);
    before.names.reconcile(open::saved_names(&tables)?).map_err(|fault| OpenError::Replaced(fault.to_string()))?;
    // Rows encoded meanwhile use the names' ids, and ids that were reserved.
    memory.names = before.names.clone();
    before.next_row.fetch_max(memory.saved_row, Ordering::SeqCst);
    memory.next_row = before.next_row.clone();
    // Nobody else had the file: leases go on, except one that was taken in vain.
    let known = memory.names.known();
    before.leases.reconcile(|connector| memory.epochs.get(&known.id(connector.as_str())?).copied());
    memory.leases = before.leases.clone();
    memory.looked_for_waiters = before.looked_for_waiters.clone();
    // What plans relied on may have changed by the transaction in doubt: they are made anew.
    memory.commits = before.commits.saturating_add(1);
    memory.touches.touch_all(memory.commits);
    Ok(memory)
}

/// What requests hear while the file cannot be opened.
pub(crate) fn refusal(error: &OpenError) -> StoreError {
    let (full, text) = match error {
        OpenError::Unreachable { source, .. } => (says_full(source), format!("{error}: {source}")),
        OpenError::Broken(source) => (broken_by_full(&**source), format!("{error}: {source}")),
        _ => (false, error.to_string()),
    };
    if full { StoreError::Full(text) } else { StoreError::Unavailable(text) }
}

fn broken_by_full(source: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    use redb::{DatabaseError, StorageError};
    match source.downcast_ref::<DatabaseError>() {
        Some(DatabaseError::Storage(StorageError::Io(error))) => says_full(error),
        Some(DatabaseError::Storage(StorageError::Backend(error))) => says_full(&**error),
        Some(_) => false,
        None => source.downcast_ref::<redb::Error>().is_some_and(crate::fault::is_full),
    }
}
