//! What deletes leave behind (§5): references to a row that is gone are looked up again by the question they were
//! stated with. What finds another row follows it; then a required one refuses the delete, an optional one is
//! cleared, a default set, a binding taken away.

use std::sync::Arc;

use crate::element::shown;
use crate::failure::{Code, Failure};
use crate::key::{BindingKey, Key, ObjectKey, PageKey, PagesUnder, ReferrersOf};
use crate::model::Need;
use crate::names::Culture;
use crate::park::NotMade;
use crate::plan::grant::Because;
use crate::plan::open::Open;
use crate::plan::rewrite::{How, Spot};
use crate::plan::words::object_words;
use crate::plan::{Step, Stop, all_loaded, gathered};
use crate::rows::{BindingRow, ObjectRow, Owner, PageRow, Referrer, RowId, Target};

/// A row that was deleted.
#[derive(Debug, Clone)]
pub(super) struct Gone {
    /// By which task.
    pub(super) at: usize,
    /// As it was.
    pub(super) row: GoneRow,
}

/// A row as it was.
#[derive(Debug, Clone)]
pub(super) enum GoneRow {
    Object(Arc<ObjectRow>),
    Page(Arc<PageRow>),
    /// A page that has lost a culture: a reference means one of them.
    Culture(Arc<PageRow>),
}

impl GoneRow {
    fn target(&self) -> Target {
        match self {
            Self::Object(row) => Target::Object(row.id),
            Self::Page(row) | Self::Culture(row) => Target::Page(row.id),
        }
    }
}

/// Children that would help if they went; more than these are found when it is tried again.
const CHILDREN_TOLD_MAX: usize = 100;

impl Step<'_, '_> {
    /// An object was deleted: what a later task of the group creates with its identity takes its place.
    pub(super) fn has_gone_object(&mut self, row: Arc<ObjectRow>) {
        let id = RowId::Object(row.id);
        if self.is_group() {
            let key: Key = if row.guid_given {
                ObjectKey::Guid(row.object_type.clone(), row.guid).into()
            } else {
                self.former_key(&row.object_type, &row.scope, &row.code_name).into()
            };
            self.notes.gone_by.insert(key, id);
            self.notes.forget(id);
        }
        self.notes.gone.insert(id, Gone { at: self.at, row: GoneRow::Object(row) });
    }

    /// A page was deleted.
    pub(super) fn has_gone_page(&mut self, row: Arc<PageRow>) {
        let id = RowId::Page(row.id);
        if self.is_group() {
            let key = if row.guid_given {
                PageKey::Guid(row.site.clone(), row.guid)
            } else {
                PageKey::Alias(row.site.clone(), row.parent, row.alias.key().into())
            };
            self.notes.gone_by.insert(key.into(), id);
            self.notes.forget(id);
        }
        self.notes.gone.insert(id, Gone { at: self.at, row: GoneRow::Page(row) });
    }

    /// A page has not all of the cultures any more that it had.
    pub(super) fn has_gone_culture(&mut self, row: Arc<PageRow>) {
        self.notes.gone.insert(RowId::Page(row.id), Gone { at: self.at, row: GoneRow::Culture(row) });
    }

    /// Deals with everything that points to rows that are gone.
    pub(super) fn judge_gone(&mut self) -> Result<(), Stop> {
        let gone: Vec<Gone> = std::mem::take(&mut self.notes.gone).into_values().collect();
        let keys: Vec<Key> = gone.iter().map(|gone| ReferrersOf(gone.row.target()).into()).collect();
        self.want(&keys)?;
        let mut to_load = Vec::new();
        let mut found = Vec::new();
        let mut all = Vec::new();
        for gone in gone {
            self.turn(gone.at);
            self.remember_words(&gone.row)?;
            if let GoneRow::Page(row) = &gone.row {
                let judged = self.has_no_pages_below(row, gone.at);
                gathered(&mut to_load, judged)?;
            }
            let referrers = self.ask(&ReferrersOf(gone.row.target()))?;
            all.extend(referrers.iter().cloned());
            self.bounded(all.len())?;
            found.push((gone, referrers));
        }
        self.load_referrers(&all)?;
        for (gone, referrers) in found {
            self.turn(gone.at);
            for referrer in referrers {
                let detached = self.detach(&referrer, &gone);
                gathered(&mut to_load, detached)?;
            }
        }
        all_loaded(to_load)
    }

    pub(super) fn load_referrers(&mut self, referrers: &[Referrer]) -> Result<(), Stop> {
        let keys: Vec<Key> = referrers
            .iter()
            .map(|referrer| match referrer.row {
                RowId::Object(id) => ObjectKey::Id(id).into(),
                RowId::Page(id) => PageKey::Id(id).into(),
                RowId::Binding(id) => BindingKey::Id(id).into(),
            })
            .collect();
        self.want(&keys)
    }

