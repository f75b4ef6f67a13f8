//! What is there before an author's cases run.

use std::path::Path;

use anyhow::Result;
use lockgate_core::direct;
use lockgate_core::task::INTERNAL_MEDIA_TYPE;
use serde_json::Value;

use crate::client::Client;
use crate::exit::Failure;
use crate::input;
use crate::out::{self, text};
use crate::request::Request;

/// The built-in connector that carries it in.
pub const CONNECTOR: &str = "seed";

/// Hands in each JSON file of a folder, in the order of their names: which is there first does not matter.
pub fn carry_in(client: &Client, folder: &Path) -> Result<()> {
    client.json(Request::put(&["v1", "connectors", CONNECTOR]).body("application/wasm", direct::COMPONENT.to_vec()))?;
    let unreadable = |error: std::io::Error| Failure::invalid(format!("cannot read {}: {error}", folder.display()));
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|ending| ending == "json") {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(Failure::invalid(format!("{} has no .json files", folder.display()))
            .hint("each is an internal object: {\"object\": {\"type\": …, \"code_name\": …}}")
            .into());
    }
    let model = client.json(Request::get(&["v1", "model"]))?;
    let first_site = out::list(&model, "sites").first().map(|site| text(site, "name"));
    for path in files {
        let body = input::read_file(&path)?;
        let page = serde_json::from_slice::<Value>(&body).ok().and_then(|object| object.get("page").cloned());
        let site = page.as_ref().map(|page| text(page, "site")).filter(|site| !site.is_empty()).or_else(|| first_site.clone());
        let request = Request::post(&["v1", "connectors", CONNECTOR, "tasks"])
            .query("task_type", if page.is_some() { "publish-document" } else { "create-object" })
            .query("process_type", "skip-on-error")
            .query("title", path.file_name().unwrap_or_default().to_string_lossy())
            .maybe("site", site)
            .body(INTERNAL_MEDIA_TYPE, body);
        client.json(request)?;
    }
    Ok(())
}
