//! Where a damaged file is damaged. The engine says that some page does not fit its checksum, and not
//! whose: so tables are taken away, in memory, until what is left verifies.

use std::fmt::Write as _;

use redb::{Database, ReadableDatabase, TableHandle};

use crate::fault::guarded;
use crate::overlay::Overlay;

/// Memory for pages of the file.
const CACHE_BYTES: usize = 16 << 20;

/// The damaged tables, as a text to be put behind what the engine said; nothing if it cannot be told.
/// `open` gives the file anew. Blocks for as long as reading the file ten times takes, and longer when
/// several tables are damaged.
pub(crate) fn told(open: &dyn Fn() -> Option<Overlay>) -> String {
    let mut text = String::new();
    let Some(tables) = tables(open) else { return text };
    match verifies(open, &[]) {
        Some(true) => {}
        Some(false) => return ", in what the engine keeps for itself".to_owned(),
        None => return text,
    }
    let mut damaged = Vec::new();
    search(open, &tables, &mut damaged);
    if !damaged.is_empty() {
        let _ = write!(text, ", in the table{} {}", if damaged.len() == 1 { "" } else { "s" }, damaged.join(", "));
    }
    text
}

fn search<'t>(open: &dyn Fn() -> Option<Overlay>, tables: &'t [String], damaged: &mut Vec<&'t str>) {
    if verifies(open, tables) != Some(false) {
        return;
    }
    match tables {
        [] => {}
        [table] => damaged.push(table),
        _ => {
            let (some, others) = tables.split_at(tables.len() / 2);
            search(open, some, damaged);
            search(open, others, damaged);
        }
    }
}

fn database(open: &dyn Fn() -> Option<Overlay>) -> Option<Database> {
    Database::builder().set_cache_size(CACHE_BYTES).create_with_backend(open()?).ok()
}

fn tables(open: &dyn Fn() -> Option<Overlay>) -> Option<Vec<String>> {
    let names = || {
        let db = database(open)?;
        let txn = db.begin_read().ok()?;
        Some(txn.list_tables().ok()?.map(|table| table.name().to_owned()).collect())
    };
    guarded(names).ok().flatten()
}

/// Whether the file verifies with these tables alone; `None`: others cannot be taken away.
fn verifies(open: &dyn Fn() -> Option<Overlay>, kept: &[String]) -> Option<bool> {
    let alone = || {
        let mut db = database(open)?;
        let txn = db.begin_write().ok()?;
        let tables: Vec<_> = txn.list_tables().ok()?.collect();
        for table in tables {
            if !kept.iter().any(|kept| kept == table.name()) {
                txn.delete_table(table).ok()?;
            }
        }
        txn.commit().ok()?;
        Some(db.check_integrity().is_ok())
    };
    guarded(alone).ok().flatten()
}
