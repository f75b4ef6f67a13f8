//! What rows point to: it must be there.

use lockgate_core::rows::{BindingRow, ObjectRow, PageRow, Target};

use super::Looked;
use super::found::Found;
use crate::fault::Fault;

fn is_there(looked: &Looked, target: Target) -> Result<bool, Fault> {
    Ok(match target {
        Target::Object(id) => looked.view.tables.objects()?.get(id.0)?.is_some(),
        Target::Page(id) => looked.view.tables.pages()?.get(id.0)?.is_some(),
    })
}

fn follow(looked: &Looked, found: &mut Found<'_>, place: &str, what: &str, target: Target) -> Result<(), Fault> {
    if !is_there(looked, target)? {
        found.add("reference-dangling", format_args!("{place}: {what} is {target:?}, which is not there"));
    }
    Ok(())
}

pub(super) fn objects(looked: &Looked, found: &mut Found<'_>, place: &str, row: &ObjectRow) -> Result<(), Fault> {
    if let Some(parent) = row.scope.parent {
        follow(looked, found, place, "its parent", Target::Object(parent))?;
    }
    // Its group is among them.
    row.references().try_for_each(|(field, target)| follow(looked, found, place, field.as_str(), target))
}

pub(super) fn pages(looked: &Looked, found: &mut Found<'_>, place: &str, row: &PageRow) -> Result<(), Fault> {
    if let Some(parent) = row.parent {
        follow(looked, found, place, "its parent", Target::Page(parent))?;
    }
    row.references().try_for_each(|(field, target)| follow(looked, found, place, field.as_str(), target))
}

pub(super) fn bindings(looked: &Looked, found: &mut Found<'_>, place: &str, row: &BindingRow) -> Result<(), Fault> {
    for target in &row.binds {
        follow(looked, found, place, "what it binds", *target)?;
    }
    row.references().try_for_each(|(field, target)| follow(looked, found, place, field.as_str(), target))
}
