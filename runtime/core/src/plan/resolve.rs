//! Finding the internal object or page that a reference means (§7.2).

use crate::failure::{Code, Failure};
use crate::key::{ObjectKey, ObjectsKey, PageKey};
use crate::model::{ANY_PAGE, Field, Kind, Need, Reference};
use crate::names::{ExternalId, SiteName, TypeName};
use crate::plan::{Step, Stop, shared};
use crate::rows::{NodeId, ObjectId, Scope, Target};
use crate::translate::{Params, site_type};

/// What became of a reference.
pub(super) enum Resolved {
    /// It points here.
    To(Target),
    /// It does not resolve, and the field is left empty.
    Empty,
    /// It does not resolve, and the binding is not made.
    NotMade,
}

/// Found, or not and what was looked for.
pub(super) enum Sought<T> {
    Found(T),
    Missing(String),
}

impl Step<'_, '_> {
    /// A reference field's value, treated as the declaration says when it does not resolve.
    pub(super) fn reference(&mut self, field: &Field, reference: &Reference, id: &ExternalId, place: &str) -> Result<Resolved, Stop> {
        let sought = self.seek(reference, id)?;
        let path = format!("{place}{}", field.name);
        let missing = match sought {
            Sought::Found(target) => {
                self.planned.references_resolved += 1;
                return Ok(Resolved::To(target));
            }
            Sought::Missing(looked_for) => looked_for,
        };
        let message = format!("field {path} refers to {} {:?}, which is not stored ({missing})", reference.to, id.as_str());
        match &reference.need {
            Need::Required => Err(Failure::new(Code::UnresolvedReference, message).at(path).into()),
            Need::Optional => {
                self.warn("unresolved-reference", message);
                Ok(Resolved::Empty)
            }
            Need::Binding => {
                self.warn("binding-not-made", message);
                Ok(Resolved::NotMade)
            }
            Need::RequiredWithDefault(default) => {
                for site in [None, self.task.site.clone()] {
                    let found = self.ask(&ObjectsKey::AnyNamed(reference.to.clone(), site, shared(default.key())))?;
                    if let [row] = found.as_slice() {
                        self.warn("default-used", format!("{message}; the default {default} was taken"));
                        return Ok(Resolved::To(Target::Object(row.id)));
                    }
                }
                let message = format!("{message}; nor is the declared default {default}");
                Err(Failure::new(Code::UnresolvedReference, message).at(path).into())
            }
        }
    }

    fn seek(&mut self, reference: &Reference, id: &ExternalId) -> Result<Sought<Target>, Stop> {
        if reference.to_page {
            return Ok(match self.seek_page(&reference.to, id)? {
                Sought::Found(page) => Sought::Found(Target::Page(page)),
                Sought::Missing(why) => Sought::Missing(why),
            });
        }
        Ok(match self.seek_object(&reference.to, id, 0)? {
            Sought::Found(object) => Sought::Found(Target::Object(object)),
            Sought::Missing(why) => Sought::Missing(why),
        })
    }

    /// The object of a type with an external id; in `simple`, an internal one.
    pub(super) fn seek_object(&mut self, object_type: &TypeName, id: &ExternalId, depth: usize) -> Result<Sought<ObjectId>, Stop> {
        if self.is_simple() {
            let found = match id.as_str().parse() {
                Ok(number) => self.ask(&ObjectKey::Id(ObjectId(number)))?,
                Err(_) => None,
            };
            return Ok(match found {
                Some(row) if row.object_type == *object_type => Sought::Found(row.id),
                _ => Sought::Missing("looked for this internal id".to_owned()),
            });
        }
        let asked = (object_type.clone(), id.clone());
        if let Some(found) = self.found.get(&asked) {
            return Ok(Sought::Found(*found));
        }
        let sought = self.seek_by_params(object_type, id, depth)?;
        if let Sought::Found(found) = sought {
            self.found.insert(asked, found);
        }
        Ok(sought)
    }

