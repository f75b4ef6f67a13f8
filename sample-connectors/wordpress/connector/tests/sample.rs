//! The whole sample: every task that the feed makes translates into what the model declares.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests, which may fail loudly")]

use std::collections::{BTreeMap, BTreeSet};

use lockgate_guest::{Connector, DataType, External, Field, Object, Page, PageParent, Prepared, Task, TaskType, Value};
use wordpress_connector::WordPress;
use wordpress_feed::{Export, Submission, tasks};

const SAMPLE: &str = include_str!("../../data/sample.xml");
const MODEL: &str = include_str!("../../model.toml");

fn prepare(body: &[u8]) -> Prepared {
    let task = Task { task_type: TaskType::CreateObject, data_type: DataType::SimpleSnapshot, site_name: Some("tea".into()) };
    WordPress::prepare_internal_object(External::new("application/xml", body), task).unwrap()
}

/// By title.
fn all(text: &str) -> BTreeMap<String, Prepared> {
    let export = Export::read("sample.xml", text.as_bytes()).unwrap();
    let submission = Submission { connector: "wordpress".into(), site: "tea".into(), ..Submission::default() };
    let tasks = tasks(&export, &submission).into_iter();
    tasks.map(|task| (task.title, prepare(task.body.as_bytes()))).collect()
}

fn object(title: &str) -> Object {
    match all(SAMPLE).remove(title) {
        Some(Prepared::Object(object)) => object,
        other => panic!("{title}: {other:?}"),
    }
}

fn page(title: &str) -> Page {
    match all(SAMPLE).remove(title) {
        Some(Prepared::Page(page)) => page,
        other => panic!("{title}: {other:?}"),
    }
}

/// Field names and kinds by type.
fn model() -> BTreeMap<String, BTreeMap<String, String>> {
    let model: toml::Table = MODEL.parse().unwrap();
    let mut types = BTreeMap::new();
    for section in ["object_type", "binding_type", "page_type"] {
        for declared in model[section].as_array().unwrap() {
            let fields = declared["fields"].as_array().unwrap().iter();
            let text = |value: &toml::Value| value.as_str().unwrap().to_owned();
            let fields = fields.map(|field| (text(&field["name"]), text(&field["kind"]))).collect();
            types.insert(text(&declared["name"]), fields);
        }
    }
    types
}

#[test]
fn every_field_of_every_translation_is_declared_and_every_type_occurs() {
    let model = model();
    let mut met = BTreeSet::new();
    for (title, prepared) in all(SAMPLE) {
        let (name, fields): (String, Vec<Field>) = match prepared {
            Prepared::Object(object) => (object.object_type, object.fields),
            Prepared::Page(page) => (page.class_name, page.fields),
            Prepared::Skip(reason) => {
                assert_eq!(reason, "items of post type \"wp_block\" are not carried over");
                continue;
            }
        };
        for field in fields {
            let kind = match field.value {
                Value::Boolean(_) => "boolean",
                Value::Integer(_) => "integer",
                Value::Text(_) => "text",
                Value::Timestamp(_) => "timestamp",
                Value::Reference(_) => "reference",
                // Whatever it is, it is cleared.
                Value::Null => continue,
                other => panic!("{title}: {other:?}"),
            };
            assert_eq!(model[&name].get(&field.name).map(String::as_str), Some(kind), "{title}: {}", field.name);
        }
        met.insert(name);
    }
    assert_eq!(met, model.into_keys().collect());
}

#[test]
fn a_page_goes_under_its_parent_with_its_place_among_its_siblings() {
    let water = page("page 102: Water");
    assert_eq!((water.class_name.as_str(), water.alias.as_deref()), ("cms.page", Some("water")));
    assert_eq!((water.order, water.published), (Some(2), Some(true)));
    assert!(matches!(&water.parent, Some(PageParent::External(page)) if page.id == "101" && page.class_name == "cms.node"));
    assert_eq!(page("page 101: Brewing").parent, Some(PageParent::Root));
    assert_eq!(water.get("content"), Some(&"<p>Just off the boil: 95&nbsp;°C.</p>".into()));
}

#[test]
fn a_post_may_have_the_slug_of_a_page() {
    let post = page("post 201: Spring harvest 🍃");
    assert_eq!((post.alias.as_deref(), post.get("slug")), (Some("spring-harvest-201"), Some(&"spring-harvest".into())));
}

