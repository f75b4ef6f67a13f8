//! Random changes that a correct plan could make, and a copy of all rows to make them from.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use uuid::Uuid;

use crate::Dice;
use crate::suite::bench::{
    Row, a_page, a_version, an_object, code_name, culture, delete, field, insert, link, role, site, text, to_object, to_page, tree, update,
    user, user_role,
};
use lockgate_core::change::Change;
use lockgate_core::key::{FormerKey, Tomb, TombKey};
use lockgate_core::newer::Version;
use lockgate_core::park::LooseEnd;
use lockgate_core::rows::{BindingRow, NodeId, ObjectId, ObjectRow, PageRow, RowId};

/// Few names, so that rows meet.
pub(super) const NAMES: [&str; 5] = ["alpha", "Beta", "gamma", "čtyři", "five"];

#[derive(Default, Clone)]
pub(super) struct World {
    pub(super) objects: BTreeMap<u64, ObjectRow>,
    pub(super) pages: BTreeMap<u64, PageRow>,
    pub(super) bindings: BTreeMap<u64, BindingRow>,
    pub(super) ends: BTreeMap<u64, LooseEnd>,
    pub(super) formers: HashMap<FormerKey, Uuid>,
    pub(super) tombs: HashMap<TombKey, Arc<Tomb>>,
}

impl World {
    /// One change, already made here, with those that belong to it; none when what was thought of is not
    /// possible. `id` is not used yet.
    pub(super) fn change(&mut self, dice: &mut Dice, id: u64) -> Vec<Change> {
        match dice.index(17) {
            12..=14 => self.loosen(dice, id),
            15 => self.rename(dice),
            16 => self.bury(dice),
            kind => {
                let change = self.change_row(dice, id, kind);
                let ends = match &change {
                    Some(Change::Object(Some(row), None)) => self.ends_of(RowId::Object(row.id)),
                    _ => Vec::new(),
                };
                change.into_iter().chain(ends).collect()
            }
        }
    }

    fn change_row(&mut self, dice: &mut Dice, id: u64, kind: usize) -> Option<Change> {
        match kind {
            0..=2 => self.put_object(dice, None, id),
            3..=4 => {
                let before = dice.pick(&self.objects.values().cloned().collect::<Vec<_>>())?.clone();
                self.put_object(dice, Some(before), id)
            }
            5 => self.delete_object(dice),
            6..=7 => self.put_page(dice, None, id),
            8 => {
                let before = dice.pick(&self.pages.values().cloned().collect::<Vec<_>>())?.clone();
                self.put_page(dice, Some(before), id)
            }
            9 => self.delete_page(dice),
            10 => self.put_binding(dice, id),
            _ => {
                let row = dice.pick(&self.bindings.values().cloned().collect::<Vec<_>>())?.clone();
                self.bindings.remove(&row.id.0);
                Some(delete(&row))
            }
        }
    }

    fn put_object(&mut self, dice: &mut Dice, before: Option<ObjectRow>, id: u64) -> Option<Change> {
        let name = NAMES[dice.index(NAMES.len())];
        let some_object = |dice: &mut Dice| dice.pick(&self.objects.keys().copied().collect::<Vec<_>>()).copied();
        let mut after = match &before {
            Some(row) => ObjectRow { code_name: code_name(name), ..row.clone() },
            None => match dice.index(4) {
                0 => user(id, name),
                1 => role(id, if dice.one_in(2) { "main" } else { "other" }, name),
                2 => tree(id, some_object(dice), name),
                _ => an_object(id, "shop.product", name),
            },
        };
        if dice.one_in(4) {
            after.guid = Uuid::from_u128(dice.index(20) as u128);
        }
        if dice.one_in(3) && after.scope.site.is_none() {
            after.scope.parent = some_object(dice).map(ObjectId);
            after.scope.group = if dice.one_in(4) { some_object(dice).map(ObjectId) } else { None };
        }
        for name in ["manager", "owner", "page"] {
            match (dice.index(3), some_object(dice)) {
                (0, _) => drop(after.fields.remove(&field(name))),
                (1, Some(target)) => {
                    drop(after.fields.insert(field(name), if name == "page" { to_page(target) } else { to_object(target) }))
                }
                _ => {}
            }
        }
        after.fields.insert(field("email"), text(&format!("{}@example.com", dice.index(40))));
        if dice.one_in(4) {
            after.links.insert(field("owner"), link(name, None));
            after.newer.row = Some(Version::Instant(dice.below(9).into()));
        }
        after.modified_ms += 1;
        let free = self.objects.values().all(|other| {
            let same_type = other.object_type == after.object_type;
            let same_name = other.scope == after.scope && other.code_name == after.code_name;
            let same_mail = other.fields.get(&field("email")) == after.fields.get(&field("email"));
            other.id == after.id || !(same_type && (same_name || other.guid == after.guid || same_mail))
        });
        free.then(|| {
            self.objects.insert(after.id.0, after.clone());
            changed(before, after)
        })
    }