    fn has_no_pages_below(&mut self, row: &PageRow, at: usize) -> Result<(), Stop> {
        // In a group the child that is known may have gone: then all must be known.
        if !self.is_group() && self.ask(&PageKey::ChildOf(row.id))?.is_none() {
            return Ok(());
        }
        let below = self.ask(&PagesUnder(row.id))?;
        let told = below.get(..below.len().min(CHILDREN_TOLD_MAX)).unwrap_or_default();
        let keys: Vec<Key> = told.iter().map(|id| PageKey::Id(*id).into()).collect();
        self.want(&keys)?;
        let words = self.page_words(row)?;
        let mut open: Option<Open> = None;
        for id in told {
            let Some(child) = self.ask(&PageKey::Id(*id))? else { continue };
            let message = format!("{words} has child pages, '{}' among them", child.alias);
            let open = open.get_or_insert_with(|| Open::new(Failure::new(Code::PageHasChildren, message)));
            open.changed_page(&child);
        }
        if let Some(mut open) = open {
            open.want(PageKey::ChildOf(row.id), &format!("the child pages of {words} to go"), None);
            open.changed_page(row);
            self.is_open(at, open);
        }
        Ok(())
    }

    fn detach(&mut self, referrer: &Referrer, gone: &Gone) -> Result<(), Stop> {
        let target = gone.row.target();
        match referrer.row {
            RowId::Binding(id) => {
                let Some(row) = self.ask(&BindingKey::Id(id))? else { return Ok(()) };
                if row.binds.contains(&target) {
                    let stays = matches!(gone.row, GoneRow::Culture(_)) && !row.links.contains_key(&referrer.field);
                    return if stays { Ok(()) } else { self.unbind(row, referrer, target) };
                }
                self.detach_field(Spot { row: referrer.row, culture: None, field: referrer.field.clone() }, gone)
            }
            RowId::Object(_) => self.detach_field(Spot { row: referrer.row, culture: None, field: referrer.field.clone() }, gone),
            RowId::Page(id) => {
                let Some(row) = self.ask(&PageKey::Id(id))? else { return Ok(()) };
                let cultures: Vec<Culture> = row.cultures.keys().cloned().collect();
                for culture in cultures {
                    let spot = Spot { row: referrer.row, culture: Some(culture), field: referrer.field.clone() };
                    self.detach_field(spot, gone)?;
                }
                Ok(())
            }
        }
    }

    fn detach_field(&mut self, spot: Spot, gone: &Gone) -> Result<(), Stop> {
        let target = gone.row.target();
        // Another culture has it, or it follows another row already.
        let Some(standing) = self.standing(&spot)?.filter(|standing| standing.value == Some(target)) else { return Ok(()) };
        if standing.link.is_none() && matches!(gone.row, GoneRow::Culture(_)) {
            return Ok(());
        }
        if let Some(link) = standing.link.clone()
            && let Some(hit) = self.resolve(&link.stated)?
        {
            return self.answer(&spot, &standing, &link, hit.target, How::Following);
        }
        let holder = self.row_words(spot.row)?;
        let what = self.gone_words(&gone.row)?;
        let field = shown(&spot.field);
        let (value, told) = match self.needed(&standing.type_name, &spot) {
            // A field that is declared no longer.
            None | Some((_, Need::Optional)) => (None, format!("field {field} of {holder} pointed to {what} and was cleared")),
            Some((to, Need::RequiredWithDefault(default))) => match self.default_of(&to, &default, standing.site.as_ref())? {
                Some(value) => (Some(value), format!("field {field} of {holder} pointed to {what}; the default {default} was taken")),
                None => (None, format!("field {field} of {holder} pointed to {what} and was cleared: the default {default} is not stored")),
            },
            Some((_, Need::Binding)) => {
                let RowId::Binding(id) = spot.row else { return Ok(()) };
                let Some(row) = self.ask(&BindingKey::Id(id))? else { return Ok(()) };
                return self.take_away(row, &spot.field);
            }
            Some((_, Need::Required)) => return self.still_referenced(&spot, gone, &holder, &what),
        };
        let code = if value.is_some() { "default-used" } else { "reference-cleared" };
        self.warn(code, told);
        match standing.link.clone() {
            Some(link) => self.leave_loose(&spot, &standing, link, value, How::Following),
            None => self.set(&spot, value, None, How::Following),
        }
    }

