//! `lockgate doctor`.

pub mod look;

use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};

use crate::args::Global;
use crate::exit::{Exit, Failure};
use crate::out::{self, Table, text};

/// Look for what keeps a server from working, or makes it less safe than it looks
///
/// Looks at configuration, secrets, tokens, store, disk, port, clock, compiler and grants, with a server
/// running or not, and changes nothing. Ends with 1 when something is wrong; warnings alone end with 0.
///
/// Example: lockgate doctor --config /etc/lockgate.toml
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Doctor {
    /// Do not compile a component to see whether that works: it takes seconds
    #[arg(long)]
    no_compile: bool,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// A server does not start, or does not work.
    Wrong,
    /// It works; somebody should look.
    Warning,
}

/// Something that was found.
#[derive(Debug)]
pub struct Finding {
    /// Stable.
    pub code: &'static str,
    pub weight: Weight,
    pub message: String,
    /// What to do.
    pub advice: &'static str,
}

/// What was looked at, and what was found there.
#[derive(Debug, Default)]
pub struct Findings {
    pub looked_at: Vec<&'static str>,
    pub found: Vec<Finding>,
}

impl Findings {
    pub fn wrong(&mut self, code: &'static str, message: impl Into<String>, advice: &'static str) {
        self.found.push(Finding { code, weight: Weight::Wrong, message: message.into(), advice });
    }

    pub fn warning(&mut self, code: &'static str, message: impl Into<String>, advice: &'static str) {
        self.found.push(Finding { code, weight: Weight::Warning, message: message.into(), advice });
    }
}

impl Doctor {
    pub fn run(self, global: Global) -> Result<()> {
        let json = global.json;
        let mut findings = Findings::default();
        look::over(global, !self.no_compile, &mut findings);
        let wrong = findings.found.iter().filter(|finding| finding.weight == Weight::Wrong).count();
        let rows: Vec<Value> = findings.found.iter().map(row).collect();
        let answer = json!({ "looked_at": findings.looked_at, "wrong": wrong, "findings": rows });
        out::show(json, &answer, print)?;
        match wrong {
            0 => Ok(()),
            1 => Err(Failure::new(Exit::Failed, "one thing is wrong").into()),
            count => Err(Failure::new(Exit::Failed, format!("{count} things are wrong")).into()),
        }
    }
}

fn row(finding: &Finding) -> Value {
    let weight = match finding.weight {
        Weight::Wrong => "wrong",
        Weight::Warning => "warning",
    };
    json!({ "code": finding.code, "weight": weight, "message": finding.message, "advice": finding.advice })
}

fn print(answer: &Value) -> std::io::Result<()> {
    let looked: Vec<&str> = out::list(answer, "looked_at").iter().filter_map(Value::as_str).collect();
    out::line(format!("looked at: {}", looked.join(", ")))?;
    let mut table = Table::new(&["", "CODE", "WHAT"]);
    for finding in out::list(answer, "findings") {
        table.row(["weight", "code", "message"].map(|key| text(finding, key)));
    }
    table.print("nothing is wrong")?;
    for finding in out::list(answer, "findings") {
        out::line(format!("{}: {}", text(finding, "code"), text(finding, "advice")))?;
    }
    Ok(())
}
