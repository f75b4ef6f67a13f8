//! Inserting and updating objects (§5, §7.3).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::change::unique_values;
use crate::failure::{Code, Failure};
use crate::key::{ANSWER_ROWS_MAX, ObjectKey};
use crate::model::ObjectType;
use crate::names::{CodeName, SiteName, TypeName};
use crate::plan::fields::{Held, Site};
use crate::plan::grant::Because;
use crate::plan::judge::Placed;
use crate::plan::newer::{Age, DISPLAY_NAME, bound_to, stated};
use crate::plan::scope::Lies;
use crate::plan::{Step, Stop, all_loaded, gathered, shared};
use crate::prepared::{InfoObject, InfoRow};
use crate::rows::{Links, Newer, ObjectId, ObjectRow, RowId, group_field};
use crate::task::{DataType, TaskType};
use crate::validate::invalid;

/// What a task says of an object beside its row.
#[derive(Default)]
pub(super) struct Beside<'a, 'p> {
    /// The site that it is bound to.
    pub(super) bind_to: Option<SiteName>,
    /// Types of which the task states the object's children.
    pub(super) lists: Vec<&'a TypeName>,
    /// What stands before a field's name in a failure's path.
    pub(super) place: &'p str,
}

/// An object that was written.
#[derive(Clone)]
pub(super) struct Put<'a> {
    pub(super) row: Arc<ObjectRow>,
    /// Types of which the task states the object's children, and nothing newer has.
    pub(super) lists: Vec<&'a TypeName>,
    /// Something newer has written all that the task says.
    pub(super) superseded: bool,
}

/// Whether nobody has given the object a display name. Only types that say `newer_by` keep that (§7.4).
fn is_called_by_name(row: &ObjectRow) -> bool {
    *row.display_name == *row.code_name.as_str() && !row.newer.fields.contains_key(DISPLAY_NAME)
}

