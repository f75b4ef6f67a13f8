//! What rows leave behind: names that they had, and tombstones.

use std::collections::BTreeMap;

use lockgate_core::key::{FormerKey, Tomb, TombKey};
use lockgate_core::rows::Scope;
use redb::ReadableTable;
use uuid::Uuid;

use crate::disk::{self, place};
use crate::fault::Fault;
use crate::names::{Interner, Known};
use crate::read::View;
use crate::work::Work;

/// A name in keys: type, site, code name key, parent place, group place.
type NameKey = (u32, u32, Box<str>, u64, u64);

/// What becomes of them in one commit.
#[derive(Debug, Default)]
pub(crate) struct Traces {
    formers: BTreeMap<NameKey, Option<u128>>,
    /// Encoded, and until when each is kept.
    tombs: BTreeMap<Vec<u8>, Option<(Vec<u8>, i64)>>,
}

impl Traces {
    pub(crate) fn former(&mut self, FormerKey(object_type, scope, name): &FormerKey, holder: Option<Uuid>, names: &mut Interner<'_>) {
        let Scope { site, parent, group } = scope;
        let (object_type, site) = (names.id(object_type.as_str()), names.site(site.as_ref()));
        let key = (object_type, site, (&**name).into(), place(parent.map(|id| id.0)), place(group.map(|id| id.0)));
        self.formers.insert(key, holder.map(|guid| guid.as_u128()));
    }

    pub(crate) fn tomb(&mut self, key: &TombKey, tomb: Option<&Tomb>, names: &mut Interner<'_>) {
        if let Some(key) = disk::tomb::key(key, |name| Some(names.id(name))) {
            self.tombs.insert(key, tomb.map(|tomb| (disk::tomb::encode(tomb), tomb.until_ms)));
        }
    }

    /// Roughly how much work it is.
    pub(crate) fn len(&self) -> usize {
        self.formers.len() + self.tombs.len()
    }

    pub(crate) fn apply(&self, work: &mut Work<'_>) -> Result<(), Fault> {
        for ((t, s, name, p, g), holder) in &self.formers {
            let (formers, key) = (work.tables.formers()?, (*t, *s, &**name, *p, *g));
            match holder {
                Some(guid) => drop(formers.insert(key, guid)?),
                None => drop(formers.remove(key)?),
            }
        }
        for (key, tomb) in &self.tombs {
            let before = match tomb {
                Some((bytes, _)) => work.tables.tombs()?.insert(key.as_slice(), bytes.as_slice())?.map(|row| until(row.value())),
                None => work.tables.tombs()?.remove(key.as_slice())?.map(|row| until(row.value())),
            };
            if let Some(before) = before.transpose()? {
                work.tables.tombs_until()?.remove((before, key.as_slice()))?;
            }
            if let Some((_, until)) = tomb {
                work.tables.tombs_until()?.insert((*until, key.as_slice()), ())?;
            }
        }
        Ok(())
    }
}

fn until(tomb: &[u8]) -> Result<i64, Fault> {
    Ok(disk::tomb::decode(tomb)?.until_ms)
}

/// Removes at most so many tombstones that are kept no longer. The time is that of the newest history
/// entry: the store has no clock. Returns how many.
pub(crate) fn trim(work: &mut Work<'_>, batch: usize) -> Result<usize, Fault> {
    if work.tables.tombs_until()?.first()?.is_none() {
        return Ok(0);
    }
    let known = work.memory.names.known();
    let newest = work.tables.history()?.last()?.map(|(_, bytes)| disk::entry::decode(bytes.value(), &known)).transpose()?;
    let Some(now_ms) = newest.map(|entry| entry.ended_ms) else { return Ok(0) };
    let mut over = Vec::new();
    for row in work.tables.tombs_until()?.iter()?.take(batch) {
        let (entry, _) = row?;
        let (until, key) = entry.value();
        if until >= now_ms {
            break;
        }
        over.push((until, key.to_vec()));
    }
    for (until, key) in &over {
        work.tables.tombs_until()?.remove((*until, key.as_slice()))?;
        work.tables.tombs()?.remove(key.as_slice())?;
    }
    Ok(over.len())
}

/// The last holder of a name.
pub(crate) fn former(view: &View, FormerKey(object_type, scope, name): &FormerKey) -> Result<Option<Uuid>, Fault> {
    let Some((t, (s, p, g))) = view.names.id(object_type.as_str()).zip(disk::scope_key(scope, &view.names)) else { return Ok(None) };
    Ok(view.tables.formers()?.get((t, s, &**name, p, g))?.map(|guid| Uuid::from_u128(guid.value())))
}

pub(crate) fn tomb(view: &View, key: &TombKey) -> Result<Option<Tomb>, Fault> {
    let known: &Known = &view.names;
    let Some(key) = disk::tomb::key(key, |name| known.id(name)) else { return Ok(None) };
    Ok(view.tables.tombs()?.get(key.as_slice())?.map(|row| disk::tomb::decode(row.value())).transpose()?)
}
