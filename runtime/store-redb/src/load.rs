//! Answering the plan's questions, all as of one moment.

use std::sync::Arc;

use lockgate_core::key::{
    ANSWER_IDS_MAX, ANSWER_ROWS_MAX, Answers, BindingKey, BindingsOf, Key, Loaded, ObjectKey, ObjectsKey, PageKey, PagesUnder,
};
use lockgate_core::rows::{BindingRow, NodeId, ObjectRow, PageRow, Referrer, Target};

use crate::disk::binding::{row, target_key, targets_key};
use crate::disk::{self, place};
use crate::fault::Fault;
use crate::read::View;
use crate::{loose, traces, waits};

/// One more than an answer may hold, so that the plan can tell.
const ROWS: usize = ANSWER_ROWS_MAX + 1;

/// Answers every question.
pub(crate) fn load(view: &View, as_of: u64, keys: &[Key]) -> Result<Loaded, Fault> {
    let mut answers = Answers::default();
    for key in keys {
        if !answers.has(key) {
            answer(view, key, &mut answers)?;
        }
    }
    Ok(Loaded { as_of, answers })
}

fn answer(view: &View, key: &Key, answers: &mut Answers) -> Result<(), Fault> {
    match key {
        Key::Object(key) => drop(answers.insert(key.clone(), one(object_id(view, key)?, |id| object(view, id))?)),
        Key::Objects(key) => {
            let rows = object_ids(view, key)?.into_iter().filter_map(|id| object(view, id).transpose()).collect::<Result<_, _>>()?;
            answers.insert(key.clone(), rows);
        }
        Key::Page(key) => drop(answers.insert(key.clone(), one(page_id(view, key)?, |id| page(view, id))?)),
        Key::PageIds(key) => drop(answers.insert(*key, pages_under(view, key)?)),
        Key::Binding(key) => drop(answers.insert(key.clone(), one(binding_id(view, key)?, |id| binding(view, id))?)),
        Key::Bindings(key) => drop(answers.insert(key.clone(), bindings_of(view, key)?)),
        Key::Referrers(key) => drop(answers.insert(*key, referrers(view, key.0)?)),
        Key::Former(key) => drop(answers.insert(key.clone(), traces::former(view, key)?)),
        Key::Tomb(key) => drop(answers.insert(key.clone(), traces::tomb(view, key)?.map(Arc::new))),
        Key::Loose(key) => drop(answers.insert(*key, loose::end(view, key.0.0)?)),
        Key::LooseEnds(key) => drop(answers.insert(key.clone(), loose::of(view, key)?)),
        Key::Line(key) => drop(answers.insert(key.clone(), waits::read::last_in_line(view, key)?)),
    }
    Ok(())
}

/// The row with the id that was found, if one was.
fn one<R>(id: Option<u64>, row: impl FnOnce(u64) -> Result<Option<R>, Fault>) -> Result<Option<R>, Fault> {
    id.map_or(Ok(None), row)
}

fn object_id(view: &View, key: &ObjectKey) -> Result<Option<u64>, Fault> {
    let id = |name: &str| view.names.id(name);
    match key {
        ObjectKey::Id(id) => Ok(Some(id.0)),
        ObjectKey::Name(object_type, scope, name) => {
            let Some((t, (s, p, g))) = id(object_type.as_str()).zip(disk::scope_key(scope, &view.names)) else { return Ok(None) };
            Ok(view.tables.named()?.get((t, s, &**name, p, g))?.map(|id| id.value()))
        }
        ObjectKey::Guid(object_type, guid) => {
            let (Some(t), guid) = (id(object_type.as_str()), guid.as_u128()) else { return Ok(None) };
            let first = view.tables.guids()?.range((t, guid, 0)..=(t, guid, u64::MAX))?.next().transpose()?;
            Ok(first.map(|(key, _)| key.value().2))
        }
        ObjectKey::Unique(object_type, field, value) => {
            let Some((t, f)) = id(object_type.as_str()).zip(id(field.as_str())) else { return Ok(None) };
            let first = view.tables.unique()?.range((t, f, &**value, 0)..=(t, f, &**value, u64::MAX))?.next().transpose()?;
            Ok(first.map(|(key, _)| key.value().3))
        }
    }
}

