//! Which subject a task is about, and what it would bring, as far as it says so itself (§11): without
//! looking at what is stored.

use std::sync::LazyLock;

use uuid::Uuid;

use crate::key::ObjectKey;
use crate::mark::{Mark, Marker, brings_guid, brings_name};
use crate::model::{ANY_PAGE, Completeness, ContentModel, Kind, ObjectType, Within};
use crate::names::{ExternalId, FieldName, SiteName, TypeName};
use crate::park::{Line, LineKind};
use crate::plan::page::alias_of;
use crate::plan::{Step, Stop};
use crate::prepared::{InfoObject, InfoRow, Lists, ObjectParams, PageParent, Prepared, TreeNode};
use crate::rows::ObjectRow;
use crate::task::{DataType, Task, TaskType};
use crate::translate::{Params, Translated, site_type};
use crate::value::Given;

/// Longest chain of parents that is followed.
const CHAIN_MAX: usize = 100;

/// The lines in which a task stands (§11.5): of the subject that its submission states, of the one that it
/// is about, and of the children whose list it states or to which it belongs.
pub fn lines(task: &Task, translated: &Translated, model: &ContentModel) -> Vec<Line> {
    let says = Says { task, translated, model };
    let mut lines: Vec<Line> = task.subject.iter().map(|subject| Line::submitted(subject)).collect();
    match &translated.prepared {
        Prepared::Skip(_) => {}
        Prepared::Page(page) => lines.extend(says.page(page).map(|mark| Line { kind: LineKind::Subject, mark })),
        Prepared::Object(object) => match model.object_type(&object.row.object_type) {
            Some(declared) if declared.is_binding() => says.binding_lines(declared, object, &mut lines),
            Some(declared) => says.object_lines(declared, object, &mut lines),
            None => {}
        },
    }
    lines.sort_unstable();
    lines.dedup();
    lines
}

/// What a task would bring: `mark::brings_guid` of the GUID and `mark::brings_name` of the name that it states
/// for its object or page, and for the children that it lists; of a binding, those of its owner. Pages of all
/// types are brought under [`ANY_PAGE`].
pub fn brings(task: &Task, translated: &Translated, model: &ContentModel) -> Vec<Mark> {
    let mut marks = Vec::new();
    match &translated.prepared {
        Prepared::Skip(_) => {}
        Prepared::Page(page) => {
            if let Some(any) = any_page() {
                marks.extend(brings_row(any, page.node_guid, alias_of(page).as_ref().map(|alias| alias.key())));
            }
        }
        Prepared::Object(object) => {
            let row = |row: &InfoRow| brings_row(&row.object_type, row.guid, row.code_name.as_ref().map(|name| name.key()));
            marks.extend(row(&object.row));
            if task.data_type == DataType::Snapshot {
                marks.extend(object.children.iter().flat_map(|child| row(&child.row)));
            }
            let says = Says { task, translated, model };
            match model.object_type(&object.row.object_type).and_then(|declared| says.owner(declared, &object.row)) {
                Some((to, Params::Object(params))) => marks.extend(brings_row(to, params.guid, Some(params.code_name.key()))),
                Some((_, Params::Page(params))) => marks.extend(any_page().map(|any| brings_guid(any, params.node_guid))),
                _ => {}
            }
        }
    }
    marks.sort_unstable();
    marks.dedup();
    marks
}

/// What a task that writes such a row would bring.
pub(super) fn brings_row(type_name: &TypeName, guid: Option<Uuid>, name: Option<&str>) -> Vec<Mark> {
    let guid = guid.map(|guid| brings_guid(type_name, guid));
    guid.into_iter().chain(name.map(|name| brings_name(type_name, name))).collect()
}

/// The type under which pages of all types are brought.
pub(super) fn any_page() -> Option<&'static TypeName> {
    static ANY: LazyLock<Option<TypeName>> = LazyLock::new(|| TypeName::new(ANY_PAGE).ok());
    ANY.as_ref()
}

/// A subject: by GUID and by name, as far as it is stated so.
#[derive(Debug, Clone, Copy, Default)]
struct Subject {
    guid: Option<Mark>,
    name: Option<Mark>,
}

