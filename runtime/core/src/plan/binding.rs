//! Bindings: rows that are identified by what they bind (§7.2). They are made when all tasks have acted.

use std::sync::Arc;

use crate::failure::{Code, Failure};
use crate::history::Action;
use crate::key::{BindingKey, BindingsOf, ObjectKey};
use crate::model::{Field, Need, ObjectType, Reference};
use crate::names::{ExternalId, FieldName};
use crate::park::{LooseAt, NotMade};
use crate::plan::fields::{Held, Site};
use crate::plan::grant::Because;
use crate::plan::loose::{identity, same_questions};
use crate::plan::open::Open;
use crate::plan::references::{need_of, reference_of};
use crate::plan::stated::Sought;
use crate::plan::{Step, Stop, all_loaded, gathered};
use crate::prepared::{InfoObject, InfoRow};
use crate::rows::{BindingId, BindingRow, Fields, Links, ObjectId, Owner, RowId, Stated, StatedObject, Target};
use crate::validate::invalid;
use crate::value::{Given, Stored};

/// What a task says of bindings.
pub(super) struct BindingWork<'a> {
    pub(super) at: usize,
    pub(super) declared: &'a ObjectType,
    pub(super) what: What<'a>,
    /// The owner, as far as it is known when the task acts: what is said of one that goes is gone with it.
    pub(super) owner: Option<Target>,
}

impl BindingWork<'_> {
    pub(super) fn is_of(&self, row: RowId) -> bool {
        match self.owner {
            Some(Target::Object(id)) => RowId::Object(id) == row,
            Some(Target::Page(id)) => RowId::Page(id) == row,
            None => false,
        }
    }
}

