//! Objects, children and bindings.

use lockgate_core::failure::Failure;
use lockgate_core::names::{CodeName, TypeName};
use lockgate_core::prepared::{Child, InfoObject, InfoRow};

use super::place::Place;
use super::{CHILDREN_DEPTH_MAX, CHILDREN_MAX, bad, external_id, guid, named, values};
use crate::bindings::lockgate::connector::types as wit;
use crate::said::NONE_OF_MAX;

/// An object with its children.
pub fn object(object: wit::InfoObject, none_of: &[String]) -> Result<InfoObject, Failure> {
    let root = Place::Root;
    let children = root.member("children");
    if object.children.len() > CHILDREN_MAX {
        return Err(bad(&children, format!("{} children, at most {CHILDREN_MAX} are allowed", object.children.len())));
    }
    Ok(InfoObject {
        none_of: self::none_of(none_of)?,
        row: row(&root, &object.object_type, &object.code_name, object.guid, object.display_name, object.fields)?,
        site: external_id(&root.member("site"), object.site.as_deref())?,
        parent: external_id(&root.member("parent"), object.parent.as_deref())?,
        group: external_id(&root.member("group"), object.group.as_deref())?,
        children: {
            check_depth(&children, &object.children)?;
            object
                .children
                .into_iter()
                .enumerate()
                .map(|(index, given)| child(&children.item(index), index, given))
                .collect::<Result<_, _>>()?
        },
    })
}

/// Types of which it was said that there is none, each once.
fn none_of(said: &[String]) -> Result<Vec<TypeName>, Failure> {
    let none = Place::Root.member("children.none");
    if said.len() > NONE_OF_MAX {
        return Err(bad(&none, format!("more than {NONE_OF_MAX} calls")));
    }
    let mut types: Vec<TypeName> = Vec::new();
    for (index, name) in said.iter().enumerate() {
        let name = named(&none.item(index), TypeName::new(name))?;
        if !types.contains(&name) {
            types.push(name);
        }
    }
    Ok(types)
}

/// Rows are looked up level by level: each level costs a walk through all of them.
fn check_depth(place: &Place<'_>, children: &[wit::Child]) -> Result<(), Failure> {
    let mut depths = Vec::with_capacity(children.len());
    for (index, child) in children.iter().enumerate() {
        let above = child.parent.and_then(|parent| depths.get(usize::try_from(parent).ok()?)).copied().unwrap_or(0);
        if above >= CHILDREN_DEPTH_MAX {
            return Err(bad(&place.item(index), format!("more than {CHILDREN_DEPTH_MAX} levels of children")));
        }
        depths.push(above + 1);
    }
    Ok(())
}

fn child(place: &Place<'_>, index: usize, child: wit::Child) -> Result<Child, Failure> {
    if let Some(parent) = child.parent
        && usize::try_from(parent).map_or(true, |parent| parent >= index)
    {
        return Err(bad(&place.member("parent"), format!("{parent} is not the position of an earlier child")));
    }
    let row = row(place, &child.object_type, &child.code_name, child.guid, child.display_name, child.fields)?;
    Ok(Child { parent: child.parent, row })
}

fn row(
    place: &Place<'_>,
    object_type: &str,
    code_name: &str,
    given_guid: Option<String>,
    display_name: Option<String>,
    fields: Vec<wit::Field>,
) -> Result<InfoRow, Failure> {
    // Empty, not blank: a binding has none at all.
    let code_name = (!code_name.is_empty()).then(|| named(&place.member("code-name"), CodeName::new(code_name))).transpose()?;
    Ok(InfoRow {
        object_type: named(&place.member("object-type"), TypeName::new(object_type))?,
        code_name,
        guid: given_guid.map(|text| guid(&place.member("guid"), &text)).transpose()?,
        display_name: display_name.map(Into::into),
        fields: values::fields(place, fields)?,
    })
}
