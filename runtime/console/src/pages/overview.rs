//! What is blocked, since when and why, first; then how every queue stands.

use maud::{Markup, html};
use serde_json::Value;

use super::trend::{self, HOURS};
use crate::html::form::{Button, button, token};
use crate::html::frame::Section;
use crate::html::part::{connector, counted, failure, nothing, number, state, task};
use crate::html::text::whole;
use crate::look::Look as _;
use crate::page::{Page, Shown};

pub(super) async fn show(page: Page) -> Shown {
    let hours = page.query.get("hours").and_then(|hours| hours.parse().ok()).filter(|hours| HOURS.contains(hours)).unwrap_or(24);
    let charts = trend::charts(&page, hours).await?;
    let queues = page.status.members("queues");
    let body = html! {
        h1 { "Overview" }
        section #attention data-live aria-labelledby="attention-title" {
            h2 #attention-title { "Needs attention" }
            (attention(&page, &queues))
        }
        section #queues data-live aria-labelledby="queues-title" {
            h2 #queues-title { "Queues" }
            (table(&page, &queues))
        }
        section #trend data-live aria-labelledby="trend-title" {
            div.split {
                h2 #trend-title { "Course" }
                nav.choice aria-label="Time shown" {
                    @for choice in HOURS {
                        a href={ "/console?hours=" (choice) } aria-current=[(choice == hours).then_some("true")] { (choice) " h" }
                    }
                }
            }
            div.charts { (charts) }
        }
        section #stored data-live aria-labelledby="stored-title" {
            h2 #stored-title { "Stored" }
            dl.tiles {
                (tile("Objects", sum(page.status.members("objects")), "/console/content"))
                (tile("Pages", sum(page.status.members("pages")), "/console/content/pages"))
                (tile("Bindings", sum(page.status.members("bindings")), "/console/content"))
                (tile("Ended tasks in the history", page.status.number("history"), "/console/history"))
            }
        }
        section #switches data-live aria-labelledby="switches-title" {
            h2 #switches-title { "Switches" }
            (switches(&page))
        }
    };
    Ok(page.show("Overview", Section::Overview, &body))
}

fn sum(counts: Vec<(&str, &Value)>) -> u64 {
    counts.iter().filter_map(|(_, count)| count.as_u64()).sum()
}

fn tile(name: &str, count: u64, to: &str) -> Markup {
    html! { div { dt { (name) } dd { a href=(to) { (number(count)) } } } }
}

/// Blocked queues first, then those that rest, then those that fail.
fn attention(page: &Page, queues: &[(&str, &Value)]) -> Markup {
    let blocked = queues.iter().filter(|(_, queue)| !queue.at("blocked").is_null());
    let troubled = |queue: &Value| queue.number("failing") + queue.number("failed") > 0 || queue.maybe("rests").is_some();
    let others: Vec<_> = queues.iter().filter(|(_, queue)| queue.at("blocked").is_null() && troubled(queue)).collect();
    let calm = others.is_empty() && queues.iter().all(|(_, queue)| queue.at("blocked").is_null());
    html! {
        @for (name, queue) in blocked { (blocked_card(page, name, queue.at("blocked"))) }
        @if !others.is_empty() {
            ul.notes {
                @for (name, queue) in others {
                    li {
                        @if let Some(rests) = queue.maybe("rests") { p { (state(rests)) " " (connector(name)) " processes nothing." } }
                        @let failing = queue.number("failing") + queue.number("failed");
                        @if failing > 0 {
                            p {
                                (state("failing")) " "
                                a href={ "/console/failures?connector=" (name) } { (counted(failing, "task fails", "tasks fail")) }
                                " in " (connector(name)) ". Other tasks pass them."
                            }
                        }
                    }
                }
            }
        }
        @if calm { (nothing("Nothing is blocked and nothing fails.", "Blocked queues and failing tasks stand here first.")) }
    }
}

