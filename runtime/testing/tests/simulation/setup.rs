//! What differs from seed to seed before anything happens: connectors, grants, settings.

use std::collections::BTreeMap;

use lockgate_core::grants::Grant;
use lockgate_core::names::ConnectorName;
use lockgate_core::settings::{BusSettings, ConnectorSettings, OnFailure, Processing};

use lockgate_testing::Dice;

const MODEL: &str = include_str!("model.toml");

/// The content model; the other one has a further type, a further field, and an index more.
pub fn model_files(other: bool) -> BTreeMap<String, String> {
    let mut text = MODEL.to_owned();
    if other {
        text = text.replace("name = \"last\", kind = \"text\" }]", "name = \"last\", kind = \"text\", unique = true }]");
        text =
            text.replace("[[page_type]]", "[[object_type]]\nname = \"sim.more\"\n\n[[page_type]]\nname = \"sim.poster\"\n\n[[page_type]]");
    }
    BTreeMap::from([("sim.toml".to_owned(), text)])
}

/// Whether it is the other one.
pub fn is_other_model(files: &BTreeMap<String, String>) -> bool {
    files.values().any(|text| text.contains("sim.more"))
}

/// One connector of a seed.
#[derive(Debug, Clone)]
pub struct Connector {
    pub name: ConnectorName,
    pub settings: ConnectorSettings,
    /// Whether the operator grants `sim.secret`, site `other`, and a state.
    pub secret: bool,
    pub other_site: bool,
    pub state: bool,
}

#[derive(Debug, Clone)]
pub struct Setup {
    pub connectors: Vec<Connector>,
    pub settings: BusSettings,
    /// Through which owner everything drains in the end.
    pub drains: usize,
}

impl Setup {
    pub fn new(dice: &mut Dice) -> Self {
        let count = 1 + dice.below(3);
        let connectors: Vec<Connector> = (0..count).map(|n| connector(dice, &format!("c{n}"))).collect();
        let settings = BusSettings {
            queue_tasks_max: if dice.one_in(4) { 8 } else { 1_000_000 },
            history_entries_max: if dice.one_in(4) { 10 } else { 1_000_000 },
            batch_tasks_max: dice.one_of(&[1, 2, 5, 1_000]),
            rows_per_task_max: if dice.one_in(8) { 2 } else { 20_000 },
            lease_ms: dice.one_of(&[1_000, 10_000, 30_000]),
            connectors: connectors.iter().map(|c| (c.name.clone(), c.settings.clone())).collect(),
            ..BusSettings::default()
        };
        Self { connectors, settings, drains: dice.below(2) as usize }
    }
}

fn connector(dice: &mut Dice, name: &str) -> Connector {
    let (secret, other_site, state) = (!dice.one_in(3), !dice.one_in(3), !dice.one_in(3));
    let mut grant = Grant { state, ..Grant::every_write() };
    if !secret {
        grant.objects = ["sim.mark", "sim.item", "sim.owner", "sim.part", "sim.link"].map(|name| name.parse().unwrap()).into();
    }
    if !other_site {
        grant.sites = vec!["main".parse().unwrap()];
    }
    let settings = ConnectorSettings {
        processing: dice.one_of(&[
            Processing::Auto,
            Processing::Auto,
            Processing::OnRequest,
            Processing::Schedule("*/5 * * * *".to_owned()),
        ]),
        grant,
        attempts_max: dice.one_of(&[None, Some(1), Some(3)]),
        backoff_ms: dice.one_of(&[None, Some(1_000), Some(60_000)]),
        waiting: dice.one_in(2),
        on_failure: dice.one_of(&[OnFailure::Stop, OnFailure::Stop, OnFailure::SetAside]),
        ..ConnectorSettings::default()
    };
    Connector { name: ConnectorName::new(name).unwrap(), settings, secret, other_site, state }
}

/// The bytes of a component. Its first line tells it apart; the rest is its manifest.
pub fn component(connector: &Connector, kind: u8) -> Vec<u8> {
    let manifest = match kind % 4 {
        0 => "objects = ['*']\npages = ['/']\nsites = ['*']\nstate = true",
        1 => "objects = ['sim.mark', 'sim.owner']\nstate = true",
        2 => "objects = ['*']\npages = ['/']\nsites = ['main']",
        _ => "objects = ['*']\npages = ['/']\nsites = ['*']\nstate = true\n",
    };
    format!("scripted {} {}\n{manifest}", connector.name, kind % 4).into_bytes()
}

/// Whether the component of this kind asks for all objects, site `other`, and a state.
pub fn asks(kind: u8) -> (bool, bool, bool) {
    match kind % 4 {
        1 => (false, false, true),
        2 => (true, false, false),
        _ => (true, true, true),
    }
}
