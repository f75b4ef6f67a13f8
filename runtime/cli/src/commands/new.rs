//! `lockgate new`.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueEnum};
use lockgate_author::scaffold::{self, NotWritten, Sdk};
use serde_json::json;

use crate::exit::{Exit, Failure};
use crate::out;

/// Write a new connector project that builds and passes `lockgate test` as it stands
///
/// Its README says in three lines how to get the language's toolchain. The SDK is copied into the project, in
/// `vendor/`: nothing else of Lockgate is needed, and the project can be moved and shared.
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
    /// Folder of the language's SDK, which the project then refers to [default: the one that this program carries, copied into the project]
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
        let canonical =
            |sdk: &PathBuf| std::fs::canonicalize(sdk).map_err(|error| Failure::invalid(format!("cannot read {}: {error}", sdk.display())));
        let own = self.sdk.as_ref().map(canonical).transpose()?;
        let sdk = own.as_deref().map_or(Sdk::Carried, Sdk::At);
        let folder = self.output.unwrap_or_else(|| PathBuf::from(&self.name));
        let files = scaffold::write(&folder, &self.name, lang, sdk).map_err(|error| not_written(&error))?;
        out::show(json, &json!({"folder": folder, "lang": lang.as_str(), "sdk": own, "files": files}), |_| {
            files.iter().try_for_each(|file| out::line(folder.join(file).display().to_string()))?;
            out::line("")?;
            out::line(format!("next: {} says how to build and test it", folder.join("README.md").display()))
        })
    }
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