/// A draft may have any slug, and an export that says the password in the clear is not to be trusted to say it alone.
#[test]
fn a_password_keeps_the_text_out_of_the_task_and_out_of_the_store() {
    let item = |status: &str, more: &str| {
        format!(
            "<item><title>Minutes</title><content:encoded>SECRET</content:encoded><wp:post_id>7</wp:post_id>\
             <wp:post_name>minutes</wp:post_name><wp:status>{status}</wp:status><wp:post_type>page</wp:post_type>{more}\
             <wp:postmeta><wp:meta_key>_builder</wp:meta_key><wp:meta_value>SECRET</wp:meta_value></wp:postmeta>\
             <wp:comment><wp:comment_id>3</wp:comment_id><wp:comment_content>SECRET</wp:comment_content></wp:comment></item>"
        )
    };
    let export = |item: &str| {
        format!(
            "<rss xmlns:wp=\"https://wordpress.org/export/1.2/\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\">\
             <channel><wp:wxr_version>1.2</wp:wxr_version>{item}</channel></rss>"
        )
    };
    let text = export(&item("publish", "<wp:post_password>letmein</wp:post_password>"));
    let read = Export::read("x.xml", text.as_bytes()).unwrap();
    for task in tasks(&read, &Submission { connector: "c".into(), site: "s".into(), ..Submission::default() }) {
        let body = String::from_utf8_lossy(task.body.as_bytes()).into_owned();
        assert!(!body.contains("SECRET") && !body.contains("letmein"), "{body}");
    }
    let mut all = all(&text);
    let Some(Prepared::Page(page)) = all.remove("page 7: Minutes") else { panic!("{all:?}") };
    assert_eq!((page.published, page.get("protected")), (Some(false), Some(&Value::Boolean(true))));
    assert_eq!((page.get("content"), page.get("excerpt")), (Some(&Value::Null), Some(&Value::Null)));
    let Some(Prepared::Object(comment)) = all.remove("comment 3 on 7") else { panic!("{all:?}") };
    assert_eq!(comment.get("text"), Some(&Value::Null));

    // Another program's task, with the password in it.
    let body = format!(
        "<wxr kind=\"item\" xmlns:wp=\"https://wordpress.org/export/1.2/\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\">{}</wxr>",
        item("publish", "<wp:post_password>letmein</wp:post_password>")
    );
    let Prepared::Page(page) = prepare(body.as_bytes()) else { panic!() };
    assert_eq!((page.published, page.get("content")), (Some(false), Some(&Value::Null)));

    let Some(Prepared::Page(draft)) = self::all(&export(&item("draft", ""))).remove("page 7: Minutes") else { panic!() };
    assert_eq!((draft.alias.as_deref(), draft.get("content")), (Some("minutes-7"), Some(&"SECRET".into())));
}

#[test]
fn a_value_that_cannot_be_read_costs_no_page() {
    let body = "<wxr kind=\"item\" xmlns:wp=\"https://wordpress.org/export/1.2/\"><item><title>A &amp; B & C&nbsp;D</title>\
                <wp:post_id>7</wp:post_id><wp:post_type>post</wp:post_type><wp:post_date>soon</wp:post_date>\
                <wp:post_date_gmt>2024-02-31 10:00:00</wp:post_date_gmt><wp:menu_order>first</wp:menu_order></item></wxr>";
    let Prepared::Page(page) = prepare(body.as_bytes()) else { panic!() };
    assert_eq!((page.get("post_date"), page.get("post_date_local"), page.order), (None, None, None));
    assert_eq!(page.get("title"), Some(&"A & B & C\u{a0}D".into()));
}

#[test]
fn a_draft_has_neither_slug_nor_date_and_is_not_published() {
    let autumn = page("post 202: Autumn");
    assert_eq!((autumn.alias.as_deref(), autumn.published), (Some("post-202"), Some(false)));
    assert_eq!(autumn.get("post_date"), None);
    assert_eq!(autumn.get("post_date_local"), Some(&"2024-05-01 08:00:00".into()));
    assert_eq!(autumn.get("format"), Some(&"standard".into()));
}

#[test]
fn a_featured_medium_changes_that_field_only() {
    let update = page("featured medium of post 201");
    let post = page("post 201: Spring harvest 🍃");
    assert_eq!((update.node_guid, update.name), (post.node_guid, post.name));
    assert_eq!((&update.parent, &update.alias, update.published), (&None, &None, None));
    assert_eq!(update.fields, [Field::new("featured_media", Value::reference("301"))]);
}

#[test]
fn what_refers_names_ids_of_wordpress() {
    let item = object("nav_menu_item 402: Oolong");
    assert_eq!(item.code_name, "menuitem-402");
    for (field, id) in [("menu", "main"), ("parent_item", "401"), ("target_category", "oolong"), ("target_page", ""), ("creator", "mei")] {
        assert_eq!(item.get(field), Some(&Value::reference(id)), "{field}");
    }
    let target = object("nav_menu_item 401: (no title)");
    assert_eq!(target.get("target_page"), Some(&Value::reference("101")));
    assert_eq!(object("category oolong").parent.as_deref(), Some("tea"));
    assert_eq!(object("comment 2 on 201").parent.as_deref(), Some("1"));
    assert_eq!(object("comment 1 on 201").parent, None);
    let binding = object("post 201 in gongfu");
    assert_eq!((binding.object_type.as_str(), binding.code_name.as_str()), ("blog.page-tag", ""));
    assert_eq!(binding.get("page"), Some(&Value::reference("201")));
    let media = object("attachment 301: leaves");
    assert_eq!(media.get("mime"), Some(&"image/jpeg".into()));
    assert_eq!(media.get("attached_to"), Some(&Value::reference("201")));
}

#[test]
fn a_page_is_found_by_its_guid_in_the_site_of_the_task() {
    let post = page("post 201: Spring harvest 🍃");
    let params = WordPress::get_internal_document_params("201", "cms.node").unwrap();
    assert_eq!(post.node_guid, Some(params.node_guid));
    assert_eq!((params.site.as_str(), params.culture.as_str()), ("tea", "en-US"));
}

#[test]
fn the_real_exports_translate_without_an_error() {
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared/data/wxr");
    let Ok(folder) = std::fs::read_dir(data) else {
        eprintln!("notice: {data} is absent, nothing is tested");
        return;
    };
    let mut translated = 0;
    for entry in folder {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let Ok(export) = Export::read("export.xml", &bytes) else { continue };
        let submission = Submission { connector: "wordpress".into(), site: "tea".into(), ..Submission::default() };
        for task in tasks(&export, &submission) {
            prepare(task.body.as_bytes());
            translated += 1;
        }
    }
    assert!(translated > 775, "{translated}");
}
