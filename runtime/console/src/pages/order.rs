//! Beginning an operation: first how many tasks are meant and why they stand so, then a word that it shall be.

use maud::{Markup, html};
use serde_json::{Map, Value, json};

use super::tasks::FILTERS;
use crate::answer::go_to;
use crate::html::form::token;
use crate::html::frame::Section;
use crate::html::part::{cli, connector, counted, nothing, number, state};
use crate::html::text::{code, text};
use crate::look::Look as _;
use crate::page::{Page, Posted, Shown};
use crate::pairs::Pairs;

/// What is to be done, and with which tasks.
struct Order {
    action: String,
    ids: Vec<u64>,
    filters: Pairs,
}

impl Order {
    /// As the list of tasks asks: `selected=retry&ids=1&ids=2`, or `all=retry&state=failed`.
    fn of(fields: &Pairs) -> Self {
        let selected = fields.get("selected");
        Self {
            action: selected.or(fields.get("all")).unwrap_or("retry").to_owned(),
            ids: if selected.is_some() { fields.all("ids").filter_map(|id| id.parse().ok()).collect() } else { Vec::new() },
            filters: if selected.is_some() { Pairs::default() } else { fields.only(&FILTERS) },
        }
    }

    fn is_empty(&self, fields: &Pairs) -> bool {
        fields.get("selected").is_some() && self.ids.is_empty()
    }

    /// As `POST /v1/operations` takes it.
    fn body(&self, dry_run: bool) -> Value {
        let mut filter = Map::new();
        for (name, value) in self.filters.iter() {
            let value = match name {
                "failing" => value.parse().map(Value::Bool).unwrap_or_else(|_| json!(value)),
                "attempts_min" => value.parse::<u64>().map(Value::from).unwrap_or_else(|_| json!(value)),
                _ => json!(value),
            };
            filter.insert(name.to_owned(), value);
        }
        if !self.ids.is_empty() {
            filter.insert("ids".to_owned(), json!(self.ids));
        }
        let mut body = json!({ "action": self.action, "dry_run": dry_run });
        if let Some(body) = body.as_object_mut() {
            match filter.is_empty() {
                true => body.insert("all".to_owned(), Value::Bool(true)),
                false => body.insert("filter".to_owned(), Value::Object(filter)),
            };
        }
        body
    }

    /// The command that does the same; there is none for tasks that do not fail.
    fn command(&self) -> Option<String> {
        if self.filters.get("failing") == Some("false") {
            return None;
        }
        let mut line = format!("lockgate task {}", self.action);
        for id in &self.ids {
            line += &format!(" {id}");
        }
        for (name, value) in self.filters.iter() {
            let flag = match name {
                "attempts_min" => "attempts".to_owned(),
                "process_type" => "with-process-type".to_owned(),
                name => name.replace('_', "-"),
            };
            line += &match (name, value) {
                ("failing", _) => " --failing".to_owned(),
                _ => format!(" --{flag} {}", quoted(value)),
            };
        }
        if self.ids.is_empty() && self.filters.is_empty() {
            line += " --all";
        }
        Some(line)
    }
}

/// As a shell reads it.
fn quoted(value: &str) -> String {
    let safe = value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./:".contains(&b));
    if safe { value.to_owned() } else { format!("'{}'", value.replace('\'', "'\\''")) }
}

/// `GET /console/operations/new`.
pub(super) async fn show(page: Page) -> Shown {
    let order = Order::of(&page.query);
    if order.is_empty(&page.query) {
        let body = html! {
            h1 { "Nothing is selected" }
            (nothing("Tick the tasks that you mean.", "Or choose the buttons beside “All that fit”."))
            p { a.button href="/console/tasks" { "Back to the tasks" } }
        };
        return Ok(page.show("Nothing is selected", Section::Operations, &body));
    }
    let preview = page.api.post("/v1/operations", Some(&order.body(true))).await.map_err(|refusal| page.refused(&refusal))?;
    let meant = preview.number("meant");
    let verb = verb(&order.action);
    let body = html! {
        h1 { (verb) " " (counted(meant, "task", "tasks")) "?" }
        p { (means(&order.action)) }
        (reasons(preview.list("reasons")))
        @if meant == 0 {
            (nothing("No task is meant.", "They may have ended meanwhile."))
        } @else if page.rights.operate {
            form.order method="post" action="/console/operations" {
                (token(&page))
                @for (name, value) in page.query.iter().filter(|(name, _)| *name != "said") { input type="hidden" name=(name) value=(value); }
                button.strong.danger[order.action == "delete"] type="submit" data-press="Enter" { (verb) " " (counted(meant, "task", "tasks")) }
                a.button href=(order.filters.after("/console/tasks")) { "Leave them as they are" }
                @if let Some(command) = order.command() { (cli(&command)) }
            }
        }
    };
    Ok(page.show(&format!("{verb} tasks"), Section::Operations, &body))
}

