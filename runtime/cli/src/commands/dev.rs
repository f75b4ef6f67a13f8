//! `lockgate dev`: a host for one connector that is being written.

mod host;
mod seed;
mod tell;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use clap::Args;
use lockgate_author::harness;
use lockgate_author::watch::{Watch, Watched};
use lockgate_core::names::ConnectorName;
use lockgate_core::task::ProcessType;
use serde_json::{Value, json};

use crate::client::{Access, Client};
use crate::context::Context;
use crate::exit::{self, Failure};
use crate::input;
use crate::out::{self, number, text};
use crate::request::Request;
use host::Host;
use tell::Shown;

/// How long a change, a task's end or Ctrl-C may go unnoticed.
const LOOK: Duration = Duration::from_millis(300);

/// Run a connector on a throw-away store, load it again when it changes, and show what its tasks do
///
/// Tasks come from a folder of cases, all of them after each load, and from the address that is
/// printed: `lockgate submit --url URL NAME FILE`. Shown are each task's outcome, log, objects and
/// what it used of its limits, and what fails or waits, and for what. It may write everything and keep
/// a state; calls and secrets are those that lockgate.toml grants to the connector of this name.
/// Cases are tried as `delete-on-error` unless their task.toml says otherwise; those that are left of
/// the load before are dropped. Nothing is left when it ends.
///
/// --seed names a folder of what is to be there before: internal objects, a JSON file each
/// (application/vnd.lockgate.object+json), as other connectors would have stored them.
///
/// Examples:
///   lockgate dev shop.wasm --cases cases
///   lockgate dev shop.wasm --cases cases --seed seed
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Dev {
    /// The component
    #[arg(value_name = "FILE.wasm")]
    component: PathBuf,
    /// Folder of cases, as `lockgate test` takes them; their expectations do not matter here
    #[arg(long, value_name = "DIR")]
    cases: Option<PathBuf>,
    /// Folder of internal objects that are there before the cases run
    #[arg(long, value_name = "DIR")]
    seed: Option<PathBuf>,
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
            match shown.tell(context.json, &client) {
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
        if let Some(folder) = self.seed.as_deref().filter(|_| !shown.seeded) {
            seed::carry_in(client, folder)?;
            shown.seeded = true;
        }
        for left in std::mem::take(&mut shown.cases) {
            // Most have gone. One that is left would hold back what comes now.
            let _ = client.send(Request::delete(&["v1", "tasks", &left.to_string()]))?;
        }
        let cases = self.cases.as_deref().map_or(Ok(Vec::new()), harness::read_cases);
        for case in cases.map_err(|error| Failure::invalid(error.to_string()))? {
            let request = Request::post(&["v1", "connectors", name.as_str(), "tasks"])
                .query("task_type", case.task_type.as_str())
                .query("data_type", case.data_type.as_str())
                // One that fails is shown, and the next one runs.
                .query("process_type", case.process_type.unwrap_or(ProcessType::DeleteOnError).as_str())
                .query("title", &case.name)
                .maybe("site", case.site.as_ref().map(|site| site.as_str()))
                .body(&case.media_type, case.payload);
            shown.cases.push(number(&client.json(request)?, "task"));
        }
        Ok(())
    }
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
