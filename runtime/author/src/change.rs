//! Whether a change of the contract breaks connectors that are compiled already, and why.
//!
//! By the rules that were tried with the engine (wit/README.md): a host may offer more imports and more
//! functions in them than a connector knows; it cannot change a type by which both understand each other, take
//! away what a connector imports, or ask for an export that no connector has.

mod text;

use std::collections::BTreeMap;
use std::path::Path;

use wit_parser::{Function, InterfaceId, Resolve, TypeDefKind, TypeId, WorldId, WorldItem, WorldKey};

use crate::contract;

/// One difference between two contracts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Interface, and the type or function in it: `types.info-object`.
    pub place: String,
    /// What is different.
    pub what: String,
    /// Why compiled connectors break by it; `None`: they go on working.
    pub breaks: Option<&'static str>,
}

/// A contract that can be compared.
#[derive(Debug)]
pub struct Contract {
    resolve: Resolve,
    world: WorldId,
}

const OTHER_TYPE: &str = "both sides must mean the same type to the last field and case";
const NOT_OFFERED: &str = "compiled connectors import it and would not be instantiated";
const NOT_EXPORTED: &str = "the host would ask for it, and no compiled connector has it";
const OTHER_SERIES: &str =
    "a compiled connector names the version that it was built with: the host must serve the old one beside the new one";

impl Contract {
    /// From a `.wit` file or a folder of them. The world is `connector`, or the only one.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let mut resolve = Resolve::default();
        let (package, _) = resolve.push_path(path)?;
        Self::of(resolve, package)
    }

    /// From a text.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let mut resolve = Resolve::default();
        let package = resolve.push_str(contract::FILE, text)?;
        Self::of(resolve, package)
    }

    fn of(resolve: Resolve, package: wit_parser::PackageId) -> anyhow::Result<Self> {
        let world = match resolve.select_world(&[package], Some(contract::WORLD)) {
            Ok(world) => world,
            Err(_) => resolve.select_world(&[package], None)?,
        };
        Ok(Self { resolve, world })
    }

    /// Version of the package, and the part of it within which connectors go on working.
    fn series(&self) -> Option<(String, String)> {
        let package = self.resolve.worlds.get(self.world)?.package?;
        let version = self.resolve.packages.get(package)?.name.version.as_ref()?;
        let series = if version.major == 0 { format!("0.{}", version.minor) } else { version.major.to_string() };
        Some((version.to_string(), series))
    }

    fn interfaces(&self, exported: bool) -> BTreeMap<String, InterfaceId> {
        let Some(world) = self.resolve.worlds.get(self.world) else { return BTreeMap::new() };
        let items = if exported { &world.exports } else { &world.imports };
        let interface = |(key, item): (&WorldKey, &WorldItem)| match item {
            WorldItem::Interface { id, .. } => Some((short(&self.resolve.name_world_key(key)), *id)),
            _ => None,
        };
        items.iter().filter_map(interface).collect()
    }

    fn functions(&self, interface: InterfaceId) -> BTreeMap<&str, &Function> {
        let found = self.resolve.interfaces.get(interface);
        found.into_iter().flat_map(|found| &found.functions).map(|(name, function)| (name.as_str(), function)).collect()
    }

    /// Types that the interface itself defines.
    fn types(&self, interface: InterfaceId) -> BTreeMap<&str, TypeId> {
        let found = self.resolve.interfaces.get(interface);
        let types = found.into_iter().flat_map(|found| &found.types).map(|(name, id)| (name.as_str(), *id));
        types
            .filter(|(_, id)| {
                self.resolve.types.get(*id).is_some_and(|def| !matches!(def.kind, TypeDefKind::Type(wit_parser::Type::Id(_))))
            })
            .collect()
    }
}

/// Every difference, in the order of places.
pub fn compare(old: &Contract, new: &Contract) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut add = |place: &str, what: String, breaks| changes.push(Change { place: place.to_owned(), what, breaks });
    if let (Some((before, old_series)), Some((after, new_series))) = (old.series(), new.series())
        && before != after
    {
        let breaks = (old_series != new_series).then_some(OTHER_SERIES);
        add("version", format!("{before} becomes {after}"), breaks);
    }
    for exported in [false, true] {
        let (before, after) = (old.interfaces(exported), new.interfaces(exported));
        let (word, gone, come) = if exported { ("export", None, Some(NOT_EXPORTED)) } else { ("import", Some(NOT_OFFERED), None) };
        for (name, old_id) in &before {
            match after.get(name) {
                None => add(name, format!("this {word} is removed"), gone),
                Some(new_id) => {
                    functions(old.functions(*old_id), new.functions(*new_id), (old, new), |function, what, breaks| {
                        let breaks = match breaks {
                            Breaks::Gone => gone,
                            Breaks::Come => come,
                            Breaks::Other => Some(OTHER_TYPE),
                        };
                        add(&format!("{name}.{function}"), what, breaks);
                    });
                    types(old, new, *old_id, *new_id, |type_name, what, breaks| add(&format!("{name}.{type_name}"), what, breaks));
                }
            }
        }
        for name in after.keys().filter(|name| !before.contains_key(*name)) {
            add(name, format!("a new {word}"), come);
        }
    }
    changes.sort_by(|a, b| a.place.cmp(&b.place));
    changes.dedup();
    changes
}

enum Breaks {
    Gone,
    Come,
    Other,
}

fn functions(
    before: BTreeMap<&str, &Function>,
    after: BTreeMap<&str, &Function>,
    (old, new): (&Contract, &Contract),
    mut add: impl FnMut(&str, String, Breaks),
) {
    for (name, function) in &before {
        let Some(changed) = after.get(name) else {
            add(name, "this function is removed".to_owned(), Breaks::Gone);
            continue;
        };
        let (was, is) = (text::function(&old.resolve, function), text::function(&new.resolve, changed));
        if was != is {
            add(name, format!("its signature was {was} and is {is}"), Breaks::Other);
        }
    }
    for name in after.keys().filter(|name| !before.contains_key(*name)) {
        add(name, "a new function".to_owned(), Breaks::Come);
    }
}

fn types(
    old: &Contract,
    new: &Contract,
    old_id: InterfaceId,
    new_id: InterfaceId,
    mut add: impl FnMut(&str, String, Option<&'static str>),
) {
    let (before, after) = (old.types(old_id), new.types(new_id));
    for (name, id) in &before {
        // One that no function uses any more is missed by nobody; one that is used shows in the function.
        let Some(changed) = after.get(name) else { continue };
        for what in text::differences(&old.resolve, *id, &new.resolve, *changed) {
            add(name, what, Some(OTHER_TYPE));
        }
    }
    for name in after.keys().filter(|name| !before.contains_key(*name)) {
        add(name, "a new type".to_owned(), None);
    }
}

/// An interface's name without package and version.
fn short(name: &str) -> String {
    let without_version = name.split('@').next().unwrap_or(name);
    without_version.rsplit('/').next().unwrap_or(without_version).to_owned()
}

#[cfg(test)]
mod published;
#[cfg(test)]
mod tests;
