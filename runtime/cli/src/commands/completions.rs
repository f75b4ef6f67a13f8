//! `lockgate completions` and `lockgate man`.

use std::io;
use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use crate::args::Cli;
use crate::exit::Failure;
use crate::out;

/// Print what a shell completes this program's words by
///
/// Example: lockgate completions bash > /etc/bash_completion.d/lockgate
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Completions {
    /// For which shell
    shell: Shell,
}

impl Completions {
    pub fn run(self) -> Result<()> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "lockgate", &mut script);
        io::Write::write_all(&mut io::stdout().lock(), &script)?;
        Ok(())
    }
}

/// Write the manual's pages into a folder, one for each command
///
/// Example: lockgate man /usr/local/share/man/man1
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Man {
    /// A folder that is there
    folder: PathBuf,
}

impl Man {
    pub fn run(self) -> Result<()> {
        let cannot = |error: io::Error| Failure::invalid(format!("cannot write to {}: {error}", self.folder.display()));
        let before = std::fs::read_dir(&self.folder).map_err(cannot)?.count();
        let command = Cli::command().disable_help_subcommand(true);
        clap_mangen::generate_to(command, &self.folder).map_err(cannot)?;
        let pages = std::fs::read_dir(&self.folder).map_err(cannot)?.count().saturating_sub(before);
        Ok(out::line(format!("{pages} new pages in {}", self.folder.display()))?)
    }
}
