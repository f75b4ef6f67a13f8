//! One task for each object of an export, what is referred to before what refers to it.

use std::collections::BTreeSet;

use lockgate_feed::Task;

use crate::Export;
use crate::document::{comment, document, is_protected, item, part_of_item, source};
use crate::namespaces::Ns;
use crate::order::parents_first;
use crate::xml::Element;

/// Longest title of a task, in characters.
const TITLE_CHARS_MAX: usize = 100;
const XML: &str = "application/xml";
/// Says in an item's metadata which item above it in its menu it belongs to.
const MENU_PARENT: &str = "_menu_item_menu_item_parent";
const THUMBNAIL: &str = "_thumbnail_id";

/// Where the tasks go.
#[derive(Debug, Clone, Default)]
pub struct Submission {
    /// The connector's name.
    pub connector: String,
    /// The site's name.
    pub site: String,
    /// When the export was fetched, for keys; empty: not known.
    pub fetched: String,
}

/// All tasks of an export: users, categories, tags, menus, pages, posts, media, featured media,
/// terms of posts, comments, menu items, and post types that are none of these.
pub fn tasks(export: &Export, submission: &Submission) -> Vec<Task> {
    let mut maker = Maker { export, submission, tasks: Vec::new() };
    maker.users();
    maker.categories();
    maker.tags();
    maker.menus();
    for (post_type, kind) in [("page", "cms.page"), ("post", "blog.post")] {
        maker.pages(post_type, kind);
    }
    maker.media();
    maker.featured_media();
    maker.terms_of_posts();
    maker.comments();
    maker.menu_items();
    maker.other_items();
    maker.tasks
}

struct Maker<'a> {
    export: &'a Export,
    submission: &'a Submission,
    tasks: Vec<Task>,
}

impl<'a> Maker<'a> {
    /// `subject`: what WordPress calls the object that the task is about.
    fn push(&mut self, kind: &str, title: &str, subject: String, body: String) {
        let Submission { connector, site, fetched } = self.submission;
        let task = if matches!(kind, "cms.page" | "blog.post") {
            Task::page(connector, kind, short(title), XML, body, site)
        } else {
            Task::object(connector, kind, short(title), XML, body).site(site)
        };
        let task = if fetched.is_empty() { task } else { task.fetched(fetched) };
        self.tasks.push(task.subject(subject));
    }

    /// Exports of WordPress 2 list no authors: there, whoever created something is one.
    fn users(&mut self) {
        let mut seen = BTreeSet::new();
        for author in self.export.all(Ns::Wp, "author") {
            let login = author.value(Ns::Wp, "author_login").unwrap_or_default();
            seen.insert(login);
            let body = document(self.export, "author", &[], source(self.export, author));
            self.push("cms.user", &format!("user {login}"), format!("user {login}"), body);
        }
        if !seen.is_empty() {
            return;
        }
        for item in self.export.all(Ns::Rss, "item") {
            let creator = item.all(Ns::Dc, "creator").find(|creator| !creator.text.trim().is_empty());
            if let Some(creator) = creator.filter(|creator| seen.insert(creator.text.trim())) {
                let body = document(self.export, "author", &[], source(self.export, creator));
                let user = format!("user {}", creator.text.trim());
                self.push("cms.user", &user, user.clone(), body);
            }
        }
    }

    fn categories(&mut self) {
        let categories: Vec<&Element> = self.export.all(Ns::Wp, "category").collect();
        let entries: Vec<_> = categories
            .iter()
            .map(|category| {
                let nicename = category.value(Ns::Wp, "category_nicename").unwrap_or_default();
                (nicename, category.value(Ns::Wp, "category_parent"))
            })
            .collect();
        for at in parents_first(&entries) {
            if let (Some(category), Some((nicename, _))) = (categories.get(at), entries.get(at)) {
                let body = document(self.export, "category", &[], source(self.export, category));
                self.push("blog.category", &format!("category {nicename}"), format!("category {nicename}"), body);
            }
        }
        self.terms(&["category"], "blog.category");
    }

