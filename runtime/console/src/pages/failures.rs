//! What fails, in groups of one fault each: 312 like this are one line.

use maud::{Markup, html};
use serde_json::{Value, json};

use super::trial;
use crate::html::form::{Button, button};
use crate::html::frame::Section;
use crate::html::part::{connector, counted, nothing, number, state, task};
use crate::html::text::{code, text, whole};
use crate::look::Look as _;
use crate::page::{Page, Posted, Shown};
use crate::pairs::Pairs;

/// Tasks of a group that are tried without writing.
const TRIED_MAX: u32 = 100;

pub(super) async fn show(page: Page) -> Shown {
    let asked = page.query.only(&["connector"]).with("limit", 100);
    let answer = page.get(&asked.after("/v1/failures")).await?;
    let wanted = page.query.get("code");
    let groups: Vec<&Value> = answer.list("failures").iter().filter(|group| wanted.is_none_or(|code| group.text("code") == code)).collect();
    let body = html! {
        h1 { "Failures" }
        p.faint { "Tasks that fail by one fault are one group: connector, code, place and text agree, but for numbers, ids and what stands in quotes." }
        @if let Some(code) = wanted { p { "By the code " (self::code(code)) " only. " a href="/console/failures" { "All failures" } } }
        section #list data-live aria-label="Groups of failures" {
            @if groups.is_empty() { (nothing("Nothing fails.", "Failing tasks stand here in groups of one fault each.")) }
            @else { p.faint { (counted(answer.number("tasks"), "task fails", "tasks fail")) " by " (counted(answer.number("groups"), "fault", "faults")) "." } }
            @for group in groups { (card(&page, group)) }
            @if answer.number("others") > 0 { p.faint { "And " (counted(answer.number("others"), "task", "tasks")) " of further faults." } }
        }
    };
    Ok(page.show("Failures", Section::Failures, &body))
}

fn card(page: &Page, group: &Value) -> Markup {
    let id = group.text("group");
    let (filter, first) = (Pairs::default().with("group", id), group.at("first"));
    html! {
        article.card {
            h2.small { (counted(group.number("tasks"), "task", "tasks")) ": " (code(group.text("code"))) " " (text(group.text("text"))) }
            p {
                (connector(group.text("connector")))
                @if let Some(path) = group.maybe("path") { " at " (code(path)) }
                ", first " (page.now.ago(group.text("first_at"))) ", last " (page.now.ago(group.text("last_at")))
            }
            p { "For example " (task(first.number("task"), first.text("title"))) ": " span.message { (whole(first.at("failure").text("message"))) } }
            (versions(group.list("versions")))
            p.advice { (whole(group.text("advice"))) }
            div.orders {
                a.button href=(filter.after("/console/tasks")) { "See them" }
                @if page.rights.operate {
                    a.button.strong href=(filter.with("all", "retry").after("/console/operations/new")) { "Retry all of them…" }
                    (button(page, &Button { to: "/console/failures/try", label: "Try them: nothing is written", fields: &[("group", id)],
                        cli: &format!("lockgate task try --group {id}"), class: "", key: None }))
                    a.button href=(filter.with("all", "delete").after("/console/operations/new")) { "Delete all of them…" }
                }
            }
        }
    }
}

/// Which version of the connector failed so often.
fn versions(versions: &[Value]) -> Markup {
    html! {
        @if !versions.is_empty() {
            p.faint {
                "By version: "
                @for (at, version) in versions.iter().enumerate() {
                    @if at > 0 { ", " }
                    @match version.maybe("digest") { Some(digest) => (code(digest.get(..12).unwrap_or(digest))), None => "another" }
                    " " (number(version.number("tasks")))
                }
            }
        }
    }
}

/// `POST /console/failures/try`.
pub(super) async fn tried(posted: Posted) -> Shown {
    let group = posted.fields.text("group");
    let tried = posted.post("/v1/tasks/try", Some(&json!({ "filter": { "group": group }, "limit": TRIED_MAX }))).await?;
    let filter = Pairs::default().with("group", group);
    let body = html! {
        p.path { a href="/console/failures" { "Failures" } }
        h1 { "What would become of " (counted(tried.number("meant"), "task", "tasks")) }
        p { "Tried " (number(tried.number("tried"))) ", each for itself, by the active version. Nothing was written." }
        dl.tiles {
            @for (outcome, count) in tried.members("outcomes") { div { dt { (state(outcome)) } dd { (number(count.as_u64().unwrap_or_default())) } } }
            @for (name, member) in [("Rows new", "inserted"), ("Rows changed", "updated"), ("Rows deleted", "deleted")] { div { dt { (name) } dd { (number(tried.number(member))) } } }
        }
        @if !tried.list("failures").is_empty() {
            h2 { "Would fail" }
            ul.notes { @for fault in tried.list("failures") { li { (counted(fault.number("tasks"), "task", "tasks")) ": " (code(fault.text("code"))) " " (text(fault.text("text"))) " " (task(fault.number("first"), "")) } } }
        }
        h2 { "One by one" }
        ul.notes { @for of in tried.list("tasks") { li { (task(of.number("task"), "")) " " (state(trial::word(of.text("outcome")))) " " span.faint { (counted(of.number("changes"), "row", "rows")) } } } }
        div.orders {
            @if posted.page.rights.operate { a.button.strong href=(filter.with("all", "retry").after("/console/operations/new")) { "Retry all of them…" } }
            a.button href="/console/failures" { "Back" }
        }
    };
    Ok(posted.page.show("What would become of them", Section::Failures, &body))
}
