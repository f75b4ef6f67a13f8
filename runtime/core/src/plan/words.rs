//! Rows in the operator's words: names, titles and paths, no ids.

use crate::key::{ObjectKey, PageKey};
use crate::plan::{Step, Stop};
use crate::rows::{BindingRow, ObjectRow, PageRow, RowId, Target};

/// Steps of a path that are named; nothing lies deeper.
const STEPS_MAX: usize = 200;

/// `shop.product 'Tea' (tea)`: its title and its code name, or the code name alone.
pub(super) fn object_words(row: &ObjectRow) -> String {
    if &*row.display_name == row.code_name.as_str() {
        format!("{} '{}'", row.object_type, row.code_name)
    } else {
        format!("{} '{}' ({})", row.object_type, row.display_name, row.code_name)
    }
}

impl Step<'_, '_> {
    /// `page /about/team of site main`.
    pub(super) fn page_words(&mut self, row: &PageRow) -> Result<String, Stop> {
        let mut path = row.alias.to_string();
        let mut above = row.parent;
        for _ in 0..STEPS_MAX {
            let Some(id) = above else { break };
            let Some(parent) = self.ask(&PageKey::Id(id))? else { break };
            path = format!("{}/{path}", parent.alias);
            above = parent.parent;
        }
        Ok(format!("page /{path} of site {}", row.site))
    }

    /// `shop.order-user of shop.order 'o'`.
    pub(super) fn binding_words(&mut self, row: &BindingRow) -> Result<String, Stop> {
        Ok(match row.binds.first() {
            Some(owner) => format!("{} of {}", row.binding_type, self.target_words(*owner)?),
            None => row.binding_type.to_string(),
        })
    }

    /// What a reference points to.
    pub(super) fn target_words(&mut self, target: Target) -> Result<String, Stop> {
        let row = match target {
            Target::Object(id) => RowId::Object(id),
            Target::Page(id) => RowId::Page(id),
        };
        self.row_words(row)
    }

    /// A row by its id; by the id alone if it is gone.
    pub(super) fn row_words(&mut self, row: RowId) -> Result<String, Stop> {
        Ok(match row {
            RowId::Object(id) => match self.ask(&ObjectKey::Id(id))? {
                Some(row) => object_words(&row),
                None => format!("object {id}"),
            },
            RowId::Page(id) => match self.ask(&PageKey::Id(id))? {
                Some(row) => self.page_words(&row)?,
                None => format!("page {id}"),
            },
            RowId::Binding(id) => format!("binding {id}"),
        })
    }
}
