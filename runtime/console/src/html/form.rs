//! Forms and their buttons. Each carries what proves that it stood on a page of this console.

use maud::{Markup, html};

use super::part::cli;
use crate::page::Page;

/// What proves it.
pub(crate) fn token(page: &Page) -> Markup {
    html! { input type="hidden" name="form-token" value=(page.session.form_token()); }
}

/// What a button orders.
pub(crate) struct Button<'a> {
    /// Where it is sent to.
    pub to: &'a str,
    /// Its words.
    pub label: &'a str,
    /// Fields that it sends.
    pub fields: &'a [(&'a str, &'a str)],
    /// The command that does the same.
    pub cli: &'a str,
    /// `strong`, `danger` or nothing.
    pub class: &'a str,
    /// The key that presses it.
    pub key: Option<&'a str>,
}

/// A button with a form of its own, and the command that does the same.
pub(crate) fn button(page: &Page, of: &Button<'_>) -> Markup {
    html! {
        form.order method="post" action=(of.to) {
            (token(page))
            input type="hidden" name="back" value=(page.here(&page.query));
            @for (name, value) in of.fields { input type="hidden" name=(name) value=(value); }
            button class=(of.class) type="submit" data-press=[of.key] { (of.label) @if let Some(key) = of.key { " " kbd aria-hidden="true" { (key) } } }
            (cli(of.cli))
        }
    }
}

/// A choice of one word.
pub(crate) fn select(name: &str, label: &str, words: &[&str], chosen: &str) -> Markup {
    html! {
        label.field {
            span { (label) }
            select name=(name) {
                option value="" { "any" }
                @for word in words { option value=(word) selected[*word == chosen] { (word) } }
                // What a link names and nobody knows stays visible.
                @if !chosen.is_empty() && !words.contains(&chosen) { option value=(chosen) selected { (super::text::bare(chosen)) } }
            }
        }
    }
}

/// A line of text.
pub(crate) fn input(name: &str, label: &str, value: &str, hint: &str) -> Markup {
    html! {
        label.field {
            span { (label) }
            input name=(name) value=(value) placeholder=(hint) maxlength="200" autocomplete="off" spellcheck="false";
        }
    }
}
