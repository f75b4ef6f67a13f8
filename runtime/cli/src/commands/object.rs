//! `lockgate object`.

use anyhow::Result;
use clap::Subcommand;
use lockgate_author::exact::Exact;
use serde_json::Value;

use crate::args::number;
use crate::client::{Paging, Shown};
use crate::context::Context;
use crate::out::{self, Table, text};
use crate::request::Request;

/// Look at stored objects
#[derive(Debug, Subcommand)]
pub enum Object {
    /// List objects of one type, or of all
    ///
    /// Example: lockgate object list wp.user
    #[command(verbatim_doc_comment)]
    List {
        /// Object type
        #[arg(value_name = "TYPE")]
        object_type: Option<String>,
        /// With an id above this one, to go on where a list ended
        #[arg(long, value_name = "ID", value_parser = number)]
        after: Option<u64>,
        /// Objects at most
        #[arg(long, default_value_t = 100, value_parser = number)]
        limit: u64,
    },
    /// Show one object with its fields
    ///
    /// Examples:
    ///   lockgate object get wp.user admin
    ///   lockgate object get wp.user 6f1c1b5e-0000-4000-8000-000000000001
    #[command(verbatim_doc_comment)]
    Get {
        /// Object type
        #[arg(value_name = "TYPE")]
        object_type: String,
        /// Code name, or GUID
        code_name: String,
        /// Site, for objects that belong to one
        #[arg(long)]
        site: Option<String>,
    },
}

impl Object {
    pub fn run(self, context: &Context) -> Result<()> {
        match self {
            Self::List { object_type, after, limit } => {
                let request = Request::get(&["v1", "objects"]).maybe("type", object_type);
                let answer = Paging { rows: "objects", cursor: "after", limit }.fetch(&context.client_to_read()?, &request, after)?;
                context.show_exact(&answer, |answer| print_list(&answer.value))
            }
            Self::Get { object_type, code_name, site } => {
                let request = Request::get(&["v1", "objects", &object_type, &code_name]).maybe("site", site);
                let answer = context.client_to_read()?.shown(request)?;
                context.show_exact(&answer, print_one)
            }
        }
    }
}

fn print_list(answer: &Value) -> std::io::Result<()> {
    let mut table = Table::new(&["ID", "TYPE", "CODE NAME", "DISPLAY NAME", "SITE", "PARENT", "MODIFIED"]);
    for object in out::list(answer, "objects") {
        table.row([
            text(object, "id"),
            text(object, "type"),
            text(object, "code_name"),
            text(object, "display_name"),
            text(object, "site"),
            object.get("parent").map(|parent| value_text(&parent.clone().into())).unwrap_or_default(),
            out::time(object, "modified_at"),
        ]);
    }
    table.print("no object is stored")?;
    match answer.get("next").and_then(Value::as_u64) {
        Some(next) => out::line(format!("more: --after {next}")),
        None => Ok(()),
    }
}

fn print_one(object: &Shown) -> std::io::Result<()> {
    for (key, value) in object.exact.members() {
        let shown = if let Exact::Text(_) = value { out::member(&object.value, key) } else { value_text(value) };
        if key != "fields" && !shown.is_empty() {
            out::line(format!("{}: {shown}", key.replace('_', " ")))?;
        }
    }
    print_fields(&object.exact, "")
}

/// The fields of an object or of a culture version, one a line.
pub fn print_fields(of: &Exact, indent: &str) -> std::io::Result<()> {
    out::line(format!("{indent}fields:"))?;
    for (name, value) in of.get("fields").map(Exact::members).unwrap_or_default() {
        out::line(format!("{indent}  {name}: {}", value_text(value)))?;
    }
    Ok(())
}

/// A value as people read it: a reference as what it points to.
pub fn value_text(value: &Exact) -> String {
    let reference = value.get("ref").unwrap_or(value);
    match reference.text("kind").as_str() {
        "object" => format!("-> {} {}", reference.text("type"), reference.text("code_name")),
        // A page that has just gone, or is too deep: without a path it would read as the root.
        "page" if reference.text("path").is_empty() => format!("-> page {} of unknown path", reference.text("id")),
        "page" => format!("-> page {}{}", reference.text("site"), reference.text("path")),
        _ => match value {
            value if value.is_null() => String::new(),
            Exact::Text(text) => text.clone(),
            Exact::List(items) => items.iter().map(value_text).collect::<Vec<_>>().join(", "),
            other => other.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value_text(json: &str) -> String {
        super::value_text(&Exact::read(json).unwrap())
    }

    #[test]
    fn a_reference_reads_as_what_it_points_to() {
        assert_eq!(value_text(r#"{"ref": {"kind": "object", "id": 1, "type": "t", "code_name": "n"}}"#), "-> t n");
        assert_eq!(value_text(r#"{"ref": {"kind": "page", "id": 1, "site": "s", "path": "/a"}}"#), "-> page s/a");
        let unknown = r#"{"ref": {"kind": "page", "id": 1, "site": "s", "path": null}}"#;
        assert_eq!(value_text(unknown), "-> page 1 of unknown path");
        assert_eq!(value_text(r#"["a", 1]"#), "a, 1");
        assert_eq!(value_text("{\"a\": 1.10}"), "{\"a\":1.10}");
    }
}
