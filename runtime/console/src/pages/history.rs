//! What has ended.

use lockgate_core::history::Outcome;
use maud::{Markup, html};
use serde_json::Value;

use crate::html::form::{input, select};
use crate::html::frame::Section;
use crate::html::part::{connector, counted, more, nothing, number, state};
use crate::html::text::{code, text};
use crate::look::Look as _;
use crate::page::{Page, Shown};

/// What a history is narrowed by, as `API.md` names it.
const FILTERS: [&str; 7] = ["connector", "task", "outcome", "warnings", "warning", "type", "name"];
/// Entries that are looked at for one page, at most.
const LOOK_AT: u32 = 20_000;

pub(super) async fn show(page: Page) -> Shown {
    let asked = page.query.only(&[&FILTERS[..], &["before"]].concat()).with("limit", 50).with("look_at", LOOK_AT);
    let answer = page.get(&asked.after("/v1/history")).await?;
    let entries = answer.list("history");
    let query = &page.query;
    let body = html! {
        h1 { "History" }
        form.filter action="/console/history" role="search" aria-label="Filter the history" {
            (select("connector", "Connector", &page.connectors(), query.text("connector")))
            (select("outcome", "Outcome", Outcome::WORDS, query.text("outcome")))
            (select("warnings", "With warnings", &["true"], query.text("warnings")))
            (input("task", "Task", query.text("task"), "17"))
            (input("type", "Wrote a row of type", query.text("type"), "shop.product"))
            (input("name", "Of this name", query.text("name"), "code name, or page path"))
            div.orders { button.strong type="submit" { "Filter" } @if !query.is_empty() { a.button href="/console/history" { "Clear" } } }
        }
        section #list data-live aria-label="Entries" {
            p.faint {
                "Shown: " (counted(entries.len() as u64, "entry", "entries")) ", the newest first."
                @if answer.number("looked_at") > entries.len() as u64 { " Looked at " (number(answer.number("looked_at"))) "." }
            }
            @if entries.is_empty() && answer.at("next").is_null() { (nothing("Nothing has ended that fits.", "Tasks stand here when they leave the queue.")) }
            @else if !entries.is_empty() { (table(&page, entries)) }
            (more(&page, "before", answer.at("next"), "Older entries"))
        }
    };
    Ok(page.show("History", Section::History, &body))
}

fn table(page: &Page, entries: &[Value]) -> Markup {
    html! {
        div.scroll tabindex="0" role="group" aria-label="History" {
            table.stack.rows {
                thead { tr { th scope="col" { "Task" } th scope="col" { "Connector" } th scope="col" { "Outcome" } th scope="col" { "Wrote" } th scope="col" { "Why" } th scope="col" { "Ended" } } }
                tbody {
                    @for entry in entries {
                        tr data-row {
                            th scope="row" { a href={ "/console/tasks/" (entry.number("task")) } { span.faint { "#" (entry.number("task")) } " " @if entry.text("title").is_empty() { (entry.text("task_type")) } @else { (text(entry.text("title"))) } } }
                            td data-label="Connector" { (connector(entry.text("connector"))) }
                            td data-label="Outcome" { (state(entry.text("outcome"))) @if entry.number("warnings_total") > 0 { " " span.state.wait { (counted(entry.number("warnings_total"), "warning", "warnings")) } } }
                            td data-label="Wrote" { (wrote(entry)) }
                            td data-label="Why" { (why(entry)) }
                            td data-label="Ended" { (page.now.ago(entry.text("ended_at"))) }
                        }
                    }
                }
            }
        }
    }
}

fn wrote(entry: &Value) -> Markup {
    html! {
        @match entry.list("written").first() {
            Some(row) => { (text(row.text("type"))) " " (text(row.text("name"))) @if entry.number("written_total") > 1 { span.faint { " and " (number(entry.number("written_total") - 1)) " more" } } },
            None => span.faint { "–" },
        }
    }
}

fn why(entry: &Value) -> Markup {
    html! {
        @if !entry.at("failure").is_null() { (code(entry.at("failure").text("code"))) " " span.message { (text(entry.at("failure").text("message"))) } }
        @else if let Some(reason) = entry.maybe("reason") { (text(reason)) }
        @else { span.faint { "–" } }
    }
}
