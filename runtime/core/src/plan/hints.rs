//! What a plan will surely ask, so that a batch loads it in one call.

use crate::key::{Key, ObjectKey, ObjectsKey, PageKey};
use crate::model::{ContentModel, ObjectType, Within};
use crate::names::{CodeName, SiteName, TypeName};
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
            Params::Object(found) => {
                if let Some(guid) = found.guid {
                    keys.push(ObjectKey::Guid(asked.clone(), guid).into());
                } else if asked.as_str() != crate::model::SITE_TYPE {
                    let alone = found.parent.is_none() && found.group.is_none();
                    keys.extend(name_key(model.object_type(asked), asked, found.site.clone(), alone, &found.code_name));
                }
            }
            Params::Page(found) => keys.push(PageKey::Guid(found.site.clone(), found.node_guid).into()),
            Params::NotFound(_) => {}
        }
    }
    match &translated.prepared {
        Prepared::Object(object) if object.site.is_none() => {
            let declared = model.object_type(&object.row.object_type);
            if declared.is_some_and(ObjectType::is_binding) {
                return keys;
            }
            let site_bound = declared.is_some_and(|declared| declared.site_bound);
            if let Some(guid) = object.row.guid {
                keys.push(ObjectKey::Guid(object.row.object_type.clone(), guid).into());
            }
            if let Some(name) = &object.row.code_name {
                let alone = object.parent.is_none() && object.group.is_none();
                keys.extend(name_key(declared, &object.row.object_type, task.site.clone().filter(|_| site_bound), alone, name));
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

/// By which question a code name is looked for, as far as that is known; `alone`: without parent and group.
fn name_key(declared: Option<&ObjectType>, of: &TypeName, site: Option<SiteName>, alone: bool, name: &CodeName) -> Option<Key> {
    let key = shared(name.key());
    match declared.map_or(Within::Scope, |declared| declared.unique_within) {
        Within::Scope => alone.then(|| ObjectKey::Name(of.clone(), Scope { site, ..Scope::default() }, key).into()),
        Within::Site | Within::All => Some(ObjectsKey::AnyNamed(of.clone(), site, key).into()),
    }
}
