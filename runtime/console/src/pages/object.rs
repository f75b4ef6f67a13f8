//! One object: its fields, what it points to, who points to it, and which tasks wrote it.

use axum::extract::Path;
use maud::{Markup, html};
use serde_json::Value;

use crate::answer::go_to;
use crate::html::frame::Section;
use crate::html::part::{nothing, number, state, task};
use crate::html::text::{bare, code, text};
use crate::html::time::moment;
use crate::look::Look as _;
use crate::page::{Page, Shown};
use crate::pairs::{Pairs, part};
use crate::payload::value as value_of;

pub(super) async fn show(Path(id): Path<u64>, page: Page) -> Shown {
    let object = page.get(&format!("/v1/objects/by-id/{id}")).await?;
    let referrers = page.get(&format!("/v1/objects/by-id/{id}/referrers")).await?;
    let wrote = Pairs::default().with("type", object.text("type")).with("name", object.text("code_name"));
    let history = page.get(&wrote.with("limit", 20).with("look_at", 20_000).after("/v1/history")).await?;
    let name = object.text("code_name");
    let body = html! {
        p.path { a href="/console/content" { "Content" } " / " a href=(Pairs::default().with("type", object.text("type")).after("/console/content")) data-press="u" { (text(object.text("type"))) } }
        h1 { (text(name)) @if !object.text("display_name").is_empty() { " " span.faint { (text(object.text("display_name"))) } } }
        section aria-labelledby="fields-title" { h2 #fields-title { "Fields" } (fields(object.at("fields"))) }
        section aria-labelledby="facts-title" { h2 #facts-title { "Facts" } (facts(&object)) }
        section aria-labelledby="from-title" { h2 #from-title { "Who points to it" } (pointed_from(referrers.list("referrers"))) }
        section aria-labelledby="history-title" {
            h2 #history-title { "Tasks that wrote it" }
            (wrote_it(&page, &history))
            @if !history.at("next").is_null() { p { a href=(wrote.after("/console/history")) { "Look further" } } }
        }
    };
    Ok(page.show(&bare(name), Section::Content, &body))
}

/// `GET /console/content/named/{type}/{name}`: what a history entry names may be an object, a page, or gone.
pub(super) async fn named(Path((type_name, name)): Path<(String, String)>, page: Page) -> Shown {
    let target = format!("/v1/objects/{}/{}", part(&type_name), part(&name));
    if let Ok(object) = page.api.get(&target).await {
        return Ok(go_to(&format!("/console/content/objects/{}", object.number("id"))));
    }
    let wrote = Pairs::default().with("type", type_name).with("name", name);
    Ok(go_to(&wrote.after("/console/history")))
}

fn facts(object: &Value) -> Markup {
    html! {
        dl.facts {
            div { dt { "Type" } dd { (code(object.text("type"))) } }
            div { dt { "Id" } dd { (object.number("id")) } }
            div { dt { "GUID" } dd { (code(object.text("guid"))) } }
            @if let Some(site) = object.maybe("site") { div { dt { "Site" } dd { (text(site)) } } }
            @for (name, member) in [("Parent", "parent"), ("Group", "group")] { @if !object.at(member).is_null() { div { dt { (name) } dd { (value(object.at(member))) } } } }
            div { dt { "Created" } dd { (moment(object.text("created_at"))) } }
            div { dt { "Changed" } dd { (moment(object.text("modified_at"))) } }
        }
    }
}

/// Names and values.
pub(super) fn fields(fields: &Value) -> Markup {
    let members: Vec<(&String, &Value)> = fields.as_object().map(|fields| fields.iter().collect()).unwrap_or_default();
    html! {
        @if members.is_empty() { (nothing("It has no fields.", "Its type declares them.")) }
        @else { dl.facts.fields { @for (name, of) in members { div { dt { (text(name)) } dd { (value(of)) } } } } }
    }
}

/// A value, or a link to what it points to.
fn value(of: &Value) -> Markup {
    let pointed = of.at("ref");
    html! {
        @if pointed.is_null() { (value_of(of)) } @else { (link(pointed)) }
    }
}

fn link(to: &Value) -> Markup {
    html! {
        @match to.text("kind") {
            "page" => a href=(Pairs::default().with("site", to.text("site")).with("path", to.text("path")).after("/console/content/pages")) { (text(to.text("path"))) },
            _ => { a href={ "/console/content/objects/" (to.number("id")) } { (text(to.text("code_name"))) } " " span.faint { (text(to.text("type"))) } },
        }
    }
}

/// Who points here, with which field.
pub(super) fn pointed_from(referrers: &[Value]) -> Markup {
    html! {
        @if referrers.is_empty() { (nothing("Nothing points to it.", "References of objects, pages and bindings stand here.")) }
        @else { ul.notes { @for from in referrers { li { @if from.at("ref").is_null() { (text(from.text("type"))) " " span.faint { "binding #" (number(from.number("binding"))) } } @else { (link(from.at("ref"))) } " " span.faint { "by " (text(from.text("field"))) } } } } }
    }
}

fn wrote_it(page: &Page, history: &Value) -> Markup {
    html! {
        @if history.list("history").is_empty() { (nothing("No entry of the history names it.", "The history keeps a bounded number of entries.")) }
        @else {
            ol.timeline { @for entry in history.list("history") { li { (moment(entry.text("ended_at"))) " " span.faint { (page.now.ago(entry.text("ended_at"))) } " " (state(entry.text("outcome"))) " " (task(entry.number("task"), entry.text("title"))) } } }
        }
    }
}
