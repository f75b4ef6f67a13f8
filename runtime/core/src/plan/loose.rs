//! Loose ends (§11.4): left with the question as it was stated, and ended when the field is written again or
//! the row goes.

use std::sync::Arc;

use crate::change::Change;
use crate::failure::{Code, Failure};
use crate::key::{LooseKey, LooseOf};
use crate::model::ObjectType;
use crate::names::{ConnectorName, FieldName, TypeName};
use crate::park::{LooseAt, LooseEnd, NotMade, Want};
use crate::plan::grant::Because;
use crate::plan::open::Open;
use crate::plan::rewrite::{How, Spot, Standing};
use crate::plan::{Step, Stop};
use crate::rows::{Link, Links, LooseId, Owner, RowId, Stated, Target};

impl Step<'_, '_> {
    /// An id for a loose end, unless the connector has as many as it may.
    pub(super) fn new_loose_id(&mut self) -> Result<Option<LooseId>, Stop> {
        if self.loose_left >= self.about.limits.loose_ends_left {
            return Ok(None);
        }
        self.loose_left += 1;
        Ok(Some(LooseId(self.new_id()?)))
    }

    /// Puts a field's question. One that is the same stays as it is; the loose end of another ends.
    pub(super) fn link(&mut self, links: &mut Links, field: &FieldName, link: Link) -> Result<(), Stop> {
        if let Some(before) = links.get(field) {
            let same = before.stated == link.stated && before.external == link.external;
            if same && before.loose.is_none() && link.loose.is_none() {
                return Ok(());
            }
            if let Some(loose) = before.loose.filter(|loose| link.loose != Some(*loose)) {
                self.end_loose(loose)?;
            }
        }
        links.insert(field.clone(), link);
        Ok(())
    }

    /// Takes a field's question away, with its loose end.
    pub(super) fn unlink(&mut self, links: &mut Links, field: &FieldName) -> Result<(), Stop> {
        match links.remove(field).and_then(|link| link.loose) {
            Some(loose) => self.end_loose(loose),
            None => Ok(()),
        }
    }

    /// The loose ends of a row that goes.
    pub(super) fn end_all(&mut self, links: &Links) -> Result<(), Stop> {
        links.values().filter_map(|link| link.loose).try_for_each(|loose| self.end_loose(loose))
    }

    /// Ends a loose end; one that this plan has not come to leave yet is not there.
    pub(super) fn end_loose(&mut self, id: LooseId) -> Result<(), Stop> {
        match self.ask(&LooseKey(id))? {
            Some(end) => self.change(Change::Loose(Some(end), None), Because::Follows),
            None => Ok(()),
        }
    }

    /// A field is left with this value for want of what it points to.
    pub(super) fn leave_loose(
        &mut self,
        spot: &Spot,
        standing: &Standing,
        link: Link,
        value: Option<Target>,
        how: How,
    ) -> Result<(), Stop> {
        let id = match link.loose {
            Some(id) => Some(id),
            None => self.new_loose_id()?,
        };
        let link = Link { loose: id, ..link };
        if standing.value != value || standing.link.as_ref() != Some(&link) {
            self.set(spot, value, Some(link.clone()), how)?;
        }
        let Some(id) = id else {
            self.warn_of_too_many();
            return Ok(());
        };
        let at = match (spot.row, &spot.culture) {
            (RowId::Object(id), _) => LooseAt::Object(id, spot.field.clone()),
            (RowId::Page(id), Some(culture)) => LooseAt::Page(id, culture.clone(), spot.field.clone()),
            (RowId::Binding(id), _) => LooseAt::Binding(id, spot.field.clone()),
            (RowId::Page(_), None) => return Ok(()),
        };
        let mut open = Open::new(Failure::new(Code::UnresolvedReference, ""));
        if let Some((to, _)) = self.needed(&standing.type_name, spot) {
            self.lacks(&to, &link, &mut open)?;
        }
        self.put_loose(id, at, vec![link.stated.clone()], &link.by, open.wants)
    }

