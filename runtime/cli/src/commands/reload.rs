//! `lockgate reload`.

use anyhow::Result;
use clap::Args;
use serde_json::Value;

use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::out;
use crate::request::Request;

/// Let a running server read its configuration again
///
/// It is checked whole before anything changes: grants, settings, secrets, limits, schedules, tokens and
/// webhooks follow; what needs a restart is named. SIGHUP does the same.
///
/// Example: lockgate reload
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Reload {}

impl Reload {
    pub fn run(self, context: &Context) -> Result<()> {
        let Some(client) = context.client_of_server()? else {
            return Err(
                Failure::new(Exit::Unreachable, "no server has the store open: the next one reads the configuration as it is").into()
            );
        };
        let answer = client.json(Request::post(&["v1", "reload"]))?;
        context.show(&answer, |answer| {
            let names = |key: &str| out::list(answer, key).iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>();
            let (changed, restart) = (names("changed"), names("needs_restart"));
            if changed.is_empty() {
                out::line("nothing works in another way than before")?;
            } else {
                out::line(format!("changed: {}", changed.join(", ")))?;
            }
            if restart.is_empty() { Ok(()) } else { out::line(format!("needs a restart: {}", restart.join(", "))) }
        })
    }
}
