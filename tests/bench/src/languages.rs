//! What each language costs: the same translation, written in each, through the same sandbox and the
//! same pipeline. In turn, round by round, with Rust twice and without a sandbox once.

mod document;
mod drains;
mod install;
mod language;
mod report;
mod side;
mod table;
mod translation;
mod truth;

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Args;

use crate::languages::install::Installer;
use crate::languages::language::{Absent, LANGUAGES};
use crate::languages::report::Report;
use crate::languages::side::Sides;
use crate::rig;

pub use install::Installed;

/// Flags of `languages`.
#[derive(Debug, Args)]
pub struct Languages {
    /// Where languages.json and languages.md are committed
    #[arg(long, value_name = "FOLDER")]
    results: PathBuf,
    /// The document whose table is written anew, between its two marks
    #[arg(long, value_name = "FILE")]
    document: PathBuf,
    /// A language whose connector could not be built, and why; may be repeated
    #[arg(long, value_name = "NAME=WHY")]
    absent: Vec<Absent>,
    /// Folder with the built connectors
    #[arg(long, value_name = "FOLDER")]
    guests: Option<PathBuf>,
    /// Where stores are made [default: beside this program]
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Print the results as one JSON object
    #[arg(long)]
    json: bool,
}

impl Languages {
    pub fn run(self) -> Result<()> {
        // Looked at before anything takes minutes.
        document::check(&self.document)?;
        let guests = self.guests.clone().map_or_else(rig::guests, Ok)?;
        let components = LANGUAGES.iter().map(|language| language.component(&guests, &self.absent)).collect::<Result<Vec<_>>>()?;
        let installer = Installer::new(self.folder.as_deref())?;
        let mut sides = Sides::install(&installer, components)?;
        truth::check(&sides, self.folder.as_deref())?;
        install::measure(&mut sides)?;
        translation::measure(&mut sides)?;
        drains::measure(&mut sides, self.folder.as_deref())?;
        let stores = self.folder.clone().map_or_else(rig::own_folder, Ok)?;
        let report = Report::new(sides, &stores);
        report.write(&self.results)?;
        document::write(&self.document, &table::cost(&report))?;
        eprintln!("the table of {} is written anew; what stands under it is yours to compare with it", self.document.display());
        match self.json {
            true => println!("{}", serde_json::to_string(&report).context("the results cannot be written as JSON")?),
            false => println!("{}", table::whole(&report)),
        }
        Ok(())
    }
}
