//! What would be stored beside what is.

use std::collections::BTreeMap;

use lockgate_bus::{Bus, Tried};
use lockgate_core::change::Change;
use lockgate_core::fingerprint::Fault;
use lockgate_core::ports::StoreError;
use lockgate_core::rows::{BindingRow, ObjectRow, PageRow, RowId};
use lockgate_core::task::TaskHead;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::entry::WarningWire;
use super::missing::WantWire;
use super::object::{BindingWire, ObjectWire};
use super::task::{FailureWire, LogLineWire};
use super::used::UsedWire;
use super::value::fields;
use crate::references::{References, of_binding, of_object, of_page};

/// Rows that one answer lists, at most.
const ROWS_SHOWN_MAX: usize = 1_000;
/// Members of a row that say nothing of what it is: ids of rows that are not stored, and times.
const NO_DIFFERENCE: [&str; 3] = ["id", "created_at", "modified_at"];

/// What would become of one task.
#[derive(Serialize)]
pub(crate) struct TriedWire {
    task: u64,
    digest: String,
    outcome: &'static str,
    failure: Option<FailureWire>,
    changes: Vec<RowWire>,
    changes_total: usize,
    references_resolved: u32,
    missing: Vec<WantWire>,
    warnings: Vec<WarningWire>,
    log: Vec<LogLineWire>,
    used: Option<UsedWire>,
}

/// One row: what would be another in it.
#[derive(Serialize)]
struct RowWire {
    kind: &'static str,
    r#type: String,
    /// Code name, or path of a page; of a binding nothing.
    name: Option<String>,
    site: Option<String>,
    action: &'static str,
    /// Member or field to what it is and would be.
    difference: BTreeMap<String, SidesWire>,
}

#[derive(Serialize)]
struct SidesWire {
    before: Value,
    after: Value,
}

/// One row before all changes of it and after.
enum Row {
    Object(Option<std::sync::Arc<ObjectRow>>, Option<std::sync::Arc<ObjectRow>>),
    Page(Option<std::sync::Arc<PageRow>>, Option<std::sync::Arc<PageRow>>),
    Binding(Option<std::sync::Arc<BindingRow>>, Option<std::sync::Arc<BindingRow>>),
}

impl TriedWire {
    pub(crate) fn new(bus: &Bus, tried: Tried) -> Result<Self, StoreError> {
        let rows = folded(&tried.changes);
        let references = references(bus, &rows)?;
        let mut changes: Vec<RowWire> = rows.iter().filter_map(|row| row_wire(row, &references)).collect();
        let changes_total = changes.len();
        changes.truncate(ROWS_SHOWN_MAX);
        Ok(Self {
            task: tried.task.0,
            digest: tried.digest.to_string(),
            outcome: tried.outcome,
            failure: tried.failure.map(Into::into),
            changes,
            changes_total,
            references_resolved: tried.references_resolved,
            missing: tried.wants.iter().map(Into::into).collect(),
            warnings: tried.warnings.into_iter().map(Into::into).collect(),
            log: tried.log.into_iter().map(Into::into).collect(),
            used: UsedWire::new(&tried.used),
        })
    }
}

/// In the order of each row's first change.
fn folded(changes: &[Change]) -> Vec<Row> {
    let mut places: BTreeMap<RowId, usize> = BTreeMap::new();
    let mut rows: Vec<Row> = Vec::new();
    for change in changes {
        let Some(id) = change.row() else { continue };
        let place = *places.entry(id).or_insert(rows.len());
        match (rows.get_mut(place), change) {
            (Some(Row::Object(_, last)), Change::Object(_, after)) => last.clone_from(after),
            (Some(Row::Page(_, last)), Change::Page(_, after)) => last.clone_from(after),
            (Some(Row::Binding(_, last)), Change::Binding(_, after)) => last.clone_from(after),
            (_, Change::Object(before, after)) => rows.push(Row::Object(before.clone(), after.clone())),
            (_, Change::Page(before, after)) => rows.push(Row::Page(before.clone(), after.clone())),
            (_, Change::Binding(before, after)) => rows.push(Row::Binding(before.clone(), after.clone())),
            _ => {}
        }
    }
    rows
}

/// What the rows point to: stored rows, and those that would be.
fn references(bus: &Bus, rows: &[Row]) -> Result<References, StoreError> {
    let mut targets = Vec::new();
    for row in rows {
        match row {
            Row::Object(before, after) => before.iter().chain(after).for_each(|row| targets.extend(of_object(row))),
            Row::Page(before, after) => {
                for row in before.iter().chain(after) {
                    targets.extend(of_page(row));
                    targets.extend(row.parent.map(lockgate_core::rows::Target::Page));
                }
            }
            Row::Binding(before, after) => before.iter().chain(after).for_each(|row| targets.extend(of_binding(row))),
        }
    }
    let mut references = References::load(bus, targets)?;
    for row in rows {
        match row {
            Row::Object(_, Some(row)) => references.would_be_object(row.clone()),
            Row::Page(_, Some(row)) => references.would_be_page(row.clone()),
            _ => {}
        }
    }
    Ok(references)
}

