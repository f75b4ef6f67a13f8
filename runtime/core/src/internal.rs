//! Reads an internal object that was submitted as JSON (§2): `application/vnd.lockgate.object+json`.
//!
//! `{"object": {"type", "code_name", "guid", "display_name", "site", "parent", "group", "fields",
//! "children": [{"parent": 0, "type", …}], "none_of": [TYPE]}}`, or `{"page": {"class_name", "node_guid", "site",
//! "culture", "name", "alias", "parent", "order", "published", "fields"}}` with a parent of
//! `"root"`, `{"external": ID, "class_name"}`, `{"guid"}` or `{"path"}`, or `{"skip": "why"}`.
//! A value is null, a boolean, a number, a text, or one of `{"integer": "…"}`, `{"decimal": "…"}`,
//! `{"real": 1.5}`, `{"timestamp": "…"}`, `{"guid": "…"}`, `{"binary": BASE64}`, `{"json": …}`,
//! `{"reference": "external id"}`, `{"references": ["external id", …]}`. A number without a tag is an integer of 64 bits or a real; a real that
//! would not keep its digits is refused. Integers and decimals may stand as numbers behind their tag.
//! No key may be given twice.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::forms::{decimal, integer, json, number, real, timestamp};
use crate::names::{CodeName, Culture, ExternalId, FieldName, TypeName, path_steps};
use crate::prepared::{Child, InfoObject, InfoRow, PageParent, Prepared, TreeNode};
use crate::value::{Given, Plain};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
enum Body<'a> {
    #[serde(borrow)]
    Object(ObjectBody<'a>),
    #[serde(borrow)]
    Page(PageBody<'a>),
    Skip(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ObjectBody<'a> {
    r#type: String,
    #[serde(default)]
    code_name: String,
    guid: Option<Uuid>,
    display_name: Option<String>,
    site: Option<String>,
    parent: Option<String>,
    group: Option<String>,
    #[serde(default, borrow)]
    fields: Values<'a>,
    #[serde(default, borrow)]
    children: Vec<ChildBody<'a>>,
    #[serde(default)]
    none_of: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChildBody<'a> {
    parent: Option<u32>,
    r#type: String,
    #[serde(default)]
    code_name: String,
    guid: Option<Uuid>,
    display_name: Option<String>,
    #[serde(default, borrow)]
    fields: Values<'a>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PageBody<'a> {
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
    #[serde(default, borrow)]
    fields: Values<'a>,
}

enum ParentBody {
    Root(String),
    Named(ParentNames),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ParentNames {
    external: Option<String>,
    class_name: Option<String>,
    guid: Option<Uuid>,
    path: Option<String>,
}

impl<'de> Deserialize<'de> for ParentBody {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = ParentBody;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"root\" or an object")
            }
            fn visit_str<E>(self, word: &str) -> Result<ParentBody, E> {
                Ok(ParentBody::Root(word.to_owned()))
            }
            fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<ParentBody, A::Error> {
                ParentNames::deserialize(MapAccessDeserializer::new(entries)).map(ParentBody::Named)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// Values by name, each as it was written, so that no digit is lost. No name comes twice.
#[derive(Default)]
struct Values<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Values<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Values<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of values by name")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Values<'de>, A::Error> {
                let mut values = Vec::new();
                while let Some(entry) = entries.next_entry::<Cow<'de, str>, &'de RawValue>()? {
                    values.push(entry);
                }
                let mut names: Vec<&str> = values.iter().map(|(name, _)| &**name).collect();
                names.sort_unstable();
                if let Some([name, _]) = names.array_windows().find(|[name, next]| name == next) {
                    return Err(A::Error::custom(format!("{name:?} is given twice")));
                }
                Ok(Values(values))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

/// Levels of an internal object around a value: object, children, child, fields, the value's tag.
const LEVELS: usize = 6;

/// The prepared object, or what is wrong with the text.
pub fn read(body: &[u8]) -> Result<Prepared, String> {
    match serde_json::from_slice(body).map_err(|error| problem(body, &error))? {
        Body::Skip(reason) => Ok(Prepared::Skip(reason.into())),
        Body::Object(object) => Ok(Prepared::Object(InfoObject {
            row: row(&object.r#type, &object.code_name, object.guid, object.display_name, &object.fields)?,
            site: id(object.site)?,
            parent: id(object.parent)?,
            group: id(object.group)?,
            none_of: object.none_of.into_iter().map(|name| text(TypeName::new(name))).collect::<Result<_, _>>()?,
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

/// What is wrong, with its path where the text itself is: a key that is given twice, for one.
fn problem(body: &[u8], error: &serde_json::Error) -> String {
    let found = std::str::from_utf8(body).ok().and_then(|text| crate::json::check_nested(text, LEVELS).err());
    found.map_or_else(|| error.to_string(), |found| found.to_string())
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
        ParentBody::Named(ParentNames { external: Some(external), class_name: Some(class_name), guid: None, path: None }) => {
            let id = text(ExternalId::new(&external))?.ok_or("parent.external is empty")?;
            Ok(PageParent::External(id, text(TypeName::new(class_name))?))
        }
        ParentBody::Named(ParentNames { guid: Some(guid), external: None, class_name: None, path: None }) => Ok(PageParent::Guid(guid)),
        ParentBody::Named(ParentNames { path: Some(path), external: None, class_name: None, guid: None }) => {
            text(path_steps(&path)).map(PageParent::Path)
        }
        ParentBody::Named(_) => Err("parent should have external and class_name, guid, or path".to_owned()),
    }
}

fn row(
    object_type: &str,
    code_name: &str,
    guid: Option<Uuid>,
    display_name: Option<String>,
    values: &Values<'_>,
) -> Result<InfoRow, String> {
    Ok(InfoRow {
        object_type: text(TypeName::new(object_type))?,
        code_name: if code_name.is_empty() { None } else { Some(text(CodeName::new(code_name))?) },
        guid,
        display_name: display_name.map(Arc::from),
        fields: fields(values)?,
    })
}

fn fields(values: &Values<'_>) -> Result<Vec<(FieldName, Given)>, String> {
    values
        .0
        .iter()
        .map(|(name, value)| {
            let given = given(value.get()).map_err(|problem| format!("field {name:?}: {problem}"))?;
            Ok((text(FieldName::new(name))?, given))
        })
        .collect()
}

fn given(value: &str) -> Result<Given, String> {
    let plain = match value.as_bytes().first() {
        Some(b'n') => return Ok(Given::Null),
        Some(b't' | b'f') => Plain::Boolean(value == "true"),
        Some(b'"') => Plain::Text(word(value)?.into()),
        Some(b'[') => return Err("an array must be wrapped: {\"json\": […]}".to_owned()),
        Some(b'{') => return tagged_value(&serde_json::from_str(value).map_err(|error| error.to_string())?),
        _ => number(value)?,
    };
    Ok(Given::Plain(plain))
}

fn word(value: &str) -> Result<String, String> {
    serde_json::from_str(value).map_err(|error| format!("this text cannot be read: {error}"))
}

fn tagged_value(tagged: &Values<'_>) -> Result<Given, String> {
    let [(tag, value)] = tagged.0.as_slice() else {
        return Err("expected one of integer, decimal, real, timestamp, guid, binary, json, reference, references".to_owned());
    };
    let (tag, value) = (&**tag, value.get());
    if tag == "json" {
        return json(value).map(Given::Plain);
    }
    if tag == "references" {
        let ids: Vec<Cow<'_, str>> = serde_json::from_str(value).map_err(|_| "references wants an array of texts")?;
        let ids = ids.iter().map(|id| text(ExternalId::new(id))?.ok_or_else(|| "a reference of a list is empty".to_owned()));
        return Ok(Given::References(ids.collect::<Result<_, String>>()?));
    }
    if tag == "real" {
        let value = serde_json::from_str(value).map_err(|_| "real wants a number in the range of 64 bits")?;
        return Ok(Given::Plain(real(value)?));
    }
    let word = match (tag, value.as_bytes().first()) {
        (_, Some(b'"')) => word(value)?,
        // Digit by digit, as it was written.
        ("integer" | "decimal", Some(b'0'..=b'9' | b'-')) => value.to_owned(),
        _ => return Err(format!("{tag} wants a text")),
    };
    let word = word.as_str();
    Ok(match tag {
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

#[cfg(test)]
mod tests;
