//! One task in the guest: prepare, then the params methods for the references that the data type
//! asks for (§6, §7.1). Independent of what is stored.

mod named;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::Arc;

use crate::failure::{Code, Failure};
use crate::maps::HashMap;
use crate::model::{ContentModel, Field, Kind, SITE_TYPE};
use crate::names::{ExternalId, FieldName, TypeName};
use crate::ports::{Granted, Instance, Run, TaskView, Translator, Usage};
use crate::prepared::{DocumentParams, InfoObject, ObjectParams, PageParent, Prepared, TreeNode};
use crate::task::{DataType, Task, TaskType};
use crate::validate::validate;
use crate::value::Given;

/// What a reference points to, outside: the type asked for and the external id.
pub type Asked = (TypeName, ExternalId);

/// What a params method answered.
#[derive(Debug, Clone, PartialEq)]
pub enum Params {
    /// An object is to be found so.
    Object(ObjectParams),
    /// A page is to be found so.
    Page(DocumentParams),
    /// The connector says that there is none, and why.
    NotFound(Failure),
}

/// Everything that the plan needs from the guest.
#[derive(Debug, Clone, PartialEq)]
pub struct Translated {
    /// What the connector prepared, valid by the content model.
    pub prepared: Prepared,
    /// What it answered for each reference; each was asked once (§7.1).
    pub params: HashMap<Asked, Params>,
}

/// Most references that are asked for in one task, the parents of what was found included.
pub const REFERENCES_PER_TASK_MAX: usize = 50_000;

/// Whether the task only needs to find something, not to write its fields.
pub fn only_finds(task_type: TaskType) -> bool {
    matches!(
        task_type,
        TaskType::DeleteObject
            | TaskType::RemoveFromSite
            | TaskType::DeleteDocument
            | TaskType::DeleteAllCultures
            | TaskType::ArchiveDocument
            | TaskType::MoveDocument
    )
}

/// The type by which sites are asked for.
pub fn site_type() -> Option<TypeName> {
    TypeName::new(SITE_TYPE).ok()
}

/// The task's instance, made when it is first needed: an internal object without references to ask
/// needs none (§2).
pub struct Guest<'a> {
    translator: &'a dyn Translator,
    granted: &'a Arc<Granted>,
    run: Run,
    instance: Option<Box<dyn Instance>>,
    not_started: Option<Usage>,
}

impl<'a> Guest<'a> {
    /// None yet.
    pub fn new(translator: &'a dyn Translator, granted: &'a Arc<Granted>, run: Run) -> Self {
        Self { translator, granted, run, instance: None, not_started: None }
    }

    fn get(&mut self) -> Result<&mut dyn Instance, Failure> {
        let instance = match self.instance.take() {
            Some(instance) => instance,
            None => self.translator.instance(self.granted, &self.run).map_err(|not_started| {
                self.not_started = Some(not_started.usage);
                not_started.failure
            })?,
        };
        Ok(&mut **self.instance.insert(instance))
    }

    /// What it used and said, and its end.
    pub fn finish(self) -> Usage {
        self.instance.map(|mut instance| instance.usage()).or(self.not_started).unwrap_or_default()
    }
}

/// Translates one task on its one instance.
pub fn translate(task: &Task, model: &ContentModel, depth_max: usize, guest: &mut Guest<'_>) -> Result<Translated, Failure> {
    let mut prepared = if &*task.external.media_type == crate::task::INTERNAL_MEDIA_TYPE {
        crate::internal::read(&task.external.body).map_err(|problem| Failure::new(Code::Invalid, problem))?
    } else {
        let view = TaskView { external: &task.external, task_type: task.task_type, data_type: task.data_type, site: task.site.as_ref() };
        guest.get()?.prepare_internal_object(&view)?
    };
    validate(&prepared, task.task_type, model)?;
    named::prepared(&mut prepared, model);
    let mut params = HashMap::default();
    let mut to_ask: VecDeque<(Question, usize)> = questions(&prepared, task, model).into_iter().map(|q| (q, 0)).collect();
    while let Some((question, depth)) = to_ask.pop_front() {
        if params.contains_key(question.asked()) {
            continue;
        }
        if params.len() >= REFERENCES_PER_TASK_MAX {
            let message = format!("one task may have {REFERENCES_PER_TASK_MAX} references, and this one has more");
            return Err(Failure::new(Code::TooManyRows, message));
        }
        let mut answer = ask(guest.get()?, &question)?;
        if let (Question::Object((object_type, _)), Params::Object(found)) = (&question, &mut answer) {
            named::params(object_type, found, model);
        }
        if let (Question::Object((object_type, _)), Params::Object(found)) = (&question, &answer) {
            // The parents of what was found come before the next field (§7.1: resolved in turn).
            let mut more = chain(object_type, found, model)?;
            if !more.is_empty() && depth + 1 > depth_max {
                let (name, id) = question.asked();
                return Err(Failure::new(
                    Code::Cycle,
                    format!("the parents of {name} {:?} form a circle or a chain of more than {depth_max}", id.as_str()),
                ));
            }
            while let Some(next) = more.pop() {
                to_ask.push_front((Question::Object(next), depth + 1));
            }
        }
        params.insert(question.into_asked(), answer);
    }
    Ok(Translated { prepared, params })
}

