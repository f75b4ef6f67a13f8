//! The frame around every page.

use maud::{DOCTYPE, Markup, html};

use super::form;
use super::text::bare as bare_text;
use crate::assets;
use crate::look::Look as _;
use crate::page::Page;

/// Where a page belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    Overview,
    Tasks,
    Failures,
    Missing,
    Connectors,
    Content,
    History,
    Operations,
    Audit,
    None,
}

/// Each with its address, its name, and the key that leads there after `g`.
pub(crate) const SECTIONS: [(Section, &str, &str, &str); 9] = [
    (Section::Overview, "/console", "Overview", "o"),
    (Section::Tasks, "/console/tasks", "Tasks", "t"),
    (Section::Failures, "/console/failures", "Failures", "f"),
    (Section::Missing, "/console/missing", "Missing", "m"),
    (Section::Connectors, "/console/connectors", "Connectors", "c"),
    (Section::Content, "/console/content", "Content", "n"),
    (Section::History, "/console/history", "History", "h"),
    (Section::Operations, "/console/operations", "Operations", "p"),
    (Section::Audit, "/console/audit", "Audit", "a"),
];

/// A whole page.
pub(crate) fn page(page: &Page, title: &str, section: Section, body: &Markup) -> Markup {
    let open = page.session.token.is_none();
    document(
        title,
        None,
        &html! {
                a.skip href="#main" { "Skip to the content" }
                header.bar {
                    a.brand href="/console" { (mark()) span { "Lockgate" } }
                    form.find role="search" action="/console/tasks" {
                        label.hidden for="find" { "Find tasks by title" }
                        input #find type="search" name="title" placeholder="Find tasks by title" maxlength="200" autocomplete="off";
                    }
                    span #live.live role="status" data-now=(page.status.text("now")) { "as of " (page.status.text("now").get(11..19).unwrap_or("–")) " UTC" }
                    a.keys href="/console/keys" title="Keys (?)" { kbd { "?" } span.hidden { "Keys" } }
                    @if !open {
                        form method="post" action="/console/logout" { (form::token(page)) button.quiet type="submit" { "Log out" } }
                    }
                }
                nav.pages aria-label="Pages" {
                    ul {
                        @for (of, address, name, key) in SECTIONS {
                            li {
                                a href=(address) data-key=(key) aria-current=[(of == section).then_some("page")] {
                                    span { (name) }
                                    (count(page, of))
                                }
                            }
                        }
                    }
                    p.faint { "Version " (page.status.text("version")) }
                }
                main #main tabindex="-1" {
                    div #banners data-live { (banners(page)) }
                    (body)
                }
                div #help {}
        },
    )
}

/// A page for somebody who is not let in yet.
pub(crate) fn bare(title: &str, body: &Markup) -> Markup {
    document(title, Some("alone"), &html! { main #main { p.brand { (mark()) span { "Lockgate" } } (body) } })
}

fn document(title: &str, class: Option<&str>, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (bare_text(title)) " · Lockgate" }
                link rel="icon" href=(assets::ICON.address()) type="image/svg+xml";
                link rel="stylesheet" href=(assets::STYLE.address());
                script src=(assets::SCRIPT.address()) defer data-worker=(assets::WORKER.address()) {}
            }
            body class=[class] { (body) }
        }
    }
}

/// A gate, half open.
fn mark() -> Markup {
    html! {
        svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" {
            rect x="2" y="3" width="3" height="18" rx="1.5" {}
            rect x="19" y="3" width="3" height="18" rx="1.5" {}
            path d="M7 7l6 2.5v9L7 21z" {}
            circle.eye cx="16" cy="12" r="1.5" {}
        }
    }
}

/// What waits there for somebody.
fn count(page: &Page, of: Section) -> Markup {
    let sum = |name: &str| page.status.members(name).iter().filter_map(|(_, count)| count.as_u64()).sum::<u64>();
    let (number, class) = match of {
        Section::Failures => (sum("failing") + sum("failed"), "count bad"),
        Section::Missing => (page.status.number("waits_for"), "count"),
        Section::Tasks => (sum("queued") + sum("parked") + sum("behind") + sum("failed"), "count"),
        _ => (0, "count"),
    };
    html! { @if number > 0 { span class=(class) { (super::part::short(number)) } } }
}

/// What holds for the whole server, and what was just done.
fn banners(page: &Page) -> Markup {
    let switches = page.status.at("switches");
    html! {
        @if let Some(said) = page.query.get("said").and_then(said) { p.banner.good role="status" { (said) } }
        @if !page.rights.operate {
            p.banner { strong { "You can look, and change nothing." } " Your token has the right to read only." }
        }
        @for (name, off) in [("bus", "The bus is switched off: nothing is taken in or processed."),
            ("logging", "Task intake is switched off: submissions are refused."),
            ("processing", "Processing is switched off: tasks are taken in and wait.")] {
            @if !switches.flag(name) { p.banner.warn { strong { (off) } " " a href="/console#switches" { "Switches" } } }
        }
    }
}

/// Words that may stand in an address, and what they say.
fn said(word: &str) -> Option<&'static str> {
    Some(match word {
        "stored" => "Tried: it is stored.",
        "unchanged" => "Tried: everything was as it says already.",
        "superseded" => "Tried: something newer had written it.",
        "absent" => "Tried: what it deletes was not there.",
        "skipped" => "Tried: the connector skipped it.",
        "failed" => "Tried: it failed again.",
        "parked" => "Tried: it waits for something that is not there.",
        "behind" => "Tried: it waits behind another task.",
        "changed" => "Changed.",
        "deleted" => "The task is deleted; the history says so.",
        "edited" => "The payload is replaced; the old one is kept.",
        "ignored" => "Given up: its tasks are set aside, its loose ends end.",
        "cancelled" => "Cancelled: what is left stays as it is.",
        "approved" => "The waiting version runs now.",
        "rolled-back" => "The version before runs again.",
        "enable" => "The connector is enabled.",
        "disable" => "The connector is disabled: it takes nothing in.",
        "pause" => "The connector is paused: it takes tasks in and processes none.",
        "resume" => "The connector goes on.",
        "process" => "A pass was asked for.",
        "switched" => "Switched.",
        _ => return None,
    })
}
