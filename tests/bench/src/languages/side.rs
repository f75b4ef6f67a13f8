//! Everything that is measured in turn: each language, the process without a sandbox, and Rust once more.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use lockgate_core::ports::Translator;

use crate::languages::install::{Installed, Installer};
use crate::languages::language::{Built, Language};
use crate::progress::bar;
use crate::rig::Translation;
use crate::stats::Series;

/// One row of the table.
pub struct Side {
    /// As results name it.
    pub key: &'static str,
    /// As people read it.
    pub name: String,
    pub place: Place,
    pub found: Found,
    /// What else is to be known, a sentence each.
    pub notes: Vec<String>,
}

/// Where a side translates.
pub enum Place {
    Sandbox(InSandbox),
    /// In this process, without a sandbox.
    Process,
    /// Nowhere, and why.
    Absent(String),
}

/// A loaded connector.
#[derive(Clone)]
pub struct InSandbox {
    pub installed: Arc<Installed>,
    pub translator: Arc<dyn Translator>,
    /// For an instance that is used again.
    pub reused: Arc<dyn Translator>,
}

/// All of them, in the order of the table.
pub struct Sides(pub Vec<Side>);

impl Sides {
    /// Compiles and loads what was built. The first language comes once more at the end.
    pub fn install(installer: &Installer, built: Vec<(&'static Language, Built)>) -> Result<Self> {
        let bar = bar(built.len() as u64 + 1, "installing");
        let mut sides = Vec::new();
        let mut control = None;
        for (language, built) in built {
            let mut side = Side::new(language.key, language.name, Place::Process);
            side.place = match built {
                Built::Nothing(why) => Place::Absent(why),
                Built::Components(component, reused) => {
                    if control.is_none() {
                        control = Some((language, component.clone(), reused.clone()));
                    }
                    let installed = InSandbox::install(installer, component, reused).with_context(|| language.name)?;
                    side.notes.extend(installed.installed.refused.as_ref().map(|why| format!("Installed with raised limits: {why}.")));
                    Place::Sandbox(installed)
                }
            };
            bar.inc(1);
            sides.push(side);
        }
        sides.push(Side::new("native", "no sandbox: Rust in the process", Place::Process));
        if let Some((language, component, reused)) = control {
            let again = InSandbox::install(installer, component, reused).with_context(|| language.name)?;
            sides.push(Side::new("control", format!("{}, again (A/A control)", language.name), Place::Sandbox(again)));
        }
        bar.finish_and_clear();
        Ok(Self(sides))
    }

    /// Those in the sandbox.
    pub fn in_sandbox(&mut self) -> impl Iterator<Item = (&mut Side, InSandbox)> {
        self.0.iter_mut().filter_map(|side| match &side.place {
            Place::Sandbox(in_sandbox) => {
                let in_sandbox = in_sandbox.clone();
                Some((side, in_sandbox))
            }
            Place::Process | Place::Absent(_) => None,
        })
    }
}

impl Side {
    pub fn new(key: &'static str, name: impl Into<String>, place: Place) -> Self {
        Self { key, name: name.into(), place, found: Found::default(), notes: Vec::new() }
    }

    /// For a bus; `None` where nothing was built.
    pub fn translation(&self) -> Option<Translation> {
        match &self.place {
            Place::Sandbox(in_sandbox) => Some(Translation::Installed(Arc::clone(&in_sandbox.installed))),
            Place::Process => Some(Translation::Native),
            Place::Absent(_) => None,
        }
    }
}

impl InSandbox {
    fn install(installer: &Installer, component: Vec<u8>, reused: Option<Vec<u8>>) -> Result<Self> {
        let installed = installer.install(component)?;
        let translator = installed.translator()?;
        // Loaded by itself: memory that an instance has used much of stays with its component in the pool, and slows its next ones.
        let reused = match reused {
            Some(reused) => installer.install(reused)?.translator()?,
            None => installed.translator()?,
        };
        Ok(Self { installed: Arc::new(installed), translator, reused })
    }
}

/// What was measured of a side, by key; the unit stands last in it.
#[derive(Debug, Default)]
pub struct Found(BTreeMap<&'static str, Series>);

impl Found {
    pub fn push(&mut self, key: &'static str, value: f64) {
        self.0.entry(key).or_default().push(value);
    }

    pub fn insert(&mut self, key: &'static str, series: Series) {
        self.0.insert(key, series);
    }

    pub fn get(&self, key: &str) -> Option<&Series> {
        self.0.get(key)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Series)> {
        self.0.iter().map(|(key, series)| (*key, series))
    }
}
