//! Where rows are found: every entry that a row has in the indexes, and how they change.

use std::collections::BTreeSet;

use lockgate_core::change::unique_values;
use lockgate_core::model::ContentModel;
use lockgate_core::rows::{BindingRow, ObjectRow, PageRow, RowId, Target};

use crate::disk::binding::{row_key, target_key, targets_key};
use crate::disk::place;
use crate::fault::Fault;
use crate::names::Interner;
use crate::tables::{Tables, append};

/// One entry of an index, the fields in the order of its table's key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Spot {
    Typed(u32, u64),
    Named(u32, u32, Box<str>, u64, u64),
    Guid(u32, u128, u64),
    Unique(u32, u32, Box<str>, u64),
    Child(u64, u32, u64),
    Referrer(u8, u64, u8, u64, u32),
    PageGuid(u32, u128),
    PageAlias(u32, u64, Box<str>),
    PageChild(u64, u64),
    Binds(u32, Box<[u8]>),
    BindingOf(u32, u8, u64, u64),
}

impl Spot {
    /// How many kinds there are.
    const KINDS: usize = 11;

    /// The position of its kind.
    fn kind(&self) -> usize {
        match self {
            Self::Typed(..) => 0,
            Self::Named(..) => 1,
            Self::Guid(..) => 2,
            Self::Unique(..) => 3,
            Self::Child(..) => 4,
            Self::Referrer(..) => 5,
            Self::PageGuid(..) => 6,
            Self::PageAlias(..) => 7,
            Self::PageChild(..) => 8,
            Self::Binds(..) => 9,
            Self::BindingOf(..) => 10,
        }
    }

    /// Whether new entries of this kind mostly stand together: ids and GUIDs ascend with time, and
    /// names often do.
    fn comes_in_order(&self) -> bool {
        matches!(self, Self::Typed(..) | Self::Named(..) | Self::Guid(..) | Self::Child(..))
    }
}

/// A row's entries.
pub(crate) type Spots = BTreeSet<Spot>;

pub(crate) fn object_spots(row: &ObjectRow, model: &ContentModel, names: &mut Interner<'_>) -> Spots {
    let id = row.id.0;
    let object_type = names.id(row.object_type.as_str());
    let site = names.site(row.scope.site.as_ref());
    let parent = place(row.scope.parent.map(|id| id.0));
    let group = place(row.scope.group.map(|id| id.0));
    let mut spots = Spots::from([
        Spot::Typed(object_type, id),
        Spot::Named(object_type, site, row.code_name.key().into(), parent, group),
        Spot::Guid(object_type, row.guid.as_u128(), id),
    ]);
    if let Some(parent) = row.scope.parent {
        spots.insert(Spot::Child(parent.0, object_type, id));
    }
    for (field, value) in unique_values(row, model) {
        spots.insert(Spot::Unique(object_type, names.id(field.as_str()), (&*value).into(), id));
    }
    for (field, target) in row.references() {
        spots.insert(referrer(target, RowId::Object(row.id), names.id(field.as_str())));
    }
    spots
}

pub(crate) fn page_spots(row: &PageRow, names: &mut Interner<'_>) -> Spots {
    let site = names.id(row.site.as_str());
    let mut spots = Spots::from([
        Spot::PageGuid(site, row.guid.as_u128()),
        Spot::PageAlias(site, place(row.parent.map(|id| id.0)), row.alias.key().into()),
    ]);
    if let Some(parent) = row.parent {
        spots.insert(Spot::PageChild(parent.0, row.id.0));
    }
    for (field, target) in row.references() {
        spots.insert(referrer(target, RowId::Page(row.id), names.id(field.as_str())));
    }
    spots
}

pub(crate) fn binding_spots(row: &BindingRow, names: &mut Interner<'_>) -> Spots {
    let binding_type = names.id(row.binding_type.as_str());
    let mut spots = Spots::from([Spot::Binds(binding_type, targets_key(&row.binds).into())]);
    if let Some(owner) = row.binds.first() {
        let (kind, id) = target_key(*owner);
        spots.insert(Spot::BindingOf(binding_type, kind, id, row.id.0));
    }
    for (field, target) in row.references() {
        spots.insert(referrer(target, RowId::Binding(row.id), names.id(field.as_str())));
    }
    spots
}

fn referrer(target: Target, row: RowId, field: u32) -> Spot {
    let (kind, id) = target_key(target);
    let (row_kind, row_id) = row_key(row);
    Spot::Referrer(kind, id, row_kind, row_id, field)
}

/// Whether an entry is there in the end, and whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Put(u64),
    Taken(u64),
}

/// What becomes of the indexes: the net of all changes, in order of the keys, so that neighbours
/// are written together.
#[derive(Debug, Default)]
pub(crate) struct SpotChanges {
    /// By kind of entry, so that each kind is sorted by itself: most come in order already.
    kinds: [Vec<(Spot, Turn)>; Spot::KINDS],
}

impl SpotChanges {
    /// One row's entries before and after. Call in the order of the changes, `settle` at the end.
    pub(crate) fn change(&mut self, id: u64, before: &Spots, after: Spots) {
        for spot in before.difference(&after) {
            self.push(spot.clone(), Turn::Taken(id));
        }
        for spot in after {
            if !before.contains(&spot) {
                self.push(spot, Turn::Put(id));
            }
        }
    }

    fn push(&mut self, spot: Spot, turn: Turn) {
        if let Some(kind) = self.kinds.get_mut(spot.kind()) {
            kind.push((spot, turn));
        }
    }

