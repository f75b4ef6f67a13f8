//! A connector that answers by rule, see [`super`].

use std::sync::Arc;

use super::guid;
use crate::failure::{Code, Failure};
use crate::names::{CodeName, Culture, ExternalId, SiteName, TypeName};
use crate::ports::{Granted, Instance, NotStarted, Run, TaskView, Translator, Usage};
use crate::prepared::{DocumentParams, ObjectParams, Prepared};

pub(super) struct ByRule;

impl Translator for ByRule {
    fn instance(&self, _: &Arc<Granted>, _: &Run) -> Result<Box<dyn Instance>, Box<NotStarted>> {
        Ok(Box::new(ByRule))
    }
}

impl Instance for ByRule {
    fn prepare_internal_object(&mut self, _: &TaskView<'_>) -> Result<Prepared, Failure> {
        Err(Failure::new(Code::Unsupported, "bodies are internal objects"))
    }

    fn get_internal_object_params(&mut self, id: &ExternalId, _: &TypeName) -> Result<ObjectParams, Failure> {
        let text = id.as_str();
        if text.starts_with('?') {
            return Err(Failure::new(Code::NotFound, "no such thing"));
        }
        let (rest, name) = text.rsplit_once('|').map_or((None, text), |(rest, name)| (Some(rest), name));
        let site = rest.and_then(|rest| rest.strip_prefix('@'));
        let parent = rest.filter(|rest| !rest.starts_with('@'));
        Ok(ObjectParams {
            guid: name.strip_prefix('#').map(|n| guid(n.parse().unwrap())),
            code_name: CodeName::new(name).unwrap(),
            site: site.map(|site| SiteName::new(site).unwrap()),
            parent: parent.and_then(|parent| ExternalId::new(parent).unwrap()),
            group: None,
        })
    }

    fn get_internal_document_params(&mut self, id: &ExternalId, _: &TypeName) -> Result<DocumentParams, Failure> {
        let Some(text) = id.as_str().strip_prefix('p') else { return Err(Failure::new(Code::NotFound, "no such page")) };
        let (n, culture) = text.split_once(':').unwrap_or((text, "en-US"));
        let site = SiteName::new("main").unwrap();
        Ok(DocumentParams { node_guid: guid(n.parse().unwrap()), culture: (culture != "*").then(|| Culture::new(culture).unwrap()), site })
    }

    fn usage(&mut self) -> Usage {
        Usage::default()
    }
}
