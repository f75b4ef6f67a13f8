//! `lockgate object`.

use anyhow::Result;
use clap::Subcommand;
use serde_json::Value;

use crate::args::number;
use crate::client::Paging;
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
    /// Example: lockgate object get wp.user admin
    #[command(verbatim_doc_comment)]
    Get {
        /// Object type
        #[arg(value_name = "TYPE")]
        object_type: String,
        /// Code name
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
                context.show(&answer, print_list)
            }
            Self::Get { object_type, code_name, site } => {
                let request = Request::get(&["v1", "objects", &object_type, &code_name]).maybe("site", site);
                let answer = context.client_to_read()?.json(request)?;
                context.show(&answer, print_one)
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
            object.get("parent").map(value_text).unwrap_or_default(),
            out::time(object, "modified_at"),
        ]);
    }
    table.print("no object is stored")?;
    match answer.get("next").and_then(Value::as_u64) {
        Some(next) => out::line(format!("more: --after {next}")),
        None => Ok(()),
    }
}

fn print_one(object: &Value) -> std::io::Result<()> {
    for (key, value) in object.as_object().into_iter().flatten() {
        let shown = if value.is_string() { out::member(object, key) } else { value_text(value) };
        if key != "fields" && !shown.is_empty() {
            out::line(format!("{}: {shown}", key.replace('_', " ")))?;
        }
    }
    print_fields(object, "")
}

/// The fields of an object or of a culture version, one a line.
pub fn print_fields(of: &Value, indent: &str) -> std::io::Result<()> {
    out::line(format!("{indent}fields:"))?;
    for (name, value) in of.get("fields").and_then(Value::as_object).into_iter().flatten() {
        out::line(format!("{indent}  {name}: {}", value_text(value)))?;
    }
    Ok(())
}

/// A value as people read it: a reference as what it points to.
pub fn value_text(value: &Value) -> String {
    let reference = value.get("ref").unwrap_or(value);
    match reference.get("kind").and_then(Value::as_str) {
        Some("object") => format!("-> {} {}", text(reference, "type"), text(reference, "code_name")),
        // A page that has just gone, or is too deep: without a path it would read as the root.
        Some("page") if text(reference, "path").is_empty() => format!("-> page {} of unknown path", text(reference, "id")),
        Some("page") => format!("-> page {}{}", text(reference, "site"), text(reference, "path")),
        _ => match value {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            Value::Array(items) => items.iter().map(value_text).collect::<Vec<_>>().join(", "),
            other => other.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_reference_reads_as_what_it_points_to() {
        assert_eq!(value_text(&json!({"ref": {"kind": "object", "id": 1, "type": "t", "code_name": "n"}})), "-> t n");
        assert_eq!(value_text(&json!({"ref": {"kind": "page", "id": 1, "site": "s", "path": "/a"}})), "-> page s/a");
        let unknown = json!({"ref": {"kind": "page", "id": 1, "site": "s", "path": null}});
        assert_eq!(value_text(&unknown), "-> page 1 of unknown path");
        assert_eq!(value_text(&json!(["a", 1])), "a, 1");
    }
}