    fn tags(&mut self) {
        for tag in self.export.all(Ns::Wp, "tag") {
            let slug = tag.value(Ns::Wp, "tag_slug").unwrap_or_default();
            let body = document(self.export, "tag", &[], source(self.export, tag));
            self.push("blog.tag", &format!("tag {slug}"), format!("post_tag {slug}"), body);
        }
        self.terms(&["post_tag"], "blog.tag");
    }

    /// Menus, and terms of taxonomies that the connector may know or skip.
    fn menus(&mut self) {
        self.terms(&["nav_menu"], "cms.menu");
        let known = ["category", "post_tag", "nav_menu"];
        let taxonomies: BTreeSet<&str> = self.export.all(Ns::Wp, "term").filter_map(|t| t.value(Ns::Wp, "term_taxonomy")).collect();
        let others: Vec<&str> = taxonomies.into_iter().filter(|t| !known.contains(t)).collect();
        self.terms(&others, "other terms");
    }

    fn terms(&mut self, taxonomies: &[&str], kind: &str) {
        let is_one = |term: &&Element| term.value(Ns::Wp, "term_taxonomy").is_some_and(|it| taxonomies.contains(&it));
        let terms: Vec<&Element> = self.export.all(Ns::Wp, "term").filter(is_one).collect();
        let entries: Vec<_> = terms
            .iter()
            .map(|term| {
                let slug = term.value(Ns::Wp, "term_slug").unwrap_or_default();
                (slug, term.value(Ns::Wp, "term_parent"))
            })
            .collect();
        for at in parents_first(&entries) {
            if let (Some(term), Some((slug, _))) = (terms.get(at), entries.get(at)) {
                let taxonomy = term.value(Ns::Wp, "term_taxonomy").unwrap_or_default();
                let body = document(self.export, "term", &[], source(self.export, term));
                self.push(kind, &format!("{taxonomy} {slug}"), format!("{taxonomy} {slug}"), body);
            }
        }
    }

    fn items(&self, post_type: &'a str) -> impl Iterator<Item = &'a Element> + use<'a> {
        self.export.all(Ns::Rss, "item").filter(move |item| post_type_of(item) == post_type)
    }

    fn item(&mut self, kind: &str, item_element: &Element, attributes: &[(&str, &str)]) {
        let name = item_element.value(Ns::Rss, "title").unwrap_or("(no title)");
        let title = format!("{} {}: {name}", post_type_of(item_element), id_of(item_element));
        let mut attributes = attributes.to_vec();
        attributes.extend(protected(item_element));
        let body = document(self.export, "item", &attributes, &item(self.export, item_element));
        self.push(kind, &title, post(id_of(item_element)), body);
    }

    fn pages(&mut self, post_type: &'a str, kind: &str) {
        let items: Vec<&Element> = self.items(post_type).collect();
        let entries: Vec<_> = items.iter().map(|item| (id_of(item), item.value(Ns::Wp, "post_parent"))).collect();
        for at in parents_first(&entries) {
            if let Some(item) = items.get(at) {
                self.item(kind, item, &[]);
            }
        }
    }

    fn media(&mut self) {
        for item in self.items("attachment") {
            self.item("media.file", item, &[]);
        }
    }

    /// A post names its featured medium, and the medium the post that it is attached to: the second
    /// of the two can only be said when both are there, so it is an update of its own.
    fn featured_media(&mut self) {
        for item in self.items("post").chain(self.items("page")) {
            let Some(meta) = meta_element(item, THUMBNAIL) else { continue };
            let content = part_of_item(self.export, item, meta);
            let body = document(self.export, "featured-media", &[], &content);
            let title = format!("featured medium of {} {}", post_type_of(item), id_of(item));
            let kind = if post_type_of(item) == "page" { "cms.page" } else { "blog.post" };
            self.push(kind, &title, post(id_of(item)), body);
            if let Some(task) = self.tasks.last_mut() {
                task.task_type = "update-document".to_owned();
                task.kind = "featured medium".to_owned();
            }
        }
    }

