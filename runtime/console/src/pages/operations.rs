//! What is being done, or was done, with many tasks.

use axum::extract::Path;
use maud::{Markup, html};
use serde_json::Value;

use super::order::verb;
use crate::html::form::{Button, button};
use crate::html::frame::Section;
use crate::html::part::{bar, counted, more, nothing, number, state};
use crate::html::text::{code, text, whole};
use crate::html::time::moment;
use crate::look::{Look as _, plain};
use crate::page::{Page, Shown};
use crate::pairs::Pairs;

pub(super) async fn show(page: Page) -> Shown {
    let asked = page.query.only(&["before"]).with("limit", 50);
    let answer = page.get(&asked.after("/v1/operations")).await?;
    let operations = answer.list("operations");
    let body = html! {
        h1 { "Operations" }
        p.faint { "What is done with many tasks at once. It goes on when you close this tab, and after a restart." }
        section #list data-live aria-label="Operations" {
            @if operations.is_empty() {
                (nothing("Nothing was done with many tasks.", "Choose tasks or a group of failures, and what shall become of them."))
            } @else {
                div.scroll tabindex="0" role="group" aria-label="Operations" {
                    table.stack.rows {
                        thead { tr { th scope="col" { "Operation" } th scope="col" { "Which" } th scope="col" { "State" } th.right scope="col" { "Meant" } th.right scope="col" { "Done" }
                            th.right scope="col" { "Failed" } th scope="col" { "Begun" } } }
                        tbody { @for operation in operations { (row(&page, operation)) } }
                    }
                }
                (more(&page, "before", answer.at("next"), "Older operations"))
            }
        }
    };
    Ok(page.show("Operations", Section::Operations, &body))
}

fn row(page: &Page, operation: &Value) -> Markup {
    let id = operation.number("id");
    html! {
        tr data-row {
            th scope="row" { a href={ "/console/operations/" (id) } { span.faint { "#" (id) } " " (verb(operation.text("action"))) } }
            td data-label="Which" { (which(operation)) }
            td data-label="State" { (state(operation.text("state"))) }
            td.right data-label="Meant" { (number(operation.number("meant"))) }
            td.right data-label="Done" { (number(operation.number("done"))) }
            td.right data-label="Failed" { (number(operation.number("failed"))) }
            td data-label="Begun" { (page.now.ago(operation.text("started_at"))) }
        }
    }
}

/// The filter in words.
fn which(operation: &Value) -> Markup {
    let filter = operation.members("filter");
    html! {
        @if filter.is_empty() { "those that were named" }
        @for (name, value) in filter { span.pair { (name.replace('_', " ")) " " (text(&plain(value))) } " " }
    }
}

/// `GET /console/operations/{id}`.
pub(super) async fn one(Path(id): Path<u64>, page: Page) -> Shown {
    let operation = page.get(&format!("/v1/operations/{id}")).await?;
    let name = format!("{} {}", verb(operation.text("action")), counted(operation.number("meant"), "task", "tasks"));
    let body = html! {
        p.path { a href="/console/operations" { "Operations" } }
        h1 { span.faint { "#" (id) } " " (name) }
        section #progress data-live aria-label="Progress" { (progress(&page, &operation)) }
        section #result data-live aria-labelledby="result-title" {
            h2 #result-title { "Result" }
            (result(&operation))
        }
    };
    Ok(page.show(&name, Section::Operations, &body))
}

fn progress(page: &Page, operation: &Value) -> Markup {
    let id = operation.number("id");
    let (meant, left) = (operation.number("meant"), operation.number("left"));
    let runs = operation.text("state") == "running";
    html! {
        div.card data-again[runs] {
            p { (state(operation.text("state"))) " " (which(operation)) }
            (bar("Dealt with", meant.saturating_sub(left), Some(meant), number))
            dl.facts {
                div { dt { "Begun" } dd { (moment(operation.text("started_at"))) } }
                @if let Some(ended) = operation.maybe("ended_at") { div { dt { "Ended" } dd { (moment(ended)) } } }
            }
            @if let Some(why) = operation.maybe("why") { p.advice { (whole(why)) } }
            @if runs && page.rights.operate {
                (button(page, &Button { to: &format!("/console/operations/{id}/cancel"), label: "Cancel: leave the rest as it is", fields: &[],
                    cli: &format!("lockgate operation cancel {id}"), class: "", key: None }))
            }
            @if runs { noscript { p { a href={ "/console/operations/" (id) } { "Look again" } } } }
        }
    }
}

fn result(operation: &Value) -> Markup {
    let codes = operation.members("by_code");
    html! {
        dl.tiles {
            @for (name, member) in [("Done", "done"), ("Failed again", "failed"), ("Wait on", "waiting"), ("Passed over", "passed_over"), ("Left", "left")] {
                div { dt { (name) } dd { (number(operation.number(member))) } }
            }
        }
        @if !codes.is_empty() {
            h3 { "Why some failed or wait" }
            ul.notes {
                @for (word, count) in codes {
                    li { a href=(Pairs::default().with("code", word).after("/console/tasks")) { (code(word)) } " " (counted(count.as_u64().unwrap_or_default(), "task", "tasks")) }
                }
            }
        }
    }
}
