//! `lockgate binding`.

use anyhow::Result;
use clap::Subcommand;
use lockgate_author::exact::Exact;

use crate::args::number;
use crate::client::Paging;
use crate::commands::object::value_text;
use crate::context::Context;
use crate::out::{self, Table};
use crate::request::Request;

/// Look at stored bindings
#[derive(Debug, Subcommand)]
pub enum Binding {
    /// List bindings: which rows are tied together, and the fields of the tie
    ///
    /// Example: lockgate binding list --limit 1000
    #[command(verbatim_doc_comment)]
    List {
        /// With an id above this one, to go on where a list ended
        #[arg(long, value_name = "ID", value_parser = number)]
        after: Option<u64>,
        /// Bindings at most
        #[arg(long, default_value_t = 100, value_parser = number)]
        limit: u64,
    },
}

impl Binding {
    pub fn run(self, context: &Context) -> Result<()> {
        let Self::List { after, limit } = self;
        let paging = Paging { rows: "bindings", cursor: "after", limit };
        let answer = paging.fetch(&context.client_to_read()?, &Request::get(&["v1", "bindings"]), after)?;
        context.show_exact(&answer, |answer| {
            let mut table = Table::new(&["ID", "TYPE", "FIELDS"]);
            let Some(Exact::List(rows)) = answer.exact.get("bindings") else { return Ok(()) };
            rows.iter().for_each(|row| table.row([row.get("id").map(value_text).unwrap_or_default(), row.text("type"), fields(row)]));
            table.print("no binding is stored")?;
            match answer.value.get("next").and_then(serde_json::Value::as_u64) {
                Some(next) => out::line(format!("more: --after {next}")),
                None => Ok(()),
            }
        })
    }
}

/// `user -> cms.user mei, role -> cms.role editors`.
fn fields(row: &Exact) -> String {
    let fields = row.get("fields").map(Exact::members).unwrap_or_default();
    fields.iter().map(|(name, value)| format!("{name} {}", value_text(value))).collect::<Vec<_>>().join(", ")
}
