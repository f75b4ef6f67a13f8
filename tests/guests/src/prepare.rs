//! From the script's words to the contract's.

use lockgate_guest::{
    Child, DocumentParams, Error, External, ExternalPage, Field, Object, ObjectParams, Page, PageParent, Prepared, Task, Value, warnings,
};

use crate::script::{self, Misdeed, Prepare};
use crate::{misdeeds, probes};

pub(crate) fn answer(prepare: Prepare, acts: Vec<serde_json::Value>, external: &External, task: &Task) -> Result<Prepared, Error> {
    let misdeed = match prepare {
        Prepare::Object(script) => return Ok(object(script)?.into()),
        Prepare::Page(script) => return Ok(page(script)?.into()),
        Prepare::Skip(reason) => return Ok(Prepared::skip(reason)),
        Prepare::Counter(_) => return Ok(probes::counter().into()),
        Prepare::Echo(keys) => return Ok(probes::echo(&keys, external, task).into()),
        Prepare::Report(name) => return Ok(probes::report(name, acts).into()),
        Prepare::LargeMb(mb) => return Ok(probes::large(mb).into()),
        Prepare::LogLines(count) => return Ok(probes::log_lines(count)),
        Prepare::Error(failure) => Misdeed::Error(failure),
        Prepare::Trap(yes) => Misdeed::Trap(yes),
        Prepare::Panic(message) => Misdeed::Panic(message),
        Prepare::Loop(yes) => Misdeed::Loop(yes),
        Prepare::Recurse(yes) => Misdeed::Recurse(yes),
        Prepare::AllocateMb(mb) => Misdeed::AllocateMb(mb),
        Prepare::Exit(code) => Misdeed::Exit(code),
    };
    misdeeds::commit(misdeed).map(Prepared::skip)
}

fn object(script: script::Object) -> Result<Object, Error> {
    let mut object = Object::new(script.object_type, script.code_name);
    object.guid = script.guid;
    object.display_name = script.display_name;
    object.site = script.site;
    object.parent = script.parent;
    object.group = script.group;
    object.fields = fields(script.fields)?;
    object.children = script.children.into_iter().map(child).collect::<Result<_, _>>()?;
    object.none_of = script.none_of;
    Ok(object)
}

fn child(script: script::Child) -> Result<Child, Error> {
    let mut child = Child::new(script.object_type, script.code_name);
    child.parent = script.parent;
    child.guid = script.guid;
    child.display_name = script.display_name;
    child.fields = fields(script.fields)?;
    Ok(child)
}

fn page(script: script::Page) -> Result<Page, Error> {
    let mut page = Page::new(script.class_name, script.culture, script.name);
    page.node_guid = script.node_guid;
    page.site = script.site;
    page.alias = script.alias;
    page.parent = script.parent.map(page_parent);
    page.order = script.order;
    page.published = script.published;
    page.fields = fields(script.fields)?;
    Ok(page)
}

fn page_parent(script: script::PageParent) -> PageParent {
    match script {
        script::PageParent::Root => PageParent::Root,
        script::PageParent::External { id, class_name } => PageParent::External(ExternalPage::new(id, class_name)),
        script::PageParent::NodeGuid(guid) => PageParent::NodeGuid(guid),
        script::PageParent::Path(path) => PageParent::Path(path),
    }
}

fn fields(script: script::Fields) -> Result<Vec<Field>, Error> {
    let field = |name: String, json| {
        let value = value(json).map_err(|error| error.at(format!("fields.{name}")))?;
        Ok(Field::new(name, value))
    };
    match script {
        script::Fields::Map(map) => map.into_iter().map(|(name, json)| field(name, json)).collect(),
        script::Fields::List(list) => list.into_iter().map(|it| field(it.name, it.value)).collect(),
    }
}

fn value(json: serde_json::Value) -> Result<Value, Error> {
    let long: script::Value = match json {
        serde_json::Value::Null => return Ok(Value::Null),
        serde_json::Value::Bool(flag) => return Ok(flag.into()),
        serde_json::Value::String(text) => return Ok(text.into()),
        serde_json::Value::Number(number) => {
            return match number.as_f64() {
                Some(real) if number.is_f64() => Ok(real.into()),
                _ => Ok(Value::integer(number.to_string())),
            };
        }
        long => serde_json::from_value(long).map_err(Error::invalid_from)?,
    };
    Ok(match long {
        script::Value::Null(_) => Value::Null,
        script::Value::Boolean(flag) => flag.into(),
        script::Value::Integer(digits) => Value::integer(digits),
        script::Value::Decimal(digits) => Value::decimal(digits),
        script::Value::Real(real) => real.into(),
        script::Value::Text(text) => text.into(),
        script::Value::Timestamp(rfc3339) => Value::timestamp(rfc3339),
        script::Value::Guid(guid) => Value::guid(guid),
        script::Value::Binary(bytes) => bytes.into(),
        // A string is taken as the document itself, so that a test can send a broken one.
        script::Value::Json(serde_json::Value::String(document)) => Value::json(document),
        script::Value::Json(document) => Value::json(document.to_string()),
        script::Value::Reference(id) => Value::reference(id),
        script::Value::References(ids) => Value::references(ids),
    })
}

impl From<script::ObjectParams> for ObjectParams {
    fn from(script: script::ObjectParams) -> Self {
        let script::ObjectParams { code_name, by_guid, warn, site, parent, group } = script;
        if let Some(message) = warn {
            warnings::warn(&message, None);
        }
        let mut params = Self::new(code_name);
        params.guid = by_guid;
        params.site = site;
        params.parent = parent;
        params.group = group;
        params
    }
}

impl From<script::DocumentParams> for DocumentParams {
    fn from(script: script::DocumentParams) -> Self {
        Self::new(script.node_guid, script.culture, script.site)
    }
}
