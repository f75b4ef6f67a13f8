//! What remains of a task: how it ended, what it wrote, and how much of its limits it used.

use maud::{Markup, html};
use serde_json::Value;

use crate::html::part::{bar, bytes, counted, failure, micros, number, state, task as task_link};
use crate::html::text::{code, text, whole};
use crate::html::time::{moment, ms, span};
use crate::look::Look as _;
use crate::page::Page;
use crate::pairs::{Pairs, part};

/// Each of its history entries, the newest first.
pub(super) fn entries(page: &Page, entries: &[Value]) -> Markup {
    html! {
        @for entry in entries {
            section.card aria-label={ "How it ended: " (entry.text("outcome")) } { (entry_of(page, entry)) }
        }
    }
}

fn entry_of(page: &Page, entry: &Value) -> Markup {
    let waited = ms(entry.text("ended_at")).zip(ms(entry.text("submitted_at"))).map(|(ended, submitted)| span(ended - submitted));
    html! {
        h2.small { (state(entry.text("outcome"))) " " (page.now.ago(entry.text("ended_at"))) }
        @if let Some(reason) = entry.maybe("reason") { p { "The connector says: " (whole(reason)) } }
        (failure(entry.at("failure")))
        dl.facts {
            div { dt { "Connector" } dd { (crate::html::part::connector(entry.text("connector"))) } }
            div { dt { "Submitted" } dd { (moment(entry.text("submitted_at"))) } }
            div { dt { "Ended" } dd { (moment(entry.text("ended_at"))) } }
            @if let Some(waited) = waited { div { dt { "In all" } dd { (waited) } } }
            div { dt { "Tries" } dd { (entry.number("attempts")) } }
            div { dt { "References resolved" } dd { (entry.number("references_resolved")) } }
            @if !entry.text("digest").is_empty() { div { dt { "Version" } dd { (code(entry.text("digest").get(..12).unwrap_or(entry.text("digest")))) } } }
        }
        @if !entry.list("together").is_empty() {
            p { "Carried out together with " @for (at, id) in entry.list("together").iter().filter_map(Value::as_u64).enumerate() { @if at > 0 { ", " } (task_link(id, "")) } ", because they needed each other." }
        }
        (written(entry))
        (warnings(entry))
        (used(entry.at("used")))
    }
}

/// What it wrote, each with the history of that row.
pub(crate) fn written(entry: &Value) -> Markup {
    let rows = entry.list("written");
    html! {
        @if !rows.is_empty() {
            h3 { "Wrote " (counted(entry.number("written_total"), "row", "rows")) }
            ul.notes {
                @for row in rows {
                    li {
                        (state(row.text("action"))) " " (code(row.text("type"))) " "
                        a href={ "/console/content/named/" (part(row.text("type"))) "/" (part(row.text("name"))) } { (text(row.text("name"))) }
                        " " a.faint href=(Pairs::default().with("type", row.text("type")).with("name", row.text("name")).after("/console/history")) { "history of this row" }
                    }
                }
            }
        }
    }
}

fn warnings(entry: &Value) -> Markup {
    html! {
        @if !entry.list("warnings").is_empty() {
            h3 { (counted(entry.number("warnings_total"), "warning", "warnings")) }
            ul.notes { @for warning in entry.list("warnings") { li { (code(warning.text("code"))) " " (whole(warning.text("message"))) } } }
        }
    }
}

/// How much of each limit it used.
fn used(used: &Value) -> Markup {
    html! {
        @if !used.is_null() {
            h3 { "Used of its limits" }
            div.bars {
                @for (member, name, unit) in LIMITS {
                    @let of = used.at(member);
                    (bar(name, of.number("used"), of.at("limit").as_u64(), unit))
                }
            }
        }
    }
}

/// One thing that is counted of each try: its member, its name, and how it is written.
type Limit = (&'static str, &'static str, fn(u64) -> String);

/// What is counted of each try.
pub(crate) const LIMITS: [Limit; 5] = [
    ("call_us", "Time of the longest call", micros),
    ("memory_bytes", "Memory", bytes),
    ("output_bytes", "Largest answer", bytes),
    ("http_calls", "Outbound calls", number),
    ("http_bytes", "Bytes of outbound calls", bytes),
];
