//! `lockgate model`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Subcommand;
use serde_json::{Value, json};

use crate::client::{Access, Missing};
use crate::context::Context;
use crate::exit::Failure;
use crate::input;
use crate::out::{self, text};
use crate::request::Request;

/// The page of the documentation that has every key; it travels in the program.
const REFERENCE: &str = include_str!("../../../core/MODEL.md");

/// Declare what may be stored
///
/// `lockgate model reference` prints every key of a model file with its meaning; the documentation has
/// the same as its page "The content model" (docs/src/content-model.md).
#[derive(Debug, Subcommand)]
#[command(verbatim_doc_comment)]
pub enum Model {
    /// Apply files of the content model: those with the same name are replaced, others stay
    ///
    /// A folder stands for the .toml files in it. A file named model.toml takes the name of its
    /// folder. All or nothing.
    ///
    /// Example: lockgate model apply sample-connectors/wordpress/model.toml --dry-run
    #[command(verbatim_doc_comment)]
    Apply {
        /// Files or folders
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// Say what would change, change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Show sites, object types and page types, and the files that declare them
    ///
    /// Example: lockgate model show
    #[command(verbatim_doc_comment)]
    Show,
    /// Print the reference of model files: every key and every word, with its meaning
    ///
    /// Example: lockgate model reference
    #[command(verbatim_doc_comment)]
    Reference,
}

impl Model {
    pub fn run(self, context: &Context) -> Result<()> {
        match self {
            Self::Apply { paths, dry_run } => apply(context, &paths, dry_run),
            Self::Reference => context.show(&json!({ "markdown": REFERENCE }), |_| out::lines(REFERENCE.trim_end())),
            Self::Show => {
                let answer = context.client_to_read()?.json(Request::get(&["v1", "model"]))?;
                context.show(&answer, print)
            }
        }
    }
}

fn apply(context: &Context, paths: &[PathBuf], dry_run: bool) -> Result<()> {
    let found = find(paths)?;
    let mut files = BTreeMap::new();
    for (name, path) in &found {
        files.insert(name.clone(), input::read_text(path)?);
    }
    let request = Request::put(&["v1", "model"])
        .maybe("dry_run", dry_run.then_some("true"))
        .body("application/json", json!({ "files": files }).to_string().into_bytes());
    let client = context.client_with(if dry_run { Access::Try } else { Access::Change(Missing::Create) })?;
    let answer = client.send(request)?;
    if !answer.is_success() {
        return Err(with_places(Failure::of_problem(answer.status, &answer.body), &found).into());
    }
    let answer: Value = serde_json::from_slice(&answer.body)?;
    context.show(&answer, |answer| {
        let changes = out::list(answer, "changes");
        for change in changes {
            out::line(format!("  {}", change.as_str().unwrap_or_default()))?;
        }
        out::line(match (dry_run, changes.len()) {
            (_, 0) => "nothing to change".to_owned(),
            (true, count) => format!("changes: {count}; nothing was applied"),
            (false, count) => format!("changes applied: {count}"),
        })
    })
}

/// The files by the name that they have in the store.
fn find(paths: &[PathBuf]) -> Result<BTreeMap<String, PathBuf>> {
    let mut found = BTreeMap::new();
    for path in paths {
        let inside = if path.is_dir() { toml_files(path)? } else { vec![path.clone()] };
        for file in inside {
            let name = store_name(&file)?;
            if let Some(other) = found.insert(name.clone(), file.clone()).filter(|other| *other != file) {
                return Err(Failure::invalid(format!("{} and {} would both be stored as {name}", other.display(), file.display()))
                    .hint("rename one of them")
                    .into());
            }
        }
    }
    Ok(found)
}

fn toml_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let unreadable = |error| Failure::invalid(format!("cannot read {}: {error}", folder.display()));
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    if files.is_empty() {
        return Err(Failure::invalid(format!("there is no .toml file in {}", folder.display())).into());
    }
    files.sort();
    Ok(files)
}

/// `wordpress/model.toml` and `wordpress.toml` are both `wordpress.toml`.
fn store_name(file: &Path) -> Result<String> {
    let whole = std::fs::canonicalize(file).map_err(|error| Failure::invalid(format!("cannot read {}: {error}", file.display())))?;
    let stem = match whole.file_stem() {
        Some(stem) if stem == "model" => whole.parent().and_then(Path::file_name).unwrap_or(stem),
        stem => stem.unwrap_or_default(),
    };
    Ok(format!("{}.toml", stem.to_string_lossy()))
}

/// The message with every place on a line of its own, by the path that the operator knows.
fn with_places(failure: Failure, found: &BTreeMap<String, PathBuf>) -> Failure {
    let problem = failure.problem.as_deref().cloned().unwrap_or_default();
    let mut message = out::field(&failure.message).into_owned();
    for error in out::list(&problem, "errors") {
        let name = text(error, "file");
        let path = found.get(&name).map_or(name, |path| path.display().to_string());
        let place = format!("{path}:{}:{}: {}", text(error, "line"), text(error, "column"), text(error, "message"));
        message.push('\n');
        message.push_str(&out::field(&place));
    }
    Failure { message, ..failure }
}

fn print(model: &Value) -> std::io::Result<()> {
    for (key, title) in [("sites", "sites"), ("object_types", "object types"), ("page_types", "page types")] {
        out::line(format!("{title}:"))?;
        for item in out::list(model, key) {
            match item {
                Value::String(name) => out::line(format!("  {name}"))?,
                item => out::line(format!("  {}{}", text(item, "name"), rules(item)))?,
            }
        }
    }
    let files: Vec<&str> = model.get("files").and_then(Value::as_object).into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    out::line(format!("files: {}", files.join(", ")))
}

/// What a type says of its names and versions, where it says anything.
fn rules(declared: &Value) -> String {
    let said = |key: &str| declared.get(key).and_then(Value::as_str);
    let mut rules = Vec::new();
    rules.extend(said("unique_within").filter(|within| *within != "scope").map(|within| format!("unique within {within}")));
    rules.extend(said("code_name").filter(|names| *names != "folded").map(|names| format!("{names} code names")));
    rules.extend(said("newer_by").map(|field| format!("newer by {field}")));
    if rules.is_empty() { String::new() } else { format!(" ({})", rules.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_takes_the_name_of_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("shop")).unwrap();
        for file in ["shop/model.toml", "blog.toml"] {
            std::fs::write(folder.path().join(file), "").unwrap();
        }
        assert_eq!(store_name(&folder.path().join("shop/model.toml")).unwrap(), "shop.toml");
        assert_eq!(store_name(&folder.path().join("blog.toml")).unwrap(), "blog.toml");
        let twice = [folder.path().join("shop/model.toml"), folder.path().join("shop")];
        assert_eq!(find(&twice).unwrap().len(), 1);
    }
}
