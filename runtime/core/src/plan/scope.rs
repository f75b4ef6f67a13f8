//! Where an object lies: site, parent and group (§7.1), as far as they are known when its task acts.

use std::sync::Arc;

use crate::failure::{Code, Failure};
use crate::key::ObjectKey;
use crate::maps::HashSet;
use crate::model::{ObjectType, Within};
use crate::names::{ExternalId, TypeName};
use crate::plan::grant::Because;
use crate::plan::open::{Open, external};
use crate::plan::references::Noted;
use crate::plan::resolve::Hit;
use crate::plan::rewrite::Spot;
use crate::plan::stated::Sought;
use crate::plan::{Step, Stop, all_loaded, gathered};
use crate::prepared::InfoObject;
use crate::rows::{Link, ObjectId, RowId, Scope, Stated, Target, group_field};
use crate::validate::invalid;

/// Where an object lies.
#[derive(Debug, Clone, Default)]
pub(super) struct Lies {
    /// As far as it is known.
    pub(super) scope: Scope,
    /// How its parent was stated.
    pub(super) parent: Parent,
    /// The question of its group.
    pub(super) group: Option<Link>,
    /// What is not known.
    pub(super) open: Vec<Unknown>,
    /// No row has the name of its parent or group, but one had it.
    pub(super) by_former: bool,
}

/// How a parent was stated.
#[derive(Debug, Clone, Default)]
pub(super) enum Parent {
    /// It has none.
    #[default]
    None,
    /// This row.
    Row(ObjectId),
    /// By a question, and its external id.
    Stated(Arc<Stated>, Arc<str>),
}

/// A parent or group that is not known.
#[derive(Debug, Clone)]
pub(super) struct Unknown {
    /// `parent` or `group`.
    what: &'static str,
    of: TypeName,
    external: Arc<str>,
    /// Without one, nothing will be.
    stated: Option<Arc<Stated>>,
    why: Arc<str>,
}

/// A parent that is to be judged in the end.
#[derive(Debug, Clone)]
pub(super) struct NotedParent {
    pub(super) row: ObjectId,
    pub(super) at: usize,
    pub(super) parent: Parent,
}

impl Lies {
    /// Whether this is enough to look for a code name.
    pub(super) fn tells_names(&self, declared: &ObjectType) -> bool {
        self.open.is_empty() || declared.unique_within != Within::Scope
    }

    /// Whether the parent is not known.
    pub(super) fn parent_is_open(&self) -> bool {
        self.open.iter().any(|unknown| unknown.what == "parent")
    }
}

impl Step<'_, '_> {
    /// Site, parent and group of the main object, resolved in this order (§7.1).
    pub(super) fn lies(&mut self, declared: &ObjectType, object: &InfoObject) -> Result<Lies, Stop> {
        let named = self.site(object.site.as_ref())?;
        let site = match (declared.site_bound, named) {
            (true, Some(site)) => Some(site),
            (true, None) => match self.about.site {
                Some(site) => Some(site.clone()),
                None => {
                    return Err(invalid(format!(
                        "objects of type {} belong to a site, and neither the task nor the object names one",
                        declared.name
                    ))
                    .at("site")
                    .into());
                }
            },
            (false, None) => None,
            (false, Some(_)) => {
                return Err(invalid(format!("objects of type {} are global and have no site", declared.name)).at("site").into());
            }
        };
        let mut lies = Lies { scope: Scope { site, ..Scope::default() }, ..Lies::default() };
        self.relative("parent", declared, object, &mut lies)?;
        self.relative("group", declared, object, &mut lies)?;
        if declared.parent_required && lies.scope.parent.is_none() && !lies.parent_is_open() {
            return Err(invalid(format!("an object of type {} needs a parent", declared.name)).at("parent").into());
        }
        Ok(lies)
    }

    fn relative(&mut self, what: &'static str, declared: &ObjectType, object: &InfoObject, lies: &mut Lies) -> Result<(), Stop> {
        let (of, given) = if what == "parent" { (&declared.parent, &object.parent) } else { (&declared.group, &object.group) };
        let Some(id) = given else { return Ok(()) };
        let Some(of) = of else {
            return Err(invalid(format!("objects of type {} have no {what}", declared.name)).at(what).into());
        };
        let unknown = |stated, why: &str| Unknown { what, of: of.clone(), external: external(id), stated, why: why.into() };
        let (found, stated) = match self.seek(of, false, id)? {
            Sought::Found(hit, stated) => {
                self.planned.references_resolved += 1;
                lies.by_former |= hit.by_former;
                (object_of(hit), stated)
            }
            Sought::Open(stated) => {
                lies.open.push(unknown(Some(stated.clone()), ""));
                (None, Some(stated))
            }
            Sought::NoRow => {
                lies.open.push(unknown(None, "looked for this internal id"));
                (None, None)
            }
            Sought::Nothing(why) => {
                lies.open.push(unknown(None, &why));
                (None, None)
            }
        };
        if what == "group" {
            lies.scope.group = found;
            lies.group = stated.map(|stated| self.new_link(&stated, id, None));
            return Ok(());
        }
        lies.scope.parent = found;
        lies.parent = match (stated, found) {
            (Some(stated), _) => Parent::Stated(stated, external(id)),
            (None, Some(row)) => Parent::Row(row),
            (None, None) => Parent::None,
        };
        Ok(())
    }

