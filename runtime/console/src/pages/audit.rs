//! Who changed what.

use maud::{Markup, html};
use serde_json::Value;

use crate::html::form::{input, select};
use crate::html::frame::Section;
use crate::html::part::{cli, connector, more, nothing};
use crate::html::text::{code, text, whole};
use crate::html::time::moment;
use crate::look::Look as _;
use crate::page::{Page, Shown};

/// What it is narrowed by, as `API.md` names it.
const FILTERS: [&str; 5] = ["who", "action", "connector", "since", "until"];

pub(super) async fn show(page: Page) -> Shown {
    let asked = page.query.only(&[&FILTERS[..], &["before"]].concat()).with("limit", 50);
    let answer = page.get(&asked.after("/v1/audit")).await?;
    let (rows, query) = (answer.list("audit"), &page.query);
    let body = html! {
        h1 { "Audit" }
        p.faint { "Each change that a person or a program has ordered, written together with the change. " (cli("lockgate audit")) }
        form.filter action="/console/audit" role="search" aria-label="Filter the audit" {
            (input("who", "Who", query.text("who"), "name of a token"))
            (input("action", "What", query.text("action"), "task-retry"))
            (select("connector", "Connector", &page.connectors(), query.text("connector")))
            (input("since", "Since", query.text("since"), "2026-01-31T12:00:00Z"))
            (input("until", "Before", query.text("until"), "2026-01-31T13:00:00Z"))
            div.orders { button.strong type="submit" { "Filter" } @if !query.is_empty() { a.button href="/console/audit" { "Clear" } } }
        }
        section #list data-live aria-label="Changes" {
            @if rows.is_empty() { (nothing("Nothing was changed by anybody.", "Orders stand here: who gave them, from where, before and after.")) }
            @else { (table(&page, rows)) }
            (more(&page, "before", answer.at("next"), "Older changes"))
        }
    };
    Ok(page.show("Audit", Section::Audit, &body))
}

fn table(page: &Page, rows: &[Value]) -> Markup {
    html! {
        div.scroll tabindex="0" role="group" aria-label="Changes" {
            table.stack {
                thead { tr { th scope="col" { "When" } th scope="col" { "Who" } th scope="col" { "From" } th scope="col" { "What" } th scope="col" { "On" } th scope="col" { "Before and after" } } }
                tbody {
                    @for row in rows {
                        tr {
                            td data-label="When" { (moment(row.text("at"))) " " span.faint { (page.now.ago(row.text("at"))) } }
                            td data-label="Who" { (text(row.text("who"))) }
                            td data-label="From" { (text(row.text("from"))) }
                            td data-label="What" { (code(row.text("action"))) }
                            td data-label="On" { @if let Some(name) = row.maybe("connector") { (connector(name)) " " } (subject(row.text("subject"))) }
                            td data-label="Before and after" { (sides(row)) }
                        }
                    }
                }
            }
        }
    }
}

/// A task or an operation is a link.
fn subject(subject: &str) -> Markup {
    let page = |kind: &str| subject.strip_prefix(kind).filter(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()));
    html! {
        @if let Some(id) = page("task ") { a href={ "/console/tasks/" (id) } { (text(subject)) } }
        @else if let Some(id) = page("operation ") { a href={ "/console/operations/" (id) } { (text(subject)) } }
        @else { (text(subject)) }
    }
}

fn sides(row: &Value) -> Markup {
    html! {
        @for (name, member) in [("before", "before"), ("after", "after")] {
            @if let Some(said) = row.maybe(member) { div { span.faint { (name) " " } (whole(said)) } }
        }
        @if row.maybe("before").or(row.maybe("after")).is_none() { span.faint { "–" } }
    }
}
