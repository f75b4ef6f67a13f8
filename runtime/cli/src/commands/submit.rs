//! `lockgate submit`.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use lockgate_core::media::media_type_of;
use lockgate_core::task::{DataType, ProcessType, TaskType};
use serde_json::{Value, json};

use crate::client::Client;
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::input;
use crate::out::{self, number, text};
use crate::request::Request;

/// Bytes and lines of a batch that are sent in one request; the API takes more.
const BATCH_BYTES_MAX: usize = 8 << 20;
const BATCH_LINES_MAX: usize = 1_000;

/// Hand in an external object, or many
///
/// Answers when the task is durable. With a running server it may be processed at once; without one
/// it waits for `lockgate process` or `lockgate serve`.
///
/// Examples:
///   lockgate submit shop order.json --task-type update-object --title "order 17" --subject order-17
///   lockgate submit --batch tasks.ndjson
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Submit {
    /// Connector that translates it
    #[arg(required_unless_present = "batch")]
    connector: Option<String>,
    /// File with the external object, `-` or nothing for standard input
    file: Option<PathBuf>,
    /// NDJSON file of tasks, `-` for standard input; members as in the API
    #[arg(long, value_name = "FILE", conflicts_with_all = ["connector", "file", "task_type", "data_type", "process_type", "site", "title", "subject", "media_type", "idempotency_key"])]
    batch: Option<PathBuf>,
    /// What is to be done [default: create-object]
    #[arg(long)]
    task_type: Option<TaskType>,
    /// How much is meant: simple, simple-snapshot or snapshot [default: snapshot]
    #[arg(long)]
    data_type: Option<DataType>,
    /// What happens when it fails: default, skip-once, skip-on-error or delete-on-error
    #[arg(long)]
    process_type: Option<ProcessType>,
    /// Site; needed for pages
    #[arg(long)]
    site: Option<String>,
    /// For people
    #[arg(long)]
    title: Option<String>,
    /// What the object is called where it comes from: tasks of one subject never overtake each other
    #[arg(long, value_name = "ID")]
    subject: Option<String>,
    /// Media type [default: by the file's extension]
    #[arg(long)]
    media_type: Option<String>,
    /// Name of this request: handing it in twice queues it once
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
}

impl Submit {
    pub fn run(self, context: &Context) -> Result<()> {
        match (&self.batch, &self.connector) {
            (Some(batch), _) => submit_batch(context, batch),
            (None, Some(connector)) => self.submit_one(context, connector),
            (None, None) => Err(Failure::invalid("no connector is named").into()),
        }
    }

    fn submit_one(&self, context: &Context, connector: &str) -> Result<()> {
        let body = input::read(self.file.as_deref())?;
        let media_type = match &self.media_type {
            Some(media_type) => media_type,
            None => media_type_of(self.file.as_deref().and_then(Path::extension).and_then(OsStr::to_str)),
        };
        let mut request = Request::post(&["v1", "connectors", connector, "tasks"])
            .maybe("task_type", self.task_type.map(TaskType::as_str))
            .maybe("data_type", self.data_type.map(DataType::as_str))
            .maybe("process_type", self.process_type.map(ProcessType::as_str))
            .maybe("site", self.site.as_ref())
            .maybe("title", self.title.as_ref())
            .maybe("subject", self.subject.as_ref())
            .maybe("file_name", self.file_name())
            .body(media_type, body);
        if let Some(key) = &self.idempotency_key {
            request = request.header("idempotency-key", key);
        }
        let answer = context.client()?.json(request)?;
        context.show(&answer, |answer| {
            let task = text(answer, "task");
            if answer.get("repeated") != Some(&Value::Bool(true)) {
                return out::line(format!("task {task} is queued"));
            }
            let became = match (text(answer, "state"), text(answer, "outcome")) {
                (state, _) if !state.is_empty() => format!("it is {state}"),
                (_, outcome) if !outcome.is_empty() => format!("it has ended as {outcome}"),
                _ => "it has ended".to_owned(),
            };
            out::line(format!("nothing was queued: this was submitted before as task {task}, and {became}"))
        })
    }
}

impl Submit {
    /// What the connector may be told of where the object comes from.
    fn file_name(&self) -> Option<String> {
        let file = self.file.as_deref().filter(|file| *file != Path::new("-"))?;
        Some(file.file_name()?.to_string_lossy().into_owned())
    }
}