fn object_ids(view: &View, key: &ObjectsKey) -> Result<Vec<u64>, Fault> {
    let mut ids = Vec::new();
    match key {
        ObjectsKey::AnyNamed(object_type, site, name) => {
            let found = view.names.id(object_type.as_str()).zip(view.names.site_id(site.as_ref()));
            let Some((t, s)) = found else { return Ok(ids) };
            for row in view.tables.named()?.range((t, s, &**name, 0, 0)..=(t, s, &**name, u64::MAX, u64::MAX))?.take(2) {
                ids.push(row?.1.value());
            }
            ids.sort_unstable();
        }
        ObjectsKey::Children(parent, object_type) => {
            let Some(t) = view.names.id(object_type.as_str()) else { return Ok(ids) };
            for row in view.tables.children()?.range((parent.0, t, 0)..=(parent.0, t, u64::MAX))?.take(ROWS) {
                ids.push(row?.0.value().2);
            }
        }
    }
    Ok(ids)
}

fn page_id(view: &View, key: &PageKey) -> Result<Option<u64>, Fault> {
    match key {
        PageKey::Id(id) => Ok(Some(id.0)),
        PageKey::Guid(site, guid) => {
            let Some(s) = view.names.id(site.as_str()) else { return Ok(None) };
            Ok(view.tables.page_guids()?.get((s, guid.as_u128()))?.map(|id| id.value()))
        }
        PageKey::Alias(site, parent, alias) => {
            let Some(s) = view.names.id(site.as_str()) else { return Ok(None) };
            let parent = place(parent.map(|id| id.0));
            Ok(view.tables.page_aliases()?.get((s, parent, &**alias))?.map(|id| id.value()))
        }
        PageKey::ChildOf(parent) => {
            let first = view.tables.page_children()?.range((parent.0, 0)..=(parent.0, u64::MAX))?.next().transpose()?;
            Ok(first.map(|(key, _)| key.value().1))
        }
    }
}

fn binding_id(view: &View, key: &BindingKey) -> Result<Option<u64>, Fault> {
    match key {
        BindingKey::Id(id) => Ok(Some(id.0)),
        BindingKey::Binds(binding_type, targets) => {
            let Some(t) = view.names.id(binding_type.as_str()) else { return Ok(None) };
            Ok(view.tables.binds()?.get((t, targets_key(targets).as_slice()))?.map(|id| id.value()))
        }
    }
}

fn pages_under(view: &View, PagesUnder(parent): &PagesUnder) -> Result<Vec<NodeId>, Fault> {
    let mut ids = Vec::new();
    for entry in view.tables.page_children()?.range((parent.0, 0)..=(parent.0, u64::MAX))?.take(ANSWER_IDS_MAX + 1) {
        ids.push(NodeId(entry?.0.value().1));
    }
    Ok(ids)
}

fn bindings_of(view: &View, BindingsOf(binding_type, owner): &BindingsOf) -> Result<Vec<Arc<BindingRow>>, Fault> {
    let (kind, id) = target_key(*owner);
    let mut rows = Vec::new();
    let Some(t) = view.names.id(binding_type.as_str()) else { return Ok(rows) };
    for entry in view.tables.bindings_of()?.range((t, kind, id, 0)..=(t, kind, id, u64::MAX))?.take(ROWS) {
        rows.extend(binding(view, entry?.0.value().3)?);
    }
    Ok(rows)
}

fn referrers(view: &View, target: Target) -> Result<Vec<Referrer>, Fault> {
    let (kind, id) = target_key(target);
    let range = (kind, id, 0, 0, 0)..=(kind, id, u8::MAX, u64::MAX, u32::MAX);
    let mut referrers = Vec::new();
    for entry in view.tables.referrers()?.range(range)?.take(ROWS) {
        let (key, _) = entry?;
        let (_, _, row_kind, row_id, field) = key.value();
        referrers.push(Referrer { row: row((row_kind, row_id))?, field: view.names.field(field)? });
    }
    // By name of the field, not by its id.
    referrers.sort();
    Ok(referrers)
}

pub(crate) fn object(view: &View, id: u64) -> Result<Option<Arc<ObjectRow>>, Fault> {
    let bytes = view.tables.objects()?.get(id)?;
    Ok(bytes.map(|bytes| disk::object::decode(id, bytes.value(), &view.names).map(Arc::new)).transpose()?)
}

pub(crate) fn page(view: &View, id: u64) -> Result<Option<Arc<PageRow>>, Fault> {
    let bytes = view.tables.pages()?.get(id)?;
    Ok(bytes.map(|bytes| disk::page::decode(id, bytes.value(), &view.names).map(Arc::new)).transpose()?)
}

fn binding(view: &View, id: u64) -> Result<Option<Arc<BindingRow>>, Fault> {
    let bytes = view.tables.bindings()?.get(id)?;
    Ok(bytes.map(|bytes| disk::binding::decode(id, bytes.value(), &view.names).map(Arc::new)).transpose()?)
}
