//! What operators do with tasks: retry, skip, delete, change the process type; one by one, or many as an operation.

use std::io::{self, IsTerminal as _, Write as _};

use anyhow::Result;
use clap::Args;
use lockgate_core::task::ProcessType;
use serde_json::{Map, Value, json};

use crate::args;
use crate::client::Client;
use crate::commands::operation::{finish, watch};
use crate::commands::task::Filter;
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::out::{self, Table, text};
use crate::request::Request;

/// Tasks by id, by filter, or all.
#[derive(Debug, Args)]
pub struct Which {
    /// Tasks
    #[arg(value_name = "ID", value_parser = args::number)]
    ids: Vec<u64>,
    #[command(flatten)]
    many: Many,
}

/// Tasks by filter, or all.
#[derive(Debug, Args)]
pub struct Many {
    #[command(flatten)]
    filter: Filter,
    /// Every queued task
    #[arg(long)]
    all: bool,
    /// Say how many tasks are meant, of which connectors and why they stand so, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not wait for the end of the operation; needs a running server
    #[arg(long)]
    no_wait: bool,
}

/// What is done with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    Retry {
        allow_deletes: bool,
    },
    Skip,
    /// `yes`: without asking.
    Delete {
        yes: bool,
    },
    ProcessType(ProcessType),
}

impl Act {
    fn word(self) -> &'static str {
        match self {
            Self::Retry { .. } => "retry",
            Self::Skip => "skip",
            Self::Delete { .. } => "delete",
            Self::ProcessType(_) => "process-type",
        }
    }
}

impl Which {
    pub fn act(self, context: &Context, act: Act) -> Result<()> {
        let Self { ids, many } = self;
        let ways = [!ids.is_empty(), !many.filter.is_empty(), many.all].into_iter().filter(|way| *way).count();
        if ways != 1 {
            return Err(Failure::invalid("say which tasks are meant: ids, or filters such as --connector and --failing, or --all").into());
        }
        if ids.is_empty() || many.dry_run {
            return many.act(context, &ids, act);
        }
        let client = client(context, act)?;
        let mut results = Vec::new();
        for id in &ids {
            results.push(act_on_one(&client, *id, act)?);
        }
        told(context, results)
    }
}

/// `lockgate task process-type [ID…] VALUE`.
pub fn set_process_type(context: &Context, mut words: Vec<String>, many: Many) -> Result<()> {
    let value = words.pop().unwrap_or_default();
    let value: ProcessType = value.parse().map_err(|error| Failure::invalid(format!("{error}; it comes last, after the ids")))?;
    let ids = words.iter().map(|word| args::number(word).map_err(|error| Failure::invalid(format!("{word}: {error}"))));
    let ids = ids.collect::<Result<Vec<u64>, Failure>>()?;
    Which { ids, many }.act(context, Act::ProcessType(value))
}

/// A retry runs tasks at once.
fn client(context: &Context, act: Act) -> Result<Client> {
    if matches!(act, Act::Retry { .. }) { context.client_to_process() } else { context.client() }
}

/// What came of one: that it did not, too, so that each id is told.
fn act_on_one(client: &Client, id: u64, act: Act) -> Result<Value> {
    let task = id.to_string();
    let request = match act {
        Act::Delete { .. } => Request::delete(&["v1", "tasks", &task]),
        Act::Retry { allow_deletes } => {
            Request::post(&["v1", "tasks", &task, "retry"]).maybe("allow_deletes", allow_deletes.then_some("true"))
        }
        Act::Skip => Request::post(&["v1", "tasks", &task, "skip"]),
        Act::ProcessType(value) => Request::post(&["v1", "tasks", &task, "process-type"]).query("value", value.as_str()),
    };
    match client.json(request) {
        Ok(done) => Ok(done),
        Err(error) => match error.downcast::<Failure>() {
            Ok(Failure { exit: Exit::Failed, message, problem, .. }) => {
                Ok(json!({ "task": id, "outcome": "refused", "message": message, "problem": problem }))
            }
            Ok(failure) => Err(failure.into()),
            Err(error) => Err(error),
        },
    }
}

