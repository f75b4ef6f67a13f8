//! One reference of a row that is there already: read, and set to something else.

use crate::key::{BindingKey, ObjectKey, PageKey};
use crate::names::{Culture, FieldName, SiteName, TypeName};
use crate::plan::grant::Because;
use crate::plan::{Step, Stop};
use crate::rows::{Fields, Link, Links, RowId, Target, group_field};
use crate::value::Stored;

/// A field of a row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Spot {
    pub(super) row: RowId,
    /// Of a page.
    pub(super) culture: Option<Culture>,
    pub(super) field: FieldName,
}

/// What stands in a field.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    pub(super) type_name: TypeName,
    pub(super) site: Option<SiteName>,
    pub(super) value: Option<Target>,
    pub(super) link: Option<Link>,
}

/// How a row is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// Its task has told that it is written.
    Quietly,
    /// It follows from what happened to another row; that it is written is told.
    Following,
    /// As a write of its own: it must be granted.
    Asked,
}

impl How {
    fn because(self) -> Because {
        match self {
            Self::Quietly | Self::Following => Because::Follows,
            Self::Asked => Because::Asked,
        }
    }
}

impl Step<'_, '_> {
    /// What stands in a field; `None`: the row is gone, or has no such culture.
    pub(super) fn standing(&mut self, spot: &Spot) -> Result<Option<Standing>, Stop> {
        let of = |fields: &Fields, links: &Links| (fields.get(&spot.field).and_then(Stored::target), links.get(&spot.field).cloned());
        Ok(match spot.row {
            RowId::Object(id) => self.ask(&ObjectKey::Id(id))?.map(|row| {
                let (mut value, link) = of(&row.fields, &row.links);
                if group_field() == Some(&spot.field) {
                    value = row.scope.group.map(Target::Object);
                }
                Standing { type_name: row.object_type.clone(), site: row.scope.site.clone(), value, link }
            }),
            RowId::Page(id) => self.ask(&PageKey::Id(id))?.and_then(|row| {
                let version = row.cultures.get(spot.culture.as_ref()?)?;
                let (value, link) = of(&version.fields, &version.links);
                Some(Standing { type_name: row.class_name.clone(), site: Some(row.site.clone()), value, link })
            }),
            RowId::Binding(id) => self.ask(&BindingKey::Id(id))?.map(|row| {
                let (value, link) = of(&row.fields, &row.links);
                Standing { type_name: row.binding_type.clone(), site: None, value, link }
            }),
        })
    }

    /// Sets a field and its question.
    pub(super) fn set(&mut self, spot: &Spot, value: Option<Target>, link: Option<Link>, how: How) -> Result<(), Stop> {
        // A row of this plan, or one that has more than one reference to what goes.
        self.again = true;
        let put = |fields: &mut Fields, links: &mut Links| {
            match value {
                Some(target) => drop(fields.insert(spot.field.clone(), Stored::Reference(target))),
                None => drop(fields.remove(&spot.field)),
            }
            match link {
                Some(link) => drop(links.insert(spot.field.clone(), link)),
                None => drop(links.remove(&spot.field)),
            }
        };
        let told = how == How::Quietly || !self.notes.told.insert(spot.row);
        match spot.row {
            RowId::Object(id) => {
                let Some(before) = self.ask(&ObjectKey::Id(id))? else { return Ok(()) };
                let mut after = (*before).clone();
                if group_field() == Some(&spot.field) {
                    let mut none = Fields::new();
                    put(&mut none, &mut after.links);
                    after.scope.group = match value {
                        Some(Target::Object(group)) => Some(group),
                        _ => None,
                    };
                } else {
                    put(&mut after.fields, &mut after.links);
                }
                self.write_object(Some(before), after, how.because(), !told).map(|_| ())
            }
            RowId::Page(id) => {
                let Some(before) = self.ask(&PageKey::Id(id))? else { return Ok(()) };
                let mut after = (*before).clone();
                if let Some(version) = spot.culture.as_ref().and_then(|culture| after.cultures.get_mut(culture)) {
                    put(&mut version.fields, &mut version.links);
                }
                self.write_page(Some(before), after, None, how.because(), !told)
            }
            RowId::Binding(id) => {
                let Some(before) = self.ask(&BindingKey::Id(id))? else { return Ok(()) };
                let mut after = (*before).clone();
                put(&mut after.fields, &mut after.links);
                self.rebind(&mut after);
                self.write_binding(Some(before), after, how.because(), !told).map(|_| ())
            }
        }
    }

    /// What a binding binds, by its fields.
    fn rebind(&self, row: &mut crate::rows::BindingRow) {
        let Some(declared) = self.model.object_type(&row.binding_type) else { return };
        let bound: Option<Vec<Target>> = declared.binds.iter().map(|field| row.fields.get(field).and_then(Stored::target)).collect();
        if let Some(bound) = bound {
            row.binds = bound;
        }
    }
}
