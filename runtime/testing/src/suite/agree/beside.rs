//! Random loose ends, former names and tombstones.

use std::sync::Arc;

use uuid::Uuid;

use super::world::{NAMES, World};
use crate::Dice;
use crate::suite::bench::{connector, culture, every_stated, field, key_of, link, looks_at, named, not_made, type_name, update, want};
use lockgate_core::change::Change;
use lockgate_core::key::{FormerKey, Tomb, TombBy, TombKey};
use lockgate_core::newer::Version;
use lockgate_core::park::{LooseAt, LooseEnd};
use lockgate_core::rows::{ObjectId, ObjectRow, Owner, RowId, Scope, Target};

impl World {
    /// One change of a loose end, with what it makes of the row at whose field it is.
    pub(super) fn loosen(&mut self, dice: &mut Dice, id: u64) -> Vec<Change> {
        let some = dice.pick(&self.ends.values().cloned().collect::<Vec<_>>()).cloned();
        match (dice.index(5), some) {
            (0, Some(end)) => vec![looks_at(&end)],
            (1, Some(end)) => {
                let after = LooseEnd { wants: vec![want(named(name(dice))), want(named("ghost"))], ..end.clone() };
                self.ends.insert(after.id.0, after.clone());
                vec![Change::Loose(Some(end.into()), Some(after.into()))]
            }
            (2, Some(end)) => self.mend(&end).into_iter().collect(),
            (3, _) => self.loosen_field(dice, id),
            _ => {
                let stated = every_stated();
                let at = dice.index(stated.len());
                let owner = match dice.one_in(2) {
                    true => Owner::Row(Target::Object(ObjectId(dice.below(3)))),
                    false => Owner::Stated(stated[at].clone()),
                };
                let mut end = not_made(id, name(dice));
                if let LooseAt::NotMade(not_made) = &mut end.at {
                    not_made.owner = owner;
                }
                self.put_end(dice, end)
            }
        }
    }

    /// A field of an object is loose from now on.
    fn loosen_field(&mut self, dice: &mut Dice, id: u64) -> Vec<Change> {
        let free = |row: &ObjectRow| row.links.get(&field("manager")).is_none_or(|link| link.loose.is_none());
        let rows: Vec<ObjectRow> = self.objects.values().filter(|row| free(row)).cloned().collect();
        let Some(before) = dice.pick(&rows) else { return Vec::new() };
        let wanted = name(dice);
        let mut after = before.clone();
        after.fields.remove(&field("manager"));
        after.links.insert(field("manager"), link(wanted, Some(id)));
        self.objects.insert(after.id.0, after.clone());
        let end = LooseEnd { at: LooseAt::Object(after.id, field("manager")), ..not_made(id, wanted) };
        let mut changes = vec![update(before, &after)];
        changes.extend(self.put_end(dice, end));
        changes
    }

    fn put_end(&mut self, dice: &mut Dice, mut end: LooseEnd) -> Vec<Change> {
        end.connector = connector(["a", "b", "c"][dice.index(3)]);
        self.ends.insert(end.id.0, end.clone());
        vec![Change::Loose(None, Some(end.into()))]
    }

    /// A loose end is no more; the field says so.
    fn mend(&mut self, end: &LooseEnd) -> Vec<Change> {
        self.ends.remove(&end.id.0);
        let mut changes = vec![Change::Loose(Some(Arc::new(end.clone())), None)];
        if let LooseAt::Object(id, name) = &end.at
            && let Some(before) = self.objects.get(&id.0).cloned()
        {
            let mut after = before.clone();
            after.links.remove(name);
            self.objects.insert(after.id.0, after.clone());
            changes.insert(0, update(&before, &after));
        }
        changes
    }

    /// Loose ends at the fields of a row that is deleted go with it.
    pub(super) fn ends_of(&mut self, row: RowId) -> Vec<Change> {
        let at = |end: &LooseEnd| matches!(&end.at, LooseAt::Object(id, _) if RowId::Object(*id) == row);
        let gone: Vec<LooseEnd> = self.ends.values().filter(|end| at(end)).cloned().collect();
        self.ends.retain(|_, end| !at(end));
        gone.into_iter().map(|end| Change::Loose(Some(end.into()), None)).collect()
    }

    /// Another holder of a former name, or none.
    pub(super) fn rename(&mut self, dice: &mut Dice) -> Vec<Change> {
        let key = FormerKey(type_name("cms.user"), Scope::default(), key_of(name(dice)));
        let after = (!dice.one_in(3)).then(|| Uuid::from_u128(dice.below(20).into()));
        let before = match after {
            Some(after) => self.formers.insert(key.clone(), after),
            None => self.formers.remove(&key),
        };
        if before.is_none() && after.is_none() { Vec::new() } else { vec![Change::Former(key, before, after)] }
    }

    /// Another tombstone, or none.
    pub(super) fn bury(&mut self, dice: &mut Dice) -> Vec<Change> {
        let by = match dice.index(2) {
            0 => TombBy::Guid(Uuid::from_u128(dice.below(4).into())),
            _ => TombBy::Name(Scope::default(), key_of(name(dice))),
        };
        let language = dice.one_in(2).then(|| culture("cs-CZ"));
        let key = TombKey { type_name: type_name("cms.user"), culture: language, by };
        let tomb = || Arc::new(Tomb { version: Version::Instant(7), until_ms: 9 });
        let after =
            (!dice.one_in(3)).then(tomb).map(|tomb| Arc::new(Tomb { until_ms: i64::MAX - dice.below(99) as i64, ..(*tomb).clone() }));
        let before = match &after {
            Some(after) => self.tombs.insert(key.clone(), after.clone()),
            None => self.tombs.remove(&key),
        };
        if before.is_none() && after.is_none() { Vec::new() } else { vec![Change::Tomb(key, before, after)] }
    }
}

fn name(dice: &mut Dice) -> &'static str {
    NAMES[dice.index(NAMES.len())]
}