impl Subject {
    /// A given GUID tells it; where there is none, the name.
    fn own(self) -> Option<Mark> {
        self.guid.or(self.name)
    }

    fn marks(self) -> impl Iterator<Item = Mark> {
        self.guid.into_iter().chain(self.name)
    }
}

struct Says<'a> {
    task: &'a Task,
    translated: &'a Translated,
    model: &'a ContentModel,
}

impl<'a> Says<'a> {
    fn object_lines(&self, declared: &ObjectType, object: &InfoObject, lines: &mut Vec<Line>) {
        let above = self.above(declared, object);
        let site = self.site_of(declared, object);
        let subject = self.subject(declared, &object.row, site.as_ref(), above.first().copied(), self.group(declared, object));
        lines.extend(subject.own().map(|mark| Line { kind: LineKind::Subject, mark }));
        for mark in above.iter().flat_map(|above| above.marks()) {
            lines.push(line_of(LineKind::Child, &declared.name, mark));
        }
        let listed: Vec<&TypeName> = match self.task.task_type {
            TaskType::DeleteObject => self.below(declared),
            TaskType::RemoveFromSite => Vec::new(),
            _ if self.task.data_type == DataType::Snapshot => self.lists(declared, &object.lists(), None),
            _ => Vec::new(),
        };
        for child_type in listed {
            lines.extend(subject.marks().map(|mark| line_of(LineKind::List, child_type, mark)));
        }
        if self.task.data_type == DataType::Snapshot && self.task.task_type != TaskType::DeleteObject {
            self.child_lists(object, subject, lines);
        }
    }

    /// Lists that its children state of their own children.
    fn child_lists(&self, object: &InfoObject, main: Subject, lines: &mut Vec<Line>) {
        let mut subjects: Vec<Subject> = Vec::with_capacity(object.children.len());
        let stated = object.lists();
        for (at, child) in object.children.iter().enumerate() {
            let owner = child.parent.and_then(|at| subjects.get(at as usize).copied()).unwrap_or(main);
            let Some(declared) = self.model.object_type(&child.row.object_type).filter(|declared| !declared.is_binding()) else {
                subjects.push(Subject::default());
                continue;
            };
            let site = self.task.site.as_ref().filter(|_| declared.site_bound);
            let subject = self.subject(declared, &child.row, site, Some(owner), None);
            for child_type in self.lists(declared, &stated, u32::try_from(at).ok()) {
                lines.extend(subject.marks().map(|mark| line_of(LineKind::List, child_type, mark)));
            }
            subjects.push(subject);
        }
    }

    /// A binding belongs to its owner's subject.
    fn binding_lines(&self, declared: &ObjectType, object: &InfoObject, lines: &mut Vec<Line>) {
        let owner = match self.owner(declared, &object.row) {
            Some((to, Params::Object(params))) => self.subject_of(to, params, 0),
            Some((_, Params::Page(params))) => Subject { guid: Some(page_guid(&params.site, params.node_guid)), name: None },
            _ => return,
        };
        lines.extend(owner.own().map(|mark| Line { kind: LineKind::Subject, mark }));
        lines.extend(owner.marks().map(|mark| line_of(LineKind::Child, &declared.name, mark)));
    }

    /// Types of which it states all children. What is not stated is left alone (§7.5).
    fn lists<'d>(&self, declared: &'d ObjectType, lists: &Lists<'_>, row: Option<u32>) -> Vec<&'d TypeName> {
        let complete = declared.children.iter().filter(|child| child.completeness == Completeness::Complete);
        complete.map(|child| &child.name).filter(|child_type| lists.state(row, child_type)).collect()
    }

    /// Types whose objects and bindings go with an object, all the way down.
    fn below<'m>(&'m self, declared: &'m ObjectType) -> Vec<&'m TypeName> {
        let mut types: Vec<&TypeName> = vec![&declared.name];
        let mut at = 0;
        while let Some(above) = types.get(at).copied() {
            for child in self.model.child_types(above) {
                if !types.contains(&&child.name) {
                    types.push(&child.name);
                }
            }
            at += 1;
        }
        let owns = |binding: &&ObjectType| owner_type(binding).is_some_and(|owner| types.contains(&owner));
        let bindings: Vec<&TypeName> = self.model.object_types.values().filter(owns).map(|binding| &binding.name).collect();
        // Its own type is among those below it in a tree.
        let own = usize::from(declared.parent.as_ref().is_none_or(|parent| !types.contains(&parent)));
        types.into_iter().skip(own).chain(bindings).collect()
    }

