//! `lockgate task`.

mod act;
mod show;
mod trial;

use anyhow::Result;
use clap::{Args, Subcommand};
use lockgate_core::failure::Code;
use lockgate_core::task::{ProcessType, TaskState, TaskType};
use serde_json::{Map, Value};

use crate::args::number;
use crate::client::Paging;
use crate::context::Context;
use crate::moment;
use crate::out::{self, Table, text};
use crate::request::Request;

/// Look at queued tasks and decide about them
#[derive(Debug, Subcommand)]
pub enum Task {
    /// List queued tasks in order of submission
    ///
    /// Example: lockgate task list --connector shop --state failed
    #[command(verbatim_doc_comment)]
    List {
        #[command(flatten)]
        filter: Filter,
        /// With an id above this one, to go on where a list ended
        #[arg(long, value_name = "ID", value_parser = number)]
        after: Option<u64>,
        /// Tasks at most
        #[arg(long, default_value_t = 100, value_parser = number)]
        limit: u64,
    },
    /// Show one task, or what became of it
    ///
    /// Example: lockgate task show 17 --log
    #[command(verbatim_doc_comment)]
    Show(show::Show),
    /// Count tasks by connector, state, code and path: why they stand as they do
    ///
    /// Example: lockgate task reasons --connector shop --failing
    #[command(verbatim_doc_comment)]
    Reasons {
        #[command(flatten)]
        filter: Filter,
    },
    /// Try tasks now, each once, out of turn
    ///
    /// Many tasks are an operation: Ctrl-C ends the waiting, and `lockgate operation` shows it.
    ///
    /// Examples:
    ///   lockgate task retry 17 18
    ///   lockgate task retry --connector shop --failing
    #[command(verbatim_doc_comment)]
    Retry {
        #[command(flatten)]
        which: act::Which,
        /// Let each of them delete more rows than `deletes_per_task_max`, this once
        #[arg(long)]
        allow_deletes: bool,
    },
    /// Say what would be stored, and write nothing
    ///
    /// Runs a task through translation, references and plan; the connector's calls go out. With another object or
    /// another component in its place, too. Of many tasks a summary.
    ///
    /// Examples:
    ///   lockgate task try 17 --body corrected.json
    ///   lockgate task try --group 6f0c8a2b9d3e4f51 --with new.wasm
    #[command(verbatim_doc_comment)]
    Try(trial::Try),
    /// Put another external object into the place of the one that came, in your editor
    ///
    /// Of tasks that are queued or failed. The one that came is kept: `task show 17 --original`.
    ///
    /// Example: lockgate task edit 17
    #[command(verbatim_doc_comment)]
    Edit(trial::Edit),
    /// Set tasks aside for one pass, with everything that stands failed before them
    ///
    /// Example: lockgate task skip 17
    #[command(verbatim_doc_comment)]
    Skip(act::Which),
    /// Take tasks out of the queue; the history keeps an entry
    ///
    /// Asks before it deletes by filter or all, on a terminal.
    ///
    /// Example: lockgate task delete --connector shop --state failed --yes
    #[command(verbatim_doc_comment)]
    Delete {
        #[command(flatten)]
        which: act::Which,
        /// Do not ask
        #[arg(long, short = 'y')]
        yes: bool,
    },
    /// Change what happens when tasks fail; a failed one waits again
    ///
    /// Examples:
    ///   lockgate task process-type 17 18 skip-on-error
    ///   lockgate task process-type skip-on-error --connector shop --failing
    #[command(verbatim_doc_comment)]
    ProcessType {
        /// Tasks, if no filter says which; then default, skip-once, skip-on-error or delete-on-error
        #[arg(value_name = "[ID]... VALUE", required = true)]
        words: Vec<String>,
        #[command(flatten)]
        many: act::Many,
    },
}

/// Which tasks are meant.
#[derive(Debug, Clone, Default, Args)]
pub struct Filter {
    /// Of this connector only
    #[arg(long)]
    connector: Option<String>,
    /// In this state only: queued, parked, behind or failed
    #[arg(long)]
    state: Option<TaskState>,
    /// Whose last try failed, whatever their state
    #[arg(long)]
    failing: bool,
    /// That failed, or wait, by this code only, such as unresolved-reference
    #[arg(long)]
    code: Option<Code>,
    /// That failed, or wait, at this path of the object only
    #[arg(long)]
    path: Option<String>,
    /// Of this process type only
    #[arg(long = "with-process-type", value_name = "PROCESS_TYPE")]
    process_type: Option<ProcessType>,
    /// Tried so often at least
    #[arg(long = "attempts", value_name = "N", value_parser = number)]
    attempts_min: Option<u64>,
    /// That wait for this only: a mark, as `lockgate missing` shows it
    #[arg(long, value_name = "MARK")]
    waits_for: Option<String>,
    /// Of this type only
    #[arg(long)]
    task_type: Option<TaskType>,
    /// Whose title contains this
    #[arg(long)]
    title: Option<String>,
    /// Submitted at or after: RFC 3339, a date, yesterday, 2h
    #[arg(long, value_name = "TIME", value_parser = moment::read)]
    since: Option<jiff::Timestamp>,
    /// Submitted before
    #[arg(long, value_name = "TIME", value_parser = moment::read)]
    until: Option<jiff::Timestamp>,
    /// That fail by this fault only: a group, as `lockgate failures` shows it
    #[arg(long)]
    group: Option<String>,
}

