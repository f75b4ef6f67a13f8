//! One task: why it stands where it does, what it brought, and what can be done with it.

mod ended;
pub(super) use ended::LIMITS;
mod standing;

use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderValue, Method, header};
use axum::response::IntoResponse as _;
use maud::{Markup, html};
use serde_json::Value;

use crate::answer::HEADERS;
use crate::api::Raw;
use crate::html::frame::Section;
use crate::html::part::{bytes, counted, nothing, task_state};
use crate::html::text::{bare, code, text, whole};
use crate::html::time::moment;
use crate::look::Look as _;
use crate::page::{Ended, Page, Shown};
use crate::payload::{self, View};

/// Log lines that are shown: the newest.
const LOG_SHOWN_MAX: usize = 500;

pub(super) async fn show(Path(id): Path<u64>, page: Page) -> Shown {
    let log = page.get(&format!("/v1/tasks/{id}/log")).await?;
    let (title, body) = match page.api.get(&format!("/v1/tasks/{id}")).await {
        Ok(task) if task.text("state") == "ended" => (name(&task), gone(&page, id, task.list("history"), &log)),
        Ok(task) => {
            let payload = external_of(&page, id).await?;
            (name(&task), standing(&page, &task, &payload, &log))
        }
        Err(refusal) if refusal.code == "task-not-found" && !refusal.body.list("history").is_empty() => {
            let entries = refusal.body.list("history");
            (entries.first().map(name).unwrap_or_default(), gone(&page, id, entries, &log))
        }
        Err(refusal) => return Err(page.refused(&refusal)),
    };
    Ok(page.show(&format!("Task {id} {}", bare(&title)), Section::Tasks, &body))
}

async fn external_of(page: &Page, id: u64) -> Result<Raw, Ended> {
    let sent = page.api.send(Method::GET, &format!("/v1/tasks/{id}/external"), Body::empty(), None).await;
    sent.map_err(|refusal| page.refused(&refusal))
}

fn name(task: &Value) -> String {
    match task.text("title") {
        "" => task.text("task_type").to_owned(),
        title => title.to_owned(),
    }
}

fn standing(page: &Page, task: &Value, external: &Raw, log: &Value) -> Markup {
    html! {
        p.path { a href="/console/tasks" data-press="u" { "Tasks" } }
        h1 { span.faint { "#" (task.number("id")) } " " (text(&name(task))) " " (task_state(task)) }
        section #standing data-live aria-label="How it stands" { (standing::why(page, task)) }
        section aria-labelledby="payload-title" {
            h2 #payload-title { "Payload" }
            (payload_of(page, task.number("id"), external))
        }
        section #waiting data-live aria-label="What it waits for, and who waits for it" { (standing::waiting(task)) }
        section #facts data-live aria-labelledby="facts-title" {
            h2 #facts-title { "Facts" }
            (facts(task))
        }
        section #timeline data-live aria-labelledby="timeline-title" {
            h2 #timeline-title { "Timeline" }
            (standing::timeline(page, task))
        }
        section #log data-live aria-labelledby="log-title" {
            h2 #log-title { "Log" }
            (log_of(log))
        }
        (ended::entries(page, task.list("history")))
    }
}

fn gone(page: &Page, id: u64, entries: &[Value], log: &Value) -> Markup {
    html! {
        p.path { a href="/console/history" data-press="u" { "History" } }
        h1 { span.faint { "#" (id) } " " (text(&entries.first().map(name).unwrap_or_default())) }
        p.faint { "This task has ended. Its payload is not kept." }
        (ended::entries(page, entries))
        section aria-labelledby="log-title" {
            h2 #log-title { "Log" }
            (log_of(log))
        }
    }
}

fn facts(task: &Value) -> Markup {
    let fact = |name: &str, value: &str| html! { @if !value.is_empty() { div { dt { (name) } dd { (whole(value)) } } } };
    html! {
        dl.facts {
            div { dt { "Connector" } dd { (crate::html::part::connector(task.text("connector"))) } }
            (fact("Task type", task.text("task_type")))
            (fact("Data type", task.text("data_type")))
            (fact("Process type", task.text("process_type")))
            (fact("Site", task.text("site")))
            (fact("Subject", task.text("subject")))
            (fact("Media type", task.text("media_type")))
            div { dt { "Size" } dd { (bytes(task.number("bytes"))) } }
            div { dt { "Submitted" } dd { (moment(task.text("submitted_at"))) } }
            div { dt { "Tries" } dd { (task.number("attempts")) } }
            (fact("Trace", task.text("traceparent")))
        }
        @if let Some(last) = task.list("edited").last() {
            p {
                "The payload was replaced " (counted(task.list("edited").len() as u64, "time", "times")) ", last by " (text(last.text("who"))) " at " (moment(last.text("at"))) ". "
                a href={ "/console/tasks/" (task.number("id")) "/external?original=true" } download={ "task-" (task.number("id")) "-as-it-came" } { "As it came" }
            }
        }
    }
}

fn payload_of(page: &Page, id: u64, external: &Raw) -> Markup {
    let views = View::of(&external.bytes, &external.media_type);
    let asked = page.query.get("view");
    let view = views.iter().copied().find(|view| Some(view.word()) == asked).or(views.first().copied()).unwrap_or(View::Hex);
    let (markup, shown) = payload::shown(&external.bytes, view);
    let all = external.bytes.len();
    html! {
        div.split {
            nav.choice aria-label="View" {
                @for of in &views {
                    a href=(page.here(&page.query.with("view", of.word()))) aria-current=[(*of == view).then_some("true")] { (of.word()) }
                }
            }
            a.button href={ "/console/tasks/" (id) "/external" } download={ "task-" (id) } { "Download " (bytes(all as u64)) }
        }
        @if all == 0 { (nothing("The payload is empty.", "Nothing was sent with this task.")) }
        @else {
            pre.payload tabindex="0" role="group" aria-label="Payload" { code { (markup) } }
            @if shown < all { p.faint { "Shown: the first " (bytes(shown as u64)) " of " (bytes(all as u64)) ". The download has all." } }
        }
    }
}

fn log_of(log: &Value) -> Markup {
    let lines = log.list("log");
    let left = lines.len().saturating_sub(LOG_SHOWN_MAX);
    html! {
        @if lines.is_empty() { (nothing("Nothing is logged.", "What the connector and the host say about this task stands here.")) }
        @else {
            @if left > 0 { p.faint { "The newest " (LOG_SHOWN_MAX) " of " (counted(lines.len() as u64, "line", "lines")) "." } }
            div.scroll tabindex="0" role="group" aria-label="Log" {
                table.log {
                    thead { tr { th scope="col" { "At" } th scope="col" { "Level" } th scope="col" { "Who" } th scope="col" { "Says" } } }
                    tbody {
                        @for line in lines.iter().skip(left) {
                            tr { td { (moment(line.text("at"))) } td { (code(line.text("level"))) } td { (line.text("source")) } td.says { (whole(line.text("message"))) } }
                        }
                    }
                }
            }
        }
    }
}

/// `GET /console/tasks/{id}/external`: to be saved, never shown.
pub(super) async fn external(Path(id): Path<u64>, page: Page) -> Shown {
    let target = page.query.only(&["original"]).after(&format!("/v1/tasks/{id}/external"));
    let sent = page.api.send(Method::GET, &target, Body::empty(), None).await;
    let raw = sent.map_err(|refusal| page.refused(&refusal))?;
    let own = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((HEADERS, own, raw.bytes).into_response())
}
