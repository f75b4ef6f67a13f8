//! Connectors, names and numbers; objects, pages and bindings.

use std::collections::BTreeSet;
use std::sync::Arc;

use redb::ReadableTable;

use super::found::Found;
use super::spots::Spotted;
use super::tasks::Tally;
use super::{Looked, links};
use crate::counters::Counted;
use crate::fault::Fault;
use crate::index::{binding_spots, object_spots, page_spots};
use crate::tables::number;
use crate::{disk, generation};

/// Tables of a few rows each.
pub(super) fn small_tables(looked: &Looked, found: &mut Found<'_>) -> Result<(), Fault> {
    let tables = &looked.view.tables;
    macro_rules! read {
        ($($table:ident),*) => {
            $(for row in tables.$table()?.iter()? {
                row?;
                found.step();
            })*
        };
    }
    // Names and the key were read when the file was opened.
    read!(numbers, names, counters, unique_fields, keys);
    for row in tables.epochs()?.iter()? {
        found.step();
        let (connector, _) = row?;
        found.read("a lease", looked.view.names.connector(connector.value()));
    }
    for row in tables.state()?.iter()? {
        found.step();
        let (key, _) = row?;
        found.read("a connector's state", looked.view.names.connector(key.value().0));
    }
    generations(looked, found)?;
    connectors(looked, found)
}

/// No change may be newer than the newest: it would be taken for a newer one for ever.
fn generations(looked: &Looked, found: &mut Found<'_>) -> Result<(), Fault> {
    let tables = &looked.view.tables;
    let newest = generation::newest(tables)?.0;
    let mut changes = Vec::from_iter(tables.numbers()?.get(number::BASE)?.map(|base| ("the configuration".to_owned(), base.value())));
    for row in tables.generations()?.iter()? {
        found.step();
        let (name, generation) = row?;
        changes.push((format!("connector {}", name.value()), generation.value()));
    }
    for (what, generation) in changes.into_iter().filter(|(_, generation)| *generation > newest) {
        found.add("generation-beyond", format_args!("{what} has changed at generation {generation}, and the newest is {newest}"));
    }
    Ok(())
}

fn connectors(looked: &Looked, found: &mut Found<'_>) -> Result<(), Fault> {
    let tables = &looked.view.tables;
    let mut used: BTreeSet<Arc<str>> = BTreeSet::new();
    for row in tables.connectors()?.iter()? {
        found.step();
        let (name, bytes) = row?;
        let place = format_args!("connector {}", name.value()).to_string();
        let Some(record) = found.read(&place, disk::connector::decode(name.value(), bytes.value())) else { continue };
        if record.version(&record.digest).is_none() {
            found.add("version-missing", format_args!("{place} runs {}, which is none of its versions", record.digest));
        }
        used.extend(record.versions.into_iter().map(|version| version.digest));
        used.insert(record.digest);
    }
    for row in tables.components()?.iter()? {
        found.step();
        let (digest, _) = row?;
        if !used.remove(digest.value()) {
            found.add("component-unused", format_args!("component {} belongs to no connector", digest.value()));
        }
    }
    for digest in used {
        found.add("component-missing", format_args!("component {digest} is a connector's version, and is not there"));
    }
    Ok(())
}

/// Objects, pages and bindings, with their indexes and what they point to.
pub(super) fn content(looked: &Looked, found: &mut Found<'_>, tally: &mut Tally) -> Result<(), Fault> {
    let (tables, names) = (&looked.view.tables, &looked.view.names);
    let next_row = tables.numbers()?.get(number::NEXT_ROW)?.map_or(1, |next| next.value());
    let mut interner = looked.names.interner();
    let mut spotted = Spotted::default();
    macro_rules! rows {
        ($table:ident, $decode:path, $kind:literal, |$row:ident, $model:ident| $each:block) => {
            for row in tables.$table()?.iter()? {
                found.step();
                let (id, bytes) = row?;
                let id = id.value();
                let place = format!(concat!($kind, " {}"), id);
                let Some($row) = found.read(&place, $decode(id, bytes.value(), names)) else { continue };
                let Some($model) = &looked.model else { continue };
                if id >= next_row {
                    found.add("id-beyond-next", format_args!("{place} is there, and the next would get the id {next_row}"));
                }
                links::$table(looked, found, &place, &$row)?;
                let spots = $each;
                spotted.look(looked, found, &place, id, spots)?;
            }
        };
    }
    rows!(objects, disk::object::decode, "object", |row, model| {
        tally.add(Counted::Objects, interner.id(row.object_type.as_str()), 1);
        object_spots(&row, model, &mut interner)
    });
    rows!(pages, disk::page::decode, "page", |row, _model| {
        tally.add(Counted::Pages, interner.id(row.class_name.as_str()), 1);
        tally.add(Counted::CultureVersions, 0, row.cultures.len() as u64);
        page_spots(&row, &mut interner)
    });
    rows!(bindings, disk::binding::decode, "binding", |row, _model| {
        tally.add(Counted::Bindings, interner.id(row.binding_type.as_str()), 1);
        binding_spots(&row, &mut interner)
    });
    spotted.rest(looked, found)
}
