//! All connectors.

use maud::{Markup, html};
use serde_json::Value;

use crate::html::frame::Section;
use crate::html::part::{cli, connector, nothing, number, state};
use crate::html::text::{code, whole};
use crate::look::Look as _;
use crate::page::{Page, Shown};

pub(super) async fn show(page: Page) -> Shown {
    let answer = page.get("/v1/connectors").await?;
    let connectors = answer.list("connectors");
    let body = html! {
        h1 { "Connectors" }
        section #list data-live aria-label="Connectors" {
            @if connectors.is_empty() { (nothing("No connector is installed.", "A connector translates what an application sends.")) }
            @else { (table(&page, connectors)) }
        }
        p.faint { "Install one: " (cli("lockgate connector add NAME FILE.wasm")) }
    };
    Ok(page.show("Connectors", Section::Connectors, &body))
}

fn table(page: &Page, connectors: &[Value]) -> Markup {
    html! {
        div.scroll tabindex="0" role="group" aria-label="Connectors" {
            table.stack.rows {
                thead { tr { th scope="col" { "Connector" } th scope="col" { "State" } th scope="col" { "Version" } th scope="col" { "Asks for more" } th scope="col" { "Trouble" } th.right scope="col" { "Waiting" } th scope="col" { "Installed" } } }
                tbody {
                    @for of in connectors {
                        tr data-row {
                            th scope="row" { (connector(of.text("name"))) }
                            td data-label="State" { (standing(of)) }
                            td data-label="Version" { (code(of.text("digest").get(..12).unwrap_or(of.text("digest")))) @if of.maybe("waiting").is_some() { " " (state("waiting")) " another" } }
                            td data-label="Asks for more" { @let lacks = of.list("asks").iter().filter(|ask| ask.text("granted") != "granted").count(); @if lacks == 0 { span.faint { "–" } } @else { (lacks) " not granted" } }
                            td data-label="Trouble" { @if let Some(trouble) = of.maybe("trouble") { (whole(trouble)) } @else { span.faint { "–" } } }
                            td.right data-label="Waiting" { (number(["queued", "parked", "behind", "failed"].iter().map(|member| of.number(member)).sum())) }
                            td data-label="Installed" { (page.now.ago(of.text("installed_at"))) }
                        }
                    }
                }
            }
        }
    }
}

/// In one word.
pub(super) fn standing(of: &Value) -> Markup {
    let word = match of {
        of if !of.flag("enabled") => "disabled",
        of if of.flag("paused") => "paused",
        of if !of.at("blocked").is_null() => "blocked",
        of if of.flag("busy") => "running",
        _ => "enabled",
    };
    state(word)
}
