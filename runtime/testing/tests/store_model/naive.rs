//! What the bus does (§5 to §7), in the simplest form that can be read beside the semantics: lists that
//! are searched from end to end, a copy of everything before each task, and no plan.

use std::collections::{BTreeMap, BTreeSet};

use lockgate_core::task::TaskType;

use super::ops::{Child, Given, ObjectDoc, Op, SITES, page_guid, row_guid};

/// Why a task fails: the code of §8.
pub type Code = &'static str;

pub(super) type Id = usize;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Val {
    Text(String),
    Object(Id),
    Page(Id),
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
    /// `n.member`: user, role, note.
    pub(super) members: Vec<(Id, Id, Option<String>)>,
}

/// The declared reference fields: type, field, what it points to, and how needed it is.
const REFERENCES: [(&str, &str, &str, &str); 7] = [
    ("n.user", "boss", "n.user", "optional"),
    ("n.product", "owner", "n.user", "required"),
    ("n.product", "keeper", "n.user", "default"),
    ("n.product", "page", "page", "optional"),
    ("n.review", "author", "n.user", "optional"),
    ("n.page", "author", "n.user", "optional"),
    ("n.post", "author", "n.user", "required"),
];

/// How code names compare: trimmed and case-insensitive (no other letters are used here).
pub(super) fn key(name: &str) -> String {
    name.trim().to_lowercase()
}

impl Naive {
    /// Carries out a task: all or nothing.
    pub fn run(&mut self, op: &Op) -> Result<(), Code> {
        let mut after = self.clone();
        match op {
            Op::Object(task_type, site, snapshot, doc) => after.object_task(*task_type, SITES[*site], *snapshot, doc)?,
            Op::Member(delete, user, role, note) => after.member_task(*delete, user, role, note)?,
            Op::Page(task_type, site, doc) => after.page_task(*task_type, SITES[*site], doc)?,
        }
        *self = after;
        Ok(())
    }

    pub(super) fn id(&mut self) -> Id {
        self.last += 1;
        self.last
    }

    /// §7.2. `@site|name`, `parent|name` or `name`.
    fn find(&self, of: &str, external: &str) -> Option<Id> {
        let (before, name) = external.rsplit_once('|').map_or((None, external), |(before, name)| (Some(before), name));
        let site = before.and_then(|before| before.strip_prefix('@'));
        let parent = match before.filter(|_| site.is_none()) {
            Some(parent) => Some(self.find("n.tree", parent)?),
            None => None,
        };
        let found: Vec<Id> = self
            .objects
            .iter()
            .filter(|o| o.of == of && o.site == site && key(&o.name) == key(name) && (parent.is_none() || o.parent == parent))
            .map(|o| o.id)
            .collect();
        if let [one] = found[..] { Some(one) } else { None }
    }

    /// `site:number`, in the culture en-US.
    fn find_page(&self, external: &str) -> Option<Id> {
        let (site, number) = external.split_once(':')?;
        let guid = page_guid(number.parse().ok()?);
        let page = self.pages.iter().find(|page| page.site == site && page.guid.as_ref() == Some(&guid))?;
        page.cultures.contains_key("en-US").then_some(page.id)
    }

