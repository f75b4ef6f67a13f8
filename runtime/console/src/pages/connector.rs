//! One connector: what it asked for and got, its versions, and how much of its limits its tasks use.

use axum::extract::Path;
use maud::{Markup, html};
use serde_json::Value;

use super::connectors::standing;
use super::task::LIMITS;
use crate::html::form::{Button, button};
use crate::html::frame::Section;
use crate::html::part::{bar, bytes, nothing, number, state};
use crate::html::text::{bare, code, text, whole};
use crate::look::{Look as _, plain};
use crate::page::{Page, Shown};
use crate::pairs::part;

/// Ended tasks that its use of limits is measured by.
const MEASURED: u32 = 200;

pub(super) async fn show(Path(name): Path<String>, page: Page) -> Shown {
    let of = page.get(&format!("/v1/connectors/{}", part(&name))).await?;
    let history = page.api.get(&format!("/v1/history?connector={}&limit={MEASURED}", part(&name))).await.unwrap_or_default();
    let body = html! {
        p.path { a href="/console/connectors" data-press="u" { "Connectors" } }
        h1 { (text(&name)) " " (standing(&of)) }
        section #orders data-live aria-label="What can be done" {
            @if let Some(trouble) = of.maybe("trouble") { p.banner.bad { strong { "Trouble: " } (whole(trouble)) } }
            (waiting(&page, &name, &of))
            @if page.rights.operate { (orders(&page, &name, &of)) }
        }
        section aria-labelledby="asks-title" { h2 #asks-title { "Asked and granted" } (asks(&of)) }
        section aria-labelledby="versions-title" { h2 #versions-title { "Versions" } (versions(&page, &name, &of)) }
        section aria-labelledby="used-title" { h2 #used-title { "Used of its limits" } (used(history.list("history"))) }
        section aria-labelledby="limits-title" { h2 #limits-title { "Limits and state" } (limits(&of)) }
    };
    Ok(page.show(&bare(&name), Section::Connectors, &body))
}

fn orders(page: &Page, name: &str, of: &Value) -> Markup {
    let order = |action: &str, label: &str, class: &str| {
        let (to, cli) = (format!("/console/connectors/{}/{action}", part(name)), format!("lockgate connector {action} {name}"));
        button(page, &Button { to: &to, label, fields: &[], cli: &cli, class, key: None })
    };
    html! {
        div.orders {
            @if of.flag("enabled") {
                @if of.flag("paused") { (order("resume", "Let it go on", "strong")) } @else { (order("pause", "Pause: take in, process nothing", "")) }
                (order("disable", "Disable: take nothing in", "danger"))
            } @else { (order("enable", "Enable", "strong")) }
            (button(page, &Button { to: &format!("/console/connectors/{}/process", part(name)), label: "Process its queue now", fields: &[], cli: &format!("lockgate process {name}"), class: "", key: None }))
        }
    }
}

/// A version that asks for more than the one before.
fn waiting(page: &Page, name: &str, of: &Value) -> Markup {
    html! {
        @if let Some(digest) = of.maybe("waiting") {
            article.card.alert {
                h2.small { "A new version waits for approval" }
                p { "Version " (code(digest.get(..12).unwrap_or(digest))) " asks for more than the active one:" }
                ul.difference { @for more in of.list("beyond").iter().filter_map(Value::as_str) { li { "+ " (whole(more)) } } }
                p.faint { "Approving lets it run. What it asks for is still granted by the configuration alone." }
                @if page.rights.admin {
                    (button(page, &Button { to: &format!("/console/connectors/{}/approve", part(name)), label: "Approve this version", fields: &[("digest", digest)],
                        cli: &format!("lockgate connector approve {name} --digest {}", digest.get(..12).unwrap_or(digest)), class: "strong", key: None }))
                }
            }
        }
    }
}

fn asks(of: &Value) -> Markup {
    html! {
        @if of.list("asks").is_empty() {
            (nothing(if of.flag("has_manifest") { "It asks for nothing." } else { "It has no manifest." }, "What a connector may do, the configuration grants."))
        } @else {
            table.stack {
                thead { tr { th scope="col" { "Kind" } th scope="col" { "Asked" } th scope="col" { "Granted" } } }
                tbody { @for ask in of.list("asks") { tr { td data-label="Kind" { (ask.text("what")) } td data-label="Asked" { (code(ask.text("item"))) } td data-label="Granted" { (state(ask.text("granted"))) } } } }
            }
        }
        h3 { "The grant, as the configuration says it" }
        dl.facts { @for (name, value) in of.members("grant") { div { dt { (name) } dd { (granted(value)) } } } }
    }
}

fn granted(value: &Value) -> Markup {
    html! {
        @match value {
            Value::Array(items) if items.is_empty() => span.faint { "none" },
            Value::Array(items) => @for (at, item) in items.iter().enumerate() { @if at > 0 { ", " } @if let Some(name) = item.maybe("name") { (code(name)) } @else { (code(&plain(item))) } },
            Value::Object(items) if items.is_empty() => span.faint { "none" },
            Value::Bool(granted) => (if *granted { "yes" } else { "no" }),
            other => (code(&plain(other))),
        }
    }
}

fn versions(page: &Page, name: &str, of: &Value) -> Markup {
    html! {
        table.stack {
            thead { tr { th scope="col" { "Version" } th scope="col" { "Standing" } th scope="col" { "Installed" } th scope="col" { "Manifest" } @if page.rights.admin { th scope="col" { "Change" } } } }
            tbody {
                @for version in of.list("versions") {
                    @let digest = version.text("digest");
                    @let short = digest.get(..12).unwrap_or(digest);
                    tr {
                        th scope="row" { (code(short)) }
                        td data-label="Standing" { (state(version.text("standing"))) }
                        td data-label="Installed" { (page.now.ago(version.text("installed_at"))) }
                        td data-label="Manifest" { @if version.flag("has_manifest") { "yes" } @else { "no" } }
                        @if page.rights.admin {
                            td data-label="Change" {
                                @if version.text("standing") == "kept" {
                                    (button(page, &Button { to: &format!("/console/connectors/{}/rollback", part(name)), label: "Go back to it", fields: &[("to", digest)],
                                        cli: &format!("lockgate connector rollback {name} --to {short}"), class: "", key: None }))
                                } @else { span.faint { "–" } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Half of the tries used no more than this, nearly all no more than that, and the worst.
fn used(entries: &[Value]) -> Markup {
    let measured: Vec<&Value> = entries.iter().map(|entry| entry.at("used")).filter(|used| !used.is_null()).collect();
    html! {
        @if measured.is_empty() { (nothing("Nothing is measured yet.", "What ended tasks used stands here.")) }
        @else {
            p.faint { "Of the last " (measured.len()) " tasks that ended." }
            @for (member, name, unit) in LIMITS {
                @let mut values: Vec<u64> = measured.iter().map(|used| used.at(member).number("used")).collect();
                @let () = values.sort_unstable();
                @let limit = measured.iter().find_map(|used| used.at(member).at("limit").as_u64());
                @let at = |share: usize| values.get((values.len() - 1) * share / 100).copied().unwrap_or_default();
                h3 { (name) }
                div.bars { (bar("half of them", at(50), limit, unit)) (bar("99 of 100", at(99), limit, unit)) (bar("the worst", at(100), limit, unit)) }
            }
        }
    }
}

fn limits(of: &Value) -> Markup {
    html! {
        dl.facts {
            div { dt { "state" } dd { (number(of.at("state").number("keys"))) " keys, " (bytes(of.at("state").number("bytes"))) } }
            @for (name, value) in of.members("limits") {
                div { dt { (name) } dd { @if name.contains("bytes") { (bytes(value.as_u64().unwrap_or_default())) } @else { (number(value.as_u64().unwrap_or_default())) } } }
            }
        }
    }
}
