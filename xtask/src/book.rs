//! The documentation: `docs/` as a book, and every link of it and of the other pages in Markdown. That its commands run and
//! its snippets are right is a test of `tests/system`.

mod links;

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::build::{root, run_aside, target_dir};
use crate::tools::Tool;

const MDBOOK: Tool = Tool { name: "mdbook", version: "0.5.4", says: "mdbook v0.5.4", features: "search" };

/// What pages that are taken from other folders point to: where it is, and where it goes in the book.
const ASSETS: [(&str, &str); 3] = [("wit/connector.wit", "connector.wit"), ("wit/published", "published"), ("wit/draft", "draft")];

/// Builds it into `target/book`, and fails for each link that leads nowhere.
pub fn build() -> Result<()> {
    let book = target_dir().join("book");
    let mut build = Command::new(MDBOOK.program()?);
    run_aside(build.arg("build").arg(root().join("docs")).arg("--dest-dir").arg(&book))?;
    for (from, to) in ASSETS {
        copy(&root().join(from), &book.join(to)).with_context(|| format!("cannot copy {from} into the book"))?;
    }
    let mut wrong = links::of_the_book(&book)?;
    wrong.extend(links::of_the_repository(root())?);
    if !wrong.is_empty() {
        bail!("links that lead nowhere:\n  {}", wrong.join("\n  "));
    }
    Ok(())
}

/// A file, or a folder with all that is in it. What is not there is left out: a link to it would be found.
fn copy(from: &Path, to: &Path) -> Result<()> {
    if from.is_dir() {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
    } else if from.is_file() {
        fs::copy(from, to)?;
    }
    Ok(())
}
