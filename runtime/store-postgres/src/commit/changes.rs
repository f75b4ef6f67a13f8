//! Rows that a commit changes: each once, as it was before the first change and is after the last.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lockgate_core::change::Change;
use lockgate_core::key::{Key, LooseOf, Tomb};
use lockgate_core::model::ContentModel;
use lockgate_core::park::{LooseAt, LooseEnd};
use lockgate_core::rows::{BindingRow, ObjectRow, PageRow};
use lockgate_store_rows as rows;
use lockgate_store_rows::names::Intern;
use uuid::Uuid;

use super::keys::{former_key, tomb_key};
use super::wakes::{ADD_WANTS, FORGET_LOOSE, Waiters};
use crate::convert;
use crate::fault::Fault;
use crate::found;
use crate::params::params;
use crate::tally::{self, Deltas};
use crate::tx::Tx;

type Net<R> = BTreeMap<u64, (Option<Arc<R>>, Option<Arc<R>>)>;

/// Rows as columns.
#[derive(Default)]
struct Columns {
    ids: Vec<i64>,
    /// The type; of a page the site, of a loose end the connector.
    names: Vec<String>,
    /// Of a page its parent, of a binding that is not made the mark of its owner.
    places: Vec<Option<i64>>,
    rows: Vec<Vec<u8>>,
}

/// Rows of one kind: those that go, those that come, and those that are otherwise.
#[derive(Default)]
struct Put {
    gone: Vec<i64>,
    new: Columns,
    changed: Columns,
}

impl Put {
    fn put(&mut self, is_new: bool, id: u64, name: &str, place: Option<i64>, row: Vec<u8>) {
        let columns = if is_new { &mut self.new } else { &mut self.changed };
        columns.ids.push(convert::id(id));
        columns.names.push(name.to_owned());
        columns.places.push(place);
        columns.rows.push(row);
    }
}

/// All that becomes of rows and of what stands beside them.
#[derive(Default)]
pub(crate) struct Changes {
    objects: Put,
    pages: Put,
    bindings: Put,
    loose: Put,
    formers: BTreeMap<Vec<u8>, Option<Uuid>>,
    tombs: BTreeMap<Vec<u8>, Option<(i64, Vec<u8>)>>,
    not_found: Vec<(i64, i16, i64)>,
    found: Vec<(i64, i16, i64)>,
    pub(crate) waiters: Waiters,
    deltas: Deltas,
}

impl Changes {
    pub(crate) fn new(changes: &[Change], model: &ContentModel, names: &mut dyn Intern) -> Result<Self, Fault> {
        let (mut objects, mut pages, mut bindings, mut loose) = (Net::new(), Net::new(), Net::new(), Net::new());
        let mut all = Self::default();
        for change in changes {
            match change {
                Change::Object(before, after) => net(&mut objects, |row: &ObjectRow| row.id.0, before, after),
                Change::Page(before, after) => net(&mut pages, |row: &PageRow| row.id.0, before, after),
                Change::Binding(before, after) => net(&mut bindings, |row: &BindingRow| row.id.0, before, after),
                Change::Loose(before, after) => net(&mut loose, |end: &LooseEnd| end.id.0, before, after),
                Change::Former(key, _, after) => drop(all.formers.insert(former_key(key), *after)),
                Change::Tomb(key, _, after) => {
                    let after = after.as_ref().map(|tomb: &Arc<Tomb>| (tomb.until_ms, rows::tomb::encode(tomb)));
                    all.tombs.insert(tomb_key(key), after);
                }
            }
        }
        all.objects(objects, model, names);
        all.pages(pages, model, names);
        all.bindings(bindings, model, names);
        all.loose(loose, names);
        all.not_found.sort_unstable();
        all.found.sort_unstable();
        Ok(all)
    }

    fn objects(&mut self, net: Net<ObjectRow>, model: &ContentModel, names: &mut dyn Intern) {
        for (id, (before, after)) in net {
            before.iter().for_each(|row| self.deltas.add(tally::OBJECTS, row.object_type.as_str(), -1));
            after.iter().for_each(|row| self.deltas.add(tally::OBJECTS, row.object_type.as_str(), 1));
            let keys = [&before, &after].map(|row| row.iter().flat_map(|row| found::of_object(row, model)).collect());
            self.find(id, keys);
            match after {
                Some(row) => self.objects.put(before.is_none(), id, row.object_type.as_str(), None, rows::object::encode(&row, names)),
                None => self.objects.gone.push(convert::id(id)),
            }
        }
    }

    fn pages(&mut self, net: Net<PageRow>, model: &ContentModel, names: &mut dyn Intern) {
        for (id, (before, after)) in net {
            for (row, n) in before.iter().map(|row| (row, -1)).chain(after.iter().map(|row| (row, 1))) {
                self.deltas.add(tally::PAGES, row.class_name.as_str(), n);
                self.deltas.add(tally::CULTURES, "", n * convert::limit(row.cultures.len()));
            }
            let keys = [&before, &after].map(|row| row.iter().flat_map(|row| found::of_page(row, model)).collect());
            self.find(id, keys);
            match after {
                Some(row) => {
                    let parent = row.parent.map(|parent| convert::id(parent.0));
                    self.pages.put(before.is_none(), id, row.site.as_str(), parent, rows::page::encode(&row, names));
                }
                None => self.pages.gone.push(convert::id(id)),
            }
        }
    }

