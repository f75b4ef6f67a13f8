//! What the bus does (§5 to §7), in the simplest form that can be read beside the semantics: lists that
//! are searched from end to end, a copy of everything before each task, and no plan.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use lockgate_core::task::TaskType;

pub(super) use super::ops::Given;
use super::ops::{Child, ObjectDoc, Op, SITES, page_guid, row_guid};

/// Why a task fails: the code of §8.
pub type Code = &'static str;

pub(super) type Id = usize;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Val {
    Text(String),
    Reference(Reference),
}

/// A reference, with the question as it was stated.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reference {
    pub(super) stated: String,
    pub(super) target: Option<Target>,
    /// The task that is carried out states it.
    pub(super) is_new: bool,
    /// What it asks for is not there.
    pub(super) is_loose: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Target {
    Object(Id),
    Page(Id),
}

/// `n.member`; without a role it is not made.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) user: Id,
    pub(super) role: Option<Id>,
    pub(super) stated: String,
    pub(super) note: Option<String>,
}

pub(super) type Fields = BTreeMap<&'static str, Val>;

#[derive(Clone, Debug)]
pub(super) struct Object {
    pub(super) id: Id,
    pub(super) of: &'static str,
    pub(super) site: Option<&'static str>,
    pub(super) parent: Option<Id>,
    pub(super) name: String,
    pub(super) guid: Option<String>,
    pub(super) display: String,
    pub(super) sites: BTreeSet<&'static str>,
    pub(super) fields: Fields,
}

#[derive(Clone, Debug)]
pub(super) struct Page {
    pub(super) id: Id,
    pub(super) site: &'static str,
    pub(super) of: &'static str,
    pub(super) guid: Option<String>,
    pub(super) parent: Option<Id>,
    pub(super) alias: String,
    pub(super) order: Option<i32>,
    pub(super) cultures: BTreeMap<&'static str, Version>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Version {
    pub(super) name: String,
    pub(super) published: bool,
    pub(super) archived: bool,
    pub(super) fields: Fields,
}

#[derive(Clone, Debug, Default)]
pub struct Naive {
    pub(super) last: Id,
    pub(super) objects: Vec<Object>,
    pub(super) pages: Vec<Page>,
    pub(super) members: Vec<Member>,
    /// Names that objects with given GUIDs have left, and these.
    former: BTreeMap<Place, String>,
    /// What a task fails by when all of it has been looked at: what other rows do not allow (§11).
    pub(super) open: RefCell<Vec<Code>>,
}

/// Type, site, parent and name.
type Place = (&'static str, Option<&'static str>, Option<Id>, String);

/// How code names compare: trimmed and case-insensitive (no other letters are used here).
pub(super) fn key(name: &str) -> String {
    name.trim().to_lowercase()
}

impl Naive {
    /// Carries out a task: all or nothing. With what it may fail: the first of these that is seen.
    pub fn run(&mut self, op: &Op) -> Result<(), Vec<Code>> {
        let mut after = self.clone();
        let came = match op {
            Op::Object(task_type, site, snapshot, doc) => after.object_task(*task_type, SITES[*site], *snapshot, doc),
            Op::Member(delete, user, role, note) => after.member_task(*delete, user, role, note),
            Op::Page(task_type, site, doc) => after.page_task(*task_type, SITES[*site], doc),
        };
        after.look_up();
        let mut open = after.open.take();
        open.extend(came.err());
        if !open.is_empty() {
            return Err(open);
        }
        // What is loose finds what has come.
        after.look_up();
        *self = after;
        Ok(())
    }

    pub(super) fn is_open(&self, code: Code) {
        self.open.borrow_mut().push(code);
    }

    pub(super) fn id(&mut self) -> Id {
        self.last += 1;
        self.last
    }

    /// §7.2. `@site|name`, `parent|name` or `name`.
    pub(super) fn find(&self, of: &str, external: &str) -> Option<Id> {
        let (before, name) = external.rsplit_once('|').map_or((None, external), |(before, name)| (Some(before), name));
        let site = before.and_then(|before| before.strip_prefix('@'));
        let parent = match before.filter(|_| site.is_none()) {
            Some(parent) => Some(self.find("n.tree", parent)?),
            None => None,
        };
        let found: Vec<Id> = self
            .objects
            .iter()
            .filter(|o| o.of == of && o.site == site && key(&o.name) == key(name) && o.parent == parent)
            .map(|o| o.id)
            .collect();
        let former = || {
            let left = self.former.iter().find(|((t, s, p, n), _)| *t == of && *s == site && *p == parent && *n == key(name));
            left.and_then(|(_, guid)| self.objects.iter().find(|o| o.of == of && o.guid.as_ref() == Some(guid))).map(|o| o.id)
        };
        found.first().copied().or_else(former)
    }

