//! Categories, tags, menus, and which of them a post has.

use lockgate_guest::{Error, Object, Prepared, Value};

use crate::external::External;
use crate::values;
use crate::xml::{Element, Ns};

/// `wp:category`.
pub fn category(category: &Element) -> Result<Prepared, Error> {
    Ok(named(category, "blog.category", "category_nicename", "cat_name", "category_description")?.under(category.wp("category_parent")))
}

/// `wp:tag`.
pub fn tag(tag: &Element) -> Result<Prepared, Error> {
    Ok(named(tag, "blog.tag", "tag_slug", "tag_name", "tag_description")?.under(None))
}

/// `wp:term`: newer exports write any taxonomy so.
pub fn term(term: &Element) -> Result<Prepared, Error> {
    let of_type = |object_type| named(term, object_type, "term_slug", "term_name", "term_description");
    match term.needed_wp("term_taxonomy")? {
        "category" => Ok(of_type("blog.category")?.under(term.wp("term_parent"))),
        "post_tag" => Ok(of_type("blog.tag")?.under(None)),
        "nav_menu" => Ok(of_type("cms.menu")?.under(None)),
        other => Ok(Prepared::skip(format!("terms of taxonomy {other:?} are not carried over"))),
    }
}

/// A `category` element of an item: a binding of its own.
pub fn of_post(wxr: &External) -> Result<Prepared, Error> {
    let term = wxr.only()?;
    let (binding_type, field) = match term.attribute("domain") {
        Some("category") => ("blog.page-category", "category"),
        Some("post_tag" | "tag") => ("blog.page-tag", "tag"),
        other => return Err(Error::unsupported(format!("terms of domain {other:?}")).at("category/@domain")),
    };
    let nicename = term.attribute("nicename").filter(|nicename| !nicename.is_empty());
    let nicename = nicename.ok_or_else(|| Error::invalid("missing or empty").at("category/@nicename"))?;
    Ok(Object::new(binding_type, "")
        .field("page", Value::reference(wxr.needed_attribute("post-id")?))
        .field(field, Value::reference(nicename))
        .into())
}

struct Named(Object);

impl Named {
    fn under(mut self, parent: Option<&str>) -> Prepared {
        self.0.parent = parent.map(str::to_owned);
        self.0.into()
    }
}

fn named(term: &Element, object_type: &str, slug: &str, name: &str, description: &str) -> Result<Named, Error> {
    let mut object = Object::new(object_type, term.needed_wp(slug)?)
        .field_opt("term_id", values::integer(term, "term_id"))
        .field_opt("description", term.text_of(Ns::Wp, description));
    object.display_name = term.wp(name).map(str::to_owned);
    Ok(Named(object))
}
