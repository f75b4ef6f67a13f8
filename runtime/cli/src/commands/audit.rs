//! `lockgate audit`.

use anyhow::Result;
use clap::Args;
use serde_json::Value;

use crate::args::number;
use crate::client::Paging;
use crate::context::Context;
use crate::moment;
use crate::out::{self, Table, text};
use crate::request::Request;

/// List who has changed what, newest first
///
/// One row for each change that a person or a program has ordered: by which token, from where. Kept apart
/// from the history. What was submitted is in the history.
///
/// Examples:
///   lockgate audit --since yesterday
///   lockgate audit --who anna --action task-edit
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Audit {
    /// Ordered by the token of this name only
    #[arg(long, value_name = "NAME")]
    who: Option<String>,
    /// Of this kind only, such as task-retry, operation-begin or connector-approve
    #[arg(long)]
    action: Option<lockgate_core::audit::AuditAction>,
    /// About this connector, or a task of it, only
    #[arg(long)]
    connector: Option<String>,
    /// At or after: RFC 3339, a date, yesterday, 2h
    #[arg(long, value_name = "TIME", value_parser = moment::read)]
    since: Option<jiff::Timestamp>,
    /// Before
    #[arg(long, value_name = "TIME", value_parser = moment::read)]
    until: Option<jiff::Timestamp>,
    /// With a number below this one, to go on where a list ended
    #[arg(long, value_name = "NUMBER", value_parser = number)]
    before: Option<u64>,
    /// Rows at most
    #[arg(long, default_value_t = 100, value_parser = number)]
    limit: u64,
}

impl Audit {
    pub fn run(self, context: &Context) -> Result<()> {
        let request = Request::get(&["v1", "audit"])
            .maybe("who", self.who)
            .maybe("action", self.action.map(|action| action.to_string()))
            .maybe("connector", self.connector)
            .maybe("since", self.since.map(|at| at.to_string()))
            .maybe("until", self.until.map(|at| at.to_string()));
        let paging = Paging { rows: "audit", cursor: "before", limit: self.limit };
        let answer = paging.fetch(&context.client_to_read()?, &request, self.before)?;
        context.show(&answer.value, |answer| {
            let mut table = Table::new(&["WHEN", "WHO", "FROM", "ACTION", "CONNECTOR", "WHAT", "BEFORE", "AFTER"]);
            for row in out::list(answer, "audit") {
                let cells = ["who", "from", "action", "connector", "subject", "before", "after"].map(|key| text(row, key));
                table.row([out::time(row, "at")].into_iter().chain(cells));
            }
            table.print("nobody has changed anything that the audit has")?;
            match answer.get("next").and_then(Value::as_u64) {
                Some(next) => out::line(format!("more: --before {next}")),
                None => Ok(()),
            }
        })
    }
}
