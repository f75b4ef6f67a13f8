//! `lockgate task try` and `lockgate task edit`.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use serde_json::{Map, Value};

use crate::args;
use crate::commands::task::Filter;
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::input;
use crate::out::{self, Table, text};
use crate::request::Request;

/// Flags of `task try`.
#[derive(Debug, Args)]
pub struct Try {
    /// The task; without one, filters say which are meant
    #[arg(value_parser = args::number)]
    id: Option<u64>,
    /// Another external object in its place; `-` is standard input
    #[arg(long, value_name = "FILE", requires = "id")]
    body: Option<PathBuf>,
    /// Its media type [default: that of the task]
    #[arg(long, requires = "body")]
    media_type: Option<String>,
    /// Another component: a file, or the first digits of a kept version's digest
    #[arg(long, value_name = "FILE|DIGEST")]
    with: Option<String>,
    #[command(flatten)]
    filter: Filter,
    /// Of many tasks, how many are tried at most
    #[arg(long, default_value_t = 100, value_parser = args::number)]
    limit: u64,
}

/// Flags of `task edit`.
#[derive(Debug, Args)]
pub struct Edit {
    /// The task
    #[arg(value_parser = args::number)]
    id: u64,
    /// The object that takes its place, without an editor; `-` is standard input
    #[arg(long, value_name = "FILE")]
    body: Option<PathBuf>,
    /// Its media type [default: that of the task]
    #[arg(long)]
    media_type: Option<String>,
}

impl Try {
    pub fn run(self, context: &Context) -> Result<()> {
        if self.id.is_some() != self.filter.is_empty() {
            return Err(Failure::invalid("say which tasks are meant: an id, or filters such as --group and --failing").into());
        }
        let mut order = with(self.with.as_deref())?;
        let client = context.client_to_process()?;
        let Some(id) = self.id else {
            order.insert("filter".to_owned(), self.filter.members().into());
            order.insert("limit".to_owned(), self.limit.into());
            let request = Request::post(&["v1", "tasks", "try"]).body("application/json", serde_json::to_vec(&order)?);
            let answer = client.json(request)?;
            return context.show(&answer, print_summary);
        };
        let id = id.to_string();
        if let Some(path) = &self.body {
            let media_type = match self.media_type {
                Some(media_type) => media_type,
                None => text(&client.json(Request::get(&["v1", "tasks", &id]))?, "media_type"),
            };
            order.insert("body_base64".to_owned(), STANDARD.encode(input::read(Some(path))?).into());
            order.insert("media_type".to_owned(), media_type.into());
        }
        let request = Request::post(&["v1", "tasks", &id, "try"]).body("application/json", serde_json::to_vec(&order)?);
        let answer = client.json(request)?;
        context.show(&answer, print_tried)
    }
}

/// A file that is there, else digits.
fn with(with: Option<&str>) -> Result<Map<String, Value>> {
    let Some(with) = with else { return Ok(Map::new()) };
    let digits = !with.is_empty() && with.bytes().all(|byte| byte.is_ascii_hexdigit());
    let member = match PathBuf::from(with) {
        path if path.exists() => ("component_base64".to_owned(), STANDARD.encode(input::read(Some(&path))?).into()),
        _ if digits => ("with".to_owned(), with.into()),
        path => return Err(Failure::invalid(format!("{} is neither a file nor the digits of a digest", path.display())).into()),
    };
    Ok(Map::from_iter([member]))
}

fn print_tried(answer: &Value) -> io::Result<()> {
    let outcome = text(answer, "outcome");
    out::line(format!("task {} would be {outcome}; nothing was written", text(answer, "task")))?;
    let failure = out::failure(answer);
    if !failure.is_empty() {
        out::line(format!("why: {failure}"))?;
    }
    for want in out::list(answer, "missing") {
        out::line(format!("would wait for: {}", text(want, "what")))?;
    }
    let mut table = Table::new(&["", "TYPE", "NAME", "SITE", "MEMBER", "IS", "WOULD BE"]);
    for row in out::list(answer, "changes") {
        let of = |key: &str| text(row, key);
        let members = row.get("difference").and_then(Value::as_object).cloned().unwrap_or_default();
        if members.is_empty() {
            table.row([of("action"), of("type"), of("name"), of("site"), String::new(), String::new(), String::new()]);
        }
        for (name, sides) in &members {
            table.row([of("action"), of("type"), of("name"), of("site"), name.clone(), text(sides, "before"), text(sides, "after")]);
        }
    }
    table.print("no row would be another")?;
    let more = out::number(answer, "changes_total").saturating_sub(out::list(answer, "changes").len() as u64);
    if more > 0 {
        out::line(format!("{more} more rows"))?;
    }
    out::line(format!("references resolved: {}", out::number(answer, "references_resolved")))?;
    for warning in out::list(answer, "warnings") {
        out::line(format!("warning: {}: {}", text(warning, "code"), text(warning, "message")))?;
    }
    for line in out::list(answer, "log") {
        out::line(format!("log: {:<5} {:<5} {}", text(line, "level"), text(line, "source"), text(line, "message")))?;
    }
    if let Some(used) = crate::commands::history::used(answer) {
        out::line(format!("used: {used}"))?;
    }
    Ok(())
}