enum Question {
    Object(Asked),
    Page(Asked),
}

impl Question {
    fn asked(&self) -> &Asked {
        match self {
            Self::Object(asked) | Self::Page(asked) => asked,
        }
    }

    fn into_asked(self) -> Asked {
        match self {
            Self::Object(asked) | Self::Page(asked) => asked,
        }
    }
}

fn ask(guest: &mut dyn Instance, question: &Question) -> Result<Params, Failure> {
    let answer = match question {
        Question::Object((object_type, id)) => guest.get_internal_object_params(id, object_type).map(Params::Object),
        Question::Page((class_name, id)) => guest.get_internal_document_params(id, class_name).map(Params::Page),
    };
    match answer {
        Err(failure) if failure.code == Code::NotFound => Ok(Params::NotFound(failure)),
        answer => answer,
    }
}

/// What must be asked to find the parent and group of an answer.
fn chain(object_type: &TypeName, found: &ObjectParams, model: &ContentModel) -> Result<Vec<Asked>, Failure> {
    let mut asked = Vec::new();
    if found.guid.is_some() {
        // It is found by that alone.
        return Ok(asked);
    }
    let declared = model.object_type(object_type);
    for (what, id, of) in [
        ("parent", &found.parent, declared.and_then(|t| t.parent.as_ref())),
        ("group", &found.group, declared.and_then(|t| t.group.as_ref())),
    ] {
        match (id, of) {
            (None, _) => {}
            (Some(id), Some(of)) => asked.push((of.clone(), id.clone())),
            (Some(id), None) => {
                let message = format!("the connector names {what} {:?} for an object of type {object_type}, which has none", id.as_str());
                return Err(Failure::new(Code::BadOutput, message));
            }
        }
    }
    Ok(asked)
}

/// What is asked for a prepared object, in the order of §7.1.
fn questions(prepared: &Prepared, task: &Task, model: &ContentModel) -> Vec<Question> {
    if task.data_type == DataType::Simple {
        return Vec::new();
    }
    let mut questions = Vec::new();
    match prepared {
        Prepared::Skip(_) => {}
        Prepared::Object(object) => object_questions(object, task, model, &mut questions),
        Prepared::Page(page) => page_questions(page, task, model, &mut questions),
    }
    questions
}

fn object_questions(object: &InfoObject, task: &Task, model: &ContentModel, questions: &mut Vec<Question>) {
    let Some(declared) = model.object_type(&object.row.object_type) else { return };
    site_question(object.site.as_ref(), questions);
    for (id, of) in [(&object.parent, &declared.parent), (&object.group, &declared.group)] {
        if let (Some(id), Some(of)) = (id, of) {
            questions.push(Question::Object((of.clone(), id.clone())));
        }
    }
    // What is only to be found is found by its identity; a binding's identity is what it binds.
    let written: Vec<&Field> = declared.fields.iter().filter(|f| !only_finds(task.task_type) || declared.binds.contains(&f.name)).collect();
    field_questions(&object.row.fields, &written, None, questions);
    if task.data_type == DataType::Snapshot && !only_finds(task.task_type) {
        for child in &object.children {
            let Some(declared) = model.object_type(&child.row.object_type) else { continue };
            // A binding in a snapshot belongs to the row it stands under: its owner is not asked for.
            field_questions(&child.row.fields, &declared.fields.iter().collect::<Vec<_>>(), declared.binds.first(), questions);
        }
    }
}

fn page_questions(page: &TreeNode, task: &Task, model: &ContentModel, questions: &mut Vec<Question>) {
    let Some(declared) = model.page_type(&page.class_name) else { return };
    site_question(page.site.as_ref(), questions);
    if let Some(PageParent::External(id, class_name)) = &page.parent {
        questions.push(Question::Page((class_name.clone(), id.clone())));
    }
    if !only_finds(task.task_type) {
        field_questions(&page.fields, &declared.fields.iter().collect::<Vec<_>>(), None, questions);
    }
}

fn site_question(site: Option<&ExternalId>, questions: &mut Vec<Question>) {
    if let (Some(site), Some(site_type)) = (site, site_type()) {
        questions.push(Question::Object((site_type, site.clone())));
    }
}

fn field_questions(given: &[(FieldName, Given)], declared: &[&Field], owner: Option<&FieldName>, questions: &mut Vec<Question>) {
    for field in declared {
        let Kind::Reference(reference) = &field.kind else { continue };
        if owner == Some(&field.name) {
            continue;
        }
        let value = given.iter().find(|(name, _)| *name == field.name).map(|(_, value)| value);
        let ids = match value {
            Some(Given::Reference(id)) => id.as_slice(),
            Some(Given::References(ids)) => ids.as_slice(),
            _ => &[],
        };
        for id in ids {
            let asked = (reference.to.clone(), id.clone());
            questions.push(if reference.to_page { Question::Page(asked) } else { Question::Object(asked) });
        }
    }
}