fn row_wire(row: &Row, references: &References) -> Option<RowWire> {
    let (kind, type_name, name, site, before, after) = match row {
        Row::Object(before, after) => {
            let row = after.as_ref().or(before.as_ref())?;
            let wire = |row: &std::sync::Arc<ObjectRow>| json!(ObjectWire::new(row, references));
            let site = row.scope.site.as_ref().map(ToString::to_string);
            (
                "object",
                row.object_type.to_string(),
                Some(row.code_name.to_string()),
                site,
                before.as_ref().map(wire),
                after.as_ref().map(wire),
            )
        }
        Row::Page(before, after) => {
            let row = after.as_ref().or(before.as_ref())?;
            let wire = |row: &std::sync::Arc<PageRow>| page(row, references);
            let path = references.path_of(row);
            ("page", row.class_name.to_string(), path, Some(row.site.to_string()), before.as_ref().map(wire), after.as_ref().map(wire))
        }
        Row::Binding(before, after) => {
            let row = after.as_ref().or(before.as_ref())?;
            let wire = |row: &std::sync::Arc<BindingRow>| json!(BindingWire::new(row, references));
            ("binding", row.binding_type.to_string(), None, None, before.as_ref().map(wire), after.as_ref().map(wire))
        }
    };
    let action = match (&before, &after) {
        (None, Some(_)) => "insert",
        (Some(_), Some(_)) => "update",
        (Some(_), None) => "delete",
        // Made and taken away again.
        (None, None) => return None,
    };
    let difference = difference(&members(before), &members(after));
    Some(RowWire { kind, r#type: type_name, name, site, action, difference })
}

/// A page with all its cultures, whose fields stand beside their names.
fn page(row: &PageRow, references: &References) -> Value {
    let cultures: Map<String, Value> = row
        .cultures
        .iter()
        .map(|(culture, version)| {
            let shown = json!({
                "name": &*version.name,
                "published": version.published,
                "archived": version.archived,
                "fields": fields(&version.fields, &version.links, references),
            });
            (culture.to_string(), shown)
        })
        .collect();
    json!({ "guid": row.guid.to_string(), "path": references.path_of(row), "order": row.order, "cultures": cultures })
}

/// Members by name; those of members by `member.name`.
fn members(row: Option<Value>) -> BTreeMap<String, Value> {
    fn flat(prefix: &str, value: Value, into: &mut BTreeMap<String, Value>) {
        match value {
            Value::Object(inner) if !inner.contains_key("ref") => {
                for (name, value) in inner {
                    let name = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
                    flat(&name, value, into);
                }
            }
            value => drop(into.insert(prefix.to_owned(), value)),
        }
    }
    let mut all = BTreeMap::new();
    if let Some(Value::Object(row)) = row {
        for (name, value) in row.into_iter().filter(|(name, _)| !NO_DIFFERENCE.contains(&name.as_str())) {
            match name.as_str() {
                // One level: a field may hold an object.
                "fields" | "cultures" => flat(&name, value, &mut all),
                _ => drop(all.insert(name, value)),
            }
        }
    }
    all
}

fn difference(before: &BTreeMap<String, Value>, after: &BTreeMap<String, Value>) -> BTreeMap<String, SidesWire> {
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let side = |row: &BTreeMap<String, Value>, name: &str| row.get(name).cloned().unwrap_or(Value::Null);
    let sides = names.into_iter().map(|name| (name.clone(), SidesWire { before: side(before, name), after: side(after, name) }));
    sides.filter(|(_, sides)| sides.before != sides.after).collect()
}

/// What would become of many tasks.
#[derive(Serialize, Default)]
pub(crate) struct SummaryWire {
    meant: u64,
    tried: u64,
    outcomes: BTreeMap<&'static str, u64>,
    inserted: u64,
    updated: u64,
    deleted: u64,
    failures: Vec<FailedWire>,
    tasks: Vec<TaskWire>,
}

#[derive(Serialize)]
struct FailedWire {
    code: &'static str,
    path: Option<String>,
    text: String,
    tasks: u64,
    first: u64,
}

#[derive(Serialize)]
struct TaskWire {
    task: u64,
    outcome: &'static str,
    code: Option<&'static str>,
    changes: usize,
}

impl SummaryWire {
    pub(crate) fn add(&mut self, head: &TaskHead, tried: &Tried) {
        self.tried += 1;
        *self.outcomes.entry(tried.outcome).or_default() += 1;
        let rows = folded(&tried.changes);
        for row in &rows {
            let sides = match row {
                Row::Object(before, after) => (before.is_some(), after.is_some()),
                Row::Page(before, after) => (before.is_some(), after.is_some()),
                Row::Binding(before, after) => (before.is_some(), after.is_some()),
            };
            match sides {
                (false, true) => self.inserted += 1,
                (true, true) => self.updated += 1,
                (true, false) => self.deleted += 1,
                (false, false) => {}
            }
        }
        let code = tried.failure.as_ref().map(|failure| failure.code.as_str());
        self.tasks.push(TaskWire { task: head.id.0, outcome: tried.outcome, code, changes: rows.len() });
        if let Some(failure) = &tried.failure {
            let fault = Fault::of(&head.connector, failure);
            let (code, path, text) = (fault.code.as_str(), fault.path.map(|path| path.to_string()), fault.text.to_string());
            match self.failures.iter_mut().find(|failed| failed.code == code && failed.path == path && failed.text == text) {
                Some(failed) => failed.tasks += 1,
                None => self.failures.push(FailedWire { code, path, text, tasks: 1, first: head.id.0 }),
            }
        }
    }

    pub(crate) fn of(mut self, meant: u64) -> Self {
        self.meant = meant;
        self.failures.sort_by_key(|failed| std::cmp::Reverse(failed.tasks));
        self
    }
}
