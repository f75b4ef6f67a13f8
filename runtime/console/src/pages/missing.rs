//! What is waited for and not there.

use maud::{Markup, html};
use serde_json::Value;

use crate::html::form::{Button, button};
use crate::html::frame::Section;
use crate::html::part::{connector, counted, more, nothing, state, task};
use crate::html::text::{code, text, whole};
use crate::look::Look as _;
use crate::page::{Page, Shown};

pub(super) async fn show(page: Page) -> Shown {
    let asked = page.query.only(&["after"]).with("limit", 50);
    let answer = page.get(&asked.after("/v1/missing")).await?;
    let missing = answer.list("missing");
    let body = html! {
        h1 { "Missing" }
        p.faint { "What tasks and loose ends wait for. They go on by themselves when it arrives." }
        section #list data-live aria-label="Missing things" {
            @if missing.is_empty() { (nothing("Nothing is missing.", "References that lead nowhere yet stand here.")) }
            @for thing in missing { (card(&page, thing)) }
            (more(&page, "after", answer.at("next"), "Further missing things"))
        }
    };
    Ok(page.show("Missing", Section::Missing, &body))
}

fn card(page: &Page, thing: &Value) -> Markup {
    let (tasks, loose_ends, mark) = (thing.number("tasks"), thing.number("loose_ends"), thing.text("mark"));
    html! {
        article.card {
            h2.small { (whole(thing.text("what"))) }
            @if let Some(external) = thing.maybe("external") { p { "The external application calls it " (code(external)) "." } }
            p {
                @if tasks > 0 { a href={ "/console/tasks?waits_for=" (mark) } { (counted(tasks, "task waits", "tasks wait")) } }
                @if tasks > 0 && loose_ends > 0 { " and " }
                @if loose_ends > 0 { (counted(loose_ends, "loose end", "loose ends")) @if tasks == 0 { " wait" } }
                ", since " (page.now.ago(thing.text("since"))) ", of "
                @for (at, name) in thing.list("connectors").iter().filter_map(Value::as_str).enumerate() { @if at > 0 { ", " } (connector(name)) }
                "."
            }
            ul.notes {
                @for waits in thing.list("first") {
                    li { (task(waits.number("task"), waits.text("title"))) @if let Some(place) = waits.maybe("loose_end") { " left open: " (text(place)) } }
                }
            }
            @if !thing.list("helped_by").is_empty() {
                p { "These wait themselves, and would bring it:" }
                ul.notes { @for helper in thing.list("helped_by") { li { (task(helper.number("task"), helper.text("title"))) " " (state(helper.text("state"))) } } }
            }
            @if page.rights.operate {
                (button(page, &Button { to: &format!("/console/missing/{mark}/ignore"), label: "Give it up", fields: &[], cli: &format!("lockgate missing ignore {mark}"), class: "danger", key: None }))
            }
        }
    }
}
