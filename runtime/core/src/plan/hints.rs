//! What a plan will surely ask, so that a batch loads it in one call.

use crate::key::{Key, ObjectKey, ObjectsKey, PageKey};
use crate::model::ContentModel;
use crate::plan::shared;
use crate::prepared::{PageParent, Prepared};
use crate::rows::Scope;
use crate::task::Task;
use crate::translate::{Params, Translated};

/// Questions that follow from what was translated alone. Too few only cost another call.
pub fn hints(task: &Task, translated: &Translated, model: &ContentModel) -> Vec<Key> {
    let mut keys: Vec<Key> = Vec::new();
    for ((asked, _), params) in &translated.params {
        match params {
            Params::Object(found) if found.parent.is_none() && found.group.is_none() => {
                keys.push(ObjectsKey::AnyNamed(asked.clone(), found.site.clone(), shared(found.code_name.key())).into());
            }
            Params::Page(found) => keys.push(PageKey::Guid(found.site.clone(), found.node_guid).into()),
            _ => {}
        }
    }
    match &translated.prepared {
        Prepared::Object(object) if object.parent.is_none() && object.group.is_none() && object.site.is_none() => {
            let site_bound = model.object_type(&object.row.object_type).is_some_and(|declared| declared.site_bound);
            let scope = Scope { site: task.site.clone().filter(|_| site_bound), ..Scope::default() };
            if let Some(guid) = object.row.guid {
                keys.push(ObjectKey::Guid(object.row.object_type.clone(), guid).into());
            }
            if let Some(name) = &object.row.code_name {
                keys.push(ObjectKey::Name(object.row.object_type.clone(), scope, shared(name.key())).into());
            }
        }
        Prepared::Page(page) => {
            if let (Some(site), Some(guid)) = (&task.site, page.node_guid) {
                keys.push(PageKey::Guid(site.clone(), guid).into());
                if let (Some(PageParent::Root) | None, Some(alias)) = (&page.parent, &page.alias) {
                    keys.push(PageKey::Alias(site.clone(), None, shared(alias.key())).into());
                }
            }
            if let (Some(site), Some(PageParent::Guid(guid))) = (&task.site, &page.parent) {
                keys.push(PageKey::Guid(site.clone(), *guid).into());
            }
        }
        _ => {}
    }
    keys
}
