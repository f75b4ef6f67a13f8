//! A server with connectors and models, and what the samples' data becomes when nothing happens to it.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::api::Api;
use crate::record::Outcome;
use crate::server::{Place, Server};
use crate::workload::{GRANT, MODEL, SYNTHETIC, round};
use crate::{Options, PATIENCE, knots, observe};

/// More than any run makes: the history is what the checker reads.
const HISTORY_ENTRIES_MAX: u64 = 1_000_000_000;
/// Small batches, so that there is a middle.
const BATCH_TASKS_MAX: u64 = 20;

/// A folder with a configuration.
pub fn prepare(options: &Options, name: &str) -> Result<Place> {
    let folder = options.folder.join(name);
    let store = folder.join("store");
    std::fs::create_dir_all(&store)?;
    let mut text = String::new();
    for sample in &options.sets {
        text += &read(&options.samples.join(&sample.name).join("lockgate.toml"))?;
        text.push('\n');
    }
    for connector in SYNTHETIC {
        text += &format!("[connectors.{connector}.grant]\n{GRANT}\n");
    }
    text += &format!("[connectors.{}.grant]\n{}\n", knots::CONNECTOR, knots::GRANT);
    text += &format!("[bus]\nhistory_entries_max = {HISTORY_ENTRIES_MAX}\nbatch_tasks_max = {BATCH_TASKS_MAX}\n");
    // Off the disk that becomes full, and compiled once for both servers.
    text += "[sandbox]\nartefact_dir = \"../artefacts\"\n";
    std::fs::write(folder.join("lockgate.toml"), text)?;
    Ok(Place { program: options.programs.join("lockgate"), folder, store: store.join("lockgate.redb") })
}

/// Models and connectors.
pub fn install(options: &Options, place: &Place) -> Result<()> {
    let model = place.folder.join("torture.toml");
    std::fs::write(&model, format!("{MODEL}{}", knots::MODEL))?;
    place.run(&["model", "apply", text(&model)?])?;
    let guest = options.guests.join("lockgate_test_guest.wasm");
    for connector in SYNTHETIC {
        place.run(&["connector", "add", connector, text(&guest)?])?;
    }
    place.run(&["connector", "add", knots::CONNECTOR, "--direct"])?;
    for sample in &options.sets {
        place.run(&["model", "apply", text(&options.samples.join(&sample.name).join("model.toml"))?])?;
        let component = options.guests.join(format!("{}_connector.wasm", sample.name));
        place.run(&["connector", "add", &sample.name, text(&component)?])?;
    }
    Ok(())
}

/// Submits the tasks once, in order, and exports what they become.
pub fn run<'t>(options: &Options, tasks: impl Iterator<Item = &'t Value>) -> Result<BTreeSet<String>> {
    let place = prepare(options, "undisturbed")?;
    install(options, &place)?;
    let server = Server::start(&place)?;
    let api = Api::new(PATIENCE);
    let tasks: Vec<Value> = tasks.cloned().collect();
    for items in round(&tasks, 0).chunks(500) {
        let outcomes = api.submit_batch(&server.url, items);
        let refused = outcomes.iter().find(|outcome| !matches!(outcome, Outcome::Accepted { .. }));
        ensure!(refused.is_none(), "the data was not taken: {refused:?}");
    }
    observe::drain(&api, &server.url)?;
    let content = observe::observe(&api, &server.url)?.content;
    server.stop()?;
    Ok(content)
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().with_context(|| format!("{} is not UTF-8", path.display()))
}
