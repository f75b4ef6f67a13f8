//! Trying without writing, and editing a payload: what would be stored stands beside what is.

use axum::body::Body;
use axum::extract::Path;
use axum::http::Method;
use maud::{Markup, PreEscaped, html};
use serde_json::{Value, json};

use crate::answer::go_to;
use crate::api::Raw;
use crate::html::form::token;
use crate::html::frame::Section;
use crate::html::part::{bar, cli, counted, failure, nothing, state};
use crate::html::text::{bare, code, text, whole};
use crate::look::{Look as _, plain};
use crate::page::{Ended, Page, Posted, Shown};

/// Largest payload that is edited in a form.
const EDITED_BYTES_MAX: usize = 1 << 20;

/// `GET /console/tasks/{id}/edit`.
pub(super) async fn edit(Path(id): Path<u64>, page: Page) -> Shown {
    let raw = payload(&page, id).await?;
    let body = html! {
        p.path { a href={ "/console/tasks/" (id) } data-press="u" { "Task #" (id) } }
        h1 { "Edit the payload of #" (id) }
        @match editable(&raw) {
            Some(text) => (form(&page, id, text, &raw.media_type)),
            None => {
                (nothing("This payload cannot be edited in a form.", "It is no text, is too long, or has characters that a form would change."))
                p { "Edit it with " (cli(&format!("lockgate task edit {id}"))) }
            }
        }
    };
    Ok(page.show(&format!("Edit task {id}"), Section::Tasks, &body))
}

async fn payload(page: &Page, id: u64) -> Result<Raw, Ended> {
    let sent = page.api.send(Method::GET, &format!("/v1/tasks/{id}/external"), Body::empty(), None).await;
    sent.map_err(|refusal| page.refused(&refusal))
}

/// A text that comes back from a form as it went there: browsers write each line's end as CR LF, and no NUL.
fn editable(raw: &Raw) -> Option<&str> {
    let text = std::str::from_utf8(&raw.bytes).ok().filter(|text| text.len() <= EDITED_BYTES_MAX && !text.contains('\0'))?;
    let returns = text.matches('\r').count();
    (returns == 0 || (returns == text.matches("\r\n").count() && returns == text.matches('\n').count())).then_some(text)
}

/// What a form sent, with the line ends that the payload has.
fn as_it_was(sent: &str, raw: &Raw) -> String {
    if raw.bytes.contains(&b'\r') { sent.to_owned() } else { sent.replace("\r\n", "\n") }
}

fn form(page: &Page, id: u64, text: &str, media_type: &str) -> Markup {
    let lines = text.lines().count().clamp(8, 40);
    html! {
        form.card method="post" action={ "/console/tasks/" (id) "/try" } {
            (token(page))
            label.field for="payload" { "Payload, " (bare(media_type)) }
            // A browser leaves out a line's end that is the first character.
            textarea #payload name="payload" rows=(lines) spellcheck="false" autocomplete="off" wrap="soft" { (PreEscaped("\n")) (text) }
            div.orders {
                button.strong type="submit" data-press="t" { "Try it: nothing is written" }
                button type="submit" formaction={ "/console/tasks/" (id) "/edit" } name="then" value="retry" { "Replace it and retry" }
                button type="submit" formaction={ "/console/tasks/" (id) "/edit" } { "Replace it" }
                a.button href={ "/console/tasks/" (id) } { "Leave it as it is" }
            }
            p.faint { "The payload as it came is kept, with who replaced it. " (cli(&format!("lockgate task edit {id}"))) }
        }
    }
}

/// `POST /console/tasks/{id}/edit`.
pub(super) async fn replace(id: u64, posted: Posted) -> Shown {
    let raw = payload(&posted.page, id).await?;
    let text = as_it_was(posted.fields.text("payload"), &raw);
    let target = format!("/v1/tasks/{id}/external");
    let sent = posted.page.api.send(Method::PUT, &target, Body::from(text), Some(&raw.media_type)).await;
    sent.map_err(|refusal| posted.page.refused(&refusal))?;
    if posted.fields.get("then") == Some("retry") {
        let tried = posted.post(&format!("/v1/tasks/{id}/retry"), None).await?;
        return Ok(go_to(&format!("/console/tasks/{id}?said={}", tried.text("outcome"))));
    }
    Ok(go_to(&format!("/console/tasks/{id}?said=edited")))
}

