//! Which keys do what; also without JavaScript, as a page.

use maud::{Markup, html};

use crate::html::frame::{SECTIONS, Section};
use crate::page::{Page, Shown};

pub(super) async fn show(page: Page) -> Shown {
    let body = html! {
        h1 { "Keys" }
        p { "Everything can be done with Tab and Enter. With JavaScript these are shorter:" }
        div #keys { (keys()) }
    };
    Ok(page.show("Keys", Section::None, &body))
}

fn keys() -> Markup {
    let to: Vec<(String, &str)> = SECTIONS.iter().map(|(_, _, name, key)| (format!("g {key}"), *name)).collect();
    let here = [
        ("/", "Find tasks by title"),
        ("j  k", "Next and previous row"),
        ("Enter", "Open the row; on a page that asks: yes"),
        ("x", "Select the row"),
        ("r  s  d", "Retry, skip, delete: the task, or those that are selected"),
        ("R  S  D", "The same with all that fit the filter"),
        ("e", "Edit the payload"),
        ("t", "Try without writing"),
        ("u", "Up: to the list"),
        ("?", "These keys"),
        ("Esc", "Close"),
    ];
    html! {
        div.columns {
            section aria-labelledby="keys-go" { h2 #keys-go { "Go to" } dl.keys { @for (key, name) in &to { div { dt { kbd { (key) } } dd { (name) } } } } }
            section aria-labelledby="keys-here" { h2 #keys-here { "On a page" } dl.keys { @for (key, name) in here { div { dt { kbd { (key) } } dd { (name) } } } } }
        }
    }
}