/// What is to be done.
pub(super) enum What<'a> {
    /// This binding is made or updated. In a list its owner is known.
    Put { row: &'a InfoRow, in_list: bool, place: String },
    /// Those of the owner that the task does not state are taken away.
    List,
    /// This binding is taken away.
    Delete { row: &'a InfoRow },
}

/// What a binding binds, as far as it is known.
#[derive(Default)]
struct Bound {
    binds: Vec<Target>,
    fields: Fields,
    links: Links,
    owner: Option<Owner>,
    /// Something has no answer, and the binding is not made.
    missing: Option<Failure>,
    /// Something cannot even be looked for.
    hopeless: bool,
}

impl<'a> Step<'a, '_> {
    pub(super) fn binding_task(&mut self, declared: &'a ObjectType, object: &'a InfoObject) -> Result<(), Stop> {
        for (what, given) in [("site", &object.site), ("parent", &object.parent), ("group", &object.group)] {
            if given.is_some() {
                return Err(invalid(format!("a binding of type {} has no {what}", declared.name)).at(what).into());
            }
        }
        let row = &object.row;
        let what = match self.about.task_type {
            crate::task::TaskType::DeleteObject => What::Delete { row },
            _ => What::Put { row, in_list: false, place: String::new() },
        };
        let owner = match declared.binds.first().and_then(|name| identifies(declared, row, name)) {
            Some((_, reference, id)) if self.is_group() => match self.seek(&reference.to, reference.to_page, id)? {
                Sought::Found(hit, _) => Some(hit.target),
                _ => None,
            },
            _ => None,
        };
        self.notes.bindings.push(BindingWork { at: self.at, declared, what, owner });
        Ok(())
    }

    /// Makes bindings and takes them away, in the order in which they were stated.
    pub(super) fn do_bindings(&mut self) -> Result<(), Stop> {
        let works = std::mem::take(&mut self.notes.bindings);
        let mut to_load = Vec::new();
        for BindingWork { at, declared, what, owner } in &works {
            self.turn(*at);
            let done = match what {
                What::Put { row, in_list, place } => self.put(declared, row, owner.filter(|_| *in_list), place),
                // When it is known which are kept.
                What::List if !to_load.is_empty() => Ok(()),
                What::List => match owner {
                    Some(Target::Object(owner)) => self.complete(declared, *owner),
                    _ => Ok(()),
                },
                What::Delete { row } => self.delete_binding(declared, row),
            };
            gathered(&mut to_load, done)?;
        }
        all_loaded(to_load)
    }

    fn put(&mut self, declared: &ObjectType, given: &InfoRow, owner: Option<Target>, place: &str) -> Result<(), Stop> {
        if let Some(Target::Object(owner)) = owner
            && self.ask(&ObjectKey::Id(owner))?.is_none()
        {
            return Ok(());
        }
        let mut bound = self.bound(declared, given, owner, place)?;
        if bound.binds.len() == declared.binds.len() {
            self.need_bindings(declared, given, place, &mut bound)?;
        }
        if let Some(failure) = bound.missing.take() {
            return self.not_made_for(declared, given, place, bound, failure);
        }
        if bound.binds.len() < declared.binds.len() {
            // It is open, and told.
            return Ok(());
        }
        self.may_write_binding(&declared.name, &bound.binds)?;
        let before = self.ask(&BindingKey::Binds(declared.name.clone(), bound.binds.clone()))?;
        let mut after = match &before {
            Some(row) => (**row).clone(),
            None => BindingRow {
                id: BindingId(self.new_id()?),
                binding_type: declared.name.clone(),
                binds: bound.binds,
                fields: Fields::new(),
                links: Links::new(),
            },
        };
        after.fields.extend(bound.fields);
        for (field, link) in bound.links {
            self.link(&mut after.links, &field, link)?;
        }
        let site = Site { row: RowId::Binding(after.id), culture: None, place };
        let mut held = Held { fields: &mut after.fields, links: &mut after.links };
        self.merge(&site, &mut held, &given.fields, &rest(declared))?;
        let id = self.put_binding(before, after, Because::Asked)?;
        self.notes.kept.insert((self.at, id));
        Ok(())
    }

    /// What it binds, by the fields that identify it.
    fn bound(&mut self, declared: &ObjectType, given: &InfoRow, owner: Option<Target>, place: &str) -> Result<Bound, Stop> {
        let mut bound = Bound { owner: owner.map(Owner::Row), ..Bound::default() };
        let mut to_load = Vec::new();
        for (at, name) in declared.binds.iter().enumerate() {
            if let (0, Some(owner)) = (at, owner) {
                bound.fields.insert(name.clone(), Stored::Reference(owner));
                bound.binds.push(owner);
                continue;
            }
            let Some((field, reference, id)) = identifies(declared, given, name) else {
                return Err(invalid(format!("a binding of type {} needs field {name}", declared.name)).at(format!("{place}{name}")).into());
            };
            let looked = self.bind(field, reference, id, place, at == 0, &mut bound);
            gathered(&mut to_load, looked)?;
        }
        all_loaded(to_load)?;
        Ok(bound)
    }

    fn bind(
        &mut self,
        field: &Field,
        reference: &Reference,
        id: &ExternalId,
        place: &str,
        is_owner: bool,
        bound: &mut Bound,
    ) -> Result<(), Stop> {
        let path = format!("{place}{}", field.name);
        let message = format!("field {path} refers to {} {:?}, which is not stored", reference.to, id.as_str());
        let failure = |why: &str| Failure::new(Code::UnresolvedReference, format!("{message} ({why})")).at(&path);
        let (failure, open) = match self.seek(&reference.to, reference.to_page, id)? {
            Sought::Found(hit, stated) => {
                self.planned.references_resolved += 1;
                bound.fields.insert(field.name.clone(), Stored::Reference(hit.target));
                bound.binds.push(hit.target);
                if is_owner {
                    bound.owner = Some(Owner::Row(hit.target));
                }
                if let Some(stated) = stated {
                    bound.links.insert(field.name.clone(), self.new_link(&stated, id, None));
                }
                return Ok(());
            }
            Sought::Open(stated) => {
                if is_owner {
                    bound.owner = Some(Owner::Stated(stated.clone()));
                }
                let link = self.new_link(&stated, id, None);
                let mut open = Open::new(failure("looked for it by its name or GUID"));
                if need_of(field, reference) == Need::Required {
                    open = Open::new(Failure::new(Code::UnresolvedReference, &message).at(&path));
                    self.lacks(&reference.to, &link, &mut open)?;
                    open.with_looked_for();
                }
                bound.links.insert(field.name.clone(), link);
                (open.failure().clone(), Some(open))
            }
            Sought::NoRow => (failure("looked for this internal id"), Some(Open::new(failure("looked for this internal id")))),
            Sought::Nothing(why) => {
                bound.hopeless = true;
                (failure(&why), None)
            }
        };
        match (need_of(field, reference), open) {
            (Need::Required, Some(open)) => self.is_open(self.at, open),
            (Need::Required, None) => return Err(failure.into()),
            // One warning for one binding.
            _ => drop(bound.missing.get_or_insert(failure)),
        }
        Ok(())
    }

    /// Other fields without which the binding is not made.
    fn need_bindings(&mut self, declared: &ObjectType, given: &InfoRow, place: &str, bound: &mut Bound) -> Result<(), Stop> {
        for field in rest(declared) {
            let Some((field, reference, id)) = identifies(declared, given, &field.name) else { continue };
            if need_of(field, reference) == Need::Binding {
                let count = bound.binds.len();
                self.bind(field, reference, id, place, false, bound)?;
                // It does not identify the binding.
                bound.binds.truncate(count);
            }
        }
        Ok(())
    }

    fn not_made_for(
        &mut self,
        declared: &ObjectType,
        given: &InfoRow,
        place: &str,
        mut bound: Bound,
        failure: Failure,
    ) -> Result<(), Stop> {
        self.warn("binding-not-made", &failure.message);
        let Some(owner) = bound.owner.filter(|_| !bound.hopeless && !self.is_simple()) else { return Ok(()) };
        // What its other fields would hold: what it does not say stays (§7.3).
        let ends = self.not_made(&declared.name, &owner)?;
        let said = ends.iter().find_map(|end| match &end.at {
            LooseAt::NotMade(other) if same_questions(&identity(declared, &other.links), &identity(declared, &bound.links)) => Some(other),
            _ => None,
        });
        for field in rest(declared) {
            let is_given = given.fields.iter().find(|(name, _)| *name == field.name).map(|(_, value)| value);
            if let (None, Some(said)) = (is_given, said) {
                let (value, link) = (said.fields.get(&field.name).cloned(), said.links.get(&field.name).cloned());
                if value.is_some() || link.is_some() {
                    bound.fields.extend(value.map(|value| (field.name.clone(), value)));
                    bound.links.extend(link.map(|link| (field.name.clone(), link)));
                    continue;
                }
            }
            match is_given {
                Some(Given::Plain(value)) => drop(bound.fields.insert(field.name.clone(), Stored::Plain(value.clone()))),
                Some(Given::Reference(Some(id))) => {
                    let Some(reference) = reference_of(&field) else { continue };
                    match self.seek(&reference.to, reference.to_page, id)? {
                        Sought::Found(hit, Some(stated)) => {
                            bound.fields.insert(field.name.clone(), Stored::Reference(hit.target));
                            bound.links.insert(field.name.clone(), self.new_link(&stated, id, None));
                        }
                        Sought::Open(stated) => drop(bound.links.insert(field.name.clone(), self.new_link(&stated, id, None))),
                        _ => {}
                    }
                }
                _ if field.required => {
                    let message = format!("field {place}{} is required and has no value", field.name);
                    return Err(invalid(message).at(format!("{place}{}", field.name)).into());
                }
                _ => {}
            }
        }
        let connector = self.about.connector;
        let not_made = NotMade { binding_type: declared.name.clone(), owner, fields: bound.fields, links: bound.links };
        if let Some(end) = self.leave_not_made(not_made, connector)? {
            self.notes.kept_ends.insert((self.at, end));
        }
        Ok(())
    }

    /// A complete list: what it does not state goes, made or not.
    fn complete(&mut self, declared: &ObjectType, owner: ObjectId) -> Result<(), Stop> {
        let Some(row) = self.ask(&ObjectKey::Id(owner))? else { return Ok(()) };
        let stored = self.ask(&BindingsOf(declared.name.clone(), Target::Object(owner)))?;
        self.bounded(stored.len())?;
        for row in stored {
            if !self.notes.kept.contains(&(self.at, row.id)) {
                self.drop_binding(row, Because::Asked)?;
            }
        }
        // A binding that was stated before its owner came waits by the owner's question.
        let named = StatedObject::Named {
            object_type: row.object_type.clone(),
            name: row.code_name.clone(),
            site: row.scope.site.clone(),
            parent: None,
            group: None,
        };
        let by_guid = row.guid_given.then(|| StatedObject::Guid(row.object_type.clone(), row.guid));
        let questions = by_guid.into_iter().chain([named]).map(|stated| Owner::Stated(Arc::new(Stated::Object(stated))));
        for owner in std::iter::once(Owner::Row(Target::Object(owner))).chain(questions) {
            for end in self.not_made(&declared.name, &owner)? {
                if !self.notes.kept_ends.contains(&(self.at, end.id)) {
                    self.end_loose(end.id)?;
                }
            }
        }
        Ok(())
    }

    fn delete_binding(&mut self, declared: &ObjectType, given: &InfoRow) -> Result<(), Stop> {
        let mut binds = Vec::with_capacity(declared.binds.len());
        let mut owners = Vec::new();
        let mut questions = Links::new();
        let mut absent = None;
        for (at, name) in declared.binds.iter().enumerate() {
            let Some((_, reference, id)) = identifies(declared, given, name) else {
                return Err(invalid(format!("a binding of type {} is found by field {name}", declared.name)).at(name.as_str()).into());
            };
            let stated = match self.seek(&reference.to, reference.to_page, id)? {
                Sought::Found(hit, stated) => {
                    binds.push(hit.target);
                    owners.extend((at == 0).then_some(Owner::Row(hit.target)));
                    stated
                }
                Sought::Open(stated) => {
                    absent.get_or_insert_with(|| format!("{name} {:?}", id.as_str()));
                    Some(stated)
                }
                Sought::NoRow | Sought::Nothing(_) => {
                    absent.get_or_insert_with(|| format!("{name} {:?}", id.as_str()));
                    None
                }
            };
            if let Some(stated) = stated {
                owners.extend((at == 0).then(|| Owner::Stated(stated.clone())));
                questions.insert(name.clone(), self.new_link(&stated, id, None));
            }
        }
        if absent.is_none() {
            self.may_write_binding(&declared.name, &binds)?;
            match self.ask(&BindingKey::Binds(declared.name.clone(), binds))? {
                Some(row) => self.drop_binding(row, Because::Asked)?,
                None => absent = Some(String::new()),
            }
        }
        // What is not stored is not bound either; nor will it be.
        let ended = self.end_not_made(declared, &owners, &questions)?;
        if let (Some(name), false) = (absent, ended) {
            self.written(declared.name.as_str(), name, Action::Absent);
        }
        Ok(())
    }

    /// Ends those that are not made and were stated by these questions.
    fn end_not_made(&mut self, declared: &ObjectType, owners: &[Owner], questions: &Links) -> Result<bool, Stop> {
        let mut ended = false;
        for owner in owners {
            for end in self.not_made(&declared.name, owner)? {
                if matches!(&end.at, LooseAt::NotMade(other) if same_questions(&identity(declared, &other.links), &identity(declared, questions)))
                {
                    self.written(declared.name.as_str(), "a binding that was not made", Action::Deleted);
                    self.end_loose(end.id)?;
                    ended = true;
                }
            }
        }
        Ok(ended)
    }
}

/// The declaration and the external id of a reference that is stated.
fn identifies<'d>(declared: &'d ObjectType, given: &'d InfoRow, name: &FieldName) -> Option<(&'d Field, &'d Reference, &'d ExternalId)> {
    let field = declared.field(name)?;
    let value = given.fields.iter().find(|(given, _)| given == name).map(|(_, value)| value)?;
    match value {
        Given::Reference(Some(id)) => Some((field, reference_of(field)?, id)),
        _ => None,
    }
}

/// Fields beside those that identify a binding.
fn rest(declared: &ObjectType) -> Vec<Field> {
    declared.fields.iter().filter(|field| !declared.binds.contains(&field.name)).cloned().collect()
}
