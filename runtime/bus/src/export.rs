//! The whole store as lines of JSON. The canonical form depends on what is stored alone, not on how
//! or when it came about: no ids, no times, no GUIDs that the store made, rows in order of their text.

mod names;

use std::ops::ControlFlow;

use base64::Engine as _;
use serde_json::{Map, Value, json};

use lockgate_core::element::{Seen, seen};
use lockgate_core::ports::{Store, StoreError};
use lockgate_core::rows::{BindingRow, Fields, ObjectRow, PageRow, Target};
use lockgate_core::value::{Plain, Stored};

use names::Names;

/// Rows read at a time.
const PAGE: usize = 500;

/// Which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Comparable between stores. Holds all lines in memory to sort them.
    Canonical,
    /// With ids, GUIDs and times, in order of ids, line by line.
    Full,
}

/// Writes every object, page and binding, a line each without the line end. `line` may break off.
/// Rows that are changed meanwhile are written as they are when their turn comes.
pub fn export(store: &dyn Store, form: Form, line: &mut dyn FnMut(&str) -> ControlFlow<()>) -> Result<(), StoreError> {
    let mut names = Names::new(store);
    let mut sorted = Vec::new();
    let mut put = |value: Value| match form {
        Form::Canonical => {
            sorted.push(value.to_string());
            ControlFlow::Continue(())
        }
        Form::Full => line(&value.to_string()),
    };
    let mut after = None;
    loop {
        let rows = store.objects(None, after, PAGE)?;
        let Some(last) = rows.last() else { break };
        after = Some(last.id);
        for row in &rows {
            if put(object(row, form, &mut names)?).is_break() {
                return Ok(());
            }
        }
    }
    let mut after = None;
    loop {
        let rows = store.pages(after, PAGE)?;
        let Some(last) = rows.last() else { break };
        after = Some(last.id);
        for row in &rows {
            if put(page(row, form, &mut names)?).is_break() {
                return Ok(());
            }
        }
    }
    let mut after = None;
    loop {
        let rows = store.bindings(after, PAGE)?;
        let Some(last) = rows.last() else { break };
        after = Some(last.id);
        for row in &rows {
            if put(binding(row, form, &mut names)?).is_break() {
                return Ok(());
            }
        }
    }
    sorted.sort_unstable();
    for text in &sorted {
        if line(text).is_break() {
            return Ok(());
        }
    }
    Ok(())
}

fn object(row: &ObjectRow, form: Form, names: &mut Names<'_>) -> Result<Value, StoreError> {
    let mut out = Map::new();
    out.insert("object".into(), row.object_type.as_str().into());
    out.insert("name".into(), names.of(Target::Object(row.id))?.to_string().into());
    out.insert("code_name".into(), row.code_name.as_str().into());
    out.insert("display_name".into(), (*row.display_name).into());
    if form == Form::Full || row.guid_given {
        out.insert("guid".into(), row.guid.to_string().into());
    }
    if !row.sites.is_empty() {
        out.insert("sites".into(), row.sites.iter().map(|site| site.as_str()).collect::<Vec<_>>().into());
    }
    out.insert("fields".into(), fields(&row.fields, names)?);
    if form == Form::Full {
        stamp(&mut out, row.id.0, row.created_ms, row.modified_ms);
    }
    Ok(out.into())
}

fn page(row: &PageRow, form: Form, names: &mut Names<'_>) -> Result<Value, StoreError> {
    let mut out = Map::new();
    out.insert("page".into(), row.class_name.as_str().into());
    out.insert("name".into(), names.of(Target::Page(row.id))?.to_string().into());
    out.insert("alias".into(), row.alias.as_str().into());
    if form == Form::Full || row.guid_given {
        out.insert("guid".into(), row.guid.to_string().into());
    }
    out.insert("order".into(), row.order.into());
    let mut cultures = Map::new();
    for (culture, version) in &row.cultures {
        cultures.insert(
            culture.as_str().into(),
            json!({
                "name": &*version.name,
                "published": version.published,
                "archived": version.archived,
                "fields": fields(&version.fields, names)?,
            }),
        );
    }
    out.insert("cultures".into(), cultures.into());
    if form == Form::Full {
        stamp(&mut out, row.id.0, row.created_ms, row.modified_ms);
    }
    Ok(out.into())
}

fn binding(row: &BindingRow, form: Form, names: &mut Names<'_>) -> Result<Value, StoreError> {
    let mut out = Map::new();
    out.insert("binding".into(), row.binding_type.as_str().into());
    out.insert("fields".into(), fields(&row.fields, names)?);
    if form == Form::Full {
        out.insert("id".into(), row.id.0.into());
    }
    Ok(out.into())
}

fn stamp(out: &mut Map<String, Value>, id: u64, created_ms: i64, modified_ms: i64) {
    out.insert("id".into(), id.into());
    out.insert("created_ms".into(), created_ms.into());
    out.insert("modified_ms".into(), modified_ms.into());
}

fn fields(fields: &Fields, names: &mut Names<'_>) -> Result<Value, StoreError> {
    let mut out = Map::new();
    let mut value_of = |value: &Stored| {
        Ok::<_, StoreError>(match value {
            Stored::Plain(plain) => plain_value(plain),
            Stored::Reference(target) => json!({ "ref": *names.of(*target)? }),
        })
    };
    for seen in seen(fields) {
        match seen {
            Seen::One(name, value) => out.insert(name.as_str().into(), value_of(value)?),
            Seen::List(name, values) => {
                let values = values.into_iter().map(|(_, value)| value_of(value)).collect::<Result<Vec<_>, _>>()?;
                out.insert(name.into(), values.into())
            }
        };
    }
    Ok(out.into())
}

/// Each kind by its tag, so that an export can be read back exactly.
fn plain_value(plain: &Plain) -> Value {
    match plain {
        Plain::Boolean(value) => json!(value),
        Plain::Integer(value) => json!({ "integer": value.to_string() }),
        Plain::Decimal(value) => json!({ "decimal": &**value }),
        Plain::Real(value) => json!({ "real": value }),
        Plain::Text(value) => json!(&**value),
        Plain::Timestamp(value) => json!({ "timestamp": &**value }),
        Plain::Guid(value) => json!({ "guid": value.to_string() }),
        Plain::Binary(value) => json!({ "binary": base64::engine::general_purpose::STANDARD.encode(value) }),
        Plain::Json(value) => json!({ "json": &**value }),
    }
}
