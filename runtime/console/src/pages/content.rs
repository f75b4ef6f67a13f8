//! What is stored: objects by type, and sites' pages as a tree.

use maud::{Markup, html};
use serde_json::Value;

use crate::html::form::{input, select};
use crate::html::frame::Section;
use crate::html::part::{more, nothing, number, state};
use crate::html::text::{code, text};
use crate::look::Look as _;
use crate::page::{Page, Shown};
use crate::pairs::{Pairs, part};

pub(super) async fn show(page: Page) -> Shown {
    let counts = page.status.members("objects");
    let types: Vec<&str> = counts.iter().map(|(name, _)| *name).collect();
    let asked = page.query.only(&["type", "after"]).with("limit", 50);
    let answer = page.get(&asked.after("/v1/objects")).await?;
    let objects = answer.list("objects");
    let body = html! {
        h1 { "Content" }
        (tabs("objects"))
        form.filter action="/console/content" role="search" aria-label="Filter objects" {
            (select("type", "Type", &types, page.query.text("type")))
            div.orders { button.strong type="submit" { "Show" } }
        }
        section #list data-live aria-label="Objects" {
            dl.tiles { @for (name, count) in &counts { div { dt { (text(name)) } dd { a href=(Pairs::default().with("type", name).after("/console/content")) { (number(count.as_u64().unwrap_or_default())) } } } } }
            @if objects.is_empty() { (nothing("No object is stored.", "What connectors write stands here.")) }
            @else { (table(&page, objects)) }
            (more(&page, "after", answer.at("next"), "Further objects"))
        }
    };
    Ok(page.show("Content", Section::Content, &body))
}

/// Objects, or pages.
pub(super) fn tabs(here: &str) -> Markup {
    html! {
        nav.choice aria-label="Kind of content" {
            @for (name, address, label) in [("objects", "/console/content", "Objects"), ("pages", "/console/content/pages", "Pages")] {
                a href=(address) aria-current=[(name == here).then_some("true")] { (label) }
            }
        }
    }
}

fn table(page: &Page, objects: &[Value]) -> Markup {
    html! {
        div.scroll tabindex="0" role="group" aria-label="Objects" {
            table.stack.rows {
                thead { tr { th scope="col" { "Object" } th scope="col" { "Type" } th scope="col" { "Shown as" } th scope="col" { "Site" } th scope="col" { "Changed" } } }
                tbody {
                    @for object in objects {
                        tr data-row {
                            th scope="row" { a href={ "/console/content/objects/" (object.number("id")) } { (text(object.text("code_name"))) } }
                            td data-label="Type" { (text(object.text("type"))) }
                            td data-label="Shown as" { (text(object.text("display_name"))) }
                            td data-label="Site" { @if let Some(site) = object.maybe("site") { (text(site)) } @else { span.faint { "–" } } }
                            td data-label="Changed" { (page.now.ago(object.text("modified_at"))) }
                        }
                    }
                }
            }
        }
    }
}

/// `GET /console/content/pages`.
pub(super) async fn pages(page: Page) -> Shown {
    let model = page.get("/v1/model").await?;
    let sites: Vec<&str> = model.list("sites").iter().map(|site| site.text("name")).collect();
    let site = page.query.get("site").or(sites.first().copied()).unwrap_or_default();
    let tree = match site {
        "" => Value::Null,
        site => {
            let asked = Pairs::default().with("path", page.query.text("path")).with("depth", 2);
            page.get(&asked.after(&format!("/v1/pages/{}", part(site)))).await?
        }
    };
    let referrers = match tree.at("page").at("id").as_u64() {
        Some(id) => page.get(&format!("/v1/pages/by-id/{id}/referrers")).await?,
        None => Value::Null,
    };
    let body = html! {
        h1 { "Pages" }
        (tabs("pages"))
        form.filter action="/console/content/pages" role="search" aria-label="Choose a site" {
            (select("site", "Site", &sites, site))
            (input("path", "Below the path", page.query.text("path"), "/news"))
            div.orders { button.strong type="submit" { "Show" } }
        }
        section #tree data-live aria-label="Page tree" {
            @if !tree.at("page").is_null() { (one(&page, site, tree.at("page"), referrers.list("referrers"))) }
            @if tree.list("children").is_empty() { (nothing("No page lies here.", "Pages that connectors write stand in a tree.")) }
            @else { (branches(site, tree.list("children"))) }
            @if tree.flag("truncated") { p.faint { "There are more pages than were looked at: go further down by a path." } }
        }
    };
    Ok(page.show("Pages", Section::Content, &body))
}

/// The page that the tree lies below, whole.
fn one(page: &Page, site: &str, of: &Value, referrers: &[Value]) -> Markup {
    html! {
        article.card {
            p.path { a href=(Pairs::default().with("site", site).with("path", parent(of.text("path"))).after("/console/content/pages")) data-press="u" { "Up" } }
            h2.small { (text(of.text("path"))) " " (code(of.text("class_name"))) }
            p.faint { "Changed " (page.now.ago(of.text("modified_at"))) ". "
                a href=(Pairs::default().with("type", of.text("class_name")).after("/console/history")) { "What wrote pages of this type" } }
            @for (culture, version) in of.members("cultures") {
                h3 { (text(culture)) " " (text(version.text("name"))) " " (published(version)) }
                (super::object::fields(version.at("fields")))
            }
            h3 { "Who points to it" }
            (super::object::pointed_from(referrers))
        }
    }
}

fn published(version: &Value) -> Markup {
    match version {
        version if version.flag("archived") => state("archived"),
        version if version.flag("published") => state("published"),
        _ => state("not published"),
    }
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(above, _)| above)
}

fn branches(site: &str, children: &[Value]) -> Markup {
    html! {
        ul.tree {
            @for child in children {
                li {
                    a href=(Pairs::default().with("site", site).with("path", child.text("path")).after("/console/content/pages")) { (text(child.text("alias"))) }
                    " " span.faint { (text(child.text("class_name"))) }
                    @for (culture, version) in child.members("cultures") { " " span.pair title={ (crate::html::text::bare(version.text("name"))) } { (text(culture)) } }
                    @if !child.list("children").is_empty() { (branches(site, child.list("children"))) }
                }
            }
        }
    }
}
