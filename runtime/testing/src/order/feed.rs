//! What a source tells as a submission, and the connector that translates it.

use std::sync::Arc;

use lockgate_core::admit::Submission;
use lockgate_core::failure::{Code, Failure};
use lockgate_core::names::{CodeName, ConnectorName, Culture, ExternalId, SiteName};
use lockgate_core::prepared::{DocumentParams, ObjectParams};
use lockgate_core::task::{DataType, ExternalObject, ProcessType, TaskType};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::class::{Class, Failing};
use super::model::DEFAULT;
use super::told::{Ask, Bad, Binds, Kind, Op, Told};

/// The site of everything.
const SITE: &str = "main";
/// The culture of pages that have but one.
const CULTURE: &str = "en-US";

/// The GUID that is meant by a short one: `g1`.
pub fn uuid(short: &str) -> Uuid {
    let letters = short.bytes().fold(0_u128, |sum, byte| (sum << 8) | u128::from(byte));
    Uuid::from_u128((0x0dde_0000_u128 << 96) | letters)
}

/// The name of a connector.
pub fn connector(at: usize) -> ConnectorName {
    ConnectorName::new(if at == 0 { "one" } else { "two" }).expect("a connector's name")
}

/// The submission of what a source tells. Its body begins with its place in the history.
pub fn submission(at: usize, told: &Told, class: &Class, states_subject: bool) -> Submission {
    let body = format!("{at}\n{}", body(told));
    let (task_type, page) = task_type(told);
    Submission {
        connector: connector(told.connector),
        external: ExternalObject { media_type: "application/json".into(), body: body.as_bytes().into() },
        process_type: match class.failing {
            Failing::Aside | Failing::Stops => ProcessType::Default,
            Failing::Stays => ProcessType::SkipOnError,
            Failing::Goes => ProcessType::DeleteOnError,
        },
        task_type,
        data_type: DataType::Snapshot,
        site: page.then(|| SiteName::new(SITE).expect("a site's name")),
        title: format!("{at}: {told}"),
        subject: states_subject.then(|| told.key.clone()),
        file_name: None,
        idempotency_key: None,
        traceparent: None,
    }
}

/// What must be stored before anything: the object that references fall back on.
pub fn default_object() -> Submission {
    let body = json!({"object": {"type": "order.thing", "code_name": DEFAULT, "fields": {"good": true}}});
    Submission {
        connector: connector(0),
        external: ExternalObject { media_type: lockgate_core::task::INTERNAL_MEDIA_TYPE.into(), body: body.to_string().as_bytes().into() },
        process_type: ProcessType::Default,
        task_type: TaskType::UpdateObject,
        data_type: DataType::Snapshot,
        site: None,
        title: "the default object".to_owned(),
        subject: None,
        file_name: None,
        idempotency_key: None,
        traceparent: None,
    }
}

fn task_type(told: &Told) -> (TaskType, bool) {
    if told.kind != Kind::Page {
        return (if told.op == Op::Put { TaskType::UpdateObject } else { TaskType::DeleteObject }, false);
    }
    let task_type = match told.op {
        Op::Publish => TaskType::PublishDocument,
        Op::Archive => TaskType::ArchiveDocument,
        Op::Put => TaskType::UpdateDocument,
        Op::Move => TaskType::MoveDocument,
        Op::Delete => TaskType::DeleteAllCultures,
        Op::DeleteCulture => TaskType::DeleteDocument,
    };
    (task_type, true)
}

fn body(told: &Told) -> Value {
    match told.kind {
        Kind::Thing => object("order.thing", told),
        Kind::Part => object("order.part", told),
        Kind::Node => object("order.node", told),
        Kind::Page => page(told),
        Kind::Tie => tie(told),
    }
}

fn tie(told: &Told) -> Value {
    let asks = told.parent.iter().chain(told.binds.iter().flat_map(|(_, ties)| ties));
    let fields: Map<String, Value> =
        ["owner", "tie"].into_iter().zip(asks).map(|(field, ask)| (field.to_owned(), json!({ "reference": ask.to_string() }))).collect();
    json!({"object": {"type": "order.added", "fields": fields}})
}