    /// What the object waits for while its parent or group is not known.
    pub(super) fn unknown(&mut self, lies: &Lies) -> Result<Option<Stop>, Stop> {
        let mut all = Vec::new();
        for Unknown { what, of, external, stated, why } in &lies.open {
            let message = format!("field {what} refers to {of} {:?}, which is not stored", &**external);
            let failure = |message: &str| Failure::new(Code::UnresolvedReference, message).at(what);
            let mut open = Open::new(failure(&message));
            match (stated, ExternalId::new(external), self.is_simple()) {
                (Some(stated), ..) => {
                    let name = self.known_name(of, external);
                    self.lacking(stated, name.as_deref(), Some(external), &mut open)?;
                    open.with_looked_for();
                }
                (None, Ok(Some(id)), true) => {
                    let Ok(number) = id.as_str().parse() else { return Ok(Some(failure(&format!("{message} ({why})")).into())) };
                    open.want(ObjectKey::Id(ObjectId(number)), &format!("{of} with the internal id {number}"), Some(external));
                }
                _ => return Ok(Some(failure(&format!("{message} ({why})")).into())),
            }
            all.push(open);
        }
        Ok(if all.is_empty() { None } else { Some(crate::plan::open::unmet(all.into_iter())) })
    }

    /// Whether nothing that may come tells where the object lies: then it need not be looked for.
    pub(super) fn is_nowhere(lies: &Lies) -> bool {
        lies.open.iter().any(|unknown| unknown.stated.is_none())
    }

    /// Notes what was stated of an object's parent and group, if this plan may still change the answer.
    pub(super) fn note_relatives(&mut self, declared: &ObjectType, row: ObjectId, lies: &Lies) {
        let at = self.at;
        let unsure = self.is_group() || lies.by_former || !lies.open.is_empty();
        if !unsure {
            return;
        }
        if declared.parent.is_some() {
            self.notes.parents.push(NotedParent { row, at, parent: lies.parent.clone() });
        }
        if let (Some(_), Some(field)) = (&lies.group, group_field()) {
            let spot = Spot { row: RowId::Object(row), culture: None, field: field.clone() };
            self.notes.references.push(Noted { spot, at, path: "group".into() });
        }
    }

    /// Puts every object under the parent that was stated for it last.
    pub(super) fn judge_parents(&mut self) -> Result<(), Stop> {
        let noted = std::mem::take(&mut self.notes.parents);
        let mut seen = HashSet::default();
        let mut to_load = Vec::new();
        for NotedParent { row, at, parent } in noted.iter().rev().filter(|noted| seen.insert(noted.row)) {
            self.turn(*at);
            let judged = self.judge_parent(*row, *at, parent);
            gathered(&mut to_load, judged)?;
        }
        all_loaded(to_load)
    }

    fn judge_parent(&mut self, id: ObjectId, at: usize, parent: &Parent) -> Result<(), Stop> {
        let Some(row) = self.ask(&ObjectKey::Id(id))? else { return Ok(()) };
        let above = match parent {
            Parent::None => None,
            Parent::Row(id) => Some(*id),
            Parent::Stated(stated, external) => match self.resolve(stated)? {
                Some(hit) => object_of(hit),
                None => {
                    let of = self.model.object_type(&row.object_type).and_then(|declared| declared.parent.clone());
                    let Some(of) = of else { return Ok(()) };
                    let message = format!("field parent refers to {of} {:?}, which is not stored", &**external);
                    let mut open = Open::new(Failure::new(Code::UnresolvedReference, message).at("parent"));
                    let name = self.known_name(&of, external);
                    self.lacking(stated, name.as_deref(), Some(external), &mut open)?;
                    open.with_looked_for();
                    self.is_open(at, open);
                    return Ok(());
                }
            },
        };
        if row.scope.parent == above {
            return Ok(());
        }
        self.again = true;
        let mut after = (*row).clone();
        after.scope.parent = above;
        self.leaves_stored_name(&row, &after)?;
        self.note_placed(&after, Some(&row));
        self.write_object(Some(row), after, Because::Follows, false).map(|_| ())
    }
}

fn object_of(hit: Hit) -> Option<ObjectId> {
    match hit.target {
        Target::Object(id) => Some(id),
        Target::Page(_) => None,
    }
}