/// `POST /console/tasks/{id}/try`, with another payload or with the task's own.
pub(super) async fn try_it(id: u64, posted: Posted) -> Shown {
    let raw = payload(&posted.page, id).await?;
    let edited = posted.fields.get("payload").map(|sent| as_it_was(sent, &raw));
    let order = match &edited {
        Some(text) => json!({ "body": text, "media_type": raw.media_type }),
        None => json!({}),
    };
    let tried = posted.post(&format!("/v1/tasks/{id}/try"), Some(&order)).await?;
    let page = &posted.page;
    let body = html! {
        p.path { a href={ "/console/tasks/" (id) } data-press="u" { "Task #" (id) } }
        h1 { "What would become of #" (id) " " (state(word(tried.text("outcome")))) }
        p.faint { "Nothing was written. " (cli(&format!("lockgate task try {id}"))) }
        (failure(tried.at("failure")))
        section aria-labelledby="changes-title" {
            h2 #changes-title { "What would be stored" }
            (changes(&tried))
        }
        (rest(&tried))
        @if page.rights.operate {
            @match edited.as_deref().or(editable(&raw)) {
                Some(text) => (form(page, id, text, &raw.media_type)),
                None => {},
            }
        }
    };
    Ok(page.show(&format!("Try of task {id}"), Section::Tasks, &body))
}

/// The outcome of a try, which stored nothing.
pub(super) fn word(outcome: &str) -> &str {
    if outcome == "stored" { "would be stored" } else { outcome }
}

fn changes(tried: &Value) -> Markup {
    let rows = tried.list("changes");
    html! {
        @if rows.is_empty() { (nothing("Nothing would change.", "What is stored stays as it is.")) }
        @for row in rows {
            article.card {
                h3 { (state(row.text("action"))) " " (code(row.text("type"))) " " @if let Some(name) = row.maybe("name") { (text(name)) } @if let Some(site) = row.maybe("site") { span.faint { " in " (text(site)) } } }
                div.scroll tabindex="0" role="group" aria-label="Difference" {
                    table {
                        thead { tr { th scope="col" { "Member" } th scope="col" { "Is" } th scope="col" { "Would be" } } }
                        tbody { @for (name, sides) in row.members("difference") { tr { th scope="row" { (code(name)) } td.is { (side(sides.at("before"))) } td.would { (side(sides.at("after"))) } } } }
                    }
                }
            }
        }
        @let more = tried.number("changes_total").saturating_sub(rows.len() as u64);
        @if more > 0 { p.faint { "And " (counted(more, "row more", "rows more")) "." } }
    }
}

fn side(value: &Value) -> Markup {
    let pointed = value.at("ref");
    html! {
        @if value.is_null() { span.faint { "–" } }
        @else if pointed.is_null() { (whole(&plain(value))) }
        @else { (text(pointed.maybe("code_name").or(pointed.maybe("path")).unwrap_or("a new row"))) }
    }
}

fn rest(tried: &Value) -> Markup {
    html! {
        @if !tried.list("missing").is_empty() {
            h2 { "It would wait for" }
            ul.notes { @for want in tried.list("missing") { li { (whole(want.text("what"))) @if let Some(external) = want.maybe("external") { " (" (code(external)) ")" } } } }
        }
        @if !tried.list("warnings").is_empty() {
            h2 { "Warnings" }
            ul.notes { @for warning in tried.list("warnings") { li { (code(warning.text("code"))) " " (whole(warning.text("message"))) } } }
        }
        @if !tried.list("log").is_empty() {
            h2 { "Log" }
            ul.notes { @for line in tried.list("log") { li { (code(line.text("level"))) " " span.faint { (line.text("source")) } " " (whole(line.text("message"))) } } }
        }
        @if !tried.at("used").is_null() {
            h2 { "Used of its limits" }
            div.bars { @for (member, name, unit) in super::task::LIMITS { @let of = tried.at("used").at(member); (bar(name, of.number("used"), of.at("limit").as_u64(), unit)) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(bytes: &'static [u8]) -> Raw {
        Raw { media_type: String::new(), bytes: bytes.into() }
    }

    #[test]
    fn what_a_form_would_change_is_not_edited_in_one() {
        for (bytes, can) in [
            (&b"a\nb"[..], true),
            (b"a\r\nb\r\n", true),
            (b"a\rb", false),
            (b"a\r\nb\n", false),
            (b"a\0", false),
            (b"\xff", false),
            (b"", true),
        ] {
            assert_eq!(editable(&raw(bytes)).is_some(), can, "{bytes:?}");
        }
        assert_eq!(as_it_was("a\r\nb", &raw(b"x\ny")), "a\nb");
        assert_eq!(as_it_was("a\r\nb", &raw(b"x\r\ny")), "a\r\nb");
    }
}
