//! What fails, in groups of one fault each.

use maud::{Markup, html};
use serde_json::Value;

use crate::html::frame::Section;
use crate::html::part::{connector, counted, nothing, state};
use crate::html::text::{code, text};
use crate::look::Look as _;
use crate::page::{Page, Shown};
use crate::pairs::Pairs;

pub(super) async fn show(page: Page) -> Shown {
    let asked = page.query.only(&["connector", "code"]).with("failing", "true");
    let answer = page.get(&asked.after("/v1/tasks/reasons")).await?;
    let groups = answer.list("reasons");
    let body = html! {
        h1 { "Failures" }
        section #list data-live aria-label="Groups" {
            @if groups.is_empty() { (nothing("Nothing fails.", "Failing tasks stand here in groups of one fault each.")) }
            @for group in groups { (card(&page, group)) }
        }
    };
    Ok(page.show("Failures", Section::Failures, &body))
}

fn card(page: &Page, group: &Value) -> Markup {
    let filter = Pairs::default().with("connector", group.text("connector")).with("code", group.text("code")).with("path", group.text("path")).with("state", group.text("state"));
    html! {
        article.card {
            h2.small { (counted(group.number("tasks"), "task", "tasks")) " " (code(group.text("code"))) }
            p { (connector(group.text("connector"))) " " (state(group.text("state"))) @if let Some(path) = group.maybe("path") { " at " (text(path)) } }
            div.orders {
                a.button href=(filter.after("/console/tasks")) { "See them" }
                @if page.rights.operate { a.button.strong href=(filter.with("all", "retry").after("/console/operations/new")) { "Retry all of them…" } }
            }
        }
    }
}