    fn bindings(&mut self, net: Net<BindingRow>, model: &ContentModel, names: &mut dyn Intern) {
        for (id, (before, after)) in net {
            before.iter().for_each(|row| self.deltas.add(tally::BINDINGS, row.binding_type.as_str(), -1));
            after.iter().for_each(|row| self.deltas.add(tally::BINDINGS, row.binding_type.as_str(), 1));
            let keys = [&before, &after].map(|row| row.iter().flat_map(|row| found::of_binding(row, model)).collect());
            self.find(id, keys);
            match after {
                Some(row) => self.bindings.put(before.is_none(), id, row.binding_type.as_str(), None, rows::binding::encode(&row, names)),
                None => self.bindings.gone.push(convert::id(id)),
            }
        }
    }

    fn loose(&mut self, net: Net<LooseEnd>, names: &mut dyn Intern) {
        for (id, (before, after)) in net {
            before.iter().for_each(|end| self.deltas.add(tally::LOOSE_ENDS, end.connector.as_str(), -1));
            after.iter().for_each(|end| self.deltas.add(tally::LOOSE_ENDS, end.connector.as_str(), 1));
            match after {
                Some(end) => {
                    let owner = match &end.at {
                        LooseAt::NotMade(it) => Some(Key::from(LooseOf(it.binding_type.clone(), it.owner.clone())).mark()),
                        LooseAt::Object(..) | LooseAt::Page(..) | LooseAt::Binding(..) => None,
                    };
                    self.waiters.end(&end);
                    self.loose.put(
                        before.is_none(),
                        id,
                        end.connector.as_str(),
                        owner.map(convert::mark),
                        rows::loose::encode(&end, names),
                    );
                }
                None => self.loose.gone.push(convert::id(id)),
            }
        }
    }

    /// A row is found otherwise now.
    fn find(&mut self, id: u64, [before, after]: [BTreeSet<(i64, i16)>; 2]) {
        let id = convert::id(id);
        self.not_found.extend(before.difference(&after).map(|(mark, kind)| (*mark, *kind, id)));
        self.found.extend(after.difference(&before).map(|(mark, kind)| (*mark, *kind, id)));
    }

    /// Writes everything. Rows that go make room before others come.
    pub(crate) async fn put(&self, tx: &Tx<'_>) {
        self.put_rows(tx).await;
        self.put_ends(tx).await;
        self.put_traces(tx).await;
        super::count(tx, &self.deltas).await;
    }

    async fn put_rows(&self, tx: &Tx<'_>) {
        let columns = |found: &[(i64, i16, i64)]| {
            let marks: Vec<i64> = found.iter().map(|(mark, ..)| *mark).collect();
            let kinds: Vec<i16> = found.iter().map(|(_, kind, _)| *kind).collect();
            let ids: Vec<i64> = found.iter().map(|(.., id)| *id).collect();
            params![marks, kinds, ids]
        };
        if !self.not_found.is_empty() {
            let sql = "DELETE FROM found f USING unnest($1::int8[], $2::int2[], $3::int8[]) g (mark, kind, id) \
                 WHERE f.mark = g.mark AND f.kind = g.kind AND f.id = g.id";
            tx.add(sql, columns(&self.not_found)).await;
        }
        if !self.found.is_empty() {
            let sql = "INSERT INTO found (mark, kind, id) SELECT * FROM unnest($1::int8[], $2::int2[], $3::int8[])";
            tx.add(sql, columns(&self.found)).await;
        }
        for (put, delete, insert, update) in [
            (&self.objects, "DELETE FROM object WHERE id = ANY($1::int8[])", ADD_OBJECTS, CHANGE_OBJECTS),
            (&self.bindings, "DELETE FROM binding WHERE id = ANY($1::int8[])", ADD_BINDINGS, CHANGE_BINDINGS),
        ] {
            if !put.gone.is_empty() {
                tx.add(delete, params![put.gone.clone()]).await;
            }
            for (sql, Columns { ids, names, rows, .. }) in [(insert, &put.new), (update, &put.changed)] {
                if !ids.is_empty() {
                    tx.add(sql, params![ids.clone(), names.clone(), rows.clone()]).await;
                }
            }
        }
        if !self.pages.gone.is_empty() {
            tx.add("DELETE FROM page WHERE id = ANY($1::int8[])", params![self.pages.gone.clone()]).await;
        }
        for (sql, Columns { ids, names, places, rows }) in [(ADD_PAGES, &self.pages.new), (CHANGE_PAGES, &self.pages.changed)] {
            if !ids.is_empty() {
                tx.add(sql, params![ids.clone(), names.clone(), places.clone(), rows.clone()]).await;
            }
        }
    }

