//! The one way in which rows are written and go: each such row stands in the changes and, for people, in
//! what was written, and shows when it was changed, whatever the reason.

use std::sync::Arc;

use crate::change::Change;
use crate::history::Action;
use crate::names::Culture;
use crate::plan::grant::Because;
use crate::plan::{Step, Stop};
use crate::rows::{BindingId, BindingRow, ObjectRow, PageRow, Target};

impl Step<'_, '_> {
    /// Writes the object if it is new or different, and tells it; the row as it is then.
    pub(super) fn put_object(
        &mut self,
        before: Option<Arc<ObjectRow>>,
        after: ObjectRow,
        because: Because,
    ) -> Result<Arc<ObjectRow>, Stop> {
        self.write_object(before, after, because, true)
    }

    pub(super) fn write_object(
        &mut self,
        before: Option<Arc<ObjectRow>>,
        mut after: ObjectRow,
        because: Because,
        is_told: bool,
    ) -> Result<Arc<ObjectRow>, Stop> {
        let action = match &before {
            None => Action::Inserted,
            Some(before) if **before == after && before.code_name.as_str() == after.code_name.as_str() => Action::Unchanged,
            Some(_) => Action::Updated,
        };
        if is_told {
            self.written(after.object_type.as_str(), after.code_name.as_str(), action);
        }
        if let (Action::Unchanged, Some(before)) = (action, &before) {
            return Ok(before.clone());
        }
        after.modified_ms = self.now_ms;
        let after = Arc::new(after);
        self.change(Change::Object(before, Some(after.clone())), because)?;
        Ok(after)
    }

    /// Deletes the object.
    pub(super) fn drop_object(&mut self, row: Arc<ObjectRow>, because: Because) -> Result<(), Stop> {
        self.written(row.object_type.as_str(), row.code_name.as_str(), Action::Deleted);
        self.change(Change::Object(Some(row), None), because)
    }

    /// Writes the page if it is new or different, and tells it. `culture` is the one that the task is about; it is
    /// told as deleted when the page has it no longer.
    pub(super) fn put_page(
        &mut self,
        before: Option<Arc<PageRow>>,
        after: PageRow,
        culture: Option<&Culture>,
        because: Because,
    ) -> Result<(), Stop> {
        self.write_page(before, after, culture, because, true)
    }

    pub(super) fn write_page(
        &mut self,
        before: Option<Arc<PageRow>>,
        mut after: PageRow,
        culture: Option<&Culture>,
        because: Because,
        is_told: bool,
    ) -> Result<(), Stop> {
        let action = match &before {
            None => Action::Inserted,
            Some(before) if **before == after && before.alias.as_str() == after.alias.as_str() => Action::Unchanged,
            Some(_) if culture.is_some_and(|culture| !after.cultures.contains_key(culture)) => Action::Deleted,
            Some(_) => Action::Updated,
        };
        if is_told {
            let name = culture.map_or_else(|| after.alias.to_string(), |culture| format!("{} ({culture})", after.alias));
            self.written(after.class_name.as_str(), name, action);
        }
        if action == Action::Unchanged {
            return if because == Because::Asked { self.may_touch(&after) } else { Ok(()) };
        }
        after.modified_ms = self.now_ms;
        self.change(Change::Page(before, Some(Arc::new(after))), because)
    }

    /// Deletes the page with all its cultures.
    pub(super) fn drop_page(&mut self, row: Arc<PageRow>, because: Because) -> Result<(), Stop> {
        self.written(row.class_name.as_str(), row.alias.as_str(), Action::Deleted);
        self.change(Change::Page(Some(row), None), because)
    }

    /// Writes the binding if it is new or different, and tells it.
    pub(super) fn put_binding(&mut self, before: Option<Arc<BindingRow>>, after: BindingRow, because: Because) -> Result<BindingId, Stop> {
        self.write_binding(before, after, because, true)
    }

    pub(super) fn write_binding(
        &mut self,
        before: Option<Arc<BindingRow>>,
        after: BindingRow,
        because: Because,
        is_told: bool,
    ) -> Result<BindingId, Stop> {
        let action = match &before {
            None => Action::Inserted,
            Some(before) if **before == after => Action::Unchanged,
            Some(_) => Action::Updated,
        };
        let id = after.id;
        if is_told {
            self.written(after.binding_type.as_str(), bound(&after), action);
        }
        if action != Action::Unchanged {
            self.change(Change::Binding(before, Some(Arc::new(after))), because)?;
        }
        Ok(id)
    }

    /// Deletes the binding, with its loose ends.
    pub(super) fn drop_binding(&mut self, row: Arc<BindingRow>, because: Because) -> Result<(), Stop> {
        self.end_all(&row.links)?;
        self.written(row.binding_type.as_str(), bound(&row), Action::Deleted);
        self.change(Change::Binding(Some(row), None), because)
    }
}

/// What a binding binds, for people.
fn bound(row: &BindingRow) -> String {
    let targets: Vec<String> = row
        .binds
        .iter()
        .map(|target| match target {
            Target::Object(id) => format!("object {id}"),
            Target::Page(id) => format!("page {id}"),
        })
        .collect();
    targets.join(" – ")
}