impl Filter {
    fn is_empty(&self) -> bool {
        self.members().is_empty()
    }

    /// As members of a body, by the names of the API.
    fn members(&self) -> Map<String, Value> {
        let texts = [
            ("connector", self.connector.clone()),
            ("state", self.state.map(|state| state.to_string())),
            ("code", self.code.map(|code| code.to_string())),
            ("path", self.path.clone()),
            ("process_type", self.process_type.map(|process_type| process_type.to_string())),
            ("waits_for", self.waits_for.clone()),
            ("task_type", self.task_type.map(|task_type| task_type.to_string())),
            ("title", self.title.clone()),
            ("group", self.group.clone()),
            ("since", self.since.map(|at| at.to_string())),
            ("until", self.until.map(|at| at.to_string())),
        ];
        let texts = texts.into_iter().filter_map(|(name, text)| Some((name, Value::from(text?))));
        let failing = self.failing.then(|| ("failing", true.into()));
        let attempts = self.attempts_min.map(|attempts| ("attempts_min", attempts.into()));
        texts.chain(failing).chain(attempts).map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// As parameters of a request.
    fn on(self, request: Request) -> Request {
        self.members().into_iter().fold(request, |request, (name, value)| match value {
            Value::String(text) => request.query(&name, text),
            other => request.query(&name, other.to_string()),
        })
    }
}

impl Task {
    pub fn run(self, context: &Context) -> Result<()> {
        match self {
            Self::List { filter, after, limit } => {
                // What was not looked at is not claimed.
                let empty = if filter.is_empty() && after.is_none() {
                    "no task is queued"
                } else {
                    "no task that has not ended is as the filters say"
                };
                let request = filter.on(Request::get(&["v1", "tasks"]));
                let answer = Paging { rows: "tasks", cursor: "after", limit }.fetch(&context.client_to_read()?, &request, after)?;
                context.show(&answer.value, |answer| print_list(answer, empty))
            }
            Self::Show(show) => show.run(context),
            Self::Reasons { filter } => act::reasons(context, filter),
            Self::Retry { which, allow_deletes } => which.act(context, act::Act::Retry { allow_deletes }),
            Self::Try(trial) => trial.run(context),
            Self::Edit(edit) => edit.run(context),
            Self::Skip(which) => which.act(context, act::Act::Skip),
            Self::Delete { which, yes } => which.act(context, act::Act::Delete { yes }),
            Self::ProcessType { words, many } => act::set_process_type(context, words, many),
        }
    }
}

fn print_list(answer: &Value, empty: &str) -> std::io::Result<()> {
    let mut table =
        Table::new(&["ID", "CONNECTOR", "STATE", "PROCESS TYPE", "TYPE", "SITE", "TRIES", "SUBMITTED", "SINCE", "DUE", "TITLE", "WHY"]);
    for task in out::list(answer, "tasks") {
        table.row([
            text(task, "id"),
            text(task, "connector"),
            state(task),
            text(task, "process_type"),
            text(task, "task_type"),
            text(task, "site"),
            text(task, "attempts"),
            out::time(task, "submitted_at"),
            out::time(task, "since"),
            out::time(task, "not_before"),
            text(task, "title"),
            why(task),
        ]);
    }
    table.print(empty)?;
    match answer.get("next").and_then(Value::as_u64) {
        Some(next) => out::line(format!("more: --after {next}")),
        None => Ok(()),
    }
}

/// The state, and what the state alone does not say.
fn state(task: &Value) -> String {
    let state = text(task, "state");
    match state.as_str() {
        "failed" if task.get("aside") == Some(&Value::Bool(true)) => "failed, set aside".to_owned(),
        "queued" if task.get("failure").is_some_and(Value::is_object) => "queued, failing".to_owned(),
        _ => state,
    }
}

/// What it waits for, or how its last try ended.
fn why(task: &Value) -> String {
    match (text(task, "behind"), out::list(task, "waits_for").first()) {
        (behind, _) if !behind.is_empty() => format!("behind task {behind}"),
        (_, Some(want)) if text(task, "state") == "parked" => {
            let more = out::number(task, "waits_for_total").saturating_sub(1);
            let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!("waits for {}{rest}", text(want, "what"))
        }
        _ => out::failure(task),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_says_what_a_task_waits_for() {
        let parked = json!({"state": "parked", "behind": null, "waits_for": [{"what": "product 'Tea'"}], "waits_for_total": 3,
            "failure": {"code": "unresolved-reference", "message": "no"}});
        assert_eq!((state(&parked), why(&parked)), ("parked".to_owned(), "waits for product 'Tea' and 2 more".to_owned()));
        let behind = json!({"state": "behind", "behind": 12, "waits_for": []});
        assert_eq!(why(&behind), "behind task 12");
        let failing = json!({"state": "queued", "failure": {"code": "unavailable", "message": "no"}});
        assert_eq!((state(&failing), why(&failing)), ("queued, failing".to_owned(), "unavailable: no".to_owned()));
        assert_eq!(state(&json!({"state": "failed", "aside": true})), "failed, set aside");
    }
}