impl<'a> Step<'a, '_> {
    pub(super) fn upsert_object_task(&mut self, declared: &'a ObjectType, object: &'a InfoObject) -> Result<(), Stop> {
        let lies = self.lies(declared, object)?;
        // What was deleted since does not come back (§7.4), wherever it lay.
        let version = stated(declared.newer_by.as_ref(), &object.row.fields);
        if self.is_buried(Self::tomb_of_guid(declared, &object.row), version.as_ref())? {
            self.planned.superseded = true;
            return Ok(());
        }
        // Without a GUID nobody knows which object is meant while its place is not known.
        if (Self::is_nowhere(&lies) || (object.row.guid.is_none() && !lies.tells_names(declared)))
            && let Some(stop) = self.unknown(&lies)?
        {
            return Err(stop);
        }
        let bind_to = match self.about.task_type {
            TaskType::AddToSite => self.about.site.cloned(),
            _ => None,
        };
        if self.is_buried(self.tomb_of_name(declared, &object.row, &lies.scope), version.as_ref())? {
            self.planned.superseded = true;
            return Ok(());
        }
        let lists = self.lists(declared, &object.lists(), None);
        let put = self.upsert(declared, &object.row, lies, Beside { bind_to, lists, place: "" })?;
        self.planned.superseded = put.superseded;
        if self.about.data_type == DataType::Snapshot {
            self.children(declared, put, object)
        } else {
            self.leaves_unread(object);
            Ok(())
        }
    }

    pub(super) fn upsert(
        &mut self,
        declared: &'a ObjectType,
        given: &'a InfoRow,
        lies: Lies,
        beside: Beside<'a, '_>,
    ) -> Result<Put<'a>, Stop> {
        let place = beside.place;
        let Some(code_name) = given.code_name.clone() else {
            return Err(invalid(format!("an object of type {} needs a code name", declared.name)).at(format!("{place}code_name")).into());
        };
        // Before it is found out whether there is such an object.
        self.may_write_object(&declared.name, &lies.scope)?;
        if let Some(site) = &beside.bind_to {
            self.about.limits.write.site(site)?;
        }
        let existing = self.existing(declared, given, &lies)?;
        let before = existing.row;
        let version = stated(declared.newer_by.as_ref(), &given.fields);
        let mut age = Age::new(version, before.as_ref().map(|row| &row.newer));
        if let (Some(before), true) = (&before, age.is_older()) {
            return self.upsert_older(declared, given, before, age, beside);
        }
        let mut after = match &before {
            Some(row) => (**row).clone(),
            None => self.new_object(declared, given, &lies, &code_name)?,
        };
        after.scope.site.clone_from(&lies.scope.site);
        // What is not known yet is put right when all have acted.
        if !lies.parent_is_open() {
            after.scope.parent = lies.scope.parent;
        } else if before.is_some() && self.is_group() {
            // It has left where it lay: who deletes that does not take it along.
            after.scope.parent = Some(ObjectId(self.new_id()?));
        }
        self.put_group(&mut after, &lies)?;
        if let Some(guid) = given.guid {
            after.guid = guid;
            after.guid_given = true;
        }
        age.writes_row(&mut after.newer);
        if let Some(display_name) = &given.display_name {
            age.writes(&mut after.newer, DISPLAY_NAME);
            after.display_name = display_name.clone();
        } else if declared.newer_by.is_some() && before.as_ref().is_some_and(|before| is_called_by_name(before)) {
            // In whatever order its names come: it is called what it is named.
            after.display_name = shared(code_name.as_str());
        }
        after.code_name = code_name;
        let Beside { bind_to, lists, .. } = beside;
        if let Some(site) = bind_to {
            age.writes(&mut after.newer, &bound_to(&site));
            after.sites.insert(site);
        }
        age.fields(&mut after.newer, &given.fields);
        for list in &lists {
            age.writes(&mut after.newer, list.as_str());
        }
        let site = Site { row: RowId::Object(after.id), culture: None, place };
        let mut held = Held { fields: &mut after.fields, links: &mut after.links };
        self.merge(&site, &mut held, &given.fields, &declared.fields)?;
        let renamed = before.as_ref().is_some_and(|before| !self.has_same_name(before, &after));
        let taken = existing.taken || (renamed && self.is_taken(&after)?);
        if taken | self.has_taken_value(&after)? || self.is_group() {
            self.notes.named.push((RowId::Object(after.id), self.at));
        }
        self.note_relatives(declared, after.id, &lies);
        let stays = before.as_ref().is_some_and(|before| before.scope == after.scope);
        // A new row without children lies where it may: that was found out, unless others act too.
        let fits = before.is_none() && !self.is_group() && (after.scope.parent.is_none() || !self.nests(declared));
        if lies.parent_is_open() || !(stays || fits) {
            self.note_placed(&after, before.as_ref());
        }
        if let Some(before) = before.as_ref().filter(|before| lies.parent_is_open() || before.scope.parent != after.scope.parent) {
            self.stays_under(declared, before)?;
        }
        if let (true, Some(before)) = (lies.parent_is_open(), &before) {
            let names = self.name_keys(&before.object_type, &before.scope, &before.code_name);
            let leaves = names.into_iter().chain([ObjectKey::Id(before.id).into()]);
            self.notes.leaves.extend(leaves.map(|key| (self.at, key.mark())));
        }
        if let Some(before) = &before {
            self.leaves_name(before, Some(&after))?;
            if before.scope.site != after.scope.site {
                self.children_follow(before, &after)?;
            }
        }
        let row = self.put_object(before, after, Because::Asked)?;
        Ok(Put { row, lists, superseded: false })
    }

    /// What is newer stays (§7.4): an older task writes only what nothing newer has written. The object has its
    /// name and its place from what is newer.
    fn upsert_older(
        &mut self,
        declared: &'a ObjectType,
        given: &'a InfoRow,
        before: &Arc<ObjectRow>,
        mut age: Age,
        beside: Beside<'a, '_>,
    ) -> Result<Put<'a>, Stop> {
        let Beside { bind_to, mut lists, place } = beside;
        let mut after = (**before).clone();
        if let Some(guid) = given.guid.filter(|_| !after.guid_given) {
            after.guid = guid;
            after.guid_given = true;
        }
        if let Some(display_name) = &given.display_name
            && age.writes(&mut after.newer, DISPLAY_NAME)
        {
            after.display_name = display_name.clone();
        }
        if let Some(site) = bind_to.filter(|site| age.writes(&mut after.newer, &bound_to(site))) {
            after.sites.insert(site);
        }
        let fields = age.fields(&mut after.newer, &given.fields);
        lists.retain(|list| age.writes(&mut after.newer, list.as_str()));
        if age.is_superseded() {
            return Ok(Put { row: before.clone(), lists, superseded: true });
        }
        let site = Site { row: RowId::Object(after.id), culture: None, place };
        let mut held = Held { fields: &mut after.fields, links: &mut after.links };
        self.merge(&site, &mut held, &fields, &declared.fields)?;
        if self.has_taken_value(&after)? || self.is_group() {
            self.notes.named.push((RowId::Object(after.id), self.at));
        }
        let row = self.put_object(Some(before.clone()), after, Because::Asked)?;
        Ok(Put { row, lists, superseded: false })
    }

    fn new_object(&mut self, declared: &ObjectType, given: &InfoRow, lies: &Lies, code_name: &CodeName) -> Result<ObjectRow, Stop> {
        // A delete followed by a create of the same identity is a replacement (§5).
        let revived = if lies.tells_names(declared) { self.revived(declared, given, &lies.scope, code_name) } else { None };
        let (id, made_up, created_ms) = match &revived {
            Some(row) => (row.id, Some(row.guid), row.created_ms),
            None => (ObjectId(self.new_id()?), None, self.now_ms),
        };
        let mut scope = lies.scope.clone();
        if lies.parent_is_open() {
            // Under an object that never is: nobody finds it by its name before it is known where it lies, itself included.
            scope.parent = Some(ObjectId(self.new_id()?));
        }
        Ok(ObjectRow {
            id,
            object_type: declared.name.clone(),
            scope,
            code_name: code_name.clone(),
            guid: given.guid.or(made_up).unwrap_or_else(|| self.new_guid()),
            guid_given: given.guid.is_some(),
            display_name: given.display_name.clone().unwrap_or_else(|| shared(code_name.as_str())),
            sites: BTreeSet::new(),
            fields: BTreeMap::new(),
            links: Links::new(),
            newer: Newer::default(),
            created_ms,
            modified_ms: self.now_ms,
        })
    }

    fn put_group(&mut self, after: &mut ObjectRow, lies: &Lies) -> Result<(), Stop> {
        let Some(field) = group_field() else { return Ok(()) };
        if lies.scope.group.is_some() || lies.group.is_none() {
            after.scope.group = lies.scope.group;
        }
        match &lies.group {
            Some(link) => self.link(&mut after.links, field, link.clone()),
            None => self.unlink(&mut after.links, field),
        }
    }

    /// An object lies elsewhere than before.
    pub(super) fn note_placed(&mut self, after: &ObjectRow, before: Option<&Arc<ObjectRow>>) {
        self.notes.placed.push((Placed::Object(after.id, before.cloned()), self.at));
    }

    /// Whether another object has one of the values that are unique.
    fn has_taken_value(&mut self, row: &ObjectRow) -> Result<bool, Stop> {
        let mut to_load = Vec::new();
        let mut taken = false;
        for (field, value) in unique_values(row, self.model) {
            let asked = self.ask(&ObjectKey::Unique(row.object_type.clone(), field, value));
            let other = gathered(&mut to_load, asked)?.flatten();
            taken |= other.is_some_and(|other| other.id != row.id);
        }
        all_loaded(to_load)?;
        Ok(taken)
    }

    /// Children that belong to the site of an object move to another site with it.
    fn children_follow(&mut self, before: &Arc<ObjectRow>, after: &ObjectRow) -> Result<(), Stop> {
        for row in self.with_descendants(before.clone())? {
            if row.id == before.id || row.scope.site.is_none() || row.scope.site != before.scope.site {
                continue;
            }
            let mut moved = (*row).clone();
            moved.scope.site.clone_from(&after.scope.site);
            self.leaves_name(&row, Some(&moved))?;
            self.notes.named.push((RowId::Object(row.id), self.at));
            self.put_object(Some(row), moved, Because::Asked)?;
        }
        Ok(())
    }

    /// More rows than an answer holds cannot be dealt with in one task.
    pub(super) fn bounded(&self, rows: usize) -> Result<(), Stop> {
        let max = self.about.limits.rows_max.min(ANSWER_ROWS_MAX);
        if rows > max {
            return Err(Failure::new(Code::TooManyRows, format!("more than {max} rows would have to be looked at")).into());
        }
        Ok(())
    }
}