    /// The parent, its parent, and so on, as far as they are stated.
    fn above(&self, declared: &ObjectType, object: &InfoObject) -> Vec<Subject> {
        let (Some(mut of), Some(id)) = (declared.parent.as_ref(), object.parent.as_ref()) else { return Vec::new() };
        if self.task.data_type == DataType::Simple {
            return vec![internal(of, id)];
        }
        let mut id = id.clone();
        let mut above = Vec::new();
        while let Some(Params::Object(params)) = self.translated.params.get(&(of.clone(), id)) {
            above.push(self.subject_of(of, params, 0));
            let next = self.model.object_type(of).and_then(|declared| declared.parent.as_ref());
            match (next, &params.parent) {
                (Some(next), Some(parent)) if above.len() < CHAIN_MAX => (of, id) = (next, parent.clone()),
                _ => break,
            }
        }
        above
    }

    fn group(&self, declared: &ObjectType, object: &InfoObject) -> Option<Subject> {
        let (of, id) = (declared.group.as_ref()?, object.group.as_ref()?);
        if self.task.data_type == DataType::Simple {
            return Some(internal(of, id));
        }
        match self.translated.params.get(&(of.clone(), id.clone()))? {
            Params::Object(params) => Some(self.subject_of(of, params, 0)),
            _ => None,
        }
    }

    fn site_of(&self, declared: &ObjectType, object: &InfoObject) -> Option<SiteName> {
        if !declared.site_bound {
            return None;
        }
        let Some(id) = &object.site else { return self.task.site.clone() };
        if self.task.data_type == DataType::Simple {
            return SiteName::new(id.as_str()).ok();
        }
        match self.translated.params.get(&(site_type()?, id.clone()))? {
            Params::Object(params) => SiteName::new(params.code_name.as_str()).ok(),
            _ => None,
        }
    }

    /// What a binding says of its owner.
    fn owner<'d>(&'d self, declared: &'d ObjectType, row: &InfoRow) -> Option<(&'d TypeName, &'d Params)> {
        let to = owner_type(declared)?;
        let field: &FieldName = declared.binds.first()?;
        match row.fields.iter().find(|(name, _)| name == field).map(|(_, value)| value)? {
            Given::Reference(Some(id)) => Some((to, self.translated.params.get(&(to.clone(), id.clone()))?)),
            _ => None,
        }
    }

    fn subject(
        &self,
        declared: &ObjectType,
        row: &InfoRow,
        site: Option<&SiteName>,
        parent: Option<Subject>,
        group: Option<Subject>,
    ) -> Subject {
        let guid = row.guid.map(|guid| object_guid(&declared.name, guid));
        let name = row.code_name.as_ref().map(|name| named(declared.unique_within, &declared.name, site, parent, group, name.key()));
        Subject { guid, name }
    }

    /// The subject of what a params method answered.
    fn subject_of(&self, of: &TypeName, params: &ObjectParams, depth: usize) -> Subject {
        let declared = self.model.object_type(of);
        let relative = |of: Option<&TypeName>, id: Option<&ExternalId>| match self.translated.params.get(&(of?.clone(), id?.clone()))? {
            Params::Object(params) if depth < CHAIN_MAX => Some(self.subject_of(of?, params, depth + 1)),
            _ => None,
        };
        let parent = relative(declared.and_then(|of| of.parent.as_ref()), params.parent.as_ref());
        let group = relative(declared.and_then(|of| of.group.as_ref()), params.group.as_ref());
        let within = declared.map_or(Within::Scope, |declared| declared.unique_within);
        Subject {
            guid: params.guid.map(|guid| object_guid(of, guid)),
            name: Some(named(within, of, params.site.as_ref(), parent, group, params.code_name.key())),
        }
    }

    /// All cultures of a page are one subject.
    fn page(&self, page: &TreeNode) -> Option<Mark> {
        let site = match &page.site {
            None => self.task.site.clone()?,
            Some(id) if self.task.data_type == DataType::Simple => SiteName::new(id.as_str()).ok()?,
            Some(id) => match self.translated.params.get(&(site_type()?, id.clone()))? {
                Params::Object(params) => SiteName::new(params.code_name.as_str()).ok()?,
                _ => return None,
            },
        };
        if let Some(guid) = page.node_guid {
            return Some(page_guid(&site, guid));
        }
        let path = Marker::new("line-page-path").text(site.as_str()).text(alias_of(page)?.key());
        Some(match &page.parent {
            None | Some(PageParent::Root) => path.mark(),
            Some(PageParent::Guid(guid)) => path.guid(*guid).mark(),
            Some(PageParent::Path(steps)) => steps.iter().rev().fold(path, |path, step| path.text(step.key())).mark(),
            Some(PageParent::External(id, class_name)) => match self.translated.params.get(&(class_name.clone(), id.clone())) {
                Some(Params::Page(params)) => path.guid(params.node_guid).mark(),
                _ => path.text(id.as_str()).mark(),
            },
        })
    }
}

