//! The list of tasks. Filters stand in the address, so that a link to what somebody sees can be sent.

use lockgate_core::failure::Code;
use lockgate_core::task::{ProcessType, TaskType};
use maud::{Markup, html};
use serde_json::Value;

use crate::html::form::{input, select};
use crate::html::frame::Section;
use crate::html::part::{bytes, connector, counted, more, nothing, number, task_state};
use crate::html::text::{bare, code, text};
use crate::look::Look as _;
use crate::page::{Page, Shown};
use crate::pairs::Pairs;

/// What a list is narrowed by, as `API.md` names it.
pub(super) const FILTERS: [&str; 13] = [
    "group",
    "connector",
    "state",
    "failing",
    "code",
    "path",
    "process_type",
    "attempts_min",
    "waits_for",
    "task_type",
    "title",
    "since",
    "until",
];
/// Rows of one page.
const ROWS: usize = 50;
/// Tasks that are looked at for one page, at most: a search says how far it came.
const LOOK_AT: u32 = 20_000;

pub(super) async fn show(page: Page) -> Shown {
    let filters = page.query.only(&FILTERS);
    let asked = page.query.only(&[&FILTERS[..], &["contains", "after"]].concat()).with("limit", ROWS).with("look_at", LOOK_AT);
    let answer = page.get(&asked.after("/v1/tasks")).await?;
    let tasks = answer.list("tasks");
    let body = html! {
        h1 { "Tasks" }
        (filter(&page))
        div #list data-live {
            (looked(&page, &answer))
            @if tasks.is_empty() && answer.at("next").is_null() {
                @if filters.is_empty() { (nothing("No task waits.", "What is submitted stands here until it is stored.")) }
                @else { (nothing("No task fits these filters.", "Tasks that have ended are in the history.")) }
            } @else if !tasks.is_empty() {
                form #selection action="/console/operations/new" {
                    (bulk(&page, &filters))
                    (table(&page, tasks))
                }
            }
            (more(&page, "after", answer.at("next"), "Further tasks"))
        }
    };
    Ok(page.show("Tasks", Section::Tasks, &body))
}

fn filter(page: &Page) -> Markup {
    let query = &page.query;
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let process_types: Vec<&str> = ProcessType::ALL.iter().map(|word| word.as_str()).collect();
    let task_types: Vec<&str> = TaskType::ALL.iter().map(|word| word.as_str()).collect();
    let open = ["path", "process_type", "attempts_min", "waits_for", "task_type", "since", "until", "contains"]
        .iter()
        .any(|name| query.get(name).is_some());
    html! {
        form.filter action="/console/tasks" role="search" aria-label="Filter tasks" {
            @if let Some(group) = query.get("group") { (input("group", "Group of failures", group, "")) }
            (select("connector", "Connector", &page.connectors(), query.text("connector")))
            (select("state", "State", &["queued", "parked", "behind", "failed"], query.text("state")))
            (select("failing", "Last try failed", &["true", "false"], query.text("failing")))
            (select("code", "Code", &codes, query.text("code")))
            (input("title", "Title contains", query.text("title"), ""))
            details open[open] {
                summary { "More filters" }
                div {
                    (input("contains", "Payload contains", query.text("contains"), "text, as it was sent"))
                    (input("path", "Fails at path", query.text("path"), "/fields/email"))
                    (select("task_type", "Task type", &task_types, query.text("task_type")))
                    (select("process_type", "Process type", &process_types, query.text("process_type")))
                    (input("attempts_min", "Tried at least", query.text("attempts_min"), "3"))
                    (input("waits_for", "Waits for mark", query.text("waits_for"), "16 hexadecimal digits"))
                    (input("since", "Submitted since", query.text("since"), "2026-01-31T12:00:00Z"))
                    (input("until", "Submitted before", query.text("until"), "2026-01-31T13:00:00Z"))
                }
            }
            div.orders { button.strong type="submit" { "Filter" } @if !query.is_empty() { a.button href="/console/tasks" { "Clear" } } }
        }
    }
}

