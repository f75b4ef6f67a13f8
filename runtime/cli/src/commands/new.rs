//! `lockgate new`.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueEnum};
use lockgate_author::scaffold::{self, NotWritten};
use serde_json::json;

use crate::exit::{Exit, Failure};
use crate::out;

/// Write a new connector project that builds and passes `lockgate test` as it stands
///
/// Its README says in three lines how to get the language's toolchain.
///
/// Example: lockgate new my-shop --lang python
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct New {
    /// Name of the project, and of the connector
    name: String,
    /// Its language
    #[arg(long, value_enum)]
    lang: Lang,
    /// Folder to write into [default: the name]
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Folder of the language's SDK [default: the one in guest-sdk/ of the Lockgate repository that this program or folder is in]
    #[arg(long, value_name = "DIR")]
    sdk: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Lang {
    Rust,
    #[value(alias = "javascript", alias = "js", alias = "ts")]
    Typescript,
    Python,
    Go,
    C,
}

impl From<Lang> for scaffold::Lang {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::Rust => Self::Rust,
            Lang::Typescript => Self::TypeScript,
            Lang::Python => Self::Python,
            Lang::Go => Self::Go,
            Lang::C => Self::C,
        }
    }
}

impl New {
    pub fn run(self, json: bool) -> Result<()> {
        let lang = self.lang.into();
        let sdk = match self.sdk {
            Some(sdk) => sdk,
            None => found_sdk(lang)?,
        };
        let sdk = std::fs::canonicalize(&sdk).map_err(|error| Failure::invalid(format!("cannot read {}: {error}", sdk.display())))?;
        let folder = self.output.unwrap_or_else(|| PathBuf::from(&self.name));
        let files = scaffold::write(&folder, &self.name, lang, &sdk).map_err(|error| not_written(&error))?;
        out::show(json, &json!({"folder": folder, "lang": lang.as_str(), "sdk": sdk, "files": files}), |_| {
            files.iter().try_for_each(|file| out::line(folder.join(file).display().to_string()))?;
            out::line("")?;
            out::line(format!("next: {} says how to build and test it", folder.join("README.md").display()))
        })
    }
}

/// The packages are in no registry yet.
fn found_sdk(lang: scaffold::Lang) -> Result<PathBuf, Failure> {
    let places: Vec<PathBuf> = [std::env::current_exe(), std::env::current_dir()].into_iter().filter_map(Result::ok).collect();
    scaffold::find_sdk(lang, places.iter().map(PathBuf::as_path)).ok_or_else(|| {
        let lang = lang.as_str();
        Failure::invalid(format!("the SDK for {lang} is not found: neither this program nor this folder is in Lockgate's repository"))
            .hint(format!("name the folder `guest-sdk/{lang}` of a clone of it with --sdk"))
    })
}

fn not_written(error: &NotWritten) -> Failure {
    match error {
        NotWritten::Name(_) => Failure::invalid(error.to_string()).hint("for example `my-shop`"),
        NotWritten::Taken(_) => Failure::new(Exit::Failed, error.to_string()).hint("choose another name, or another folder with --output"),
        NotWritten::Sdk { lang, .. } => {
            Failure::invalid(error.to_string()).hint(format!("name the folder `guest-sdk/{lang}` of Lockgate's repository with --sdk"))
        }
        NotWritten::Io { .. } => Failure::new(Exit::Failed, error.to_string()),
    }
}
