//! `lockgate page`.

use anyhow::Result;
use clap::Subcommand;
use serde_json::Value;

use crate::args::number;
use crate::client::Shown;
use crate::commands::object::print_fields;
use crate::context::Context;
use crate::out::{self, text};
use crate::request::Request;

/// Look at stored pages
#[derive(Debug, Subcommand)]
pub enum Page {
    /// Show a site's pages as a tree
    ///
    /// Example: lockgate page tree blog /2024 --depth 2
    #[command(verbatim_doc_comment)]
    Tree {
        /// Site
        site: String,
        /// Page to begin with
        #[arg(default_value = "/")]
        path: String,
        /// Levels below it
        #[arg(long, default_value_t = 3, value_parser = number)]
        depth: u64,
    },
    /// Show one page with its culture versions and their fields
    ///
    /// Example: lockgate page get blog /2024/hello-world
    #[command(verbatim_doc_comment)]
    Get {
        /// Site
        site: String,
        /// Path of aliases
        path: String,
    },
}

impl Page {
    pub fn run(self, context: &Context) -> Result<()> {
        let (site, path, depth) = match &self {
            Self::Tree { site, path, depth } => (site, path, *depth),
            Self::Get { site, path } => (site, path, 1),
        };
        let request = Request::get(&["v1", "pages", site]).query("path", path).query("depth", depth.to_string());
        let answer = context.client_to_read()?.shown(request)?;
        context.show_exact(&answer, |answer| match self {
            Self::Tree { .. } => {
                let page = answer.value.get("page").filter(|page| !page.is_null());
                match page {
                    Some(page) => out::line(title(page))?,
                    None => out::line(format!("{site}/"))?,
                }
                print_tree(out::list(&answer.value, "children"), "")
            }
            Self::Get { .. } => print_page(answer),
        })
    }
}

fn print_tree(pages: &[Value], indent: &str) -> std::io::Result<()> {
    for (at, page) in pages.iter().enumerate() {
        let last = at + 1 == pages.len();
        out::line(format!("{indent}{} {}", if last { "└─" } else { "├─" }, title(page)))?;
        print_tree(out::list(page, "children"), &format!("{indent}{}", if last { "   " } else { "│  " }))?;
    }
    Ok(())
}

fn title(page: &Value) -> String {
    let cultures = page.get("cultures").and_then(Value::as_object);
    let name = cultures.into_iter().flatten().map(|(_, version)| text(version, "name")).find(|name| !name.is_empty());
    let codes: Vec<&str> = cultures.into_iter().flatten().map(|(code, _)| code.as_str()).collect();
    out::cell(&format!("{}  {:?}  [{} {}]", text(page, "alias"), name.unwrap_or_default(), text(page, "class_name"), codes.join(" ")), 160)
}

fn print_page(Shown { value: answer, exact }: &Shown) -> std::io::Result<()> {
    let Some(page) = answer.get("page").filter(|page| !page.is_null()) else {
        return out::line("this is the root; it has no fields");
    };
    for key in ["id", "site", "path", "class_name", "guid", "order", "parent_id", "created_at", "modified_at"] {
        let value = out::member(page, key);
        if !value.is_empty() {
            out::line(format!("{}: {value}", key.replace('_', " ")))?;
        }
    }
    for (culture, version) in page.get("cultures").and_then(Value::as_object).into_iter().flatten() {
        let state = match (version.get("published"), version.get("archived")) {
            (_, Some(Value::Bool(true))) => "archived",
            (Some(Value::Bool(true)), _) => "published",
            _ => "not published",
        };
        out::line(format!("{culture}: {} ({state})", text(version, "name")))?;
        if let Some(version) = exact.get("page").and_then(|page| page.get("cultures")?.get(culture)) {
            print_fields(version, "  ")?;
        }
    }
    let children: Vec<String> = out::list(answer, "children").iter().map(|child| text(child, "alias")).collect();
    out::line(format!("child pages: {}", if children.is_empty() { "none".to_owned() } else { children.join(", ") }))
}