fn told(context: &Context, results: Vec<Value>) -> Result<()> {
    let count = |outcome: &str| results.iter().filter(|result| text(result, "outcome") == outcome).count();
    let (failed, refused) = (count("failed"), count("refused"));
    // One that is named alone is told as an error, as ever.
    if let ([only], 1) = (results.as_slice(), refused) {
        let problem = only.get("problem").filter(|problem| !problem.is_null()).cloned().map(Box::new);
        let hint = problem.as_ref().and_then(|problem| crate::advice::of_code(&text(problem, "code"))).map(str::to_owned);
        return Err(Failure { exit: Exit::Failed, message: text(only, "message"), hint, problem }.into());
    }
    let answer = json!({ "results": results });
    context.show(&answer, |answer| {
        for result in out::list(answer, "results") {
            let why = match (out::failure(result), text(result, "message")) {
                (failure, refusal) if failure.is_empty() && refusal.is_empty() => String::new(),
                (failure, refusal) if failure.is_empty() => format!(": {refusal}"),
                (failure, _) => format!(": {failure}"),
            };
            out::line(format!("task {} {}{why}", text(result, "task"), text(result, "outcome")))?;
        }
        Ok(())
    })?;
    match (failed, refused) {
        (0, 0) => Ok(()),
        (0, refused) => Err(Failure::new(Exit::Failed, format!("refused: {refused}")).into()),
        (failed, _) => Err(Failure::new(Exit::Failed, format!("failed tasks: {failed}"))
            .hint("`lockgate task show ID --log` says why, `lockgate explain CODE` what to do")
            .into()),
    }
}

impl Many {
    /// As an operation.
    fn act(self, context: &Context, ids: &[u64], act: Act) -> Result<()> {
        let client = client(context, act)?;
        if self.dry_run {
            let preview = client.json(self.order(ids, act, true)?)?;
            return context.show(&preview, |preview| print_reasons(preview, &format!("{} would mean", act.word())));
        }
        if self.no_wait && client.is_local() {
            return Err(Failure::new(Exit::Unreachable, "there is no server that could go on when this command ends")
                .hint("leave out --no-wait, or start `lockgate serve`")
                .into());
        }
        if matches!(act, Act::Delete { yes: false }) && on_a_terminal() && !self.confirmed(&client, act)? {
            return Err(Failure::new(Exit::Failed, "nothing was deleted").into());
        }
        let begun = client.json(self.order(ids, act, false)?)?;
        if self.no_wait {
            return context.show(&begun, crate::commands::operation::print);
        }
        finish(context, &watch(&client, out::number(&begun, "id"))?)
    }

    fn order(&self, ids: &[u64], act: Act, dry_run: bool) -> Result<Request> {
        let mut filter = self.filter.members();
        if !ids.is_empty() {
            filter.insert("ids".to_owned(), ids.into());
        }
        let mut order = Map::from_iter([("action".to_owned(), act.word().into()), ("filter".to_owned(), filter.into())]);
        for (name, value) in [("all", self.all), ("dry_run", dry_run), ("allow_deletes", act == Act::Retry { allow_deletes: true })] {
            if value {
                order.insert(name.to_owned(), true.into());
            }
        }
        if let Act::ProcessType(value) = act {
            order.insert("process_type".to_owned(), value.as_str().into());
        }
        Ok(Request::post(&["v1", "operations"]).body("application/json", serde_json::to_vec(&order)?))
    }

    /// Whether whoever sits in front of it wants what it would do.
    fn confirmed(&self, client: &Client, act: Act) -> Result<bool> {
        let preview = client.json(self.order(&[], act, true)?)?;
        let mut asked = io::stderr().lock();
        for reason in out::list(&preview, "reasons") {
            let why =
                [text(reason, "code"), text(reason, "path")].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" at ");
            let line = format!("  {} of {}, {} {why}", text(reason, "tasks"), text(reason, "connector"), text(reason, "state"));
            writeln!(asked, "{}", out::field(line.trim_end()))?;
        }
        write!(asked, "delete {} tasks? [y/N] ", out::number(&preview, "meant"))?;
        asked.flush()?;
        let mut answer = String::new();
        io::stdin().read_line(&mut answer)?;
        Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
    }
}

fn on_a_terminal() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// `lockgate task reasons`.
pub fn reasons(context: &Context, filter: Filter) -> Result<()> {
    let answer = context.client_to_read()?.json(filter.on(Request::get(&["v1", "tasks", "reasons"])))?;
    context.show(&answer, |answer| print_reasons(answer, "these are"))
}

fn print_reasons(answer: &Value, lead: &str) -> io::Result<()> {
    let mut table = Table::new(&["TASKS", "CONNECTOR", "STATE", "CODE", "PATH"]);
    for reason in out::list(answer, "reasons") {
        table.row(["tasks", "connector", "state", "code", "path"].map(|key| text(reason, key)));
    }
    table.print("no task is meant")?;
    out::line(format!("{lead} {} tasks", out::number(answer, "meant")))
}