    fn delete_object(&mut self, dice: &mut Dice) -> Option<Change> {
        let row = dice.pick(&self.objects.values().cloned().collect::<Vec<_>>())?.clone();
        self.objects.remove(&row.id.0);
        Some(delete(&row))
    }

    fn put_page(&mut self, dice: &mut Dice, before: Option<PageRow>, id: u64) -> Option<Change> {
        let name = NAMES[dice.index(NAMES.len())];
        let mut after = match &before {
            Some(row) => PageRow { alias: code_name(name), ..row.clone() },
            None => PageRow { site: site(if dice.one_in(3) { "other" } else { "main" }), ..a_page(id, None, name) },
        };
        if dice.one_in(2) {
            let siblings: Vec<u64> =
                self.pages.values().filter(|page| page.site == after.site && page.id != after.id).map(|page| page.id.0).collect();
            after.parent = dice.pick(&siblings).copied().map(NodeId);
        }
        if dice.one_in(3) {
            after.order = if dice.one_in(3) { None } else { Some(dice.index(5) as i32 - 2) };
        }
        let which = culture(["en-US", "cs-CZ", "de-DE"][dice.index(3)]);
        if dice.one_in(3) && after.cultures.len() > 1 {
            after.cultures.remove(&which);
        } else {
            let mut values = Vec::new();
            if let Some(target) = dice.pick(&self.objects.keys().copied().collect::<Vec<_>>()) {
                values.push(("author", to_object(*target)));
            }
            if let Some(target) = dice.pick(&self.pages.keys().copied().collect::<Vec<_>>()) {
                values.push(("related", to_page(*target)));
            }
            after.cultures.insert(which, a_version(name, values));
        }
        after.modified_ms += 1;
        let free = self
            .pages
            .values()
            .all(|other| other.id == after.id || other.site != after.site || other.parent != after.parent || other.alias != after.alias);
        (free && !after.cultures.is_empty()).then(|| {
            self.pages.insert(after.id.0, after.clone());
            changed(before, after)
        })
    }

    fn delete_page(&mut self, dice: &mut Dice) -> Option<Change> {
        let row = dice.pick(&self.pages.values().cloned().collect::<Vec<_>>())?.clone();
        self.pages.remove(&row.id.0);
        Some(delete(&row))
    }

    fn put_binding(&mut self, dice: &mut Dice, id: u64) -> Option<Change> {
        let objects: Vec<u64> = self.objects.keys().copied().collect();
        let row = user_role(id, *dice.pick(&objects)?, *dice.pick(&objects)?);
        if let Some(before) = self.bindings.values().find(|other| other.binds == row.binds).cloned() {
            let mut after = before.clone();
            after.fields.insert(field("note"), text(NAMES[dice.index(NAMES.len())]));
            self.bindings.insert(after.id.0, after.clone());
            return Some(update(&before, &after));
        }
        self.bindings.insert(id, row.clone());
        Some(insert(&row))
    }
}

fn changed<R: Row>(before: Option<R>, after: R) -> Change {
    R::change(before, Some(after))
}
