//! The tables of the file, and those that one transaction has open.

use std::cell::OnceCell;

use redb::{Key, ReadOnlyTable, ReadTransaction, Table, TableDefinition, TableError, Value, WriteTransaction};

/// What is done with every table, whatever it holds.
pub(crate) trait EachTable {
    type Error;
    fn table<K: Key + 'static, V: Value + 'static>(&mut self, definition: TableDefinition<'static, K, V>) -> Result<(), Self::Error>;
}

macro_rules! tables {
    ($($(#[$doc:meta])* $field:ident $constant:ident : $key:ty => $value:ty, $name:literal;)*) => {
        $($(#[$doc])* pub(crate) const $constant: TableDefinition<'static, $key, $value> = TableDefinition::new($name);)*

        /// Tables of one write transaction, each opened when it is first used.
        pub(crate) struct Tables<'t> {
            txn: &'t WriteTransaction,
            $($field: Option<Table<'t, $key, $value>>,)*
        }

        impl<'t> Tables<'t> {
            pub(crate) fn new(txn: &'t WriteTransaction) -> Self {
                Self { txn, $($field: None,)* }
            }

            /// Readers find every table there, even an empty one.
            pub(crate) fn create_all(&mut self) -> Result<(), TableError> {
                $(self.$field()?;)*
                Ok(())
            }

            $(pub(crate) fn $field(&mut self) -> Result<&mut Table<'t, $key, $value>, TableError> {
                let txn = self.txn;
                match self.$field {
                    Some(ref mut table) => Ok(table),
                    ref mut slot @ None => Ok(slot.insert(txn.open_table($constant)?)),
                }
            })*
        }

        /// Does the same with every table, in the order below. A table that is added is among them.
        pub(crate) fn each_table<T: EachTable>(visitor: &mut T) -> Result<(), T::Error> {
            $(visitor.table($constant)?;)*
            Ok(())
        }

        /// Tables of one read transaction, each opened when it is first used.
        pub(crate) struct Snapshot {
            txn: ReadTransaction,
            $($field: OnceCell<ReadOnlyTable<$key, $value>>,)*
        }

        impl Snapshot {
            pub(crate) fn new(txn: ReadTransaction) -> Self {
                Self { txn, $($field: OnceCell::new(),)* }
            }

            $(pub(crate) fn $field(&self) -> Result<&ReadOnlyTable<$key, $value>, TableError> {
                if let Some(table) = self.$field.get() {
                    return Ok(table);
                }
                let table = self.txn.open_table($constant)?;
                Ok(self.$field.get_or_init(|| table))
            })*
        }
    };
}

/// Inserts ascending keys that are new, or nearly all: a run of neighbours costs one descent.
macro_rules! append {
    ($table:expr, $items:expr) => {{
        let table = $table;
        let mut items = $items;
        let mut next = items.next();
        while let Some((key, value)) = next.take() {
            let mut cursor = table.upper_bound_mut(std::ops::Bound::Included(key))?;
            match cursor.insert_before(key, value) {
                Ok(()) => {
                    for (key, value) in items.by_ref() {
                        match cursor.insert_before(key, value) {
                            Ok(()) => {}
                            Err(redb::CursorError::UnorderedKey) => {
                                next = Some((key, value));
                                break;
                            }
                            Err(error) => return Err(error.into()),
                        }
                    }
                    cursor.close()?;
                }
                Err(redb::CursorError::UnorderedKey) => {
                    cursor.close()?;
                    table.insert(key, value)?;
                    next = items.next();
                }
                Err(error) => return Err(error.into()),
            }
        }
    }};
}
pub(crate) use append;

// Names are the ids of `names`; a "place" is an optional row id (`disk::place`).
tables! {
    /// Format version, next ids, switches, generations.
    numbers NUMBERS: &'static str => u64, "numbers";
    /// Name id to name: types, sites, fields, cultures and connectors alike.
    names NAMES: u32 => &'static str, "names";
    /// (what is counted, name) to how many.
    counters COUNTERS: (u8, u32) => u64, "counters";
    /// Connector to the epoch of its newest lease.
    epochs EPOCHS: u32 => u64, "epochs";
    /// The model's source files.
    model_files MODEL_FILES: &'static str => &'static str, "model-files";
    /// (type, field) that the unique index holds.
    unique_fields UNIQUE_FIELDS: (u32, u32) => (), "unique-fields";
    /// Connector name to its record.
    connectors CONNECTORS: &'static str => &'static [u8], "connectors";
    /// Connector name to the generation of its last change or removal. Absent: before they were
    /// counted.
    generations GENERATIONS: &'static str => u64, "generations";
    /// Digest to component.
    components COMPONENTS: &'static str => &'static [u8], "components";
    /// (connector, key) to what the connector keeps under it.
    state STATE: (u32, &'static str) => &'static [u8], "state";
    /// Use to a random key that was made with the file.
    keys KEYS: &'static str => &'static [u8; 32], "keys";
    /// (connector, task) to the task, of those that a pass comes to on its way through the queue.
    queue QUEUE: (u32, u64) => &'static [u8], "queue";
    /// (connector, task) to the task without its body, of those that stand apart.
    apart APART: (u32, u64) => &'static [u8], "queue-apart";
    /// Task to its body, of those that stand apart.
    bodies BODIES: u64 => &'static [u8], "queue-bodies";
    /// (connector, state, task), of those that are not `queued`.
    states STATES: (u32, u8, u64) => (), "queue-states";
    /// (connector, since when, task), of those that are parked.
    parked PARKED: (u32, i64, u64) => (), "queue-parked";
    /// (connector, kind of line, mark, task).
    lines LINES: (u32, u8, u64, u64) => (), "queue-lines";
    /// (mark, task) to the connector of the task, which would bring it.
    brings BRINGS: (u64, u64) => u32, "queue-brings";
    /// (connector, task) to what it is due for.
    due DUE: (u32, u64) => u8, "queue-due";
    /// (mark, connector, kind of waiter, waiter).
    wants WANTS: (u64, u32, u8, u64) => (), "wants";
    /// Mark to how many (tasks, tasks with groups, loose ends) want it.
    wanted WANTED: u64 => (u64, u64, u64), "wanted";
    /// (connector, mark, how it was touched) to how far its waiters are made due.
    arrivals ARRIVALS: (u32, u64, u8) => &'static [u8], "arrivals";
    /// Id to loose end.
    loose LOOSE: u64 => &'static [u8], "loose-ends";
    /// (connector, loose end).
    loose_by LOOSE_BY: (u32, u64) => (), "loose-ends-by";
    /// (mark of the question about an owner's bindings that are not made, loose end).
    loose_of LOOSE_OF: (u64, u64) => (), "loose-ends-of";
    /// (connector, loose end), of those that are due.
    loose_due LOOSE_DUE: (u32, u64) => (), "loose-ends-due";
    /// (connector, idempotency key) to (digest, task).
    idempotency IDEMPOTENCY: (u32, &'static str) => (u128, u64), "idempotency";
    /// Task to its (connector, idempotency key), so that the key goes when the history goes.
    task_keys TASK_KEYS: u64 => (u32, &'static str), "task-keys";
    /// Number to history entry.
    history HISTORY: u64 => &'static [u8], "history";
    /// Task to the number of its history entry.
    task_history TASK_HISTORY: u64 => u64, "task-history";
    /// (task, number of an entry about a loose end of it that was mended).
    mends MENDS: (u64, u64) => (), "history-mends";
    /// (task, line number) to log line.
    log LOG: (u64, u32) => &'static [u8], "log";
    /// Number to audit row.
    audit AUDIT: u64 => &'static [u8], "audit";
    /// Task to what is remembered of it since it was edited.
    edits EDITS: u64 => &'static [u8], "edits";
    /// Id to operation.
    operations OPERATIONS: u64 => &'static [u8], "operations";
    /// (operation, connector, number of the packet) to the tasks that are left of it.
    packets PACKETS: (u64, u32, u64) => &'static [u8], "operations-packets";
    /// Object id to object.
    objects OBJECTS: u64 => &'static [u8], "objects";
    /// (type, object).
    typed TYPED: (u32, u64) => (), "objects-typed";
    /// (type, site, code name key, parent place, group place) to object.
    named NAMED: (u32, u32, &'static str, u64, u64) => u64, "objects-named";
    /// (type, GUID, object). In files of older formats two objects of a type may have one GUID.
    guids GUIDS: (u32, u128, u64) => (), "objects-by-guid";
    /// (type, field, unique key, object).
    unique UNIQUE: (u32, u32, &'static str, u64) => (), "objects-unique";
    /// (parent, type, object).
    children CHILDREN: (u64, u32, u64) => (), "objects-children";
    /// (target kind, target, row kind, row, field).
    referrers REFERRERS: (u8, u64, u8, u64, u32) => (), "referrers";
    /// (type, site, code name key, parent place, group place) that no object has any more, to the GUID of the
    /// one that had it last.
    formers FORMERS: (u32, u32, &'static str, u64, u64) => u128, "former-names";
    /// Row that was deleted, as `disk::tomb::key`, to its tombstone.
    tombs TOMBS: &'static [u8] => &'static [u8], "tombs";
    /// (until when it is kept, tombstone).
    tombs_until TOMBS_UNTIL: (i64, &'static [u8]) => (), "tombs-until";
    /// Page id to page.
    pages PAGES: u64 => &'static [u8], "pages";
    /// (site, GUID) to page.
    page_guids PAGE_GUIDS: (u32, u128) => u64, "pages-guids";
    /// (site, parent place, alias key) to page.
    page_aliases PAGE_ALIASES: (u32, u64, &'static str) => u64, "pages-aliases";
    /// (parent, page).
    page_children PAGE_CHILDREN: (u64, u64) => (), "pages-children";
    /// Binding id to binding.
    bindings BINDINGS: u64 => &'static [u8], "bindings";
    /// (type, what is bound as `disk::binding::targets_key`) to binding.
    binds BINDS: (u32, &'static [u8]) => u64, "bindings-binds";
    /// (type, owner kind, owner, binding).
    bindings_of BINDINGS_OF: (u32, u8, u64, u64) => (), "bindings-of";
}

/// The index by GUID of formats 1 to 3: (type, site, GUID, parent place, group place) to object.
pub(crate) const OLD_GUIDS: TableDefinition<'static, (u32, u32, u128, u64, u64), u64> = TableDefinition::new("objects-guids");

/// Keys of [`KEYS`].
pub(crate) mod key {
    pub(crate) const ARTEFACTS: &str = "artefacts";
}

/// Keys of [`NUMBERS`].
pub(crate) mod number {
    pub(crate) const FORMAT: &str = "format";
    pub(crate) const NEXT_TASK: &str = "next-task";
    pub(crate) const NEXT_ROW: &str = "next-row";
    pub(crate) const NEXT_HISTORY: &str = "next-history";
    /// Absent: no operation was begun.
    pub(crate) const NEXT_OPERATION: &str = "next-operation";
    pub(crate) const SWITCHES: &str = "switches";
    /// Absent in a file that an earlier version wrote last: none counted.
    pub(crate) const TRANSACTIONS: &str = "transactions";
    /// How often the configuration was changed.
    pub(crate) const GENERATION: &str = "generation";
    /// The generation of the last change of the model, the switches or the grants.
    pub(crate) const BASE: &str = "generation-base";
    /// The digest of the grants, in two halves. Absent: zero.
    pub(crate) const GRANTS_HIGH: &str = "grants-high";
    pub(crate) const GRANTS_LOW: &str = "grants-low";
    /// The rule by which the unique index was made (`lockgate_core::unique::RULE`). Absent in a file
    /// that was made before there was a second one.
    pub(crate) const UNIQUE_RULE: &str = "unique-rule";
    /// The rule by which marks were made (`lockgate_core::mark::RULE`).
    pub(crate) const MARK_RULE: &str = "mark-rule";
}
