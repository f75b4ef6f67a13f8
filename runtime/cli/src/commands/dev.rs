//! `lockgate dev`: a host for one connector that is being written.

mod host;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use clap::Args;
use lockgate_author::harness;
use lockgate_author::watch::{Watch, Watched};
use lockgate_core::names::ConnectorName;
use serde_json::{Value, json};

use crate::client::{Access, Client};
use crate::commands::history;
use crate::context::Context;
use crate::exit::{self, Failure};
use crate::input;
use crate::out::{self, number, text};
use crate::request::Request;
use host::Host;

/// How long a change, a task's end or Ctrl-C may go unnoticed.
const LOOK: Duration = Duration::from_millis(300);

/// Run a connector on a throw-away store, load it again when it changes, and show what its tasks do
///
/// Tasks come from a folder of cases, all of them after each load, and from the address that is
/// printed: `lockgate submit --url URL NAME FILE`. Shown are each task's outcome, log, objects and
/// what it used of its limits. It may write everything and keep a state; calls and secrets are those
/// that lockgate.toml grants to the connector of this name. Nothing is left when it ends.
///
/// Example: lockgate dev shop.wasm --cases cases
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Dev {
    /// The component
    #[arg(value_name = "FILE.wasm")]
    component: PathBuf,
    /// Folder of cases, as `lockgate test` takes them; their expectations do not matter here
    #[arg(long, value_name = "DIR")]
    cases: Option<PathBuf>,
    /// Content model [default: model.toml in the folder of the cases, or of the component, or up to two folders above]
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Name of the connector [default: the component's file name]
    #[arg(long = "as", value_name = "NAME")]
    name: Option<String>,
    /// Where to take tasks
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
}

impl Dev {
    pub fn run(self, context: &Context) -> Result<()> {
        let name = self.name()?;
        let host = Host::start(&context.settings, &name, self.listen)?;
        let client = Client::connect(&host.settings, Some(&host.url), None, Access::Read)?;
        let model = self.model_file()?;
        let mut watched = vec![Watched::File(self.component.clone())];
        watched.extend(self.cases.clone().map(Watched::Folder));
        watched.extend(model.clone().map(Watched::File));
        let watch = Watch::new(&watched).map_err(|error| Failure::invalid(format!("nothing can be watched: {error}")))?;
        say(context.json, &json!({"url": host.url, "connector": name.as_str()}), |_| out::line(format!("listening on {}", host.url)))?;
        let mut shown = Shown::default();
        let mut changed = true;
        while !host.is_stopped() {
            if changed
                && let Err(error) = self.load(context.json, &client, &name, model.as_deref(), &mut shown)
                && !host.is_stopped()
            {
                // The author corrects it and goes on.
                exit::report(&error, context.json);
            }
            match tell(context.json, &client, &mut shown) {
                Err(_) if host.is_stopped() => return Ok(()),
                told => told?,
            }
            changed = match watch.within(LOOK) {
                Some(changes) => !changes.is_empty(),
                None => return Ok(()),
            };
        }
        Ok(())
    }

    fn name(&self) -> Result<ConnectorName, Failure> {
        let stem = self.component.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let name = self.name.clone().unwrap_or(stem);
        ConnectorName::new(name).map_err(|error| Failure::invalid(error.to_string()).hint("name the connector with --as NAME"))
    }

    fn model_file(&self) -> Result<Option<PathBuf>> {
        let folder = self.component.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let beside = self.cases.as_deref().unwrap_or(folder);
        Ok(harness::model_file(self.model.as_deref(), Some(beside)).map_err(|error| Failure::invalid(error.to_string()))?)
    }

    /// Model, component, cases.
    fn load(&self, as_json: bool, client: &Client, name: &ConnectorName, model: Option<&Path>, shown: &mut Shown) -> Result<()> {
        if let Some(path) = model {
            let files = json!({"files": {"model": input::read_text(path)?}});
            client.json(Request::put(&["v1", "model"]).body("application/json", files.to_string().into_bytes()))?;
        }
        let component = input::read_file(&self.component)?;
        if shown.component != component {
            let install = Request::put(&["v1", "connectors", name.as_str()]).body("application/wasm", component.clone());
            let answer = out::waiting(out::COMPILING, || client.json(install))?;
            if answer.get("active") == Some(&Value::Bool(false)) {
                // It asks for more than before; here its author is its operator.
                client.json(Request::post(&["v1", "connectors", name.as_str(), "approve"]))?;
            }
            shown.component = component;
            say(as_json, &json!({"loaded": answer.get("digest")}), |_| {
                out::line("")?;
                out::line(format!("loaded {} ({})", self.component.display(), text(&answer, "digest").get(..12).unwrap_or_default()))
            })?;
        }
        let cases = self.cases.as_deref().map_or(Ok(Vec::new()), harness::read_cases);
        for case in cases.map_err(|error| Failure::invalid(error.to_string()))? {
            let request = Request::post(&["v1", "connectors", name.as_str(), "tasks"])
                .query("task_type", case.task_type.as_str())
                .query("data_type", case.data_type.as_str())
                // One that fails is shown, and the next one runs.
                .query("process_type", "delete-on-error")
                .query("title", &case.name)
                .maybe("site", case.site.as_ref().map(|site| site.as_str()))
                .body(&case.media_type, case.payload);
            client.json(request)?;
        }
        Ok(())
    }
}

/// What the author has seen.
#[derive(Default)]
struct Shown {
    /// The component that runs. A changed case is no reason to compile it again.
    component: Vec<u8>,
    /// Number of the history's last entry.
    entry: u64,
}

/// Shows what has left the queue since.
fn tell(as_json: bool, client: &Client, shown: &mut Shown) -> Result<()> {
    let answer = client.json(Request::get(&["v1", "history"]).query("limit", "1000"))?;
    let new = out::list(&answer, "history").iter().filter(|entry| number(entry, "number") > shown.entry);
    for entry in new.collect::<Vec<_>>().into_iter().rev() {
        let log = client.json(Request::get(&["v1", "tasks", &text(entry, "task"), "log"]))?;
        say(as_json, &json!({"task": entry, "log": log.get("log")}), |_| print(entry, &log))?;
        shown.entry = number(entry, "number");
    }
    Ok(())
}

fn print(entry: &Value, log: &Value) -> std::io::Result<()> {
    let why = match out::failure(entry) {
        failure if failure.is_empty() => text(entry, "reason"),
        failure => failure,
    };
    let why = if why.is_empty() { String::new() } else { format!(": {why}") };
    let title = text(entry, "title");
    out::line("")?;
    out::line(format!("task {} {} {title} {}{why}", text(entry, "task"), text(entry, "task_type"), text(entry, "outcome")))?;
    for line in out::list(log, "log") {
        out::line(format!("  log {:<5} {}", text(line, "level"), text(line, "message")))?;
    }
    for row in out::list(entry, "written") {
        out::line(format!("  {} {} {}", text(row, "action"), text(row, "type"), text(row, "name")))?;
    }
    history::print_details(std::slice::from_ref(entry))
}

/// With `--json` a line each, so that a reader knows when it is whole.
fn say(as_json: bool, value: &Value, text: impl FnOnce(&Value) -> std::io::Result<()>) -> Result<()> {
    if as_json {
        out::json_line(value)?
    } else {
        text(value)?
    }
    Ok(())
}
