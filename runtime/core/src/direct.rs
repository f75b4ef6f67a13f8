//! The connector that is built in: internal objects of applications that know the content model, without a component.
//!
//! It is installed, granted, paused and removed like every other connector. It translates nothing: a task whose body is
//! not an internal object (§2) fails as `unsupported`. It answers for references by what their external ids say: a code
//! name, or a JSON object, `{"code_name", "site", "parent", "group"}` or `{"guid"}` for objects, and
//! `{"guid", "site"}`, with a `"culture"` where one is meant, for pages.

use std::sync::Arc;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::failure::{Code, Failure};
use crate::names::{CodeName, Culture, ExternalId, NameError, SiteName, TypeName};
use crate::ports::{Granted, Instance, NotStarted, Run, TaskView, Translator, Usage};
use crate::prepared::{DocumentParams, ObjectParams, Prepared};
use crate::task::INTERNAL_MEDIA_TYPE;

/// What is stored in the place of a component's bytes. Stores keep it: it never changes.
pub const COMPONENT: &[u8] = b"lockgate:direct 1\n";

/// What it asks for: every write, so that what is granted is what it may write.
pub const MANIFEST: &str =
    "description = \"Built in: internal objects, stored as they are.\"\nobjects = [\"*\"]\npages = [\"/\"]\nsites = [\"*\"]\n";

/// Its translator, and the instance of each task.
#[derive(Debug, Clone, Copy)]
pub struct Direct;

impl Translator for Direct {
    fn instance(&self, _: &Arc<Granted>, _: &Run) -> Result<Box<dyn Instance>, Box<NotStarted>> {
        Ok(Box::new(Self))
    }
}

impl Instance for Direct {
    fn prepare_internal_object(&mut self, task: &TaskView<'_>) -> Result<Prepared, Failure> {
        let given = &task.external.media_type;
        let message = format!("the built-in connector takes internal objects only: their media type is {INTERNAL_MEDIA_TYPE}, not {given}");
        Err(Failure::new(Code::Unsupported, message))
    }

    fn get_internal_object_params(&mut self, id: &ExternalId, _: &TypeName) -> Result<ObjectParams, Failure> {
        let named = match json::<ObjectId>(id)? {
            Some(ObjectId { guid: Some(guid), .. }) => {
                // By GUID no name matters; the id stands in its place.
                return Ok(ObjectParams {
                    guid: Some(guid),
                    code_name: name(CodeName::new(guid.to_string()))?,
                    site: None,
                    parent: None,
                    group: None,
                });
            }
            Some(named) => named,
            None => ObjectId { code_name: Some(id.as_str().to_owned()), ..ObjectId::default() },
        };
        let code_name = named.code_name.ok_or_else(|| wrong(id, "it has neither code_name nor guid"))?;
        let external = |id: Option<String>| id.map_or(Ok(None), |id| name(ExternalId::new(&id)));
        Ok(ObjectParams {
            guid: None,
            code_name: name(CodeName::new(code_name))?,
            site: named.site.map(|site| name(SiteName::new(site))).transpose()?,
            parent: external(named.parent)?,
            group: external(named.group)?,
        })
    }

    fn get_internal_document_params(&mut self, id: &ExternalId, _: &TypeName) -> Result<DocumentParams, Failure> {
        let page = json::<PageId>(id)?
            .ok_or_else(|| wrong(id, "a page is named by {\"guid\", \"site\"}, and a \"culture\" where one is meant"))?;
        Ok(DocumentParams {
            node_guid: page.guid,
            culture: page.culture.map(|culture| name(Culture::new(culture))).transpose()?,
            site: name(SiteName::new(page.site))?,
        })
    }

    fn usage(&mut self) -> Usage {
        Usage::default()
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ObjectId {
    code_name: Option<String>,
    guid: Option<Uuid>,
    site: Option<String>,
    parent: Option<String>,
    group: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PageId {
    guid: Uuid,
    /// Absent: any.
    culture: Option<String>,
    site: String,
}

/// The object that an id is, if it is one.
fn json<T: DeserializeOwned>(id: &ExternalId) -> Result<Option<T>, Failure> {
    let text = id.as_str();
    if !text.starts_with('{') {
        return Ok(None);
    }
    serde_json::from_str(text).map(Some).map_err(|error| wrong(id, &error.to_string()))
}

fn name<T>(read: Result<T, NameError>) -> Result<T, Failure> {
    read.map_err(|error| Failure::new(Code::Invalid, error.to_string()))
}

fn wrong(id: &ExternalId, why: &str) -> Failure {
    Failure::new(Code::Invalid, format!("the reference {:?} cannot be read: {why}", id.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> ExternalId {
        ExternalId::new(text).unwrap().unwrap()
    }

    fn any_type() -> TypeName {
        TypeName::new("shop.product").unwrap()
    }

    #[test]
    fn a_reference_is_a_code_name_or_says_where_the_object_is() {
        let plain = Direct.get_internal_object_params(&id("blue-shoe"), &any_type()).unwrap();
        assert_eq!((plain.code_name.as_str(), plain.site, plain.guid), ("blue-shoe", None, None));
        let scoped = Direct.get_internal_object_params(&id(r#"{"code_name":"blue","site":"main","parent":"shoe"}"#), &any_type()).unwrap();
        assert_eq!(scoped.site.unwrap().as_str(), "main");
        assert_eq!(scoped.parent.unwrap().as_str(), "shoe");
        let guid = "6f1c1b5e-0000-4000-8000-000000000001";
        let by_guid = Direct.get_internal_object_params(&id(&format!(r#"{{"guid":"{guid}"}}"#)), &any_type()).unwrap();
        assert_eq!(by_guid.guid.unwrap().to_string(), guid);
        let page =
            Direct.get_internal_document_params(&id(&format!(r#"{{"guid":"{guid}","culture":"en-US","site":"main"}}"#)), &any_type());
        assert_eq!(page.unwrap().culture.unwrap().as_str(), "en-US");
        let anywhere = Direct.get_internal_document_params(&id(&format!(r#"{{"guid":"{guid}","site":"main"}}"#)), &any_type());
        assert!(anywhere.unwrap().culture.is_none());
    }

    #[test]
    fn a_reference_that_cannot_be_read_says_why() {
        for (text, said) in [(r#"{"codename":"a"}"#, "unknown field `codename`"), ("{}", "neither code_name nor guid"), ("{", "EOF")] {
            let failure = Direct.get_internal_object_params(&id(text), &any_type()).unwrap_err();
            assert!(failure.code == Code::Invalid && failure.message.contains(said), "{text}: {failure}");
        }
        assert!(Direct.get_internal_document_params(&id("7"), &any_type()).is_err());
    }

    #[test]
    fn what_it_asks_for_is_a_manifest() {
        assert!(crate::grants::Manifest::parse(MANIFEST).is_ok());
    }
}
