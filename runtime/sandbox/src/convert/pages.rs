//! Pages.

use lockgate_core::failure::Failure;
use lockgate_core::names::{CodeName, Culture, ExternalId, TypeName};
use lockgate_core::prepared::{PageParent, TreeNode};

use super::place::Place;
use super::{bad, external_id, guid, named, short, values};
use crate::bindings::lockgate::connector::types as wit;

/// A page in one culture.
pub fn page(page: wit::TreeNode) -> Result<TreeNode, Failure> {
    let root = Place::Root;
    Ok(TreeNode {
        class_name: named(&root.member("class-name"), TypeName::new(&page.class_name))?,
        node_guid: page.node_guid.map(|text| guid(&root.member("node-guid"), &text)).transpose()?,
        site: external_id(&root.member("site"), page.site.as_deref())?,
        culture: named(&root.member("culture"), Culture::new(&page.culture))?,
        name: page.name.into(),
        alias: page.alias.map(|alias| named(&root.member("alias"), CodeName::new(alias))).transpose()?,
        parent: page.parent.map(|given| parent(&root.member("parent"), given)).transpose()?,
        order: page.order,
        published: page.published,
        fields: values::fields(&root, page.fields)?,
    })
}

fn parent(place: &Place<'_>, parent: wit::PageParent) -> Result<PageParent, Failure> {
    Ok(match parent {
        wit::PageParent::Root => PageParent::Root,
        wit::PageParent::External(page) => {
            let id = named(&place.member("id"), ExternalId::new(&page.id))?;
            let id = id.ok_or_else(|| bad(&place.member("id"), "the external id of a parent is empty"))?;
            PageParent::External(id, named(&place.member("class-name"), TypeName::new(&page.class_name))?)
        }
        wit::PageParent::NodeGuid(text) => PageParent::Guid(guid(place, &text)?),
        wit::PageParent::Path(path) => steps(place, &path)?,
    })
}

fn steps(place: &Place<'_>, path: &str) -> Result<PageParent, Failure> {
    let Some(steps) = path.strip_prefix('/') else {
        return Err(bad(place, format!("the path {:?} does not begin with '/'", short(path))));
    };
    if steps.is_empty() {
        return Ok(PageParent::Root);
    }
    let steps = steps.split('/').map(|step| named(place, CodeName::new(step))).collect::<Result<_, _>>()?;
    Ok(PageParent::Path(steps))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_no_empty_steps() {
        assert_eq!(steps(&Place::Root, "/").unwrap(), PageParent::Root);
        assert!(matches!(steps(&Place::Root, "/a/b").unwrap(), PageParent::Path(steps) if steps.len() == 2));
        for path in ["", "a", "//", "/a/", "/a//b"] {
            assert!(steps(&Place::Root, path).is_err(), "{path}");
        }
    }
}
