//! `lockgate bindings`.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Args, ValueEnum};
use lockgate_author::{bindings, contract};
use serde_json::json;

use crate::exit::Failure;
use crate::out;

/// Write the contract in an author's language
///
/// For C and Go what `wit-bindgen` generates; `wit` writes the contract itself, which the tools of
/// the other languages read. Files that are there are replaced.
///
/// Example: lockgate bindings --lang c -o gen
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
        let files = match self.lang {
            Lang::C => bindings::bindings(&bindings::Lang::C)?,
            Lang::Go => bindings::bindings(&bindings::Lang::Go { package: self.package, stubs: self.stubs })?,
            Lang::Wit => vec![(contract::FILE.to_owned(), contract::WIT.as_bytes().to_vec())],
        };
        for (path, content) in &files {
            write(&self.output.join(path), content)?;
        }
        let names: Vec<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
        out::show(json, &json!({"folder": self.output, "files": names}), |_| {
            names.iter().try_for_each(|name| out::line(self.output.join(name).display().to_string()))
        })
    }
}

fn write(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    made.and_then(|()| std::fs::write(path, content)).map_err(|error| Failure::invalid(format!("cannot write {}: {error}", path.display())))
}
