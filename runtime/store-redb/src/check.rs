//! Whether a file is whole: every page, every row, and what rows say of each other. The file is
//! read and never written.

mod found;
mod links;
mod operations;
mod rows;
mod spots;
mod tasks;
mod waits;
pub(crate) mod whereabouts;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use lockgate_core::model::ContentModel;
use redb::{Database, Key, ReadableDatabase, ReadableTableMetadata, TableDefinition, TableHandle, Value};

pub use found::{Finding, Progress, Report};

use crate::fault::Fault;
use crate::names::Names;
use crate::open::{self, OpenError, Options};
use crate::overlay::Overlay;
use crate::read::View;
use crate::tables::{EachTable, Snapshot, each_table};
use found::Found;

/// How much is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// The engine's checksums, and that every row can be read.
    Rows,
    /// Besides, that rows agree with each other: indexes, references, counters, numbers.
    References,
}

/// Memory for pages of the file.
const CACHE_BYTES: usize = 64 << 20;

/// Checks a file that no store has open; it is locked against that meanwhile. Blocks for as long as
/// reading the file twice takes. A file that was not closed cleanly, or is of an older format, is
/// repaired and brought up to date in memory first, as opening it would do.
pub fn check(path: &Path, depth: Depth, progress: &mut dyn FnMut(Progress)) -> Result<Report, OpenError> {
    let overlay = Overlay::open(path)?;
    // The engine may panic on a file that was altered behind its back, also after it was opened.
    let checked = catch_unwind(AssertUnwindSafe(|| check_backend(overlay, depth, progress)));
    match checked {
        Err(_) => Err(OpenError::Damaged("the engine cannot make sense of it".to_owned())),
        Ok(Err(OpenError::Damaged(why))) => Err(OpenError::Damaged(format!("{why}{}", whereabouts::told(&|| Overlay::open(path).ok())))),
        Ok(checked) => checked,
    }
}

fn check_backend(overlay: Overlay, depth: Depth, progress: &mut dyn FnMut(Progress)) -> Result<Report, OpenError> {
    let options = Options { cache_bytes: CACHE_BYTES, ..Options::default() };
    let mut db = open::open_backend(overlay, options)?;
    let sound = db.check_integrity()?;
    let Some(format) = open::format(&db)? else { return Err(OpenError::NotLockgate) };
    let names = open::recall(&db)?.names;
    let total = count(&db)?;
    let mut found = Found::new(progress, total);
    if !sound {
        found.add("engine-integrity", "the engine's checksums do not fit what is stored; opening the file would roll it back or repair it");
    }
    unknown_tables(&db, &mut found)?;
    let view = View::new(&db, &names)?;
    let model = model(&view.tables, &mut found)?;
    let looked = Looked { view, names, model: model.filter(|_| depth == Depth::References) };
    looked.all(&mut found)?;
    Ok(found.report(format))
}

/// What is looked at.
struct Looked {
    view: View,
    names: Arc<Names>,
    /// None: rows are read only.
    model: Option<ContentModel>,
}

impl Looked {
    fn all(&self, found: &mut Found<'_>) -> Result<(), Fault> {
        let mut tally = tasks::Tally::default();
        let mut entered = waits::Entered::default();
        rows::small_tables(self, found)?;
        tasks::queue(self, found, &mut tally, &mut entered)?;
        tasks::history(self, found, &mut tally)?;
        tasks::mends(self, found)?;
        waits::loose_ends(self, found, &mut tally, &mut entered)?;
        entered.rest(self, found)?;
        waits::wanted(self, found, &mut tally)?;
        waits::due(self, found, &mut tally)?;
        waits::traces(self, found)?;
        tasks::logs(self, found)?;
        tasks::idempotency(self, found)?;
        operations::operations(self, found)?;
        rows::content(self, found, &mut tally)?;
        if self.model.is_some() {
            tally.compare(self, found)?;
        }
        Ok(())
    }
}

/// The content model that the indexes follow from.
fn model(tables: &Snapshot, found: &mut Found<'_>) -> Result<Option<ContentModel>, Fault> {
    let mut files = std::collections::BTreeMap::new();
    for row in redb::ReadableTable::iter(tables.model_files()?)? {
        let (name, text) = row?;
        files.insert(name.value().to_owned(), text.value().to_owned());
        found.step();
    }
    match lockgate_core::model::parse(&files) {
        Ok(model) => Ok(Some(model)),
        Err(errors) => {
            for error in errors {
                found.add("model-unreadable", format_args!("the content model, so that rows cannot be compared with it: {error}"));
            }
            Ok(None)
        }
    }
}

/// Rows of all tables.
fn count(db: &Database) -> Result<u64, Fault> {
    struct Count(redb::ReadTransaction, u64);
    impl EachTable for Count {
        type Error = Fault;
        fn table<K: Key + 'static, V: Value + 'static>(&mut self, definition: TableDefinition<'static, K, V>) -> Result<(), Fault> {
            self.1 += self.0.open_table(definition)?.len()?;
            Ok(())
        }
    }
    let mut count = Count(db.begin_read()?, 0);
    each_table(&mut count)?;
    Ok(count.1)
}

/// Tables that this version does not know, and would not copy.
fn unknown_tables(db: &Database, found: &mut Found<'_>) -> Result<(), Fault> {
    struct Known(Vec<String>);
    impl EachTable for Known {
        type Error = Fault;
        fn table<K: Key + 'static, V: Value + 'static>(&mut self, definition: TableDefinition<'static, K, V>) -> Result<(), Fault> {
            self.0.push(definition.name().to_owned());
            Ok(())
        }
    }
    let mut known = Known(Vec::new());
    each_table(&mut known)?;
    let txn = db.begin_read()?;
    for table in txn.list_tables()? {
        if !known.0.iter().any(|name| name == table.name()) {
            found.add("table-unknown", format_args!("table {} is none of this version's", table.name()));
        }
    }
    for table in txn.list_multimap_tables()? {
        found.add("table-unknown", format_args!("table {} is none of this version's", redb::MultimapTableHandle::name(&table)));
    }
    Ok(())
}
