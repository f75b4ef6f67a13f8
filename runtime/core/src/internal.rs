//! Reads an internal object that was submitted as JSON (§2): `application/vnd.lockgate.object+json`.
//!
//! `{"object": {"type", "code_name", "guid", "display_name", "site", "parent", "group", "fields",
//! "children": [{"parent": 0, "type", …}]}}`, or `{"page": {"class_name", "node_guid", "site",
//! "culture", "name", "alias", "parent", "order", "published", "fields"}}` with a parent of
//! `"root"`, `{"external": ID, "class_name"}`, `{"guid"}` or `{"path"}`, or `{"skip": "why"}`.
//! A value is null, a boolean, a whole number, a text, or one of `{"integer": "…"}`,
//! `{"decimal": "…"}`, `{"real": 1.5}`, `{"timestamp": "…"}`, `{"guid": "…"}`, `{"binary": BASE64}`,
//! `{"json": …}`, `{"reference": "external id"}`.

use std::sync::Arc;

use base64::Engine as _;
use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::forms::{decimal, integer, json, real, timestamp};
use crate::names::{CodeName, Culture, ExternalId, FieldName, TypeName};
use crate::prepared::{Child, InfoObject, InfoRow, PageParent, Prepared, TreeNode};
use crate::value::{Given, Plain};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
enum Body {
    Object(ObjectBody),
    Page(PageBody),
    Skip(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ObjectBody {
    r#type: String,
    #[serde(default)]
    code_name: String,
    guid: Option<Uuid>,
    display_name: Option<String>,
    site: Option<String>,
    parent: Option<String>,
    group: Option<String>,
    #[serde(default)]
    fields: Map<String, Value>,
    #[serde(default)]
    children: Vec<ChildBody>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChildBody {
    parent: Option<u32>,
    r#type: String,
    #[serde(default)]
    code_name: String,
    guid: Option<Uuid>,
    display_name: Option<String>,
    #[serde(default)]
    fields: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PageBody {
    class_name: String,
    node_guid: Option<Uuid>,
    site: Option<String>,
    culture: String,
    #[serde(default)]
    name: String,
    alias: Option<String>,
    parent: Option<ParentBody>,
    order: Option<i32>,
    published: Option<bool>,
    #[serde(default)]
    fields: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum ParentBody {
    Root(String),
    External { external: String, class_name: String },
    Guid { guid: Uuid },
    Path { path: String },
}

/// The prepared object, or what is wrong with the text.
pub fn read(body: &[u8]) -> Result<Prepared, String> {
    match serde_json::from_slice(body).map_err(|error| error.to_string())? {
        Body::Skip(reason) => Ok(Prepared::Skip(reason.into())),
        Body::Object(object) => Ok(Prepared::Object(InfoObject {
            row: row(&object.r#type, &object.code_name, object.guid, object.display_name, &object.fields)?,
            site: id(object.site)?,
            parent: id(object.parent)?,
            group: id(object.group)?,
            children: object
                .children
                .into_iter()
                .enumerate()
                .map(|(at, child)| {
                    if child.parent.is_some_and(|parent| parent as usize >= at) {
                        return Err(format!("children[{at}].parent must be the position of an earlier child"));
                    }
                    Ok(Child {
                        parent: child.parent,
                        row: row(&child.r#type, &child.code_name, child.guid, child.display_name, &child.fields)?,
                    })
                })
                .collect::<Result<_, String>>()?,
        })),
        Body::Page(page) => Ok(Prepared::Page(TreeNode {
            class_name: text(TypeName::new(&page.class_name))?,
            node_guid: page.node_guid,
            site: id(page.site)?,
            culture: text(Culture::new(&page.culture))?,
            name: page.name.into(),
            alias: page.alias.map(|alias| text(CodeName::new(alias))).transpose()?,
            parent: page.parent.map(parent).transpose()?,
            order: page.order,
            published: page.published,
            fields: fields(&page.fields)?,
        })),
    }
}

fn text<T>(result: Result<T, crate::names::NameError>) -> Result<T, String> {
    result.map_err(|error| error.to_string())
}

fn id(id: Option<String>) -> Result<Option<ExternalId>, String> {
    match id {
        Some(id) => text(ExternalId::new(&id)),
        None => Ok(None),
    }
}

fn parent(parent: ParentBody) -> Result<PageParent, String> {
    match parent {
        ParentBody::Root(word) if word == "root" => Ok(PageParent::Root),
        ParentBody::Root(word) => Err(format!("parent {word:?} should be \"root\" or an object")),
        ParentBody::External { external, class_name } => {
            let id = text(ExternalId::new(&external))?.ok_or("parent.external is empty")?;
            Ok(PageParent::External(id, text(TypeName::new(class_name))?))
        }
        ParentBody::Guid { guid } => Ok(PageParent::Guid(guid)),
        ParentBody::Path { path } => text(path_steps(&path)).map(PageParent::Path),
    }
}

/// The steps of an alias path: `/about/team`. The root is `/`.
pub fn path_steps(path: &str) -> Result<Vec<CodeName>, crate::names::NameError> {
    path.split('/').filter(|step| !step.is_empty()).map(CodeName::new).collect()
}

fn row(
    object_type: &str,
    code_name: &str,
    guid: Option<Uuid>,
    display_name: Option<String>,
    values: &Map<String, Value>,
) -> Result<InfoRow, String> {
    Ok(InfoRow {
        object_type: text(TypeName::new(object_type))?,
        code_name: if code_name.is_empty() { None } else { Some(text(CodeName::new(code_name))?) },
        guid,
        display_name: display_name.map(Arc::from),
        fields: fields(values)?,
    })
}

fn fields(values: &Map<String, Value>) -> Result<Vec<(FieldName, Given)>, String> {
    values
        .iter()
        .map(|(name, value)| {
            let given = given(value).map_err(|problem| format!("field {name:?}: {problem}"))?;
            Ok((text(FieldName::new(name))?, given))
        })
        .collect()
}

fn given(value: &Value) -> Result<Given, String> {
    let plain = match value {
        Value::Null => return Ok(Given::Null),
        Value::Bool(v) => Plain::Boolean(*v),
        Value::String(v) => Plain::Text(v.as_str().into()),
        Value::Number(v) => match (v.as_i64(), v.as_f64()) {
            (Some(v), _) => Plain::Integer(v),
            (None, Some(v)) => real(v)?,
            _ => return Err(format!("{v} is out of range")),
        },
        Value::Array(_) => return Err("an array must be wrapped: {\"json\": […]}".to_owned()),
        Value::Object(tagged) => return tagged_value(tagged),
    };
    Ok(Given::Plain(plain))
}

fn tagged_value(tagged: &Map<String, Value>) -> Result<Given, String> {
    let mut entries = tagged.iter();
    let (Some((tag, value)), None) = (entries.next(), entries.next()) else {
        return Err("expected one of integer, decimal, real, timestamp, guid, binary, json, reference".to_owned());
    };
    if tag == "json" {
        return json(&value.to_string()).map(Given::Plain);
    }
    if tag == "real" {
        return Ok(Given::Plain(real(value.as_f64().ok_or("real wants a number")?)?));
    }
    let word = value.as_str().ok_or_else(|| format!("{tag} wants a text"))?;
    Ok(match tag.as_str() {
        "reference" => Given::Reference(text(ExternalId::new(word))?),
        "integer" => Given::Plain(integer(word)?),
        "decimal" => Given::Plain(decimal(word)?),
        "timestamp" => Given::Plain(timestamp(word)?),
        "guid" => Given::Plain(Plain::Guid(Uuid::parse_str(word).map_err(|error| error.to_string())?)),
        "binary" => {
            let bytes = base64::engine::general_purpose::STANDARD.decode(word).map_err(|error| error.to_string())?;
            Given::Plain(Plain::Binary(bytes.into()))
        }
        other => return Err(format!("unknown kind of value {other:?}")),
    })
}
