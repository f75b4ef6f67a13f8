//! What a reference means: the external id of a task turned into a question that can be asked again later
//! (§7.2), and its answer for now.

use std::sync::Arc;

use crate::failure::{Code, Failure};
use crate::key::{ObjectKey, PageKey};
use crate::model::{ANY_PAGE, ObjectType, Within};
use crate::names::{ExternalId, SiteName, TypeName};
use crate::plan::resolve::Hit;
use crate::plan::{Step, Stop};
use crate::prepared::ObjectParams;
use crate::rows::{NodeId, ObjectId, Stated, StatedObject, StatedPage, Target};
use crate::translate::{Params, site_type};

/// What an external id means.
#[derive(Debug, Clone)]
pub(super) enum Means {
    /// This question.
    Stated(Arc<Stated>),
    /// Nothing that could be looked for, and why.
    Nothing(Arc<str>),
}

/// An external id that was looked at.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    means: Means,
    /// The answer, if there is one.
    hit: Option<Hit>,
}

/// What was found of a reference.
pub(super) enum Sought {
    /// It points here. Without a question for an internal id (`simple`).
    Found(Hit, Option<Arc<Stated>>),
    /// The question has no answer.
    Open(Arc<Stated>),
    /// No row has this internal id.
    NoRow,
    /// The connector knows nothing that could be looked for.
    Nothing(Arc<str>),
}

impl Step<'_, '_> {
    /// What an external id points to.
    pub(super) fn seek(&mut self, to: &TypeName, to_page: bool, id: &ExternalId) -> Result<Sought, Stop> {
        if self.is_simple() {
            return Ok(match self.by_internal_id(to, to_page, id)? {
                Some(target) => Sought::Found(Hit { target, by_former: false }, None),
                None => Sought::NoRow,
            });
        }
        let asked = (to.clone(), id.clone());
        let means = match self.seen.get(&asked) {
            Some(Seen { means: Means::Stated(stated), hit: Some(hit) }) => return Ok(Sought::Found(*hit, Some(stated.clone()))),
            Some(seen) => seen.means.clone(),
            None => self.means(to, to_page, id, 0)?,
        };
        let hit = match &means {
            Means::Stated(stated) => self.resolve(stated)?,
            Means::Nothing(_) => None,
        };
        self.seen.insert(asked, Seen { means: means.clone(), hit });
        Ok(match (means, hit) {
            (Means::Stated(stated), Some(hit)) => Sought::Found(hit, Some(stated)),
            (Means::Stated(stated), None) => Sought::Open(stated),
            (Means::Nothing(why), _) => Sought::Nothing(why),
        })
    }

    fn by_internal_id(&mut self, to: &TypeName, to_page: bool, id: &ExternalId) -> Result<Option<Target>, Stop> {
        let Ok(number) = id.as_str().parse() else { return Ok(None) };
        if to_page {
            let found = self.ask(&PageKey::Id(NodeId(number)))?;
            return Ok(found.filter(|row| is_of(to, &row.class_name)).map(|row| Target::Page(row.id)));
        }
        let found = self.ask(&ObjectKey::Id(ObjectId(number)))?;
        Ok(found.filter(|row| row.object_type == *to).map(|row| Target::Object(row.id)))
    }

    /// The question that the connector's answers make of an external id.
    pub(super) fn means(&mut self, to: &TypeName, to_page: bool, id: &ExternalId, depth: usize) -> Result<Means, Stop> {
        match self.about.params.get(&(to.clone(), id.clone())) {
            Some(Params::Object(params)) if !to_page => self.object_means(to, params, id, depth),
            Some(Params::Page(params)) if to_page => Ok(Means::Stated(Arc::new(Stated::Page(StatedPage {
                class_name: to.clone(),
                site: params.site.clone(),
                guid: params.node_guid,
                culture: params.culture.clone(),
            })))),
            Some(Params::NotFound(why)) => Ok(Means::Nothing(format!("the connector says: {}", why.message).into())),
            _ => Ok(Means::Nothing("the connector was not asked".into())),
        }
    }

    fn object_means(&mut self, to: &TypeName, params: &ObjectParams, id: &ExternalId, depth: usize) -> Result<Means, Stop> {
        if let Some(guid) = params.guid {
            return Ok(Means::Stated(Arc::new(Stated::Object(StatedObject::Guid(to.clone(), guid)))));
        }
        if depth > self.about.limits.depth_max {
            let message = format!("the parents of {to} {:?} form a circle or too long a chain", id.as_str());
            return Err(Failure::new(Code::Cycle, message).into());
        }
        let declared = self.model.object_type(to);
        if params.parent.is_none() && declared.is_some_and(needs_parent) {
            let message = format!(
                "the connector names no parent for {to} {:?}, whose code names are unique under their parent only: \
                 answer with its parent or its GUID, or declare unique_within = \"site\" for the type",
                params.code_name.as_str()
            );
            return Err(Failure::new(Code::BadOutput, message).into());
        }
        let [mut parent, mut group] = [None, None];
        for (of, given, place) in [
            (declared.and_then(|t| t.parent.as_ref()), &params.parent, &mut parent),
            (declared.and_then(|t| t.group.as_ref()), &params.group, &mut group),
        ] {
            let (Some(of), Some(given)) = (of, given) else { continue };
            match self.means(of, false, given, depth + 1)? {
                Means::Stated(stated) => {
                    if let Stated::Object(object) = &*stated {
                        *place = Some(Arc::new(object.clone()));
                    }
                }
                Means::Nothing(why) => return Ok(Means::Nothing(format!("its {of} {:?} is not known: {why}", given.as_str()).into())),
            }
        }
        let name = params.code_name.clone();
        let site = params.site.clone();
        Ok(Means::Stated(Arc::new(Stated::Object(StatedObject::Named { object_type: to.clone(), name, site, parent, group }))))
    }

    /// The code name by which the connector knows an external id; for people.
    pub(super) fn known_name(&self, to: &TypeName, id: &str) -> Option<String> {
        let id = ExternalId::new(id).ok()??;
        match self.about.params.get(&(to.clone(), id)) {
            Some(Params::Object(params)) => Some(params.code_name.as_str().to_owned()),
            _ => None,
        }
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
            let asked = site_type().and_then(|site_type| self.about.params.get(&(site_type, id.clone())));
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

/// Whether a code name of this type says nothing without a parent.
fn needs_parent(declared: &ObjectType) -> bool {
    declared.parent_required && declared.unique_within == Within::Scope
}

/// Whether a page of this type is one of those that are asked for.
pub(super) fn is_of(asked: &TypeName, class_name: &TypeName) -> bool {
    asked.as_str() == ANY_PAGE || asked == class_name
}