    fn still_referenced(&mut self, spot: &Spot, gone: &Gone, holder: &str, what: &str) -> Result<(), Stop> {
        let is_group = crate::rows::group_field() == Some(&spot.field);
        let (message, path) = if is_group {
            (format!("{holder} belongs to the group {what}"), "group")
        } else {
            (format!("{holder} needs {what} in its field {}", shown(&spot.field)), &*shown(&spot.field))
        };
        let mut open = Open::new(Failure::new(Code::StillReferenced, message).at(path));
        open.want(ReferrersOf(gone.row.target()), &format!("what points to {what} to let it go"), None);
        match spot.row {
            RowId::Object(id) => {
                if let Some(row) = self.ask(&ObjectKey::Id(id))? {
                    open.changed_object(&row);
                }
            }
            RowId::Page(id) => {
                if let Some(row) = self.ask(&PageKey::Id(id))? {
                    open.changed_page(&row);
                }
            }
            RowId::Binding(id) => self.changed_owner(id, &mut open)?,
        }
        // Or whoever brings it again.
        match &gone.row {
            GoneRow::Object(row) => open.changed_object(row),
            GoneRow::Page(row) | GoneRow::Culture(row) => open.changed_page(row),
        }
        self.is_open(gone.at, open);
        Ok(())
    }

    fn changed_owner(&mut self, binding: crate::rows::BindingId, open: &mut Open) -> Result<(), Stop> {
        let Some(row) = self.ask(&BindingKey::Id(binding))? else { return Ok(()) };
        match row.binds.first() {
            Some(Target::Object(id)) => {
                if let Some(owner) = self.ask(&ObjectKey::Id(*id))? {
                    open.changed_object(&owner);
                }
            }
            Some(Target::Page(id)) => {
                if let Some(owner) = self.ask(&PageKey::Id(*id))? {
                    open.changed_page(&owner);
                }
            }
            None => {}
        }
        Ok(())
    }

    /// A binding of something that is gone binds what its question finds now, or is taken away.
    fn unbind(&mut self, row: Arc<BindingRow>, referrer: &Referrer, target: Target) -> Result<(), Stop> {
        let field = &referrer.field;
        let link = row.links.get(field).cloned();
        let Some(hit) = link.as_ref().map(|link| self.resolve(&link.stated)).transpose()?.flatten() else {
            return self.take_away(row, field);
        };
        if hit.target == target {
            return Ok(());
        }
        let binds: Vec<Target> = row.binds.iter().map(|bound| if *bound == target { hit.target } else { *bound }).collect();
        if self.ask(&BindingKey::Binds(row.binding_type.clone(), binds))?.is_some_and(|other| other.id != row.id) {
            return self.drop_binding(row, Because::Follows);
        }
        let spot = Spot { row: RowId::Binding(row.id), culture: None, field: field.clone() };
        self.set(&spot, Some(hit.target), link, How::Following)
    }

    /// A binding that is taken away is a loose end, if its questions are known.
    fn take_away(&mut self, row: Arc<BindingRow>, field: &crate::names::FieldName) -> Result<(), Stop> {
        let words = self.binding_words(&row)?;
        self.warn("binding-taken-away", format!("{words} was taken away: what its field {field} pointed to is deleted"));
        self.drop_binding(row.clone(), Because::Follows)?;
        let (Some(owner), Some(link)) = (row.binds.first(), row.links.get(field)) else { return Ok(()) };
        let mut links = row.links.clone();
        links.values_mut().for_each(|link| link.loose = None);
        let mut fields = row.fields.clone();
        fields.remove(field);
        let not_made = NotMade { binding_type: row.binding_type.clone(), owner: Owner::Row(*owner), fields, links };
        self.leave_not_made(not_made, &link.by).map(|_| ())
    }

    /// What is deleted has a name by which its loose ends are told.
    fn remember_words(&mut self, row: &GoneRow) -> Result<(), Stop> {
        let key: Key = match row {
            GoneRow::Object(row) => ObjectKey::Guid(row.object_type.clone(), row.guid).into(),
            GoneRow::Page(row) | GoneRow::Culture(row) => PageKey::Guid(row.site.clone(), row.guid).into(),
        };
        let words = self.gone_words(row)?;
        self.notes.words.insert(key.mark(), words.into());
        Ok(())
    }

    fn gone_words(&mut self, row: &GoneRow) -> Result<String, Stop> {
        match row {
            GoneRow::Object(row) => Ok(object_words(row)),
            GoneRow::Page(row) => self.page_words(row),
            GoneRow::Culture(row) => Ok(format!("a culture of {}", self.page_words(row)?)),
        }
    }
}