fn submit_batch(context: &Context, path: &Path) -> Result<()> {
    let bytes = input::read(Some(path))?;
    let lines = lines(&bytes, path)?;
    let client = context.client()?;
    let mut total = Total::default();
    let mut rest = lines.as_slice();
    while !rest.is_empty() {
        let (now, later) = rest.split_at(batch_len(rest));
        if let Err(error) = total.send(&client, now) {
            let earlier = total.accepted;
            return Err(match error.downcast::<Failure>() {
                Ok(failure) if earlier > 0 => {
                    Failure { message: format!("{} (tasks of earlier lines are queued: {earlier})", failure.message), ..failure }.into()
                }
                Ok(failure) => failure.into(),
                Err(error) => error,
            });
        }
        rest = later;
    }
    let answer = json!({"accepted": total.accepted, "repeated": total.repeated, "refused": total.refused, "results": total.results});
    context.show(&answer, |_| {
        for (line, result) in total.results.iter().enumerate() {
            if let Some(error) = result.get("error") {
                out::line(format!("task {} of the batch is refused: {} [{}]", line + 1, text(error, "detail"), text(error, "code")))?;
            }
        }
        let repeated = if total.repeated > 0 { format!("submitted before: {}, ", total.repeated) } else { String::new() };
        out::line(format!("queued: {}, {repeated}refused: {}", total.accepted - total.repeated.min(total.accepted), total.refused))
    })?;
    match total.refused {
        0 => Ok(()),
        refused => {
            Err(Failure::new(Exit::Failed, format!("refused tasks: {refused}")).hint("`lockgate explain CODE` says what to do").into())
        }
    }
}

#[derive(Default)]
struct Total {
    accepted: u64,
    repeated: u64,
    refused: u64,
    results: Vec<Value>,
}

impl Total {
    fn send(&mut self, client: &Client, lines: &[&[u8]]) -> Result<()> {
        let answer = client.json(Request::post(&["v1", "tasks"]).body("application/x-ndjson", lines.join(&b'\n')))?;
        self.accepted += number(&answer, "accepted");
        self.repeated += number(&answer, "repeated");
        self.refused += number(&answer, "refused");
        self.results.extend(out::list(&answer, "results").iter().cloned());
        Ok(())
    }
}

/// The lines that hold something. One that is not an object stops the whole file before anything
/// is sent.
fn lines<'a>(bytes: &'a [u8], path: &Path) -> Result<Vec<&'a [u8]>, Failure> {
    let mut lines = Vec::new();
    for (at, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let unreadable = |why: String| Failure::invalid(format!("{}:{}: {why}; nothing was submitted", path.display(), at + 1));
        let value: Value = serde_json::from_slice(line).map_err(|error| unreadable(error.to_string()))?;
        if !value.is_object() {
            return Err(unreadable("a line must be a JSON object".to_owned()));
        }
        lines.push(line);
    }
    Ok(lines)
}

/// How many lines go into the next request: at least one.
fn batch_len(lines: &[&[u8]]) -> usize {
    let mut bytes = 0;
    let fitting = lines.iter().take(BATCH_LINES_MAX).take_while(|line| {
        bytes += line.len() + 1;
        bytes <= BATCH_BYTES_MAX
    });
    fitting.count().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unreadable_line_is_named() {
        let error = lines(b"{}\n\n{\"a\":1}\n[1]\n", Path::new("b.ndjson")).unwrap_err();
        assert_eq!(error.message, "b.ndjson:4: a line must be a JSON object; nothing was submitted");
        assert_eq!(lines(b"{}\n\n{}\r\n", Path::new("b")).unwrap().len(), 2);
    }

    #[test]
    fn a_batch_is_cut_by_bytes_and_lines() {
        assert_eq!(batch_len(&[b"{}".as_slice(); 2_000]), BATCH_LINES_MAX);
        assert_eq!(batch_len(&[b"{}".as_slice(); BATCH_LINES_MAX]), BATCH_LINES_MAX);
        // With its line break each is half of what fits: two fill a request, a byte more is too much.
        let half = vec![b' '; BATCH_BYTES_MAX / 2 - 1];
        assert_eq!(batch_len(&[&half, &half, b"{}"]), 2);
        assert_eq!((batch_len(&[&half, &half]), batch_len(&[&half])), (2, 1));
        let more = vec![b' '; BATCH_BYTES_MAX / 2];
        assert_eq!(batch_len(&[&half, &more, b"{}"]), 1);
        // One that is too large by itself goes alone: the server says so.
        let large = vec![b' '; BATCH_BYTES_MAX + 1];
        assert_eq!(batch_len(&[&large, b"{}"]), 1);
        assert_eq!(batch_len(&[b"{}", &large]), 1);
    }
}