    fn seek_by_params(&mut self, object_type: &TypeName, id: &ExternalId, depth: usize) -> Result<Sought<ObjectId>, Stop> {
        let params = match self.asked(&(object_type.clone(), id.clone())) {
            Some(Params::Object(params)) => params.clone(),
            Some(Params::NotFound(why)) => return Ok(Sought::Missing(format!("the connector says: {}", why.message))),
            _ => return Ok(Sought::Missing("the connector was not asked".to_owned())),
        };
        if depth > self.limits.depth_max {
            let message = format!("the parents of {object_type} {:?} form a circle or too long a chain", id.as_str());
            return Err(Failure::new(Code::Cycle, message).into());
        }
        let looked_for = format!(
            "looked for code name {:?}, site {}{}",
            params.code_name.as_str(),
            params.site.as_ref().map_or("none", SiteName::as_str),
            params.parent.as_ref().map_or(String::new(), |parent| format!(", parent {:?}", parent.as_str())),
        );
        let declared = self.model.object_type(object_type);
        let mut scope = Scope { site: params.site.clone(), ..Scope::default() };
        for (of, given, place) in [
            (declared.and_then(|t| t.parent.clone()), &params.parent, &mut scope.parent),
            (declared.and_then(|t| t.group.clone()), &params.group, &mut scope.group),
        ] {
            if let (Some(of), Some(given)) = (of, given) {
                match self.seek_object(&of, given, depth + 1)? {
                    Sought::Found(found) => *place = Some(found),
                    Sought::Missing(why) => {
                        return Ok(Sought::Missing(format!("{looked_for}; its {of} {:?} is not stored: {why}", given.as_str())));
                    }
                }
            }
        }
        let name = shared(params.code_name.key());
        if scope.parent.is_some() || scope.group.is_some() {
            let found = self.ask(&ObjectKey::Name(object_type.clone(), scope, name))?;
            return Ok(found.map_or(Sought::Missing(looked_for), |row| Sought::Found(row.id)));
        }
        let found = self.ask(&ObjectsKey::AnyNamed(object_type.clone(), scope.site, name))?;
        Ok(match found.as_slice() {
            [] => Sought::Missing(looked_for),
            [row] => Sought::Found(row.id),
            _ => Sought::Missing(format!("{looked_for}; several have this name, and no parent was given to tell them apart")),
        })
    }

    /// The page with an external id; in `simple`, an internal one.
    pub(super) fn seek_page(&mut self, class_name: &TypeName, id: &ExternalId) -> Result<Sought<NodeId>, Stop> {
        let fits = |class: &TypeName| class_name.as_str() == ANY_PAGE || class == class_name;
        if self.is_simple() {
            let found = match id.as_str().parse() {
                Ok(number) => self.ask(&PageKey::Id(NodeId(number)))?,
                Err(_) => None,
            };
            return Ok(match found {
                Some(row) if fits(&row.class_name) => Sought::Found(row.id),
                _ => Sought::Missing("looked for this internal id".to_owned()),
            });
        }
        let params = match self.asked(&(class_name.clone(), id.clone())) {
            Some(Params::Page(params)) => params.clone(),
            Some(Params::NotFound(why)) => return Ok(Sought::Missing(format!("the connector says: {}", why.message))),
            _ => return Ok(Sought::Missing("the connector was not asked".to_owned())),
        };
        let found = self.ask(&PageKey::Guid(params.site.clone(), params.node_guid))?;
        let looked_for = format!("looked for node GUID {}, culture {}, site {}", params.node_guid, params.culture, params.site);
        Ok(match found {
            Some(row) if !fits(&row.class_name) => Sought::Missing(format!("{looked_for}; the page is a {}", row.class_name)),
            Some(row) if row.cultures.contains_key(&params.culture) => Sought::Found(row.id),
            Some(_) => Sought::Missing(format!("{looked_for}; the page has no such culture")),
            None => Sought::Missing(looked_for),
        })
    }

    /// The site that a prepared object names; `None` when it names none.
    pub(super) fn site(&mut self, id: Option<&ExternalId>) -> Result<Option<SiteName>, Stop> {
        let Some(id) = id else { return Ok(None) };
        let unresolved = |why: String| {
            let message = format!("site {:?} is not known ({why})", id.as_str());
            Stop::Fail(Failure::new(Code::UnresolvedReference, message).at("site"))
        };
        let name = if self.is_simple() {
            SiteName::new(id.as_str()).map_err(|error| unresolved(error.to_string()))?
        } else {
            let asked = site_type().and_then(|site_type| self.asked(&(site_type, id.clone())));
            match asked {
                Some(Params::Object(params)) => SiteName::new(params.code_name.as_str()).map_err(|error| unresolved(error.to_string()))?,
                Some(Params::NotFound(why)) => return Err(unresolved(format!("the connector says: {}", why.message))),
                _ => return Err(unresolved("the connector was not asked".to_owned())),
            }
        };
        if self.model.sites.contains_key(&name) {
            self.planned.references_resolved += u32::from(!self.is_simple());
            Ok(Some(name))
        } else {
            Err(unresolved(format!("looked for site {name}")))
        }
    }
}

/// The reference declaration of a field, if it is one.
pub(super) fn reference_of(field: &Field) -> Option<&Reference> {
    match &field.kind {
        Kind::Reference(reference) => Some(reference),
        _ => None,
    }
}
