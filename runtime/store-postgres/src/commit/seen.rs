//! What an operator has seen of the rows that he changes.

use std::collections::BTreeSet;

use lockgate_core::change::Change;
use lockgate_store_rows as rows;
use lockgate_store_rows::names::Intern;

use crate::convert;
use crate::fault::{Fault, Refusal};
use crate::params::params;
use crate::tx::Tx;

/// Rows as the first change of each says that they are: what an operator has seen.
pub(crate) struct Seen(Vec<Kind>);

/// Rows of one kind, and the guards that ask for them.
struct Kind {
    are_so: &'static str,
    are_none: &'static str,
    ids: Vec<i64>,
    rows: Vec<Vec<u8>>,
    absent: Vec<i64>,
}

impl Kind {
    fn new(are_so: &'static str, are_none: &'static str) -> Self {
        Self { are_so, are_none, ids: Vec::new(), rows: Vec::new(), absent: Vec::new() }
    }
}

impl Seen {
    pub(crate) fn new(changes: &[Change], names: &mut dyn Intern) -> Result<Self, Fault> {
        let mut kinds = vec![
            Kind::new(SEEN_OBJECTS, NO_OBJECTS),
            Kind::new(SEEN_PAGES, NO_PAGES),
            Kind::new(SEEN_BINDINGS, NO_BINDINGS),
            Kind::new(SEEN_ENDS, NO_ENDS),
        ];
        let mut seen = BTreeSet::new();
        for change in changes {
            let (kind, id, row) = match change {
                Change::Object(before, after) => {
                    (0, before.as_ref().or(after.as_ref()).map(|row| row.id.0), before.as_ref().map(|row| rows::object::encode(row, names)))
                }
                Change::Page(before, after) => {
                    (1, before.as_ref().or(after.as_ref()).map(|row| row.id.0), before.as_ref().map(|row| rows::page::encode(row, names)))
                }
                Change::Binding(before, after) => (
                    2,
                    before.as_ref().or(after.as_ref()).map(|row| row.id.0),
                    before.as_ref().map(|row| rows::binding::encode(row, names)),
                ),
                Change::Loose(before, after) => {
                    (3, before.as_ref().or(after.as_ref()).map(|end| end.id.0), before.as_ref().map(|end| rows::loose::encode(end, names)))
                }
                Change::Former(..) | Change::Tomb(..) => continue,
            };
            let Some(id) = id.filter(|id| seen.insert((kind, *id))) else { continue };
            if let Some(kind) = kinds.get_mut(kind) {
                match row {
                    Some(row) => {
                        kind.ids.push(convert::id(id));
                        kind.rows.push(row);
                    }
                    None => kind.absent.push(convert::id(id)),
                }
            }
        }
        Ok(Self(kinds))
    }

    pub(crate) async fn check(&self, tx: &Tx<'_>) {
        for Kind { are_so, are_none, ids, rows, absent } in &self.0 {
            if !ids.is_empty() {
                tx.guard(Refusal::Conflict, are_so, params![ids.clone(), rows.clone()]).await;
            }
            if !absent.is_empty() {
                tx.guard(Refusal::Conflict, are_none, params![absent.clone()]).await;
            }
        }
    }
}

macro_rules! seen {
    ($($seen:ident $none:ident $table:literal)*) => {
        $(const $seen: &str = concat!(
            "SELECT 1 / (count(*) = cardinality($1::int8[]))::int FROM ", $table,
            " t JOIN unnest($1::int8[], $2::bytea[]) s (id, row) ON t.id = s.id AND t.row = s.row"
        );
        const $none: &str = concat!("SELECT 1 / (NOT EXISTS (SELECT 1 FROM ", $table, " WHERE id = ANY($1::int8[])))::int");)*
    };
}

seen! { SEEN_OBJECTS NO_OBJECTS "object" SEEN_PAGES NO_PAGES "page" SEEN_BINDINGS NO_BINDINGS "binding" SEEN_ENDS NO_ENDS "loose" }