    fn terms_of_posts(&mut self) {
        for item in self.export.all(Ns::Rss, "item") {
            for term in item.all(Ns::Rss, "category") {
                // WordPress 2 wrote "tag", and each term a second time without a nicename.
                let kind = match term.attribute("domain") {
                    Some("category") => "blog.page-category",
                    Some("post_tag" | "tag") => "blog.page-tag",
                    _ => continue,
                };
                let Some(nicename) = term.attribute("nicename") else { continue };
                let id = id_of(item);
                let content = source(self.export, term);
                let body = document(self.export, "term-binding", &[("post-id", id)], content);
                self.push(kind, &format!("post {id} in {nicename}"), post(id), body);
            }
        }
    }

    fn comments(&mut self) {
        let comments: Vec<(&Element, &Element)> =
            (self.export.all(Ns::Rss, "item")).flat_map(|item| item.all(Ns::Wp, "comment").map(move |comment| (item, comment))).collect();
        let entries: Vec<_> = comments
            .iter()
            .map(|(_, comment)| {
                let id = comment.value(Ns::Wp, "comment_id").unwrap_or_default();
                (id, comment.value(Ns::Wp, "comment_parent"))
            })
            .collect();
        for at in parents_first(&entries) {
            if let (Some((item, own)), Some((id, _))) = (comments.get(at), entries.get(at)) {
                let post_id = id_of(item);
                let content = comment(self.export, item, own);
                let attributes: Vec<_> = [("post-id", post_id)].into_iter().chain(protected(item)).collect();
                let body = document(self.export, "comment", &attributes, &content);
                self.push("forum.post", &format!("comment {id} on {post_id}"), format!("comment {id}"), body);
            }
        }
    }

    fn menu_items(&mut self) {
        let categories = self.export.category_by_term_id();
        let items: Vec<&Element> = self.items("nav_menu_item").collect();
        let entries: Vec<_> = items.iter().map(|item| (id_of(item), meta(item, MENU_PARENT))).collect();
        for at in parents_first(&entries) {
            let Some(item) = items.get(at) else { continue };
            let target = (meta(item, "_menu_item_object") == Some("category"))
                .then(|| categories.get(meta(item, "_menu_item_object_id")?))
                .flatten();
            let attributes: Vec<(&str, &str)> = target.map(|nicename| ("target-category", *nicename)).into_iter().collect();
            self.item("cms.menuitem", item, &attributes);
        }
    }

    /// Blocks, templates and what plugins add: the connector skips what it does not know.
    fn other_items(&mut self) {
        let known = ["page", "post", "attachment", "nav_menu_item"];
        for item in self.export.all(Ns::Rss, "item") {
            if !known.contains(&post_type_of(item)) {
                self.item("other items", item, &[]);
            }
        }
    }
}

/// Said to the connector in place of the password.
fn protected(item: &Element) -> Option<(&'static str, &'static str)> {
    is_protected(item).then_some(("protected", "true"))
}

fn id_of(item: &Element) -> &str {
    item.value(Ns::Wp, "post_id").unwrap_or_default()
}

/// Posts, pages, media and menu items have ids of one kind; so have the terms that a post has.
fn post(id: &str) -> String {
    format!("post {id}")
}

fn post_type_of(item: &Element) -> &str {
    item.value(Ns::Wp, "post_type").unwrap_or_default()
}

fn meta_element<'a>(item: &'a Element, key: &str) -> Option<&'a Element> {
    item.all(Ns::Wp, "postmeta").find(|meta| meta.value(Ns::Wp, "meta_key") == Some(key))
}

fn meta<'a>(item: &'a Element, key: &str) -> Option<&'a str> {
    meta_element(item, key)?.value(Ns::Wp, "meta_value")
}

fn short(title: &str) -> String {
    let plain = title.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.take(TITLE_CHARS_MAX).collect()
}
