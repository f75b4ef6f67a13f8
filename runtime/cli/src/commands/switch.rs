//! `lockgate switch`.

use anyhow::Result;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use crate::context::Context;
use crate::out;
use crate::request::Request;

/// Switch the bus, the taking in of tasks, or processing on or off
///
/// Example: lockgate switch processing off
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Switch {
    /// What: everything, taking in tasks, or processing them
    what: What,
    /// Which way
    way: Way,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum What {
    Bus,
    Logging,
    Processing,
}

#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
enum Way {
    On,
    Off,
}

impl Switch {
    pub fn run(self, context: &Context) -> Result<()> {
        let key = match self.what {
            What::Bus => "bus",
            What::Logging => "logging",
            What::Processing => "processing",
        };
        let body = json!({ key: self.way == Way::On }).to_string();
        let answer = context.client()?.json(Request::put(&["v1", "switches"]).body("application/json", body.into_bytes()))?;
        context.show(&answer, |answer| {
            let switches = answer.get("switches").unwrap_or(answer);
            for name in ["bus", "logging", "processing"] {
                out::line(format!("{name}: {}", if switches.get(name) == Some(&Value::Bool(false)) { "off" } else { "on" }))?;
            }
            Ok(())
        })
    }
}