/// How far a search looked.
fn looked(page: &Page, answer: &Value) -> Markup {
    let (looked_at, found) = (answer.number("looked_at"), answer.list("tasks").len() as u64);
    let whole = answer.at("next").is_null();
    html! {
        p.faint {
            "Shown: " (counted(found, "task", "tasks")) "."
            @if looked_at > found {
                " Looked at " (number(looked_at)) @if page.query.get("after").is_some() { " further" } ", oldest first"
                @if whole { ", which is all." } @else { "; “Further tasks” looks on from there." }
            }
        }
    }
}

/// What can be done with those that are selected, or with all that fit.
fn bulk(page: &Page, filters: &Pairs) -> Markup {
    // What a payload contains is searched for here, and is no filter of an operation.
    let all = page.query.get("contains").is_none();
    html! {
        @if page.rights.operate {
            fieldset.bulk {
                legend.hidden { "Do with many" }
                @for (name, value) in filters.iter() { input type="hidden" name=(name) value=(value); }
                div role="group" aria-label="With the selected tasks" {
                    span { "Selected" span #selected {} ": " }
                    (actions("selected", false))
                }
                @if all {
                    div role="group" aria-label="With all tasks that fit" {
                        span { @if filters.is_empty() { "All tasks: " } @else { "All that fit: " } }
                        (actions("all", true))
                    }
                }
            }
        }
    }
}

/// The next page says how many are meant, and asks.
fn actions(name: &str, keys: bool) -> Markup {
    html! {
        @for (action, label, key) in [("retry", "Retry…", "R"), ("skip", "Skip…", "S"), ("delete", "Delete…", "D")] {
            @let key = if keys { key.to_owned() } else { key.to_lowercase() };
            button type="submit" name=(name) value=(action) data-press=(key) { (label) }
        }
    }
}

fn table(page: &Page, tasks: &[Value]) -> Markup {
    html! {
        div.scroll tabindex="0" role="group" aria-label="Tasks" {
            table.stack.rows {
                thead { tr {
                    @if page.rights.operate { th scope="col" { span.hidden { "Select" } } }
                    th scope="col" { "Task" } th scope="col" { "Connector" } th scope="col" { "State" } th scope="col" { "Why" }
                    th.right scope="col" { "Tries" } th scope="col" { "Since" } th.right scope="col" { "Size" }
                } }
                tbody { @for task in tasks { (row(page, task)) } }
            }
        }
    }
}

fn row(page: &Page, task: &Value) -> Markup {
    let id = task.number("id");
    html! {
        tr data-row {
            @if page.rights.operate {
                td.pick { input type="checkbox" name="ids" value=(id) aria-label={ "Select task " (id) " " (bare(task.text("title"))) }; }
            }
            th scope="row" { a href={ "/console/tasks/" (id) } { span.faint { "#" (id) } " " @if task.text("title").is_empty() { (task.text("task_type")) } @else { (text(task.text("title"))) } } }
            td data-label="Connector" { (connector(task.text("connector"))) }
            td data-label="State" { (task_state(task)) }
            td data-label="Why" { (why(task)) }
            td.right data-label="Tries" { (number(task.number("attempts"))) }
            td data-label="Since" { (page.now.ago(task.maybe("since").unwrap_or(task.text("submitted_at")))) }
            td.right data-label="Size" { (bytes(task.number("bytes"))) }
        }
    }
}

fn why(task: &Value) -> Markup {
    html! {
        @if let Some(behind) = task.at("behind").as_u64() { "behind " a href={ "/console/tasks/" (behind) } { "#" (behind) } }
        @else if let Some(want) = task.list("waits_for").first() { "waits for " (text(want.text("what"))) }
        @else if !task.at("failure").is_null() { (code(task.at("failure").text("code"))) " " span.message { (text(task.at("failure").text("message"))) } }
        @else { span.faint { "–" } }
    }
}