fn print_summary(answer: &Value) -> io::Result<()> {
    let outcomes = answer.get("outcomes").and_then(Value::as_object).cloned().unwrap_or_default();
    let outcomes: Vec<String> = outcomes.iter().map(|(outcome, count)| format!("{count} {outcome}")).collect();
    let (meant, tried) = (out::number(answer, "meant"), out::number(answer, "tried"));
    out::line(format!("of {meant} tasks {tried} were tried, and nothing was written: {}", outcomes.join(", ")))?;
    let rows = ["inserted", "updated", "deleted"].map(|key| format!("{} {key}", out::number(answer, key)));
    out::line(format!("rows: {}", rows.join(", ")))?;
    let mut table = Table::new(&["TASKS", "CODE", "PLACE", "WHAT", "FIRST TASK"]);
    for failed in out::list(answer, "failures") {
        table.row(["tasks", "code", "path", "text", "first"].map(|key| text(failed, key)));
    }
    table.print("none of them would fail or wait")
}

impl Edit {
    pub fn run(self, context: &Context) -> Result<()> {
        let id = self.id.to_string();
        let client = context.client()?;
        let shown = client.json(Request::get(&["v1", "tasks", &id]))?;
        let now = client.send(Request::get(&["v1", "tasks", &id, "external"]))?.success()?;
        let edited = match &self.body {
            Some(path) => input::read(Some(path))?,
            None => in_editor(&id, &now)?,
        };
        if edited == now && self.media_type.is_none() {
            return Err(Failure::new(Exit::Failed, "nothing was changed: the object is as it was").into());
        }
        let media_type = self.media_type.unwrap_or_else(|| text(&shown, "media_type"));
        let answer = client.json(Request::put(&["v1", "tasks", &id, "external"]).body(&media_type, edited))?;
        context.show(&answer, |answer| {
            out::line(format!("task {id} has another object, of {} bytes; the one that came is kept", text(answer, "bytes")))?;
            out::line(format!("next: lockgate task try {id}, or lockgate task retry {id}"))
        })
    }
}

/// What the operator's editor makes of it.
fn in_editor(id: &str, now: &[u8]) -> Result<Vec<u8>> {
    let named = ["VISUAL", "EDITOR"].into_iter().find_map(|name| std::env::var(name).ok().filter(|editor| !editor.trim().is_empty()));
    let editor = named.unwrap_or_else(|| "vi".to_owned());
    let mut file = tempfile::Builder::new().prefix(&format!("lockgate-task-{id}-")).tempfile()?;
    file.write_all(now)?;
    file.flush()?;
    // As git does: the variable may hold arguments.
    let status = Command::new("sh").arg("-c").arg(format!("{editor} \"$@\"")).arg(&editor).arg(file.path()).status();
    let status = status.map_err(|error| Failure::new(Exit::Failed, format!("the editor {editor} cannot be started: {error}")))?;
    if !status.success() {
        return Err(Failure::new(Exit::Failed, format!("the editor ended with {status}: nothing was changed")).into());
    }
    Ok(std::fs::read(file.path())?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn with_takes_a_file_or_digits() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"\0asm").unwrap();
        assert_eq!(with(file.path().to_str()).unwrap(), Map::from_iter([("component_base64".to_owned(), json!("AGFzbQ=="))]));
        assert_eq!(with(Some("3f2a")).unwrap(), Map::from_iter([("with".to_owned(), json!("3f2a"))]));
        assert!(with(Some("no-such-file.wasm")).is_err());
    }
}