fn blocked_card(page: &Page, name: &str, blocked: &Value) -> Markup {
    let id = blocked.number("task");
    let why = blocked.at("failure");
    html! {
        article.card.alert {
            h3 { (connector(name)) " is blocked" @if let Some(since) = blocked.maybe("since") { " for " (page.now.since(since)) } }
            (failure(why))
            p { (task(id, blocked.text("title"))) " stands in the way; " (counted(blocked.number("waiting"), "task waits", "tasks wait")) " for it." }
            @if let Some(until) = blocked.maybe("until") { p { "It is tried again by itself " (page.now.ago(until)) "." } }
            p.advice { (whole(why.text("advice"))) }
            div.orders {
                a.button.strong href={ "/console/tasks/" (id) } { "See the task" }
                @if page.rights.operate {
                    (button(page, &Button { to: &format!("/console/tasks/{id}/retry"), label: "Retry it", fields: &[], cli: &format!("lockgate task retry {id}"), class: "", key: None }))
                    (button(page, &Button { to: &format!("/console/tasks/{id}/skip"), label: "Skip it", fields: &[], cli: &format!("lockgate task skip {id}"), class: "", key: None }))
                }
            }
        }
    }
}

fn table(page: &Page, queues: &[(&str, &Value)]) -> Markup {
    html! {
        @if queues.is_empty() {
            (nothing("No connector is installed.", "lockgate connector add NAME FILE.wasm installs one."))
        } @else {
            div.scroll tabindex="0" role="group" aria-label="Queues" {
                table.stack {
                    thead { tr { th scope="col" { "Connector" } th scope="col" { "State" } th.right scope="col" { "Queued" } th.right scope="col" { "Failing" }
                        th.right scope="col" { "Parked" } th.right scope="col" { "Behind" } th.right scope="col" { "Loose ends" } th.right scope="col" { "Oldest" } } }
                    tbody { @for (name, queue) in queues { (row(page, name, queue)) } }
                }
            }
        }
    }
}

fn row(page: &Page, name: &str, queue: &Value) -> Markup {
    let busy = page.status.list("busy").iter().any(|busy| busy.as_str() == Some(name));
    let word = match queue.maybe("rests") {
        _ if !queue.at("blocked").is_null() => "blocked",
        Some(rests) => rests,
        None if busy => "running",
        None if queue.number("failing") + queue.number("failed") > 0 => "failing",
        None => "idle",
    };
    let cell = |label: &str, count: u64, query: &str| {
        html! { td.right.zero[count == 0] data-label=(label) { @if count == 0 { span.faint { "0" } } @else { a href={ "/console/tasks?connector=" (name) "&" (query) } { (number(count)) } } } }
    };
    html! {
        tr {
            th scope="row" { (connector(name)) }
            td data-label="State" { (state(word)) }
            (cell("Queued", queue.number("queued"), "state=queued"))
            (cell("Failing", queue.number("failing") + queue.number("failed"), "failing=true"))
            (cell("Parked", queue.number("parked"), "state=parked"))
            (cell("Behind", queue.number("behind"), "state=behind"))
            td.right data-label="Loose ends" { @if queue.number("loose_ends") == 0 { span.faint { "0" } } @else { a href="/console/missing" { (number(queue.number("loose_ends"))) } } }
            td.right data-label="Oldest" { (page.now.since(queue.text("oldest_submitted_at"))) }
        }
    }
}

fn switches(page: &Page) -> Markup {
    let switches = page.status.at("switches");
    html! {
        table.stack {
            thead { tr { th scope="col" { "Switch" } th scope="col" { "Is" } th scope="col" { "Means" } @if page.rights.operate { th scope="col" { "Change" } } } }
            tbody {
                @for (name, means) in [("bus", "the whole bus"), ("logging", "task intake: submissions are taken in"), ("processing", "passes: queued tasks are processed")] {
                    @let (is, other) = if switches.flag(name) { ("on", "off") } else { ("off", "on") };
                    tr {
                        th scope="row" { (name) }
                        td data-label="Is" { (state(is)) }
                        td data-label="Means" { (means) }
                        @if page.rights.operate {
                            td data-label="Change" {
                                form.order method="post" action="/console/switches" {
                                    (token(page))
                                    input type="hidden" name="switch" value=(name);
                                    input type="hidden" name="to" value=(other);
                                    button type="submit" { "Switch " (name) " " (other) }
                                    (crate::html::part::cli(&format!("lockgate switch {name} {other}")))
                                }
                            }
                        }
                    }
                }
            }
        }
        @if page.rights.operate {
            (button(page, &Button { to: "/console/process", label: "Process every queue now", fields: &[], cli: "lockgate process", class: "", key: None }))
        }
    }
}
