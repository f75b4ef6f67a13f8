//! What is shown instead of a page.

use maud::{DOCTYPE, Markup, html};

use super::frame;
use super::part::cli;
use super::text::{code, whole};
use crate::api::Refused;

/// In the place of a page's content.
pub(crate) fn inside(refusal: &Refused) -> Markup {
    html! {
        section.card.alert role="alert" {
            h1 { (headline(refusal)) }
            p { (whole(&refusal.detail)) }
            p { "Code: " (code(&refusal.code)) ". " (advice(refusal)) }
            (cli(&format!("lockgate explain {}", refusal.code)))
            p { a href="/console" { "To the overview" } }
        }
    }
}

/// A page of its own, for whom the frame cannot be drawn.
pub(crate) fn alone(refusal: &Refused) -> Markup {
    frame::bare("Lockgate", &inside(refusal))
}

/// Loads itself again, from here.
pub(crate) fn once_more() -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head { meta charset="utf-8"; title { "Lockgate" } meta http-equiv="refresh" content="0"; }
            body { main { p { "One moment." } } }
        }
    }
}

fn headline(refusal: &Refused) -> &'static str {
    match refusal.status.as_u16() {
        403 => "This is not allowed",
        404 => "This is not here",
        409 => "This cannot be done now",
        413 | 422 | 400 => "This cannot be taken as it is",
        429 => "The server has its hands full",
        500 => "The server failed",
        503 | 507 => "The store cannot be reached",
        _ => "This was refused",
    }
}

fn advice(refusal: &Refused) -> &'static str {
    match refusal.status.as_u16() {
        403 => "Ask whoever gives out tokens for one with this right.",
        429 => "Try again in a moment.",
        503 => "What was queued is safe; this page works again when the store does.",
        507 => "Make space on the disk that holds the store; the server goes on by itself.",
        _ => "",
    }
}
