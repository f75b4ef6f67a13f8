//! `lockgate bindings`.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Args, ValueEnum};
use lockgate_author::bindings::{self, World};
use lockgate_author::contract;
use serde_json::json;

use crate::exit::Failure;
use crate::file::{self, Existing};
use crate::out;

/// Write the contract in an author's language
///
/// For C and Go what `wit-bindgen` generates; `wit` writes the contract itself, which the tools of
/// the other languages read. A file that is there with other content stays, unless --force is given.
///
/// Examples:
///   lockgate bindings --lang c -o gen
///   lockgate bindings --lang c --calls -o gen
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Bindings {
    /// Which language
    #[arg(long, value_enum)]
    lang: Lang,
    /// Folder to write into; made if missing
    #[arg(short, long, value_name = "DIR", default_value = ".")]
    output: PathBuf,
    /// Go: path of the package that the bindings are to be [default: part of package main]
    #[arg(long, value_name = "PATH")]
    package: Option<String>,
    /// Go: write empty functions for the exports, too
    #[arg(long)]
    stubs: bool,
    /// C and Go: bindings of what `wasi:http` needs to call the application, in place of the contract's
    #[arg(long)]
    calls: bool,
    /// Replace files that are there with other content
    #[arg(long)]
    force: bool,
}

/// For which there is a generator here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Lang {
    C,
    Go,
    Wit,
}

impl Bindings {
    pub fn run(self, json: bool) -> Result<()> {
        if self.lang != Lang::Go && (self.package.is_some() || self.stubs) {
            return Err(Failure::invalid("--package and --stubs are for Go only").hint("leave them out, or use --lang go").into());
        }
        if self.lang == Lang::Wit && self.calls {
            return Err(Failure::invalid("--calls is for C and Go only").hint("leave it out, or use --lang c or go").into());
        }
        let world = if self.calls { World::Calls } else { World::Connector };
        let files = match self.lang {
            Lang::C => bindings::bindings(&bindings::Lang::C, world)?,
            Lang::Go => bindings::bindings(&bindings::Lang::Go { package: self.package, stubs: self.stubs }, world)?,
            Lang::Wit => vec![(contract::FILE.to_owned(), contract::WIT.as_bytes().to_vec())],
        };
        // All or nothing: what is generated fits together.
        let changed: Vec<(PathBuf, &[u8])> = files
            .iter()
            .map(|(path, content)| (self.output.join(path), content.as_slice()))
            .filter(|(path, content)| !has(path, content))
            .collect();
        if !self.force
            && let Some((there, _)) = changed.iter().find(|(path, _)| path.symlink_metadata().is_ok())
        {
            return Err(Failure::invalid(format!("{} is there already, with other content", there.display()))
                .hint("write into another folder, or replace it with --force")
                .into());
        }
        for (path, content) in &changed {
            write(path, content, if self.force { Existing::Replaced } else { Existing::Kept })?;
        }
        let names: Vec<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
        out::show(json, &json!({"folder": self.output, "files": names}), |_| {
            names.iter().try_for_each(|name| out::line(self.output.join(name).display().to_string()))
        })
    }
}

/// Whether there is nothing to write.
fn has(path: &Path, content: &[u8]) -> bool {
    path.symlink_metadata().is_ok_and(|found| found.is_file()) && std::fs::read(path).is_ok_and(|there| there == content)
}

fn write(path: &Path, content: &[u8], existing: Existing) -> Result<(), Failure> {
    path.parent().map_or(Ok(()), std::fs::create_dir_all).map_err(|error| file::cannot_write(path, &error))?;
    file::write(path, content, existing)
}