/// `POST /console/operations`.
pub(super) async fn begin(posted: Posted) -> Shown {
    let order = Order::of(&posted.fields);
    if order.is_empty(&posted.fields) {
        return Ok(go_to("/console/operations/new?selected=retry"));
    }
    let begun = posted.post("/v1/operations", Some(&order.body(false))).await?;
    Ok(go_to(&format!("/console/operations/{}", begun.number("id"))))
}

/// What an action is called on a button.
pub(super) fn verb(action: &str) -> &'static str {
    match action {
        "retry" => "Retry",
        "skip" => "Skip",
        "delete" => "Delete",
        _ => "Change",
    }
}

fn means(action: &str) -> &'static str {
    match action {
        "retry" => "Each is tried once, by the version that is active. Those that fail again stay as they are.",
        "skip" => "The next pass leaves them out once, and tries those behind them.",
        "delete" => "They leave the queue for good. The history keeps an entry of each; their payloads go.",
        _ => "",
    }
}

fn reasons(reasons: &[Value]) -> Markup {
    html! {
        @if !reasons.is_empty() {
            div.scroll tabindex="0" role="group" aria-label="How they stand" {
                table.stack {
                    thead { tr { th scope="col" { "Connector" } th scope="col" { "State" } th scope="col" { "Code" } th scope="col" { "At" } th.right scope="col" { "Tasks" } } }
                    tbody {
                        @for reason in reasons {
                            tr {
                                td data-label="Connector" { (connector(reason.text("connector"))) }
                                td data-label="State" { (state(reason.text("state"))) }
                                td data-label="Code" { @if let Some(word) = reason.maybe("code") { (code(word)) } @else { span.faint { "none" } } }
                                td data-label="At" { @if let Some(path) = reason.maybe("path") { (text(path)) } @else { span.faint { "–" } } }
                                td.right data-label="Tasks" { (number(reason.number("tasks"))) }
                            }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_said_to_the_surface_and_as_a_command() {
        let all = Order::of(&Pairs::read(b"all=retry&failing=true&connector=shop&path=/a%20b&after=9&attempts_min=2"));
        let filter = json!({ "failing": true, "connector": "shop", "path": "/a b", "attempts_min": 2 });
        assert_eq!(all.body(true), json!({ "action": "retry", "dry_run": true, "filter": filter }));
        assert_eq!(all.command().unwrap(), "lockgate task retry --failing --connector shop --path '/a b' --attempts 2");
        assert_eq!(Order::of(&Pairs::read(b"all=retry&failing=false")).command(), None);
        let selected = Order::of(&Pairs::read(b"selected=delete&ids=1&ids=2&state=failed"));
        assert_eq!(selected.body(false), json!({ "action": "delete", "dry_run": false, "filter": { "ids": [1, 2] } }));
        assert_eq!(selected.command().unwrap(), "lockgate task delete 1 2");
        let every = Order::of(&Pairs::read(b"all=skip"));
        assert_eq!(every.body(false), json!({ "action": "skip", "dry_run": false, "all": true }));
        assert_eq!(every.command().unwrap(), "lockgate task skip --all");
    }

    #[test]
    fn nothing_selected_is_never_everything() {
        let fields = Pairs::read(b"selected=delete&state=failed");
        assert!(Order::of(&fields).is_empty(&fields));
        let fields = Pairs::read(b"all=delete&state=failed");
        assert!(!Order::of(&fields).is_empty(&fields));
    }
}