    /// Puts a loose end. One that is there and waits for the same stays as it is.
    pub(super) fn put_loose(
        &mut self,
        id: LooseId,
        at: LooseAt,
        stated: Vec<Arc<Stated>>,
        connector: &ConnectorName,
        wants: Vec<Want>,
    ) -> Result<(), Stop> {
        let before = self.ask(&LooseKey(id))?;
        if before.as_ref().is_some_and(|end| end.at == at && end.connector == *connector && end.wants == wants) {
            return Ok(());
        }
        let after = LooseEnd { id, connector: connector.clone(), task: self.about.task, since_ms: self.now_ms, at, stated, wants };
        self.change(Change::Loose(before, Some(Arc::new(after))), Because::Follows)
    }

    fn warn_of_too_many(&mut self) {
        self.warn("loose-ends-full", "the connector has as many loose ends as it may: this one is not mended when its target arrives");
    }

    /// A binding is not made, or was taken away, for want of what it binds.
    pub(super) fn leave_not_made(&mut self, not_made: NotMade, connector: &ConnectorName) -> Result<Option<LooseId>, Stop> {
        // The same as one that waits already.
        let ends = self.not_made(&not_made.binding_type, &not_made.owner)?;
        let declared = self.model.object_type(&not_made.binding_type);
        let identity = |links: &Links| declared.map_or_else(|| links.clone(), |declared| identity(declared, links));
        let is_same = |other: &NotMade| same_questions(&identity(&other.links), &identity(&not_made.links));
        let same = ends.iter().find(|end| matches!(&end.at, LooseAt::NotMade(other) if is_same(other)));
        let id = match same {
            Some(end) => Some(end.id),
            None => self.new_loose_id()?,
        };
        let Some(id) = id else {
            self.warn_of_too_many();
            return Ok(None);
        };
        let mut open = Open::new(Failure::new(Code::UnresolvedReference, ""));
        let mut stated = Vec::new();
        if let Owner::Stated(question) = &not_made.owner {
            stated.push(question.clone());
            self.lacking(question, None, None, &mut open)?;
        }
        for link in not_made.links.values() {
            if self.resolve(&link.stated)?.is_none() && !stated.contains(&link.stated) {
                stated.push(link.stated.clone());
                self.lacking(&link.stated, None, Some(&link.external), &mut open)?;
            }
        }
        self.put_loose(id, LooseAt::NotMade(not_made), stated, connector, open.wants)?;
        Ok(Some(id))
    }

    /// Bindings of an owner that are not made.
    pub(super) fn not_made(&mut self, binding_type: &TypeName, owner: &Owner) -> Result<Vec<Arc<LooseEnd>>, Stop> {
        if !self.has_loose_ends() {
            return Ok(Vec::new());
        }
        self.ask(&LooseOf(binding_type.clone(), owner.clone()))
    }

    /// Every loose end of an owner's bindings ends with it.
    pub(super) fn end_not_made_of(&mut self, owner: Target, owner_type: &TypeName) -> Result<(), Stop> {
        if !self.has_loose_ends() {
            return Ok(());
        }
        let model = self.model;
        let owned = model.object_types.values().filter(|declared| {
            let field = declared.binds.first().and_then(|field| declared.field(field));
            let to = field.and_then(super::references::reference_of).map(|reference| &reference.to);
            to.is_some_and(|to| to == owner_type || to.as_str() == crate::model::ANY_PAGE)
        });
        for binding_type in owned {
            for end in self.not_made(&binding_type.name, &Owner::Row(owner))? {
                self.end_loose(end.id)?;
            }
        }
        Ok(())
    }
}

/// Whether two bindings were stated by the same questions; the external ids do not matter.
pub(super) fn same_questions(one: &Links, other: &Links) -> bool {
    let questions = |links: &Links| links.iter().map(|(field, link)| (field.clone(), link.stated.clone())).collect::<Vec<_>>();
    questions(one) == questions(other)
}

/// Of a binding's questions those that tell it apart from others of its owner.
pub(super) fn identity(declared: &ObjectType, links: &Links) -> Links {
    let owner_field = declared.binds.first();
    let identifies = |name: &FieldName| declared.binds.contains(name) && owner_field != Some(name);
    links.iter().filter(|(name, _)| identifies(name)).map(|(name, link)| (name.clone(), link.clone())).collect()
}
