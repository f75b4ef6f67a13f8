//! `lockgate wit`: the contract itself.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Subcommand;
use lockgate_author::change::{Change, Contract, compare};
use serde_json::json;

use crate::exit::{Exit, Failure};
use crate::out;

/// Compare versions of the contract
#[derive(Debug, Subcommand)]
pub enum Wit {
    /// Say whether a change of the contract breaks connectors that are compiled already, and why
    ///
    /// Ends with 1 if it does.
    ///
    /// Example: lockgate wit check wit/published/1.0.0 wit
    #[command(verbatim_doc_comment)]
    Check {
        /// The contract that connectors were built with: a .wit file, or a folder of them
        old: PathBuf,
        /// The contract as it is to be
        new: PathBuf,
    },
}

impl Wit {
    pub fn run(self, json: bool) -> Result<()> {
        let Self::Check { old, new } = self;
        let changes = compare(&read(&old)?, &read(&new)?);
        let breaking = changes.iter().filter(|change| change.breaks.is_some()).count();
        let listed: Vec<_> =
            changes.iter().map(|change| json!({"place": change.place, "what": change.what, "breaks": change.breaks})).collect();
        out::show(json, &json!({"breaks": breaking > 0, "changes": listed}), |_| print(&changes, breaking))?;
        if breaking > 0 {
            let what = if breaking == 1 { "1 change breaks".to_owned() } else { format!("{breaking} changes break") };
            return Err(Failure::new(Exit::Failed, format!("{what} compiled connectors"))
                .hint("prefer a new imported function to a new field or case; what must break gets a new major version, served beside the old one")
                .into());
        }
        Ok(())
    }
}

fn print(changes: &[Change], breaking: usize) -> std::io::Result<()> {
    for Change { place, what, breaks } in changes {
        match breaks {
            Some(why) => {
                out::line(format!("BREAKS {place}: {what}"))?;
                out::line(format!("       {why}"))?;
            }
            None => out::line(format!("ok     {place}: {what}"))?,
        }
    }
    match (changes.len(), breaking) {
        (0, _) => out::line("the two are the same to a compiled connector"),
        (_, 0) => out::line("compiled connectors go on working"),
        _ => Ok(()),
    }
}

fn read(path: &Path) -> Result<Contract, Failure> {
    Contract::read(path).map_err(|error| {
        Failure::invalid(format!("{}: {error:#}", path.display())).hint("name a .wit file or a folder with the package's .wit files")
    })
}