    /// §7.3: what is given overwrites, null clears, what is missing stays.
    pub(super) fn merge(&self, of: &str, fields: &mut Fields, given: &[(&'static str, Given)]) -> Result<(), Code> {
        for (name, value) in given {
            match value {
                Given::Null => drop(fields.remove(name)),
                Given::Text(text) if *name == "full" && of == "n.user" && text.chars().count() > 3 => return Err("invalid-object"),
                Given::Text(text) => drop(fields.insert(name, Val::Text(text.clone()))),
                Given::Reference(external) => {
                    let (_, _, to, need) = REFERENCES.into_iter().find(|(t, field, ..)| *t == of && field == name).unwrap();
                    let found =
                        if to == "page" { self.find_page(external).map(Val::Page) } else { self.find(to, external).map(Val::Object) };
                    let default = || if need == "default" { self.find(to, "u0").map(Val::Object) } else { None };
                    match found.or_else(default) {
                        Some(target) => drop(fields.insert(name, target)),
                        None if need == "optional" => drop(fields.remove(name)),
                        None => return Err("unresolved-reference"),
                    }
                }
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
                None if deletes => return Ok(()),
                None => return Err("unresolved-reference"),
            },
        };
        let guid = doc.guid.map(row_guid);
        if deletes {
            let Some(found) = self.existing(doc.of, site, parent, guid.as_deref(), doc.name) else { return Ok(()) };
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

    /// The GUID wins over the code name.
    fn existing(&self, of: &str, site: Option<&str>, parent: Option<Id>, guid: Option<&str>, name: &str) -> Option<Id> {
        let mut there = self.objects.iter().filter(|o| o.of == of && o.site == site && o.parent == parent);
        let by_guid = there.clone().find(|o| guid.is_some() && o.guid.as_deref() == guid);
        by_guid.or_else(|| there.find(|o| key(&o.name) == key(name))).map(|o| o.id)
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
        let found = self.existing(of, site, parent, guid.as_deref(), name);
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
        after.guid = guid.or(after.guid);
        after.display = display.unwrap_or(after.display);
        after.name = name.into();
        let mut others = self.objects.iter().filter(|o| o.id != after.id && o.of == of);
        if others.clone().any(|o| o.site == site && o.parent == parent && key(&o.name) == key(name)) {
            return Err("invalid-object");
        }
        self.merge(of, &mut after.fields, given)?;
        let email = after.fields.get("email");
        if email.is_some() && others.any(|o| o.fields.get("email") == email) {
            return Err("invalid-object");
        }
        self.objects.retain(|o| o.id != after.id);
        let id = after.id;
        self.objects.push(after);
        Ok(id)
    }

    /// §6: objects first, then bindings; what is `complete` and missing goes.
    fn children(&mut self, of: &str, owner: Id, children: &[Child]) -> Result<(), Code> {
        let mut kept = BTreeSet::new();
        let mut roles = BTreeSet::new();
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
        for child in children {
            if let Child::Member(role, note) = child {
                roles.extend(self.bind(owner, role, note.as_deref()));
            }
        }
        if of == "n.user" {
            self.members.retain(|(user, role, _)| *user != owner || roles.contains(role));
        }
        if of == "n.product" {
            let gone: Vec<Id> = self.objects.iter().filter(|o| o.parent == Some(owner) && !kept.contains(&o.id)).map(|o| o.id).collect();
            gone.into_iter().try_for_each(|id| self.delete(id))?;
        }
        Ok(())
    }

    /// Makes or updates a binding; none when the role is not there.
    fn bind(&mut self, user: Id, role: &str, note: Option<&str>) -> Option<Id> {
        let role = self.find("n.role", role)?;
        let note = note.map(str::to_owned);
        match self.members.iter_mut().find(|(u, r, _)| (*u, *r) == (user, role)) {
            Some((_, _, stored)) => *stored = note.or(stored.take()),
            None => self.members.push((user, role, note)),
        }
        Some(role)
    }

    fn member_task(&mut self, delete: bool, user: &str, role: &str, note: &Option<String>) -> Result<(), Code> {
        if delete {
            if let (Some(user), Some(role)) = (self.find("n.user", user), self.find("n.role", role)) {
                self.members.retain(|(u, r, _)| (*u, *r) != (user, role));
            }
            return Ok(());
        }
        let user = self.find("n.user", user).ok_or("unresolved-reference")?;
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
        self.objects.retain(|o| !going.contains(&o.id));
        self.members.retain(|(user, role, _)| !going.contains(user) && !going.contains(role));
        self.detach(|val| matches!(val, Val::Object(id) if going.contains(id)))
    }

    /// Optional references to what is gone are cleared; a required one refuses.
    pub(super) fn detach(&mut self, gone: impl Fn(&Val) -> bool) -> Result<(), Code> {
        let of_objects = self.objects.iter_mut().map(|o| (o.of, &mut o.fields));
        let of_pages = self.pages.iter_mut().flat_map(|page| page.cultures.values_mut().map(|version| (page.of, &mut version.fields)));
        for (of, fields) in of_objects.chain(of_pages) {
            for (_, field, _, need) in REFERENCES.into_iter().filter(|(t, ..)| *t == of) {
                if fields.get(field).is_some_and(&gone) {
                    if need != "optional" {
                        return Err("still-referenced");
                    }
                    fields.remove(field);
                }
            }
        }
        Ok(())
    }
}