    async fn put_ends(&self, tx: &Tx<'_>) {
        let Put { gone, new, changed } = &self.loose;
        if !gone.is_empty() {
            tx.add("DELETE FROM loose WHERE id = ANY($1::int8[])", params![gone.clone()]).await;
        }
        if !new.ids.is_empty() {
            // Whoever is asked for by name has a row, installed or not.
            let sql = "INSERT INTO connector (name) SELECT DISTINCT unnest($1::text[]) ORDER BY 1 ON CONFLICT DO NOTHING";
            tx.add(sql, params![new.names.clone()]).await;
        }
        for (sql, Columns { ids, names, places, rows }) in [(ADD_ENDS, new), (CHANGE_ENDS, changed)] {
            if !ids.is_empty() {
                tx.add(sql, params![ids.clone(), names.clone(), places.clone(), rows.clone()]).await;
            }
        }
        let looked_at: Vec<i64> = gone.iter().chain(&new.ids).chain(&changed.ids).copied().collect();
        if !looked_at.is_empty() {
            tx.add(FORGET_LOOSE, params![looked_at]).await;
        }
        if self.waiters.any() {
            tx.add(ADD_WANTS, self.waiters.wants()).await;
        }
    }

    async fn put_traces(&self, tx: &Tx<'_>) {
        let gone: Vec<Vec<u8>> = self.formers.iter().filter(|(_, guid)| guid.is_none()).map(|(key, _)| key.clone()).collect();
        if !gone.is_empty() {
            tx.add("DELETE FROM former WHERE key = ANY($1::bytea[])", params![gone]).await;
        }
        let (keys, guids): (Vec<Vec<u8>>, Vec<Uuid>) = self.formers.iter().filter_map(|(key, guid)| Some((key.clone(), (*guid)?))).unzip();
        if !keys.is_empty() {
            let sql = "INSERT INTO former (key, guid) SELECT * FROM unnest($1::bytea[], $2::uuid[]) \
                 ON CONFLICT (key) DO UPDATE SET guid = EXCLUDED.guid";
            tx.add(sql, params![keys, guids]).await;
        }
        let gone: Vec<Vec<u8>> = self.tombs.iter().filter(|(_, tomb)| tomb.is_none()).map(|(key, _)| key.clone()).collect();
        if !gone.is_empty() {
            tx.add("DELETE FROM tomb WHERE key = ANY($1::bytea[])", params![gone]).await;
        }
        let (mut keys, mut untils, mut rows) = (Vec::new(), Vec::new(), Vec::new());
        for (key, (until_ms, row)) in self.tombs.iter().filter_map(|(key, tomb)| Some((key, tomb.as_ref()?))) {
            keys.push(key.clone());
            untils.push(*until_ms);
            rows.push(row.clone());
        }
        if !keys.is_empty() {
            let sql = "INSERT INTO tomb (key, until_ms, row) SELECT * FROM unnest($1::bytea[], $2::int8[], $3::bytea[]) \
                 ON CONFLICT (key) DO UPDATE SET until_ms = EXCLUDED.until_ms, row = EXCLUDED.row";
            tx.add(sql, params![keys, untils, rows]).await;
        }
    }
}

const ADD_OBJECTS: &str = "INSERT INTO object (id, type, row) SELECT * FROM unnest($1::int8[], $2::text[], $3::bytea[])";
const CHANGE_OBJECTS: &str = "UPDATE object t SET type = n.type, row = n.row \
     FROM unnest($1::int8[], $2::text[], $3::bytea[]) n (id, type, row) WHERE t.id = n.id";
const ADD_BINDINGS: &str = "INSERT INTO binding (id, type, row) SELECT * FROM unnest($1::int8[], $2::text[], $3::bytea[])";
const CHANGE_BINDINGS: &str = "UPDATE binding t SET type = n.type, row = n.row \
     FROM unnest($1::int8[], $2::text[], $3::bytea[]) n (id, type, row) WHERE t.id = n.id";
const ADD_PAGES: &str = "INSERT INTO page (id, site, parent, row) SELECT * FROM unnest($1::int8[], $2::text[], $3::int8[], $4::bytea[])";
const CHANGE_PAGES: &str = "UPDATE page t SET site = n.site, parent = n.parent, row = n.row \
     FROM unnest($1::int8[], $2::text[], $3::int8[], $4::bytea[]) n (id, site, parent, row) WHERE t.id = n.id";
const ADD_ENDS: &str =
    "INSERT INTO loose (id, connector, owner, row) SELECT * FROM unnest($1::int8[], $2::text[], $3::int8[], $4::bytea[])";
const CHANGE_ENDS: &str = "UPDATE loose t SET connector = n.connector, owner = n.owner, row = n.row, due = false \
     FROM unnest($1::int8[], $2::text[], $3::int8[], $4::bytea[]) n (id, connector, owner, row) WHERE t.id = n.id";

fn net<R>(all: &mut Net<R>, id: impl Fn(&R) -> u64, before: &Option<Arc<R>>, after: &Option<Arc<R>>) {
    let Some(row) = before.as_ref().or(after.as_ref()) else { return };
    all.entry(id(row)).or_insert_with(|| (before.clone(), None)).1.clone_from(after);
}
