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

/// Levels that the API gives at once.
const DEPTH_MAX: u64 = 32;

/// Look at stored pages
#[derive(Debug, Subcommand)]
pub enum Page {
    /// Show a site's pages as a tree
    ///
    /// Pages are called by their name in the site's first culture. It says where it was cut.
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
        // One level more than is shown says where the tree goes on. Programs get what they asked for.
        let looked = if context.json || matches!(self, Self::Get { .. }) { depth } else { depth.saturating_add(1).min(DEPTH_MAX) };
        let request = Request::get(&["v1", "pages", site]).query("path", path).query("depth", looked.to_string());
        let client = context.client_to_read()?;
        let answer = client.shown(request)?;
        let culture = if context.json { None } else { first_culture(&client.json(Request::get(&["v1", "model"]))?, site) };
        context.show_exact(&answer, |answer| match self {
            Self::Tree { .. } => {
                let mut tree = Tree { culture, cut: 0 };
                match answer.value.get("page").filter(|page| !page.is_null()) {
                    Some(page) => out::line(tree.title(page))?,
                    None => out::line(format!("{site}/"))?,
                }
                tree.print(out::list(&answer.value, "children"), "", depth)?;
                tree.print_end(depth, answer.value.get("truncated") == Some(&Value::Bool(true)))
            }
            Self::Get { .. } => print_page(answer),
        })
    }
}

/// The culture that a site declares first.
fn first_culture(model: &Value, site: &str) -> Option<String> {
    let sites = out::list(model, "sites").iter();
    let declared =
        sites.filter(|declared| text(declared, "name").eq_ignore_ascii_case(site)).find_map(|site| out::list(site, "cultures").first());
    declared.and_then(Value::as_str).map(str::to_owned)
}

/// A tree that is being printed.
struct Tree {
    /// By whose name a page is called, where it has one.
    culture: Option<String>,
    /// Pages whose children are not shown.
    cut: usize,
}

impl Tree {
    fn print(&mut self, pages: &[Value], indent: &str, levels: u64) -> std::io::Result<()> {
        for (at, page) in pages.iter().enumerate() {
            let last = at + 1 == pages.len();
            let children = out::list(page, "children");
            let is_cut = levels <= 1 && !children.is_empty();
            self.cut += usize::from(is_cut);
            let more = if is_cut { " …" } else { "" };
            out::line(format!("{indent}{} {}{more}", if last { "└─" } else { "├─" }, self.title(page)))?;
            if !is_cut {
                self.print(children, &format!("{indent}{}", if last { "   " } else { "│  " }), levels.saturating_sub(1))?;
            }
        }
        Ok(())
    }

    /// Where the tree was cut, if it was.
    fn print_end(&self, depth: u64, truncated: bool) -> std::io::Result<()> {
        if self.cut > 0 {
            out::line(format!("cut after {depth} levels: pages marked … have child pages; --depth shows more"))?;
        }
        if truncated {
            out::line("cut after 10,000 pages: name the path of one to see what is under it")?;
        }
        Ok(())
    }

    fn title(&self, page: &Value) -> String {
        let cultures = page.get("cultures").and_then(Value::as_object);
        let first = self.culture.as_deref().and_then(|culture| cultures?.get(culture));
        let versions = first.into_iter().chain(cultures.into_iter().flatten().map(|(_, version)| version));
        // Not as Rust quotes a text: that escapes the marks that Indic scripts are made of.
        let name = versions.map(|version| text(version, "name")).find(|name| !name.is_empty()).unwrap_or_default();
        let codes: Vec<&str> = cultures.into_iter().flatten().map(|(code, _)| code.as_str()).collect();
        out::cell(&format!("{}  \"{name}\"  [{} {}]", text(page, "alias"), text(page, "class_name"), codes.join(" ")), 160)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Its vowel signs were printed as `\u{93e}`; and a page was called by whichever culture comes first in the alphabet.
    #[test]
    fn a_page_is_called_by_the_sites_first_culture_in_any_script() {
        let page = serde_json::json!({"alias": "a", "class_name": "web.page", "cultures": {"de-DE": {"name": "Neues"}, "hi-IN": {"name": "समाचार"}}});
        let model = serde_json::json!({"sites": [{"name": "main", "cultures": ["hi-IN", "de-DE"]}]});
        let tree = Tree { culture: first_culture(&model, "main"), cut: 0 };
        assert_eq!(tree.title(&page), "a  \"समाचार\"  [web.page de-DE hi-IN]");
        assert_eq!(Tree { culture: None, cut: 0 }.title(&page), "a  \"Neues\"  [web.page de-DE hi-IN]");
    }
}
