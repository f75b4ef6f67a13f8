//! Entries of indexes: each row has all of its own, and there are no others.

use redb::{ReadableTable, ReadableTableMetadata};

use super::Looked;
use super::found::Found;
use crate::fault::Fault;
use crate::index::{Spot, Spots};
use crate::tables::Snapshot;

/// How many entries were found where they belong, by index.
#[derive(Default)]
pub(super) struct Spotted(std::collections::BTreeMap<&'static str, u64>);

impl Spotted {
    /// A row's entries must be there, and lead to it.
    pub(super) fn look(&mut self, looked: &Looked, found: &mut Found<'_>, place: &str, id: u64, spots: Spots) -> Result<(), Fault> {
        for spot in spots {
            match leads_to(&spot, &looked.view.tables)? {
                None => found.add("index-missing", format_args!("{place} is not in the index {}", index(&spot))),
                Some(Some(other)) if other != id => {
                    found.add("index-wrong", format_args!("in the index {}, the entry of {place} leads to {other}", index(&spot)));
                }
                Some(_) => *self.0.entry(index(&spot)).or_default() += 1,
            }
        }
        Ok(())
    }

    /// There are no more entries than were found.
    pub(super) fn rest(&self, looked: &Looked, found: &mut Found<'_>) -> Result<(), Fault> {
        let tables = &looked.view.tables;
        macro_rules! rest {
            ($($table:ident $index:literal),*) => {
                $({
                    for row in tables.$table()?.iter()? {
                        row?;
                        found.step();
                    }
                    let (there, known) = (tables.$table()?.len()?, self.0.get($index).copied().unwrap_or(0));
                    if looked.model.is_some() && there > known {
                        found.add("index-dangling", format_args!("the index {} has {} entries that are no row's", $index, there - known));
                    }
                })*
            };
        }
        rest!(
            typed "objects-typed", named "objects-named", guids "objects-by-guid", unique "objects-unique", children "objects-children",
            referrers "referrers", page_guids "pages-guids", page_aliases "pages-aliases", page_children "pages-children",
            binds "bindings-binds", bindings_of "bindings-of"
        );
        Ok(())
    }
}

/// Its index, as the table is called.
fn index(spot: &Spot) -> &'static str {
    match spot {
        Spot::Typed(..) => "objects-typed",
        Spot::Named(..) => "objects-named",
        Spot::Guid(..) => "objects-by-guid",
        Spot::Unique(..) => "objects-unique",
        Spot::Child(..) => "objects-children",
        Spot::Referrer(..) => "referrers",
        Spot::PageGuid(..) => "pages-guids",
        Spot::PageAlias(..) => "pages-aliases",
        Spot::PageChild(..) => "pages-children",
        Spot::Binds(..) => "bindings-binds",
        Spot::BindingOf(..) => "bindings-of",
    }
}

/// None: it is not there. Some entries lead to a row, of others the row is a part.
fn leads_to(spot: &Spot, tables: &Snapshot) -> Result<Option<Option<u64>>, Fault> {
    Ok(match spot {
        Spot::Typed(t, id) => tables.typed()?.get((*t, *id))?.map(|_| None),
        Spot::Named(t, s, name, p, g) => tables.named()?.get((*t, *s, &**name, *p, *g))?.map(|id| Some(id.value())),
        Spot::Guid(t, guid, id) => tables.guids()?.get((*t, *guid, *id))?.map(|_| None),
        Spot::Unique(t, f, value, id) => tables.unique()?.get((*t, *f, &**value, *id))?.map(|_| None),
        Spot::Child(p, t, id) => tables.children()?.get((*p, *t, *id))?.map(|_| None),
        Spot::Referrer(k, t, rk, r, f) => tables.referrers()?.get((*k, *t, *rk, *r, *f))?.map(|_| None),
        Spot::PageGuid(s, guid) => tables.page_guids()?.get((*s, *guid))?.map(|id| Some(id.value())),
        Spot::PageAlias(s, p, alias) => tables.page_aliases()?.get((*s, *p, &**alias))?.map(|id| Some(id.value())),
        Spot::PageChild(p, id) => tables.page_children()?.get((*p, *id))?.map(|_| None),
        Spot::Binds(t, key) => tables.binds()?.get((*t, &**key))?.map(|id| Some(id.value())),
        Spot::BindingOf(t, k, o, id) => tables.bindings_of()?.get((*t, *k, *o, *id))?.map(|_| None),
    })
}