    /// `site:number`, in the culture en-US.
    pub(super) fn find_page(&self, external: &str) -> Option<Id> {
        let (site, number) = external.split_once(':')?;
        let guid = page_guid(number.parse().ok()?);
        let page = self.pages.iter().find(|page| page.site == site && page.guid.as_ref() == Some(&guid))?;
        page.cultures.contains_key("en-US").then_some(page.id)
    }

    /// §7.3: what is given overwrites, null clears, what is missing stays.
    pub(super) fn merge(&self, of: &str, fields: &mut Fields, given: &[(&'static str, Given)]) -> Result<(), Code> {
        for (name, value) in given {
            if matches!(value, Given::Text(text) if *name == "full" && of == "n.user" && text.chars().count() > 3) {
                return Err("invalid-object");
            }
            match Val::given(value) {
                Some(value) => drop(fields.insert(name, value)),
                None => drop(fields.remove(name)),
            }
        }
        if of == "n.product" && !fields.contains_key("sku") { Err("invalid-object") } else { Ok(()) }
    }

    fn object_task(&mut self, task_type: TaskType, task_site: &'static str, snapshot: bool, doc: &ObjectDoc) -> Result<(), Code> {
        // Checked before anything is looked up (§7.3).
        if doc.fields.iter().any(|(name, v)| matches!(v, Given::Text(t) if doc.of == "n.user" && *name == "full" && t.chars().count() > 3))
        {
            return Err("invalid-object");
        }
        let to_site = matches!(task_type, TaskType::AddToSite | TaskType::RemoveFromSite);
        let site = (doc.of == "n.role").then_some(task_site);
        if to_site && site.is_some() {
            return Err("invalid-object");
        }
        let deletes = matches!(task_type, TaskType::DeleteObject | TaskType::RemoveFromSite);
        let parent = match &doc.parent {
            None => None,
            Some(external) => match self.find("n.tree", external) {
                Some(parent) => Some(parent),
                // Its GUID finds it wherever it lies.
                None if deletes => Some(self.id()),
                // It lies where nothing is.
                None => {
                    // By the name that it is to have, it may be its own parent.
                    if doc.of == "n.tree" && external.rsplit('|').next().is_some_and(|last| key(last) == key(doc.name)) {
                        self.is_open("cycle");
                    }
                    self.is_open("unresolved-reference");
                    Some(self.id())
                }
            },
        };
        let guid = doc.guid.map(row_guid);
        if deletes {
            let Some(found) = self.existing(doc.of, site, parent, guid.as_deref(), doc.name).0 else { return Ok(()) };
            if task_type == TaskType::DeleteObject {
                return self.delete(found);
            }
            self.object_mut(found).sites.remove(task_site);
            return Ok(());
        }
        let id = self.upsert(doc.of, site, parent, guid, doc.name, doc.display.clone(), &doc.fields)?;
        if task_type == TaskType::AddToSite {
            self.object_mut(id).sites.insert(task_site);
        }
        if snapshot { self.children(doc.of, id, &doc.children) } else { Ok(()) }
    }

    fn object_mut(&mut self, id: Id) -> &mut Object {
        self.objects.iter_mut().find(|object| object.id == id).unwrap()
    }

    /// The GUID wins, wherever the object is; a name only if its object was given no other GUID: else it is taken.
    fn existing(&self, of: &str, site: Option<&str>, parent: Option<Id>, guid: Option<&str>, name: &str) -> (Option<Id>, bool) {
        let by_guid = self.objects.iter().find(|o| o.of == of && guid.is_some() && o.guid.as_deref() == guid);
        if let Some(object) = by_guid {
            return (Some(object.id), false);
        }
        let named = self.objects.iter().find(|o| o.of == of && o.site == site && o.parent == parent && key(&o.name) == key(name));
        match named {
            Some(object) if guid.is_some() && object.guid.is_some() => (None, true),
            named => (named.map(|o| o.id), false),
        }
    }

    /// An object with a GUID of its own leaves its name.
    fn leaves(&mut self, before: &Object) {
        if let Some(guid) = &before.guid {
            self.former.insert((before.of, before.site, before.parent, key(&before.name)), guid.clone());
        }
    }

    #[expect(clippy::too_many_arguments, reason = "as many as an object has parts")]
    fn upsert(
        &mut self,
        of: &'static str,
        site: Option<&'static str>,
        parent: Option<Id>,
        guid: Option<String>,
        name: &str,
        display: Option<String>,
        given: &[(&'static str, Given)],
    ) -> Result<Id, Code> {
        let (found, _) = self.existing(of, site, parent, guid.as_deref(), name);
        let mut after = match found {
            Some(id) => self.objects.iter().find(|o| o.id == id).cloned().unwrap(),
            None => Object {
                id: self.id(),
                of,
                site,
                parent,
                name: name.into(),
                guid: None,
                display: name.into(),
                sites: BTreeSet::new(),
                fields: Fields::new(),
            },
        };
        if key(&after.name) != key(name) || (after.site, after.parent) != (site, parent) {
            self.leaves(&after.clone());
        }
        after.guid = guid.or(after.guid);
        after.display = display.unwrap_or(after.display);
        (after.site, after.parent, after.name) = (site, parent, name.into());
        let mut above = parent;
        let mut seen = BTreeSet::from([after.id]);
        while let Some(id) = above {
            if !seen.insert(id) {
                self.is_open("cycle");
                break;
            }
            above = self.objects.iter().find(|o| o.id == id).and_then(|o| o.parent);
        }
        let mut others = self.objects.iter().filter(|o| o.id != after.id && o.of == of);
        if others.clone().any(|o| o.site == site && o.parent == parent && key(&o.name) == key(name)) {
            self.is_open("name-taken");
        }
        self.merge(of, &mut after.fields, given)?;
        let email = after.fields.get("email");
        if email.is_some() && others.any(|o| o.fields.get("email") == email) {
            self.is_open("value-taken");
        }
        self.objects.retain(|o| o.id != after.id);
        let id = after.id;
        self.objects.push(after);
        Ok(id)
    }

    /// §6: objects first, then bindings; what is `complete` and missing goes.
    fn children(&mut self, of: &str, owner: Id, children: &[Child]) -> Result<(), Code> {
        let mut kept = BTreeSet::new();
        for child in children {
            match (of, child) {
                ("n.tree", Child::Tree(name)) => drop(self.upsert("n.tree", None, Some(owner), None, name, None, &[])?),
                ("n.product", Child::Review(name, author)) => {
                    let given = [("author", author.clone())];
                    kept.insert(self.upsert("n.review", None, Some(owner), None, name, None, &given)?);
                }
                ("n.user", Child::Member(..)) => {}
                _ => return Err("invalid-object"),
            }
        }
        let stated = children.iter().filter_map(|child| if let Child::Member(role, note) = child { Some((role, note)) } else { None });
        let stated: Vec<(&str, Option<&str>)> = stated.map(|(role, note)| (role.as_str(), note.as_deref())).collect();
        // §7.5: an empty list says nothing.
        if !stated.is_empty() {
            stated.iter().for_each(|(role, note)| self.bind(owner, role, *note));
            self.keep_members(owner, &stated.iter().map(|(role, _)| *role).collect::<Vec<_>>());
        }
        if of == "n.product" && !kept.is_empty() {
            let gone: Vec<Id> = self.objects.iter().filter(|o| o.parent == Some(owner) && !kept.contains(&o.id)).map(|o| o.id).collect();
            gone.into_iter().try_for_each(|id| self.delete(id))?;
        }
        Ok(())
    }

    fn member_task(&mut self, delete: bool, user: &str, role: &str, note: &Option<String>) -> Result<(), Code> {
        if delete {
            if let Some(user) = self.find("n.user", user) {
                self.unbind(user, role);
            }
            return Ok(());
        }
        let Some(user) = self.find("n.user", user) else {
            self.is_open("unresolved-reference");
            return Ok(());
        };
        self.bind(user, role, note.as_deref());
        Ok(())
    }

    /// §5: with children and bindings; refused while a required reference elsewhere points to it.
    fn delete(&mut self, id: Id) -> Result<(), Code> {
        let mut going = vec![id];
        let mut at = 0;
        while at < going.len() {
            going.extend(self.objects.iter().filter(|o| o.parent == Some(going[at])).map(|o| o.id).collect::<Vec<_>>());
            at += 1;
        }
        let (gone, stay): (Vec<Object>, Vec<Object>) = std::mem::take(&mut self.objects).into_iter().partition(|o| going.contains(&o.id));
        self.objects = stay;
        gone.iter().for_each(|object| self.leaves(object));
        Ok(())
    }
}