impl Step<'_, '_> {
    /// Until the task takes its object elsewhere, that goes with what it is stored under (§11.5): who deletes one of
    /// those waits behind the task.
    pub(super) fn stays_under(&mut self, declared: &ObjectType, row: &ObjectRow) -> Result<(), Stop> {
        let mut above = Vec::new();
        let mut next = row.scope.parent;
        while let Some(id) = next.filter(|_| above.len() < CHAIN_MAX) {
            let Some(row) = self.ask(&ObjectKey::Id(id))? else { break };
            next = row.scope.parent;
            above.push(row);
        }
        // Names are told apart by what lies above them.
        let mut parent = None;
        for row in above.into_iter().rev() {
            let of = &row.object_type;
            let within = self.model.object_type(of).map_or(Within::Scope, |declared| declared.unique_within);
            let name = named(within, of, row.scope.site.as_ref(), parent, None, row.code_name.key());
            let subject = Subject {
                guid: row.guid_given.then(|| object_guid(of, row.guid)),
                // A group's name is part of it: its own GUID must do.
                name: row.scope.group.is_none().then_some(name),
            };
            let lines = subject.marks().map(|mark| (self.at, line_of(LineKind::Child, &declared.name, mark)));
            self.notes.stays_under.extend(lines);
            parent = Some(subject);
        }
        Ok(())
    }
}

fn owner_type(binding: &ObjectType) -> Option<&TypeName> {
    match &binding.field(binding.binds.first()?)?.kind {
        Kind::Reference(reference) => Some(&reference.to),
        _ => None,
    }
}

fn internal(of: &TypeName, id: &ExternalId) -> Subject {
    Subject { guid: None, name: Some(Marker::new("line-internal").text(of.as_str()).text(id.as_str()).mark()) }
}

fn object_guid(of: &TypeName, guid: Uuid) -> Mark {
    Marker::new("line-object-guid").text(of.as_str()).guid(guid).mark()
}

fn page_guid(site: &SiteName, guid: Uuid) -> Mark {
    Marker::new("line-page-guid").text(site.as_str()).guid(guid).mark()
}

/// A subject by its name, as far as the type needs it to tell names apart.
fn named(within: Within, of: &TypeName, site: Option<&SiteName>, parent: Option<Subject>, group: Option<Subject>, name: &str) -> Mark {
    let mut marker = Marker::new("line-object-name").text(of.as_str()).text(name);
    if within != Within::All {
        marker = marker.text(site.map_or("", SiteName::as_str));
    }
    if within == Within::Scope {
        for above in [parent, group] {
            marker = marker.maybe(above.and_then(Subject::own).map(|mark| mark.0));
        }
    }
    marker.mark()
}

/// The line of the children of a type under a parent.
fn line_of(kind: LineKind, child_type: &TypeName, parent: Mark) -> Line {
    Line { kind, mark: Marker::new("line-children").text(child_type.as_str()).number(parent.0).mark() }
}
