//! The WordPress sample connector: objects of a WordPress export into users, categories, tags,
//! menus, media, pages, comments and menu items.
//!
//! Keeps nothing between tasks but the site's name, and asks nobody: every reference is answered
//! from its external id alone. `../model.toml` declares what it writes,
//! `manifest.toml` asks for that and nothing else.

mod comment;
mod external;
mod ids;
mod menu_item;
mod page;
mod site;
mod term;
mod user;
mod values;
mod xml;

use lockgate_guest::{Connector, DocumentParams, Error, External, ObjectParams, Prepared, Task, export};

use external::External as Wxr;
use xml::Ns;

/// The connector.
pub struct WordPress;

impl Connector for WordPress {
    fn prepare_internal_object(external: External, task: Task) -> Result<Prepared, Error> {
        site::remember(task.site_name.as_deref());
        translate(external.text()?)
    }

    fn get_internal_object_params(id: &str, object_type: &str) -> Result<ObjectParams, Error> {
        ids::object_params(id, object_type)
    }

    fn get_internal_document_params(id: &str, _class_name: &str) -> Result<DocumentParams, Error> {
        Ok(DocumentParams::new(ids::page_guid(id), site::culture(), site::name()))
    }
}

export!(WordPress, manifest = "manifest.toml");

/// One external object, as `wordpress-feed` writes them.
fn translate(text: &str) -> Result<Prepared, Error> {
    let wxr = Wxr::read(text)?;
    match wxr.kind.as_str() {
        "author" => user::user(&wxr),
        "category" => term::category(wxr.only()?),
        "tag" => term::tag(wxr.only()?),
        "term" => term::term(wxr.only()?),
        "term-binding" => term::of_post(&wxr),
        "comment" => comment::comment(&wxr),
        "item" => item(&wxr),
        "featured-media" => page::featured_media(wxr.only()?),
        kind => Err(Error::unsupported(format!("no kind of external object: {kind:?}")).at("@kind")),
    }
}

fn item(wxr: &Wxr) -> Result<Prepared, Error> {
    let item = wxr.only()?;
    let has_password = item.text_of(Ns::Wp, "post_password").is_some_and(|password| !password.is_empty());
    let is_protected = has_password || wxr.is_protected();
    match item.needed_wp("post_type")? {
        "page" => page::page(item, "cms.page", is_protected),
        "post" => page::page(item, "blog.post", is_protected),
        "attachment" => page::media(item),
        "nav_menu_item" => menu_item::menu_item(item, wxr.attribute("target-category")),
        other => Ok(Prepared::skip(format!("items of post type {other:?} are not carried over"))),
    }
}