    /// Sorts them, and keeps of each entry what it comes to.
    pub(crate) fn settle(&mut self) {
        for kind in &mut self.kinds {
            // Stable: the turns of one entry stay in order.
            kind.sort_by(|(a, _), (b, _)| a.cmp(b));
            kind.dedup_by(|(later, turn), (spot, net)| {
                if later != spot {
                    return false;
                }
                match (*net, *turn) {
                    // Another row has taken this entry over already (two rows that swap names).
                    (Turn::Put(other), Turn::Taken(id)) if other != id => {}
                    _ => *net = *turn,
                }
                true
            });
        }
    }

    /// Writes them.
    pub(crate) fn apply(&self, tables: &mut Tables<'_>) -> Result<(), Fault> {
        for kind in &self.kinds {
            let mut rest = kind.as_slice();
            while let Some(((spot, turn), behind)) = rest.split_first() {
                match turn {
                    Turn::Put(_) if spot.comes_in_order() => {
                        let run = rest.iter().take_while(|(_, turn)| matches!(turn, Turn::Put(_))).count();
                        let (run, behind) = rest.split_at(run);
                        put_run(run, tables)?;
                        rest = behind;
                        continue;
                    }
                    Turn::Put(id) => put(spot, *id, tables)?,
                    Turn::Taken(_) => take(spot, tables)?,
                }
                rest = behind;
            }
        }
        Ok(())
    }
}

/// Puts entries of one kind, ascending, new ones that mostly stand together.
fn put_run(run: &[(Spot, Turn)], tables: &mut Tables<'_>) -> Result<(), Fault> {
    let rows = |turn: &Turn| match turn {
        Turn::Put(id) | Turn::Taken(id) => *id,
    };
    macro_rules! entries {
        ($($pattern:pat => $entry:expr),*) => {
            run.iter().filter_map(|(spot, turn)| match (spot, rows(turn)) {
                $($pattern => Some($entry),)*
                _ => None,
            })
        };
    }
    match run.first() {
        Some((Spot::Typed(..), _)) => append!(tables.typed()?, entries!((Spot::Typed(t, id), _) => ((*t, *id), ()))),
        Some((Spot::Named(..), _)) => {
            append!(tables.named()?, entries!((Spot::Named(t, s, name, p, g), row) => ((*t, *s, &**name, *p, *g), row)))
        }
        Some((Spot::Guid(..), _)) => append!(tables.guids()?, entries!((Spot::Guid(t, guid, id), _) => ((*t, *guid, *id), ()))),
        Some((Spot::Child(..), _)) => append!(tables.children()?, entries!((Spot::Child(p, t, id), _) => ((*p, *t, *id), ()))),
        _ => {
            for (spot, turn) in run {
                put(spot, rows(turn), tables)?;
            }
        }
    }
    Ok(())
}

fn put(spot: &Spot, row: u64, tables: &mut Tables<'_>) -> Result<(), Fault> {
    match spot {
        Spot::Typed(t, id) => drop(tables.typed()?.insert((*t, *id), ())?),
        Spot::Named(t, s, name, p, g) => drop(tables.named()?.insert((*t, *s, &**name, *p, *g), row)?),
        Spot::Guid(t, guid, id) => drop(tables.guids()?.insert((*t, *guid, *id), ())?),
        Spot::Unique(t, f, value, id) => drop(tables.unique()?.insert((*t, *f, &**value, *id), ())?),
        Spot::Child(p, t, id) => drop(tables.children()?.insert((*p, *t, *id), ())?),
        Spot::Referrer(k, t, rk, r, f) => drop(tables.referrers()?.insert((*k, *t, *rk, *r, *f), ())?),
        Spot::PageGuid(s, guid) => drop(tables.page_guids()?.insert((*s, *guid), row)?),
        Spot::PageAlias(s, p, alias) => drop(tables.page_aliases()?.insert((*s, *p, &**alias), row)?),
        Spot::PageChild(p, id) => drop(tables.page_children()?.insert((*p, *id), ())?),
        Spot::Binds(t, key) => drop(tables.binds()?.insert((*t, &**key), row)?),
        Spot::BindingOf(t, k, o, id) => drop(tables.bindings_of()?.insert((*t, *k, *o, *id), ())?),
    }
    Ok(())
}

fn take(spot: &Spot, tables: &mut Tables<'_>) -> Result<(), Fault> {
    match spot {
        Spot::Typed(t, id) => drop(tables.typed()?.remove((*t, *id))?),
        Spot::Named(t, s, name, p, g) => drop(tables.named()?.remove((*t, *s, &**name, *p, *g))?),
        Spot::Guid(t, guid, id) => drop(tables.guids()?.remove((*t, *guid, *id))?),
        Spot::Unique(t, f, value, id) => drop(tables.unique()?.remove((*t, *f, &**value, *id))?),
        Spot::Child(p, t, id) => drop(tables.children()?.remove((*p, *t, *id))?),
        Spot::Referrer(k, t, rk, r, f) => drop(tables.referrers()?.remove((*k, *t, *rk, *r, *f))?),
        Spot::PageGuid(s, guid) => drop(tables.page_guids()?.remove((*s, *guid))?),
        Spot::PageAlias(s, p, alias) => drop(tables.page_aliases()?.remove((*s, *p, &**alias))?),
        Spot::PageChild(p, id) => drop(tables.page_children()?.remove((*p, *id))?),
        Spot::Binds(t, key) => drop(tables.binds()?.remove((*t, &**key))?),
        Spot::BindingOf(t, k, o, id) => drop(tables.bindings_of()?.remove((*t, *k, *o, *id))?),
    }
    Ok(())
}
