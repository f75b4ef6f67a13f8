//! How a task stands that has not ended.

use maud::{Markup, html};
use serde_json::Value;

use crate::html::form::{Button, button};
use crate::html::part::{cli, counted, failure, state, task as task_link};
use crate::html::text::{code, whole};
use crate::html::time::{moment, ms};
use crate::look::Look as _;
use crate::page::Page;

/// Why it stands where it does, what to do about it, and the buttons that do it.
pub(super) fn why(page: &Page, task: &Value) -> Markup {
    let why = task.at("failure");
    html! {
        div.card.alert[!why.is_null()] {
            @if why.is_null() { p { (in_words(task)) } }
            @else {
                h2.small { (headline(task)) @if let Some(since) = task.maybe("since") { ", since " (page.now.ago(since)) } }
                (failure(why))
            }
            @if let Some(until) = task.maybe("not_before") { p { "It is tried again by itself " (page.now.ago(until)) "." } }
            @if let Some(advice) = task.maybe("advice").or(why.maybe("advice")) { p.advice { (whole(advice)) } }
            @if let Some(word) = why.maybe("code") {
                p.faint {
                    a href={ "/console/failures?code=" (word) } { "Others that fail like this" } ". " (cli(&format!("lockgate explain {word}")))
                }
            }
            @if page.rights.operate { (orders(page, task)) }
        }
    }
}

fn headline(task: &Value) -> &'static str {
    match task.text("state") {
        "parked" => "It waits for something that is not there",
        "behind" => "It waits behind another task",
        "failed" if task.flag("aside") => "It failed and is set aside; later tasks pass it",
        "failed" => "It failed, and its queue stands behind it",
        _ => "Its last try failed; it is tried again with the next pass",
    }
}

fn in_words(task: &Value) -> Markup {
    html! {
        @match task.text("state") {
            "queued" => "It waits for its turn.",
            other => { "It is " (state(other)) "." }
        }
    }
}

fn orders(page: &Page, task: &Value) -> Markup {
    let id = task.number("id");
    let to = |action: &str| format!("/console/tasks/{id}/{action}");
    html! {
        div.orders {
            (button(page, &Button { to: &to("retry"), label: "Retry", fields: &[], cli: &format!("lockgate task retry {id}"), class: "strong", key: Some("r") }))
            @if task.at("failure").text("code") == "too-many-deletes" {
                (button(page, &Button { to: &to("retry"), label: "Retry, and let it delete", fields: &[("allow_deletes", "true")], cli: &format!("lockgate task retry {id} --allow-deletes"), class: "danger", key: None }))
            }
            (button(page, &Button { to: &to("try"), label: "Try: nothing is written", fields: &[], cli: &format!("lockgate task try {id}"), class: "", key: Some("t") }))
            @if matches!(task.text("state"), "queued" | "failed") {
                div.order { a.button href={ "/console/tasks/" (id) "/edit" } data-press="e" { "Edit the payload… " kbd aria-hidden="true" { "e" } } (cli(&format!("lockgate task edit {id}"))) }
            }
            (button(page, &Button { to: &to("skip"), label: "Skip once", fields: &[], cli: &format!("lockgate task skip {id}"), class: "", key: Some("s") }))
            @let other = if task.text("process_type") == "skip-on-error" { "default" } else { "skip-on-error" };
            (button(page, &Button { to: &to("process-type"), label: &format!("Make it {other}"), fields: &[("value", other)], cli: &format!("lockgate task process-type {id} {other}"), class: "", key: None }))
            details {
                summary data-press="d" { "Delete" }
                p { "It leaves the queue for good; the history keeps an entry." }
                (button(page, &Button { to: &to("delete"), label: "Delete it", fields: &[], cli: &format!("lockgate task delete {id}"), class: "danger", key: None }))
            }
        }
    }
}

/// What it waits for, who would help, and who waits for it.
pub(super) fn waiting(task: &Value) -> Markup {
    let followers = task.at("followers");
    html! {
        @if let Some(behind) = task.at("behind").as_u64() {
            h2 { "Waits behind" }
            p { (task_link(behind, "")) ", an earlier task about the same object or page." }
        }
        @if !task.list("waits_for").is_empty() {
            h2 { "Waits for" }
            ul.notes {
                @for want in task.list("waits_for") {
                    li {
                        (whole(want.text("what"))) @if let Some(external) = want.maybe("external") { " (" (code(external)) ")" }
                        " " a href={ "/console/tasks?waits_for=" (want.text("mark")) } { "who else waits" }
                    }
                }
            }
            @let more = task.number("waits_for_total").saturating_sub(task.list("waits_for").len() as u64);
            @if more > 0 { p.faint { "And " (counted(more, "thing more", "things more")) "." } }
        }
        @if !task.list("helped_by").is_empty() {
            h2 { "Would help it" }
            ul.notes { @for helper in task.list("helped_by") { li { (task_link(helper.number("task"), helper.text("title"))) " " (state(helper.text("state"))) } } }
        }
        @if followers.number("total") > 0 {
            h2 { "Waits behind it: " (counted(followers.number("total"), "task", "tasks")) @if followers.flag("more") { " or more" } }
            p { @for (at, id) in followers.list("first").iter().filter_map(Value::as_u64).enumerate() { @if at > 0 { ", " } (task_link(id, "")) } }
        }
    }
}

/// What happened to it, and what will.
pub(super) fn timeline(page: &Page, task: &Value) -> Markup {
    let mut events: Vec<(i64, &str, &str)> = Vec::new();
    for (member, what) in [
        ("submitted_at", "Submitted, and durable"),
        ("since", "Since then it waits or fails"),
        ("not_before", "Tried again by itself, at the earliest"),
    ] {
        if let Some(at) = task.maybe(member)
            && let Some(time) = ms(at)
        {
            events.push((time, at, what));
        }
    }
    events.sort_by_key(|(time, ..)| *time);
    html! {
        ol.timeline {
            @for (_, at, what) in events { li { (moment(at)) " " span.faint { (page.now.ago(at)) } " " (what) } }
        }
        p.faint { "Tried " (counted(task.number("attempts"), "time", "times")) " so far." }
    }
}
