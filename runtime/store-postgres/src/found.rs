//! By which questions rows are found: `Change::touched`, turned round.

use std::sync::Arc;

use lockgate_core::change::Change;
use lockgate_core::key::{BindingKey, Key, ObjectKey, PageKey};
use lockgate_core::model::ContentModel;
use lockgate_core::rows::{BindingRow, ObjectRow, PageRow};

use crate::convert;

/// Kinds of the table `found`.
pub(crate) const OBJECT: i16 = 0;
pub(crate) const PAGE: i16 = 1;
pub(crate) const BINDING: i16 = 2;
/// An object by a unique value: made anew with the model.
pub(crate) const UNIQUE: i16 = 4;

/// Marks and kinds by which an object is found.
pub(crate) fn of_object(row: &Arc<ObjectRow>, model: &ContentModel) -> Vec<(i64, i16)> {
    keys(&Change::Object(None, Some(row.clone())), model, OBJECT)
}

/// The same of a page.
pub(crate) fn of_page(row: &Arc<PageRow>, model: &ContentModel) -> Vec<(i64, i16)> {
    keys(&Change::Page(None, Some(row.clone())), model, PAGE)
}

/// The same of a binding.
pub(crate) fn of_binding(row: &Arc<BindingRow>, model: &ContentModel) -> Vec<(i64, i16)> {
    keys(&Change::Binding(None, Some(row.clone())), model, BINDING)
}

fn keys(inserted: &Change, model: &ContentModel, kind: i16) -> Vec<(i64, i16)> {
    let keys = inserted.touched(model);
    let indexed = keys.iter().filter(|key| !needs_no_index(key));
    indexed.map(|key| (convert::mark(key.mark()), if matches!(key, Key::Object(ObjectKey::Unique(..))) { UNIQUE } else { kind })).collect()
}

/// Whether a key says no more than the row's id, or where a page is: those are found without the index.
fn needs_no_index(key: &Key) -> bool {
    matches!(
        key,
        Key::Object(ObjectKey::Id(_)) | Key::Page(PageKey::Id(_) | PageKey::ChildOf(_)) | Key::PageIds(_) | Key::Binding(BindingKey::Id(_))
    )
}