fn object(object_type: &str, told: &Told) -> Value {
    let mut object = Map::new();
    object.insert("type".into(), object_type.into());
    object.insert("code_name".into(), (*told.name).into());
    if let Some(guid) = &told.guid {
        object.insert("guid".into(), uuid(guid).to_string().into());
    }
    if let Some(parent) = &told.parent {
        object.insert("parent".into(), parent.to_string().into());
    }
    let mut fields = fields(told);
    if told.kind == Kind::Thing && told.op == Op::Put {
        // What is missing here the model wants.
        fields.insert("good".into(), if told.bad == Some(Bad::Object) { Value::Null } else { true.into() });
    }
    object.insert("fields".into(), fields.into());
    let mut children: Vec<Value> = Vec::new();
    for (name, number) in told.parts.iter().flatten() {
        children.push(json!({"type": "order.part", "code_name": &**name, "fields": {"number": number}}));
    }
    if let Some((how, ties)) = &told.binds {
        let binding_type = if *how == Binds::Complete { "order.complete" } else { "order.added" };
        children.extend(ties.iter().map(|tie| json!({"type": binding_type, "fields": {"tie": {"reference": tie.to_string()}}})));
        if ties.is_empty() && *how == Binds::Complete {
            object.insert("none_of".into(), json!([binding_type]));
        }
    }
    object.insert("children".into(), children.into());
    json!({ "object": object })
}

fn fields(told: &Told) -> Map<String, Value> {
    let mut fields = Map::new();
    fields.extend(told.value.map(|value| ("value".to_owned(), value.into())));
    fields.extend(told.number.map(|number| ("number".to_owned(), number.into())));
    fields.extend(told.version.map(|version| ("version".to_owned(), version.into())));
    for (reference, ask) in &told.refs {
        let value = ask.as_ref().map_or(Value::Null, |ask| json!({ "reference": ask.to_string() }));
        fields.insert(reference.field().to_owned(), value);
    }
    fields
}

fn page(told: &Told) -> Value {
    let parent = match (&told.parent, told.op) {
        (Some(Ask::Guid(guid)), _) if guid.ends_with('1') => json!({ "guid": uuid(guid).to_string() }),
        (Some(Ask::Guid(guid)), _) => json!({ "external": format!("#{guid}"), "class_name": "order.page" }),
        (Some(ask), _) => json!({ "path": path(ask) }),
        (None, Op::Move) => json!("root"),
        (None, _) => Value::Null,
    };
    json!({"page": {
        "class_name": "order.page",
        "node_guid": told.guid.as_ref().map(|guid| uuid(guid).to_string()),
        "culture": told.culture.unwrap_or(CULTURE),
        "name": &*told.name,
        "alias": &*told.name,
        "parent": parent,
        "fields": fields(told),
    }})
}

fn path(ask: &Ask) -> String {
    match ask {
        Ask::Guid(guid) => format!("/{guid}"),
        Ask::Named(name, parent) => format!("{}/{name}", parent.as_ref().map_or_else(String::new, |parent| path(parent))),
    }
}

/// The answer to a question that stands in an external id, as [`Ask`] writes it.
pub fn object_params(id: &ExternalId) -> Result<ObjectParams, Failure> {
    let named = |name: &str| CodeName::new(name).map_err(|error| Failure::new(Code::Invalid, error.to_string()));
    if let Some(guid) = id.as_str().strip_prefix('#') {
        return Ok(ObjectParams { guid: Some(uuid(guid)), code_name: named("by-guid")?, site: None, parent: None, group: None });
    }
    let (name, parent) = id.as_str().split_once('<').map_or((id.as_str(), None), |(name, parent)| (name, Some(parent)));
    let parent = parent.map(|parent| ExternalId::new(parent).map_err(|error| Failure::new(Code::Invalid, error.to_string())));
    Ok(ObjectParams { guid: None, code_name: named(name)?, site: None, parent: parent.transpose()?.flatten(), group: None })
}

/// The same of a page.
pub fn page_params(id: &ExternalId) -> Result<DocumentParams, Failure> {
    let guid = id.as_str().strip_prefix('#').ok_or_else(|| Failure::new(Code::NotFound, "a page has a GUID"))?;
    let culture = Some(Culture::new(CULTURE).expect("a culture"));
    Ok(DocumentParams { node_guid: uuid(guid), culture, site: SiteName::new(SITE).expect("a site's name") })
}

/// The place in the history of a body, and the internal object behind it.
pub fn read(body: &[u8]) -> (usize, Arc<[u8]>) {
    let end = body.iter().position(|byte| *byte == b'\n').expect("a body has a first line");
    let at = std::str::from_utf8(&body[..end]).ok().and_then(|text| text.parse().ok()).expect("it is a place");
    (at, body[end + 1..].into())
}
